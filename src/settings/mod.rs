//! Settings: the embedded defaults < a file < the environment < flags. Unknown keys are errors.

pub mod channels;
mod error;
mod experiment;
mod model;
mod sections;
mod show;
pub(crate) mod stores;

pub(crate) use channels::ChannelsSettings;
pub use error::SettingsError;
pub(crate) use experiment::{ArmSettings, ExperimentSettings};
pub(crate) use model::ModelSettings;
pub(crate) use sections::{
    AlertSettings, AnalysisSettings, CycleSettings, ExchangeSettings, LogFormat, LogSettings, StateSettings,
    SystemSettings, WebSettings,
};

use crate::domain::ranking::RankingFilters;
use crate::i18n::{Text, io_in_words, text};
use config::{Config, Environment, File, FileFormat, Map, Source, Value, ValueKind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The file with every key and its default.
pub(crate) const DEFAULTS: &str = include_str!("../../config/default.toml");
/// What settings in the environment begin with.
pub(crate) const ENV_PREFIX: &str = "IMPULSO__";
/// The file that is read when it is there and none is named.
pub(crate) const LOCAL_FILE: &str = "impulso.toml";

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
    pub(crate) analysis: AnalysisSettings,
    pub(crate) cycle: CycleSettings,
    pub(crate) ranking: RankingFilters,
    /// When alerts are sent.
    pub(crate) alert: AlertSettings,
    pub(crate) model: ModelSettings,
    /// Other profiles and models in the shadow.
    pub(crate) experiment: ExperimentSettings,
    pub(crate) channels: ChannelsSettings,
    pub(crate) history: stores::HistorySettings,
    pub(crate) redis: stores::RedisSettings,
    pub(crate) web: WebSettings,
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
        let defaults = tree(Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml)))?;
        let mut builder = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        let mut places: Vec<(String, Map<String, Value>)> = Vec::new();
        if let Some((path, text)) = &sources.file {
            let place = path.display().to_string();
            let own = tree(Config::builder().add_source(File::from_str(text, FileFormat::Toml)))
                .map_err(|e| SettingsError::Unreadable { place: place.clone(), reason: e.into_text() })?;
            known(&own, &defaults, "", &Text::verbatim(&place))?;
            places.push((place, own));
            builder = builder.add_source(File::from_str(text, FileFormat::Toml));
        }
        let env: Map<String, String> = sources
            .env
            .iter()
            .filter(|(key, _)| key.to_ascii_uppercase().starts_with(ENV_PREFIX))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let environment = Environment::with_prefix("IMPULSO")
            .prefix_separator("__")
            .separator("__")
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("channels.telegram.chats")
            .with_list_parse_key("channels.discord.webhook_urls")
            .with_list_parse_key("channels.email.to")
            .with_list_parse_key("web.cors_origins")
            .source(Some(env));
        let own = tree(Config::builder().add_source(environment.clone()))?;
        known(&own, &defaults, "", &text!(setting_in_environment))?;
        places.push(("environment".to_owned(), own));
        builder = builder.add_source(environment);
        let mut flags = Config::builder();
        for (key, value) in &sources.flags {
            builder = builder.set_override(key, typed(value))?;
            flags = flags.set_override(key, typed(value))?;
        }
        places.push(("flag".to_owned(), tree(flags)?));
        let merged = builder.build()?;
        let mut settings: Self = merged.clone().try_deserialize()?;
        settings.origins = show::origins(&merged.collect()?, &places);
        settings.validate()?;
        Ok(settings)
    }

    fn validate(&self) -> Result<(), SettingsError> {
        if !["", "es", "en"].contains(&self.lang.as_str()) {
            let found = format!("\"{}\"", self.lang);
            return Err(SettingsError::value("lang", found, text!(allowed_own_language)));
        }
        self.exchange.validate()?;
        self.analysis.validate(&self.exchange)?;
        self.cycle.validate()?;
        sections::validate_ranking(&self.ranking)?;
        self.model.validate()?;
        self.experiment.validate()?;
        self.alert.validate()?;
        self.channels.validate()?;
        self.history.validate()?;
        self.redis.validate()?;
        self.web.validate()?;
        self.log.validate()?;
        self.system.validate()
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
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::load(&Sources { file: Some((path.to_owned(), text)), ..Sources::default() })
    }

    /// The settings in force as TOML, each key with its origin as a comment.
    pub(crate) fn to_toml(&self) -> String {
        show::toml(&self.origins)
    }
}

/// The language that a settings file names, whatever else is wrong with it.
pub(crate) fn language_in(text: &str) -> Option<String> {
    let builder = Config::builder().add_source(File::from_str(text, FileFormat::Toml));
    builder.build().ok()?.get_string("lang").ok()
}

/// A flag's text as the number it is, so that it shows as one.
fn typed(text: &str) -> ValueKind {
    if let Ok(number) = text.parse::<i64>() {
        return ValueKind::I64(number);
    }
    text.parse::<f64>().map_or_else(|_| ValueKind::String(text.to_owned()), ValueKind::Float)
}

fn tree(
    builder: config::ConfigBuilder<config::builder::DefaultState>,
) -> Result<Map<String, Value>, SettingsError> {
    builder.build().and_then(|c| c.collect()).map_err(SettingsError::from)
}

/// Every key of `own` must be one of the defaults'.
fn known(
    own: &Map<String, Value>,
    defaults: &Map<String, Value>,
    path: &str,
    place: &Text,
) -> Result<(), SettingsError> {
    // Arms have names of their own; their keys are checked when they are read.
    if path == "experiment.arms" {
        return Ok(());
    }
    for (key, value) in own {
        let full = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (defaults.get(key).map(|d| &d.kind), &value.kind) {
            (None, _) => return Err(SettingsError::unknown(&full, place, defaults.keys())),
            (Some(ValueKind::Table(inner)), ValueKind::Table(own)) => known(own, inner, &full, place)?,
            (Some(ValueKind::Table(inner)), _) => {
                return Err(SettingsError::unknown(&full, place, inner.keys()));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
