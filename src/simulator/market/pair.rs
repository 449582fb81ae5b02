//! One pair: its rules on the exchange, when it trades, and its candles.

use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, Interval};
use crate::simulator::market::bar::{Bar, Kline};
use crate::simulator::market::noise::{mix, of_text};
use crate::simulator::market::path;
use crate::simulator::market::path::partial;
use crate::simulator::market::script::Script;
use crate::simulator::market::synthetic::Synthetic;
use parking_lot::{Mutex, RwLock};

/// Times a pair may be listed again; more are refused, so that a script that runs for days stays bounded.
const MAX_LIVES: usize = 64;

/// Where the final candles come from.
#[derive(Debug)]
pub enum Series {
    /// Read from files: contiguous base candles from the open time `first`.
    Recorded {
        /// Open time of the first candle.
        first: MarketTime,
        /// Final candles without a hole.
        bars: Vec<Bar>,
    },
    /// Made up by noise.
    Synthetic(Synthetic),
    Scripted(Script),
}

/// A pair of the exchange.
#[derive(Debug)]
pub(crate) struct Pair {
    pub symbol: Symbol,
    /// Name as streams write it.
    pub(crate) lower: String,
    /// Asset that is bought and sold.
    pub base_asset: String,
    /// Asset it is paid in.
    pub quote_asset: &'static str,
    /// Status while it is listed: `TRADING` or one of the others.
    pub status: &'static str,
    /// Spot trading is allowed.
    pub spot: bool,
    /// Smallest order, quote units.
    pub min_notional: f64,
    pub tick: f64,
    pub lot: f64,
    pub series: Series,
    /// Spans in which it trades: first moment, end (exclusive) if known. Ordered.
    pub(crate) lives: RwLock<Vec<(MarketTime, Option<MarketTime>)>>,
    /// Finished part of the last 24 h, by open time of the live base candle.
    /// Locked while it is made: 1,440 candles are summed up, and two threads would do it twice.
    pub day: Mutex<Option<(MarketTime, Option<Kline>)>>,
    key: u64,
}

impl Pair {
    /// A pair that trades from `listed` on with usual rules; the fields may be changed afterwards.
    pub(crate) fn new(
        base_asset: &str,
        quote_asset: &'static str,
        series: Series,
        listed: MarketTime,
    ) -> Self {
        let name = format!("{base_asset}{quote_asset}");
        Self {
            symbol: Symbol::new(&name),
            lower: name.to_lowercase(),
            base_asset: base_asset.to_owned(),
            quote_asset,
            status: "TRADING",
            spot: true,
            min_notional: 5.0,
            tick: 0.0001,
            lot: 0.001,
            series,
            lives: RwLock::new(vec![(listed, None)]),
            day: Mutex::new(None),
            key: of_text(&name),
        }
    }

    /// Own hash, for phases and paths.
    pub(crate) const fn key(&self) -> u64 {
        self.key
    }

    /// Status in exchangeInfo at `now`; `None` before the first listing.
    pub(crate) fn status_at(&self, now: MarketTime) -> Option<&'static str> {
        let lives = self.lives.read();
        let (_, end) = lives.iter().rev().find(|(from, _)| *from <= now)?;
        Some(if end.is_some_and(|e| e <= now) { "BREAK" } else { self.status })
    }

    /// It trades at `now`: listed and TRADING.
    pub(crate) fn trades_at(&self, now: MarketTime) -> bool {
        self.status_at(now) == Some("TRADING")
    }

    /// Lists the pair from `now` on; false when it trades already or was listed 64 times.
    pub(crate) fn list(&self, now: MarketTime) -> bool {
        let mut lives = self.lives.write();
        let running = lives.last().is_some_and(|(from, end)| *from <= now && end.is_none_or(|e| e > now));
        if running || lives.len() >= MAX_LIVES {
            return false;
        }
        lives.retain(|(from, _)| *from <= now);
        lives.push((now, None));
        true
    }

    /// Ends trading at `now`; false when it does not trade.
    pub(crate) fn delist(&self, now: MarketTime) -> bool {
        let mut lives = self.lives.write();
        match lives.iter_mut().rev().find(|(from, _)| *from <= now) {
            Some((_, end)) if end.is_none_or(|e| e > now) => {
                *end = Some(now);
                true
            }
            _ => false,
        }
    }

    /// Final candle of the base interval that opens at `open`, wherever the pair's life allows one.
    pub(crate) fn last(&self, base: Interval, open: MarketTime) -> Option<Bar> {
        let end = open + base.ms();
        let lives = self.lives.read();
        if !lives.iter().any(|(from, to)| *from < end && to.is_none_or(|t| t > open)) {
            return None;
        }
        // Making a block of candles takes milliseconds, and all questions for the pair's status take this lock.
        drop(lives);
        match &self.series {
            Series::Recorded { first, bars } => {
                let at = usize::try_from((open - *first).div_euclid(base.ms())).ok()?;
                bars.get(at).copied()
            }
            Series::Scripted(script) => Some(script.last(base, open)),
            Series::Synthetic(synthetic) => {
                let (block, inside) = synthetic.locate(open);
                let minutes = usize::try_from(base.minutes()).ok()?;
                let bars = synthetic.block(block, true);
                let mut bar = *bars.get(inside)?;
                for step in 1..minutes {
                    let (next_block, at) = synthetic.locate(open + 60_000 * step.cast_signed() as i64);
                    if next_block == block {
                        bar.absorb(bars.get(at)?);
                    } else {
                        bar.absorb(synthetic.block(next_block, true).get(at)?);
                    }
                }
                Some(bar)
            }
        }
    }

    /// The base candle that opens at `open` as it stands at `now`, with its trades; flat before its first trade.
    pub(crate) fn state(
        &self,
        base: Interval,
        open: MarketTime,
        now: MarketTime,
        seed: u64,
    ) -> Option<(Bar, u32)> {
        if open > now {
            return None;
        }
        let end = open + base.ms();
        let last = self.last(base, open)?;
        if now >= end {
            return Some((last, last.trades()));
        }
        if let Series::Scripted(script) = &self.series {
            let bar = script.bar(open, now.max(open + 1));
            return Some((bar, bar.trades()));
        }
        #[expect(clippy::cast_precision_loss, reason = "less than an hour in ms")]
        let fraction = (now - open) as f64 / base.ms() as f64;
        let seed = mix(seed ^ self.key, open.ms().cast_unsigned());
        Some(partial(&last, fraction, seed, self.tick).unwrap_or_else(|| {
            let before = self.last(base, open - base.ms()).map_or(last.open, |b| b.close);
            (Bar::flat(before), 0)
        }))
    }

    /// Open times of the first and the last base candle there can be.
    pub(crate) fn reach(&self, base: Interval) -> (MarketTime, MarketTime) {
        let lives = self.lives.read();
        let first_life = lives.first().map_or(MarketTime::EPOCH, |l| l.0);
        let (mut from, mut to) = (base.floor(first_life), MarketTime::MAX - DAY_MS);
        if let Some((_, Some(end))) = lives.last() {
            to = base.floor(*end - 1);
        }
        if let Series::Recorded { first, bars } = &self.series {
            from = from.max(*first);
            to = to.min(*first + (bars.len().cast_signed() as i64 - 1) * base.ms());
        }
        (from, to)
    }

    /// Best bid and ask around the last price at `now`.
    pub(crate) fn book(&self, close: f64) -> (f64, f64) {
        let bid = path::snap(close - self.tick, self.tick).max(self.tick);
        (bid, path::snap(close + self.tick, self.tick))
    }
}
