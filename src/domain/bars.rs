//! Ring of closed TF bars with everything that is computed once for each of them.
//!
//! Recursive indicators run on two states that start at anchors (absolute bar index, a multiple of `ANCHOR`): the older
//! one answers, the newer one takes over at the next anchor. So an answer rests on 500 to 1,000 bars and never on when
//! the process happened to start, once 1,000 bars are there; with fewer it rests on all of them.

use crate::domain::indicator::atr::Atr;
use crate::domain::indicator::extrema::highest;
use crate::domain::indicator::macd::{Macd, MacdValue};
use crate::domain::indicator::pearson::Return;
use crate::domain::indicator::pivots::{Pivots, SIDE};
use crate::domain::indicator::rsi::Rsi;
use crate::domain::minutes::Ohlcv;
use crate::domain::moment::MarketTime;
use crate::domain::time::DAY_MS;

/// At least so many bars behind every recursive value: a Wilder average over 21 bars has then forgotten its start to far
/// below the last bit that is shown.
const ANCHOR: i64 = 500;
/// Two anchors back (1,000 bars) and a little more; REST gives 1,000 klines at once.
const CAPACITY: usize = 1_024;
/// Bars whose highest high has to be broken (definition of the breakout component).
pub(crate) const BREAKOUT_BARS: i64 = 20;
/// Lengths of both RSI: 14 is scored, 21 is reported.
pub(crate) const RSI_BARS: [u32; 2] = [14, 21];
/// Lengths of the MACD: fast, slow, signal. 3/10/16 is the short-term set of the score's definition, not the usual 12/26/9.
pub(crate) const MACD_BARS: [u32; 3] = [3, 10, 16];

#[derive(Debug, Clone, Copy)]
struct Recursive {
    rsi_14: Rsi,
    rsi_21: Rsi,
    macd: Macd,
    atr: Atr,
}

impl Recursive {
    const fn new() -> Self {
        let [fast, slow, signal] = MACD_BARS;
        Self {
            rsi_14: Rsi::new(RSI_BARS[0]),
            rsi_21: Rsi::new(RSI_BARS[1]),
            macd: Macd::new(fast, slow, signal),
            atr: Atr::new(14),
        }
    }

    fn push(&mut self, bar: &Ohlcv) {
        self.push_close(bar.close);
        self.atr.push(bar.high, bar.low, bar.close);
    }

    fn push_close(&mut self, close: f64) {
        self.rsi_14.push(close);
        self.rsi_21.push(close);
        self.macd.push(close);
    }
}

/// Indicator values with the live bar included; those without enough bars are neutral (RSI 50, MACD 0).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Provisional {
    /// RSI over 14 bars.
    pub rsi_14: f64,
    /// RSI over 21 bars.
    pub rsi_21: f64,
    /// MACD 3/10/16.
    pub macd: MacdValue,
}

/// The newest closed bars without a hole, by absolute index (open time / TF). When full, the oldest leaves.
#[derive(Debug, Clone)]
pub(crate) struct Bars {
    tf_ms: i64,
    ring: Vec<Ohlcv>,
    /// Log return of each bar against the one before; NaN for the first.
    log_returns: Vec<f64>,
    first: i64,
    next: i64,
    primary: Recursive,
    secondary: Option<Recursive>,
    pivots: Pivots,
    resistance_high: Option<f64>,
}

impl Bars {
    /// An empty ring for bars of `tf_ms` milliseconds.
    pub(crate) fn new(tf_ms: i64) -> Self {
        Self {
            tf_ms,
            ring: vec![Ohlcv::default(); CAPACITY],
            log_returns: vec![f64::NAN; CAPACITY],
            first: 0,
            next: 0,
            primary: Recursive::new(),
            secondary: None,
            pivots: Pivots::default(),
            resistance_high: None,
        }
    }

    /// Index of the bar at which the recursive values begin that answer while the bar `live` goes on, where it is there.
    pub(crate) const fn begin(live: i64) -> i64 {
        (live - 1).div_euclid(ANCHOR) * ANCHOR - ANCHOR
    }

    fn slot(index: i64) -> usize {
        index.rem_euclid(CAPACITY as i64) as usize
    }

