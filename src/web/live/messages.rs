//! What goes over the live socket, as schemas and as types.

use crate::actors::ports::alerts::AlertRecord;
use crate::web::api::alerts_schema::AlertSchema;
use crate::web::api::dto::{RankingBody, SymbolDetail};
use crate::web::api::status::StatusBody;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

macro_rules! tags {
    ($($(#[$doc:meta])* $name:ident = $only:ident;)+) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
        #[serde(rename_all = "lowercase")]
        pub(crate) enum $name {
            /// The only value.
            #[default]
            $only,
        })+
    };
}

tags! {
    /// Tag of a message with a whole state.
    SnapshotTag = Snapshot;
    /// Tag of a message with what changed.
    DiffTag = Diff;
    /// Tag of a message before the first snapshot.
    WaitingTag = Waiting;
    /// Tag of the answer to a subscription.
    SubscribedTag = Subscribed;
    /// Tag of an error.
    ErrorTag = Error;
    /// The topic of the whole ranking.
    RankingTopic = Ranking;
    /// The topic of the newest alerts.
    AlertsTopic = Alerts;
    /// The topic of the system's state.
    StatusTopic = Status;
}

/// The whole ranking: on connect, once a cycle, and on a resync.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RankingSnapshot {
    /// snapshot.
    #[serde(rename = "type")]
    pub kind: SnapshotTag,
    /// ranking.
    pub topic: RankingTopic,
    /// Grows by one with each published cycle.
    pub seq: u64,
    /// As `GET /api/v1/ranking`.
    #[serde(flatten)]
    pub body: RankingBody,
}

/// The newest 100 alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertsSnapshot {
    /// snapshot.
    #[serde(rename = "type")]
    pub kind: SnapshotTag,
    /// alerts.
    pub topic: AlertsTopic,
    /// Grows with each message of the topic.
    pub seq: u64,
    /// Newest first, as `GET /api/v1/alerts`.
    #[schema(value_type = Vec<AlertSchema>)]
    pub alerts: Vec<AlertRecord>,
}

/// The state of the whole system.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusSnapshot {
    /// snapshot.
    #[serde(rename = "type")]
    pub kind: SnapshotTag,
    /// status.
    pub topic: StatusTopic,
    /// Grows with each message of the topic.
    pub seq: u64,
    /// As `GET /api/v1/status`.
    #[serde(flatten)]
    pub body: StatusBody,
}

/// One pair.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SymbolSnapshot {
    /// snapshot.
    #[serde(rename = "type")]
    pub kind: SnapshotTag,
    /// `symbol:` and the pair.
    #[schema(pattern = "^symbol:")]
    pub topic: String,
    /// That of the cycle.
    pub seq: u64,
    /// As `GET /api/v1/symbols/{symbol}`.
    #[serde(flatten)]
    pub body: SymbolDetail,
}

/// What changed since the message of the topic with `prev_seq`.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffMessage {
    /// diff.
    #[serde(rename = "type")]
    pub(crate) kind: DiffTag,
    /// ranking, alerts, status or `symbol:` and the pair.
    pub topic: String,
    /// Number of the new state.
    pub seq: u64,
    /// Number of the state that this one builds on. When it is not the client's: `{"op":"resync"}`.
    pub prev_seq: u64,
    /// The changes.
    #[serde(flatten)]
    pub(crate) change: Change,
}

/// Changes of a state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub(crate) struct Change {
    /// Fields with their new values (the rows aside).
    #[schema(value_type = Object)]
    pub set: Map<String, Value>,
    /// Fields that are gone.
    pub(crate) unset: Vec<String>,
    /// Changed fields of rows, all fields of new ones: by pair (ranking) or by id (alerts).
    #[schema(value_type = Object)]
    pub rows: BTreeMap<String, Map<String, Value>>,
    /// Rows that are gone.
    pub gone: Vec<String>,
}

/// No cycle has been published so far.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingMessage {
    /// waiting.
    #[serde(rename = "type")]
    pub kind: WaitingTag,
    /// 0.
    pub seq: u64,
    /// In words.
    pub detail: String,
}

/// The subscription in force, after each change of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubscribedMessage {
    /// subscribed.
    #[serde(rename = "type")]
    pub kind: SubscribedTag,
    /// Topics with full snapshots.
    pub full: Vec<String>,
    /// Topics with diffs.
    pub diff: Vec<String>,
    /// none, gzip or zstd.
    pub compress: Packing,
}

/// The client said something that is not understood or not possible.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorMessage {
    /// error.
    #[serde(rename = "type")]
    pub kind: ErrorTag,
    /// Of the newest snapshot that was sent.
    pub seq: u64,
    /// In words.
    pub detail: String,
    /// What is allowed.
    pub allowed: Vec<String>,
}

/// How messages are packed: compressed ones are binary frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Packing {
    /// JSON text.
    #[default]
    None,
    /// JSON in gzip.
    Gzip,
    /// JSON in zstd.
    Zstd,
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
        /// The topics.
        #[serde(default)]
        #[schema(required = false)]
        topics: Option<Vec<String>>,
    },
    /// Asks for full snapshots, after a hole in the numbers; of all topics without any.
    Resync {
        /// The topics.
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
