//! Paths, queries and weights of the REST routes.

use crate::domain::moment::MarketTime;
use crate::domain::percent::percent_encoded;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use std::fmt::Write;

/// Most klines in one answer: the exchange cuts a greater `limit` to this without a word.
pub(crate) const MAX_KLINES: u16 = 1_000;

/// A GET request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// From the slash on, percent-encoded.
    pub(crate) path_and_query: String,
    /// Weight against the limit of the minute.
    pub weight: u32,
    /// Largest answer, bytes after decompression: several times what the exchange has ever given. A body without an end must
    /// not fill the memory, and a dozen come at once.
    pub(crate) max_body_bytes: usize,
}

const MIB: usize = 1024 * 1024;

impl Request {
    fn new(path_and_query: &str, weight: u32, max_body_bytes: usize) -> Self {
        Self { path_and_query: path_and_query.to_owned(), weight, max_body_bytes }
    }
}

/// `GET /api/v3/time`.
pub fn server_time() -> Request {
    Request::new("/api/v3/time", 1, MIB / 16)
}

/// `GET /api/v3/exchangeInfo`, all statuses (so that a halt is seen), without the long permission sets.
pub fn exchange_info() -> Request {
    Request::new("/api/v3/exchangeInfo?showPermissionSets=false", 20, 24 * MIB)
}

/// `GET /api/v3/ticker/24hr` of every pair in its small form.
pub fn mini_tickers() -> Request {
    Request::new("/api/v3/ticker/24hr?type=MINI", 80, 8 * MIB)
}

/// What to ask `GET /api/v3/klines` for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KlinesRequest {
    pub symbol: Symbol,
    /// Length of the candles.
    pub interval: Interval,
    /// Least open time; `None` for the newest candles.
    pub start_time: Option<MarketTime>,
    /// Greatest open time, inclusive; `None` up to now.
    pub end_time: Option<MarketTime>,
    /// 1 to 1,000 candles.
    pub limit: u16,
}

impl KlinesRequest {
    /// Weight of one klines request, whatever its limit: so always the greatest limit that helps is asked for.
    pub(crate) const WEIGHT: u32 = 2;

    /// The newest `limit` candles, the open one included.
    pub fn newest(symbol: Symbol, interval: Interval, limit: u16) -> Self {
        Self { symbol, interval, start_time: None, end_time: None, limit: limit.clamp(1, MAX_KLINES) }
    }

    /// Up to 1,000 candles from `start_time` on.
    pub fn since(symbol: Symbol, interval: Interval, start_time: MarketTime) -> Self {
        Self { symbol, interval, start_time: Some(start_time), end_time: None, limit: MAX_KLINES }
    }

    /// Candles with open times in `start_time..=last_open_time`, at most 1,000.
    pub fn range(
        symbol: Symbol,
        interval: Interval,
        start_time: MarketTime,
        last_open_time: MarketTime,
    ) -> Self {
        let count = ((last_open_time - start_time) / interval.ms() + 1).clamp(1, i64::from(MAX_KLINES));
        let limit = u16::try_from(count).unwrap_or(MAX_KLINES);
        Self { symbol, interval, start_time: Some(start_time), end_time: Some(last_open_time), limit }
    }

    /// The request on the wire.
    pub fn request(&self) -> Request {
        let mut path_and_query = format!(
            "/api/v3/klines?symbol={}&interval={}&limit={}",
            percent_encoded(self.symbol.as_str()),
            self.interval,
            self.limit.clamp(1, MAX_KLINES)
        );
        for (name, moment) in [("startTime", self.start_time), ("endTime", self.end_time)] {
            if let Some(moment) = moment {
                // Writing into a String cannot fail.
                let _ = write!(path_and_query, "&{name}={moment}");
            }
        }
        Request { path_and_query, weight: Self::WEIGHT, max_body_bytes: MIB }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn klines_on_the_wire() {
        let newest = KlinesRequest::newest(Symbol::new("BTCUSDT"), Interval::M15, 5_000).request();
        assert_eq!(newest.path_and_query, "/api/v3/klines?symbol=BTCUSDT&interval=15m&limit=1000");
        assert_eq!(newest.weight, 2);
        let [from, to] = [60_000, 240_000].map(MarketTime::from_ms);
        let range = KlinesRequest::range(Symbol::new("币安人生USDT"), Interval::M1, from, to);
        assert_eq!(range.limit, 4);
        assert_eq!(
            range.request().path_and_query,
            "/api/v3/klines?symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&interval=1m&limit=4\
             &startTime=60000&endTime=240000"
        );
    }
}
