//! Numbers of the alert policy. All spans are market time.

use super::quiet::{LocalOffset, QuietHours};
use crate::domain::allowed::{Allowed, Values::Like, Values::Range};
use crate::domain::duration::seconds;
use crate::domain::level_rules::LevelRules;
use serde::{Deserialize, Deserializer};
use std::time::Duration;

#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct AlertPolicyConfig {
    #[serde(flatten)]
    pub levels: LevelRules,
    /// Least time between two alerts of a pair.
    #[serde(rename = "cooldown_s", deserialize_with = "seconds")]
    pub cooldown: Duration,
    /// A rise by this much since the alert escalates, points of the ladder in force.
    pub escalation_points: f64,
    /// ALTA is gathered this long before it is sent; falls on UTC multiples. 0 sends it at once.
    #[serde(rename = "digest_s", deserialize_with = "seconds")]
    pub digest_every: Duration,
    /// While a market move goes on, further pairs of it are told together, at most this often.
    #[serde(rename = "move_update_s", deserialize_with = "seconds")]
    pub move_update: Duration,
    /// So many alerts at once in one cycle become one summary.
    pub summary_from: usize,
    /// Only watched pairs send alerts.
    pub watchlist_only: bool,
    /// No alerts in these hours.
    #[serde(rename = "quiet_hours", deserialize_with = "quiet_hours")]
    pub quiet: Option<QuietHours>,
    /// The user's time zone.
    #[serde(skip)]
    pub local: LocalOffset,
}

impl AlertPolicyConfig {
    pub(crate) const ALLOWED: Allowed = &[
        ("cooldown_s", Range(0.0, 604_800.0)),
        ("escalation_points", Range(0.1, 100.0)),
        ("digest_s", Range(0.0, 86_400.0)),
        ("summary_from", Range(2.0, 1_000.0)),
        ("move_update_s", Range(0.0, 86_400.0)),
        ("quiet_hours", Like(|t| t.is_empty() || t.parse::<QuietHours>().is_ok(), &["23:00-07:30"])),
    ];
}

impl Default for AlertPolicyConfig {
    fn default() -> Self {
        Self {
            levels: LevelRules::default(),
            // 300 s and 10 points: a pump of minutes is told once, and its next stage again.
            cooldown: Duration::from_secs(300),
            escalation_points: 10.0,
            digest_every: Duration::from_secs(120),
            // A move of an hour is told five times at most.
            move_update: Duration::from_secs(900),
            summary_from: 4,
            watchlist_only: false,
            quiet: None,
            local: LocalOffset::default(),
        }
    }
}

/// `23:00-07:30`, or empty for none.
fn quiet_hours<'de, D: Deserializer<'de>>(from: D) -> Result<Option<QuietHours>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
}
