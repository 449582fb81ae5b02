//! What became of predictions: those that are due are held against the candles.

use super::Tracker;
use super::past::Known;
use crate::actors::messages::{AskPast, Resolved};
use crate::actors::ports::history::{HistoryStore, OutcomeRow, Span};
use crate::actors::ports::state::OpenPrediction;
use crate::actors::view::SymbolQueries;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::prediction::outcome::{Outcome, judge};
use crate::domain::symbol::Symbol;
use crate::domain::target::{HORIZON_MS, SHORT_MS};
use crate::domain::time::{DAY_MS, Interval, MINUTE_MS};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Predictions judged in one go: each reads a day of candles, and the store has other readers.
const AT_ONCE: usize = 200;
/// Closes and refills may be so late, ms of market time: a lost close shows at the next cycle, is asked for, and REST waits seconds
/// where it fails.
const GRACE_MS: i64 = 3 * MINUTE_MS;
/// A prediction whose candles could not even be asked for by then is void, ms after its horizon. A machine may be off for a
/// holiday.
const PATIENCE_MS: i64 = 14 * DAY_MS;
/// Base candles that a pair's window holds, as a question. More than its 1,560, so all of them.
const WINDOW: usize = 2_000;

/// A prediction, what became of it so far, and where its pair's window begins.
type Judged = (OpenPrediction, Outcome, Option<MarketTime>);

impl Tracker {
    pub(super) fn look(&mut self, ctx: &mut Context<Self>) {
        let now = self.common.clocks.now();
        if self.busy || now <= MarketTime::EPOCH {
            return;
        }
        let (short, long) = (now - SHORT_MS - GRACE_MS, now - HORIZON_MS - GRACE_MS);
        let due = match self.setup.state.due_predictions(short, long, AT_ONCE) {
            Ok(due) if due.is_empty() => return,
            Ok(due) => due,
            Err(error) => {
                self.common.drops.add("predictions_read");
                tracing::warn!(%error, "open predictions cannot be read");
                return;
            }
        };
        // One round at a time: the next would find the same predictions due and judge them twice.
        self.busy = true;
        let (queries, store, base) =
            (Arc::clone(&self.links.directory), Arc::clone(&self.setup.store), self.setup.base);
        let judged = async move { judge_all(due, &*queries, &*store, base, now).await };
        ctx.spawn(judged.into_actor(self).map(move |judged, tracker, _| {
            tracker.busy = false;
            tracker.put_down(judged, now);
        }));
    }

    fn put_down(&mut self, judged: Vec<Judged>, now: MarketTime) {
        let (mut outcomes, mut short, mut closed) = (Vec::new(), Vec::new(), Vec::new());
        for (p, outcome, window_from) in judged {
            let missing = outcome.missing.filter(|at| *at < now - GRACE_MS && outcome.hit_24h.is_none());
            let not_there = missing.is_some_and(|at| self.not_there(&p.symbol, at, window_from, now));
            let over = now >= p.opened_at + HORIZON_MS + GRACE_MS;
            let late = now >= p.opened_at + HORIZON_MS + PATIENCE_MS;
            let from = outcome.missing.unwrap_or(p.opened_at);
            let void = match outcome.hit_24h {
                None if over && not_there => Some(format!("the exchange has no candles from {from}")),
                None if over && late => Some(format!("candles could not be had from {from}")),
                _ => None,
            };
            if (over && outcome.hit_24h.is_some()) || void.is_some() {
                closed.push(p.key.clone());
            } else if !p.judged_4h && outcome.hit_4h.is_some() {
                short.push(p.key.clone());
            } else {
                continue;
            }
            outcomes.push(OutcomeRow {
                key: p.key,
                symbol: p.symbol,
                opened_at: p.opened_at,
                resolved_at: now,
                hit_4h: outcome.hit_4h.filter(|_| void.is_none()),
                hit_24h: outcome.hit_24h.filter(|_| void.is_none() && over),
                minutes_to_hit: outcome.minutes_to_hit,
                greatest_rise_pct: outcome.greatest_rise_pct,
                deepest_fall_pct: outcome.deepest_fall_pct,
                void,
            });
        }
        if !self.judged(outcomes, (&short, &closed), now) {
            return;
        }
        if let Ok(open) = self.setup.state.open_prediction_count() {
            metrics::gauge!("impulso_predictions_open").set(open as f64);
        }
    }

