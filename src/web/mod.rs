//! HTTP: the JSON API, the WebSocket, the page, metrics and the OpenAPI document.

pub mod api;
pub mod assets;
pub mod asyncapi;
pub(crate) mod auth;
pub(crate) mod cached;
pub mod config;
pub mod csv;
pub mod docs;
pub mod etag;
pub(crate) mod language;
pub mod limit;
pub mod lists;
pub mod live;
pub mod login;
pub mod model_in_force;
pub mod openapi;
pub mod pages;
pub mod problem;
pub(crate) mod query;
pub mod report;
pub mod security;
pub mod server;

pub use api::ranking::encode_snapshot;
pub use config::{WebConfig, WebHandles};
pub use limit::Rate;
pub use server::{WebServer, start};
