//! One structure for each section of the settings, with its checks.

use super::SettingsError;
use crate::domain::alert::quiet::{LocalOffset, QuietHours};
use crate::domain::ranking::RankingFilters;
use crate::domain::score::profile::Profile;
use crate::domain::time::Interval;
use crate::i18n::{Language, Text, text};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[exchange]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExchangeSettings {
    pub rest_url: String,
    pub stream_url: String,
    /// Interval of the candles: 1m, or what the exchange at hand serves.
    pub base_interval: String,
    /// Quote asset of the scanned pairs.
    pub quote_asset: String,
    /// Greatest minimum notional of a scanned pair, quote asset.
    pub(crate) max_min_notional: f64,
    /// Between looks at exchangeInfo, s of market time.
    pub(crate) universe_refresh_s: u64,
    /// Stream connections at least.
    pub connections: usize,
    /// Streams on one connection at most.
    pub(crate) max_streams_per_connection: usize,
    /// REST tasks under way at once.
    pub(crate) rest_concurrency: usize,
    /// Share of the weight limit that is used, 0-1.
    pub weight_share: f64,
    /// Longest wait for a connection, ms.
    pub(crate) connect_timeout_ms: u64,
    /// Longest wait for an answer, ms.
    pub(crate) response_timeout_ms: u64,
    /// Age at which a stream connection is replaced, s.
    pub(crate) rotate_after_s: u64,
    /// A stream connection without an event for so long is given up, s.
    pub(crate) silent_after_s: u64,
    /// A pair that trades without a kline event for so long is asked about by REST, s of market time.
    pub(crate) pair_silent_after_s: u64,
}

/// `[analysis]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnalysisSettings {
    /// Minutes of a bar.
    pub tf_minutes: u32,
    /// Without news for so long a pair is stale, s of market time.
    pub(crate) stale_after_s: u64,
    /// A silent pair is asked about by REST after this, s of market time.
    pub(crate) idle_query_s: u64,
    /// Confirmed empty minutes that count as a pause before a jump.
    pub(crate) pause_jump_minutes: u32,
    /// A change across such a pause that is suspicious, percent.
    pub(crate) pause_jump_pct: f64,
    /// Points, thresholds and weights.
    pub profile: Profile,
}

/// `[cycle]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CycleSettings {
    /// Between cycles, s of market time.
    pub interval_s: u64,
    /// Longest wait for closing events on a full minute, ms of market time.
    pub close_grace_ms: u64,
    /// Longest wait for the pairs' reports, ms of machine time.
    pub deadline_ms: u64,
}

/// `[alert]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertSettings {
    /// Cycles that a level must hold.
    pub confirm_cycles: u32,
    /// With so many breakout points FUERTE needs one cycle only.
    pub(crate) breakout_points: f64,
    /// Points below its threshold at which a level is left.
    pub hysteresis: f64,
    /// Between two alerts of a pair, s of market time.
    pub cooldown_s: u64,
    /// A rise by so many points escalates.
    pub escalation_points: f64,
    /// ALTA is gathered for so long, s of market time; 0 sends it at once.
    pub(crate) digest_s: u64,
    /// So many alerts in one cycle become one summary.
    pub summary_from: usize,
    /// An episode that was not seen for so long is over, s of market time.
    pub(crate) episode_forget_s: u64,
    /// An alert older than this is not sent any more, s.
    pub(crate) expire_s: u64,
    /// Only watched pairs send alerts.
    pub watchlist_only: bool,
    /// No alerts in these hours, such as 23:00-07:30; empty for none.
    pub(crate) quiet_hours: String,
    /// Time zone of quiet hours and daily caps, such as Europe/Madrid.
    pub(crate) time_zone: String,
    /// Where messages link to; empty: the address of the own page.
    pub dashboard_url: String,
    /// Language of the alerts: es or en.
    pub language: Language,
}

/// `[web]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebSettings {
    /// Address and port of page and API; port 0 takes a free one.
    pub bind: String,
    /// Threads of the server.
    pub workers: usize,
    /// WebSocket clients at once.
    pub max_clients: usize,
    /// Reading needs no token, even where the server listens beyond loopback.
    pub public_read: bool,
    /// Other origins whose pages may use API and WebSocket.
    pub cors_origins: Vec<String>,
    /// Requests a second of one client in the long run; 0 for no limit.
    pub(crate) rate_limit_per_s: u32,
    /// Requests of one client at once after a pause.
    pub(crate) rate_limit_burst: u32,
    /// Clients of this machine are limited, too.
    pub(crate) rate_limit_loopback: bool,
}

