//! A candle (kline) of any interval.

use crate::domain::moment::MarketTime;
use serde::{Deserialize, Serialize};

/// Open, high, low, close and volume of one interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candle {
    /// First millisecond of the interval.
    pub open_time: MarketTime,
    /// First price, in the quote asset.
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    /// Volume in the base asset.
    pub volume: f64,
    /// Volume in the quote asset.
    pub quote_volume: f64,
    /// The exchange will not change it any more.
    pub closed: bool,
    /// Not sent by the exchange: a minute confirmed empty, flat at the previous close.
    pub filled: bool,
}

impl Candle {
    /// A minute in which nothing traded: flat at `close`, no volume, closed.
    pub const fn flat(open_time: MarketTime, close: f64) -> Self {
        Self {
            open_time,
            open: close,
            high: close,
            low: close,
            close,
            volume: 0.0,
            quote_volume: 0.0,
            closed: true,
            filled: true,
        }
    }
}
