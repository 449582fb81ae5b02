//! The WebSocket of the dashboards.

pub mod credit;
pub mod session;
pub mod socket;
