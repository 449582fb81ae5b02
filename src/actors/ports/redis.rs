//! A cache and a channel to read-only dashboard nodes.

use crate::actors::ports::history::CandleRow;
use crate::actors::view::{ChannelStatus, SystemStatus};
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::Snapshot;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::i18n::{Reason, Text};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Everything that a read-only node shows, as of one cycle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    /// Number of the published message.
    pub seq: u64,
    pub snapshot: Arc<Snapshot>,
    /// The scanner's state.
    pub status: Arc<SystemStatus>,
    pub channels: Vec<ChannelStatus>,
    /// Base interval of the scanner.
    pub base: Interval,
}

/// The cache cannot be reached; no text holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.in_english())]
pub struct PublishError(pub Text);

impl PublishError {
    pub(crate) fn reason(&self) -> Reason {
        Reason::of("redis", &self.0)
    }
}

/// The answer of a cache.
pub type PublishFuture<T> = BoxFuture<'static, Result<T, PublishError>>;

pub trait SnapshotCache: Send + Sync {
    /// Puts the newest ranking and rows into the cache and tells every node.
    fn publish(&self, bundle: Arc<Bundle>) -> PublishFuture<()>;
    /// Adds final candles behind those of their pair and interval.
    fn append(&self, rows: Vec<CandleRow>) -> PublishFuture<()>;
    /// Puts a pair's candles in place of the former ones.
    fn replace(&self, symbol: &Symbol, interval: Interval, candles: Vec<Candle>) -> PublishFuture<()>;
    /// Notes when pairs had their newest alert (market time); forgotten after `ttl_ms` of machine time.
    fn note_alerts(&self, alerts: Vec<(Symbol, MarketTime)>, ttl_ms: u64) -> PublishFuture<()>;
    /// What was noted: the policy decides by these values in market time.
    fn noted_alerts(&self) -> PublishFuture<Vec<(Symbol, MarketTime)>>;
}
