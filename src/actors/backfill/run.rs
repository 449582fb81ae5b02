//! Requests for candles: as many at once as the queue allows, each admitted by the weight ledger.

use super::{Backfill, Running};
use crate::actors::messages::{AskPast, Filled, PastCandles, Warmed};
use crate::actors::ports::{RestAnswer, RestFailure};
use crate::domain::analysis::Wanted;
use crate::domain::candle::Candle;
use crate::exchange::backfill::failing::Asked;
use crate::exchange::backfill::{Failed, JobId, Task};
use crate::exchange::rest::error::{Action, RestError};
use crate::exchange::rest::request::KlinesRequest;
use crate::exchange::weight::{Admission, Ticket};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::sync::Arc;
use std::time::Duration;

/// How long a pair may take to accept an answer; it asks again if it is lost.
const DELIVER_WITHIN: Duration = Duration::from_secs(5);
/// A pair goes on without the hours of the exchange when they have failed so often: its chance is made of what is there, and no
/// outage of one route keeps it from being told. They are tried on.
const HOURS_FAILURES: u32 = 3;
/// A task goes on where a failed request stopped it within this, ms: its last request is open-ended, and an answer holds hours.
const GOES_ON_WITHIN_MS: i64 = 3_600_000;

impl Backfill {
    /// Starts what may start now.
    pub(super) fn pump(&mut self, ctx: &mut Context<Self>) {
        if !self.links.kept.ready() && !self.links.directory.all().is_empty() {
            // What an earlier run left is still being read; with it a warm-up is one small request.
            return;
        }
        while let Some(job) = self.planner.next(self.common.clocks.mono_time()) {
            if job.task == Task::Universe {
                self.read_universe(job.id, ctx);
                continue;
            }
            let running = self.resumed(&job.task).unwrap_or_else(|| self.prepared(job.task));
            self.running.insert(job.id, running);
        }
        let mut ids: Vec<JobId> =
            self.running.iter().filter(|(_, r)| !r.waiting_for_answer).map(|(id, _)| *id).collect();
        // The order in which the planner gave them out is their order of importance.
        ids.sort_unstable();
        for id in ids {
            if !self.send_next(id, ctx) {
                break;
            }
        }
    }

    /// A task that a failed request had stopped, with the answers that are in.
    fn resumed(&mut self, task: &Task) -> Option<Running> {
        let mut running = self.interrupted.remove(&task.key())?;
        let age_ms = self.common.clocks.mono_time() - running.prepared;
        if running.task == *task && age_ms < GOES_ON_WITHIN_MS {
            return Some(running);
        }
        if let (Some(symbol), Some(kept)) = (task.symbol(), running.kept.take()) {
            self.links.kept.give_back(symbol, kept);
        }
        None
    }

    /// A task with its requests: with candles of an earlier run only what came after them is asked for.
    fn prepared(&self, task: Task) -> Running {
        let now = self.common.clocks.now();
        let kept = match &task {
            Task::Warmup { symbol } => self.links.kept.take(symbol, now),
            _ => None,
        };
        let last = kept.as_ref().and_then(|k| k.candles.last()).map(|c| c.open_time);
        let asked = match (last, task.symbol()) {
            (Some(from), Some(symbol)) => Task::Idle { symbol: symbol.clone(), from },
            _ => task.clone(),
        };
        let requests = self.config.plan.requests(&asked, now).into();
        let prepared = self.common.clocks.mono_time();
        Running { task, requests, kept, answers: Vec::new(), waiting_for_answer: false, prepared }
    }

    /// Sends the next request of a task; false when the budget is spent for now.
    fn send_next(&mut self, id: JobId, ctx: &mut Context<Self>) -> bool {
        let Some(request) = self.running.get(&id).and_then(|running| running.requests.front().cloned())
        else {
            self.finish(id, ctx);
            return true;
        };
        let ticket = match self.ledger.admit(self.machine_now(), KlinesRequest::WEIGHT) {
            Admission::Go(ticket) => ticket,
            Admission::Wait(_) => return false,
        };
        if let Some(running) = self.running.get_mut(&id) {
            running.waiting_for_answer = true;
        }
        let asked = self.rest.klines(request, self.common.clocks.heard());
        ctx.spawn(
            asked.into_actor(self).map(move |answer, queue, ctx| queue.answered(id, ticket, answer, ctx)),
        );
        true
    }

    fn answered(
        &mut self,
        id: JobId,
        ticket: Ticket,
        answer: Result<RestAnswer<Vec<Candle>>, RestFailure>,
        ctx: &mut Context<Self>,
    ) {
        let now = self.machine_now();
        match answer {
            Ok(answer) => {
                self.ledger.settle(ticket, answer.used_weight_1m, now);
                self.failing.succeeded(Asked::Candles);
                if let Some(running) = self.running.get_mut(&id) {
                    let pair = running.task.symbol().map_or("", |symbol| symbol.as_str());
                    self.said.left_out(&self.common, "candle_entry", pair, &answer.left_out);
                    running.waiting_for_answer = false;
                    running.requests.pop_front();
                    running.answers.push(answer.value);
                }
            }
            Err(failure) => {
                self.ledger.settle(ticket, failure.used_weight_1m, now);
                self.failed(id, &failure);
            }
        }
        self.pump(ctx);
    }

