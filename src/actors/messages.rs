//! Messages between the actors. Each is immutable once made.

use crate::actors::ports::history::{HistoryBatch, OutcomeRow, PredictionRow};
use crate::actors::view::{ConnectionStatus, WeightStatus};
use crate::domain::alert::message::Message as AlertMessage;
use crate::domain::analysis::{BtcContext, Wanted};
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::report::Report;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use actix::Message;
use std::sync::Arc;

/// One kline event of one pair.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(crate) struct CandleUpdate {
    /// The candle, whole so far.
    pub candle: Candle,
    /// When the exchange sent it.
    pub event_time: MarketTime,
}

/// The cut of a cycle: the same for every pair.
#[derive(Debug, Clone)]
pub(crate) struct TickContext {
    /// Number of the tick, to tell late answers apart.
    pub tick: u64,
    pub as_of: MarketTime,
    /// Market time at the tick.
    pub now: MarketTime,
    /// BTC at the cut.
    pub btc: BtcContext,
}

/// Score yourself at this cut and report to the ranker.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct Tick(pub(crate) Arc<TickContext>);

/// A pair's answer to a tick.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Reported {
    /// The tick it answers.
    pub tick: u64,
    /// What the pair says.
    pub report: Report,
}

/// Asks BTCUSDT's actor for its context at a cut.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "BtcContext")]
pub(crate) struct GetBtc {
    pub as_of: MarketTime,
    pub now: MarketTime,
}

/// Asks for the pair's report at the newest cut, outside a cycle.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "Option<Report>")]
pub(crate) struct GetReport;

#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "Vec<Candle>")]
pub(crate) struct GetCandles {
    pub interval: Interval,
    /// At most so many, the newest.
    pub limit: usize,
}

/// The pair entered or left TRADING.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(crate) struct SetTrading(pub(crate) bool);

/// The pair's connection was lost and is back: until it is known that nothing was missed, the pair has a gap.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(crate) struct Reconnected;

/// The streams were silent for long and are back: the candles before are checked against REST.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(crate) struct OutageOver;

/// Market time was wrong and came down: what was learnt under it is forgotten.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(crate) struct ClockFell;

/// The mini ticker shows trading, the kline stream does not: ask REST.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(crate) struct Suspect;

/// Makes a pair's actor panic: lets a test show that the others do not notice.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct Poison;

/// Ask REST for candles of a pair.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct Ask {
    pub symbol: Symbol,
    pub wanted: Wanted,
}

/// The answer to `Ask` for a warm-up.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct Warmed {
    /// Bars of TF minutes, oldest first.
    pub bars: Vec<Candle>,
    /// Base candles, oldest first.
    pub candles: Vec<Candle>,
    /// Up to this open time they came from the history store; `None` when all came from the exchange.
    pub(crate) kept_until: Option<MarketTime>,
}

/// The answer to `Ask` for a range or a tail.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct Filled {
    pub wanted: Wanted,
    pub candles: Vec<Candle>,
}

/// Ask REST for candles of an outage, which the tracker needs.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct AskPast {
    pub symbol: Symbol,
    pub from: MarketTime,
    pub to: MarketTime,
}

/// The answer: candles at the base interval, oldest first; none where the exchange refuses them.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct PastCandles {
    pub asked: AskPast,
    pub candles: Vec<Candle>,
}

/// A connection's state, sent every second.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct FeedReport {
    pub index: usize,
    pub status: ConnectionStatus,
}

/// The REST queue's state, sent every second and after each change that matters.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct RestReport {
    pub weight: WeightStatus,
}

#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(crate) struct Stop;

/// Predictions that arms of the experiment have opened in the shadow.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct ShadowPredictions(pub Vec<PredictionRow>);

#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Resolved(pub Arc<Vec<OutcomeRow>>);

/// A message was written to the outbox.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct OutboxEnqueued(pub(crate) Arc<AlertMessage>);

/// Rows for the history store.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct HistoryRows(pub(crate) HistoryBatch);
