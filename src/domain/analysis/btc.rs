//! What every pair needs to know of BTCUSDT at a cut.

use crate::domain::indicator::pearson::Return;
use std::sync::Arc;

/// The pair whose market moves all others.
pub(crate) const BTC: &str = "BTCUSDT";
/// Returns that are compared, one day of 15-minute bars (docs of the score: btc_correlation).
pub(crate) const RETURNS: usize = 96;
/// Fewest returns that must match: below it a correlation is mostly noise, so it counts as 0.
pub(crate) const MIN_MATCHES: usize = 30;
/// Fewest hours that must match for a slope on BTC's returns: 6 of the 7 days.
pub(crate) const MIN_HOURS: usize = 144;
/// BTC's change is taken over this, minutes: 4 h, the short horizon of the prediction.
pub(crate) const CHANGE_MIN: i64 = 240;

/// BTCUSDT at one cut; the same for all pairs of a cycle. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct BtcContext {
    /// Could BTCUSDT be analysed at the cut.
    pub analyzable: bool,
    /// Live close against the close of the candle that opened 240 minutes before, percent.
    pub(crate) change_pct: f64,
    /// Open time and log return of the last closed bars, oldest first.
    pub(crate) returns: Arc<[Return]>,
    /// Open time and log return of 7 days of closed hours, oldest first; empty where there are fewer.
    pub(crate) hours: Arc<[Return]>,
}

impl BtcContext {
    /// BTCUSDT is not analyzable: its factor is neutral.
    pub fn unavailable() -> Self {
        Self { analyzable: false, change_pct: 0.0, returns: Arc::from([]), hours: Arc::from([]) }
    }
}
