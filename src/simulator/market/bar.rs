//! The values of a candle.

use crate::domain::moment::MarketTime;

/// Final open, high, low, close and volumes of an interval; its open time is where it is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    /// Volume in the base asset.
    pub volume: f64,
    /// Volume in the quote asset.
    pub quote_volume: f64,
}

impl Bar {
    /// Nothing traded: flat at `price`.
    pub(crate) const fn flat(price: f64) -> Self {
        Self { open: price, high: price, low: price, close: price, volume: 0.0, quote_volume: 0.0 }
    }

    /// Number of trades: one for each 50 quote units, 1-2,000; 0 without volume.
    pub(crate) fn trades(&self) -> u32 {
        if self.volume <= 0.0 {
            return 0;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=2000")]
        let count = (self.quote_volume / 50.0).clamp(1.0, 2_000.0) as u32;
        count
    }

    /// Lengthens this candle by the one that follows it.
    pub(crate) fn absorb(&mut self, next: &Self) {
        self.high = self.high.max(next.high);
        self.low = self.low.min(next.low);
        self.close = next.close;
        self.volume += next.volume;
        self.quote_volume += next.quote_volume;
    }
}

/// A candle of any interval as it stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kline {
    pub open_time: MarketTime,
    pub close_time: MarketTime,
    /// Prices and volumes so far.
    pub(crate) bar: Bar,
    pub(crate) trades: u32,
    /// The interval has ended.
    pub closed: bool,
}
