//! The history store: what the scanner saw, said and later found out. Two implementations, one behaviour.

use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::candle::Candle;
use crate::domain::duration::{days, hours};
use crate::domain::moment::{MachineTime, MarketTime};
pub use crate::domain::prediction::{JudgedRow, LedgerRow, OutcomeRow, PredictionKind, PredictionRow};
use crate::domain::report::{Components, Factors, Indicators, Level};
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, Interval};
use crate::i18n::{Language, Reason, Text, Texts};
use crate::learning::arms::shadow::KEPT_DAYS;
use crate::learning::evaluation::tally::Tally;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One pair's scores in one cycle. Indicators and factors come back with 32 bits, all else exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreRow {
    pub symbol: Symbol,
    /// The cut, ms UTC.
    pub as_of: MarketTime,
    /// Price at the cut.
    pub price: f64,
    /// Quote volume of 24 h, USDT.
    pub volume_24h: f64,
    /// Momentum score, 0-100.
    pub total_score: f64,
    pub components: Components,
    /// Rule probability, 0-100.
    pub probability_7_5: f64,
    /// Calibrated chance, 0-100.
    pub calibrated_7_5: Option<f64>,
    /// Composite score, 0-100.
    pub composite_score: f64,
    /// Level of the rule.
    pub level: Level,
    /// Level in force; `None` in rows of earlier versions without a model, whose level was the rule's.
    pub level_in_force: Option<Level>,
    /// Within the price and volume limits of the ranking, and not DESCARTADA.
    pub listed: bool,
    /// A jump after a trading pause lies within the last 24 h.
    pub pause_jump: bool,
    pub indicators: Indicators,
    pub factors: Factors,
}

/// A candle with its pair and interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandleRow {
    pub symbol: Symbol,
    pub interval: Interval,
    pub candle: Candle,
}

/// An alert as it was decided; `payload` is the alert card as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertRow {
    /// `SYMBOL-as_of-LEVEL`.
    pub id: String,
    pub symbol: Symbol,
    /// The cut, ms UTC.
    pub as_of: MarketTime,
    pub level: Level,
    /// The whole card, JSON.
    pub payload: String,
}

/// One delivery in its newest state; replaces an older row with the same key and channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryRow {
    /// Key of the message.
    pub key: String,
    pub channel: String,
    pub created_at: MachineTime,
    /// The newest wins.
    pub updated_at: MachineTime,
    /// pending, sending, sent, uncertain, dead.
    pub state: String,
    pub attempts: u32,
    pub reason: Option<String>,
}

/// One pair on one day of the universe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniverseRow {
    /// 00:00 UTC of the day, ms.
    pub day: MarketTime,
    pub symbol: Symbol,
    /// Status that the exchange gave last on that day.
    pub status: String,
    /// listed, delisted, halted, resumed on that day; empty for none.
    pub event: String,
}

/// Candles of one pair and interval that somebody has imported, by their open times: the retention leaves them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedRow {
    pub symbol: Symbol,
    pub interval: Interval,
    /// First open time, ms UTC.
    pub first: MarketTime,
    /// Last open time, ms UTC.
    pub last: MarketTime,
}

/// What is kept of a day of the ledger whose rows are gone: their sums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerDay {
    /// 00:00 UTC of the day, ms.
    pub day: MarketTime,
    /// Of what was in force.
    pub sums: Tally,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HistoryBatch {
    /// Closed candles; the same pair, interval and open time replaces the former one.
    pub candles: Vec<CandleRow>,
    /// Scores; the same pair and cut replaces the former one.
    pub scores: Vec<ScoreRow>,
    /// Alerts; the same id replaces the former one.
    pub alerts: Vec<AlertRow>,
    /// Deliveries; the same key and channel with a newer `updated_at` replaces the former one.
    pub deliveries: Vec<DeliveryRow>,
    /// Predictions; of the same key the later stands.
    pub predictions: Vec<PredictionRow>,
    /// Outcomes; the same key with a newer `resolved_at` replaces the former one.
    pub outcomes: Vec<OutcomeRow>,
    /// Universe; the same day and pair replaces the former one.
    pub universe: Vec<UniverseRow>,
    /// Imported ranges; those that overlap count as one.
    #[serde(default)]
    pub imported: Vec<ImportedRow>,
    /// Folded days of another store; one of which anything is known here is left out.
    #[serde(default)]
    pub ledger_days: Vec<LedgerDay>,
}

impl HistoryBatch {
    pub const fn len(&self) -> usize {
        self.candles.len() + self.scores.len() + self.precious()
    }

    /// Rows that must never be lost: all but candles and scores.
    pub(crate) const fn precious(&self) -> usize {
        self.alerts.len()
            + self.deliveries.len()
            + self.predictions.len()
            + self.outcomes.len()
            + self.universe.len()
            + self.imported.len()
            + self.ledger_days.len()
    }

