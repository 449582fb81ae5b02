//! The tracker: opens predictions and, hours later, holds them against what happened.

mod fall;
mod outcomes;
mod past;
mod samples;
mod turn;
mod unopened;

use self::past::{Past, whole};
use self::unopened::Unopened;
use crate::actors::clocks::FallWatch;
use crate::actors::common::Common;
use crate::actors::directory::Directory;
use crate::actors::history::sink::RowSink;
use crate::actors::mailbox::Outlet;
use crate::actors::market_clock::Fall;
use crate::actors::messages::{AskPast, OutboxEnqueued, PastCandles, Resolved, ShadowPredictions, Stop};
use crate::actors::ports::alerts::Outgoing;
use crate::actors::ports::history::{CandleRow, HistoryBatch, HistoryStore, PredictionKind, PredictionRow};
use crate::actors::ports::state::{OperationalState, Unwritten};
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::publication::queue::{Cycle, CycleQueue};
use crate::domain::alert::message::AlertCard;
use crate::domain::moment::MarketTime;
use crate::domain::prediction::opener::Opener;
use crate::domain::ranking::Snapshot;
use crate::domain::score::profile::Profile;
use crate::domain::time::Interval;
use crate::i18n::Reason;
use crate::learning::arms::profile_label;
use crate::learning::samples::Samples;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, StreamHandler};
use std::sync::Arc;
use std::time::Duration;

/// How often due predictions are looked for, machine time: outcomes take hours, so ten seconds more are nothing, and each look
/// reads the file.
const LOOK: Duration = Duration::from_secs(10);
/// Predictions that wait while the state cannot be written: a day of 500 pairs and some arms beside.
const MAX_WAITING: usize = 50_000;
/// Shadow predictions of a full hour and outcomes come as one message each; alerts and candles of an outage one by one.
pub(crate) const MAILBOX: usize = 256;

/// What the tracker works with.
#[derive(Clone)]
pub struct TrackerSetup {
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
    /// On the standby of two scanners: those of the newest cycles, which the other one opens.
    unopened: Unopened,
    past: Past,
    falls: FallWatch,
    /// Market time came down and is not yet where it had been.
    fell: Option<Fall>,
    /// What an earlier run left ahead of market time is void.
    start_looked: bool,
    /// The profile in force with its name: it is found anew when another one is.
    profile: (Arc<Profile>, String),
}

impl Tracker {
    /// A tracker that goes on with the open predictions of an earlier run.
    pub(crate) fn new(setup: TrackerSetup, common: Common, links: TrackerLinks) -> Self {
        let falls = FallWatch::new(&common.clocks);
        let profile = named(common.view.profile());
        Self {
            opener: Opener::default(),
            setup,
            samples: Samples::default(),
            newest: None,
            common,
            links,
            busy: false,
            waiting: Vec::new(),
            unopened: Unopened::default(),
            past: Past::default(),
            falls,
            fell: None,
            start_looked: false,
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
            let (waiting, error) = (self.waiting.len(), Reason::io(&error));
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

    /// Name of the model behind a chance; empty for the rule.
    fn model(&self, calibrated: Option<f64>) -> String {
        let scorer = self.common.model.lock();
        let name = scorer.as_ref().filter(|_| calibrated.is_some()).map(|s| s.model().card.name.clone());
        name.unwrap_or_default()
    }

    fn alert_row(&self, alert: &AlertCard) -> PredictionRow {
        let same_cut = self.newest.as_ref().filter(|snapshot| snapshot.as_of == alert.as_of);
        let row = same_cut.and_then(|snapshot| snapshot.row(alert.symbol.as_str()));
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
}

fn named(profile: Arc<Profile>) -> (Arc<Profile>, String) {
    let name = profile_label(&profile);
    (profile, name)
}

impl Actor for Tracker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.add_stream(self.links.cycles.stream());
        ctx.add_stream(self.common.duty.turns());
        ctx.run_interval(self.common.pace.every(LOOK), |tracker, ctx| {
            if tracker.common.is_active() {
                tracker.void_ahead();
                tracker.look(ctx);
            }
        });
    }
}

impl Tracker {
    fn take(&mut self, cycle: &Cycle) {
        let profile = self.common.view.profile();
        if !Arc::ptr_eq(&profile, &self.profile.0) {
            self.profile = named(profile);
        }
        let opened = self.opener.on_snapshot(cycle);
        let rows = opened.iter().map(|o| {
            let model = self.model(o.row.calibrated_7_5);
            o.prediction("", (&self.profile.1, &model))
        });
        let rows = rows.collect();
        self.open_or_wait(cycle.as_of, rows);
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
        let as_of = self.newest.as_ref().map_or(MarketTime::MIN, |newest| newest.as_of);
        self.open_or_wait(as_of, shadow.0);
    }
}

impl Handler<Stop> for Tracker {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        for cycle in self.links.cycles.drain() {
            self.take(&cycle);
        }
        let predictions = std::mem::take(&mut self.waiting);
        let now = self.common.clocks.machine_time();
        let outgoing = Outgoing { now, ..Outgoing::default() };
        self.common.set_aside(&*self.setup.state, &Unwritten { outgoing, predictions });
        ctx.stop();
    }
}
