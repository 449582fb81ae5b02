//! `[history]` and `[redis]`: what is kept, and where.

use super::error::SettingsError;
use super::file::secret_of;
use crate::actors::ports::history::Retention;
use crate::adapters::redis::Keys;
use crate::domain::allowed::{Allowed, Values::Like, Values::Range};
use crate::domain::duration::{millis, minutes};
use crate::domain::percent::percent_encoded;
use crate::i18n::text;
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
pub(crate) struct HistorySettings {
    pub(crate) enabled: bool,
    /// `sqlite:PATH` (empty path: in the state folder) or `clickhouse:http://USER@HOST:8123/DATABASE`.
    pub store: Address,
    #[serde(flatten)]
    pub(crate) retention: Retention,
    /// Between compactions, machine time.
    #[serde(rename = "compact_every_min", deserialize_with = "minutes")]
    pub(crate) compact_every: Duration,
    /// File that holds the password of ClickHouse.
    pub(crate) password_file: String,
    /// Tables and types are checked when rows are written to ClickHouse; off for servers before 2022.
    pub(crate) clickhouse_validation: bool,
    /// Name of the ClickHouse cluster that keeps the tables; empty for a single server.
    pub(crate) clickhouse_cluster: String,
    /// ClickHouse expires rows by its own clock as well (TTL); for live markets only.
    pub(crate) clickhouse_ttl: bool,
    /// Local spill while ClickHouse is down, MiB at most.
    pub(crate) spill_mib: u64,
    /// Longest wait for ClickHouse.
    #[serde(rename = "timeout_ms", deserialize_with = "millis")]
    pub(crate) timeout: Duration,
}

fn is_cluster(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || ['_', '-', '.'].contains(&c))
}

fn is_redis(text: &str) -> bool {
    text.is_empty() || ["redis://", "rediss://", "unix:"].iter().any(|scheme| text.starts_with(scheme))
}

/// `[redis]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RedisSettings {
    /// `redis://[USER:PASSWORD@]HOST:6379[/DB]`; empty for no Redis.
    pub url: Address,
    /// File that holds the password.
    pub(crate) password_file: String,
    /// This scanner is one of two, of which one sends.
    pub(crate) standby: bool,
    #[serde(flatten)]
    pub(crate) keys: Keys,
}

/// What `history.store` may look like.
const STORES: [&str; 3] =
    ["sqlite:PATH", "sqlite:", "clickhouse:http://[USER[:PASSWORD]@]HOST[:8123][/DATABASE]"];

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

impl StorePlace {
    /// Reads `sqlite:PATH` or `clickhouse:URL`; the path may be empty.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Some(Self::Sqlite(PathBuf::from(path)));
        }
        let (scheme, rest) = text.strip_prefix("clickhouse:")?.split_once("://")?;
        let (login, rest) = rest.rsplit_once('@').map_or((None, rest), |(login, rest)| (Some(login), rest));
        let (host, database) = rest.split_once('/').unwrap_or((rest, ""));
        if !["http", "https"].contains(&scheme) || host.is_empty() {
            return None;
        }
        let (user, password) = login.map_or(("default", None), |l| {
            l.split_once(':').map_or((l, None), |(user, password)| (user, Some(password.to_owned())))
        });
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:8123") };
        Some(Self::ClickHouse {
            url: format!("{scheme}://{host}"),
            database: if database.is_empty() { "impulso".to_owned() } else { database.to_owned() },
            user: user.to_owned(),
            password,
        })
    }
}

impl HistorySettings {
    pub(crate) const ALLOWED: Allowed = &[
        ("store", Like(|t| StorePlace::parse(t).is_some(), &STORES)),
        ("clickhouse_cluster", Like(is_cluster, &["prices_1"])),
        ("compact_every_min", Range(1.0, 10_080.0)),
        ("spill_mib", Range(1.0, 1_000_000.0)),
        ("timeout_ms", Range(100.0, 600_000.0)),
    ];

