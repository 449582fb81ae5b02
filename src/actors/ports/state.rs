//! The operational state: what must survive a restart. One port with two implementations: the SQLite file, and one that
//! fails on purpose (`adapters::state::faulty`).

use crate::actors::ports::alerts::{AlertRecord, Delivery, Outgoing, Settled};
use crate::actors::ports::experiment::{Calibration, Entry, ExperimentCommand, REPORT_KEY};
use crate::domain::alert::message::AlertCard;
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::named::named;
use crate::domain::prediction::{OutcomeRow, PredictionRow};
use crate::domain::service_levels::CycleMinute;
use crate::domain::symbol::Symbol;
use serde::{Deserialize, Serialize};
use std::io;

/// Key of the moment of the first start, ms UTC of the machine.
pub(crate) const FIRST_START_KEY: &str = "first_start";

/// A pair that sends no alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = MuteBody))]
pub struct Mute {
    /// The pair; `*` for all.
    pub symbol: String,
    /// Until then, ms UTC of market time; `None` for good.
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub until: Option<MarketTime>,
    /// Who asked: `api`, `page`, `telegram`, `cli`.
    pub by: String,
    #[serde(skip_serializing)]
    pub created_at: MachineTime,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Read,
    /// Read, and change mutes, watchlist and the like.
    Operate,
}

named!(Scope, "scope": {
    Read = "read",
    Operate = "operate",
});

/// A token as it is kept: only its hash, never itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    pub name: String,
    pub scope: Scope,
    pub created_at: MachineTime,
    /// `None` when never used.
    pub last_used_at: Option<MachineTime>,
}

/// A prediction without its final outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenPrediction {
    pub key: String,
    pub symbol: Symbol,
    /// The cut, ms UTC.
    pub opened_at: MarketTime,
    pub price: f64,
    /// Its first 4 h are judged.
    pub judged_4h: bool,
}

/// What the history store lacks. It stands in the state from the moment it is known until the store has it, so that neither a
/// crash nor a store that is away costs a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Owed {
    pub alerts: Vec<AlertCard>,
    /// Those that changed since the last ones that the store has.
    pub deliveries: Vec<Delivery>,
    pub predictions: Vec<PredictionRow>,
    pub outcomes: Vec<OutcomeRow>,
    /// Predictions that were given up since the store last took something, as too many waited.
    pub given_up: u64,
    pub reach: Reach,
}

/// What of the state some [`Owed`] rows are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Ids of the alerts.
    pub(crate) alerts: Vec<String>,
    /// Number of the newest row of the ledger.
    pub(crate) ledger: Option<i64>,
    /// When the last delivery changed, and its number among those of the same moment.
    pub(crate) delivery: Option<(MachineTime, i64)>,
}

/// What waited at a stop because the state took nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Unwritten {
    pub outgoing: Outgoing,
    pub predictions: Vec<PredictionRow>,
}

/// Calls are synchronous: when one that changes something returns, the change is on the disk. When it fails, nothing
/// of it is, or (where the machine dies in the middle) all of it: each change is one transaction and may be repeated.
pub trait OperationalState: Send + Sync {
    /// Writes `now` down, to see whether changes can be made at all.
    ///
    /// # Errors
    /// When they cannot, or would be lost: the file that is open is not there any more.
    fn check(&self, now: MachineTime) -> io::Result<()>;
    /// Damaged files that were moved aside and are there still.
    fn put_aside(&self) -> Vec<String>;
    /// Puts what cannot be written before the end where the next start finds it.
    fn set_aside(&self, unwritten: &Unwritten) -> io::Result<()>;

    // Small values, as JSON text.

    fn get(&self, key: &str) -> io::Result<Option<String>>;
    fn put(&self, key: &str, value: &str) -> io::Result<()>;

    // The outbox.

    /// Writes messages before anything is sent; those whose key and channel are known already are passed over. Returns
    /// how many were new.
    fn enqueue(&self, outgoing: &Outgoing) -> io::Result<usize>;
    /// The next delivery of a channel that is due at `now`, marked as being sent. Urgent ones first, then by age.
    fn take_due(&self, channel: &str, now: MachineTime) -> io::Result<Option<Delivery>>;
    /// Puts down what became of a delivery.
    fn settle(&self, id: i64, settled: &Settled, now: MachineTime) -> io::Result<()>;
    /// After a start: what was being sent is uncertain now. `resend(channel)` says whether it is tried again.
    /// Returns how many there were.
    fn recover(&self, now: MachineTime, resend: &dyn Fn(&str) -> bool) -> io::Result<usize>;
    /// The same for one channel, whose delivery worker died.
    fn recover_one(&self, channel: &str, now: MachineTime, resend: bool) -> io::Result<usize>;
    /// Gives up every waiting delivery of channels that are not in `channels` any more. Returns how many.
    fn abandon_others(&self, channels: &[String], now: MachineTime) -> io::Result<usize>;
    /// Messages with alerts that a channel was sent since `since`.
    fn sent_since(&self, channel: &str, since: MachineTime) -> io::Result<u32>;
    /// Deliveries of a channel by state, in the order of `DeliveryState::ALL`.
    fn counts(&self, channel: &str) -> io::Result<[u64; 5]>;
    /// Up to `limit` alerts older than `before` (ms UTC), newest first, of one pair or of all.
    fn alerts(&self, symbol: Option<&str>, before: MarketTime, limit: usize) -> io::Result<Vec<AlertRecord>>;
    /// Forgets alerts and finished deliveries from before `before`. Returns how many deliveries.
    fn prune(&self, before: MachineTime) -> io::Result<usize>;