    /// Is there nothing to write.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// At most `most` rows off its front, those that must not be lost first.
    pub(crate) fn split_front(&mut self, most: usize) -> Self {
        let mut front = std::mem::take(self);
        let precious = front.precious();
        self.candles = front.candles.split_off(front.candles.len().min(most.saturating_sub(precious)));
        let room = most.saturating_sub(precious + front.candles.len());
        self.scores = front.scores.split_off(front.scores.len().min(room));
        front
    }

    /// Takes the rows of another batch behind its own.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.candles.append(&mut other.candles);
        self.scores.append(&mut other.scores);
        self.alerts.append(&mut other.alerts);
        self.deliveries.append(&mut other.deliveries);
        self.predictions.append(&mut other.predictions);
        self.outcomes.append(&mut other.outcomes);
        self.universe.append(&mut other.universe);
        self.imported.append(&mut other.imported);
        self.ledger_days.append(&mut other.ledger_days);
    }
}

/// A span of market time: `from` included, `to` excluded, ms UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: MarketTime,
    /// First moment after it.
    pub to: MarketTime,
}

impl Span {
    pub const ALL: Self =
        Self { from: MarketTime::from_ms(i64::MIN / 4), to: MarketTime::from_ms(i64::MAX / 4) };
}

/// Which predictions of what was in force are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPage {
    /// Of these kinds; of all where there is none.
    pub kinds: Vec<PredictionKind>,
    pub symbol: Option<Symbol>,
    /// Only those before this moment and key.
    pub before: (MarketTime, String),
    /// At most so many.
    pub limit: usize,
}

/// How long rows are kept. Counted back from the `now` that `compact` is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Retention {
    /// Every cycle's scores; older ones are thinned to one a pair and 5 minutes plus every change of level.
    #[serde(rename = "full_scores_hours", deserialize_with = "hours")]
    pub full_scores: Duration,
    /// Thinned scores.
    #[serde(rename = "scores_days", deserialize_with = "days")]
    pub scores: Duration,
    /// Candles shorter than 1 h.
    #[serde(rename = "candles_days", deserialize_with = "days")]
    pub candles: Duration,
    /// Candles of 1 h. When shorter ones expire, the hours that they make up are kept.
    #[serde(rename = "hour_candles_days", deserialize_with = "days")]
    pub hour_candles: Duration,
    /// Predictions of what was in force, with their outcomes. Of older days that are judged the sums are kept, for ever.
    #[serde(rename = "predictions_days", deserialize_with = "days")]
    pub predictions: Duration,
    /// Candles from before it were imported, also where an older version has not noted that: see `since_first_start`.
    #[serde(skip)]
    pub recorded_from: Option<MarketTime>,
}

impl Retention {
    pub(crate) const ALLOWED: Allowed = &[
        ("full_scores_hours", Range(1.0, 24.0 * 3_650.0)),
        ("scores_days", Range(1.0, 3_650.0)),
        ("candles_days", Range(2.0, 3_650.0)),
        ("hour_candles_days", Range(2.0, 36_500.0)),
        // The experiment holds its arms against single predictions of so many days.
        ("predictions_days", Range(KEPT_DAYS as f64, 36_500.0)),
    ];
}

impl Retention {
    /// The same for a scanner that was first started then, where that is known. What its first warm-up brought, which reaches back
    /// `warm_up_ms`, is no import: it would stay for ever, with a hole behind it once the days after it have expired.
    pub(crate) fn since_first_start(self, first_start: Option<MarketTime>, warm_up_ms: i64) -> Self {
        Self { recorded_from: first_start.map(|at| at - warm_up_ms), ..self }
    }
}

impl Default for Retention {
    fn default() -> Self {
        // Every score for the days in which somebody asks why an alert came; 30 days for charts and tuning; hours and
        // predictions for over a year, which learning needs.
        let days = |n: u64| Duration::from_secs(n * 86_400);
        Self {
            full_scores: days(2),
            scores: days(30),
            candles: days(30),
            hour_candles: days(400),
            predictions: days(400),
            recorded_from: None,
        }
    }
}

/// Predictions of arms in the shadow are kept so long, ms: the comparisons look no farther back.
pub(crate) const SHADOW_MS: i64 = 150 * DAY_MS;

/// What `compact` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compacted {
    pub scores: u64,
    pub candles: u64,
    /// Folded into the sums of their days.
    pub predictions: u64,
}

/// What `void_ahead` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Voided {
    pub scores: u64,
    pub candles: u64,
    pub outcomes: u64,
}

/// Why such outcomes do not count, and predictions that were made then.
pub(crate) const MARKET_TIME_FELL: &str = "market time was wrong and came down below this moment";

/// The size of one table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TableStats {
    /// candles, scores, alerts, deliveries, predictions, outcomes, universe, ledger_days.
    pub table: String,
    pub rows: u64,
    /// Oldest moment, ms UTC.
    pub from: Option<MarketTime>,
    /// Newest moment, ms UTC.
    pub to: Option<MarketTime>,
}

/// The size of the store.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct HistoryStats {
    /// Kind and place without secrets: `sqlite:/path`, `clickhouse:http://host:8123/database`.
    pub store: String,
    /// Bytes on the disk.
    pub bytes: u64,
    pub tables: Vec<TableStats>,
    /// Rows that wait in the local spill, as the store is down.
    pub spilled_rows: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.in_words(Language::En.texts()))]
