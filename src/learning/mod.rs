//! What is learned from outcomes: features, data sets, models, calibration, and their proof. Pure: knows no file,
//! no clock and no actor; randomness comes from seeds.

pub mod arms;
pub mod backtest;
pub(crate) mod calibration;
pub mod dataset;
pub mod evaluation;
pub mod features;
pub(crate) mod log_odds;
pub mod model;
pub(crate) mod parallel;
pub mod replay;
pub mod samples;
pub mod scorer;
pub mod training;
pub mod tuning;
pub mod why;
