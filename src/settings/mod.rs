//! Settings: the embedded defaults < a file < the environment < flags. Unknown keys are errors.

mod allowed;
pub mod channels;
mod error;
mod file;
mod misnamed;
mod place;
mod renamed;
mod sections;
mod show;
pub(crate) mod stores;
mod tree;

pub(crate) use channels::ChannelsSettings;
pub use error::SettingsError;
pub(crate) use file::{read_text, read_text_within};
pub(crate) use place::{found, left_unread};
pub(crate) use renamed::{Migrated, migrate};
pub(crate) use sections::{
    AlertSettings, ArmSettings, ExchangeSettings, ExperimentSettings, LogFormat, LogSettings, ModelSettings,
    StateSettings, SystemSettings,
};

use crate::actors::ranker::CycleTimes;
use crate::adapters::net::NetworkSettings;
use crate::domain::analysis::AnalysisConfig;
use crate::domain::ranking::RankingFilters;
use crate::i18n::{Text, io_in_words, text};
use crate::web::WebConfig;
use allowed::within;
use config::{Config, Environment, File, FileFormat, Map, Source, Value, ValueKind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file with every key and its default.
pub(crate) const DEFAULTS: &str = include_str!("../../config/default.toml");
/// What settings in the environment begin with.
pub(crate) const ENV_PREFIX: &str = "IMPULSO__";

/// Where settings come from, apart from the defaults. Everything is passed in.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// A file, and its text.
    pub file: Option<(PathBuf, String)>,
    /// Variables of the environment; those that do not begin with `IMPULSO__` are passed over.
    pub env: BTreeMap<String, String>,
    /// Keys set by flags, as `section.key` and value.
    pub flags: Vec<(String, String)>,
}

/// All settings in force.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Language of the command line: es, en, or empty for that of the system.
    pub lang: String,
    pub(crate) exchange: ExchangeSettings,
    /// Bars, staleness, the scoring profile.
    pub(crate) analysis: AnalysisConfig,
    pub(crate) network: NetworkSettings,
    pub(crate) cycle: CycleTimes,
    pub(crate) ranking: RankingFilters,
    /// When alerts are sent.
    pub(crate) alert: AlertSettings,
    pub(crate) model: ModelSettings,
    /// Other profiles and models in the shadow.
    pub(crate) experiment: ExperimentSettings,
    pub(crate) channels: ChannelsSettings,
    pub(crate) history: stores::HistorySettings,
    pub(crate) redis: stores::RedisSettings,
    pub(crate) web: WebConfig,
    /// What survives a restart.
    pub(crate) state: StateSettings,
    pub(crate) log: LogSettings,
    pub(crate) system: SystemSettings,
    /// Each key with its value and where that came from, for `config show`.
    #[serde(skip)]
    pub origins: BTreeMap<String, (String, String)>,
}