    /// Writes outcomes into the state and tells who learns from them, in this order: what is not on the disk does not count as
    /// judged, and is judged again with the same result.
    pub(super) fn judged(
        &mut self,
        outcomes: Vec<OutcomeRow>,
        (short, closed): (&[String], &[String]),
        now: MarketTime,
    ) -> bool {
        if outcomes.is_empty() {
            return true;
        }
        if let Err(error) = self.setup.state.judged_predictions(short, closed, &outcomes) {
            self.common.drops.add("ledger_write");
            tracing::error!(%error, "outcomes of predictions cannot be written: they are judged again");
            return false;
        }
        for outcome in &outcomes {
            let result = match (&outcome.void, outcome.hit_24h) {
                (Some(_), _) => "void",
                (None, Some(true)) => "hit",
                _ => "open_or_miss",
            };
            metrics::counter!("impulso_outcomes_total", "result" => result).increment(1);
        }
        self.learn(&outcomes, now);
        if let Some(experiment) = &self.links.experiment {
            experiment.send(Resolved(Arc::new(outcomes)));
        }
        true
    }

    /// Was the exchange asked for the pair's candles from `missing` on, and has none. Asks where nobody did so far: for all that
    /// lies before the pair's window, so that one question serves all its predictions.
    fn not_there(
        &mut self,
        symbol: &Symbol,
        missing: MarketTime,
        window_from: Option<MarketTime>,
        now: MarketTime,
    ) -> bool {
        let mono = self.common.clocks.mono_time();
        match self.past.known(symbol, missing, mono) {
            Known::NotThere => return true,
            Known::Waiting => return false,
            // Warm-ups come first: they bring the last day anyway.
            Known::Nothing if self.newest.is_none() => return false,
            Known::Nothing => {}
        }
        let base = self.setup.base;
        // The candle before, where there is one, tells whether what lies between was empty.
        let (from, last) = (missing - base.ms(), base.floor(now) - base.ms());
        let to = window_from.filter(|first| *first > missing).map_or(last, |first| first.min(last));
        self.past.ask(symbol, mono);
        self.links.ask_past.send(AskPast { symbol: symbol.clone(), from, to });
        metrics::counter!("impulso_outage_backfills_total").increment(1);
        false
    }
}

/// Holds predictions against the candles, pair by pair, so that each pair's are read once, and those of one pair are held at a time.
async fn judge_all(
    mut due: Vec<OpenPrediction>,
    queries: &dyn SymbolQueries,
    store: &dyn HistoryStore,
    base: Interval,
    now: MarketTime,
) -> Vec<Judged> {
    let order = |p: &OpenPrediction| (p.opened_at, p.key.clone());
    due.sort_by_cached_key(|p| (p.symbol.clone(), order(p)));
    let mut judged = Vec::with_capacity(due.len());
    for of_pair in due.chunk_by(|a, b| a.symbol == b.symbol) {
        let (first, last) = (&of_pair[0], &of_pair[of_pair.len() - 1]);
        let window = queries.candles(first.symbol.as_str(), base, WINDOW).await.unwrap_or_default();
        let mut whole = None;
        for p in of_pair {
            let mut outcome = judge(p.opened_at, p.price, &window, base.ms());
            if outcome.missing.is_some_and(|at| at < now - GRACE_MS) {
                if whole.is_none() {
                    let span = Span { from: first.opened_at, to: last.opened_at + HORIZON_MS };
                    let stored = store.candles(&first.symbol, base, span).await.unwrap_or_default();
                    whole = Some(joined(stored, &window));
                }
                outcome = judge(p.opened_at, p.price, whole.as_deref().unwrap_or_default(), base.ms());
            }
            judged.push((p.clone(), outcome, window.first().map(|c| c.open_time)));
        }
    }
    // Who learns from them has the oldest first.
    judged.sort_by_cached_key(|(p, ..)| order(p));
    judged
}

/// Stored candles with those of the window over them.
fn joined(stored: Vec<Candle>, window: &[Candle]) -> Vec<Candle> {
    let mut all: BTreeMap<MarketTime, Candle> = stored.into_iter().map(|c| (c.open_time, c)).collect();
    all.extend(window.iter().map(|c| (c.open_time, *c)));
    all.into_values().collect()
}
