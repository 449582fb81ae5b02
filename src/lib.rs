//! Impulso: a real-time momentum scanner for all USDT pairs on Binance spot.
//!
//! Layers, imports go down only (`tests/architecture.rs` holds it):
//! `i18n`, `domain` < `exchange`, `learning` < `actors` < `adapters`, `simulator` < `web`, `cli`, `settings`, `app`.

pub mod actors;
pub mod adapters;
#[cfg(feature = "schema")]
pub mod app;
#[cfg(feature = "schema")]
pub mod cli;
pub mod domain;
pub mod exchange;
pub mod i18n;
pub mod learning;
pub mod metrics;
pub mod settings;
pub mod simulator;
pub mod telemetry;
#[cfg(feature = "schema")]
pub mod web;
