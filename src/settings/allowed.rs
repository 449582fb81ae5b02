//! What each setting may say, in one place: a range, or a text that makes sense. What several settings must keep to together
//! is in `Settings::consistent`.

use super::channels;
use super::error::SettingsError;
use super::show::{leaves, shown};
use super::stores::StorePlace;
use crate::domain::alert::quiet::QuietHours;
use crate::domain::time::Interval;
use crate::i18n::{Text, text};
use crate::learning::arms::shadow::KEPT_DAYS;
use crate::web::base::is_base_path;
use crate::web::network::Network;
use config::{Map, Value, ValueKind};
use std::net::SocketAddr;

enum Allowed {
    /// A number, both ends included.
    Range(f64, f64),
    /// A text, or each text of a list, with what is allowed in words.
    Words(fn(&str) -> bool, fn() -> Text),
}
use Allowed::{Range, Words};

const WEB_ADDRESS: Allowed = Words(|t| is_address(t, WEB), || scheme(WEB));
const WEB: [&str; 2] = ["http://", "https://"];
const STREAM: [&str; 2] = ["ws://", "wss://"];

/// Keys that may not say everything that their type can; `*` is each channel.
const ALLOWED: [(&str, Allowed); 97] = [
    ("lang", Words(|t| ["", "es", "en"].contains(&t), || text!(allowed_own_language))),
    ("exchange.rest_url", WEB_ADDRESS),
    ("exchange.stream_url", Words(|t| is_address(t, STREAM), || scheme(STREAM))),
    (
        "exchange.base_interval",
        Words(|t| t.parse::<Interval>().is_ok(), || Text::verbatim("1m, 3m, 5m, 15m, 30m, 1h")),
    ),
    ("exchange.quote_asset", Words(|t| !t.is_empty(), || text!(allowed_asset))),
    ("exchange.max_min_notional", Range(0.0, 1e9)),
    ("exchange.universe_refresh_s", Range(10.0, 86_400.0)),
    ("exchange.market_speed", Range(0.1, 3_600.0)),
    // One connection that is cut would blind the whole market.
    ("exchange.connections", Range(2.0, 50.0)),
    // The exchange takes 1,024 streams on a connection; the mini ticker and those of a replacement need room.
    ("exchange.max_streams_per_connection", Range(10.0, 1_000.0)),
    ("exchange.rest_concurrency", Range(1.0, 64.0)),
    ("exchange.weight_share", Range(0.05, 1.0)),
    ("exchange.connect_timeout_ms", Range(100.0, 120_000.0)),
    ("exchange.response_timeout_ms", Range(100.0, 300_000.0)),
    // The exchange cuts every connection at 24 h (86,400 s); the replacement must be up before.
    ("exchange.connection_max_age_s", Range(60.0, 86_000.0)),
    ("exchange.connection_idle_timeout_s", Range(2.0, 300.0)),
    ("exchange.pair_idle_timeout_s", Range(3.0, 600.0)),
    ("analysis.tf_minutes", Words(is_bar, || Text::verbatim("1, 3, 5, 15, 30, 60"))),
    ("analysis.stale_after_s", Range(10.0, 3_600.0)),
    ("analysis.rest_refresh_after_s", Range(5.0, 3_600.0)),
    ("analysis.pause_jump_minutes", Range(1.0, 1_440.0)),
    ("analysis.pause_jump_pct", Range(0.1, 1_000.0)),
    ("cycle.interval_s", Range(1.0, 3_600.0)),
    ("cycle.close_grace_ms", Range(0.0, 10_000.0)),
    ("cycle.deadline_ms", Range(50.0, 30_000.0)),
    ("ranking.min_volume_24h", Range(0.0, 1e15)),
    ("ranking.min_price", Range(0.0, 1e12)),
    ("ranking.max_price", Range(0.0, 1e12)),
    ("model.file", Words(|t| !t.is_empty(), || text!(allowed_model))),
    ("model.adapt_half_life_days", Range(0.5, 365.0)),
    ("model.adapt_prior_days", Range(0.0, 365.0)),
    ("model.adapt_max_decrease", Range(0.0, 5.0)),
    ("model.adapt_max_increase", Range(0.0, 0.8)),
    ("model.adapt_fade_from", Range(0.01, 0.79)),
    ("model.adapt_fade_to", Range(0.21, 0.99)),
    ("model.adapt_slope_half_life_days", Range(0.5, 365.0)),
    ("model.adapt_slope_prior_days", Range(0.5, 365.0)),
    ("model.adapt_slope_min", Range(0.5, 1.0)),
    ("model.adapt_slope_max", Range(1.0, 2.0)),
    ("model.drift_alarm", Range(0.0, 5.0)),
    ("experiment.min_days", Range(1.0, 365.0)),
    ("experiment.min_resolved", Range(1.0, 1e8)),
    ("experiment.min_fuerte", Range(1.0, 100_000.0)),
    ("experiment.tolerance", Range(0.0, 1.0)),
    ("experiment.rollback_min_days", Range(1.0, 365.0)),
    ("experiment.retrain_every_days", Range(0.0, 365.0)),
    ("experiment.retune_every_days", Range(0.0, 365.0)),
    ("experiment.training_min_days", Range(1.0, 365.0)),
    ("alert.confirm_cycles", Range(1.0, 100.0)),
    ("alert.breakout_points", Range(0.0, 100.0)),
    ("alert.hysteresis", Range(0.0, 50.0)),
    ("alert.cooldown_s", Range(0.0, 604_800.0)),
    ("alert.escalation_points", Range(0.1, 100.0)),
    ("alert.digest_s", Range(0.0, 86_400.0)),
    ("alert.summary_from", Range(2.0, 1_000.0)),
    ("alert.move_update_s", Range(0.0, 86_400.0)),
    ("alert.episode_timeout_s", Range(60.0, 604_800.0)),
    ("alert.expire_s", Range(60.0, 604_800.0)),
    (
        "alert.quiet_hours",
        Words(|t| t.is_empty() || t.parse::<QuietHours>().is_ok(), || text!(allowed_quiet_hours)),
    ),
    ("alert.time_zone", Words(|t| jiff::tz::TimeZone::get(t).is_ok(), || text!(allowed_time_zone))),
    ("alert.language", Words(|t| ["es", "en"].contains(&t), || Text::verbatim("es, en"))),
    ("alert.dashboard_url", Words(|t| t.is_empty() || is_address(t, WEB), || scheme(WEB))),
    ("channels.*.language", Words(|t| ["", "es", "en"].contains(&t), || text!(allowed_language))),
    ("channels.*.min_level", Words(|t| ["ALTA", "FUERTE"].contains(&t), || text!(allowed_alert_level))),
    ("channels.*.daily_cap", Range(0.0, 100_000.0)),
    (
        "channels.telegram.command_users",
        Words(|t| t.parse::<u64>().is_ok() || (t.len() > 1 && t.starts_with('@')), || text!(allowed_users)),
    ),
    ("channels.telegram.chats", Words(|t| channels::parse_chat(t).is_some(), || text!(allowed_chat))),
    (
        "channels.email.security",
        Words(|t| ["starttls", "tls", "none"].contains(&t), || Text::verbatim("starttls, tls, none")),
    ),
    ("channels.email.port", Range(0.0, 65_535.0)),
    ("history.store", Words(|t| StorePlace::parse(t).is_some(), || text!(allowed_store))),
    ("history.clickhouse_cluster", Words(is_cluster, || text!(allowed_cluster))),
    ("history.full_scores_hours", Range(1.0, 24.0 * 3_650.0)),
    ("history.scores_days", Range(1.0, 3_650.0)),
    ("history.candles_days", Range(2.0, 3_650.0)),
    ("history.hour_candles_days", Range(2.0, 36_500.0)),
    // The experiment holds its arms against single predictions of so many days.
    ("history.predictions_days", Range(KEPT_DAYS as f64, 36_500.0)),
    ("history.compact_every_min", Range(1.0, 10_080.0)),
    ("history.spill_mib", Range(1.0, 1_000_000.0)),
    ("history.timeout_ms", Range(100.0, 600_000.0)),
    ("redis.url", Words(is_redis, || text!(allowed_redis))),
    ("redis.ttl_s", Range(5.0, 86_400.0)),
    ("web.bind", Words(|t| t.parse::<SocketAddr>().is_ok(), || text!(allowed_bind))),
    ("web.workers", Range(1.0, 64.0)),
    ("web.max_clients", Range(1.0, 100_000.0)),
    ("web.max_clients_each", Range(1.0, 100_000.0)),
    ("web.max_connections_each", Range(16.0, 100_000.0)),
    ("web.hosts", Words(is_host, || text!(allowed_hosts))),
    ("web.trusted_proxies", Words(|t| t.parse::<Network>().is_ok(), || text!(allowed_networks))),
    ("web.base_path", Words(is_base_path, || text!(allowed_base_path))),
    ("web.rate_limit_per_s", Range(0.0, 1e6)),
    ("web.rate_limit_burst", Range(1.0, 1e6)),
    ("web.cors_origins", Words(is_origin, || text!(allowed_origins))),
    (
        "log.level",
        Words(|t| t.parse::<tracing_subscriber::filter::Targets>().is_ok(), || text!(allowed_log_level)),
    ),
    ("log.format", Words(|t| ["text", "json", "auto"].contains(&t), || Text::verbatim("text, json, auto"))),
    ("system.shards", Range(1.0, 64.0)),
    ("system.restart_budget", Range(1.0, 1_000.0)),
    ("system.restart_window_s", Range(1.0, 86_400.0)),
];

