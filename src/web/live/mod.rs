//! The WebSocket of the dashboards.

pub mod session;
pub mod socket;
