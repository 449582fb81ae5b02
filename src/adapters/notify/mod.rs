//! Channels over which alerts go out.

pub mod console;
pub mod discord;
pub mod email;
mod http;
pub mod telegram;
pub mod webhook;
mod words;

pub use http::HttpTimes;