fn scheme([one, other]: [&str; 2]) -> Text {
    text!(allowed_scheme, one = one.to_owned(), other = other.to_owned())
}

fn is_address(text: &str, schemes: [&str; 2]) -> bool {
    let host = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    host.is_some_and(|h| !h.is_empty() && !h.starts_with('/') && !h.contains(char::is_whitespace))
}

fn is_bar(minutes: &str) -> bool {
    Interval::ALL.iter().any(|interval| interval.minutes().to_string() == minutes)
}

fn is_cluster(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || ['_', '-', '.'].contains(&c))
}

fn is_redis(text: &str) -> bool {
    text.is_empty() || ["redis://", "rediss://", "unix:"].iter().any(|scheme| text.starts_with(scheme))
}

/// A name, with a port or without.
fn is_host(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    !text.is_empty() && text.chars().all(plain)
}

/// A scheme and a host, nothing after it, no wildcard: what browsers send as `Origin`.
fn is_origin(text: &str) -> bool {
    let host = WEB.iter().find_map(|scheme| text.strip_prefix(scheme));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    host.is_some_and(|h| !h.is_empty() && h.chars().all(plain))
}

/// # Errors
/// The first setting that the table does not allow.
pub(super) fn check(merged: &Map<String, Value>) -> Result<(), SettingsError> {
    leaves(merged).iter().try_for_each(|(key, value)| of(key).map_or(Ok(()), |a| a.check(key, value)))
}

