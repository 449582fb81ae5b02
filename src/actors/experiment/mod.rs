//! The experiment: other profiles and models score the live stream in the shadow; the rule that was set before decides which of
//! them may take over, and what was in force before may come back.

mod promotion;

use crate::actors::common::Common;
use crate::actors::mailbox::Outlet;
use crate::actors::messages::{Resolved, ShadowPredictions, Stop};
use crate::actors::ports::experiment::{ArmDepot, ExperimentReport, REPORT_KEY};
use crate::actors::ports::history::{HistoryError, HistoryStore, Span};
use crate::actors::ports::state::{OperationalState, levels_since};
use crate::actors::publication::queue::{Cycle, CycleQueue};
use crate::domain::moment::{MarketTime, MonoTime};
use crate::domain::ranking::Snapshot;
use crate::domain::time::DAY_MS;
use crate::learning::arms::shadow::{KEPT_DAYS, ShadowArms};
use crate::learning::arms::verdict::Rule;
use crate::learning::arms::{Arm, ArmConfig, ArmSpec, RULE_ARM};
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, StreamHandler, WrapFuture};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How often orders, files and verdicts are looked at, machine time: who gives an order waits a moment for it, and nothing else
/// here is in a hurry.
const LOOK: Duration = Duration::from_secs(10);
/// Between two reports that only count more predictions that wait, ms of machine time: each draws the intervals of all days anew.
const REPORT_MS: i64 = 60_000;
/// Outcomes come as one message a look of the tracker, every ten seconds: more than ten minutes of them.
pub(crate) const MAILBOX: usize = 64;
/// Key of the arms' beginnings in the state.
const SINCE_KEY: &str = "experiment_since";

/// What the experiment works with.
#[derive(Clone)]
pub struct ExperimentSetup {
    /// What all arms share.
    pub config: ArmConfig,
    /// What is in force at the start.
    pub in_force: ArmSpec,
    /// Where arms come from.
    pub depot: Arc<dyn ArmDepot>,
    /// Orders, and what was done.
    pub state: Arc<dyn OperationalState>,
    pub store: Arc<dyn HistoryStore>,
    /// When an arm is better.
    pub rule: Rule,
    /// Days after which what was in force before may come back.
    pub rollback_min_days: u32,
    /// Promote and roll back without being asked.
    pub automatic: bool,
}

impl ExperimentSetup {
    fn rollback_rule(&self) -> Rule {
        Rule { min_days: self.rollback_min_days, ..self.rule }
    }
}

pub struct ExperimentActor {
    setup: ExperimentSetup,
    shadow_arms: ShadowArms,
    common: Common,
    cycles: Arc<CycleQueue>,
    /// The tracker, which judges the predictions.
    predictions: Outlet<ShadowPredictions>,
    began: bool,
    /// Something was judged or decided since the last report.
    news: bool,
    /// Predictions were opened since.
    opened: bool,
    reported: MonoTime,
}

impl ExperimentActor {
    /// A experiment whose arms have seen nothing yet.
    pub fn new(
        setup: ExperimentSetup,
        common: Common,
        cycles: Arc<CycleQueue>,
        predictions: Outlet<ShadowPredictions>,
    ) -> Self {
        let since = |_: &str, _: &(String, String)| MarketTime::EPOCH;
        let shadow_arms = ShadowArms::new(setup.in_force.clone(), Vec::new(), setup.config, since);
        Self {
            setup,
            shadow_arms,
            common,
            cycles,
            predictions,
            began: false,
            news: true,
            opened: false,
            reported: MonoTime::default(),
        }
    }

    /// The arms that are wanted: the rule alone beside a model, and what the depot has.
    fn wanted(&self) -> Vec<ArmSpec> {
        let in_force = self.shadow_arms.in_force();
        let rule = ArmSpec { name: RULE_ARM.to_owned(), profile: None, model: None };
        let own = self.setup.depot.arms(in_force);
        let others = own.into_iter().filter(|arm| !same(arm, in_force));
        in_force.model.is_some().then_some(rule).into_iter().chain(others).collect()
    }

