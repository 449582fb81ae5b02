//! Scores: one row a pair and cut; indicators and factors packed with 32 bits.

use super::candles::{find_symbol, symbol_id};
use crate::actors::ports::history::{ScoreRow, Span};
use crate::domain::report::{Components, Factors, Indicators, Level};
use crate::domain::symbol::Symbol;
use rusqlite::{Connection, Row, Transaction, params};

const LEVELS: [Level; 5] = [Level::Descartada, Level::Baja, Level::Media, Level::Alta, Level::Fuerte];
const LISTED: i64 = 1;
const PAUSE_JUMP: i64 = 2;

/// Name of the mark up to which scores were thinned.
pub(super) const THINNED: &str = "thinned_until";

pub(super) fn level(number: i64) -> Level {
    usize::try_from(number).ok().and_then(|n| LEVELS.get(n).copied()).unwrap_or(Level::Descartada)
}

/// The 14 details in their order.
fn details(indicators: &mut Indicators, factors: &mut Factors, mut each: impl FnMut(&mut f64)) {
    let i = indicators;
    for value in [
        &mut i.rsi_14,
        &mut i.rsi_21,
        &mut i.macd,
        &mut i.macd_signal,
        &mut i.macd_histogram,
        &mut i.volume_ratio,
        &mut i.velocity_1h,
        &mut i.atr_14,
        &mut i.volatility_24h,
    ] {
        each(value);
    }
    let f = factors;
    let five =
        [&mut f.volatility, &mut f.momentum, &mut f.resistance, &mut f.btc_correlation, &mut f.liquidity];
    five.into_iter().for_each(each);
}

pub(super) fn write(t: &Transaction<'_>, rows: &[ScoreRow]) -> rusqlite::Result<()> {
    let Some(oldest) = rows.iter().map(|r| r.as_of).min() else { return Ok(()) };
    let sql = "INSERT INTO scores (symbol, as_of, price, volume_24h, total, rsi, macd, volume, velocity, breakout, \
               probability, calibrated, composite, level, alert_level, flags, detail) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
               ON CONFLICT (symbol, as_of) DO UPDATE SET price = excluded.price, \
               volume_24h = excluded.volume_24h, total = excluded.total, rsi = excluded.rsi, \
               macd = excluded.macd, volume = excluded.volume, velocity = excluded.velocity, \
               breakout = excluded.breakout, probability = excluded.probability, \
               calibrated = excluded.calibrated, composite = excluded.composite, level = excluded.level, \
               alert_level = excluded.alert_level, flags = excluded.flags, detail = excluded.detail";
    let mut statement = t.prepare_cached(sql)?;
    for row in rows {
        let symbol = symbol_id(t, row.symbol.as_str())?;
        let (mut indicators, mut factors) = (row.indicators, row.factors);
        let mut detail = Vec::with_capacity(56);
        details(&mut indicators, &mut factors, |v| detail.extend((*v as f32).to_le_bytes()));
        let flags = i64::from(row.listed) * LISTED + i64::from(row.pause_jump) * PAUSE_JUMP;
        let c = &row.components;
        statement.execute(params![
            symbol,
            row.as_of,
            row.price,
            row.volume_24h,
            row.total_score,
            c.rsi,
            c.macd,
            c.volume,
            c.velocity,
            c.breakout,
            row.probability_7_5,
            row.calibrated_7_5,
            row.composite_score,
            row.level as i64,
            row.alert_level.map(|l| l as i64),
            flags,
            detail
        ])?;
    }
    // Rows older than the mark have not been thinned.
    let sql = "UPDATE meta SET value = ?2 WHERE key = ?1 AND value > ?2";
    t.prepare_cached(sql)?.execute(params![THINNED, oldest])?;
    Ok(())
}

fn row(r: &Row<'_>) -> rusqlite::Result<ScoreRow> {
    let (mut indicators, mut factors) = (Indicators::default(), Factors::default());
    let detail = r.get_ref(17)?.as_blob()?;
    let mut values = detail.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    details(&mut indicators, &mut factors, |v| *v = values.next().map_or(0.0, f64::from));
    let flags: i64 = r.get(16)?;
    let name: String = r.get(0)?;
    Ok(ScoreRow {
        symbol: Symbol::new(&name),
        as_of: r.get(1)?,
        price: r.get(2)?,
        volume_24h: r.get(3)?,
        total_score: r.get(4)?,
        components: Components {
            rsi: r.get(5)?,
            macd: r.get(6)?,
            volume: r.get(7)?,
            velocity: r.get(8)?,
            breakout: r.get(9)?,
        },
        probability_7_5: r.get(10)?,
        calibrated_7_5: r.get(11)?,
        composite_score: r.get(12)?,
        level: level(r.get(13)?),
        alert_level: r.get::<_, Option<i64>>(14)?.map(level),
        listed: flags & LISTED != 0,
        pause_jump: flags & PAUSE_JUMP != 0,
        indicators,
        factors,
    })
}

const SELECT: &str = "SELECT n.name, s.as_of, s.price, s.volume_24h, s.total, s.rsi, s.macd, s.volume, s.velocity, \
                      s.breakout, s.probability, s.calibrated, s.composite, s.level, s.alert_level, s.symbol, \
                      s.flags, s.detail FROM scores s JOIN symbols n ON n.id = s.symbol";

pub(super) fn read(
    c: &mut Connection,
    symbol: Option<&Symbol>,
    span: Span,
) -> rusqlite::Result<Vec<ScoreRow>> {
    match symbol {
        Some(symbol) => {
            let Some(id) = find_symbol(c, symbol.as_str())? else { return Ok(Vec::new()) };
            let sql =
                format!("{SELECT} WHERE s.symbol = ?1 AND s.as_of >= ?2 AND s.as_of < ?3 ORDER BY s.as_of");
            c.prepare_cached(&sql)?.query_map(params![id, span.from, span.to], row)?.collect()
        }
        None => {
            let sql = format!("{SELECT} WHERE s.as_of >= ?1 AND s.as_of < ?2 ORDER BY s.as_of, n.name");
            c.prepare_cached(&sql)?.query_map(params![span.from, span.to], row)?.collect()
        }
    }
}
