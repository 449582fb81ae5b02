//! Alerts on their way out: channels, the durable outbox, mutes and tokens.

use crate::domain::alert::message::{AlertCard, Message};
use crate::domain::alert::remedy::Remedy;
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::named::named;
use crate::i18n::{Language, Reason, text};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A message as it is handed to a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    /// The same for every try of the same message: a receiver may de-duplicate by it.
    pub key: String,
    pub message: Message,
    /// PNG of the last 24 h of the pair, for a message with one alert.
    pub chart: Option<Bytes>,
    /// An earlier try may have reached the receiver; the text says so where the channel cannot de-duplicate.
    pub maybe_repeated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// What the receiver calls the message, if it says so.
    pub id: Option<String>,
}

/// A delivery failed. No text holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It did not reach the receiver; try again, not before `after_ms` where the receiver says so.
    #[error("{}", reason.in_english())]
    Retry {
        reason: Reason,
        /// The receiver's own wish, ms.
        after_ms: Option<i64>,
        /// The receiver is well and only asks for a pause (429): no sign of a dead channel.
        throttled: bool,
    },
    /// It may have reached the receiver: the answer was lost.
    #[error("{}", reason.in_english())]
    Uncertain { reason: Reason },
    /// The receiver lets nothing of this channel through before somebody has done something.
    #[error("{}", reason.in_english())]
    Unusable { reason: Reason, remedy: Remedy },
    /// This message will never be taken.
    #[error("{}", reason.in_english())]
    Rejected { reason: Reason },
}

impl DeliveryError {
    pub(crate) const fn reason(&self) -> &Reason {
        let (Self::Retry { reason, .. }
        | Self::Uncertain { reason }
        | Self::Unusable { reason, .. }
        | Self::Rejected { reason }) = self;
        reason
    }
}

/// The receiver took longer to answer.
pub(crate) fn no_answer(within: Duration) -> Reason {
    Reason::of("no_answer", &text!(delivery_no_answer, time = format!("{within:?}")))
}

/// Where messages go: one receiver (a chat, a webhook, a mailbox list).
pub trait AlertChannel {
    /// Delivers one message; the channel's own rate limits are waited for inside.
    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Result<Receipt, DeliveryError>>;
}

/// A channel that can be made on the thread that uses it.
#[derive(Clone)]
pub struct ChannelSpec {
    /// Name in logs, metrics, API and outbox, such as `telegram:-100123`; holds no secret.
    pub name: String,
    /// Language of its messages.
    pub language: Language,
    /// Most messages with alerts a day; `None` for no cap.
    pub daily_cap: Option<u32>,
    /// A second delivery with the same key stays invisible, so an uncertain one may simply be tried again.
    pub idempotent: bool,
    /// An uncertain delivery is tried again even so, marked as a possible repetition.
    pub resend_uncertain: bool,
    pub charts: bool,
    /// Least level that it gets.
    pub min_level: crate::domain::report::Level,
    pub make: std::sync::Arc<dyn Fn() -> Box<dyn AlertChannel> + Send + Sync>,
}

impl ChannelSpec {
    /// May a delivery be tried again that has perhaps arrived.
    pub(crate) const fn may_repeat(&self) -> bool {
        self.idempotent || self.resend_uncertain
    }
}

impl std::fmt::Debug for ChannelSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelSpec").field("name", &self.name).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// Waits for its turn.
    Pending,
    /// Handed to the channel; found so after a crash it becomes uncertain.
    Sending,
    /// The receiver has it.
    Sent,
    /// The receiver may have it.
    Uncertain,
    /// Given up, with the reason.
    Dead,
}

named!(DeliveryState, "state of a delivery": {
    Pending = "pending",
    Sending = "sending",
    Sent = "sent",
    Uncertain = "uncertain",
    Dead = "dead",
});

/// One message to one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Number in the outbox.
    pub id: i64,
    /// Key of the message.
    pub key: String,
    pub channel: String,
    pub message: Message,
    pub state: DeliveryState,
    pub attempts: u32,
    /// An earlier try may have reached the receiver.
    pub maybe_repeated: bool,
    /// Not before; `None` when it is not tried again.
    pub next_attempt_at: Option<MachineTime>,
    pub created_at: MachineTime,
    pub updated_at: MachineTime,
    /// Newest failure, or why it was given up.
    pub reason: Option<Reason>,
    /// What the receiver calls it.
    pub receipt: Option<String>,
}

/// What becomes of a delivery after a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub state: DeliveryState,
    /// Tried again at.
    pub next_attempt_at: Option<MachineTime>,
    pub reason: Option<Reason>,
    /// What the receiver calls it.
    pub receipt: Option<String>,
    /// Does this try count against the number of tries.
    pub counts: bool,
}

/// Messages to be written before anything is sent, in one transaction.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Outgoing {
    /// Each message with the channels that get it.
    pub messages: Vec<(Message, Vec<String>)>,
    /// The policy's memory after them (JSON); `None` leaves the kept one.
    pub policy_memory: Option<String>,
    /// Of one of two scanners: all alerts up to this cut are decided, and those worth sending are among these or were before.
    #[serde(default)]
    pub decided: Option<MarketTime>,
    /// They may have been sent by another scanner.
    #[serde(default)]
    pub maybe_repeated: bool,
    pub now: MachineTime,
}

/// An alert with its deliveries, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AlertRecord {
    pub alert: AlertCard,
    /// How it went out: one for each channel.
    pub deliveries: Vec<AlertDelivery>,
}

/// How one alert went out over one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AlertDelivery {
    pub channel: String,
    /// alert, digest or summary.
    pub kind: String,
    pub state: DeliveryState,
    pub attempts: u32,
    #[serde(serialize_with = "in_english")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub reason: Option<Reason>,
    /// ms UTC, machine clock.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub updated_at: MachineTime,
}

/// As programs read it.
fn in_english<S: serde::Serializer>(reason: &Option<Reason>, to: S) -> Result<S::Ok, S::Error> {
    reason.as_ref().map(Reason::in_english).serialize(to)
}

/// Draws the chart of an alert.
pub trait ChartMaker: Send + Sync {
    /// A PNG of `candles` (oldest first); `None` when there is too little to draw or drawing fails.
    fn draw(
        &self,
        title: &str,
        candles: &[crate::domain::candle::Candle],
        resistance: Option<f64>,
    ) -> Option<Bytes>;
}
