//! Predictions and outcomes as the tables hold them, and as one row when they are read together.

use super::rows::{level, unknown};
use crate::actors::ports::history::{HistoryError, OutcomeRow, PredictionKind, PredictionRow};
use crate::domain::level_rules::LevelBasis;
use crate::domain::symbol::Symbol;
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

type Text = Cow<'static, str>;

/// A prediction; of one key the first row stands.
#[derive(Debug, Row, Serialize, Deserialize)]
pub(super) struct PredictionDb {
    key: String,
    kind: Text,
    symbol: Symbol,
    opened_at: i64,
    level: Text,
    ladder: Text,
    price: f64,
    total_score: f64,
    probability_7_5: f64,
    calibrated_7_5: Option<f64>,
    profile: String,
    model: String,
    features: Vec<f32>,
    arm: String,
    version: u64,
}

impl PredictionDb {
    pub(super) fn new(row: &PredictionRow, version: u64) -> Self {
        let row = row.clone();
        Self {
            key: row.key,
            kind: Text::Borrowed(row.kind.as_str()),
            symbol: row.symbol,
            opened_at: row.opened_at,
            level: Text::Borrowed(row.level.as_str()),
            ladder: Text::Borrowed(row.ladder.as_str()),
            price: row.price,
            total_score: row.total_score,
            probability_7_5: row.probability_7_5,
            calibrated_7_5: row.calibrated_7_5,
            profile: row.profile,
            model: row.model,
            features: row.features,
            arm: row.arm,
            version,
        }
    }
}

/// An outcome; of one key the row with the greatest version stands.
#[derive(Debug, Row, Serialize, Deserialize)]
pub(super) struct OutcomeDb {
    key: String,
    symbol: Symbol,
    opened_at: i64,
    resolved_at: i64,
    hit_4h: Option<bool>,
    hit_24h: Option<bool>,
    minutes_to_hit: Option<u32>,
    greatest_rise_pct: f64,
    deepest_fall_pct: f64,
    void: Option<String>,
    version: u128,
}

impl OutcomeDb {
    pub(super) fn new(row: &OutcomeRow, version: u128) -> Self {
        Self {
            key: row.key.clone(),
            symbol: row.symbol.clone(),
            opened_at: row.opened_at,
            resolved_at: row.resolved_at,
            hit_4h: row.hit_4h,
            hit_24h: row.hit_24h,
            minutes_to_hit: row.minutes_to_hit,
            greatest_rise_pct: row.greatest_rise_pct,
            deepest_fall_pct: row.deepest_fall_pct,
            void: row.void.clone(),
            version,
        }
    }
}

/// A prediction with its outcome beside it; `judged` is false where there is none.
#[derive(Debug, Row, Deserialize)]
pub(super) struct JudgedDb {
    key: String,
    kind: String,
    symbol: Symbol,
    opened_at: i64,
    level: String,
    ladder: String,
    price: f64,
    total_score: f64,
    probability_7_5: f64,
    calibrated_7_5: Option<f64>,
    profile: String,
    model: String,
    features: Vec<f32>,
    arm: String,
    judged: bool,
    outcome_symbol: Symbol,
    outcome_opened_at: i64,
    resolved_at: i64,
    hit_4h: Option<bool>,
    hit_24h: Option<bool>,
    minutes_to_hit: Option<u32>,
    greatest_rise_pct: f64,
    deepest_fall_pct: f64,
    void: Option<String>,
}

/// Predictions of a span and kind (empty: all), of what was in force or of the shadow, with their outcomes, by time, then key.
pub(super) const JUDGED: &str = "
    SELECT p.key AS key, p.kind AS kind, p.symbol AS symbol, p.opened_at AS opened_at, p.level AS level,
        p.ladder AS ladder, p.price AS price, p.total_score AS total_score,
        p.probability_7_5 AS probability_7_5, p.calibrated_7_5 AS calibrated_7_5, p.profile AS profile,
        p.model AS model, p.features AS features, p.arm AS arm, toBool(notEmpty(o.key)) AS judged,
        o.symbol AS outcome_symbol, o.opened_at AS outcome_opened_at, o.resolved_at AS resolved_at,
        o.hit_4h AS hit_4h, o.hit_24h AS hit_24h, o.minutes_to_hit AS minutes_to_hit,
        o.greatest_rise_pct AS greatest_rise_pct, o.deepest_fall_pct AS deepest_fall_pct, o.void AS void
    FROM (
        SELECT * FROM predictions FINAL
        WHERE opened_at >= {from:Int64} AND opened_at < {to:Int64}
            AND ({kind:String} = '' OR kind = {kind:String}) AND empty(arm) = {live:Bool}
    ) AS p
    LEFT JOIN (
        SELECT * FROM outcomes FINAL WHERE opened_at >= {from:Int64} AND opened_at < {to:Int64}
    ) AS o ON o.key = p.key
    ORDER BY opened_at, key
    SETTINGS join_use_nulls = 0";

impl JudgedDb {
    pub(super) fn record(self) -> Result<(PredictionRow, Option<OutcomeRow>), HistoryError> {
        let outcome = self.judged.then(|| self.outcome());
        let prediction = PredictionRow {
            kind: kind(&self.kind)?,
            level: level(&self.level)?,
            ladder: ladder(&self.ladder)?,
            key: self.key,
            symbol: self.symbol,
            opened_at: self.opened_at,
            price: self.price,
            total_score: self.total_score,
            probability_7_5: self.probability_7_5,
            calibrated_7_5: self.calibrated_7_5,
            profile: self.profile,
            model: self.model,
            features: self.features,
            arm: self.arm,
        };
        Ok((prediction, outcome))
    }

    fn outcome(&self) -> OutcomeRow {
        OutcomeRow {
            key: self.key.clone(),
            symbol: self.outcome_symbol.clone(),
            opened_at: self.outcome_opened_at,
            resolved_at: self.resolved_at,
            hit_4h: self.hit_4h,
            hit_24h: self.hit_24h,
            minutes_to_hit: self.minutes_to_hit,
            greatest_rise_pct: self.greatest_rise_pct,
            deepest_fall_pct: self.deepest_fall_pct,
            void: self.void.clone(),
        }
    }
}

fn kind(name: &str) -> Result<PredictionKind, HistoryError> {
    let all = [PredictionKind::Episode, PredictionKind::Alert, PredictionKind::Sample];
    all.into_iter().find(|k| k.as_str() == name).ok_or_else(|| unknown("kind of prediction", name))
}

fn ladder(name: &str) -> Result<LevelBasis, HistoryError> {
    let all = [LevelBasis::Rule, LevelBasis::Calibrated];
    all.into_iter().find(|l| l.as_str() == name).ok_or_else(|| unknown("ladder", name))
}
