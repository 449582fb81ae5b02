//! What the actors share: clocks, counters, the newest view, and where the others can be reached now.
//!
//! An actor that was started anew has a new address; its neighbours find it here, without holding one of their own.

use crate::actors::barrier::CloseBarrier;
use crate::actors::death_watch::ChildDown;
use crate::actors::directory::Directory;
use crate::actors::drop_counters::DropCounters;
use crate::actors::lags::CloseLags;
use crate::actors::mailbox;
use crate::actors::market_clock::MarketClock;
use crate::actors::messages::{
    Ask, AskPast, FeedReport, HistoryRows, NewSnapshot, OutboxEnqueued, PastCandles, Reported, Resolved,
    RestReport, ShadowPredictions,
};
use crate::actors::ports::Clock;
use crate::actors::ports::history::HistoryBatch;
use crate::actors::view::LiveView;
use crate::domain::time::UtcMs;
use crate::exchange::backoff::AttemptLimit;
use crate::learning::scorer::Scorer;
use actix::{Message, Recipient};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// The present address of an actor that may be started anew.
#[derive(Debug)]
pub struct Line<M>
where
    M: Message + Send + 'static,
    M::Result: Send,
{
    name: &'static str,
    to: RwLock<Option<Recipient<M>>>,
}

impl<M> Line<M>
where
    M: Message + Send + 'static,
    M::Result: Send,
{
    const fn new(name: &'static str) -> Self {
        Self { name, to: RwLock::new(None) }
    }

    /// Points the line at an actor.
    pub fn connect(&self, to: Recipient<M>) {
        *self.to.write().unwrap_or_else(PoisonError::into_inner) = Some(to);
    }

    /// Offers a message; a full, closed or missing mailbox loses it, counted under the line's name.
    pub(crate) fn offer(&self, message: M, drops: &DropCounters) -> bool {
        match &*self.to.read().unwrap_or_else(PoisonError::into_inner) {
            Some(to) => mailbox::offer_to(to, message, self.name, drops),
            None => {
                drops.add(self.name);
                false
            }
        }
    }
}

/// Shared by all actors of one system.
pub struct Wiring {
    pub clock: MarketClock,
    pub machine: Arc<dyn Clock>,
    pub(crate) drops: Arc<DropCounters>,
    /// Closing events under way.
    pub(crate) barrier: CloseBarrier,
    /// The newest snapshot and status.
    pub view: Arc<LiveView>,
    pub directory: Arc<Directory>,
    /// Actors started anew after a panic.
    pub restarts: AtomicU64,
    /// Cycles published, and those whose boundary passed without one.
    pub(crate) cycles_published: AtomicU64,
    /// Boundaries that passed without a snapshot.
    pub cycles_missed: AtomicU64,
    /// Warm-ups of the first universe that are still under way.
    pub(crate) warmups: Warmups,
    /// Connection attempts of the whole process: the exchange counts them by address.
    pub(crate) attempts: Mutex<AttemptLimit>,
    /// The model in force; `None` leaves levels and alerts to the rule.
    pub scorer: Mutex<Option<Scorer>>,
    pub scores: std::sync::atomic::AtomicBool,
    /// To the ranker: reports.
    pub(crate) ranker: Line<Reported>,
    /// To the REST queue.
    pub(crate) ask: Line<Ask>,
    /// To the alert actor.
    pub(crate) alert: Line<NewSnapshot>,
    /// To the supervisor, which passes it on to the delivery_workers.
    pub(crate) outbox: Line<OutboxEnqueued>,
    /// To the writer of history: rows.
    pub(crate) history: Line<HistoryRows>,
    /// To the writer of history: snapshots.
    pub(crate) history_snapshots: Line<NewSnapshot>,
    /// To the tracker: snapshots.
    pub(crate) tracker: Line<NewSnapshot>,
    /// To the tracker: alerts.
    pub(crate) tracker_alerts: Line<OutboxEnqueued>,
    /// To the tracker: predictions of the experiment's arms.
    pub tracker_shadow: Line<ShadowPredictions>,
    /// To the REST queue: candles of an outage.
    pub(crate) ask_past: Line<AskPast>,
    /// To the tracker: what came of it.
    pub(crate) past: Line<PastCandles>,
    /// To the experiment: snapshots.
    pub(crate) experiment: Line<NewSnapshot>,
    /// To the experiment: outcomes.
    pub(crate) experiment_resolved: Line<Resolved>,
    /// Is there an experiment.
    pub(crate) has_experiment: std::sync::atomic::AtomicBool,
    /// To the cycle_stats: snapshots.
    pub(crate) cycle_stats: Line<NewSnapshot>,
    /// How late closed candles arrive.
    pub(crate) close_lags: CloseLags,
    /// To the publisher: candles.
    pub(crate) redis_candles: Line<HistoryRows>,
    /// To the publisher: snapshots.
    pub(crate) redis_publisher: Line<NewSnapshot>,
    /// To the publisher: alerts.
    pub(crate) redis_alerts: Line<OutboxEnqueued>,
    /// Are there read-only nodes to publish to.
    pub publishes: std::sync::atomic::AtomicBool,
    /// Is history kept at all.
    pub(crate) keeps_history: std::sync::atomic::AtomicBool,
    pub(crate) hub: Line<NewSnapshot>,
    /// To the supervisor: deaths.
    pub(crate) deaths: Line<ChildDown>,
    /// To the supervisor: connection states.
    pub(crate) feeds: Line<FeedReport>,
    /// To the supervisor: the REST budget.
    pub(crate) rest: Line<RestReport>,
}

