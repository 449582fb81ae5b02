//! Holds each setting against what the struct it is read into allows. What several settings must keep to together is in
//! `Settings::consistent`.

use super::channels::{CommonSettings, TelegramSettings};
use super::error::SettingsError;
use super::sections::{
    AlertSettings, ExchangeSettings, ExperimentSettings, LogSettings, ModelSettings, SystemSettings,
};
use super::show::{leaves, shown};
use super::stores::{HistorySettings, RedisSettings};
use crate::actors::delivery::rules::DeliveryRules;
use crate::actors::feed::FeedConfig;
use crate::actors::ports::history::Retention;
use crate::actors::ranker::CycleTimes;
use crate::actors::restart::RestartPolicy;
use crate::adapters::notify::email::EmailSettings;
use crate::adapters::redis::Keys;
use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::allowed::{Allowed, Values};
use crate::domain::analysis::AnalysisConfig;
use crate::domain::level_rules::LevelRules;
use crate::domain::ranking::RankingFilters;
use crate::domain::universe::UniverseRules;
use crate::exchange::backfill::PlannerRules;
use crate::exchange::stream::liveness::LivenessRules;
use crate::exchange::stream::outcome::SessionRules;
use crate::exchange::stream::plan::PlanRules;
use crate::i18n::{Text, text};
use crate::learning::arms::verdict::Rule;
use crate::learning::calibration::AdaptConfig;
use crate::web::WebConfig;
use crate::web::config::Rate;
use config::{Map, Value, ValueKind};

/// Sections and the structs they are read into; `channels.*` is each channel.
const SECTIONS: [(&str, Allowed); 31] = [
    ("", &[("lang", Values::OneOf(&["", "es", "en"]))]),
    ("alert", AlertPolicyConfig::ALLOWED),
    ("alert", AlertSettings::ALLOWED),
    ("alert", DeliveryRules::ALLOWED),
    ("alert", LevelRules::ALLOWED),
    ("analysis", AnalysisConfig::ALLOWED),
    ("channels.*", CommonSettings::ALLOWED),
    ("channels.email", EmailSettings::ALLOWED),
    ("channels.telegram", TelegramSettings::ALLOWED),
    ("cycle", CycleTimes::ALLOWED),
    ("exchange", ExchangeSettings::ALLOWED),
    ("exchange", FeedConfig::ALLOWED),
    ("exchange", LivenessRules::ALLOWED),
    ("exchange", PlannerRules::ALLOWED),
    ("exchange", PlanRules::ALLOWED),
    ("exchange", SessionRules::ALLOWED),
    ("exchange", UniverseRules::ALLOWED),
    ("experiment", ExperimentSettings::ALLOWED),
    ("experiment", Rule::ALLOWED),
    ("history", HistorySettings::ALLOWED),
    ("history", Retention::ALLOWED),
    ("log", LogSettings::ALLOWED),
    ("model", AdaptConfig::ALLOWED),
    ("model", ModelSettings::ALLOWED),
    ("ranking", RankingFilters::ALLOWED),
    ("redis", Keys::ALLOWED),
    ("redis", RedisSettings::ALLOWED),
    ("system", RestartPolicy::ALLOWED),
    ("system", SystemSettings::ALLOWED),
    ("web", Rate::ALLOWED),
    ("web", WebConfig::ALLOWED),
];

/// # Errors
/// The first setting that says what its struct does not allow.
pub(super) fn check(merged: &Map<String, Value>) -> Result<(), SettingsError> {
    leaves(merged)
        .iter()
        .try_for_each(|(key, value)| of(key).map_or(Ok(()), |allowed| hold(key, value, allowed)))
}

/// A section, a key of it, and what it may say.
fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static Values)> {
    let of = |(section, keys): &(&'static str, Allowed)| {
        let section = *section;
        keys.iter().map(move |(key, values)| (section, *key, values))
    };
    SECTIONS.iter().flat_map(of)
}

fn of(key: &str) -> Option<&'static Values> {
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    let each_channel = |of: &str| of == "channels.*" && section.starts_with("channels.");
    all().find(|(of, key, _)| *key == name && (*of == section || each_channel(of))).map(|(.., values)| values)
}

fn hold(key: &str, value: &Value, allowed: &Values) -> Result<(), SettingsError> {
    let (fits, words): (&dyn Fn(&str) -> bool, _) = match allowed {
        Values::Range(low, high) => {
            return within(key, value.clone().into_float().unwrap_or(f64::NAN), *low, *high);
        }
        Values::OneOf(all) => (&|text| all.contains(&text), one_of(all)),
        Values::Like(fits, examples) => (fits, like(*fits, examples)),
    };
    let check = |item: &Value| {
        let plain = item.clone().into_string().unwrap_or_default();
        match plain.as_str() {
            plain if fits(plain) => Ok(()),
            "" => Err(SettingsError::empty(key, words.clone())),
            _ => Err(SettingsError::value(key, shown(key, item), words.clone())),
        }
    };
    match &value.kind {
        ValueKind::Array(items) => items.iter().try_for_each(check),
        _ => check(value),
    }
}

fn one_of(all: &[&str]) -> Text {
    let named: Vec<&str> = all.iter().copied().filter(|text| !text.is_empty()).collect();
    let named = Text::verbatim(named.join(", "));
    if all.contains(&"") { or_empty(named) } else { named }
}

pub(super) fn like(fits: fn(&str) -> bool, examples: &[&str]) -> Text {
    let such = text!(allowed_like, examples = examples.join(", "));
    if fits("") { or_empty(such) } else { such }
}

fn or_empty(allowed: Text) -> Text {
    Text::new(move |t| t.allowed_or_empty(allowed.in_words(t)))
}

pub(super) fn within(key: &str, found: f64, low: f64, high: f64) -> Result<(), SettingsError> {
    if (low..=high).contains(&found) {
        return Ok(());
    }
    let (low, high) = (low.to_string(), high.to_string());
    Err(SettingsError::value(key, found, text!(allowed_from_to, low = low, high = high)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::show::under;
    use crate::settings::{Settings, Sources};

    #[test]
    fn each_number_has_a_range_and_no_entry_is_without_its_setting() {
        let settings = Settings::load(&Sources::default()).unwrap();
        for (key, (value, _)) in &settings.origins {
            // The profile and the levels are checked as a whole: their numbers must keep to one another.
            let whole = key.starts_with("analysis.profile.") || key.starts_with("model.levels.");
            assert!(whole || value.parse::<f64>().is_err() || of(key).is_some(), "{key}");
        }
        for (section, key, _) in all() {
            let key = under(&section.replace('*', "email"), key);
            assert!(settings.origins.contains_key(&key), "{key}");
        }
    }
}
