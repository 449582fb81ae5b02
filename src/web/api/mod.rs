//! The JSON API: one file for each group of routes, the bodies in `dto`.

pub mod alerts;
pub(crate) mod alerts_schema;
pub mod candles;
pub mod chart;
pub(crate) mod dto;
pub mod experiments;
pub mod explain;
pub mod model;
pub mod performance;
pub mod predictions;
pub mod query;
pub mod ranking;
pub mod service_levels;
pub(crate) mod sparklines;
pub mod status;
pub mod symbols;
