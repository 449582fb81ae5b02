//! HTTP: the JSON API, the WebSocket, the page, metrics and the OpenAPI document.

pub mod api;
pub mod assets;
pub mod asyncapi;
pub(crate) mod auth;
pub(crate) mod base;
pub(crate) mod cached;
pub(crate) mod caller;
pub mod config;
pub(crate) mod connections;
pub mod csv;
pub mod docs;
pub(crate) mod encoding;
pub mod etag;
pub(crate) mod language;
pub mod limit;
pub mod lists;
pub mod live;
pub mod local_entry;
pub mod login;
pub mod model_in_force;
pub mod network;
pub mod openapi;
pub(crate) mod outgoing;
pub mod pages;
pub mod problem;
pub(crate) mod query;
pub mod report;
pub mod security;
pub mod server;

pub use api::ranking::encode_snapshot;
pub use config::{Rate, WebConfig, WebHandles};
pub use local_entry::LocalEntry;
pub use server::{WebServer, start};
