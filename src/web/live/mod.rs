//! The WebSocket of the live clients.

pub(crate) mod admission;
pub(crate) mod change;
pub(crate) mod credit;
pub(crate) mod messages;
pub(crate) mod relay;
pub(crate) mod session;
pub(crate) mod subscriptions;
pub(crate) mod topic;
