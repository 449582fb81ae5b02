//! The WebSocket of the dashboards.

pub mod change;
pub(crate) mod credit;
pub mod messages;
pub(crate) mod relay;
pub mod session;
pub mod socket;
pub mod topics;
