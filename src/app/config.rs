//! What several sections of the settings say together: the same for scanner, backtest and training.

use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::analysis::{AnalysisConfig, TfError};
use crate::domain::level_rules::LevelRules;
use crate::domain::time::Interval;
use crate::settings::Settings;

/// How pairs are analysed, on candles of `base`.
///
/// # Errors
/// A bar length that is no multiple of it.
pub(super) fn analysis_config(settings: &Settings, base: Interval) -> Result<AnalysisConfig, TfError> {
    AnalysisConfig { close_grace: settings.cycle.close_grace, ..settings.analysis.clone() }.on(base)
}

/// Thresholds of the levels, and how they are left.
pub(crate) fn level_rules(settings: &Settings) -> LevelRules {
    LevelRules {
        rule: settings.analysis.profile.levels,
        calibrated: settings.model.levels,
        ..settings.alert.policy.levels
    }
}

/// What is worth an alert.
pub(super) fn alert_config(settings: &Settings) -> AlertPolicyConfig {
    AlertPolicyConfig {
        levels: level_rules(settings),
        local: settings.alert.local(),
        ..settings.alert.policy.clone()
    }
}
