//! Predictions and their outcomes.

use super::scores::level;
use crate::actors::ports::history::{OutcomeRow, PredictionKind, PredictionRow, Span};
use crate::domain::alert::message::LadderKind;
use crate::domain::symbol::Symbol;
use rusqlite::{Connection, Row, Transaction, params};

pub(super) fn write(
    t: &Transaction<'_>,
    predictions: &[PredictionRow],
    outcomes: &[OutcomeRow],
) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO predictions (key, kind, symbol, opened_at, level, ladder, price, total, \
               probability, calibrated, profile, model, features) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    for p in predictions {
        let features: Vec<u8> = p.features.iter().flat_map(|f| f.to_le_bytes()).collect();
        t.prepare_cached(sql)?.execute(params![
            p.key,
            p.kind.as_str(),
            p.symbol.as_str(),
            p.opened_at,
            p.level as i64,
            p.ladder.as_str(),
            p.price,
            p.total_score,
            p.probability_7_5,
            p.calibrated_7_5,
            p.profile,
            p.model,
            features
        ])?;
    }
    let sql = "INSERT INTO outcomes (key, symbol, opened_at, resolved_at, hit_4h, hit_24h, minutes_to_hit, rise, fall, \
               void) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (key) DO UPDATE SET \
               symbol = excluded.symbol, opened_at = excluded.opened_at, resolved_at = excluded.resolved_at, \
               hit_4h = excluded.hit_4h, hit_24h = excluded.hit_24h, minutes_to_hit = excluded.minutes_to_hit, \
               rise = excluded.rise, fall = excluded.fall, void = excluded.void \
               WHERE excluded.resolved_at >= outcomes.resolved_at";
    for o in outcomes {
        t.prepare_cached(sql)?.execute(params![
            o.key,
            o.symbol.as_str(),
            o.opened_at,
            o.resolved_at,
            o.hit_4h,
            o.hit_24h,
            o.minutes_to_hit,
            o.greatest_rise_pct,
            o.deepest_fall_pct,
            o.void
        ])?;
    }
    Ok(())
}

fn kind(name: &str) -> PredictionKind {
    [PredictionKind::Episode, PredictionKind::Alert]
        .into_iter()
        .find(|k| k.as_str() == name)
        .unwrap_or(PredictionKind::Sample)
}

fn prediction(r: &Row<'_>) -> rusqlite::Result<PredictionRow> {
    let (symbol, ladder): (String, String) = (r.get(2)?, r.get(5)?);
    let features = r.get_ref(12)?.as_blob()?;
    let ladder =
        if ladder == LadderKind::Calibrated.as_str() { LadderKind::Calibrated } else { LadderKind::Rule };
    Ok(PredictionRow {
        key: r.get(0)?,
        kind: kind(&r.get::<_, String>(1)?),
        symbol: Symbol::new(&symbol),
        opened_at: r.get(3)?,
        level: level(r.get(4)?),
        ladder,
        price: r.get(6)?,
        total_score: r.get(7)?,
        probability_7_5: r.get(8)?,
        calibrated_7_5: r.get(9)?,
        profile: r.get(10)?,
        model: r.get(11)?,
        features: features.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
    })
}

fn outcome(r: &Row<'_>, p: &PredictionRow) -> rusqlite::Result<Option<OutcomeRow>> {
    let Some(resolved_at) = r.get::<_, Option<i64>>(13)? else { return Ok(None) };
    Ok(Some(OutcomeRow {
        key: p.key.clone(),
        symbol: p.symbol.clone(),
        opened_at: p.opened_at,
        resolved_at,
        hit_4h: r.get(14)?,
        hit_24h: r.get(15)?,
        minutes_to_hit: r.get(16)?,
        greatest_rise_pct: r.get(17)?,
        deepest_fall_pct: r.get(18)?,
        void: r.get(19)?,
    }))
}

pub(super) fn read(
    c: &mut Connection,
    kind: Option<PredictionKind>,
    span: Span,
) -> rusqlite::Result<Vec<(PredictionRow, Option<OutcomeRow>)>> {
    let sql = "SELECT p.key, p.kind, p.symbol, p.opened_at, p.level, p.ladder, p.price, p.total, p.probability, \
               p.calibrated, p.profile, p.model, p.features, o.resolved_at, o.hit_4h, o.hit_24h, \
               o.minutes_to_hit, o.rise, o.fall, o.void FROM predictions p LEFT JOIN outcomes o ON o.key = p.key \
               WHERE p.opened_at >= ?1 AND p.opened_at < ?2 AND (?3 IS NULL OR p.kind = ?3) \
               ORDER BY p.opened_at, p.key";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map(params![span.from, span.to, kind.map(PredictionKind::as_str)], |r| {
        let p = prediction(r)?;
        let o = outcome(r, &p)?;
        Ok((p, o))
    })?;
    rows.collect()
}
