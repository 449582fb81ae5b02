//! The writer of history: gathers rows from everybody and hands them to the store in few large batches.
//!
//! While the store is not available rows wait within bounds: candles can be fetched again and scores are replaced by
//! the next cycle, so the oldest of them are dropped and counted; alerts, deliveries, predictions, outcomes and the
//! universe never are.

pub mod rows;
pub(crate) mod sink;
pub mod warm_start;

use crate::actors::common::Common;
use crate::actors::messages::{HistoryRows, Stop};
use crate::actors::ports::history::{HistoryBatch, HistoryError, HistoryStore, Retention};
use crate::actors::ports::state::OperationalState;
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::publication::queue::{Cycle, CycleQueue};
use crate::domain::moment::MachineTime;
use crate::domain::moment::MonoTime;
use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, ResponseActFuture, StreamHandler,
    WrapFuture,
};
use std::sync::Arc;
use std::time::Duration;

/// How often waiting rows are written, machine time: one transaction takes what a whole cycle brought.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// How often deliveries are copied from the outbox: nobody waits for them, the outbox itself is asked for alerts.
const COPY_EVERY: Duration = Duration::from_secs(5);
/// Deliveries copied at once; the cursor goes on from there, so that a long outage is caught up in pieces.
const COPY_AT_ONCE: usize = 1_000;
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
/// Where the copied deliveries end.
const CURSOR_KEY: &str = "history_cursor";

/// Longest wait for the last write: below the 4 s that the stage has at the stop, so that a loss is still told.
const LAST_WRITE_WITHIN: Duration = Duration::from_millis(3_500);

/// A place in the outbox: when a delivery changed, and its number among those of the same moment.
type Position = (MachineTime, i64);

/// What the writer works with.
#[derive(Clone)]
pub struct HistorySetup {
    pub store: Arc<dyn HistoryStore>,
    /// Deliveries are copied from here.
    pub state: Arc<dyn OperationalState>,
    /// How long rows are kept.
    pub retention: Retention,
    /// Between compactions, machine time.
    pub compact_every: Duration,
}

pub(crate) struct HistoryWriter {
    setup: HistorySetup,
    common: Common,
    cycles: Arc<CycleQueue>,
    waiting: HistoryBatch,
    writing: bool,
    compacting: bool,
    failures: u32,
    not_before: MonoTime,
    /// Up to where deliveries were copied from the outbox, and up to where of those the store has them all.
    cursor: Position,
    stored: Position,
}

impl HistoryWriter {
    /// A writer without waiting rows.
    pub(crate) fn new(setup: HistorySetup, common: Common, cycles: Arc<CycleQueue>) -> Self {
        let kept = setup.state.get(CURSOR_KEY).ok().flatten();
        let cursor = kept
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or((MachineTime::from_ms(i64::MIN), 0));
        Self {
            setup,
            common,
            cycles,
            waiting: HistoryBatch::default(),
            writing: false,
            compacting: false,
            failures: 0,
            not_before: MonoTime::default(),
            cursor,
            stored: cursor,
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

    fn write(&mut self, ctx: &mut Context<Self>) {
        let mono = self.common.clocks.mono_time();
        if self.writing || self.waiting.is_empty() || mono < self.not_before {
            return;
        }
        // One write at a time: of the same candle the later one stands, so two must not pass each other.
        self.writing = true;
        let (portion, reach) = (self.portion(), self.cursor);
        let written = self.setup.store.write(portion.clone());
        ctx.spawn(written.into_actor(self).map(move |result, writer, ctx| {
            writer.writing = false;
            writer.written(portion, reach, result);
            if writer.waiting.candles.len() >= MAX_BATCH {
                writer.write(ctx);
            }
        }));
    }

    fn written(&mut self, portion: HistoryBatch, reach: Position, result: Result<(), HistoryError>) {
        let rows = portion.len() as u64;
        match result {
            Ok(()) => {
                self.failures = 0;
                self.common.tell(ProblemSource::History, None);
                self.keep_position(reach);
                metrics::counter!("impulso_history_rows_total").increment(rows);
            }
            Err(error) => {
                let error = error.to_string();
                self.common.tell(ProblemSource::History, Some(SystemProblem::History { error }));
                self.failures = self.failures.saturating_add(1);
                metrics::counter!("impulso_history_failures_total").increment(1);
                let pause = (1_000_i64 << self.failures.min(6)).min(MAX_PAUSE_MS);
                self.not_before = self.common.clocks.mono_time() + pause;
                // In front of what came meanwhile: where the bound drops the oldest, it must find them first.
                let newer = std::mem::replace(&mut self.waiting, portion);
                self.take(newer);
            }
        }
    }

    fn copy_deliveries(&mut self) {
        let changed = match self.setup.state.changed_since(self.cursor, COPY_AT_ONCE) {
            Ok(changed) => changed,
            Err(error) => {
                self.common.drops.add("outbox_read");
                tracing::warn!(%error, "deliveries cannot be copied to the history");
                return;
            }
        };
        let Some(last) = changed.last() else { return };
        self.cursor = (last.updated_at, last.id);
        self.take(HistoryBatch { deliveries: rows::deliveries(&changed), ..HistoryBatch::default() });
    }

    /// Puts down that the store has all deliveries up to `reach`. After its answer, never before: a crash in between copies
    /// them again, which replaces the same rows, while the other way round they would be missing for good.
    fn keep_position(&mut self, reach: Position) {
        if reach == self.stored {
            return;
        }
        let kept = serde_json::to_string(&reach).map_err(std::io::Error::other);
        match kept.and_then(|text| self.setup.state.put(CURSOR_KEY, &text)) {
            Ok(()) => self.stored = reach,
            Err(error) => {
                tracing::warn!(%error, "the history's position in the outbox could not be written; deliveries are copied again");
            }
        }
    }

    fn compact(&mut self, ctx: &mut Context<Self>) {
        let now = self.common.clocks.now();
        if self.compacting || now <= 0 {
            return;
        }
        self.compacting = true;
        let compacted = self.setup.store.compact(self.setup.retention, now);
        ctx.spawn(compacted.into_actor(self).map(|result, writer, _| {
            writer.compacting = false;
            match result {
                Ok(done) => {
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
        ctx.run_interval(WRITE_EVERY, Self::write);
        ctx.run_interval(COPY_EVERY, |writer, _| writer.copy_deliveries());
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

    /// Writes what waits before it ends.
    fn handle(&mut self, _: Stop, _: &mut Self::Context) -> Self::Result {
        for cycle in self.cycles.drain() {
            self.take_scores(&cycle);
        }
        self.copy_deliveries();
        let (rest, reach) = (std::mem::take(&mut self.waiting), self.cursor);
        let rows = rest.len();
        let written = self.setup.store.write(rest);
        let ended = async move { tokio::time::timeout(LAST_WRITE_WITHIN, written).await };
        Box::pin(ended.into_actor(self).map(move |result, writer, ctx| {
            // A write from before the stop that is under way still, or has failed, held deliveries as well.
            let all = !writer.writing && writer.waiting.is_empty();
            match result {
                Ok(Ok(())) if all => writer.keep_position(reach),
                _ => tracing::error!(rows, "history that waited at the stop could not be written"),
            }
            ctx.stop();
        }))
    }
}
