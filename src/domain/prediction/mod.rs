//! Predictions: what opens one, how it is kept, and what became of it (SCORING's outcome of a prediction).

pub mod opener;
pub mod outcome;

use crate::domain::level_rules::LevelBasis;
use crate::domain::moment::MarketTime;
use crate::domain::named::named;
use crate::domain::report::Level;
use crate::domain::symbol::Symbol;
use outcome::Outcome;
use serde::{Deserialize, Serialize};

/// Why a prediction was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PredictionKind {
    Episode,
    /// An alert was sent.
    Alert,
    /// Full hour, every listed pair.
    Sample,
}

named!(PredictionKind, "kind of prediction": { Episode = "episode", Alert = "alert", Sample = "sample" });

/// A statement that time will judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionRow {
    /// `kind-SYMBOL-opened_at-LEVEL`, behind `arm/` in the shadow; the same prediction always has the same key.
    pub key: String,
    /// Arm of an experiment that scored in the shadow; empty for what is in force.
    #[serde(default)]
    pub arm: String,
    /// Why it was opened.
    pub kind: PredictionKind,
    pub symbol: Symbol,
    /// The cut, ms UTC.
    pub opened_at: MarketTime,
    /// Level at that moment.
    pub level: Level,
    /// The ladder that gave the level.
    pub ladder: LevelBasis,
    pub price: f64,
    /// Momentum score, 0-100.
    pub total_score: f64,
    /// Rule probability, 0-100.
    pub probability_7_5: f64,
    /// Calibrated chance, 0-100.
    pub calibrated_7_5: Option<f64>,
    /// Name and version of the scoring profile.
    pub profile: String,
    /// Name and version of the model; empty without one.
    pub model: String,
    /// Features of the model in its order, NaN for one that is missing; empty where none were made.
    #[serde(deserialize_with = "features")]
    pub features: Vec<f32>,
}

/// JSON knows no NaN: it is written as null. Binary formats have it as it is.
fn features<'de, D: serde::Deserializer<'de>>(kept: D) -> Result<Vec<f32>, D::Error> {
    if !kept.is_human_readable() {
        return Vec::deserialize(kept);
    }
    let kept = Vec::<Option<f32>>::deserialize(kept)?;
    Ok(kept.into_iter().map(|value| value.unwrap_or(f32::NAN)).collect())
}

/// What became of a prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeRow {
    /// Key of the prediction.
    pub key: String,
    pub symbol: Symbol,
    /// When the prediction was opened, ms UTC.
    pub opened_at: MarketTime,
    /// Market time of the judgement, ms UTC.
    pub resolved_at: MarketTime,
    /// A high within 4 h reached +7.5 %; `None` while open or void.
    pub hit_4h: Option<bool>,
    /// The same within 24 h.
    pub hit_24h: Option<bool>,
    /// Minutes to the hit.
    pub minutes_to_hit: Option<u32>,
    /// Greatest rise within 24 h, percent.
    pub greatest_rise_pct: f64,
    /// Deepest fall within 24 h, percent (negative).
    pub deepest_fall_pct: f64,
    /// Why it cannot be judged.
    pub void: Option<String>,
}

/// A prediction with its outcome, once there is one.
pub type LedgerRow = (PredictionRow, Option<OutcomeRow>);

impl PredictionRow {
    /// The chance that was said, 0-1: the calibrated one, else the rule's.
    pub fn said(&self) -> f64 {
        self.calibrated_7_5.unwrap_or(self.probability_7_5) / 100.0
    }
}

#[cfg(test)]
impl PredictionRow {
    /// A sample of a full hour for tests.
    pub(crate) fn sample(key: &str) -> Self {
        Self {
            key: key.into(),
            arm: String::new(),
            kind: PredictionKind::Sample,
            symbol: Symbol::new("AUSDT"),
            opened_at: MarketTime::from_ms(10),
            level: Level::Alta,
            ladder: LevelBasis::Rule,
            price: 9.3e-6,
            total_score: 50.0,
            probability_7_5: 12.34,
            calibrated_7_5: None,
            profile: "base".into(),
            model: String::new(),
            features: vec![0.1, f32::NAN, f32::MAX],
        }
    }
}

impl OutcomeRow {
    /// Hit or void: nothing about it will change any more.
    pub(crate) const fn is_final(&self) -> bool {
        self.void.is_some() || self.hit_24h.is_some()
    }

    /// What was found out about the price.
    pub(crate) const fn outcome(&self) -> Outcome {
        Outcome {
            hit_4h: self.hit_4h,
            hit_24h: self.hit_24h,
            minutes_to_hit: self.minutes_to_hit,
            greatest_rise_pct: self.greatest_rise_pct,
            deepest_fall_pct: self.deepest_fall_pct,
            missing: None,
        }
    }
}

/// What counts of a prediction and its outcome where many are summed up.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedRow {
    pub kind: PredictionKind,
    /// The cut, ms UTC.
    pub opened_at: MarketTime,
    pub level: Level,
    /// Rule probability, 0-100.
    pub probability_7_5: f64,
    /// Calibrated chance, 0-100.
    pub calibrated_7_5: Option<f64>,
    /// `None` where nothing was judged so far.
    pub outcome: Option<Outcome>,
    /// It cannot be judged.
    pub void: bool,
}

impl From<&LedgerRow> for JudgedRow {
    fn from((p, outcome): &LedgerRow) -> Self {
        Self {
            kind: p.kind,
            opened_at: p.opened_at,
            level: p.level,
            probability_7_5: p.probability_7_5,
            calibrated_7_5: p.calibrated_7_5,
            outcome: outcome.as_ref().map(OutcomeRow::outcome),
            void: outcome.as_ref().is_some_and(|o| o.void.is_some()),
        }
    }
}

#[cfg(test)]
mod tests;
