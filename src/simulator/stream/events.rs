//! Stream payloads. Times are ms, or microseconds where the connection asked for them.

use crate::domain::moment::MarketTime;
use crate::simulator::market::Kline;
use crate::simulator::market::pair::Pair;
use crate::simulator::rest::answer::number;

/// A moment in the unit of a connection.
pub(crate) const fn stamp(at: MarketTime, micros: bool) -> i64 {
    if micros { at.ms() * 1_000 } else { at.ms() }
}

/// Number of the first trade of a candle; they grow with time.
pub(crate) const fn first_trade(open_time: MarketTime) -> i64 {
    (open_time.ms() - 1_400_000_000_000) / 60_000 * 2_500
}

/// `kline` event.
pub(crate) fn kline(pair: &Pair, interval: &str, k: &Kline, at: MarketTime, micros: bool) -> String {
    let close_time = stamp(k.close_time, micros) + if micros { 999 } else { 0 };
    let (first, last) = match k.trades {
        0 => (-1, -1),
        n => (first_trade(k.open_time), first_trade(k.open_time) + i64::from(n) - 1),
    };
    let b = &k.bar;
    format!(
        "{{\"e\":\"kline\",\"E\":{},\"s\":\"{s}\",\"k\":{{\"t\":{},\"T\":{close_time},\"s\":\"{s}\",\"i\":\"{interval}\",\
         \"f\":{first},\"L\":{last},\"o\":\"{}\",\"c\":\"{}\",\"h\":\"{}\",\"l\":\"{}\",\"v\":\"{}\",\"n\":{},\"x\":{},\
         \"q\":\"{}\",\"V\":\"{}\",\"Q\":\"{}\",\"B\":\"0\"}}}}",
        stamp(at, micros),
        stamp(k.open_time, micros),
        number(b.open),
        number(b.close),
        number(b.high),
        number(b.low),
        number(b.volume),
        k.trades,
        k.closed,
        number(b.quote_volume),
        number(b.volume / 2.0),
        number(b.quote_volume / 2.0),
        s = pair.symbol,
    )
}

/// `24hrMiniTicker` event.
pub(crate) fn mini(pair: &Pair, day: &Kline, at: MarketTime, micros: bool) -> String {
    let b = &day.bar;
    format!(
        "{{\"e\":\"24hrMiniTicker\",\"E\":{},\"s\":\"{}\",\"c\":\"{}\",\"o\":\"{}\",\"h\":\"{}\",\"l\":\"{}\",\"v\":\"{}\",\"q\":\"{}\"}}",
        stamp(at, micros),
        pair.symbol,
        number(b.close),
        number(b.open),
        number(b.high),
        number(b.low),
        number(b.volume),
        number(b.quote_volume)
    )
}

/// `24hrTicker` event.
pub(crate) fn ticker(pair: &Pair, day: &Kline, at: MarketTime, micros: bool) -> String {
    let b = &day.bar;
    let (bid, ask) = pair.book(b.close);
    let mean = if b.volume > 0.0 { b.quote_volume / b.volume } else { b.close };
    let last = first_trade(at) + i64::from(day.trades);
    format!(
        "{{\"e\":\"24hrTicker\",\"E\":{},\"s\":\"{}\",\"p\":\"{}\",\"P\":\"{:.3}\",\"w\":\"{}\",\"x\":\"{o}\",\"c\":\"{c}\",\
         \"Q\":\"{}\",\"b\":\"{}\",\"B\":\"1.00000000\",\"a\":\"{}\",\"A\":\"1.00000000\",\"o\":\"{o}\",\"h\":\"{}\",\"l\":\"{}\",\
         \"v\":\"{}\",\"q\":\"{}\",\"O\":{},\"C\":{},\"F\":{},\"L\":{last},\"n\":{}}}",
        stamp(at, micros),
        pair.symbol,
        number(b.close - b.open),
        100.0 * (b.close / b.open - 1.0),
        number(mean),
        number(pair.lot),
        number(bid),
        number(ask),
        number(b.high),
        number(b.low),
        number(b.volume),
        number(b.quote_volume),
        stamp(day.open_time, micros),
        stamp(day.close_time, micros),
        first_trade(day.open_time),
        day.trades,
        o = number(b.open),
        c = number(b.close),
    )
}

/// `bookTicker` payload, without an event time as on the exchange.
pub(crate) fn book(pair: &Pair, close: f64, update: i64) -> String {
    let (bid, ask) = pair.book(close);
    format!(
        "{{\"u\":{update},\"s\":\"{}\",\"b\":\"{}\",\"B\":\"1.00000000\",\"a\":\"{}\",\"A\":\"1.00000000\"}}",
        pair.symbol,
        number(bid),
        number(ask)
    )
}

/// `aggTrade` or `trade` event for the newest trade of a candle.
pub(crate) fn trade(pair: &Pair, live: &Kline, at: MarketTime, aggregated: bool, micros: bool) -> String {
    let id = first_trade(live.open_time) + i64::from(live.trades) - 1;
    let amount = number((live.bar.volume / f64::from(live.trades.max(1))).max(pair.lot));
    let ids = if aggregated { format!("\"a\":{id},\"f\":{id},\"l\":{id}") } else { format!("\"t\":{id}") };
    format!(
        "{{\"e\":\"{}\",\"E\":{time},\"s\":\"{}\",{ids},\"p\":\"{}\",\"q\":\"{amount}\",\"T\":{time},\"m\":{},\"M\":true}}",
        if aggregated { "aggTrade" } else { "trade" },
        pair.symbol,
        number(live.bar.close),
        id % 2 == 0,
        time = stamp(at, micros),
    )
}

/// `avgPrice` event over the last five minutes.
pub(crate) fn average(pair: &Pair, five: &Kline, at: MarketTime, micros: bool) -> String {
    let b = &five.bar;
    let mean = if b.volume > 0.0 { b.quote_volume / b.volume } else { b.close };
    let time = stamp(at, micros);
    format!(
        "{{\"e\":\"avgPrice\",\"E\":{time},\"s\":\"{}\",\"i\":\"5m\",\"w\":\"{}\",\"T\":{time}}}",
        pair.symbol,
        number(mean)
    )
}
