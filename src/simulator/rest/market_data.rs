//! Candles, tickers, trades and the book, all made of the one market truth.

use crate::domain::moment::MarketTime;
use crate::simulator::market::pair::Pair;
use crate::simulator::market::{Kline, span_ms};
use crate::simulator::rest::answer::{Answer, Params, number};
use crate::simulator::state::State;
use crate::simulator::stream::events::first_trade;
use serde_json::{Value, json};
use std::sync::Arc;

type Refusal = (i64, String);

fn pair(state: &State, query: &Params) -> Result<Arc<Pair>, Refusal> {
    let name = query.get("symbol").filter(|n| !n.is_empty()).ok_or_else(|| missing("symbol"))?;
    let now = state.market_now();
    state
        .market
        .pair(name)
        .filter(|p| p.status_at(now).is_some())
        .ok_or((-1121, "Invalid symbol.".to_owned()))
}

fn missing(name: &str) -> Refusal {
    (-1102, format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed."))
}

fn integer(query: &Params, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = query.get(name) else { return Ok(None) };
    if text.is_empty() {
        return Err((-1105, format!("Parameter '{name}' was empty.")));
    }
    let bad = || {
        (-1100, format!("Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'."))
    };
    text.parse::<i64>().ok().filter(|v| *v >= 0).map(Some).ok_or_else(bad)
}

fn limit(query: &Params, most: i64) -> Result<usize, Refusal> {
    let limit = integer(query, "limit")?.unwrap_or(500);
    if limit == 0 {
        return Err((-1130, "Data sent for parameter 'limit' is not valid.".to_owned()));
    }
    Ok(usize::try_from(limit.min(most)).unwrap_or(500))
}

/// /api/v3/klines.
///
/// # Errors
/// -1100, -1102, -1105, -1120, -1121 and -1130 as the exchange gives them.
pub(crate) fn klines(state: &State, query: &Params, unit: i64) -> Answer {
    let pair = pair(state, query)?;
    let interval = query.get("interval").ok_or_else(|| missing("interval"))?;
    let span = span_ms(interval).filter(|s| state.market.serves(*s));
    let span = span.ok_or_else(|| (-1120, "Invalid interval.".to_owned()))?;
    let (from, to) = (integer(query, "startTime")?, integer(query, "endTime")?);
    let [from, to] = [from, to]
        .map(|t| t.map(|t| MarketTime::from_ms(if t > 100_000_000_000_000 { t / 1_000 } else { t })));
    let list = state.market.klines(&pair, span, from, to, limit(query, 1_000)?, state.market_now());
    Ok(list.iter().map(|k| row(k, unit)).collect())
}

fn row(k: &Kline, unit: i64) -> Value {
    let b = &k.bar;
    json!([
        k.open_time.ms() * unit,
        number(b.open),
        number(b.high),
        number(b.low),
        number(b.close),
        number(b.volume),
        (k.close_time.ms() + 1) * unit - 1,
        number(b.quote_volume),
        k.trades,
        number(b.volume / 2.0),
        number(b.quote_volume / 2.0),
        "0"
    ])
}

fn chosen(state: &State, query: &Params) -> Result<(Vec<Arc<Pair>>, bool), Refusal> {
    if query.contains_key("symbol") {
        return Ok((vec![pair(state, query)?], true));
    }
    let now = state.market_now();
    let Some(list) = query.get("symbols") else {
        return Ok((
            state.market.pairs().into_iter().filter(|p| p.status_at(now).is_some()).collect(),
            false,
        ));
    };
    let names: Vec<String> = serde_json::from_str(list)
        .map_err(|_| (-1100, "Illegal characters found in parameter 'symbols'.".to_owned()))?;
    let found: Option<Vec<_>> = names.iter().map(|n| state.market.pair(n)).collect();
    found.map(|f| (f, false)).ok_or((-1121, "Invalid symbol.".to_owned()))
}

/// One object for each chosen pair that ever traded, made by `f` of its last 24 h.
///
/// # Errors
/// -1100 and -1121.
pub(crate) fn each(state: &State, query: &Params, f: impl Fn(&Pair, &Kline) -> Value) -> Answer {
    let (pairs, single) = chosen(state, query)?;
    let now = state.market_now();
    let mut list: Vec<Value> =
        pairs.iter().filter_map(|p| state.market.day(p, now).map(|k| f(p, &k))).collect();
    if single { list.pop().ok_or((-1121, "Invalid symbol.".to_owned())) } else { Ok(Value::Array(list)) }
}

/// /api/v3/ticker/24hr and /api/v3/ticker.
///
/// # Errors
/// -1100 and -1121.
pub(crate) fn tickers(state: &State, query: &Params, unit: i64) -> Answer {
    let mini = query.get("type").is_some_and(|t| t == "MINI");
    each(state, query, |pair, day| ticker(pair, day, mini, unit))
}

fn ticker(pair: &Pair, day: &Kline, mini: bool, unit: i64) -> Value {
    let b = &day.bar;
    let first = first_trade(day.open_time);
    let mut out = json!({
        "symbol": pair.symbol, "openPrice": number(b.open), "highPrice": number(b.high), "lowPrice": number(b.low),
        "lastPrice": number(b.close), "volume": number(b.volume), "quoteVolume": number(b.quote_volume),
        "openTime": day.open_time.ms() * unit, "closeTime": day.close_time.ms() * unit, "firstId": first,
        "lastId": first + i64::from(day.trades), "count": day.trades,
    });
    if !mini && let Some(map) = out.as_object_mut() {
        let (bid, ask) = pair.book(b.close);
        let mean = if b.volume > 0.0 { b.quote_volume / b.volume } else { b.close };
        for (key, value) in [
            ("priceChange", number(b.close - b.open)),
            ("priceChangePercent", format!("{:.3}", 100.0 * (b.close / b.open - 1.0))),
            ("weightedAvgPrice", number(mean)),
            ("prevClosePrice", number(b.open)),
            ("lastQty", number(pair.lot)),
            ("bidPrice", number(bid)),
            ("bidQty", number(1.0)),
            ("askPrice", number(ask)),
            ("askQty", number(1.0)),
        ] {
            map.insert(key.to_owned(), Value::String(value));
        }
    }
    out
}

/// /api/v3/avgPrice.
///
/// # Errors
/// -1102 and -1121.
pub(crate) fn average(state: &State, query: &Params) -> Answer {
    pair(state, query)?;
    each(state, query, |_, k| json!({"mins": 5, "price": number(k.bar.close), "closeTime": k.close_time}))
}

/// /api/v3/depth: levels one step apart.
///
/// # Errors
/// -1100, -1102, -1121 and -1130.
pub(crate) fn depth(state: &State, query: &Params) -> Answer {
    pair(state, query)?;
    let levels = u32::try_from(limit(query, 5_000)?.min(100)).unwrap_or(100);
    each(state, query, |p, k| {
        let (bid, ask) = p.book(k.bar.close);
        let side = |from: f64, sign: f64| -> Vec<[String; 2]> {
            let prices = (0..levels).map(|i| from + sign * p.tick * f64::from(i));
            prices.filter(|v| *v > 0.0).map(|v| [number(v), number(1.0)]).collect()
        };
        json!({"lastUpdateId": k.close_time, "bids": side(bid, -1.0), "asks": side(ask, 1.0)})
    })
}

/// /api/v3/trades and /api/v3/aggTrades: one for each of the newest minutes, at its close.
///
/// # Errors
/// -1100, -1102, -1121 and -1130.
pub(crate) fn trades(state: &State, query: &Params, unit: i64, aggregated: bool) -> Answer {
    let pair = pair(state, query)?;
    let now = state.market_now();
    let list = state.market.klines(&pair, state.market.base.ms(), None, None, limit(query, 1_000)?, now);
    let one = |k: &Kline| {
        let id = first_trade(k.open_time) + i64::from(k.trades) - 1;
        let (price, qty, time) = (number(k.bar.close), number(pair.lot), k.close_time.min(now).ms() * unit);
        if aggregated {
            json!({"a": id, "p": price, "q": qty, "f": id, "l": id, "T": time, "m": id % 2 == 0, "M": true})
        } else {
            json!({"id": id, "price": price, "qty": qty, "quoteQty": number(k.bar.close * pair.lot), "time": time,
                   "isBuyerMaker": id % 2 == 0, "isBestMatch": true})
        }
    };
    Ok(list.iter().filter(|k| k.trades > 0).map(one).collect())
}
