//! The market of a run: every candle is a function of seed, pair and minute.

use super::plan::{DAY_MS, Kind, Window};
use crate::support::wire;
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::time::{Interval, MINUTE_MS};

/// A pair that joins is analysed so much later, ms: its candles must fill a window of 24 h and a bar.
pub(crate) const RIPE_MS: i64 = 25 * 3_600_000;

/// A pair, when it trades, and how its price goes.
struct Pair {
    name: String,
    phase: f64,
    listed: MarketTime,
    delisted: MarketTime,
    halts: Vec<(MarketTime, MarketTime)>,
    /// Price and volume at each minute from `KNOWN_BEFORE_MS` before the run on: they are asked for by the million.
    known: Vec<(f64, f64)>,
    known_from: MarketTime,
}

/// As far back as scanners ask, ms.
const KNOWN_BEFORE_MS: i64 = 31 * 24 * 3_600_000;

pub(crate) struct Market {
    pairs: Vec<Pair>,
}

impl Market {
    /// `pairs`: how many trade at `begun`.
    pub(crate) fn new(
        seed: u64,
        pairs: usize,
        (begun, length_ms): (MarketTime, i64),
        windows: &[Window],
    ) -> Self {
        let of = |kind| windows.iter().filter(move |w| w.kind == kind);
        let named = |i: usize| if i == 0 { "BTCUSDT".to_owned() } else { format!("P{i:03}USDT") };
        let mut all: Vec<Pair> = (0..pairs + of(Kind::Listing).count())
            .map(|i| Pair {
                name: named(i),
                phase: ((seed ^ (i as u64).wrapping_mul(0x9e37_79b9)).wrapping_mul(0x2545_f491_4f6c_dd1d)
                    >> 40) as f64
                    / 1_000.0,
                listed: MarketTime::MIN,
                delisted: MarketTime::MAX,
                halts: Vec::new(),
                known: Vec::new(),
                known_from: begun - KNOWN_BEFORE_MS,
            })
            .collect();
        for (at, window) in of(Kind::Listing).enumerate() {
            all[pairs + at].listed = begun + window.from;
        }
        // BTC stays: without it no pair has its context.
        let chosen = |window: &Window| 1 + (window.pick % (pairs as u64 - 1)) as usize;
        for window in of(Kind::Halt) {
            all[chosen(window)].halts.push((begun + window.from, begun + window.to));
        }
        for window in of(Kind::Delisting).take(pairs / 3) {
            let pair = &mut all[chosen(window)];
            pair.delisted = pair.delisted.min(begun + window.from);
        }
        for pair in &mut all {
            let times = pair.known_from.steps(MINUTE_MS, begun + length_ms + DAY_MS);
            pair.known = times.map(|t| (pair.price_at(t), pair.volume_at(t))).collect();
        }
        Self { pairs: all }
    }

    fn pair(&self, name: &str) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.name == name)
    }

    /// Pairs that the exchange lists at a moment, and whether they trade.
    pub(crate) fn listed(&self, at: MarketTime) -> impl Iterator<Item = (&str, bool)> {
        let there = self.pairs.iter().filter(move |pair| (pair.listed..pair.delisted).contains(&at));
        there.map(move |pair| (&*pair.name, pair.trades(at)))
    }

    /// Pairs of which a scanner can have all that it needs: a day of candles and more.
    pub(crate) fn ripe(&self, at: MarketTime) -> usize {
        let ripe =
            |pair: &&Pair| pair.trades(at) && (pair.listed == MarketTime::MIN || pair.listed + RIPE_MS <= at);
        self.pairs.iter().filter(ripe).count()
    }

    /// The final candle of a pair's minute; `None` where it did not trade.
    pub(crate) fn minute(&self, name: &str, open_time: MarketTime) -> Option<Candle> {
        self.pair(name)?.minute(open_time)
    }

    /// The candle of any interval as of `now`; `None` where nothing traded.
    pub(crate) fn candle(
        &self,
        name: &str,
        interval: Interval,
        open_time: MarketTime,
        now: MarketTime,
    ) -> Option<Candle> {
        let pair = self.pair(name)?;
        let end = (open_time + interval.ms()).min(now);
        let minutes = open_time.steps(MINUTE_MS, end.max(open_time + 1));
        let whole = minutes.filter_map(|t| pair.minute_at(t, now)).reduce(|a, b| Candle {
            high: a.high.max(b.high),
            low: a.low.min(b.low),
            close: b.close,
            volume: a.volume + b.volume,
            quote_volume: a.quote_volume + b.quote_volume,
            ..a
        })?;
        Some(Candle { open_time, closed: open_time + interval.ms() <= now, ..whole })
    }
}

impl Pair {
    fn trades(&self, at: MarketTime) -> bool {
        (self.listed..self.delisted).contains(&at)
            && !self.halts.iter().any(|(from, to)| (*from..*to).contains(&at))
    }

    fn known(&self, at: MarketTime) -> Option<(f64, f64)> {
        let minute = (at - self.known_from).div_euclid(MINUTE_MS);
        self.known.get(usize::try_from(minute).ok()?).copied()
    }

    fn price(&self, at: MarketTime) -> f64 {
        self.known(at).map_or_else(|| self.price_at(at), |(price, _)| price)
    }

    fn volume_at(&self, at: MarketTime) -> f64 {
        5_000.0 + 2_000.0 * (at.index(MINUTE_MS) as f64 / 11.0 + self.phase).cos()
    }

    fn price_at(&self, at: MarketTime) -> f64 {
        let t = at.index(MINUTE_MS) as f64;
        10.0 + (t / 37.0 + self.phase).sin()
            + 0.6 * (t / 211.0 + self.phase * 3.0).sin()
            + 0.05 * (t * 1.7 + self.phase).sin()
    }

    fn minute(&self, open_time: MarketTime) -> Option<Candle> {
        if !self.trades(open_time) {
            return None;
        }
        let (open, close) = (self.price(open_time), self.price(open_time + MINUTE_MS));
        let volume = self.known(open_time).map_or_else(|| self.volume_at(open_time), |(_, volume)| volume);
        Some(wire::minute(open_time, (open, close), volume))
    }

    fn minute_at(&self, open_time: MarketTime, now: MarketTime) -> Option<Candle> {
        let whole = self.minute(open_time)?;
        let part = (now - open_time) as f64 / MINUTE_MS as f64;
        if part >= 1.0 {
            return Some(whole);
        }
        let close = whole.open + (whole.close - whole.open) * part;
        let volume = whole.volume * part;
        Some(Candle { close, volume, quote_volume: volume * close, closed: false, ..whole })
    }
}
