//! Decoding of the REST answers. Unknown fields, filters and statuses are no error.

use crate::domain::candle::Candle;
use crate::domain::symbol::Symbol;
use crate::domain::time::{Interval, UtcMs};
use crate::domain::universe::{PairInfo, PairStatus};
use crate::exchange::number::Num;
use crate::exchange::rest::error::RestError;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use std::fmt;

/// Limits by address, as exchangeInfo announces them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimits {
    /// REQUEST_WEIGHT a minute; `None` when the answer does not name it.
    pub request_weight_1m: Option<u32>,
    /// RAW_REQUESTS: how many in how many ms.
    pub(crate) raw_requests: Option<(u32, i64)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ExchangeInfo {
    /// The exchange's clock; `None` when not told.
    pub server_time: Option<UtcMs>,
    /// Every pair, of any status and quote asset.
    pub pairs: Vec<PairInfo>,
    /// Limits of this address.
    pub limits: RateLimits,
    /// Entries of the list that could not be read.
    pub skipped: u32,
}

/// A pair's rolling 24 h figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticker24h {
    pub symbol: Symbol,
    /// Last price, quote asset.
    pub(crate) last_price: f64,
    /// Volume of 24 h, base asset.
    pub volume: f64,
    /// Volume of 24 h, quote asset.
    pub quote_volume: f64,
    /// End of the window.
    pub close_time: UtcMs,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InfoWire {
    #[serde(default)]
    server_time: Option<UtcMs>,
    #[serde(default)]
    rate_limits: Vec<serde_json::Value>,
    symbols: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LimitWire {
    rate_limit_type: String,
    interval: String,
    interval_num: i64,
    limit: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SymbolWire {
    symbol: String,
    status: String,
    base_asset: String,
    quote_asset: String,
    // Spot-only market data hosts may leave it out.
    #[serde(default = "yes")]
    is_spot_trading_allowed: bool,
    #[serde(default)]
    filters: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NotionalWire {
    filter_type: String,
    #[serde(default)]
    min_notional: Option<Num>,
}

const fn yes() -> bool {
    true
}

fn malformed(what: &str, error: impl fmt::Display) -> RestError {
    RestError::Malformed(format!("{what}: {error}"))
}

/// Reads `GET /api/v3/exchangeInfo`. An entry that cannot be read is skipped and counted.
///
/// # Errors
/// `Malformed` when the body is not that answer or holds no readable pair at all: an empty list would
/// halt the whole market.
pub fn decode_exchange_info(body: &[u8]) -> Result<ExchangeInfo, RestError> {
    let wire: InfoWire = serde_json::from_slice(body).map_err(|e| malformed("exchangeInfo", e))?;
    let mut skipped = 0;
    let mut pairs = Vec::with_capacity(wire.symbols.len());
    for entry in wire.symbols {
        match SymbolWire::deserialize(entry) {
            Ok(symbol) if !symbol.symbol.is_empty() => pairs.push(pair_info(&symbol)),
            _ => skipped += 1,
        }
    }
    if pairs.is_empty() {
        return Err(malformed("exchangeInfo", format_args!("no readable pair, {skipped} unreadable")));
    }
    Ok(ExchangeInfo { server_time: wire.server_time, pairs, limits: rate_limits(wire.rate_limits), skipped })
}

fn pair_info(wire: &SymbolWire) -> PairInfo {
    // By filterType, never by position; the newer NOTIONAL goes before MIN_NOTIONAL.
    let notional = |wanted: &str| {
        wire.filters
            .iter()
            .filter(|f| f.get("filterType").and_then(serde_json::Value::as_str) == Some(wanted))
            .find_map(|f| NotionalWire::deserialize(f).ok().filter(|n| n.filter_type == wanted)?.min_notional)
    };
    PairInfo {
        symbol: Symbol::new(&wire.symbol),
        status: PairStatus::from(wire.status.as_str()),
        base_asset: wire.base_asset.clone(),
        quote_asset: wire.quote_asset.clone(),
        min_notional: notional("NOTIONAL").or_else(|| notional("MIN_NOTIONAL")).map(|n| n.0),
        spot_allowed: wire.is_spot_trading_allowed,
    }
}

fn rate_limits(entries: Vec<serde_json::Value>) -> RateLimits {
    let mut limits = RateLimits::default();
    for limit in entries.into_iter().filter_map(|entry| LimitWire::deserialize(entry).ok()) {
        let unit_ms = match limit.interval.as_str() {
            "SECOND" => 1_000,
            "MINUTE" => 60_000,
            "HOUR" => 3_600_000,
            "DAY" => 86_400_000,
            _ => continue,
        };
        let interval_ms = unit_ms * limit.interval_num.clamp(1, 1_000);
        match limit.rate_limit_type.as_str() {
            "REQUEST_WEIGHT" if interval_ms == 60_000 => limits.request_weight_1m = Some(limit.limit),
            "RAW_REQUESTS" => limits.raw_requests = Some((limit.limit, interval_ms)),
            _ => {}
        }
    }
    limits
}

/// Reads `GET /api/v3/time`.
///
/// # Errors
/// `Malformed` when the body is not that answer.
pub(crate) fn decode_server_time(body: &[u8]) -> Result<UtcMs, RestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        server_time: UtcMs,
    }
    serde_json::from_slice::<Wire>(body).map(|w| w.server_time).map_err(|e| malformed("time", e))
}

/// Reads `GET /api/v3/ticker/24hr?type=MINI`; an entry that cannot be read is left out.
///
/// # Errors
/// `Malformed` when the body is not a list.
pub(crate) fn decode_mini_tickers(body: &[u8]) -> Result<Vec<Ticker24h>, RestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        symbol: String,
        last_price: Num,
        volume: Num,
        quote_volume: Num,
        close_time: UtcMs,
    }
    let entries: Vec<serde_json::Value> =
        serde_json::from_slice(body).map_err(|e| malformed("ticker/24hr", e))?;
    Ok(entries
        .into_iter()
        .filter_map(|entry| Wire::deserialize(entry).ok())
        .map(|w| Ticker24h {
            symbol: Symbol::new(&w.symbol),
            last_price: w.last_price.0,
            volume: w.volume.0,
            quote_volume: w.quote_volume.0,
            close_time: w.close_time,
        })
        .collect())
}

