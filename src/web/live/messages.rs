//! What goes over the live socket, as types and as schemas.

use crate::web::live::change::Change;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A topic as a whole: at the beginning, without diffs each time, and on a resync.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshot<B> {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) topic: String,
    pub(crate) seq: u64,
    #[serde(flatten)]
    pub(crate) body: B,
}

/// What changed since the message of the topic with `prev_seq`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DiffMessage {
    #[serde(rename = "type")]
    #[schema(pattern = "^diff$")]
    pub(crate) kind: &'static str,
    /// ranking, alerts, status or `symbol:` and the pair.
    pub(crate) topic: String,
    /// Number of the new state.
    pub(crate) seq: u64,
    /// Number of the state that this one builds on. When it is not the client's: `{"op":"resync"}`.
    pub(crate) prev_seq: u64,
    #[serde(flatten)]
    pub(crate) change: Change,
}

/// No cycle has been published so far.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingMessage {
    #[serde(rename = "type")]
    #[schema(pattern = "^waiting$")]
    pub(crate) kind: &'static str,
    /// 0.
    pub(crate) seq: u64,
    /// In words.
    pub(crate) detail: &'static str,
}

/// The subscription in force, after each change of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubscribedMessage {
    #[serde(rename = "type")]
    #[schema(pattern = "^subscribed$")]
    pub(crate) kind: &'static str,
    /// Topics with full snapshots.
    pub(crate) full: Vec<String>,
    /// Topics with diffs.
    pub(crate) diff: Vec<String>,
    pub(crate) compress: Packing,
}

/// The client said something that is not understood or not possible.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorMessage {
    #[serde(rename = "type")]
    #[schema(pattern = "^error$")]
    pub(crate) kind: &'static str,
    /// Of the newest ranking that was sent.
    pub(crate) seq: u64,
    /// In words.
    pub(crate) detail: String,
    /// What is allowed.
    pub(crate) allowed: Vec<String>,
}

/// How messages are packed: compressed ones are binary frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Packing {
    /// JSON text.
    #[default]
    None,
    /// JSON in gzip: what every browser can unpack by itself.
    Gzip,
}

/// What a client may say.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum ClientMessage {
    /// Adds topics; the first one ends the full ranking that every client has at first, unless it is named.
    Subscribe {
        /// ranking (without it), alerts, status, `symbol:` and a pair; 20 at most.
        #[serde(default)]
        #[schema(required = false)]
        topics: Option<Vec<String>>,
        /// A full snapshot first, then only what changed.
        #[serde(default)]
        #[schema(required = false)]
        diff: bool,
        /// For all messages from now on; as it was without it.
        #[serde(default)]
        #[schema(required = false)]
        compress: Option<Packing>,
    },
    /// Takes topics away; all without any.
    Unsubscribe {
        #[serde(default)]
        #[schema(required = false)]
        topics: Option<Vec<String>>,
    },
    /// Asks for full snapshots, after a hole in the numbers; of all topics without any.
    Resync {
        #[serde(default)]
        #[schema(required = false)]
        topics: Option<Vec<String>>,
    },
}

/// What a client may say, as examples.
pub(crate) const OPS: [&str; 3] = [
    r#"{"op":"subscribe","diff":true,"topics":["ranking","alerts","status","symbol:BTCUSDT"]}"#,
    r#"{"op":"unsubscribe","topics":["status"]}"#,
    r#"{"op":"resync"}"#,
];
