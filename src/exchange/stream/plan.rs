//! Which connection carries which streams, and the address to open.

use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::percent::RESERVED;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde::Deserialize;

/// Binance wants `@` and `!` of stream names as they are.
const RESERVED_IN_STREAMS: &AsciiSet = &RESERVED.remove(b'@').remove(b'!');

/// Most streams the exchange allows on one connection; it refuses the whole subscription above it.
pub(crate) const HARD_LIMIT: usize = 1_024;
/// The 24 h figures of every pair that changed, once a second: heartbeat and liveness reference.
pub(crate) const MINI_TICKERS: &str = "!miniTicker@arr";

/// Longest path and query that still goes into the address, bytes. Fronts refuse addresses above 8 kB.
const MAX_URL_BYTES: usize = 6_000;

/// How streams are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct PlanRules {
    /// Kline streams on one connection, at most 1,000.
    #[serde(rename = "max_streams_per_connection")]
    pub(crate) max_streams: usize,
    /// Least number of connections, so that a cut never blinds the whole market.
    #[serde(rename = "connections")]
    pub(crate) min_connections: usize,
}

impl PlanRules {
    pub(crate) const ALLOWED: Allowed = &[
        // One connection that is cut would blind the whole market.
        ("connections", Range(2.0, 50.0)),
        // The exchange takes 1,024 streams on a connection; the mini ticker and those of a replacement need room.
        ("max_streams_per_connection", Range(10.0, 1_000.0)),
    ];
}

impl Default for PlanRules {
    fn default() -> Self {
        Self { max_streams: 400, min_connections: 2 }
    }
}

/// One connection's share.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ConnectionPlan {
    /// Its pairs, by symbol.
    pub symbols: Vec<Symbol>,
    /// Its streams: the mini ticker first, then one kline stream a pair.
    pub streams: Vec<String>,
}

/// Name of a pair's kline stream: ASCII letters in lower case, others as they are.
pub(crate) fn kline_stream(symbol: &str, interval: Interval) -> String {
    format!("{}@kline_{interval}", symbol.to_ascii_lowercase())
}

/// Spreads the pairs evenly; sizes differ by one at most. Every connection also carries the mini ticker,
/// so that each has a heartbeat of its own. Fewer pairs than connections leave no empty connection.
pub(crate) fn spread(symbols: &[Symbol], interval: Interval, rules: &PlanRules) -> Vec<ConnectionPlan> {
    // Room for listings of the day, and for the stream of all mini tickers.
    let most = rules.max_streams.clamp(1, HARD_LIMIT - 24);
    let wanted = symbols.len().div_ceil(most).max(rules.min_connections).max(1);
    let count = wanted.min(symbols.len());
    let mut plans = vec![ConnectionPlan::default(); count];
    let mut sorted: Vec<&Symbol> = symbols.iter().collect();
    // The same pairs are spread in the same way at each start, whatever order exchangeInfo has.
    sorted.sort();
    for (at, symbol) in sorted.into_iter().enumerate() {
        plans[at % count].symbols.push(symbol.clone());
    }
    for plan in &mut plans {
        plan.streams = std::iter::once(MINI_TICKERS.to_owned())
            .chain(plan.symbols.iter().map(|s| kline_stream(s.as_str(), interval)))
            .collect();
    }
    plans
}

/// Where a newly listed pair goes: the connection with the fewest streams, or `None` when all are full.
pub(crate) fn least_loaded(stream_counts: &[usize], rules: &PlanRules) -> Option<usize> {
    let most = rules.max_streams.clamp(1, HARD_LIMIT - 24) + 1;
    let (at, count) = stream_counts.iter().enumerate().min_by_key(|(_, count)| **count)?;
    (*count < most).then_some(at)
}

/// The address of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// From the slash on, percent-encoded.
    pub(crate) path_and_query: String,
    /// True when the address names the streams; otherwise they are to be subscribed after connecting.
    pub(crate) names_streams: bool,
}

/// Puts the streams into the address when it stays short enough.
pub(crate) fn target(streams: &[String]) -> Target {
    let encoded: Vec<String> =
        streams.iter().map(|s| utf8_percent_encode(s, RESERVED_IN_STREAMS).to_string()).collect();
    let path_and_query = format!("/stream?streams={}", encoded.join("/"));
    if streams.is_empty() || path_and_query.len() > MAX_URL_BYTES {
        return Target { path_and_query: "/stream".to_owned(), names_streams: false };
    }
    Target { path_and_query, names_streams: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses() {
        let streams = vec![MINI_TICKERS.to_owned(), kline_stream("币USDT", Interval::M1)];
        let short = target(&streams);
        assert_eq!(short.path_and_query, "/stream?streams=!miniTicker@arr/%E5%B8%81usdt@kline_1m");
        assert!(short.names_streams);
        let many = vec!["abcusdt@kline_1m".to_owned(); 500];
        assert_eq!(target(&many), Target { path_and_query: "/stream".into(), names_streams: false });
        assert!(!target(&[]).names_streams);
    }

    #[test]
    fn new_pairs_go_where_there_is_room() {
        let rules = PlanRules { max_streams: 10, ..PlanRules::default() };
        assert_eq!(least_loaded(&[5, 3, 7], &rules), Some(1));
        assert_eq!(least_loaded(&[11, 11], &rules), None);
        assert_eq!(least_loaded(&[], &rules), None);
    }

    proptest! {
        #[test]
        fn spread_evenly_and_whole(count in 0usize..3_000, most in 1usize..2_000, least in 0usize..6) {
            let symbols: Vec<Symbol> = (0..count).map(|i| Symbol::new(&format!("S{i}USDT"))).collect();
            let rules = PlanRules { max_streams: most, min_connections: least };
            let plans = spread(&symbols, Interval::M1, &rules);
            let mut seen: Vec<Symbol> = plans.iter().flat_map(|p| p.symbols.clone()).collect();
            seen.sort();
            let mut all = symbols; all.sort();
            prop_assert_eq!(seen, all);
            prop_assert!(plans.len() >= least.min(count));
            let sizes: Vec<usize> = plans.iter().map(|p| p.symbols.len()).collect();
            if let (Some(low), Some(high)) = (sizes.iter().min(), sizes.iter().max()) {
                prop_assert!(high - low <= 1 && *low > 0 && *high <= most);
            }
            for plan in plans {
                prop_assert!(plan.streams.len() <= HARD_LIMIT && plan.streams[0] == MINI_TICKERS);
                prop_assert_eq!(plan.streams.len(), plan.symbols.len() + 1);
            }
        }
    }
}
