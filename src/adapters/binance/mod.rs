//! The exchange over the network: REST through awc, streams through tungstenite.

pub mod http;
pub mod socket;
