//! Settings of the analysis, shared by all pairs.

use crate::domain::allowed::{Allowed, Values::OneOf, Values::Range};
use crate::domain::duration::seconds;
use crate::domain::score::profile::Profile;
use crate::domain::time::Interval;
use serde::{Deserialize, Deserializer};
use std::sync::Arc;
use std::time::Duration;

/// The bar length does not fit the base interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "TF {tf} is no multiple of the base interval {base}; choose a TF that {base} divides, or a shorter base"
)]
pub struct TfError {
    pub base: Interval,
    pub tf: Interval,
}

/// How one pair is analysed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub struct AnalysisConfig {
    /// Length of a base candle.
    #[serde(skip)]
    pub base: Interval,
    /// Length of a bar.
    #[serde(rename = "tf_minutes", deserialize_with = "of_minutes")]
    pub tf: Interval,
    /// Points, thresholds and weights.
    pub profile: Arc<Profile>,
    /// Older news is stale, market time.
    #[serde(rename = "stale_after_s", deserialize_with = "seconds")]
    pub(crate) stale_after: Duration,
    /// A silent pair is asked by REST after this, market time; before it can go stale.
    #[serde(rename = "rest_refresh_after_s", deserialize_with = "seconds")]
    pub(crate) rest_refresh_after: Duration,
    /// A closing event may be this late, market time.
    #[serde(skip)]
    pub close_grace: Duration,
    /// Confirmed empty minutes that count as a pause before a jump.
    #[serde(rename = "pause_jump_minutes")]
    pub(crate) pause_jump_min: i64,
    /// A change across such a pause that is suspicious, percent.
    pub(crate) pause_jump_pct: f64,
}

impl Default for AnalysisConfig {
    fn default() -> Self {
        Self {
            base: Interval::M1,
            tf: Interval::M15,
            profile: Arc::default(),
            // Two minutes without news are two candles that are not known. REST is asked half a minute before, in which the
            // answer comes. A closing event comes with the stream's pace of 2 s.
            stale_after: Duration::from_secs(120),
            rest_refresh_after: Duration::from_secs(90),
            close_grace: Duration::from_secs(2),
            pause_jump_min: 15,
            pause_jump_pct: 5.0,
        }
    }
}

impl AnalysisConfig {
    pub(crate) const ALLOWED: Allowed = &[
        ("tf_minutes", OneOf(&["1", "3", "5", "15", "30", "60"])),
        ("stale_after_s", Range(10.0, 3_600.0)),
        ("rest_refresh_after_s", Range(5.0, 3_600.0)),
        ("pause_jump_minutes", Range(1.0, 1_440.0)),
        ("pause_jump_pct", Range(0.1, 1_000.0)),
    ];

    /// The default times.
    ///
    /// # Errors
    /// `tf` is no multiple of `base`.
    pub fn new(base: Interval, tf: Interval, profile: Arc<Profile>) -> Result<Self, TfError> {
        Self { tf, profile, ..Self::default() }.on(base)
    }

    /// The same on candles of another length.
    ///
    /// # Errors
    /// `tf` is no multiple of `base`.
    pub(crate) fn on(self, base: Interval) -> Result<Self, TfError> {
        if self.tf.ms() % base.ms() == 0 {
            Ok(Self { base, ..self })
        } else {
            Err(TfError { base, tf: self.tf })
        }
    }

    pub(crate) const fn candles_in(&self, minutes: i64) -> i64 {
        minutes / self.base.minutes()
    }

    /// Base candles that a pair needs: 1,440 minutes + TF + 1 candle.
    pub const fn needed_candles(&self) -> i64 {
        self.candles_in(1_440 + self.tf.minutes()) + 1
    }
}

fn of_minutes<'de, D: Deserializer<'de>>(from: D) -> Result<Interval, D::Error> {
    let minutes = i64::deserialize(from)?;
    let found = Interval::ALL.into_iter().find(|interval| interval.minutes() == minutes);
    found.ok_or_else(|| serde::de::Error::custom(format!("no bar has {minutes} minutes")))
}
