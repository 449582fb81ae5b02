//! `[history]` and `[redis]`: what is kept, and where.

use super::SettingsError;
use super::sections::within;
use crate::i18n::text;
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};

/// An address that may hold a password: it never shows it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Address(String);

impl Address {
    /// The whole address, password included.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", masked(&self.0))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

/// `[history]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistorySettings {
    pub(crate) enabled: bool,
    /// `sqlite:PATH` (empty path: in the state folder) or `clickhouse:http://USER@HOST:8123/DATABASE`.
    pub store: Address,
    /// Every cycle's scores, h.
    pub(crate) full_scores_hours: u32,
    /// Scores thinned to 5 minutes, days.
    pub(crate) scores_days: u32,
    /// Candles shorter than an hour, days.
    pub(crate) candles_days: u32,
    /// Candles of an hour, days.
    pub(crate) hour_candles_days: u32,
    /// Between compactions, min of machine time.
    pub(crate) compact_every_min: u64,
    /// File that holds the password of ClickHouse.
    pub(crate) password_file: String,
    /// Tables and types are checked when rows are written to ClickHouse; off for servers before 2022.
    pub(crate) clickhouse_validation: bool,
    /// ClickHouse expires rows by its own clock as well (TTL); for live markets only.
    pub(crate) clickhouse_ttl: bool,
    /// Local spill while ClickHouse is down, MiB at most.
    pub(crate) spill_mib: u64,
    /// Longest wait for ClickHouse, ms.
    pub timeout_ms: u64,
}

/// `[redis]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedisSettings {
    /// `redis://[USER:PASSWORD@]HOST:6379[/DB]`; empty for no Redis.
    pub url: Address,
    /// What keys and channels begin with.
    pub(crate) prefix: String,
    /// How long the newest ranking stays, s.
    pub(crate) ttl_s: u64,
}

/// Where history is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StorePlace {
    Sqlite(PathBuf),
    ClickHouse {
        /// `http://host:8123`.
        url: String,
        database: String,
        user: String,
        /// Password in the address, if any.
        password: Option<String>,
    },
}

impl HistorySettings {
    /// The store's place; `state` is the state folder.
    ///
    /// # Errors
    /// When the setting makes no sense.
    pub(crate) fn place(&self, state: &Path) -> Result<StorePlace, SettingsError> {
        let wrong =
            || SettingsError::value("history.store", format!("\"{}\"", self.store), text!(allowed_store));
        if let Some(path) = self.store.expose().strip_prefix("sqlite:") {
            let path = if path.is_empty() { state.join("history.db") } else { PathBuf::from(path) };
            return Ok(StorePlace::Sqlite(path));
        }
        let address = self.store.expose().strip_prefix("clickhouse:").ok_or_else(wrong)?;
        let (scheme, rest) = address.split_once("://").ok_or_else(wrong)?;
        let (login, rest) = rest.rsplit_once('@').map_or((None, rest), |(login, rest)| (Some(login), rest));
        let (host, database) = rest.split_once('/').unwrap_or((rest, ""));
        if !["http", "https"].contains(&scheme) || host.is_empty() {
            return Err(wrong());
        }
        let (user, password) = login.map_or(("default", None), |l| {
            l.split_once(':').map_or((l, None), |(user, password)| (user, Some(password.to_owned())))
        });
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:8123") };
        Ok(StorePlace::ClickHouse {
            url: format!("{scheme}://{host}"),
            database: if database.is_empty() { "impulso".to_owned() } else { database.to_owned() },
            user: user.to_owned(),
            password,
        })
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        self.place(Path::new("."))?;
        within("history.full_scores_hours", self.full_scores_hours, 1, 24 * 3_650)?;
        within("history.scores_days", self.scores_days, 1, 3_650)?;
        within("history.candles_days", self.candles_days, 2, 3_650)?;
        within("history.hour_candles_days", self.hour_candles_days, self.candles_days, 36_500)?;
        within("history.compact_every_min", self.compact_every_min, 1, 10_080)?;
        within("history.spill_mib", self.spill_mib, 1, 1_000_000)?;
        within("history.timeout_ms", self.timeout_ms, 100, 600_000)
    }
}

impl RedisSettings {
    pub(crate) fn enabled(&self) -> bool {
        !self.url.expose().is_empty()
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        let known =
            ["redis://", "rediss://", "unix:"].iter().any(|scheme| self.url.expose().starts_with(scheme));
        if self.enabled() && !known {
            let allowed = text!(allowed_redis);
            return Err(SettingsError::value("redis.url", format!("\"{}\"", self.url), allowed));
        }
        within("redis.ttl_s", self.ttl_s, 5, 86_400)
    }
}

/// An address without the password in it.
pub(crate) fn masked(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let Some((login, host)) = rest.rsplit_once('@') else { return address.to_owned() };
    let user = login.split_once(':').map_or(login, |(user, _)| user);
    format!("{scheme}://{user}:[redacted]@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(store: &str) -> Result<StorePlace, SettingsError> {
        let mut settings = super::super::Settings::load(&super::super::Sources::default()).unwrap().history;
        settings.store = Address(store.to_owned());
        settings.place(Path::new("/state"))
    }

    #[test]
    fn places_of_both_kinds() {
        assert_eq!(place("sqlite:"), Ok(StorePlace::Sqlite("/state/history.db".into())));
        assert_eq!(place("sqlite:/x/y.db"), Ok(StorePlace::Sqlite("/x/y.db".into())));
        let Ok(StorePlace::ClickHouse { url, database, user, password }) =
            place("clickhouse:http://ann:s3cr@t@db.local/market")
        else {
            panic!("no ClickHouse")
        };
        assert_eq!(
            (url.as_str(), database.as_str(), user.as_str()),
            ("http://db.local:8123", "market", "ann")
        );
        assert_eq!(password.as_deref(), Some("s3cr@t"));
        for bad in ["", "/x.db", "clickhouse:db.local", "clickhouse:ftp://x", "postgres:x"] {
            let text = place(bad).unwrap_err().to_string();
            assert!(text.contains("history.store") && text.contains("sqlite:PATH"), "{bad}: {text}");
        }
        let text = place("mysql:http://ann:s3cret@x").unwrap_err().to_string();
        assert!(!text.contains("s3cret"), "{text}");
    }
}
