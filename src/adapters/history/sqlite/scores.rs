//! Scores: `scores` holds every cut, `scores_thin` what thinning left. A key is in one of the two only.

use super::fault::Fault;
use super::keys;
use super::schema::{Ids, find, symbols};
use super::values::real;
use crate::actors::ports::history::{ScoreRow, Span};
use crate::domain::moment::MarketTime;
use crate::domain::report::{Components, Factors, Indicators, Level};
use crate::domain::symbol::Symbol;
use crate::i18n::text;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;

/// Up to where thinning has been, ever.
pub(super) const THINNED: &str = "scores_thinned_to";
/// Bits of the marks above the two levels of three bits each: in the listing, and a jump after a pause.
const LISTED: i64 = 1 << 6;
const PAUSE: i64 = 1 << 7;
/// The part of the marks that holds both levels.
pub(super) const LEVELS: i64 = LISTED - 1;
/// Numbers in the blob, four bytes each: details that are only shown.
const PACKED: usize = 14;

const INSERT: &str = "
    INSERT INTO scores (id, symbol, price, volume, total, rsi, macd, volume_points, velocity, breakout, probability,
        calibrated, composite, marks, packed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
    ON CONFLICT (id) DO UPDATE SET price = excluded.price, volume = excluded.volume, total = excluded.total,
        rsi = excluded.rsi, macd = excluded.macd, volume_points = excluded.volume_points,
        velocity = excluded.velocity, breakout = excluded.breakout, probability = excluded.probability,
        calibrated = excluded.calibrated, composite = excluded.composite, marks = excluded.marks,
        packed = excluded.packed";

/// A moment kept in `marks`.
pub(super) fn mark(connection: &Connection, name: &str) -> Result<Option<MarketTime>, Fault> {
    let sql = "SELECT value FROM marks WHERE name = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
}

/// Writes scores; later ones of the same pair and cut stand.
pub(super) fn write(connection: &Connection, ids: &mut Ids, rows: &[ScoreRow]) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let thinned = mark(connection, THINNED)?;
    for row in rows {
        let symbol = ids.number(connection, &row.symbol)?;
        let key = keys::key(row.as_of, symbol)?;
        // Below that mark the row may stand in the other table, and a key must be in one of them only.
        if thinned.is_some_and(|to| row.as_of < to) {
            connection.prepare_cached("DELETE FROM scores_thin WHERE id = ?1")?.execute([key])?;
        }
        write_row(connection, key, symbol, row)?;
    }
    Ok(())
}

fn write_row(connection: &Connection, key: i64, symbol: i64, row: &ScoreRow) -> rusqlite::Result<usize> {
    let c = &row.components;
    connection.prepare_cached(INSERT)?.execute(params![
        key,
        symbol,
        row.price,
        row.volume_24h,
        unless(row.total_score, sum(c)),
        c.rsi,
        c.macd,
        c.volume,
        c.velocity,
        c.breakout,
        hundredths(row.probability_7_5),
        row.calibrated_7_5,
        unless(row.composite_score, blend(row.total_score, row.probability_7_5)),
        marks(row),
        packed(&row.indicators, &row.factors)
    ])
}

fn sum(c: &Components) -> f64 {
    c.rsi + c.macd + c.volume + c.velocity + c.breakout
}

fn blend(total: f64, probability: f64) -> f64 {
    0.6 * total + 0.4 * probability
}

/// Nothing where the value is what the formula gives, to the bit.
fn unless(value: f64, formula: f64) -> Option<f64> {
    (value.to_bits() != formula.to_bits()).then_some(value)
}

/// A probability in hundredths where that gives it back to the bit.
fn hundredths(value: f64) -> Value {
    let number = (value * 100.0).round();
    if number.abs() < 1e9 && (number / 100.0).to_bits() == value.to_bits() {
        Value::Integer(number as i64)
    } else {
        Value::Real(value)
    }
}

/// A level is stored as its place in `Level`.
fn marks(row: &ScoreRow) -> i64 {
    let alert = row.level_in_force.map_or(0, |level| level as i64 + 1);
    let flag = |set: bool, bit: i64| if set { bit } else { 0 };
    row.level as i64 | alert << 3 | flag(row.listed, LISTED) | flag(row.pause_jump, PAUSE)
}

fn level(number: i64) -> Option<Level> {
    Level::ALL.get(usize::try_from(number).ok()?).copied()
}

