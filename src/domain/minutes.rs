//! Ring of final base candles with exact windows: sums, highest and lowest over any span of it.
//!
//! Sums are built from blocks that are aligned to the absolute candle index, in a fixed order. So a window gives
//! the same bits whenever the ring was started, which running sums with subtraction would not.

use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;

/// Candles of one block of sums. Any span then costs at most 2 x 31 candles and 45 blocks; the size is part of the order of
/// the sums, so another value changes the last bits of every score.
const BLOCK: i64 = 32;

/// Prices and volumes without their time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Ohlcv {
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    pub(crate) volume: f64,
    pub(crate) quote_volume: f64,
}

impl Ohlcv {
    pub(crate) const fn of(c: &Candle) -> Self {
        Self {
            open: c.open,
            high: c.high,
            low: c.low,
            close: c.close,
            volume: c.volume,
            quote_volume: c.quote_volume,
        }
    }

    /// Joins the next candle of the same bar.
    pub(crate) const fn extend(&mut self, next: &Self) {
        self.high = self.high.max(next.high);
        self.low = self.low.min(next.low);
        self.close = next.close;
        self.volume += next.volume;
        self.quote_volume += next.quote_volume;
    }

    pub(crate) const fn candle(&self, open_time: MarketTime, closed: bool, filled: bool) -> Candle {
        Candle {
            open_time,
            open: self.open,
            high: self.high,
            low: self.low,
            close: self.close,
            volume: self.volume,
            quote_volume: self.quote_volume,
            closed,
            filled,
        }
    }
}

/// What a span of candles adds up to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub volume: f64,
    pub quote_volume: f64,
    /// Highest high; minus infinity for an empty span.
    pub high: f64,
    /// Lowest low; infinity for an empty span.
    pub low: f64,
}

impl Span {
    const EMPTY: Self = Self { volume: 0.0, quote_volume: 0.0, high: f64::NEG_INFINITY, low: f64::INFINITY };

    const fn add(&mut self, volume: f64, quote_volume: f64, high: f64, low: f64) {
        self.volume += volume;
        self.quote_volume += quote_volume;
        self.high = self.high.max(high);
        self.low = self.low.min(low);
    }
}

/// The newest final candles without a hole, by absolute index (open time / interval). When full, the oldest leaves.
#[derive(Debug, Clone)]
pub struct Minutes {
    ring: Vec<Ohlcv>,
    filled: Vec<bool>,
    blocks: Vec<Span>,
    first: i64,
    next: i64,
}

impl Minutes {
    /// A ring for at least `capacity` candles.
    pub fn new(capacity: usize) -> Self {
        let blocks = capacity.div_ceil(BLOCK as usize).max(1);
        let slots = blocks * BLOCK as usize;
        Self {
            ring: vec![Ohlcv::default(); slots],
            filled: vec![false; slots],
            blocks: vec![Span::EMPTY; blocks],
            first: 0,
            next: 0,
        }
    }

    fn slot(&self, index: i64) -> usize {
        index.rem_euclid(self.ring.len() as i64) as usize
    }

    fn block_slot(&self, index: i64) -> usize {
        index.div_euclid(BLOCK).rem_euclid(self.blocks.len() as i64) as usize
    }

    /// Takes the candle with absolute index `index`. One that does not follow the newest starts the ring anew.
    pub fn push(&mut self, index: i64, candle: &Candle) {
        let fresh = self.is_empty() || index != self.next;
        if fresh {
            self.first = index;
        }
        let (slot, block) = (self.slot(index), self.block_slot(index));
        self.ring[slot] = Ohlcv::of(candle);
        self.filled[slot] = candle.filled;
        if fresh || index.rem_euclid(BLOCK) == 0 {
            self.blocks[block] = Span::EMPTY;
        }
        self.blocks[block].add(candle.volume, candle.quote_volume, candle.high, candle.low);
        self.next = index + 1;
        self.first = self.first.max(self.next - self.ring.len() as i64);
    }

    pub const fn is_empty(&self) -> bool {
        self.first == self.next
    }

    pub const fn len(&self) -> usize {
        (self.next - self.first) as usize
    }

    /// Index of the oldest candle.
    pub const fn first(&self) -> i64 {
        self.first
    }

    /// Index after the newest candle.
    pub const fn next(&self) -> i64 {
        self.next
    }

    pub(crate) fn get(&self, index: i64) -> Option<&Ohlcv> {
        (self.first..self.next).contains(&index).then(|| &self.ring[self.slot(index)])
    }

    /// Was the candle confirmed empty rather than sent.
    pub(crate) fn is_filled(&self, index: i64) -> bool {
        (self.first..self.next).contains(&index) && self.filled[self.slot(index)]
    }

    /// Adds up the candles `from..to` by index; indices outside the ring are left out.
    pub fn span(&self, from: i64, to: i64) -> Span {
        let (from, to) = (from.max(self.first), to.min(self.next));
        let mut sum = Span::EMPTY;
        let mut at = from;
        while at < to {
            if at.rem_euclid(BLOCK) == 0 && at + BLOCK <= to {
                let b = &self.blocks[self.block_slot(at)];
                sum.add(b.volume, b.quote_volume, b.high, b.low);
                at += BLOCK;
            } else {
                let c = &self.ring[self.slot(at)];
                sum.add(c.volume, c.quote_volume, c.high, c.low);
                at += 1;
            }
        }
        sum
    }
}
