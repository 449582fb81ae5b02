//! The writer of history: gathers rows from everybody and hands them to the store in few large batches.
//!
//! While the store is not available rows wait within bounds: candles can be fetched again and scores are replaced by
//! the next cycle, so the oldest of them are dropped and counted, the universe never is. Alerts, deliveries, predictions
//! and outcomes wait in the state, from where they are taken for each write: no crash costs one of them.

mod fall;
pub mod rows;
pub(crate) mod sink;
pub mod warm_start;

use crate::actors::common::Common;
use crate::actors::drop_counters::LOST_AT_STOP;
use crate::actors::messages::{HistoryRows, Stop};
use crate::actors::ports::history::{HistoryBatch, HistoryError, HistoryStore, Retention};
use crate::actors::ports::state::{OperationalState, Reach};
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::publication::queue::{Cycle, CycleQueue};
use crate::domain::moment::{MarketTime, MonoTime};
use crate::i18n::{Reason, text};
use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, ResponseActFuture, StreamHandler,
    WrapFuture,
};
use std::sync::Arc;
use std::time::Duration;

/// How often waiting rows are written, machine time: one transaction takes what a whole cycle brought.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked for damaged files that were moved aside, machine time: soon enough to tell within a cycle.
const LOOK_ASIDE: Duration = Duration::from_secs(5);
/// Rows of each kind that are taken from the state at once: a long outage is caught up in pieces.
const OWED_AT_ONCE: usize = 5_000;
/// One message of each pair at the end of a minute, and a warm-up of each at the start.
pub(crate) const MAILBOX: usize = 16_384;
/// Most rows of one write: a longer transaction would make other writers and the stop wait.
const MAX_BATCH: usize = 50_000;
/// Candles that may wait: a whole warm-up of 1,000 pairs.
const MAX_CANDLES: usize = 3_000_000;
/// Scores that may wait: half an hour of 500 pairs at 5 s.
const MAX_SCORES: usize = 180_000;
/// Waits after a failed write grow up to this. A store that was away for hours has its rows within a minute of its return.
const MAX_PAUSE_MS: i64 = 60_000;
/// A write that takes longer is told as a problem, ms: the largest portion takes a second on a slow disk.
const SILENT_MS: i64 = 5_000;
/// Longest wait for the last write, and for what it did not take to be set aside. Together below the 4 s that the stage has at
/// the stop, so that a loss is still told.
const LAST_WRITE_WITHIN: Duration = Duration::from_millis(1_500);
const SET_ASIDE_WITHIN: Duration = Duration::from_millis(2_000);

/// What the writer works with.
#[derive(Clone)]
pub struct HistorySetup {
    pub store: Arc<dyn HistoryStore>,
    /// It owes the history alerts, deliveries, predictions and outcomes.
    pub state: Arc<dyn OperationalState>,
    /// How long rows are kept.
    pub retention: Retention,
    /// Between compactions, machine time.
    pub compact_every: Duration,
    /// Another scanner writes to the same store: the one that sends compacts it.
    pub shared: bool,
}

/// The first compaction comes so soon after the start, machine time: behind the warm-up, and before somebody asks for a year of a
/// file whose days an earlier version has not summed up.
const FIRST_COMPACT: Duration = Duration::from_secs(120);

pub(crate) struct HistoryWriter {
    setup: HistorySetup,
    common: Common,
    cycles: Arc<CycleQueue>,
    waiting: HistoryBatch,
    /// Rows of `waiting` that are on their way to the store. One write at a time: of the same candle the later one stands, so two
    /// must not pass each other.
    under_way: Option<HistoryBatch>,
    /// When the write under way began.
    begun: MonoTime,
    /// Predictions that the state has given up while the store is away.
    given_up: u64,
    compacting: bool,
    failures: u32,
    not_before: MonoTime,
    /// Cut of the newest cycle.
    newest: MarketTime,
    /// Market time came down from just before this moment, and what lies ahead of it is still to be removed.
    ahead_to: Option<MarketTime>,
}

impl HistoryWriter {
    /// A writer without waiting rows.
    pub(crate) fn new(setup: HistorySetup, common: Common, cycles: Arc<CycleQueue>) -> Self {
        Self {
            setup,
            common,
            cycles,
            waiting: HistoryBatch::default(),
            under_way: None,
            begun: MonoTime::default(),
            given_up: 0,
            compacting: false,
            failures: 0,
            not_before: MonoTime::default(),
            newest: MarketTime::MIN,
            ahead_to: None,
        }
    }