fn packed(i: &Indicators, f: &Factors) -> Vec<u8> {
    let values: [f64; PACKED] = [
        i.rsi_14,
        i.rsi_21,
        i.macd,
        i.macd_signal,
        i.macd_histogram,
        i.volume_ratio,
        i.velocity_1h,
        i.atr_14,
        i.volatility_24h,
        f.volatility,
        f.momentum,
        f.resistance,
        f.btc_correlation,
        f.liquidity,
    ];
    values.iter().flat_map(|v| (*v as f32).to_le_bytes()).collect()
}

fn unpacked(bytes: &[u8]) -> Option<(Indicators, Factors)> {
    let mut values = [0.0; PACKED];
    if bytes.len() != PACKED * 4 {
        return None;
    }
    for (value, four) in values.iter_mut().zip(bytes.chunks_exact(4)) {
        *value = f64::from(f32::from_le_bytes(four.try_into().ok()?));
    }
    let [rsi_14, rsi_21, macd, macd_signal, macd_histogram, volume_ratio, velocity_1h, atr_14, ..] = values;
    let [.., volatility_24h, volatility, momentum, resistance, btc_correlation, liquidity] = values;
    let indicators = Indicators {
        rsi_14,
        rsi_21,
        macd,
        macd_signal,
        macd_histogram,
        volume_ratio,
        velocity_1h,
        atr_14,
        volatility_24h,
    };
    Some((indicators, Factors { volatility, momentum, resistance, btc_correlation, liquidity }))
}

fn score(row: &Row<'_>, names: &HashMap<i64, Symbol>) -> Result<ScoreRow, Fault> {
    let strange = || Fault::Damaged(text!(history_odd_row));
    let (key, symbol, marks): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(13)?);
    let components = Components {
        rsi: real(row, 5)?,
        macd: real(row, 6)?,
        volume: real(row, 7)?,
        velocity: real(row, 8)?,
        breakout: real(row, 9)?,
    };
    let total_score = row.get::<_, Option<f64>>(4)?.unwrap_or_else(|| sum(&components));
    let probability_7_5 = match row.get_ref(10)? {
        ValueRef::Integer(number) => number as f64 / 100.0,
        ValueRef::Real(value) => value,
        _ => f64::NAN,
    };
    let composite = row.get::<_, Option<f64>>(12)?;
    let bytes = row.get_ref(14)?.as_blob().map_err(|_| strange())?;
    let (indicators, factors) = unpacked(bytes).ok_or_else(strange)?;
    Ok(ScoreRow {
        symbol: names.get(&symbol).ok_or_else(strange)?.clone(),
        as_of: keys::moment_of(key),
        price: real(row, 2)?,
        volume_24h: real(row, 3)?,
        total_score,
        components,
        probability_7_5,
        calibrated_7_5: row.get(11)?,
        composite_score: composite.unwrap_or_else(|| blend(total_score, probability_7_5)),
        level: level(marks & 7).ok_or_else(strange)?,
        level_in_force: level((marks >> 3 & 7) - 1),
        listed: marks & LISTED != 0,
        pause_jump: marks & PAUSE != 0,
        indicators,
        factors,
    })
}

/// Scores of the port. The connection must be in a transaction.
pub(super) fn read(
    connection: &Connection,
    symbol: Option<&Symbol>,
    span: Span,
) -> Result<Vec<ScoreRow>, Fault> {
    let (from, to) = keys::edges(span);
    let names = symbols(connection)?;
    let wanted = match symbol.map(|symbol| find(connection, symbol)).transpose()? {
        Some(None) => return Ok(Vec::new()),
        Some(Some(id)) => Some(id),
        None => None,
    };
    let mut scores = Vec::new();
    for table in ["scores_thin", "scores"] {
        let sql = match wanted {
            Some(id) => format!(
                "SELECT * FROM {table} INDEXED BY {table}_symbol WHERE symbol = {id} AND id >= ?1 AND id < ?2"
            ),
            None => format!("SELECT * FROM {table} WHERE id >= ?1 AND id < ?2"),
        };
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([from, to])?;
        while let Some(row) = rows.next()? {
            // One that is damaged does not take its neighbours along.
            match score(row, &names) {
                Ok(score) => scores.push(score),
                Err(fault) => {
                    tracing::error!(table, error = fault.why().in_english(), "a stored score is left out");
                }
            }
        }
    }
    // Two tables were read one after the other, and their keys are numbers of symbols, not names.
    scores.sort_by(|a, b| a.as_of.cmp(&b.as_of).then_with(|| a.symbol.cmp(&b.symbol)));
    Ok(scores)
}
