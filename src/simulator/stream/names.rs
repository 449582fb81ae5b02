//! Stream names: what they ask for.

use crate::domain::symbol::Symbol;
use crate::simulator::market::{Market, span_ms};

/// Kind of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// Candles of an interval, its name and length in ms.
    Kline(&'static str, i64),
    /// 24 h ticker, small.
    MiniTicker,
    /// 24 h ticker, full.
    Ticker,
    /// Best bid and ask.
    BookTicker,
    AggTrade,
    Trade,
    /// Average price of five minutes.
    AvgPrice,
    /// Small tickers of all pairs that changed.
    AllMini,
}

const INTERVALS: [&str; 12] = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"];

/// Kind and pair of a stream name; `None` for names without a stream, which stay silent as on the exchange.
pub(crate) fn resolve(name: &str, market: &Market) -> Option<(Topic, Option<Symbol>)> {
    if name == "!miniTicker@arr" {
        return Some((Topic::AllMini, None));
    }
    let (pair, rest) = name.split_once('@')?;
    let pair = market.pair(&pair.to_uppercase()).filter(|p| p.lower == pair)?;
    let topic = match rest {
        "miniTicker" => Topic::MiniTicker,
        "ticker" => Topic::Ticker,
        "bookTicker" => Topic::BookTicker,
        "aggTrade" => Topic::AggTrade,
        "trade" => Topic::Trade,
        "avgPrice" => Topic::AvgPrice,
        _ => {
            let asked = rest.strip_prefix("kline_")?;
            let interval = INTERVALS.into_iter().find(|i| *i == asked)?;
            let span = span_ms(interval).filter(|s| market.serves(*s))?;
            Topic::Kline(interval, span)
        }
    };
    Some((topic, Some(pair.symbol.clone())))
}