    fn take(&mut self, batch: HistoryBatch) {
        self.waiting.append(batch);
        let bound = |rows: usize, most: usize| rows.saturating_sub(most);
        let candles = bound(self.waiting.candles.len(), MAX_CANDLES);
        let scores = bound(self.waiting.scores.len(), MAX_SCORES);
        if candles + scores > 0 {
            self.waiting.candles.drain(..candles);
            self.waiting.scores.drain(..scores);
            self.common.drops.add_many("history_candles", candles as u64);
            self.common.drops.add_many("history_scores", scores as u64);
        }
        metrics::gauge!("impulso_history_waiting_rows").set(self.waiting.len() as f64);
    }

    /// The next rows to write: candles in portions, everything else at once, so that what cannot be had again does not wait
    /// behind them.
    fn portion(&mut self) -> HistoryBatch {
        let mut portion = std::mem::take(&mut self.waiting);
        if portion.candles.len() > MAX_BATCH {
            self.waiting.candles = portion.candles.split_off(MAX_BATCH);
        }
        portion
    }

    /// What the state owes the store, and what of the state it is.
    fn owed(&mut self) -> (HistoryBatch, Reach) {
        match self.setup.state.owed_to_history(OWED_AT_ONCE) {
            Ok(mut owed) => {
                let new = owed.given_up.saturating_sub(self.given_up);
                if new > 0 {
                    self.common.drops.add_many("history_samples", new);
                }
                self.given_up = owed.given_up;
                let reach = std::mem::take(&mut owed.reach);
                (rows::owed(owed), reach)
            }
            Err(error) => {
                self.common.drops.add("state_read");
                tracing::warn!(%error, "what the history is owed cannot be read; it is tried again");
                Default::default()
            }
        }
    }

    fn write(&mut self, ctx: &mut Context<Self>) {
        let mono = self.common.clocks.mono_time();
        if self.under_way.is_some() {
            self.tell_silence(mono - self.begun);
            return;
        }
        if mono < self.not_before {
            return;
        }
        if let Some(to) = self.ahead_to {
            return self.void_ahead(to, ctx);
        }
        let (mut batch, reach) = self.owed();
        if batch.is_empty() && self.waiting.is_empty() {
            return;
        }
        let portion = self.portion();
        batch.append(portion.clone());
        (self.under_way, self.begun) = (Some(portion), mono);
        let rows = batch.len() as u64;
        let written = self.setup.store.write(batch);
        ctx.spawn(written.into_actor(self).map(move |result, writer, ctx| {
            writer.written(rows, &reach, result);
            if writer.waiting.candles.len() >= MAX_BATCH {
                writer.write(ctx);
            }
        }));
    }

    /// A store may try for a minute before it says that it cannot, and users should not hear of it so late.
    fn tell_silence(&self, silent_ms: i64) {
        if silent_ms > SILENT_MS {
            self.tell(Reason::of("silent", &text!(history_not_ended, seconds = silent_ms / 1_000)));
        }
    }

    fn tell(&self, error: Reason) {
        let problem = SystemProblem::History { error, given_up: self.given_up };
        self.common.tell(ProblemSource::History, Some(problem));
    }

    fn written(&mut self, rows: u64, reach: &Reach, result: Result<(), HistoryError>) {
        let portion = self.under_way.take().unwrap_or_default();
        match result {
            Ok(()) => {
                self.failures = 0;
                self.common.tell(ProblemSource::History, None);
                self.given(reach);
                metrics::counter!("impulso_history_rows_total").increment(rows);
            }
            Err(error) => {
                self.failed(&error);
                // In front of what came meanwhile: where the bound drops the oldest, it must find them first.
                let newer = std::mem::replace(&mut self.waiting, portion);
                self.take(newer);
            }
        }
    }

    fn failed(&mut self, error: &HistoryError) {
        self.tell(error.reason());
        self.failures = self.failures.saturating_add(1);
        metrics::counter!("impulso_history_failures_total").increment(1);
        let pause = (1_000_i64 << self.failures.min(6)).min(MAX_PAUSE_MS);
        self.not_before = self.common.clocks.mono_time() + pause;
    }

    /// Puts down what the store has. After its answer, never before: a crash in between gives it again, which replaces the same
    /// rows, while the other way round they would be missing for good.
    fn given(&self, reach: &Reach) {
        if *reach == Reach::default() {
            return;
        }
        if let Err(error) = self.setup.state.given_to_history(reach) {
            tracing::warn!(%error, "what the history has been given could not be put down; it is given again");
        }
    }

    /// Damage in the middle of a store shows only to who looks for it.
    fn check(&self, ctx: &mut Context<Self>) {
        let store = Arc::clone(&self.setup.store);
        let checked = async move {
            match store.check().await {
                // A write, if of nothing, begins a new file and says so.
                Err(_) => store.write(HistoryBatch::default()).await,
                sound => sound,
            }
        };
        ctx.spawn(checked.into_actor(self).map(|result, _, _| {
            if let Err(error) = result {
                tracing::error!(%error, "the history is damaged and no new file could be begun");
            }
        }));
    }

