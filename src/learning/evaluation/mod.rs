//! How predictions are judged, in one way for backtest, tuning, experiment and track record.

pub(crate) mod by_size;
pub mod calibration;
pub mod cases;
pub mod daily;
pub(crate) mod day_blocks;
pub mod hits;
pub(crate) mod record;
pub mod tally;
