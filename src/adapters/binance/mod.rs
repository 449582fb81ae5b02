//! The exchange over the network: REST through awc, streams through tungstenite.

pub mod bulk;
pub mod http;
pub mod socket;