    fn failed(&mut self, id: JobId, failure: &RestFailure) {
        let action = self.note_failure(failure);
        // What the exchange refuses of one pair says nothing about the others.
        if action != Action::Reject {
            self.fails(Asked::Candles, failure);
        }
        let Some(mut running) = self.running.remove(&id) else { return };
        let symbol = running.task.symbol().map(ToString::to_string).unwrap_or_default();
        let now = self.common.clocks.mono_time();
        let due = self.said.is_due(&format!("{symbol} {}", failure.error.kind()), now);
        match self.planner.failed(id, now, action, self.random()) {
            Failed::RetryAt { failures, .. } => {
                if failures == HOURS_FAILURES {
                    self.without_hours(&running.task);
                }
                // An answer that is none is the pair's own trouble; what befalls all pairs is told as the problem it is.
                match &failure.error {
                    RestError::Malformed(error) if due => {
                        tracing::warn!(symbol, error, "tried again with back-off");
                    }
                    error => tracing::debug!(symbol, %error, "request failed, tried again"),
                }
                running.waiting_for_answer = false;
                self.interrupted.insert(running.task.key(), running);
            }
            Failed::Dropped { before } => {
                self.past_is(&running.task, &[]);
                self.without_hours(&running.task);
                if due {
                    tracing::warn!(symbol, error = %failure, "the exchange does not give these candles");
                }
                if before == 0 && matches!(running.task, Task::Warmup { .. }) {
                    // Known not to become ready now: the first ranking need not wait for it.
                    self.links.warmups.ended();
                }
            }
        }
    }

    /// The store and the exchange do not agree: the pair is warmed up by the exchange alone.
    fn not_this_market(&mut self, id: JobId, task: &Task) {
        let symbol = task.symbol().map(ToString::to_string).unwrap_or_default();
        tracing::warn!(symbol, "the stored candles are not those of this exchange: the pair warms up anew");
        metrics::counter!("impulso_warm_start_refused_total").increment(1);
        self.planner.failed(id, self.common.clocks.mono_time(), Action::Retry, self.random());
    }

    /// The pair waits for its hours no longer.
    fn without_hours(&self, task: &Task) {
        let Task::Hours { symbol } = task else { return };
        let Some(address) = self.links.directory.find(symbol.as_str()) else { return };
        if address.try_send(Filled { wanted: Wanted::Hours, candles: Vec::new() }).is_err() {
            self.common.drops.add("backfill_answer");
        }
    }

    /// Candles of an outage go to the tracker.
    fn past_is(&self, task: &Task, answers: &[Vec<Candle>]) {
        if let (Task::Past { symbol, from, to }, Some(past)) = (task, &self.links.past) {
            let asked = AskPast { symbol: symbol.clone(), from: *from, to: *to };
            past.send(PastCandles { asked, candles: answers.concat() });
        }
    }

    /// All answers of a task are in: they go to the pair.
    fn finish(&mut self, id: JobId, ctx: &mut Context<Self>) {
        let Some(mut running) = self.running.remove(&id) else { return };
        let kept = running.kept.take().map(|kept| (kept.candles.last().map(|c| c.open_time), kept));
        let joined = match kept {
            None => None,
            Some((until, kept)) => match kept.join(&running.answers.concat()) {
                Some(joined) => Some((until, joined)),
                None => {
                    self.not_this_market(id, &running.task);
                    return;
                }
            },
        };
        self.planner.done(id, self.common.clocks.mono_time());
        self.past_is(&running.task, &running.answers);
        let Some(address) = running.task.symbol().and_then(|s| self.links.directory.find(s.as_str())) else {
            return;
        };
        let (drops, warmups) = (Arc::clone(&self.common.drops), Arc::clone(&self.links.warmups));
        let Running { task, mut answers, .. } = running;
        let warmed =
            joined.map(|(kept_until, kept)| Warmed { bars: kept.bars, candles: kept.candles, kept_until });
        // Bars come in the first answer, unless a bar is as long as a base candle.
        let bar_answers = usize::from(self.config.plan.bar != self.config.plan.base);
        let delivered = async move {
            let warmup = matches!(task, Task::Warmup { .. });
            let taken = match task {
                Task::Warmup { .. } if warmed.is_some() => match warmed {
                    Some(warmed) => tokio::time::timeout(DELIVER_WITHIN, address.send(warmed)).await,
                    None => return,
                },
                Task::Warmup { .. } => {
                    let candles = answers.split_off(bar_answers.min(answers.len()));
                    let bars = answers.pop().unwrap_or_default();
                    let warmed = Warmed { bars, candles: candles.concat(), kept_until: None };
                    tokio::time::timeout(DELIVER_WITHIN, address.send(warmed)).await
                }
                Task::Gap { from, to, .. } => {
                    let wanted = Wanted::Range { from, to };
                    let filled = Filled { wanted, candles: answers.concat() };
                    tokio::time::timeout(DELIVER_WITHIN, address.send(filled)).await
                }
                Task::Hours { .. } => {
                    let filled = Filled { wanted: Wanted::Hours, candles: answers.concat() };
                    tokio::time::timeout(DELIVER_WITHIN, address.send(filled)).await
                }
                Task::Idle { from, .. } => {
                    let filled = Filled { wanted: Wanted::Tail { from }, candles: answers.concat() };
                    tokio::time::timeout(DELIVER_WITHIN, address.send(filled)).await
                }
                Task::Past { .. } | Task::Universe => return,
            };
            if !matches!(taken, Ok(Ok(()))) {
                drops.add("backfill_answer");
            }
            if warmup {
                warmups.ended();
            }
        };
        ctx.spawn(delivered.into_actor(self));
    }
}
