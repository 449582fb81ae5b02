//! Which thresholds make a pair's level: those of the calibrated chance where there is one, else those of the total score.

use crate::domain::named::named;
use crate::domain::ranking::Row;
use crate::domain::score::level::LevelThresholds;
use serde::Deserialize;

/// What a level is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelBasis {
    /// The total score.
    Rule,
    /// The calibrated chance.
    Calibrated,
}

named!(LevelBasis, "ladder": { Rule = "rule", Calibrated = "calibrated" });

/// Thresholds of both bases, and how a level is left.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default)]
pub struct LevelRules {
    /// A level is left so many points below its threshold: values that tremble around it change nothing.
    pub hysteresis: f64,
    /// Levels of the total score: those of the profile.
    #[serde(skip)]
    pub rule: LevelThresholds,
    /// Levels of the calibrated chance: those of the model.
    #[serde(skip)]
    pub calibrated: LevelThresholds,
}

impl Default for LevelRules {
    fn default() -> Self {
        Self { hysteresis: 3.0, rule: LevelThresholds::RULE, calibrated: LevelThresholds::CALIBRATED }
    }
}

impl LevelRules {
    /// Basis, thresholds and value of a row, 0-100.
    pub(crate) fn of(&self, row: &Row) -> (LevelBasis, &LevelThresholds, f64) {
        match row.calibrated_7_5 {
            Some(chance) => (LevelBasis::Calibrated, &self.calibrated, chance),
            None => (LevelBasis::Rule, &self.rule, row.analysis.total_score),
        }
    }
}
