//! The tracker: opens predictions and, hours later, holds them against what happened.

mod past;
mod samples;

use self::past::{Known, Past, whole};
use crate::actors::common::Common;
use crate::actors::directory::Directory;
use crate::actors::drop_counters::LOST_AT_STOP;
use crate::actors::history::sink::RowSink;
use crate::actors::mailbox::Outlet;
use crate::actors::messages::{AskPast, OutboxEnqueued, PastCandles, Resolved, ShadowPredictions, Stop};
use crate::actors::ports::history::{
    CandleRow, HistoryBatch, HistoryStore, OutcomeRow, PredictionKind, PredictionRow, Span,
};
use crate::actors::ports::state::{OpenPrediction, OperationalState};
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::publication::queue::{Cycle, CycleQueue};
use crate::actors::view::SymbolQueries;
use crate::domain::alert::message::AlertCard;
use crate::domain::candle::Candle;
use crate::domain::level_rules::LevelRules;
use crate::domain::prediction::opener::Opener;
use crate::domain::prediction::outcome::{Outcome, judge};
use crate::domain::ranking::Snapshot;
use crate::domain::score::profile::Profile;
use crate::domain::symbol::Symbol;
use crate::domain::target::{HORIZON_MS, SHORT_MS};
use crate::domain::time::{DAY_MS, Interval, MINUTE_MS, UtcMs};
use crate::learning::arms::profile_label;
use crate::learning::samples::Samples;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, StreamHandler, WrapFuture};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How often due predictions are looked for, machine time.
const LOOK: Duration = Duration::from_secs(10);
/// Predictions judged in one go: each reads a day of candles, and the store has other readers.
const AT_ONCE: usize = 200;
/// Closes and refills may be so late, ms of market time.
const GRACE_MS: i64 = 3 * MINUTE_MS;
/// A prediction whose candles could not even be asked for by then is void, ms after its horizon. A machine may be off for a
/// holiday.
const PATIENCE_MS: i64 = 14 * DAY_MS;
/// Predictions that wait while the state cannot be written: a day of 500 pairs and some arms beside.
const MAX_WAITING: usize = 50_000;
/// Shadow predictions of a full hour and outcomes come as one message each; alerts and candles of an outage one by one.
pub(crate) const MAILBOX: usize = 256;
/// Base candles that a pair's window holds, as a question. More than its 1,560, so all of them.
const WINDOW: usize = 2_000;

/// A prediction, what became of it so far, and where its pair's window begins.
type Judged = (OpenPrediction, Outcome, Option<UtcMs>);

/// What the tracker works with.
#[derive(Clone)]
pub struct TrackerSetup {
    pub levels: LevelRules,
    pub state: Arc<dyn OperationalState>,
    /// For candles from before a restart.
    pub store: Arc<dyn HistoryStore>,
    pub base: Interval,
}

/// What the tracker reads and where its rows go.
#[derive(Clone)]
pub(crate) struct TrackerLinks {
    pub(crate) cycles: Arc<CycleQueue>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) rows: RowSink,
    /// The REST queue, for candles of an outage.
    pub(crate) ask_past: Outlet<AskPast>,
    /// Outcomes; `None` where there is no experiment.
    pub(crate) experiment: Option<Outlet<Resolved>>,
}

pub(crate) struct Tracker {
    setup: TrackerSetup,
    opener: Opener,
    samples: Samples,
    newest: Option<Arc<Snapshot>>,
    common: Common,
    links: TrackerLinks,
    busy: bool,
    /// Predictions that could not be written yet.
    waiting: Vec<PredictionRow>,
    past: Past,
    /// The profile in force with its name: it is found anew when another one is.
    profile: (Arc<Profile>, String),
}

impl Tracker {
    /// A tracker that goes on with the open predictions of an earlier run.
    pub(crate) fn new(setup: TrackerSetup, common: Common, links: TrackerLinks) -> Self {
        let (opener, profile) = (Opener::new(setup.levels), named(common.view.profile()));
        Self {
            opener,
            setup,
            samples: Samples::default(),
            newest: None,
            common,
            links,
            busy: false,
            waiting: Vec::new(),
            past: Past::default(),
            profile,
        }
    }

    fn open(&mut self, predictions: Vec<PredictionRow>) {
        self.waiting.extend(predictions);
        self.keep();
    }

