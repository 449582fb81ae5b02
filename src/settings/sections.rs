//! Sections of the settings that serve several: what one user alone is given is a struct of its own there, read straight into
//! it by being embedded here.

use super::error::SettingsError;
use crate::actors::delivery::rules::DeliveryRules;
use crate::actors::feed::FeedConfig;
use crate::actors::restart::RestartPolicy;
use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::alert::quiet::LocalOffset;
use crate::domain::allowed::{Allowed, Values::Like, Values::OneOf, Values::Range};
use crate::domain::duration::{millis, seconds};
use crate::domain::score::level::LevelThresholds;
use crate::domain::time::Interval;
use crate::domain::universe::UniverseRules;
use crate::exchange::backfill::PlannerRules;
use crate::i18n::{Language, text};
use crate::learning::arms::verdict::Rule;
use crate::learning::arms::{CHALLENGER_MODEL_ARM, CHALLENGER_RULE_ARM, PREVIOUS_ARM, RULE_ARM};
use crate::learning::calibration::AdaptConfig;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

fn is_web_address(text: &str) -> bool {
    is_address(text, ["http://", "https://"])
}

fn is_stream_address(text: &str) -> bool {
    is_address(text, ["ws://", "wss://"])
}

fn is_address(text: &str, schemes: [&str; 2]) -> bool {
    let host = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    host.is_some_and(|h| !h.is_empty() && !h.starts_with('/') && !h.contains(char::is_whitespace))
}

/// `[exchange]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ExchangeSettings {
    pub(crate) rest_url: String,
    pub(crate) stream_url: String,
    #[serde(flatten)]
    pub(crate) universe: UniverseRules,
    /// Between looks at exchangeInfo, market time.
    #[serde(rename = "universe_refresh_s", deserialize_with = "seconds")]
    pub(crate) universe_refresh: Duration,
    /// How fast the exchange's clock runs; other than 1 for a replay alone, whose events would be doubted otherwise.
    pub(crate) market_speed: f64,
    #[serde(flatten)]
    pub(crate) planner: PlannerRules,
    /// Share of the weight limit that is used, 0-1.
    pub(crate) weight_share: f64,
    #[serde(rename = "connect_timeout_ms", deserialize_with = "millis")]
    pub(crate) connect_timeout: Duration,
    #[serde(rename = "response_timeout_ms", deserialize_with = "millis")]
    pub(crate) response_timeout: Duration,
    #[serde(flatten)]
    pub(crate) feed: FeedConfig,
}

impl ExchangeSettings {
    pub(crate) const ALLOWED: Allowed = &[
        ("rest_url", Like(is_web_address, &["https://HOST[:PORT]", "http://HOST[:PORT]"])),
        ("stream_url", Like(is_stream_address, &["wss://HOST[:PORT]", "ws://HOST[:PORT]"])),
        ("universe_refresh_s", Range(10.0, 86_400.0)),
        ("market_speed", Range(0.1, 3_600.0)),
        ("weight_share", Range(0.05, 1.0)),
        ("connect_timeout_ms", Range(100.0, 120_000.0)),
        ("response_timeout_ms", Range(100.0, 300_000.0)),
    ];

    pub(crate) fn base(&self) -> Interval {
        self.feed.base
    }
}

/// `[alert]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AlertSettings {
    #[serde(flatten)]
    pub(crate) policy: AlertPolicyConfig,
    #[serde(flatten)]
    pub(crate) delivery: DeliveryRules,
    /// Time zone of quiet hours and daily caps, such as Europe/Madrid.
    pub(crate) time_zone: String,
    /// Where messages link to; empty: the address of the own page.
    pub(crate) dashboard_url: String,
    pub(crate) language: Language,
}

impl AlertSettings {
    pub(crate) const ALLOWED: Allowed = &[
        ("time_zone", Like(|t| jiff::tz::TimeZone::get(t).is_ok(), &["UTC", "Europe/Madrid"])),
        ("language", OneOf(&["es", "en"])),
        (
            "dashboard_url",
            Like(|t| t.is_empty() || is_web_address(t), &["https://HOST[:PORT]", "http://HOST[:PORT]"]),
        ),
    ];

    /// Minutes that the user's time zone is ahead of UTC, summer time included.
    pub(crate) fn local(&self) -> LocalOffset {
        let Ok(zone) = jiff::tz::TimeZone::get(&self.time_zone) else { return LocalOffset::default() };
        LocalOffset::new(move |ms| {
            let moment = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
            i64::from(zone.to_offset(moment).seconds()) / 60
        })
    }
}

