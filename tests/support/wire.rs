//! What an exchange says, as the wire has it, for exchanges inside the test process.

use bytes::Bytes;
use impulso::actors::ports::Frame;
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::MINUTE_MS;
use impulso::domain::universe::{PairInfo, PairStatus};
use std::collections::BTreeSet;

pub(crate) fn text_frame(text: String) -> Frame {
    Frame::Text(Bytes::from(text))
}

/// A pair as exchangeInfo lists it.
pub(crate) fn pair(name: &str, trading: bool) -> PairInfo {
    PairInfo {
        symbol: Symbol::new(name),
        status: if trading { PairStatus::Trading } else { PairStatus::Break },
        base_asset: name.trim_end_matches("USDT").to_owned(),
        quote_asset: "USDT".to_owned(),
        min_notional: Some(5.0),
        spot_allowed: true,
    }
}

/// A final minute between two prices.
pub(crate) fn minute(open_time: MarketTime, (open, close): (f64, f64), volume: f64) -> Candle {
    Candle {
        open_time,
        open,
        high: open.max(close) + 0.01,
        low: open.min(close) - 0.01,
        close,
        volume,
        quote_volume: volume * close,
        closed: true,
        filled: false,
    }
}

/// A candle of `step` ms in an answer to klines.
pub(crate) fn row(c: &Candle, step: i64) -> String {
    let Candle { open_time, open, high, low, close, volume, quote_volume, .. } = *c;
    let end = open_time + step - 1;
    format!(
        r#"[{open_time},"{open}","{high}","{low}","{close}","{volume}",{end},"{quote_volume}",9,"1","1","0"]"#
    )
}

/// Answers a command of a client that is subscribed to `names`.
pub(crate) fn control(names: &mut BTreeSet<String>, text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).expect("a command is JSON");
    let params = value["params"].as_array().cloned().unwrap_or_default();
    let params = params.iter().filter_map(|p| p.as_str().map(str::to_owned));
    let mut result = serde_json::Value::Null;
    match value["method"].as_str() {
        Some("SUBSCRIBE") => names.extend(params),
        Some("UNSUBSCRIBE") => params.for_each(|p| {
            names.remove(&p);
        }),
        Some("LIST_SUBSCRIPTIONS") => result = serde_json::json!(names),
        other => panic!("unexpected method {other:?}"),
    }
    serde_json::json!({"result": result, "id": value["id"]}).to_string()
}

/// A candle of a minute in a stream.
pub(crate) fn kline(symbol: &str, c: &Candle, now: MarketTime) -> String {
    let Candle { open_time, closed, .. } = *c;
    format!(
        r#"{{"stream":"{}@kline_1m","data":{{"e":"kline","E":{now},"s":"{symbol}","k":{{"t":{open_time},"T":{},"s":"{symbol}","i":"1m","f":1,"L":2,"o":"{}","c":"{}","h":"{}","l":"{}","v":"{}","n":9,"x":{closed},"q":"{}","V":"1","Q":"1","B":"0"}}}}}}"#,
        symbol.to_lowercase(),
        open_time + MINUTE_MS - 1,
        c.open,
        c.close,
        c.high,
        c.low,
        c.volume,
        c.quote_volume,
    )
}
