//! Which thresholds make a pair's level: those of the calibrated chance where there is one, else those of the total score.

use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::duration::seconds;
use crate::domain::named::named;
use crate::domain::score::level::LevelThresholds;
use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// What a level is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelBasis {
    /// The total score.
    Rule,
    /// The calibrated chance.
    Calibrated,
}

named!(LevelBasis, "ladder": { Rule = "rule", Calibrated = "calibrated" });

/// Thresholds of both bases, and how a level is entered and left. Spans are market time.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default)]
pub struct LevelRules {
    /// A level is left so many points below its threshold: values that tremble around it change nothing.
    pub hysteresis: f64,
    /// A level is entered when every cycle of this span was at or over its threshold, and left when every one was below.
    /// The setting counts cycles of 30 s, whatever the interval is.
    #[serde(rename = "confirm_cycles", deserialize_with = "half_minutes")]
    pub confirm: Duration,
    /// With at least this many breakout points FUERTE needs one cycle only.
    pub breakout_points: f64,
    /// An episode is over when the pair was below its level for so long.
    #[serde(rename = "episode_timeout_s", deserialize_with = "seconds")]
    pub episode_timeout: Duration,
    /// Levels of the total score: those of the profile.
    #[serde(skip)]
    pub rule: LevelThresholds,
    /// Levels of the calibrated chance: those of the model.
    #[serde(skip)]
    pub calibrated: LevelThresholds,
}

impl Default for LevelRules {
    fn default() -> Self {
        Self {
            // A single cycle above a threshold is often one large trade.
            hysteresis: 3.0,
            confirm: Duration::from_secs(30),
            breakout_points: 10.0,
            // A second rise within two hours is mostly the same move.
            episode_timeout: Duration::from_secs(7_200),
            rule: LevelThresholds::RULE,
            calibrated: LevelThresholds::CALIBRATED,
        }
    }
}

impl LevelRules {
    pub(crate) const ALLOWED: Allowed = &[
        ("confirm_cycles", Range(1.0, 100.0)),
        ("breakout_points", Range(0.0, 100.0)),
        ("hysteresis", Range(0.0, 50.0)),
        ("episode_timeout_s", Range(60.0, 604_800.0)),
    ];

    /// The thresholds of a basis.
    pub(crate) const fn thresholds(&self, basis: LevelBasis) -> &LevelThresholds {
        match basis {
            LevelBasis::Rule => &self.rule,
            LevelBasis::Calibrated => &self.calibrated,
        }
    }
}

/// One cycle stands alone; each further one spans half a minute.
fn half_minutes<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(|cycles| Duration::from_secs(30 * cycles.saturating_sub(1)))
}
