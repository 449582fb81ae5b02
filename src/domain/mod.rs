//! Pure analysis: candles in, scores out. Knows no clock, no socket and no actor.

pub mod alert;
pub mod analysis;
pub mod bars;
pub mod candle;
pub(crate) mod duration;
pub mod hours;
pub mod indicator;
pub mod inputs;
pub mod level_book;
pub mod level_rules;
pub mod market_move;
pub mod minutes;
pub mod moment;
pub(crate) mod named;
pub mod percent;
pub mod prediction;
pub mod ranking;
pub mod readiness;
pub mod report;
pub mod score;
pub mod service_levels;
pub mod symbol;
pub(crate) mod target;
pub mod time;
pub mod universe;