pub enum HistoryError {
    /// Not reachable, locked or full: the same batch may be written again later.
    Unavailable(Text),
    /// The store refuses this for good: a newer schema, a damaged file, a wrong password.
    Unusable(Text),
}

impl HistoryError {
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::Unavailable(why) => t.history_unavailable(why.in_words(t)),
            Self::Unusable(why) => t.history_unusable(why.in_words(t)),
        }
    }

    pub(crate) fn reason(&self) -> Reason {
        let code = if matches!(self, Self::Unusable(_)) { "unusable" } else { "unavailable" };
        Reason::new(code, |t| self.in_words(t))
    }
}

/// The answer of a store.
pub type HistoryFuture<T> = BoxFuture<'static, Result<T, HistoryError>>;

/// The history store. Rows of one answer are in order of time, then symbol.
pub trait HistoryStore: Send + Sync {
    /// Writes a batch; when it returns, the rows are on the disk, in the server or in the local spill.
    fn write(&self, batch: HistoryBatch) -> HistoryFuture<()>;
    /// Looks the whole store through for damage, beside everything else.
    ///
    /// # Errors
    /// When there is some. A store that can goes on with a new file then, and says where the damaged one is.
    fn check(&self) -> HistoryFuture<()>;
    /// Damaged files that were moved aside and are there still.
    fn put_aside(&self) -> Vec<String>;
    /// Puts rows that could not be written in time into local files. They go into the store before anything newer, also in a later
    /// run.
    fn set_aside(&self, batch: HistoryBatch) -> HistoryFuture<()>;
    /// Candles of one pair and interval whose open time lies in `span`, oldest first.
    fn candles(&self, symbol: &Symbol, interval: Interval, span: Span) -> HistoryFuture<Vec<Candle>>;
    /// Candles of every pair of one interval from `from` on, by pair, oldest first: for a warm start.
    fn all_candles(&self, interval: Interval, from: MarketTime) -> HistoryFuture<Vec<(Symbol, Vec<Candle>)>>;
    /// Pairs with candles of one interval, by name, each with its first and last open time.
    fn candle_pairs(&self, interval: Interval) -> HistoryFuture<Vec<(Symbol, MarketTime, MarketTime)>>;
    /// Scores in `span` of one pair or of all, by time, then pair.
    fn scores(&self, symbol: Option<&Symbol>, span: Span) -> HistoryFuture<Vec<ScoreRow>>;
    /// Alerts in `span`, by time, then id.
    fn alerts(&self, span: Span) -> HistoryFuture<Vec<AlertRow>>;
    /// Deliveries created in `span`, by time, key, channel.
    fn deliveries(&self, span: Span) -> HistoryFuture<Vec<DeliveryRow>>;
    /// Predictions of what was in force, opened in `span`, of one kind or of all, each with its outcome; by time, then key.
    fn predictions(&self, kind: Option<PredictionKind>, span: Span) -> HistoryFuture<Vec<LedgerRow>>;
    /// One page of them, newest first, without their features.
    fn ledger_page(&self, asked: LedgerPage) -> HistoryFuture<Vec<LedgerRow>>;
    /// The sums of those of one day (00:00 UTC, ms), the same whether its rows are folded or not.
    fn tally(&self, day: MarketTime) -> HistoryFuture<Tally>;
    /// Folded days in `span`, oldest first.
    fn folded(&self, span: Span) -> HistoryFuture<Vec<LedgerDay>>;
    /// Predictions of all arms that scored in the shadow, as `predictions`.
    fn shadow_predictions(&self, span: Span) -> HistoryFuture<Vec<LedgerRow>>;
    /// The universe of the days in `span`, by day, then pair.
    fn universe(&self, span: Span) -> HistoryFuture<Vec<UniverseRow>>;
    /// What the retention, counted back from `now`, would remove.
    fn expiring(&self, retention: Retention, now: MarketTime) -> HistoryFuture<Compacted>;
    /// Imported ranges, by pair, interval and time.
    fn imported(&self) -> HistoryFuture<Vec<ImportedRow>>;
    /// Removes a pair's candles of one interval in `span`, imported or not; gives how many.
    fn remove(&self, symbol: &Symbol, interval: Interval, span: Span) -> HistoryFuture<u64>;
    /// Market time was wrong and came down: nothing of `span` has happened. Removes scores and what was recorded of candles
    /// that reach into it, and voids outcomes that were found in it.
    fn void_ahead(&self, span: Span) -> HistoryFuture<Voided>;
    /// Applies the retention, counted back from `now`: it counts for what the scanner recorded, imported ranges stay, and so do
    /// predictions that are open.
    fn compact(&self, retention: Retention, now: MarketTime) -> HistoryFuture<Compacted>;
    /// Gives unused space back to the disk.
    fn vacuum(&self) -> HistoryFuture<()>;
    fn stats(&self) -> HistoryFuture<HistoryStats>;
}
