//! Redis: a cache of the newest ranking, candles and cooldowns, and a channel of snapshots to read-only nodes.
//!
//! | key | what |
//! | --- | --- |
//! | `PREFIX:ranking` | the newest WebSocket message, JSON, with TTL |
//! | `PREFIX:bundle` | the newest bundle (JSON, zstd), with TTL: for nodes that start later |
//! | `PREFIX:symbol:NAME` | the newest report of a pair, JSON, with TTL |
//! | `PREFIX:candles:INTERVAL:NAME` | list of candles as JSON arrays, oldest first |
//! | `PREFIX:cooldown:NAME` | market time of the pair's newest alert, ms, with TTL |
//! | channel `PREFIX:snapshots` | each bundle |
//! | `PREFIX:failover:lease` | which of two scanners sends, with TTL: fencing number and holder |
//! | `PREFIX:failover:fence` | the newest fencing number with its holder |
//! | `PREFIX:failover:born`, `:waits` | a Redis that has forgotten all lets nobody in for the time of a lease |
//! | `PREFIX:failover:machines` | when each of the two was heard of, and what it does |
//! | `PREFIX:failover:changes` | stream of the sending one's changes, JSON, zstd |
//! | `PREFIX:failover:snapshot` | what these changes stand on: fencing number and holder, id of the newest change in it, rows (JSON, zstd) |
//! | `PREFIX:failover:offered` | messages that only the one that does not send has |

mod failover;
mod reader;
mod writer;

pub use failover::RedisFailover;
pub(crate) use reader::RedisCandles;
pub(crate) use reader::watch;
pub(crate) use writer::RedisCache;

use crate::actors::ports::redis::PublishError;
use crate::adapters::net::network;
use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::candle::Candle;
use crate::domain::duration::seconds;
use crate::domain::moment::MarketTime;
use crate::i18n::{Text, text};
use redis::aio::ConnectionManagerConfig;
use redis::{Client, TlsCertificates};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Candles of a pair and interval that stay: as many as the API of a read-only node gives at once.
const KEPT: isize = 1_000;
/// Longest wait for an answer. Redis answers in under 1 ms; past this it hangs, and the publisher must know before the
/// next cycle.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// Candles stay this long after the newest was added, s: pairs that were delisted go by themselves, and a scanner that is
/// down for a night finds its cache again.
const CANDLES_TTL_S: i64 = 86_400;
/// Compression of bundles. They live for one cycle: higher levels cost more than the bytes that they save.
const ZSTD_LEVEL: i32 = 1;
/// Largest bundle that is read, bytes: ten times one of 5,000 pairs. Whoever can write to Redis must not fill this memory.
const MAX_BUNDLE: usize = 64 * 1024 * 1024;
/// A part of something larger is closed behind the row that brings it to so many bytes: with the largest row, it stays below
/// `MAX_BUNDLE`.
const PART: usize = 16 * 1024 * 1024;

/// What keys begin with, and how long they stay.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Keys {
    /// What every key and channel begins with.
    pub(crate) prefix: String,
    /// How long the newest ranking stays.
    #[serde(rename = "ttl_s", deserialize_with = "seconds")]
    pub(crate) ttl: Duration,
}

impl Keys {
    pub(crate) const ALLOWED: Allowed = &[("ttl_s", Range(5.0, 86_400.0))];

    fn of(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    fn candles(&self, interval: &str, symbol: &str) -> String {
        format!("{}:candles:{interval}:{symbol}", self.prefix)
    }
}

/// `redis://`, `rediss://` (TLS, by the usual authorities or those of the settings) or `unix:`.
fn client(url: &str) -> Result<Client, PublishError> {
    let root_cert = network().ca_pem.clone();
    let opened = match url.starts_with("rediss://") {
        true => Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert }),
        false => Client::open(url),
    };
    opened.map_err(|_| PublishError(text!(redis_address_senseless)))
}

fn config() -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_response_timeout(Some(ANSWER_WITHIN))
        .set_connection_timeout(Some(ANSWER_WITHIN))
        // Once and soon: the publisher has pauses of its own, which the status tells of.
        .set_number_of_retries(1)
        .set_max_delay(Duration::from_secs(2))
}

