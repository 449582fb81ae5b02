//! Settings as the numbers that domain and learning work with: the same for scanner, backtest and training.

use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::analysis::{AnalysisConfig, TfError};
use crate::domain::level_rules::LevelRules;
use crate::domain::time::Interval;
use crate::settings::Settings;
use std::sync::Arc;

pub(super) fn ms(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX)
}

pub(super) fn whole(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

/// How pairs are analysed, on candles of `base`.
///
/// # Errors
/// A bar length that is no multiple of it.
pub(super) fn analysis_config(settings: &Settings, base: Interval) -> Result<AnalysisConfig, TfError> {
    let own = &settings.analysis;
    let mut analysis = AnalysisConfig::new(base, own.tf(), Arc::new(own.profile.clone()))?;
    analysis.stale_after_ms = ms(own.stale_after_s);
    analysis.idle_query_after_ms = ms(own.idle_query_s);
    analysis.close_grace_ms = whole(settings.cycle.close_grace_ms);
    analysis.pause_jump_min = i64::from(own.pause_jump_minutes);
    analysis.pause_jump_pct = own.pause_jump_pct;
    Ok(analysis)
}

/// Thresholds of the levels, and how they are left.
pub(super) const fn level_rules(settings: &Settings) -> LevelRules {
    LevelRules {
        hysteresis: settings.alert.hysteresis,
        rule: settings.analysis.profile.levels,
        calibrated: settings.model.levels,
    }
}

/// What is worth an alert.
pub(super) fn alert_config(settings: &Settings) -> AlertPolicyConfig {
    let alert = &settings.alert;
    AlertPolicyConfig {
        confirm_cycles: alert.confirm_cycles,
        breakout_points: alert.breakout_points,
        levels: level_rules(settings),
        cooldown_ms: ms(alert.cooldown_s),
        escalation_points: alert.escalation_points,
        digest_ms: ms(alert.digest_s),
        summary_from: alert.summary_from,
        forget_after_ms: ms(alert.episode_forget_s),
        watchlist_only: alert.watchlist_only,
        quiet: alert.quiet_hours.parse().ok(),
        local: alert.local(),
    }
}
