//! What arrives over a stream connection, borrowed from the frame.

use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use crate::exchange::left_out::LeftOut;
use std::borrow::Cow;

/// An update of a pair's live candle.
#[derive(Debug, Clone, PartialEq)]
pub struct KlineEvent<'a> {
    /// The pair, upper case.
    pub symbol: Cow<'a, str>,
    /// When the exchange sent it.
    pub event_time: MarketTime,
    /// Length of the candle.
    pub interval: Interval,
    /// The candle; `closed` when it will not change any more.
    pub candle: Candle,
}

/// Rolling 24 h figures of one pair.
#[derive(Debug, Clone, PartialEq)]
pub struct MiniTicker<'a> {
    /// The pair, upper case.
    pub symbol: Cow<'a, str>,
    /// When the exchange sent it.
    pub event_time: MarketTime,
    /// Last price, quote asset.
    pub close: f64,
    /// Volume of 24 h, base asset.
    pub volume: f64,
    /// Volume of 24 h, quote asset.
    pub quote_volume: f64,
}

/// The answer to a control message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlResult {
    Done,
    /// The list that `LIST_SUBSCRIPTIONS` asked for.
    List(Vec<String>),
    Refused {
        /// The exchange's code.
        code: i64,
        message: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum StreamEvent<'a> {
    Kline(KlineEvent<'a>),
    /// 24 h figures of the pairs that changed, and which of them make no sense.
    MiniTickers(Vec<MiniTicker<'a>>, LeftOut),
    /// The server closes soon.
    ServerShutdown {
        /// When the exchange sent it.
        event_time: MarketTime,
    },
    /// The answer to a control message.
    ControlAnswer {
        /// The message's id; `None` when the exchange could not read it.
        id: Option<u64>,
        result: ControlResult,
    },
    /// Something this program does not use: name of the event or stream.
    Other(Cow<'a, str>),
}

/// A frame could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON: the connection itself is not sound.
    #[error("frame is not readable: {0}")]
    Malformed(String),
    /// JSON, but a field or a value makes no sense: the fault of one event.
    #[error("frame makes no sense: {0}")]
    Invalid(String),
}