    /// Is the store one that several scanners can write to.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(StorePlace::parse(self.store.expose()), Some(StorePlace::ClickHouse { .. }))
    }

    /// The store's place; `state` is the state folder.
    ///
    /// # Errors
    /// When the setting makes no sense.
    pub(crate) fn place(&self, state: &Path) -> Result<StorePlace, SettingsError> {
        match StorePlace::parse(self.store.expose()) {
            Some(StorePlace::Sqlite(path)) if path.as_os_str().is_empty() => {
                Ok(StorePlace::Sqlite(state.join("history.db")))
            }
            Some(place) => Ok(place),
            None => Err(SettingsError::value(
                "history.store",
                format!("\"{}\"", self.store),
                text!(allowed_like, examples = STORES.join(", ")),
            )),
        }
    }
}

/// The address with this password in it.
fn with_password(url: &str, password: &str) -> String {
    let password = percent_encoded(password);
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (user, host) = rest.rsplit_once('@').unwrap_or(("", rest));
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{scheme}://{user}:{password}@{host}")
        }
        None => format!("{url}{}pass={password}", if url.contains('?') { '&' } else { '?' }),
    }
}

impl RedisSettings {
    pub(crate) const ALLOWED: Allowed = &[(
        "url",
        Like(
            is_redis,
            &["redis://[USER:PASSWORD@]HOST[:6379][/DB]", "rediss://HOST", "unix:/run/redis.sock"],
        ),
    )];

    /// Puts the password of its file into the address.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn read_secrets(&mut self) -> Result<(), SettingsError> {
        if let Some(password) = secret_of(&self.password_file, "redis.password_file")?
            && self.enabled()
        {
            self.url = Address(with_password(&self.url.0, password.trim()));
        }
        Ok(())
    }

    /// What they must keep to together.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        if self.standby && !self.enabled() {
            return Err(SettingsError::value("redis.standby", true, text!(allowed_standby)));
        }
        Ok(())
    }

    pub(crate) fn enabled(&self) -> bool {
        !self.url.expose().is_empty()
    }
}

/// An address without the passwords in it: before the host, and among its parameters.
pub(crate) fn masked(address: &str) -> String {
    let (address, parameters) = address.split_once('?').map_or((address, None), |(a, p)| (a, Some(p)));
    let login = address.split_once("://").and_then(|(scheme, rest)| {
        let (login, host) = rest.rsplit_once('@')?;
        let user = login.split_once(':').map_or(login, |(user, _)| user);
        Some(format!("{scheme}://{user}:[redacted]@{host}"))
    });
    let mut shown = login.unwrap_or_else(|| address.to_owned());
    if let Some(parameters) = parameters {
        let hidden: Vec<String> = parameters.split('&').map(masked_parameter).collect();
        shown = format!("{shown}?{}", hidden.join("&"));
    }
    shown
}

/// What a text in TOML ends with stays.
fn masked_parameter(parameter: &str) -> String {
    let secret =
        |name: &str| ["pass", "secret", "token", "key", "auth"].iter().any(|word| name.contains(word));
    match parameter.split_once('=') {
        Some((name, value)) if secret(&name.to_ascii_lowercase()) => {
            let end = value.find(['"', '\'', ',', ']']).map_or("", |end| &value[end..]);
            format!("{name}=[redacted]{end}")
        }
        _ => parameter.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_addresses_do_not_show() {
        for (address, shown) in [
            ("redis://:s3cret@h:6379", "redis://:[redacted]@h:6379"),
            ("unix:/run/r.sock?db=1&pass=s3cret", "unix:/run/r.sock?db=1&pass=[redacted]"),
            (
                "\"http://ann:s3cret@h/x?PASSWORD=s3cret\"",
                "\"http://ann:[redacted]@h/x?PASSWORD=[redacted]\"",
            ),
            ("https://h/x?y=1", "https://h/x?y=1"),
        ] {
            assert_eq!(masked(address), shown);
        }
    }

    #[test]
    fn a_password_of_a_file_is_put_into_the_address() {
        let with = |url: &str| with_password(url, "p@ss:w/rd");
        assert_eq!(with("redis://h:6379/1"), "redis://:p%40ss%3Aw%2Frd@h:6379/1");
        assert_eq!(with("redis://ann@h"), "redis://ann:p%40ss%3Aw%2Frd@h");
        assert_eq!(with("rediss://ann:old@h"), "rediss://ann:p%40ss%3Aw%2Frd@h");
        assert_eq!(with("unix:/r.sock"), "unix:/r.sock?pass=p%40ss%3Aw%2Frd");
        assert_eq!(with("unix:/r.sock?db=1"), "unix:/r.sock?db=1&pass=p%40ss%3Aw%2Frd");
    }

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
