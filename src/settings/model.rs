//! `[model]`: the learned chance.

use super::SettingsError;
use super::sections::within;
use crate::domain::score::level::LevelThresholds;
use crate::i18n::text;
use crate::learning::calibration::AdaptConfig;
use serde::Deserialize;

/// `[model]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelSettings {
    /// `default` (the one in the program), `none` (the rule alone) or a model file.
    pub file: String,
    /// Levels of the calibrated chance, percent.
    pub levels: LevelThresholds,
    /// Does the calibration follow the market.
    pub adapt: bool,
    /// A resolved hour counts half after so many days.
    pub(crate) adapt_half_life_days: f64,
    /// Weight of "no shift", days.
    pub(crate) adapt_prior_days: f64,
    /// Farthest shift downwards, log odds.
    pub(crate) adapt_most_down: f64,
    /// Farthest shift upwards, log odds.
    pub(crate) adapt_most_up: f64,
    /// Chances up to this are shifted in full, 0-1.
    pub(crate) adapt_full_below: f64,
    /// Chances from this on are not shifted, 0-1.
    pub(crate) adapt_none_above: f64,
    /// For the slope a resolved hour counts half after so many days.
    pub(crate) adapt_slope_half_life_days: f64,
    /// Weight of "slope 1", days.
    pub(crate) adapt_slope_prior_days: f64,
    pub(crate) adapt_slope_least: f64,
    pub(crate) adapt_slope_most: f64,
    /// A shift beyond this raises the drift alarm, log odds.
    pub(crate) drift_alarm: f64,
}

impl ModelSettings {
    /// Numbers of the adaptation; `None` when it is off.
    pub(crate) fn adapt_config(&self) -> Option<AdaptConfig> {
        self.adapt.then_some(AdaptConfig {
            half_life_days: self.adapt_half_life_days,
            prior_days: self.adapt_prior_days,
            most_down: self.adapt_most_down,
            most_up: self.adapt_most_up,
            full_below: self.adapt_full_below,
            none_above: self.adapt_none_above,
            slope_half_life_days: self.adapt_slope_half_life_days,
            slope_prior_days: self.adapt_slope_prior_days,
            slope_least: self.adapt_slope_least,
            slope_most: self.adapt_slope_most,
            alarm: self.drift_alarm,
        })
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if self.file.is_empty() {
            return Err(SettingsError::empty("model.file", text!(allowed_model)));
        }
        if !self.levels.is_ordered() {
            let allowed = text!(allowed_levels);
            let l = self.levels;
            let found = format!("{}, {}, {}, {}", l.fuerte, l.alta, l.media, l.baja);
            return Err(SettingsError::value("model.levels", found, allowed));
        }
        within("model.adapt_half_life_days", self.adapt_half_life_days, 0.5, 365.0)?;
        within("model.adapt_prior_days", self.adapt_prior_days, 0.0, 365.0)?;
        within("model.adapt_most_down", self.adapt_most_down, 0.0, 5.0)?;
        within("model.adapt_most_up", self.adapt_most_up, 0.0, 0.8)?;
        within("model.adapt_full_below", self.adapt_full_below, 0.01, 0.79)?;
        within("model.adapt_none_above", self.adapt_none_above, self.adapt_full_below + 0.2, 0.99)?;
        within("model.adapt_slope_half_life_days", self.adapt_slope_half_life_days, 0.5, 365.0)?;
        within("model.adapt_slope_prior_days", self.adapt_slope_prior_days, 0.5, 365.0)?;
        within("model.adapt_slope_least", self.adapt_slope_least, 0.5, 1.0)?;
        within("model.adapt_slope_most", self.adapt_slope_most, 1.0, 2.0)?;
        within("model.drift_alarm", self.drift_alarm, 0.0, 5.0)
    }
}