/// `[state]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateSettings {
    /// Folder of what survives a restart; empty for the platform's.
    pub dir: String,
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSettings {
    /// error, warn, info, debug or trace; or directives such as `info,impulso=debug`.
    pub level: String,
    /// text, json or auto (text, but JSON under systemd).
    pub format: LogFormat,
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
#[serde(deny_unknown_fields)]
pub(crate) struct SystemSettings {
    /// Threads that own connections and their pairs.
    pub shards: usize,
    /// Restarts of an actor within the window before the long pause.
    pub(crate) restart_budget: u32,
    /// The window, s.
    pub(crate) restart_window_s: u64,
}

pub(super) fn within<T: PartialOrd + std::fmt::Display + Copy>(
    key: &str,
    found: T,
    low: T,
    high: T,
) -> Result<(), SettingsError> {
    if found >= low && found <= high {
        return Ok(());
    }
    let (low, high) = (low.to_string(), high.to_string());
    Err(SettingsError::value(key, found, text!(allowed_from_to, low = low, high = high)))
}

fn address(key: &str, found: &str, schemes: [&str; 2]) -> Result<(), SettingsError> {
    let host = schemes.iter().find_map(|scheme| found.strip_prefix(scheme));
    if host.is_some_and(|h| !h.is_empty() && !h.starts_with('/') && !h.contains(char::is_whitespace)) {
        return Ok(());
    }
    let [one, other] = schemes.map(str::to_owned);
    Err(SettingsError::value(key, format!("\"{found}\""), text!(allowed_scheme, one = one, other = other)))
}

impl ExchangeSettings {
    /// The base interval, once checked.
    pub(crate) fn base(&self) -> Interval {
        self.base_interval.parse().unwrap_or(Interval::M1)
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        address("exchange.rest_url", &self.rest_url, ["http://", "https://"])?;
        address("exchange.stream_url", &self.stream_url, ["ws://", "wss://"])?;
        if self.base_interval.parse::<Interval>().is_err() {
            let found = format!("\"{}\"", self.base_interval);
            return Err(SettingsError::value(
                "exchange.base_interval",
                found,
                Text::verbatim("1m, 3m, 5m, 15m, 30m, 1h"),
            ));
        }
        if self.quote_asset.is_empty() {
            return Err(SettingsError::empty("exchange.quote_asset", text!(allowed_asset)));
        }
        within("exchange.max_min_notional", self.max_min_notional, 0.0, 1e9)?;
        within("exchange.universe_refresh_s", self.universe_refresh_s, 10, 86_400)?;
        within("exchange.connections", self.connections, 2, 50)?;
        within("exchange.max_streams_per_connection", self.max_streams_per_connection, 10, 1_000)?;
        within("exchange.rest_concurrency", self.rest_concurrency, 1, 64)?;
        within("exchange.weight_share", self.weight_share, 0.05, 1.0)?;
        within("exchange.connect_timeout_ms", self.connect_timeout_ms, 100, 120_000)?;
        within("exchange.response_timeout_ms", self.response_timeout_ms, 100, 300_000)?;
        within("exchange.rotate_after_s", self.rotate_after_s, 60, 86_000)?;
        within("exchange.silent_after_s", self.silent_after_s, 2, 300)?;
        within("exchange.pair_silent_after_s", self.pair_silent_after_s, 3, 600)
    }
}

impl AnalysisSettings {
    /// The bar's length, once checked.
    pub(crate) fn tf(&self) -> Interval {
        Interval::ALL.into_iter().find(|i| i.minutes() == i64::from(self.tf_minutes)).unwrap_or(Interval::M15)
    }

    pub(super) fn validate(&self, exchange: &ExchangeSettings) -> Result<(), SettingsError> {
        if !Interval::ALL.iter().any(|i| i.minutes() == i64::from(self.tf_minutes)) {
            return Err(SettingsError::value(
                "analysis.tf_minutes",
                self.tf_minutes,
                Text::verbatim("1, 3, 5, 15, 30, 60"),
            ));
        }
        let base = exchange.base();
        if self.tf().ms() % base.ms() != 0 {
            let (found, base) = (self.tf_minutes.to_string(), (format!("\"{base}\""), base.minutes()));
            return Err(SettingsError::Value {
                key: "analysis.tf_minutes".to_owned(),
                found: text!(setting_with_base, found = found, base = base.0),
                allowed: text!(allowed_bar, minutes = base.1),
            });
        }
        within("analysis.stale_after_s", self.stale_after_s, 10, 3_600)?;
        within("analysis.idle_query_s", self.idle_query_s, 5, self.stale_after_s)?;
        within("analysis.pause_jump_minutes", self.pause_jump_minutes, 1, 1_440)?;
        within("analysis.pause_jump_pct", self.pause_jump_pct, 0.1, 1_000.0)?;
        self.profile.validate().map_err(|e| SettingsError::in_profile(&e))
    }
}

impl CycleSettings {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        within("cycle.interval_s", self.interval_s, 1, 3_600)?;
        if 3_600 % self.interval_s != 0 {
            let allowed = text!(allowed_cycle);
            return Err(SettingsError::value("cycle.interval_s", self.interval_s, allowed));
        }
        within("cycle.close_grace_ms", self.close_grace_ms, 0, 10_000)?;
        within("cycle.deadline_ms", self.deadline_ms, 50, 30_000)
    }
}

