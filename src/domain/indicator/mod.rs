//! Indicators: O(1) for each bar, small enough to copy, so a provisional value is a copy that is pushed and dropped.

pub mod atr;
pub mod ema;
pub(crate) mod extrema;
pub mod lines;
pub mod macd;
pub(crate) mod pearson;
pub(crate) mod pivots;
pub mod rsi;
pub mod wilder;
