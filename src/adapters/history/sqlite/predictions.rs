//! Predictions and what became of them.

use super::candles::real;
use super::fault::Fault;
use super::records::{get, level, spanned, symbol};
use crate::actors::ports::history::{OutcomeRow, PredictionKind, PredictionRow, Span};
use crate::domain::level_rules::LevelBasis;
use rusqlite::{Connection, Row, params};

/// Writes predictions; the same key is written once.
pub(super) fn write_predictions(connection: &Connection, rows: &[PredictionRow]) -> Result<(), Fault> {
    let sql = "INSERT INTO predictions (key, kind, symbol, opened_at, level, ladder, price, total_score, \
               probability, calibrated, profile, model, features, arm) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (key) DO NOTHING";
    let mut statement = connection.prepare_cached(sql)?;
    for r in rows {
        let features: Vec<u8> = r.features.iter().flat_map(|f| f.to_le_bytes()).collect();
        statement.execute(params![
            r.key,
            r.kind.as_str(),
            r.symbol.as_str(),
            r.opened_at,
            r.level.as_str(),
            r.ladder.as_str(),
            r.price,
            r.total_score,
            r.probability_7_5,
            r.calibrated_7_5,
            r.profile,
            r.model,
            features,
            r.arm
        ])?;
    }
    Ok(())
}

/// Writes outcomes; the newer `resolved_at` stands, of two equal ones the later write.
pub(super) fn write_outcomes(connection: &Connection, rows: &[OutcomeRow]) -> Result<(), Fault> {
    let sql = "INSERT INTO outcomes (key, symbol, opened_at, resolved_at, hit_4h, hit_24h, minutes_to_hit, \
               greatest_rise, deepest_fall, void) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
               ON CONFLICT (key) DO UPDATE SET symbol = excluded.symbol, opened_at = excluded.opened_at, \
               resolved_at = excluded.resolved_at, hit_4h = excluded.hit_4h, hit_24h = excluded.hit_24h, \
               minutes_to_hit = excluded.minutes_to_hit, greatest_rise = excluded.greatest_rise, \
               deepest_fall = excluded.deepest_fall, void = excluded.void \
               WHERE excluded.resolved_at >= resolved_at";
    let mut statement = connection.prepare_cached(sql)?;
    for r in rows {
        statement.execute(params![
            r.key,
            r.symbol.as_str(),
            r.opened_at,
            r.resolved_at,
            r.hit_4h,
            r.hit_24h,
            r.minutes_to_hit,
            r.greatest_rise_pct,
            r.deepest_fall_pct,
            r.void
        ])?;
    }
    Ok(())
}

const SELECT: &str = "
    SELECT p.key, p.kind, p.symbol, p.opened_at, p.level, p.ladder, p.price, p.total_score, p.probability,
        p.calibrated, p.profile, p.model, p.features, o.key, o.symbol, o.opened_at, o.resolved_at, o.hit_4h,
        o.hit_24h, o.minutes_to_hit, o.greatest_rise, o.deepest_fall, o.void, p.arm
    FROM predictions AS p LEFT JOIN outcomes AS o ON o.key = p.key
    WHERE p.opened_at >= ?1 AND p.opened_at < ?2 AND WANTED ORDER BY p.opened_at, p.key";

/// A prediction with its outcome.
type Judged = (PredictionRow, Option<OutcomeRow>);

/// Predictions of the port, each with its outcome.
pub(super) fn predictions(
    connection: &Connection,
    kind: Option<PredictionKind>,
    span: Span,
) -> Result<Vec<Judged>, Fault> {
    let of_kind = kind.map_or_else(String::new, |kind| format!(" AND p.kind = '{}'", kind.as_str()));
    select(connection, &format!("p.arm = ''{of_kind}"), span)
}

/// Those of the arms in the shadow.
pub(super) fn shadow(connection: &Connection, span: Span) -> Result<Vec<Judged>, Fault> {
    select(connection, "p.arm > ''", span)
}

fn select(connection: &Connection, wanted: &str, span: Span) -> Result<Vec<Judged>, Fault> {
    spanned(connection, &SELECT.replace("WANTED", wanted), span, |row| Ok((prediction(row)?, outcome(row)?)))
}

fn prediction(row: &Row<'_>) -> Result<PredictionRow, Fault> {
    let (kind, ladder): (String, String) = (get(row, 1)?, get(row, 5)?);
    let kinds = [PredictionKind::Episode, PredictionKind::Alert, PredictionKind::Sample];
    let ladders = [LevelBasis::Rule, LevelBasis::Calibrated];
    let strange = |what: &str| Fault::Damaged(format!("prediction with '{what}'"));
    let features: Vec<u8> = get(row, 12)?;
    let level = level(&get::<String>(row, 4)?)?;
    Ok(PredictionRow {
        key: get(row, 0)?,
        arm: get(row, 23)?,
        kind: kinds.into_iter().find(|k| k.as_str() == kind).ok_or_else(|| strange(&kind))?,
        symbol: symbol(row, 2)?,
        opened_at: get(row, 3)?,
        level,
        ladder: ladders.into_iter().find(|l| l.as_str() == ladder).ok_or_else(|| strange(&ladder))?,
        price: real(row, 6)?,
        total_score: real(row, 7)?,
        probability_7_5: real(row, 8)?,
        calibrated_7_5: get(row, 9)?,
        profile: get(row, 10)?,
        model: get(row, 11)?,
        features: features
            .chunks_exact(4)
            .map(|four| four.try_into().map_or(f32::NAN, f32::from_le_bytes))
            .collect(),
    })
}

fn outcome(row: &Row<'_>) -> Result<Option<OutcomeRow>, Fault> {
    let Some(key) = get::<Option<String>>(row, 13)? else { return Ok(None) };
    Ok(Some(OutcomeRow {
        key,
        symbol: symbol(row, 14)?,
        opened_at: get(row, 15)?,
        resolved_at: get(row, 16)?,
        hit_4h: get(row, 17)?,
        hit_24h: get(row, 18)?,
        minutes_to_hit: get(row, 19)?,
        greatest_rise_pct: real(row, 20)?,
        deepest_fall_pct: real(row, 21)?,
        void: get(row, 22)?,
    }))
}