/// `[model]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ModelSettings {
    /// `default` (the one in the program), `none` (the rule alone) or a model file.
    pub(crate) file: String,
    /// Levels of the calibrated chance, percent.
    pub(crate) levels: LevelThresholds,
    /// Does the calibration follow the market.
    pub(crate) adapt: bool,
    #[serde(flatten)]
    pub(crate) adaptation: AdaptConfig,
}

impl ModelSettings {
    pub(crate) const ALLOWED: Allowed =
        &[("file", Like(|t| !t.is_empty(), &["default", "none", "model.json"]))];

    /// Numbers of the adaptation; `None` when it is off.
    pub(crate) fn adapt_config(&self) -> Option<AdaptConfig> {
        self.adapt.then_some(self.adaptation)
    }
}

/// `[experiment]`: other profiles and models in the shadow.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ExperimentSettings {
    /// Do arms score in the shadow.
    pub(crate) enabled: bool,
    /// Promote what is better and roll back what is not, without being asked.
    pub(crate) automatic: bool,
    /// What decides.
    #[serde(flatten)]
    pub(crate) rule: Rule,
    /// Days after which what was in force before may come back.
    pub(crate) rollback_min_days: u32,
    /// A model is trained on the ledger every so many days, as a challenger; 0 for never.
    pub(crate) retrain_every_days: u32,
    /// The rule is tuned on the stored candles every so many days, as a challenger; 0 for never.
    pub(crate) retune_every_days: u32,
    /// Days of data that either needs.
    pub(crate) training_min_days: u32,
    /// Arms by name, beside the ones that are found by themselves.
    #[serde(default)]
    pub(crate) arms: BTreeMap<String, ArmSettings>,
}

impl ExperimentSettings {
    pub(crate) const ALLOWED: Allowed = &[
        ("rollback_min_days", Range(1.0, 365.0)),
        ("retrain_every_days", Range(0.0, 365.0)),
        ("retune_every_days", Range(0.0, 365.0)),
        ("training_min_days", Range(1.0, 365.0)),
    ];
}

/// `[experiment.arms.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArmSettings {
    /// Settings file with `[analysis.profile]`; empty for the profile in force.
    #[serde(default)]
    pub(crate) profile: String,
    /// `force` (the one in force), `default`, `none` or a model file.
    #[serde(default = "force")]
    pub(crate) model: String,
}

fn force() -> String {
    "force".to_owned()
}

/// Names that arms have by themselves.
const TAKEN: [&str; 4] = [RULE_ARM, PREVIOUS_ARM, CHALLENGER_MODEL_ARM, CHALLENGER_RULE_ARM];

impl ArmSettings {
    pub(super) fn check(&self, name: &str) -> Result<(), SettingsError> {
        let key = format!("experiment.arms.{name}");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 40 || !name.chars().all(plain) || TAKEN.contains(&name) {
            return Err(SettingsError::value(&key, format!("\"{name}\""), text!(allowed_arm_name)));
        }
        if self.profile.is_empty() && self.model == "force" {
            let (found, allowed) = (text!(setting_nothing_new), text!(allowed_arm));
            return Err(SettingsError::Value { key, found, allowed });
        }
        Ok(())
    }
}

/// `[state]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct StateSettings {
    /// Folder of what survives a restart; empty for the platform's.
    pub(crate) dir: String,
}

impl StateSettings {
    /// The folder; `home` and `xdg` are the variables HOME and XDG_STATE_HOME.
    pub(crate) fn folder(&self, home: Option<&str>, xdg: Option<&str>) -> PathBuf {
        if !self.dir.is_empty() {
            return PathBuf::from(&self.dir);
        }
        match (xdg.filter(|x| !x.is_empty()), home) {
            (Some(xdg), _) => PathBuf::from(xdg).join("impulso"),
            (None, Some(home)) => PathBuf::from(home).join(".local/state/impulso"),
            (None, None) => PathBuf::from("impulso-state"),
        }
    }
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct LogSettings {
    /// error, warn, info, debug or trace; or directives such as `info,impulso=debug`.
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

impl LogSettings {
    pub(crate) const ALLOWED: Allowed = &[
        (
            "level",
            Like(
                |t| t.parse::<tracing_subscriber::filter::Targets>().is_ok(),
                &["error", "warn", "info", "debug", "trace", "info,impulso=debug"],
            ),
        ),
        ("format", OneOf(&["text", "json", "auto"])),
    ];
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    /// One JSON object a line.
    Json,
    /// Text, but JSON under systemd.
    Auto,
}

/// `[system]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SystemSettings {
    /// Threads that own connections and their pairs.
    pub(crate) shards: usize,
    #[serde(flatten)]
    pub(crate) restart: RestartPolicy,
}

impl SystemSettings {
    pub(crate) const ALLOWED: Allowed = &[("shards", Range(1.0, 64.0))];
}
