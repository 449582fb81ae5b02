//! The market's truth: pairs with their final candles, the live candle of any moment, aggregates of both.

pub mod bar;
pub mod noise;
pub mod pair;
pub mod path;
pub mod recorded;
pub mod script;
pub mod synthetic;
pub mod universe;

pub use bar::Kline;

use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, Interval, MINUTE_MS};
use bar::Bar;
use pair::Pair;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

/// Pairs that can be added while it runs; more are refused: far above any exchange, and each costs memory for good.
const MAX_PAIRS: usize = 10_000;

/// All pairs, tradable or not, and the base interval of their candles.
#[derive(Debug)]
pub struct Market {
    /// Interval of the candles that everything else is made of.
    pub base: Interval,
    /// Market time at the start.
    pub start: MarketTime,
    /// Pairs are made up: new ones may be listed by name.
    pub synthetic: bool,
    /// Seed of the live paths.
    pub seed: u64,
    /// How much earlier made-up pairs read their noise, minutes.
    pub(crate) lag_min: i64,
    /// Read at every event, written at a listing.
    pairs: RwLock<Vec<Arc<Pair>>>,
    /// The same by name, written under both locks: a pair is in both or in none.
    names: RwLock<HashMap<Symbol, Arc<Pair>>>,
}

/// Length in ms of an interval name that /klines and the streams know, from 1m to 1d.
pub(crate) fn span_ms(name: &str) -> Option<i64> {
    let minutes = match name {
        "1m" => 1,
        "3m" => 3,
        "5m" => 5,
        "15m" => 15,
        "30m" => 30,
        "1h" => 60,
        "2h" => 120,
        "4h" => 240,
        "6h" => 360,
        "8h" => 480,
        "12h" => 720,
        "1d" => 1_440,
        _ => return None,
    };
    Some(minutes * MINUTE_MS)
}

impl Market {
    /// A market of these pairs.
    pub(crate) fn new(
        base: Interval,
        start: MarketTime,
        synthetic: bool,
        seed: u64,
        pairs: Vec<Pair>,
    ) -> Self {
        let pairs: Vec<Arc<Pair>> = pairs.into_iter().map(Arc::new).collect();
        let names = pairs.iter().map(|p| (p.symbol.clone(), Arc::clone(p))).collect();
        Self {
            base,
            start,
            synthetic,
            seed,
            lag_min: 0,
            pairs: RwLock::new(pairs),
            names: RwLock::new(names),
        }
    }

    /// All pairs, in the order of exchangeInfo.
    pub(crate) fn pairs(&self) -> Vec<Arc<Pair>> {
        self.pairs.read().clone()
    }

    /// The pair of that exact name.
    pub(crate) fn pair(&self, name: &str) -> Option<Arc<Pair>> {
        self.names.read().get(name).cloned()
    }

    /// Adds a pair; false when the name exists or 10,000 pairs are reached.
    pub(crate) fn add(&self, pair: Pair) -> bool {
        let mut names = self.names.write();
        let mut pairs = self.pairs.write();
        if pairs.len() >= MAX_PAIRS || names.contains_key(&pair.symbol) {
            return false;
        }
        let pair = Arc::new(pair);
        names.insert(pair.symbol.clone(), Arc::clone(&pair));
        pairs.push(pair);
        true
    }

    /// True when candles of `span` ms can be made of the base candles.
    pub(crate) const fn serves(&self, span: i64) -> bool {
        span >= self.base.ms() && span % self.base.ms() == 0
    }

    /// The candle of `span` ms that opens at `open`, as it stands at `now`; `None` when the pair has none.
    pub(crate) fn candle(&self, pair: &Pair, open: MarketTime, span: i64, now: MarketTime) -> Option<Kline> {
        let step = self.base.ms();
        let mut whole: Option<Bar> = None;
        let mut trades = 0;
        let mut at = open;
        while at < open + span && at <= now {
            if let Some((bar, count)) = pair.state(self.base, at, now, self.seed) {
                trades += count;
                match &mut whole {
                    Some(sum) => sum.absorb(&bar),
                    None => whole = Some(bar),
                }
            }
            at += step;
        }
        let mut bar = whole?;
        if span != step {
            bar.volume = path::round8(bar.volume);
            bar.quote_volume = path::round8(bar.quote_volume);
        }
        Some(Kline { open_time: open, close_time: open + span - 1, bar, trades, closed: open + span <= now })
    }

    /// Candles as /klines gives them: oldest first, at most `limit`, the newest possibly open.
    ///
    /// With `from` the first ones at or after it, else the last ones up to `to` (inclusive).
    pub(crate) fn klines(
        &self,
        pair: &Pair,
        span: i64,
        from: Option<MarketTime>,
        to: Option<MarketTime>,
        limit: usize,
        now: MarketTime,
    ) -> Vec<Kline> {
        let last = to.unwrap_or(now).min(now);
        let newest = last.floor(span);
        let (earliest, latest) = pair.reach(self.base);
        let newest = newest.min(latest.floor(span));
        let oldest = earliest.floor(span);
        let mut out = Vec::new();
        if let Some(from) = from {
            let mut at = from.ceil(span).max(oldest);
            while at <= newest && out.len() < limit {
                out.extend(self.candle(pair, at, span, now));
                at += span;
            }
        } else {
            let mut at = newest;
            while at >= oldest && out.len() < limit {
                out.extend(self.candle(pair, at, span, now));
                at = at - span;
            }
            out.reverse();
        }
        out
    }

    /// The last 24 h as one candle (open of the first to close of the last); `None` before the first candle.
    ///
    /// The finished part is kept for each base interval, only the live candle is added at each call.
    pub(crate) fn day(&self, pair: &Pair, now: MarketTime) -> Option<Kline> {
        let live_open = self.base.floor(now);
        let first = live_open - DAY_MS + self.base.ms();
        let mut day = pair.day.lock();
        if day.as_ref().is_none_or(|(at, _)| *at != live_open) {
            *day = Some((live_open, self.candle(pair, first, DAY_MS - self.base.ms(), live_open)));
        }
        let finished = day.as_ref().and_then(|(_, kline)| *kline);
        let live = pair.state(self.base, live_open, now, self.seed);
        let mut whole = match (finished, live) {
            (Some(kline), Some((bar, trades))) => {
                let mut bar_sum = kline.bar;
                bar_sum.absorb(&bar);
                Kline { bar: bar_sum, trades: kline.trades + trades, ..kline }
            }
            (Some(kline), None) => kline,
            (None, Some((bar, trades))) => {
                Kline { open_time: first, close_time: now, bar, trades, closed: false }
            }
            (None, None) => return None,
        };
        whole.open_time = now - DAY_MS + 1;
        whole.close_time = now;
        Some(whole)
    }
}
