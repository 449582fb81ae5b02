//! Channels over which alerts go out.

mod common;
pub mod console;
pub mod discord;
pub mod email;
mod http;
pub mod telegram;
pub mod webhook;

pub use http::HttpTimes;
