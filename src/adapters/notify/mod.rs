//! Channels over which alerts go out.

pub mod console;
pub mod discord;
mod http;
pub mod telegram;
pub mod webhook;
mod words;

pub use http::HttpTimes;
