//! The flags that go over the settings, and the settings in force.

use super::file::settings_text;
use super::lang::{flag, t};
use super::values::{speed, whole};
use crate::adapters::net;
use crate::i18n::{OrFail, text};
use crate::settings::{Settings, SettingsError, Sources, found, left_unread};
use crate::telemetry;
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Default, Args)]
pub(super) struct SettingsArgs {
    #[arg(long, value_name = "FILE", help = t().help_settings_config())]
    pub(super) config: Option<PathBuf>,
    #[arg(long, value_name = "URL", help = t().help_settings_rest_url())]
    pub(super) rest_url: Option<String>,
    #[arg(long, value_name = "URL", help = t().help_settings_stream_url())]
    pub(super) stream_url: Option<String>,
    #[arg(long, value_parser = whole(0..=u16::MAX), help = t().help_settings_port())]
    pub(super) port: Option<u16>,
    #[arg(long, value_name = "DIR", help = t().help_settings_state_dir())]
    pub(super) state_dir: Option<String>,
    #[arg(long, value_name = "STORE", help = t().help_settings_store())]
    pub(super) store: Option<String>,
    #[arg(long, value_name = "URL", help = t().help_settings_redis())]
    pub(super) redis: Option<String>,
    #[arg(long, value_name = "INTERVAL", help = t().help_settings_base_interval())]
    pub(super) base_interval: Option<String>,
    #[arg(long, value_parser = speed, value_name = "TIMES", help = t().help_settings_market_speed())]
    pub(super) market_speed: Option<f64>,
    #[arg(long, value_name = "SECONDS", help = t().help_cycle_interval())]
    pub(super) cycle_interval: Option<u64>,
    #[arg(long, value_name = "LEVEL", help = t().help_log_level())]
    pub(super) log_level: Option<String>,
    /// The flag of `impulso scan`, which alone has a turn to wait for.
    #[arg(skip)]
    pub(super) standby: bool,
}

impl SettingsArgs {
    /// The settings of file, environment and these flags.
    pub(super) fn load(&self) -> anyhow::Result<Settings> {
        let env = |name: &str| std::env::var(name).ok();
        let path = self.config.clone().or_else(|| found(&env));
        let unread = if self.config.is_none() { left_unread(path.as_deref(), &env) } else { None };
        if let Some((place, config)) = unread {
            let (place, config) = (format!("./{}", place.display()), config.display().to_string());
            return Err(SettingsError::Unread { place, config }.into());
        }
        let file = match path {
            Some(path) => {
                let text = settings_text(&path)
                    .or_fail(|| text!(settings_file_unreadable, place = path.display().to_string()))?;
                Some((path, text))
            }
            None => None,
        };
        let env = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let mut settings = Settings::load(&Sources { file, env, flags: self.overrides() })?;
        settings.channels.read_secrets()?;
        settings.redis.read_secrets()?;
        net::configure(&settings.network)?;
        Ok(settings)
    }

    /// The same, and the log begins as they say.
    pub(super) fn load_and_log(&self) -> anyhow::Result<Settings> {
        let settings = self.load()?;
        telemetry::init(&settings.log);
        Ok(settings)
    }

    /// The same flags over another file.
    pub(super) fn over(&self, file: &Path) -> Self {
        Self { config: Some(file.to_owned()), ..self.clone() }
    }

    /// The keys that these flags set.
    fn overrides(&self) -> Vec<(String, String)> {
        let pairs = [
            ("exchange.rest_url", self.rest_url.clone()),
            ("exchange.stream_url", self.stream_url.clone()),
            ("web.bind", self.port.map(|port| format!("127.0.0.1:{port}"))),
            ("state.dir", self.state_dir.clone()),
            ("history.store", self.store.clone()),
            ("redis.url", self.redis.clone()),
            ("redis.standby", self.standby.then(|| true.to_string())),
            ("exchange.base_interval", self.base_interval.clone()),
            ("exchange.market_speed", self.market_speed.map(|times| times.to_string())),
            ("cycle.interval_s", self.cycle_interval.map(|s| s.to_string())),
            ("log.level", self.log_level.clone()),
            ("lang", flag().map(|language| language.code().to_owned())),
        ];
        pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }
}
