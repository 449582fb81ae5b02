//! Settings of the analysis, shared by all pairs.

use crate::domain::score::profile::Profile;
use crate::domain::time::Interval;
use std::sync::Arc;

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
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisConfig {
    /// Length of a base candle.
    pub base: Interval,
    /// Length of a bar.
    pub tf: Interval,
    /// Points, thresholds and weights.
    pub profile: Arc<Profile>,
    /// Older news is stale, ms of market time.
    pub(crate) stale_after_ms: i64,
    /// A silent pair is asked by REST after this, ms of market time; before it can go stale.
    pub(crate) idle_query_after_ms: i64,
    /// A closing event may be this late, ms of market time.
    pub close_grace_ms: i64,
    /// Confirmed empty minutes that count as a pause before a jump.
    pub(crate) pause_jump_min: i64,
    /// A change across such a pause that is suspicious, percent.
    pub(crate) pause_jump_pct: f64,
}

impl AnalysisConfig {
    /// The default times (120 s, 90 s, 2 s).
    ///
    /// # Errors
    /// `tf` is no multiple of `base`.
    pub fn new(base: Interval, tf: Interval, profile: Arc<Profile>) -> Result<Self, TfError> {
        if tf.ms() % base.ms() != 0 {
            return Err(TfError { base, tf });
        }
        Ok(Self {
            base,
            tf,
            profile,
            stale_after_ms: 120_000,
            idle_query_after_ms: 90_000,
            close_grace_ms: 2_000,
            pause_jump_min: 15,
            pause_jump_pct: 5.0,
        })
    }

    /// Base candles in `minutes`.
    pub(crate) const fn candles_in(&self, minutes: i64) -> i64 {
        minutes / self.base.minutes()
    }

    /// Base candles that a pair needs: 1,440 minutes + TF + 1 candle.
    pub const fn needed_candles(&self) -> i64 {
        self.candles_in(1_440 + self.tf.minutes()) + 1
    }
}
