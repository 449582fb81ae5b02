//! Which pairs are silent although they trade: kline events compared with the mini ticker.

use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::duration::{Millis, seconds};
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// A pair that stays silent is named again after this, ms of market time. Each naming asks REST about it: once a minute is
/// what a candle is worth.
const REPEAT_EVERY_MS: i64 = 60_000;
/// Silent share of a connection's pairs (0-1) from which the connection itself is suspected. A single pair is silent by its
/// own fault, a fifth of them at once is not.
const SUSPECT_SHARE: f64 = 0.2;
/// Least number of silent pairs for that. On a connection with few pairs one or two would be a share already.
const SUSPECT_LEAST: usize = 5;

/// Limits, market time.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct LivenessRules {
    /// Trading seen for so long without a kline event: silent. Klines come at most 2 s after a trade.
    #[serde(rename = "pair_idle_timeout_s", deserialize_with = "seconds")]
    pub(crate) idle_timeout: Duration,
}

impl LivenessRules {
    pub(crate) const ALLOWED: Allowed = &[("pair_idle_timeout_s", Range(3.0, 600.0))];
}

impl Default for LivenessRules {
    fn default() -> Self {
        // A traded pair's kline comes every 2 s: seven of them missing is no slow second.
        Self { idle_timeout: Duration::from_secs(15) }
    }
}

#[derive(Debug, Clone)]
struct Watched {
    connection: u32,
    last_figures: Option<(f64, f64)>,
    /// First trading seen since the last kline event.
    trading_since: Option<MarketTime>,
    named_at: Option<MarketTime>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LivenessReport {
    /// Pairs to be fetched by REST, with the moment from which events are missing; by symbol.
    pub silent: Vec<(Symbol, MarketTime)>,
    /// Connections with so many silent pairs that they should be replaced.
    pub(crate) suspects: Vec<u32>,
}

/// The watch over all pairs of a shard.
#[derive(Debug)]
pub(crate) struct Liveness {
    rules: LivenessRules,
    pairs: HashMap<Symbol, Watched>,
}

impl Liveness {
    pub(crate) fn new(rules: LivenessRules) -> Self {
        Self { rules, pairs: HashMap::new() }
    }

    /// Watches a pair on a connection; again after a reconnect, which gives it a fresh start.
    pub(crate) fn watch(&mut self, symbol: &Symbol, connection: u32) {
        let fresh = Watched { connection, last_figures: None, trading_since: None, named_at: None };
        self.pairs.insert(symbol.clone(), fresh);
    }

    /// Stops watching a pair.
    pub(crate) fn forget(&mut self, symbol: &str) {
        self.pairs.remove(symbol);
    }

    /// A kline event of the pair came.
    pub(crate) fn kline(&mut self, symbol: &str) {
        if let Some(pair) = self.pairs.get_mut(symbol) {
            pair.trading_since = None;
            pair.named_at = None;
        }
    }

    /// The pair's mini ticker. A higher volume or another price means that it traded; a lower volume alone
    /// only means that old trades left the window of 24 h.
    pub(crate) fn mini_ticker(
        &mut self,
        symbol: &str,
        close: f64,
        quote_volume: f64,
        event_time: MarketTime,
    ) {
        let Some(pair) = self.pairs.get_mut(symbol) else { return };
        if let Some((last_close, last_volume)) = pair.last_figures.replace((close, quote_volume))
            && (quote_volume > last_volume || close != last_close)
        {
            pair.trading_since.get_or_insert(event_time);
        }
    }

    /// Names silent pairs as of `now` (market time).
    pub(crate) fn check(&mut self, now: MarketTime) -> LivenessReport {
        let mut report = LivenessReport::default();
        let mut counts: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        for (symbol, pair) in &mut self.pairs {
            let (silent, all) = counts.entry(pair.connection).or_default();
            *all += 1;
            let Some(since) = pair.trading_since.filter(|t| now - *t >= self.rules.idle_timeout.ms()) else {
                continue;
            };
            *silent += 1;
            if pair.named_at.is_none_or(|at| now - at >= REPEAT_EVERY_MS) {
                pair.named_at = Some(now);
                report.silent.push((symbol.clone(), since));
            }
        }
        // The map has no order, and the log of a run should be the same when it is replayed.
        report.silent.sort_unstable();
        for (connection, (silent, all)) in counts {
            // Counts of pairs are far below 2^32.
            if silent >= SUSPECT_LEAST && silent as f64 >= all as f64 * SUSPECT_SHARE {
                report.suspects.push(connection);
            }
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    fn watch(count: u32) -> Liveness {
        let mut liveness = Liveness::new(LivenessRules::default());
        for i in 0..count {
            liveness.watch(&Symbol::new(&format!("S{i}")), i % 2);
        }
        liveness
    }

    #[test]
    fn trading_without_klines_is_silence() {
        let mut liveness = watch(1);
        liveness.mini_ticker("S0", 1.0, 100.0, at(1_000));
        liveness.mini_ticker("S0", 1.0, 99.0, at(2_000));
        assert_eq!(liveness.check(at(60_000)), LivenessReport::default(), "old trades leaving are no news");
        liveness.mini_ticker("S0", 1.0, 100.0, at(60_000));
        liveness.mini_ticker("S0", 1.1, 100.0, at(62_000));
        assert!(liveness.check(at(74_999)).silent.is_empty());
        assert_eq!(liveness.check(at(75_000)).silent, [(Symbol::new("S0"), at(60_000))]);
        assert!(liveness.check(at(134_999)).silent.is_empty());
        assert_eq!(liveness.check(at(135_000)).silent.len(), 1);
        liveness.kline("S0");
        assert!(liveness.check(at(500_000)).silent.is_empty());
        liveness.mini_ticker("STRANGER", 1.0, 1.0, at(1));
        liveness.forget("S0");
        liveness.mini_ticker("S0", 2.0, 1.0, at(1));
        assert!(liveness.check(at(900_000)).silent.is_empty());
    }

    #[test]
    fn many_silent_pairs_make_a_connection_suspect() {
        let mut liveness = watch(40);
        for i in (0..10).map(|i| i * 2) {
            for volume in [1.0, 2.0] {
                liveness.mini_ticker(&format!("S{i}"), 1.0, volume, at(1_000));
            }
        }
        let report = liveness.check(at(20_000));
        assert_eq!((report.silent.len(), report.suspects), (10, vec![0]));
        liveness.watch(&Symbol::new("S0"), 1);
        assert_eq!(liveness.check(at(20_001)).silent.len(), 0);
    }
}
