//! The JSON API: one file for each group of routes, the bodies in `dto`.

pub mod alerts;
pub mod alerts_schema;
pub mod candles;
pub mod dto;
pub mod performance;
pub mod query;
pub mod ranking;
pub mod status;
pub mod symbols;