    /// The first snapshot: who is there since when, and what earlier runs have said.
    fn begin(&mut self, now: MarketTime, ctx: &mut Context<Self>) {
        self.began = true;
        let kept = self.kept_beginnings();
        let arms = self.wanted();
        let since =
            |name: &str, labels: &(String, String)| kept.get(&place(name, labels)).copied().unwrap_or(now);
        self.shadow_arms =
            ShadowArms::new(self.shadow_arms.in_force().clone(), arms, self.setup.config, since);
        self.keep_beginnings();
        self.note_arms(now);
        // The first report need not wait.
        ctx.run_later(Duration::from_secs(1), |experiment, _| experiment.look());
        // Arms of before levels meant what they mean now start anew.
        let counted = levels_since(&*self.setup.state).unwrap_or_else(|error| {
            tracing::warn!(%error, "since when levels are counted cannot be read; all kept predictions are taken");
            MarketTime::MIN
        });
        let first = self.shadow_arms.since().max(now - KEPT_DAYS * DAY_MS).max(counted);
        for day in first.floor(DAY_MS).steps(DAY_MS, now + 1) {
            let span = Span { from: day, to: day + DAY_MS };
            let store = Arc::clone(&self.setup.store);
            let read = async move {
                let mut known = store.predictions(None, span).await?;
                known.append(&mut store.shadow_predictions(span).await?);
                Ok::<_, HistoryError>(known)
            };
            // Waited for, day by day: cycles queue up behind it, so that no prediction of now is judged before those
            // it is held against.
            ctx.wait(read.into_actor(self).map(|read, experiment, _| match read {
                Ok(known) => experiment.shadow_arms.remember(&known),
                Err(error) => tracing::warn!(%error, "earlier predictions of the experiment cannot be read"),
            }));
        }
    }

    fn kept_beginnings(&self) -> BTreeMap<String, MarketTime> {
        let text = self.setup.state.get(SINCE_KEY).ok().flatten();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    fn keep_beginnings(&self) {
        let all: BTreeMap<String, MarketTime> =
            self.shadow_arms.beginnings().map(|(name, labels, since)| (place(name, labels), since)).collect();
        if let Ok(text) = serde_json::to_string(&all)
            && let Err(error) = self.setup.state.put(SINCE_KEY, &text)
        {
            tracing::warn!(%error, "when the arms began cannot be written");
        }
    }

    /// Orders, new files, verdicts, the report.
    fn look(&mut self) {
        let now = self.common.clocks.now();
        // Of two scanners one decides what is in force.
        if !self.began || now <= MarketTime::EPOCH || !self.common.is_active() {
            return;
        }
        self.take_orders(now);
        if self.setup.depot.changed() {
            let wanted = self.wanted();
            if self.shadow_arms.arms().map(Arm::spec).ne(&wanted) {
                self.shadow_arms.set_arms(wanted, now);
                self.keep_beginnings();
                self.note_arms(now);
                self.news = true;
            }
        }
        let mono = self.common.clocks.mono_time();
        if !(self.news || self.opened && mono - self.reported >= REPORT_MS) {
            return;
        }
        (self.news, self.opened, self.reported) = (false, false, mono);
        if self.setup.automatic {
            self.decide(now);
        }
        let report = ExperimentReport {
            at: now,
            rule: self.setup.rule,
            rollback_min_days: self.setup.rollback_min_days,
            automatic: self.setup.automatic,
            arms: self.shadow_arms.report(&self.setup.rule, &self.setup.rollback_rule()),
        };
        metrics::gauge!("impulso_experiment_arms").set(report.arms.len().saturating_sub(1) as f64);
        let kept = serde_json::to_string(&report).map_err(std::io::Error::from);
        if let Err(error) = kept.and_then(|text| self.setup.state.put(REPORT_KEY, &text)) {
            tracing::warn!(%error, "the experiment's report cannot be written");
        }
    }
}

/// Does an arm score as another one does.
fn same(a: &ArmSpec, b: &ArmSpec) -> bool {
    let own_profile = a.profile.as_ref().is_some_and(|own| b.profile.as_ref() != Some(own));
    !own_profile && a.model_label() == b.model_label()
}

/// Name of an arm with what it is made of.
fn place(name: &str, (profile, model): &(String, String)) -> String {
    format!("{name}|{profile}|{model}")
}

impl Actor for ExperimentActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.add_stream(self.cycles.stream());
        ctx.run_interval(self.common.pace.every(LOOK), |experiment, _| experiment.look());
    }
}

impl ExperimentActor {
    fn take(&mut self, snapshot: &Snapshot) {
        let open = self.shadow_arms.open();
        let predictions = self.shadow_arms.take(snapshot);
        self.opened |= self.shadow_arms.open() != open;
        if !predictions.is_empty() {
            self.predictions.send(ShadowPredictions(predictions));
        }
    }
}

impl StreamHandler<Cycle> for ExperimentActor {
    fn handle(&mut self, cycle: Cycle, ctx: &mut Self::Context) {
        if self.began {
            self.take(&cycle);
        } else {
            self.begin(cycle.as_of, ctx);
        }
    }
}

impl Handler<Resolved> for ExperimentActor {
    type Result = ();

    fn handle(&mut self, message: Resolved, _: &mut Self::Context) {
        self.news = true;
        for outcome in message.0.iter() {
            self.shadow_arms.resolved(outcome);
        }
    }
}

impl Handler<Stop> for ExperimentActor {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        // Before its first cycle it has no arms to score.
        for cycle in self.cycles.drain() {
            if self.began {
                self.take(&cycle);
            }
        }
        ctx.stop();
    }
}
