//! Numbers of the alert policy. All spans are market time.

use super::quiet::{LocalOffset, QuietHours};
use crate::domain::level_rules::LevelRules;

#[derive(Debug, Clone)]
pub struct AlertPolicyConfig {
    /// Cycles that a level must hold.
    pub confirm_cycles: u32,
    /// FUERTE needs one cycle only with at least this many breakout points.
    pub breakout_points: f64,
    pub levels: LevelRules,
    /// Least time between two alerts of a pair, ms.
    pub cooldown_ms: i64,
    /// A rise by this much since the alert escalates, points of the ladder in force.
    pub escalation_points: f64,
    /// ALTA is gathered this long before it is sent, ms; falls on UTC multiples.
    pub digest_ms: i64,
    /// So many alerts at once in one cycle become one summary.
    pub summary_from: usize,
    /// An episode that was not seen for so long is over, ms.
    pub forget_after_ms: i64,
    /// Only watched pairs send alerts.
    pub watchlist_only: bool,
    /// No alerts in these hours.
    pub quiet: Option<QuietHours>,
    /// The user's time zone.
    pub local: LocalOffset,
}

impl Default for AlertPolicyConfig {
    fn default() -> Self {
        Self {
            confirm_cycles: 2,
            breakout_points: 10.0,
            levels: LevelRules::default(),
            cooldown_ms: 300_000,
            escalation_points: 10.0,
            digest_ms: 120_000,
            summary_from: 4,
            forget_after_ms: 3_600_000,
            watchlist_only: false,
            quiet: None,
            local: LocalOffset::default(),
        }
    }
}
