//! The JSON API: one file for each group of routes.

pub mod alerts;
pub mod candles;
pub mod chart;
pub mod experiments;
pub mod explain;
pub mod model;
pub mod performance;
pub mod predictions;
pub mod ranking;
pub mod service_levels;
pub(crate) mod sparklines;
pub mod status;
pub mod symbols;
