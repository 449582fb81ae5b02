//! `[experiment]`: other profiles and models in the shadow.

use super::SettingsError;
use super::sections::within;
use crate::i18n::text;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `[experiment]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExperimentSettings {
    /// Do arms score in the shadow.
    pub(crate) enabled: bool,
    /// Promote what is better and roll back what is not, without being asked.
    pub automatic: bool,
    /// Days with resolved predictions before anything is decided.
    pub min_days: u32,
    /// Resolved hourly samples that arm and baseline both judged.
    pub min_resolved: u32,
    /// Judged FUERTE episodes of each where their precision decides.
    pub min_fuerte: u32,
    /// FUERTE precision may be so much lower when the chances are better, 0-1.
    pub tolerance: f64,
    /// Days after which what was in force before may come back.
    pub rollback_min_days: u32,
    /// A model is trained on the ledger every so many days, as a challenger; 0 for never.
    pub(crate) retrain_every_days: u32,
    /// The rule is tuned on the stored candles every so many days, as a challenger; 0 for never.
    pub(crate) retune_every_days: u32,
    /// Days of data that either needs.
    pub learn_min_days: u32,
    /// Arms by name, beside the ones that are found by themselves.
    #[serde(default)]
    pub arms: BTreeMap<String, ArmSettings>,
}

/// `[experiment.arms.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArmSettings {
    /// Settings file with `[analysis.profile]`; empty for the profile in force.
    #[serde(default)]
    pub profile: String,
    /// `force` (the one in force), `default`, `none` or a model file.
    #[serde(default = "force")]
    pub model: String,
}

fn force() -> String {
    "force".to_owned()
}

/// Names that arms have by themselves.
const TAKEN: [&str; 4] = ["rule", "previous", "challenger-model", "challenger-rule"];

impl ExperimentSettings {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        within("experiment.min_days", self.min_days, 1, 365)?;
        within("experiment.min_resolved", self.min_resolved, 1, 100_000_000)?;
        within("experiment.min_fuerte", self.min_fuerte, 1, 100_000)?;
        within("experiment.tolerance", self.tolerance, 0.0, 1.0)?;
        within("experiment.rollback_min_days", self.rollback_min_days, 1, 365)?;
        within("experiment.retrain_every_days", self.retrain_every_days, 0, 365)?;
        within("experiment.retune_every_days", self.retune_every_days, 0, 365)?;
        within("experiment.learn_min_days", self.learn_min_days, 1, 365)?;
        self.arms.iter().try_for_each(|(name, arm)| arm.validate(name))
    }
}

impl ArmSettings {
    fn validate(&self, name: &str) -> Result<(), SettingsError> {
        let key = format!("experiment.arms.{name}");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 40 || !name.chars().all(plain) || TAKEN.contains(&name) {
            let allowed = text!(allowed_arm_name);
            return Err(SettingsError::value(&key, format!("\"{name}\""), allowed));
        }
        if self.profile.is_empty() && self.model == "force" {
            return Err(SettingsError::Value {
                key,
                found: text!(setting_nothing_new),
                allowed: text!(allowed_arm),
            });
        }
        Ok(())
    }
}