    /// As long as the file lies there: who has taken out what can be saved moves it away.
    fn tell_damage(&self) {
        let aside = self.setup.store.put_aside().pop().map(|file| SystemProblem::HistoryDamaged { file });
        self.common.tell(ProblemSource::HistoryDamage, aside);
    }

    fn compact(&mut self, ctx: &mut Context<Self>) {
        let now = self.common.clocks.earlier();
        let others = self.setup.shared && !self.common.is_active();
        if self.compacting || now <= MarketTime::EPOCH || others {
            return;
        }
        self.compacting = true;
        let compacted = self.setup.store.compact(self.setup.retention, now);
        ctx.spawn(compacted.into_actor(self).map(|result, writer, _| {
            writer.compacting = false;
            match result {
                Ok(done) => {
                    // Thinned scores go every hour; recorded candles that go are worth a line.
                    if done.candles > 0 {
                        tracing::info!(
                            candles = done.candles,
                            "recorded candles older than the retention removed"
                        );
                    }
                    tracing::debug!(scores = done.scores, candles = done.candles, "history compacted");
                }
                Err(error) => tracing::warn!(%error, "history could not be compacted; it is tried again"),
            }
        }));
    }
}

impl Actor for HistoryWriter {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.add_stream(self.cycles.stream());
        // What an earlier run did not give any more, before anybody asks the store for it.
        self.write(ctx);
        self.check(ctx);
        self.tell_damage();
        ctx.run_interval(self.common.pace.every(LOOK_ASIDE), |writer, _| writer.tell_damage());
        ctx.run_interval(self.common.pace.every(WRITE_EVERY), Self::write);
        ctx.run_later(FIRST_COMPACT, Self::compact);
        ctx.run_interval(self.setup.compact_every, Self::compact);
    }
}

impl Handler<HistoryRows> for HistoryWriter {
    type Result = ();

    fn handle(&mut self, HistoryRows(batch): HistoryRows, _: &mut Self::Context) {
        self.take(batch);
    }
}

impl HistoryWriter {
    fn take_scores(&mut self, cycle: &Cycle) {
        self.follow(cycle.as_of);
        self.take(HistoryBatch { scores: rows::scores(cycle), ..HistoryBatch::default() });
    }
}

impl StreamHandler<Cycle> for HistoryWriter {
    fn handle(&mut self, cycle: Cycle, _: &mut Self::Context) {
        self.take_scores(&cycle);
    }
}

impl Handler<Stop> for HistoryWriter {
    type Result = ResponseActFuture<Self, ()>;

    /// Writes what waits before it ends; what the store does not take is set aside for the next run.
    fn handle(&mut self, _: Stop, _: &mut Self::Context) -> Self::Result {
        for cycle in self.cycles.drain() {
            self.take_scores(&cycle);
        }
        let ((mut batch, reach), rest) = (self.owed(), std::mem::take(&mut self.waiting));
        batch.append(rest.clone());
        let written = self.setup.store.write(batch);
        let tried = async move { tokio::time::timeout(LAST_WRITE_WITHIN, written).await };
        Box::pin(
            tried
                .into_actor(self)
                .then(move |result, writer, _| {
                    // A write from before the stop may be under way still, or have failed meanwhile.
                    let mut left = writer.under_way.take().unwrap_or_default();
                    left.append(std::mem::take(&mut writer.waiting));
                    match result {
                        Ok(Ok(())) => writer.given(&reach),
                        _ => left.append(rest),
                    }
                    writer.set_aside(left).into_actor(writer)
                })
                .map(|lost, writer, ctx| {
                    writer.common.drops.add_many(LOST_AT_STOP, lost);
                    ctx.stop();
                }),
        )
    }
}

impl HistoryWriter {
    /// The answer is how many rows are lost.
    fn set_aside(&self, left: HistoryBatch) -> impl Future<Output = u64> + use<> {
        let rows = left.len() as u64;
        let aside = (rows > 0).then(|| self.setup.store.set_aside(left));
        async move {
            let Some(aside) = aside else { return 0 };
            match tokio::time::timeout(SET_ASIDE_WITHIN, aside).await {
                Ok(Ok(())) => {
                    tracing::warn!(
                        rows,
                        "history could not be written at the stop: its rows are set aside for the next start"
                    );
                    0
                }
                Ok(Err(error)) => {
                    tracing::error!(rows, %error, "history that waited at the stop is lost");
                    rows
                }
                Err(_) => {
                    tracing::error!(
                        rows,
                        "history that waited at the stop is lost: it could not be set aside in time"
                    );
                    rows
                }
            }
        }
    }
}