/// `[ranking]`.
pub(super) fn validate_ranking(own: &RankingFilters) -> Result<(), SettingsError> {
    within("ranking.min_volume_24h", own.min_volume_24h, 0.0, 1e15)?;
    within("ranking.min_price", own.min_price, 0.0, 1e12)?;
    within("ranking.max_price", own.max_price, own.min_price, 1e12)
}

impl AlertSettings {
    fn zone(&self) -> Result<jiff::tz::TimeZone, jiff::Error> {
        jiff::tz::TimeZone::get(&self.time_zone)
    }

    /// Minutes that the user's time zone is ahead of UTC, summer time included.
    pub(crate) fn local(&self) -> LocalOffset {
        let Ok(zone) = self.zone() else { return LocalOffset::default() };
        LocalOffset::new(move |at| {
            let moment = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
            i64::from(zone.to_offset(moment).seconds()) / 60
        })
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        within("alert.confirm_cycles", self.confirm_cycles, 1, 100)?;
        within("alert.breakout_points", self.breakout_points, 0.0, 100.0)?;
        within("alert.hysteresis", self.hysteresis, 0.0, 50.0)?;
        within("alert.cooldown_s", self.cooldown_s, 0, 604_800)?;
        within("alert.escalation_points", self.escalation_points, 0.1, 100.0)?;
        within("alert.digest_s", self.digest_s, 0, 86_400)?;
        within("alert.summary_from", self.summary_from, 2, 1_000)?;
        within("alert.episode_forget_s", self.episode_forget_s, 60, 604_800)?;
        within("alert.expire_s", self.expire_s, 60, 604_800)?;
        if !self.quiet_hours.is_empty() && self.quiet_hours.parse::<QuietHours>().is_err() {
            let found = format!("\"{}\"", self.quiet_hours);
            return Err(SettingsError::value("alert.quiet_hours", found, text!(allowed_quiet_hours)));
        }
        if self.zone().is_err() {
            let found = format!("\"{}\"", self.time_zone);
            let allowed = text!(allowed_time_zone);
            return Err(SettingsError::value("alert.time_zone", found, allowed));
        }
        if self.dashboard_url.is_empty() {
            return Ok(());
        }
        address("alert.dashboard_url", &self.dashboard_url, ["http://", "https://"])
    }
}

/// A scheme and a host, nothing after it, no wildcard: what browsers send as `Origin`.
fn origin_is_right(found: &str) -> Result<(), SettingsError> {
    let host = ["http://", "https://"].iter().find_map(|scheme| found.strip_prefix(scheme));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    if host.is_some_and(|h| !h.is_empty() && h.chars().all(plain)) {
        return Ok(());
    }
    let allowed = text!(allowed_origins);
    Err(SettingsError::value("web.cors_origins", format!("\"{found}\""), allowed))
}

impl WebSettings {
    /// The address, once checked.
    pub(crate) fn address(&self) -> SocketAddr {
        self.bind.parse().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 8080)))
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if self.bind.parse::<SocketAddr>().is_err() {
            let found = format!("\"{}\"", self.bind);
            return Err(SettingsError::value("web.bind", found, text!(allowed_bind)));
        }
        within("web.workers", self.workers, 1, 64)?;
        within("web.max_clients", self.max_clients, 1, 100_000)?;
        within("web.rate_limit_per_s", self.rate_limit_per_s, 0, 1_000_000)?;
        within("web.rate_limit_burst", self.rate_limit_burst, 1, 1_000_000)?;
        self.cors_origins.iter().try_for_each(|origin| origin_is_right(origin))
    }
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

impl LogSettings {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if self.level.parse::<tracing_subscriber::filter::Targets>().is_ok() {
            return Ok(());
        }
        let found = format!("\"{}\"", self.level);
        let allowed = text!(allowed_log_level);
        Err(SettingsError::value("log.level", found, allowed))
    }
}

impl SystemSettings {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        within("system.shards", self.shards, 1, 64)?;
        within("system.restart_budget", self.restart_budget, 1, 1_000)?;
        within("system.restart_window_s", self.restart_window_s, 1, 86_400)
    }
}