    // Mutes and the watchlist, both by symbol.

    /// Mutes in force at `now` (market time).
    fn mutes(&self, now: MarketTime) -> io::Result<Vec<Mute>>;
    /// Adds or replaces one.
    fn mute(&self, mute: &Mute) -> io::Result<()>;
    /// Removes one; false when there was none.
    fn unmute(&self, symbol: &str) -> io::Result<bool>;
    /// Market time had been wrong since `since` and came down from `from` to `to`: mutes made meanwhile end that much sooner. The
    /// same fall counts once, however often it is told.
    fn rebase_mutes(&self, since: MachineTime, from: MarketTime, to: MarketTime) -> io::Result<()>;
    fn watchlist(&self) -> io::Result<Vec<String>>;
    /// Adds (`true`) or removes a watched pair; false when nothing changed.
    fn watch(&self, symbol: &str, watched: bool) -> io::Result<bool>;

    /// The API token with this text, if there is one; only its hash is kept.
    fn find_token(&self, secret: &str, now: MachineTime) -> io::Result<Option<TokenInfo>>;
    /// All tokens, by name.
    fn tokens(&self) -> io::Result<Vec<TokenInfo>>;

    // What users measure the scanner by.

    /// When the scanner was started for the first time, machine clock; `now` where nothing is kept yet.
    fn first_start(&self, now: MachineTime) -> io::Result<MachineTime>;
    /// Adds cycles to those that are kept of their minutes, and forgets minutes from before `oldest`.
    fn add_cycles(&self, minutes: &[CycleMinute], oldest: MachineTime) -> io::Result<()>;
    /// Minutes from `from` on, oldest first.
    fn cycle_minutes(&self, from: MachineTime) -> io::Result<Vec<CycleMinute>>;

    // Predictions that wait for their outcome.

    /// Opens predictions, whose rows the history is owed from then on; those that are open already are passed over.
    fn open_predictions(&self, predictions: &[PredictionRow]) -> io::Result<()>;
    /// Up to `limit` that were opened at or before `short` and are not judged after 4 h, or at or before `long`
    /// in any case; oldest first.
    fn due_predictions(
        &self,
        short: MarketTime,
        long: MarketTime,
        limit: usize,
    ) -> io::Result<Vec<OpenPrediction>>;
    /// Up to `limit` that were opened after `after` and at or before `until`, oldest first.
    fn predictions_opened(
        &self,
        after: MarketTime,
        until: MarketTime,
        limit: usize,
    ) -> io::Result<Vec<OpenPrediction>>;
    /// Notes in one transaction that the first 4 h of some are judged, forgets those with a final outcome, and keeps the
    /// outcomes, which the history is owed.
    fn judged_predictions(
        &self,
        after_4h: &[String],
        finally: &[String],
        outcomes: &[OutcomeRow],
    ) -> io::Result<()>;
    fn open_prediction_count(&self) -> io::Result<u64>;

    // What the history store is owed.

    /// Up to `limit` rows of each kind, oldest first.
    fn owed_to_history(&self, limit: usize) -> io::Result<Owed>;
    /// The store has them: they are owed no more.
    fn given_to_history(&self, reach: &Reach) -> io::Result<()>;

    // The calibration of the model in force, and the experiment.

    /// Adds a version, and forgets those from before `oldest`.
    fn add_calibration(&self, calibration: &Calibration, oldest: MarketTime) -> io::Result<()>;
    /// The newest versions, newest first.
    fn calibrations(&self, limit: usize) -> io::Result<Vec<Calibration>>;
    /// Leaves a command for the running scanner, or for the next start.
    fn order(&self, command: &ExperimentCommand, by: &str, at: MachineTime) -> io::Result<()>;
    /// Takes the oldest command out, with who gave it.
    fn next_order(&self) -> io::Result<Option<(ExperimentCommand, String)>>;
    /// Writes a line of the experiment's log.
    fn note(&self, entry: &Entry) -> io::Result<()>;
    /// The newest lines, newest first.
    fn entries(&self, limit: usize) -> io::Result<Vec<Entry>>;
    /// The newest report, as it was put under `REPORT_KEY`.
    fn report(&self) -> io::Result<Option<String>> {
        self.get(REPORT_KEY)
    }
}

/// Key of the first day (00:00 UTC, ms) whose predictions are all of the level in force as it is now.
pub(crate) const LEVELS_SINCE_KEY: &str = "levels_since";

/// Since when levels mean what they mean now: older predictions are not counted together with newer ones.
///
/// # Errors
/// When the state cannot be read.
pub(crate) fn levels_since(state: &dyn OperationalState) -> io::Result<MarketTime> {
    let kept = state.get(LEVELS_SINCE_KEY)?.and_then(|at| at.parse().ok());
    Ok(kept.map_or(MarketTime::MIN, MarketTime::from_ms))
}
