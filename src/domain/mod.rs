//! Pure analysis: candles in, scores out. Knows no clock, no socket and no actor.

pub mod candle;
pub mod ranking;
pub mod report;
pub mod symbol;
pub mod time;
pub mod universe;
