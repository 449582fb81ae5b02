//! HTTP: the JSON API, the WebSocket, the page, metrics and the OpenAPI document.

pub mod api;
pub mod assets;
pub mod auth;
pub mod cached;
pub mod config;
pub mod live;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod report;
pub mod security;
pub mod server;
pub mod text;
pub mod text_more;
pub mod words;

pub use api::ranking::encode_snapshot;
pub use config::{ListingLimits, WebConfig, WebHandles};
pub use server::{WebServer, start};
