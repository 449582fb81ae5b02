//! The IO that actors use, as traits. Adapters and the simulator's tests implement them.

pub mod alerts;
pub mod experiment;
pub mod failover;
pub mod history;
pub mod redis;
pub mod state;

use crate::domain::candle::Candle;
use crate::domain::moment::{MachineTime, MarketTime, MonoTime};
use crate::exchange::left_out::LeftOut;
use crate::exchange::rest::error::RestError;
use crate::exchange::rest::model::{ExchangeInfo, Ticker24h};
use crate::exchange::rest::request::KlinesRequest;
use crate::i18n::{Language, Reason, Text, Texts};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::LocalBoxStream;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::mpsc;

/// An answer with what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct RestAnswer<T> {
    pub value: T,
    /// Entries of the answer that make no sense; `value` is without them.
    pub left_out: LeftOut,
    /// `X-MBX-USED-WEIGHT-1M` of the answer.
    pub used_weight_1m: Option<u32>,
    /// Bytes of the body as they came, compressed or not.
    pub wire_bytes: u64,
    /// Bytes of the body after decompression.
    pub body_bytes: u64,
}

/// A request failed; its weight may be known all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct RestFailure {
    #[source]
    pub error: RestError,
    /// `X-MBX-USED-WEIGHT-1M` of the failed answer, if one came.
    pub used_weight_1m: Option<u32>,
}

impl From<RestError> for RestFailure {
    fn from(error: RestError) -> Self {
        Self { error, used_weight_1m: None }
    }
}

/// A request under way.
pub type RestFuture<T> = LocalBoxFuture<'static, Result<RestAnswer<T>, RestFailure>>;

/// The exchange's REST routes. One value a thread; the weight budget is the caller's business.
pub trait MarketRest {
    /// `GET /api/v3/exchangeInfo`.
    fn exchange_info(&self) -> RestFuture<ExchangeInfo>;
    /// `GET /api/v3/klines`; `said`: what the exchange called its time before, which tells closed candles from the open one.
    fn klines(&self, request: KlinesRequest, said: MarketTime) -> RestFuture<Vec<Candle>>;
    /// `GET /api/v3/time`, ms.
    fn server_time(&self) -> RestFuture<MarketTime>;
    /// `GET /api/v3/ticker/24hr?type=MINI` of every pair.
    fn mini_tickers(&self) -> RestFuture<Vec<Ticker24h>>;
    /// The limit a minute that exchangeInfo announced: the pacing follows it.
    fn set_weight_limit(&self, limit_1m: u32);
}

/// Builds the client of the thread it is called on.
pub type RestFactory = Arc<dyn Fn() -> Rc<dyn MarketRest> + Send + Sync>;

/// What came over a stream connection. Pings are answered by the connection itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A message, text or binary.
    Text(Bytes),
    /// A ping; its pong is already on the way.
    Ping(Bytes),
    Pong(Bytes),
    /// The other side closes; code and reason.
    Close(Text),
}

/// What is sent over a stream connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    Text(String),
    Close,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.in_words(Language::En.texts()))]
pub enum SocketError {
    /// Reading or writing failed.
    Broken(Text),
    /// The other side does not keep to the protocol, or a frame is too large.
    Protocol(String),
}

impl SocketError {
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::Broken(why) => t.connection_broke(why.in_words(t)),
            Self::Protocol(why) => t.protocol_broken(why),
        }
    }

    pub(crate) fn text(&self) -> Text {
        let own = self.clone();
        Text::new(move |t| own.in_words(t))
    }
}

/// No connection came about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.in_words(Language::En.texts()))]
pub enum ConnectError {
    /// The address makes no sense.
    Address {
        /// The address as given.
        url: String,
        reason: Text,
    },
    /// The handshake was answered with an HTTP status.
    Refused {
        status: u16,
        /// `Retry-After`, ms.
        retry_after_ms: Option<i64>,
    },
    /// Not connected in time.
    Timeout {
        /// The limit, ms.
        after_ms: u64,
    },
    /// Name resolution, TCP or TLS failed.
    Transport(Text),
}

impl ConnectError {
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::Address { url, reason } => t.stream_address_unusable(url, reason.in_words(t)),
            Self::Refused { status, .. } => t.exchange_refused_handshake(*status),
            Self::Timeout { after_ms } => t.not_connected_in_time(*after_ms),
            Self::Transport(why) => t.no_connection(why.in_words(t)),
        }
    }

    /// Its short name, the same in every language.
    const fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "address",
            Self::Refused { .. } => "handshake_refused",
            Self::Timeout { .. } => "connect_timeout",
            Self::Transport(_) => "no_connection",
        }
    }

    pub(crate) fn reason(&self) -> Reason {
        Reason::new(self.code(), |t| self.in_words(t))
    }
}

/// An open stream connection; it closes when `frames` is dropped.
pub struct StreamSocket {
    /// Frames in their order; ends after `Close` or an error.
    pub frames: LocalBoxStream<'static, Result<Frame, SocketError>>,
    /// Where control messages go; bounded.
    pub sender: mpsc::Sender<Outgoing>,
}

impl std::fmt::Debug for StreamSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamSocket").finish_non_exhaustive()
    }
}

pub trait StreamConnector: Send + Sync {
    /// Connects to the base address plus `path_and_query`, such as `/stream?streams=a/b`.
    fn connect(&self, path_and_query: &str) -> LocalBoxFuture<'static, Result<StreamSocket, ConnectError>>;
}

/// Where the jitter of back-offs comes from: the machine's randomness, or a simulation's seed.
pub type Random = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The machine's clocks.
pub trait Clock: Send + Sync {
    fn machine_time(&self) -> MachineTime;
    fn mono_time(&self) -> MonoTime;
    /// A steady clock that goes on while the machine sleeps, so that sleep can be told from a wall clock that was put forward.
    fn sleepless_time(&self) -> MonoTime;
}
