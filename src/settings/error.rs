//! What can be wrong with settings: the key, where it stands, and what is allowed.

use crate::domain::score::profile::{Allowed, ProfileError};
use crate::i18n::{Language, Text, Texts, text};
use config::ConfigError;

/// A setting cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.in_words(Language::En.texts()))]
pub enum SettingsError {
    Unknown {
        /// The key's path.
        key: String,
        place: Text,
        /// The key that was likely meant.
        nearest: Option<String>,
        /// Keys of that section.
        allowed: String,
    },
    /// It has another name now.
    Renamed {
        /// The key's path.
        key: String,
        place: Text,
        new: &'static str,
    },
    /// A variable that was meant as a setting and is none.
    Variable {
        name: String,
        /// What was likely meant.
        right: Option<String>,
    },
    BothNames {
        place: String,
        old: &'static str,
        new: &'static str,
    },
    /// The value does not fit.
    Value {
        /// The key's path.
        key: String,
        found: Text,
        /// What it may say.
        allowed: Text,
    },
    /// The value has the wrong type.
    Type(String),
    /// A file of the current folder that is not read.
    Unread {
        place: String,
        config: String,
    },
    /// The file is no TOML.
    Unreadable {
        place: String,
        reason: Text,
    },
}

impl From<ConfigError> for SettingsError {
    fn from(error: ConfigError) -> Self {
        Self::Type(error.to_string())
    }
}

impl SettingsError {
    pub(super) fn unknown<'a>(key: &str, place: &Text, allowed: impl Iterator<Item = &'a String>) -> Self {
        let mut allowed: Vec<&str> = allowed.map(String::as_str).collect();
        // They are shown, and of two names equally near the first is proposed: the same each time.
        allowed.sort_unstable();
        let last = key.rsplit('.').next().unwrap_or(key);
        let nearest =
            allowed.iter().min_by_key(|name| distance(name, last)).filter(|n| distance(n, last) <= 3);
        let nearest = nearest.map(|name| (*name).to_owned());
        Self::Unknown { key: key.to_owned(), place: place.clone(), nearest, allowed: allowed.join(", ") }
    }

    pub(super) fn value(key: &str, found: impl std::fmt::Display, allowed: Text) -> Self {
        Self::Value { key: key.to_owned(), found: Text::verbatim(found.to_string()), allowed }
    }

    pub(super) fn empty(key: &str, allowed: Text) -> Self {
        Self::Value { key: key.to_owned(), found: text!(setting_empty), allowed }
    }

    pub(super) fn in_profile(error: &ProfileError) -> Self {
        let allowed = match error.allowed {
            Allowed::Range(low, high) => {
                text!(allowed_number, low = low.to_string(), high = high.to_string())
            }
            Allowed::AboveZero => text!(allowed_above_zero),
            Allowed::Band => text!(allowed_band),
            Allowed::FallingSteps => text!(allowed_steps),
            Allowed::Weights => text!(allowed_weights),
            Allowed::MostPoints => text!(allowed_most_points),
            Allowed::OrderedLevels => text!(allowed_levels),
            Allowed::LiquidityEnd => text!(allowed_liquidity_end),
        };
        Self::value(&format!("analysis.profile.{}", error.key), &error.found, allowed)
    }

    pub(super) fn into_text(self) -> Text {
        Text::new(move |t| self.in_words(t))
    }

    pub(crate) fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::Unknown { key, place, nearest, allowed } => {
                let hint = nearest.as_ref().map(|key| format!("{} ", t.setting_did_you_mean(key)));
                t.setting_unknown(key, place.in_words(t), hint.unwrap_or_default(), allowed)
            }
            Self::Renamed { key, place, new } => t.setting_renamed(key, place.in_words(t), *new),
            Self::Variable { name, right: Some(right) } => t.variable_misnamed(name, right),
            Self::Variable { name, right: None } => t.variable_unknown(name),
            Self::BothNames { place, old, new } => t.setting_both_names(place, *old, *new),
            Self::Value { key, found, allowed } => {
                t.setting_wrong(key, found.in_words(t), allowed.in_words(t))
            }
            Self::Unread { place, config } => t.local_file_unread(place, config),
            Self::Type(why) => t.setting_wrong_type(why),
            Self::Unreadable { place, reason } => t.setting_no_toml(place, reason.in_words(t)),
        }
    }
}

/// Edit distance of two short names.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
