//! What can be wrong with settings: the key, where it stands, and what is allowed.

use config::ConfigError;

/// A setting cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("unknown setting '{key}' in {place}; {hint}allowed there: {allowed}")]
    Unknown {
        /// The key's path.
        key: String,
        place: String,
        /// The likely meant key, in words; may be empty.
        hint: String,
        /// Keys of that section.
        allowed: String,
    },
    /// The value does not fit.
    #[error("setting '{key}' is {found}; allowed: {allowed}")]
    Value {
        /// The key's path.
        key: String,
        found: String,
        /// What it may say.
        allowed: String,
    },
    /// The value has the wrong type.
    #[error("setting not usable: {0}")]
    Type(String),
    /// The file is no TOML.
    #[error("settings file {place} cannot be read: {reason}")]
    Unreadable { place: String, reason: String },
}

impl From<ConfigError> for SettingsError {
    fn from(error: ConfigError) -> Self {
        Self::Type(error.to_string())
    }
}

impl SettingsError {
    pub(super) fn unknown<'a>(key: &str, place: &str, allowed: impl Iterator<Item = &'a String>) -> Self {
        let mut allowed: Vec<&str> = allowed.map(String::as_str).collect();
        allowed.sort_unstable();
        let last = key.rsplit('.').next().unwrap_or(key);
        let nearest =
            allowed.iter().min_by_key(|name| distance(name, last)).filter(|n| distance(n, last) <= 3);
        let hint = nearest.map_or_else(String::new, |name| format!("did you mean '{name}'? "));
        Self::Unknown { key: key.to_owned(), place: place.to_owned(), hint, allowed: allowed.join(", ") }
    }

    pub(super) fn value(key: &str, found: impl std::fmt::Display, allowed: &str) -> Self {
        Self::Value { key: key.to_owned(), found: found.to_string(), allowed: allowed.to_owned() }
    }
}

/// Edit distance of two short names.
fn distance(a: &str, b: &str) -> usize {
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