impl Settings {
    /// Reads and checks all settings.
    ///
    /// # Errors
    /// Names the key, where it stands, and what is allowed.
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let defaults = tree::of(toml(DEFAULTS))?;
        let mut builder = Config::builder().add_source(toml(DEFAULTS));
        let mut places: Vec<(String, Map<String, Value>)> = Vec::new();
        if let Some((path, text)) = &sources.file {
            let place = path.display().to_string();
            let own = tree::of(toml(text))
                .map_err(|e| SettingsError::Unreadable { place: place.clone(), reason: e.into_text() })?;
            tree::known(&own, &defaults, "", &Text::verbatim(&place))?;
            places.push((place, own));
            builder = builder.add_source(toml(text));
        }
        misnamed::check(&sources.env, ENV_PREFIX, &defaults)?;
        let environment = environment(&sources.env);
        let own = tree::of(environment.clone())?;
        tree::known(&own, &defaults, "", &text!(setting_in_environment))?;
        places.push(("environment".to_owned(), own));
        builder = builder.add_source(environment);
        let mut flags = Config::builder();
        for (key, value) in &sources.flags {
            builder = builder.set_override(key, value.as_str())?;
            flags = flags.set_override(key, value.as_str())?;
        }
        places.push(("flag".to_owned(), flags.build()?.collect()?));
        let mut merged = builder.build()?.collect()?;
        tree::conform(&mut merged, &defaults, "")?;
        allowed::check(&merged)?;
        let origins = show::origins(&merged, &places);
        let settings = Self::deserialize(Value::new(None, ValueKind::Table(merged)))?;
        settings.consistent()?;
        Ok(Self { origins, ..settings })
    }

    /// What several settings must keep to together.
    fn consistent(&self) -> Result<(), SettingsError> {
        self.analysis_is_consistent()?;
        let interval_s = self.cycle.interval.as_secs();
        if 3_600 % interval_s != 0 {
            return Err(SettingsError::value("cycle.interval_s", interval_s, text!(allowed_cycle)));
        }
        within("ranking.max_price", self.ranking.max_price, self.ranking.min_price, 1e12)?;
        let levels = &self.model.levels;
        if !levels.is_ordered() {
            let found = format!("{}, {}, {}, {}", levels.fuerte, levels.alta, levels.media, levels.baja);
            return Err(SettingsError::value("model.levels", found, text!(allowed_levels)));
        }
        // In a narrower fade the shift would fall faster than the chances rise: their order would turn around.
        let adaptation = &self.model.adaptation;
        within("model.adapt_fade_to", adaptation.fade_to, adaptation.fade_from + 0.2, 0.99)?;
        let days = |kept: Duration| (kept.as_secs() / 86_400) as f64;
        let kept = &self.history.retention;
        within("history.hour_candles_days", days(kept.hour_candles), days(kept.candles), 36_500.0)?;
        self.redis.check()?;
        self.experiment.arms.iter().try_for_each(|(name, arm)| arm.check(name))
    }

    fn analysis_is_consistent(&self) -> Result<(), SettingsError> {
        let (base, own) = (self.exchange.base(), &self.analysis);
        if own.tf.ms() % base.ms() != 0 {
            let (minutes, name) = (own.tf.minutes().to_string(), format!("\"{base}\""));
            return Err(SettingsError::Value {
                key: "analysis.tf_minutes".to_owned(),
                found: text!(setting_with_base, found = minutes, base = name),
                allowed: text!(allowed_bar, minutes = base.minutes()),
            });
        }
        let s = |time: Duration| time.as_secs_f64();
        within("analysis.rest_refresh_after_s", s(own.rest_refresh_after), 5.0, s(own.stale_after))?;
        own.profile.validate().map_err(|e| SettingsError::in_profile(&e))
    }

    /// The defaults with one file over them, without environment and flags.
    ///
    /// # Errors
    /// A file that cannot be read, or as `load`.
    pub fn only(path: &Path) -> Result<Self, SettingsError> {
        let unreadable = |e: std::io::Error| SettingsError::Unreadable {
            place: path.display().to_string(),
            reason: Text::new(move |t| io_in_words(&e, t)),
        };
        let text = read_text(path).map_err(unreadable)?;
        Self::load(&Sources { file: Some((path.to_owned(), text)), ..Sources::default() })
    }

    /// The settings in force as TOML, each key with its origin as a comment.
    pub(crate) fn to_toml(&self) -> String {
        show::toml(&self.origins)
    }
}

/// The language that a settings file names, whatever else is wrong with it.
pub(crate) fn language_in(text: &str) -> Option<String> {
    tree::of(toml(text)).ok()?.remove("lang")?.into_string().ok()
}

fn toml(text: &str) -> File<config::FileSourceString, FileFormat> {
    File::from_str(text, FileFormat::Toml)
}

/// The variables that are settings.
fn environment(all: &BTreeMap<String, String>) -> Environment {
    let own = all
        .iter()
        .filter(|(key, _)| key.to_ascii_uppercase().starts_with(ENV_PREFIX))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Environment::with_prefix("IMPULSO").prefix_separator("__").separator("__").source(Some(own))
}

#[cfg(test)]
mod tests;