    /// Writes what waits into the state, which owes it the history from then on. What cannot be written waits for the next cycle.
    fn keep(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        if let Err(error) = self.setup.state.open_predictions(&self.waiting) {
            self.common.drops.add("ledger_write");
            let lost = self.waiting.len().saturating_sub(MAX_WAITING);
            self.waiting.drain(..lost);
            self.common.drops.add_many("predictions_lost", lost as u64);
            let (waiting, error) = (self.waiting.len(), error.to_string());
            self.common.tell(ProblemSource::Ledger, Some(SystemProblem::Ledger { waiting, error }));
            return;
        }
        self.common.tell(ProblemSource::Ledger, None);
        // The scorer is held no longer than a name takes: cycles wait for it.
        let model = self.common.model.lock().as_ref().map(|scorer| Arc::clone(scorer.model()));
        for p in self.waiting.drain(..) {
            metrics::counter!("impulso_predictions_total", "kind" => p.kind.as_str()).increment(1);
            if let Some(model) = model.as_ref().filter(|_| p.kind == PredictionKind::Sample) {
                self.samples.opened(&p.key, p.opened_at, &p.features, model);
            }
        }
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        let now = self.common.clocks.now();
        if self.busy || now <= 0 {
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
        let judged = async move {
            let mut judged = Vec::with_capacity(due.len());
            let mut windows: BTreeMap<String, Vec<Candle>> = BTreeMap::new();
            for p in due {
                let name = p.symbol.as_str();
                if !windows.contains_key(name) {
                    let window = queries.candles(name, base, WINDOW).await.unwrap_or_default();
                    windows.insert(name.to_owned(), window);
                }
                let window = windows.get(name).map_or(&[][..], Vec::as_slice);
                let first = window.first().map(|c| c.open_time);
                let mut outcome = judge(p.opened_at, p.price, window, base.ms());
                if outcome.missing.is_some_and(|at| at < now - GRACE_MS) {
                    let span = Span { from: p.opened_at, to: p.opened_at + HORIZON_MS };
                    let stored = store.candles(&p.symbol, base, span).await.unwrap_or_default();
                    outcome = judge(p.opened_at, p.price, &joined(stored, window), base.ms());
                }
                judged.push((p, outcome, first));
            }
            judged
        };
        ctx.spawn(judged.into_actor(self).map(move |judged, tracker, _| {
            tracker.busy = false;
            tracker.put_down(judged, now);
        }));
    }

    /// Name of the model behind a chance; empty for the rule.
    fn model(&self, calibrated: Option<f64>) -> String {
        let scorer = self.common.model.lock();
        let name = scorer.as_ref().filter(|_| calibrated.is_some()).map(|s| s.model().card.name.clone());
        name.unwrap_or_default()
    }

    fn alert_row(&self, alert: &AlertCard) -> PredictionRow {
        let same_cut = self.newest.as_ref().filter(|snapshot| snapshot.as_of == alert.as_of);
        let row = same_cut.and_then(|snapshot| snapshot.candidate(alert.symbol.as_str()));
        let features = row.and_then(|r| r.features.as_deref());
        PredictionRow {
            arm: String::new(),
            key: format!("{}-{}", PredictionKind::Alert.as_str(), alert.id),
            kind: PredictionKind::Alert,
            symbol: alert.symbol.clone(),
            opened_at: alert.as_of,
            level: alert.level,
            ladder: alert.ladder,
            price: alert.price,
            total_score: alert.total_score,
            probability_7_5: alert.probability_7_5,
            calibrated_7_5: alert.calibrated_7_5,
            profile: self.profile.1.clone(),
            model: self.model(alert.calibrated_7_5),
            features: features.unwrap_or_default().to_vec(),
        }
    }

    fn put_down(&mut self, judged: Vec<Judged>, now: UtcMs) {
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
    fn judged(
        &mut self,
        outcomes: Vec<OutcomeRow>,
        (short, closed): (&[String], &[String]),
        now: UtcMs,
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
    fn not_there(&mut self, symbol: &Symbol, missing: UtcMs, window_from: Option<UtcMs>, now: UtcMs) -> bool {
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

fn named(profile: Arc<Profile>) -> (Arc<Profile>, String) {
    let name = profile_label(&profile);
    (profile, name)
}

/// Stored candles with those of the window over them.
fn joined(stored: Vec<Candle>, window: &[Candle]) -> Vec<Candle> {
    let mut all: BTreeMap<UtcMs, Candle> = stored.into_iter().map(|c| (c.open_time, c)).collect();
    all.extend(window.iter().map(|c| (c.open_time, *c)));
    all.into_values().collect()
}

impl Actor for Tracker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.add_stream(self.links.cycles.stream());
        ctx.run_interval(LOOK, Self::look);
    }
}

impl Tracker {
    fn take(&mut self, cycle: &Cycle) {
        let profile = self.common.view.profile();
        if !Arc::ptr_eq(&profile, &self.profile.0) {
            self.opener.set_rule(profile.levels);
            self.profile = named(profile);
        }
        let opened = self.opener.on_snapshot(cycle);
        let rows = opened.iter().map(|o| {
            let model = self.model(o.row.calibrated_7_5);
            o.prediction("", (&self.profile.1, &model))
        });
        self.open(rows.collect());
        self.newest = Some(Arc::clone(cycle));
    }
}

impl StreamHandler<Cycle> for Tracker {
    fn handle(&mut self, cycle: Cycle, ctx: &mut Self::Context) {
        if self.newest.is_none() {
            self.remember(ctx);
        }
        self.take(&cycle);
    }
}

impl Handler<OutboxEnqueued> for Tracker {
    type Result = ();

    fn handle(&mut self, news: OutboxEnqueued, _: &mut Self::Context) {
        self.open(news.0.alerts().iter().map(|a| self.alert_row(a)).collect());
    }
}

impl Handler<PastCandles> for Tracker {
    type Result = ();

    fn handle(&mut self, past: PastCandles, _: &mut Self::Context) {
        let AskPast { symbol, from, to } = past.asked;
        let interval = self.setup.base;
        let row = |candle| CandleRow { symbol: symbol.clone(), interval, candle };
        let candles = whole(&past.candles, interval.ms()).into_iter().map(row).collect();
        self.links.rows.keep(HistoryBatch { candles, ..HistoryBatch::default() });
        self.past.answer(&symbol, (from, to), self.common.clocks.mono_time());
    }
}

impl Handler<ShadowPredictions> for Tracker {
    type Result = ();

    fn handle(&mut self, shadow: ShadowPredictions, _: &mut Self::Context) {
        self.open(shadow.0);
    }
}

impl Handler<Stop> for Tracker {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        for cycle in self.links.cycles.drain() {
            self.take(&cycle);
        }
        if !self.waiting.is_empty() {
            tracing::error!(predictions = self.waiting.len(), "predictions that waited at the stop are lost");
            self.common.drops.add_many(LOST_AT_STOP, self.waiting.len() as u64);
        }
        ctx.stop();
    }
}
