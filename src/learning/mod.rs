//! What is learned from outcomes: features, data sets, models, calibration, and their proof. Pure: knows no file,
//! no clock and no actor; randomness comes from seeds.

pub mod adapt;
pub mod arms;
pub mod backtest;
pub mod bins;
pub mod boost;
pub mod dataset;
pub mod features;
pub mod folds;
pub mod live;
pub mod logistic;
pub mod market;
pub mod model;
pub mod parallel;
pub(crate) mod quickscorer;
pub mod replay;
pub mod samples;
pub mod score;
pub(crate) mod slope;
pub mod train;
pub mod tree;
pub mod tune;