impl Wiring {
    /// Wiring of a system whose actors are not yet started. `base_ms`: the base interval, ms.
    pub fn new(machine: Arc<dyn Clock>, view: Arc<LiveView>, base_ms: i64) -> Arc<Self> {
        Arc::new(Self {
            clock: MarketClock::default(),
            machine,
            drops: Arc::new(DropCounters::default()),
            barrier: CloseBarrier::new(base_ms),
            view,
            directory: Arc::new(Directory::default()),
            restarts: AtomicU64::new(0),
            cycles_published: AtomicU64::new(0),
            cycles_missed: AtomicU64::new(0),
            warmups: Warmups::default(),
            attempts: Mutex::default(),
            scorer: Mutex::new(None),
            scores: std::sync::atomic::AtomicBool::new(false),
            ranker: Line::new("ranker"),
            ask: Line::new("backfill"),
            alert: Line::new("alert"),
            outbox: Line::new("outbox_news"),
            history: Line::new("history"),
            history_snapshots: Line::new("history_snapshot"),
            tracker: Line::new("tracker"),
            tracker_alerts: Line::new("tracker"),
            tracker_shadow: Line::new("tracker_shadow"),
            ask_past: Line::new("backfill"),
            past: Line::new("tracker"),
            experiment: Line::new("experiment"),
            experiment_resolved: Line::new("experiment_resolved"),
            has_experiment: std::sync::atomic::AtomicBool::new(false),
            cycle_stats: Line::new("cycle_stats"),
            close_lags: CloseLags::default(),
            redis_candles: Line::new("redis_publisher"),
            redis_publisher: Line::new("redis_publisher"),
            redis_alerts: Line::new("redis_publisher"),
            publishes: std::sync::atomic::AtomicBool::new(false),
            keeps_history: std::sync::atomic::AtomicBool::new(false),
            hub: Line::new("hub"),
            deaths: Line::new("deaths"),
            feeds: Line::new("feed_report"),
            rest: Line::new("rest_report"),
        })
    }

    /// Rows for the history, where one is kept.
    pub fn keep(&self, batch: HistoryBatch) {
        if self.publishes.load(Ordering::Relaxed) && !batch.candles.is_empty() {
            let candles = HistoryBatch { candles: batch.candles.clone(), ..HistoryBatch::default() };
            self.redis_candles.offer(HistoryRows(candles), &self.drops);
        }
        if self.keeps_history.load(Ordering::Relaxed) && !batch.is_empty() {
            self.history.offer(HistoryRows(batch), &self.drops);
        }
    }

    /// Does anybody want final candles.
    pub(crate) fn wants_candles(&self) -> bool {
        self.keeps_history.load(Ordering::Relaxed) || self.publishes.load(Ordering::Relaxed)
    }

    /// The model in force, for as long as the guard lives; no await in between.
    pub fn scorer(&self) -> MutexGuard<'_, Option<Scorer>> {
        self.scorer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Market time now; 0 before anything was heard.
    pub fn now(&self) -> UtcMs {
        self.clock.now(self.machine.mono_ms())
    }
}

/// How far the warm-up of the first universe is: the first ranking waits for it.
#[derive(Debug, Default)]
pub(crate) struct Warmups {
    asked: AtomicU64,
    ended: AtomicU64,
    universe_known: std::sync::atomic::AtomicBool,
}

impl Warmups {
    /// The first universe is known: `count` pairs will warm up.
    pub(crate) fn expect(&self, count: u64) {
        self.asked.store(count, Ordering::Release);
        self.universe_known.store(true, Ordering::Release);
    }

    /// A pair has its history, or is known not to get it now.
    pub(crate) fn ended(&self) {
        self.ended.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn progress(&self) -> (u64, u64) {
        let asked = self.asked.load(Ordering::Acquire);
        (self.ended.load(Ordering::Acquire).min(asked), asked)
    }

    /// Every pair of the first universe is ready or known not to be.
    pub(crate) fn done(&self) -> bool {
        let (ended, asked) = self.progress();
        self.universe_known.load(Ordering::Acquire) && ended >= asked
    }
}