fn of(key: &str) -> Option<&'static Allowed> {
    let name = key.strip_prefix("channels.").and_then(|rest| rest.split_once('.'));
    let of_channels = name.map(|(_, name)| format!("channels.*.{name}"));
    let found = ALLOWED.iter().find(|(own, _)| *own == key || of_channels.as_deref() == Some(*own));
    found.map(|(_, allowed)| allowed)
}

impl Allowed {
    fn check(&self, key: &str, value: &Value) -> Result<(), SettingsError> {
        match (self, &value.kind) {
            (Words(fits, words), ValueKind::Array(items)) => {
                items.iter().try_for_each(|item| check_text(key, item, *fits, *words))
            }
            (Words(fits, words), _) => check_text(key, value, *fits, *words),
            (Range(low, high), _) => within(key, value.clone().into_float().unwrap_or(f64::NAN), *low, *high),
        }
    }
}

fn check_text(
    key: &str,
    value: &Value,
    fits: fn(&str) -> bool,
    words: fn() -> Text,
) -> Result<(), SettingsError> {
    let plain = value.clone().into_string().unwrap_or_default();
    match plain.as_str() {
        plain if fits(plain) => Ok(()),
        "" => Err(SettingsError::empty(key, words())),
        _ => Err(SettingsError::value(key, shown(key, value), words())),
    }
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
    use crate::settings::{Settings, Sources};

    #[test]
    fn each_number_has_a_range_and_no_entry_is_without_its_setting() {
        let settings = Settings::load(&Sources::default()).unwrap();
        for (key, (value, _)) in &settings.origins {
            // The profile and the levels are checked as a whole: their numbers must keep to one another.
            let whole = key.starts_with("analysis.profile.") || key.starts_with("model.levels.");
            assert!(whole || value.parse::<f64>().is_err() || of(key).is_some(), "{key}");
        }
        for (key, _) in ALLOWED {
            assert!(settings.origins.contains_key(&key.replace('*', "email")), "{key}");
        }
    }
}