/// One row of klines: open time, o, h, l, c, volume, close time, quote volume; the rest is passed over.
struct KlineRow {
    open_time: UtcMs,
    prices: [Num; 4],
    volume: Num,
    close_time: UtcMs,
    quote_volume: Num,
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = KlineRow;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a kline of at least 8 elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<KlineRow, A::Error> {
        fn take<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(seq: &mut A, at: usize) -> Result<T, A::Error> {
            seq.next_element()?.ok_or_else(|| A::Error::invalid_length(at, &RowVisitor))
        }
        let row = KlineRow {
            open_time: take(&mut seq, 0)?,
            prices: [take(&mut seq, 1)?, take(&mut seq, 2)?, take(&mut seq, 3)?, take(&mut seq, 4)?],
            volume: take(&mut seq, 5)?,
            close_time: take(&mut seq, 6)?,
            quote_volume: take(&mut seq, 7)?,
        };
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(row)
    }
}

impl<'de> Deserialize<'de> for KlineRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowVisitor)
    }
}

/// The newest candle of an answer is final when the exchange is past its end by so much, ms: the server that answers may be a
/// little behind the one that told the time, and one event may be ahead by as much before it is doubted.
const FINAL_AFTER_MS: i64 = 5_000;

/// Reads `GET /api/v3/klines`: oldest first. A candle is closed when a newer one stands in the same answer, or when the
/// exchange was past its end before it was asked (`said`: what it called its time then). What the machine's clock makes of
/// the time since says nothing: in an outage it ends candles that go on.
///
/// # Errors
/// `Malformed` when the body is not that answer, a candle makes no sense, or the order is not ascending.
pub fn decode_klines(body: &[u8], interval: Interval, said: UtcMs) -> Result<Vec<Candle>, RestError> {
    let rows: Vec<KlineRow> = serde_json::from_slice(body).map_err(|e| malformed("klines", e))?;
    let mut candles: Vec<Candle> = Vec::with_capacity(rows.len());
    let newest = rows.last().map_or(0, |row| row.open_time);
    for row in rows {
        let [open, high, low, close] = row.prices.map(|p| p.0);
        let candle = Candle {
            open_time: row.open_time,
            open,
            high,
            low,
            close,
            volume: row.volume.0,
            quote_volume: row.quote_volume.0,
            closed: row.open_time < newest || row.close_time < said.saturating_sub(FINAL_AFTER_MS),
            filled: false,
        };
        check_candle(&candle, interval).map_err(|e| malformed("klines", e))?;
        if candles.last().is_some_and(|last| last.open_time >= candle.open_time) {
            return Err(malformed("klines", format_args!("open time {} out of order", candle.open_time)));
        }
        candles.push(candle);
    }
    Ok(candles)
}

/// Why a candle of the exchange cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CandleError {
    #[error("prices must be positive, low the least and high the greatest")]
    Prices,
    #[error("volumes must not be negative")]
    Volume,
    #[error("the open time is not on the interval's grid")]
    OpenTime,
}

pub(crate) fn check_candle(candle: &Candle, interval: Interval) -> Result<(), CandleError> {
    let body = candle.open.min(candle.close)..=candle.open.max(candle.close);
    if candle.low <= 0.0 || candle.low > *body.start() || candle.high < *body.end() {
        return Err(CandleError::Prices);
    }
    if candle.volume < 0.0 || candle.quote_volume < 0.0 {
        return Err(CandleError::Volume);
    }
    if candle.open_time <= 0 || candle.open_time != interval.floor(candle.open_time) {
        return Err(CandleError::OpenTime);
    }
    Ok(())
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
