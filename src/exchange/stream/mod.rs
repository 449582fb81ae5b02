//! The stream connections: frames, plan of connections, control messages, the state of one connection.

pub mod command;
pub mod event;
pub mod frame;
pub mod liveness;
pub mod outcome;
pub mod plan;
pub mod session;
