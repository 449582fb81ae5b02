//! The WebSocket of the dashboards.

pub mod change;
pub mod credit;
pub mod messages;
pub mod relay;
pub mod session;
pub mod socket;
pub mod topics;
