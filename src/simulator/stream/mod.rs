//! Streams: names, control messages, events, connections and the feed that fills them.

pub mod connection;
pub mod control;
pub mod events;
pub mod feed;
pub mod names;
pub(crate) mod registry;
