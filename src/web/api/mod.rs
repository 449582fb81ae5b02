//! The JSON API: one file for each group of routes, the bodies in `dto`.

pub mod alerts;
pub mod alerts_schema;
pub mod candles;
pub mod chart;
pub mod dto;
pub mod experiments;
pub mod explain;
pub mod measures;
pub mod model;
pub mod performance;
pub mod predictions;
pub mod query;
pub mod ranking;
pub mod sparklines;
pub mod status;
pub mod symbols;