/// The error's own text holds no address; the detail of a server may.
fn failed(error: &redis::RedisError) -> PublishError {
    let said = format!("{:?}: {}", error.kind(), error.detail().unwrap_or("no detail"));
    PublishError(Text::verbatim(said))
}

fn pack(value: &impl Serialize) -> Result<Vec<u8>, PublishError> {
    let json = serde_json::to_vec(value).map_err(|e| PublishError(Text::verbatim(e.to_string())))?;
    zstd::bulk::compress(&json, ZSTD_LEVEL).map_err(|e| PublishError(Text::verbatim(e.to_string())))
}

/// Rows in parts of which each can be read within `MAX_BUNDLE`; at least one.
fn pack_parts<T: Serialize>(rows: &[T]) -> Result<Vec<Vec<u8>>, PublishError> {
    let mut parts = Vec::new();
    let mut json = Vec::new();
    for row in rows {
        json.push(if json.is_empty() { b'[' } else { b',' });
        serde_json::to_writer(&mut json, row).map_err(|e| PublishError(Text::verbatim(e.to_string())))?;
        if json.len() >= PART {
            parts.push(seal(&mut json)?);
        }
    }
    if json.is_empty() && parts.is_empty() {
        json.push(b'[');
    }
    if !json.is_empty() {
        parts.push(seal(&mut json)?);
    }
    Ok(parts)
}

fn seal(json: &mut Vec<u8>) -> Result<Vec<u8>, PublishError> {
    json.push(b']');
    let packed =
        zstd::bulk::compress(json, ZSTD_LEVEL).map_err(|e| PublishError(Text::verbatim(e.to_string())));
    json.clear();
    packed
}

fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, PublishError> {
    unpack_within(bytes, MAX_BUNDLE).map(|(value, _)| value)
}

/// A value of at most `most` bytes of JSON, and how many it has.
fn unpack_within<T: DeserializeOwned>(bytes: &[u8], most: usize) -> Result<(T, usize), PublishError> {
    let json =
        zstd::bulk::decompress(bytes, most).map_err(|e| PublishError(Text::verbatim(e.to_string())))?;
    let understood = serde_json::from_slice(&json);
    let value = understood.map_err(|e| PublishError(text!(redis_not_understood, why = e.to_string())))?;
    Ok((value, json.len()))
}

/// Rows of all parts, of at most `most` bytes together: each part alone is small, and whoever can write to Redis can write many.
fn unpack_parts<T: DeserializeOwned>(
    parts: &[impl AsRef<[u8]>],
    most: usize,
) -> Result<Vec<T>, PublishError> {
    let (mut rows, mut room) = (Vec::new(), most);
    for part in parts {
        let (mut own, bytes): (Vec<T>, usize) = unpack_within(part.as_ref(), room.min(MAX_BUNDLE))?;
        room -= bytes;
        rows.append(&mut own);
    }
    Ok(rows)
}

type Line = (i64, f64, f64, f64, f64, f64, f64, bool);

fn line(c: &Candle) -> String {
    let line: Line = (c.open_time.ms(), c.open, c.high, c.low, c.close, c.volume, c.quote_volume, c.filled);
    serde_json::to_string(&line).unwrap_or_default()
}

fn candle(text: &str) -> Option<Candle> {
    let (open_time, open, high, low, close, volume, quote_volume, filled): Line =
        serde_json::from_str(text).ok()?;
    let open_time = MarketTime::from_ms(open_time);
    Some(Candle { open_time, open, high, low, close, volume, quote_volume, closed: true, filled })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_are_small_alone_may_not_fill_the_memory_together() {
        let rows: Vec<String> = (0..3).map(|_| "0".repeat(10_000)).collect();
        // Zeros pack a thousandfold.
        let parts: Vec<Vec<u8>> = rows.iter().map(|row| pack(&[row]).expect("packed")).collect();
        assert!(parts.iter().map(Vec::len).sum::<usize>() < 300);
        assert_eq!(unpack_parts::<String>(&parts, 40_000).expect("room for all"), rows);
        assert!(unpack_parts::<String>(&parts, 25_000).is_err(), "two of three fit");
        assert!(unpack_parts::<String>(&[b"no zstd"], 40_000).is_err());
    }
}
