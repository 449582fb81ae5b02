//! Decoding of the REST answers. Unknown fields, filters and statuses are no error.

use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::universe::{PairInfo, PairStatus};
use crate::exchange::left_out::{Decoded, LeftOut, name_of};
use crate::exchange::number::Num;
use crate::exchange::rest::error::RestError;
use crate::exchange::rest::klines::check_figures;
use serde::Deserialize;

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
    pub server_time: Option<MarketTime>,
    /// Every pair, of any status and quote asset.
    pub pairs: Vec<PairInfo>,
    /// Limits of this address.
    pub limits: RateLimits,
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
    pub close_time: MarketTime,
}

/// Pairs of one list that are taken: several times as many as the exchange has of all kinds. Each becomes an actor.
const MAX_PAIRS: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InfoWire {
    // Whatever they are, they must not cost the list of pairs.
    #[serde(default)]
    server_time: serde_json::Value,
    #[serde(default)]
    rate_limits: serde_json::Value,
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

/// Reads `GET /api/v3/exchangeInfo`. An entry that cannot be read is left out.
///
/// # Errors
/// `Malformed` when the body is not that answer or holds no readable pair at all: an empty list would
/// halt the whole market.
pub fn decode_exchange_info(body: &[u8]) -> Result<Decoded<ExchangeInfo>, RestError> {
    let wire: InfoWire = serde_json::from_slice(body).map_err(|e| RestError::malformed("exchangeInfo", e))?;
    let mut left_out = LeftOut::default();
    let mut pairs = Vec::with_capacity(wire.symbols.len());
    for entry in wire.symbols {
        match SymbolWire::deserialize(&entry) {
            Ok(_) if pairs.len() >= MAX_PAIRS => left_out.add(name_of(&entry, "symbol"), "too many pairs"),
            Ok(symbol) if Symbol::is_name(&symbol.symbol) => pairs.push(pair_info(&symbol)),
            Ok(_) => left_out.add(format!("{:?}", name_of(&entry, "symbol")), "that is no name of a pair"),
            Err(error) => left_out.add(name_of(&entry, "symbol"), error),
        }
    }
    if pairs.is_empty() {
        let unreadable = left_out.count;
        return Err(RestError::malformed(
            "exchangeInfo",
            format_args!("no readable pair, {unreadable} unreadable"),
        ));
    }
    let limits = rate_limits(wire.rate_limits.as_array().map_or(&[], Vec::as_slice));
    let server_time = wire.server_time.as_i64().map(MarketTime::from_ms);
    let info = ExchangeInfo { server_time, pairs, limits };
    Ok(Decoded { value: info, left_out })
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

fn rate_limits(entries: &[serde_json::Value]) -> RateLimits {
    let mut limits = RateLimits::default();
    for limit in entries.iter().filter_map(|entry| LimitWire::deserialize(entry).ok()) {
        let unit_ms = match limit.interval.as_str() {
            "SECOND" => 1_000,
            "MINUTE" => 60_000,
            "HOUR" => 3_600_000,
            "DAY" => 86_400_000,
            _ => continue,
        };
        let interval_ms = unit_ms * limit.interval_num.clamp(1, 1_000);
        match limit.rate_limit_type.as_str() {
            // A limit of nothing would end all requests.
            "REQUEST_WEIGHT" if interval_ms == 60_000 && limit.limit > 0 => {
                limits.request_weight_1m = Some(limit.limit);
            }
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
pub(crate) fn decode_server_time(body: &[u8]) -> Result<Decoded<MarketTime>, RestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        server_time: MarketTime,
    }
    let wire: Wire = serde_json::from_slice(body).map_err(|e| RestError::malformed("time", e))?;
    Ok(Decoded { value: wire.server_time, left_out: LeftOut::default() })
}

/// Reads `GET /api/v3/ticker/24hr?type=MINI`; an entry that makes no sense is left out.
///
/// # Errors
/// `Malformed` when the body is not a list.
pub(crate) fn decode_mini_tickers(body: &[u8]) -> Result<Decoded<Vec<Ticker24h>>, RestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        symbol: String,
        last_price: Num,
        volume: Num,
        quote_volume: Num,
        close_time: MarketTime,
    }
    let entries: Vec<serde_json::Value> =
        serde_json::from_slice(body).map_err(|e| RestError::malformed("ticker/24hr", e))?;
    let (mut tickers, mut left_out) = (Vec::with_capacity(entries.len()), LeftOut::default());
    for entry in entries {
        let wire = match Wire::deserialize(&entry) {
            Ok(wire) => wire,
            Err(error) => {
                left_out.add(name_of(&entry, "symbol"), error);
                continue;
            }
        };
        let figures = [wire.last_price, wire.volume, wire.quote_volume].map(|n| n.0);
        if let Err(error) = check_figures(figures) {
            left_out.add(&wire.symbol, error);
            continue;
        }
        tickers.push(Ticker24h {
            symbol: Symbol::new(&wire.symbol),
            last_price: figures[0],
            volume: figures[1],
            quote_volume: figures[2],
            close_time: wire.close_time,
        });
    }
    Ok(Decoded { value: tickers, left_out })
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