    /// Takes a closed bar. One that does not follow the newest starts the ring anew.
    pub(crate) fn push(&mut self, index: i64, bar: &Ohlcv) {
        if self.is_empty() || index != self.next {
            *self = Self { first: index, next: index, ..Self::new(self.tf_ms) };
        }
        self.log_returns[Self::slot(index)] = self.log_return(bar);
        self.ring[Self::slot(index)] = *bar;
        self.next = index + 1;
        self.first = self.first.max(self.next - CAPACITY as i64);
        if index.rem_euclid(ANCHOR) == 0 {
            if let Some(grown) = self.secondary.take() {
                self.primary = grown;
            }
            self.secondary = Some(Recursive::new());
        }
        self.primary.push(bar);
        if let Some(young) = &mut self.secondary {
            young.push(bar);
        }
        self.update_window(index);
    }

    fn update_window(&mut self, index: i64) {
        let mut around = [0.0; 2 * SIDE as usize + 1];
        let from = index - 2 * SIDE;
        let held = if from >= self.first { around.len() } else { 0 };
        for (at, high) in around.iter_mut().take(held).enumerate() {
            *high = self.ring[Self::slot(from + at as i64)].high;
        }
        self.pivots.push(index, &around[..held]);
        let from = self.first.max(self.next - BREAKOUT_BARS);
        self.resistance_high = highest((from..self.next).map(|i| self.ring[Self::slot(i)].high));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.first == self.next
    }

    pub(crate) const fn len(&self) -> usize {
        (self.next - self.first) as usize
    }

    /// Index of the oldest bar.
    pub(crate) const fn first(&self) -> i64 {
        self.first
    }

    /// Index after the newest closed bar.
    pub(crate) const fn next(&self) -> i64 {
        self.next
    }

    pub(crate) fn get(&self, index: i64) -> Option<&Ohlcv> {
        (self.first..self.next).contains(&index).then(|| &self.ring[Self::slot(index)])
    }

    /// Values with a live bar that closes at `close`; the closed state stays as it is.
    pub(crate) fn provisional(&self, close: f64) -> Provisional {
        let mut state = self.primary;
        state.push_close(close);
        Provisional {
            rsi_14: state.rsi_14.value().unwrap_or(50.0),
            rsi_21: state.rsi_21.value().unwrap_or(50.0),
            macd: state.macd.value().unwrap_or_default(),
        }
    }

    /// ATR over 14 of the closed bars; 0 without enough bars.
    pub(crate) fn atr(&self) -> f64 {
        self.primary.atr.value().unwrap_or(0.0)
    }

    /// Highest high of the last 20 closed bars.
    pub(crate) const fn breakout_high(&self) -> Option<f64> {
        self.resistance_high
    }

    /// Lowest pivot high above `price` within 500 bars that end with the live one.
    pub(crate) fn resistance(&self, price: f64) -> Option<f64> {
        self.pivots.lowest_above(price, self.next)
    }

    /// Log returns of the last `count` + 1 closed bars, oldest first.
    pub(crate) fn returns(&self, count: usize) -> Vec<Return> {
        let from = (self.first + 1).max(self.next - count as i64);
        let one =
            |index: i64| (MarketTime::from_index(index, self.tf_ms), self.log_returns[Self::slot(index)]);
        (from..self.next).map(one).collect()
    }

    /// Log return of a bar that follows the newest; NaN where there is none.
    fn log_return(&self, bar: &Ohlcv) -> f64 {
        self.get(self.next - 1).map_or(f64::NAN, |last| (bar.close / last.close).ln())
    }

    /// Bars with their log returns, the newest first; `ended` is one that ends with the cut and is not closed yet.
    pub(crate) fn newest_first<'a>(
        &'a self,
        ended: Option<&'a Ohlcv>,
    ) -> impl Iterator<Item = (&'a Ohlcv, f64)> {
        let closed = (self.first..self.next).rev().map(|index| {
            let slot = Self::slot(index);
            // The oldest one that is left has a return, too, but a ring that began with it would not.
            (&self.ring[slot], if index == self.first { f64::NAN } else { self.log_returns[slot] })
        });
        ended.map(|bar| (bar, self.log_return(bar))).into_iter().chain(closed)
    }

    /// Bars of a day.
    pub(crate) const fn a_day(&self) -> usize {
        (DAY_MS / self.tf_ms) as usize
    }
}
