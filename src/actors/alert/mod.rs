//! The alert actor: asks the pure policy what a snapshot means and writes the messages to the durable outbox, from
//! where one delivery_worker a channel takes them.

pub mod command;
mod drift;
mod moves;
mod past_moves;
pub mod text;
mod turn;
mod unsent;

use self::drift::Drift;
use self::moves::Moves;
use self::unsent::Unsent;
use crate::actors::clocks::FallWatch;
use crate::actors::common::Common;
use crate::actors::mailbox::Outlet;
use crate::actors::market_clock::Fall;
use crate::actors::messages::{OutboxEnqueued, Stop};
use crate::actors::ports::alerts::{ChannelSpec, Outgoing};
use crate::actors::ports::failover::ReplicatedState;
use crate::actors::ports::history::HistoryStore;
use crate::actors::ports::state::{OperationalState, Unwritten};
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::publication::queue::{Cycle, CycleQueue};
use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::alert::message::{Message, Notice};
use crate::domain::alert::policy::{AlertLimits, AlertPolicy, PolicyMemory};
use crate::domain::moment::MarketTime;
use crate::domain::ranking::Snapshot;
use crate::domain::symbol::Symbol;
use crate::i18n::Reason;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, StreamHandler};
use std::sync::Arc;

/// Where the policy's memory is kept; the outbox writes it together with the messages.
pub const MEMORY_KEY: &str = "alert_memory";
/// The memory is written at least this often, ms of market time. Parts of it change with each cycle and are not worth a
/// write each; a crash forgets five minutes of them.
const KEEP_EVERY_MS: i64 = 300_000;
/// Finished deliveries and alerts are forgotten after this, ms of machine time. The history has them for longer, and this
/// file is to stay small.
const FORGET_MS: i64 = 90 * 86_400_000;
/// Versions of the calibration are kept so long, ms of market time. As long as the hours that models are trained on.
const CALIBRATIONS_MS: i64 = 400 * 86_400_000;
/// Snapshots with messages that wait while the outbox cannot be written. Far more than a lively day has; alerts expire
/// after hours anyway.
const MAX_WAITING: usize = 1_000;

/// What the alert actor works with.
#[derive(Clone)]
pub(crate) struct AlertSetup {
    /// Numbers of the policy.
    pub config: AlertPolicyConfig,
    pub channels: Arc<Vec<ChannelSpec>>,
    /// Alerts that a shared cache remembers.
    pub(crate) noted: Vec<(Symbol, MarketTime)>,
    pub state: Arc<dyn OperationalState>,
    /// Knows what came of earlier market moves.
    pub(crate) history: Option<Arc<dyn HistoryStore>>,
    /// The same state, where another scanner follows it or is followed.
    pub(crate) followed: Option<Arc<dyn ReplicatedState>>,
}

/// What the alert actor reads and where its messages go.
#[derive(Clone)]
pub(crate) struct AlertLinks {
    pub(crate) cycles: Arc<CycleQueue>,
    /// Who wants to know that the outbox has something.
    pub(crate) enqueued: Outlet<OutboxEnqueued>,
}

/// Decides, one snapshot at a time.
pub(crate) struct AlertActor {
    setup: AlertSetup,
    policy: AlertPolicy,
    common: Common,
    links: AlertLinks,
    /// Messages that could not be written yet.
    waiting: Vec<Message>,
    kept: (PolicyMemory, MarketTime),
    drift: Drift,
    falls: FallWatch,
    /// A fall of market time after which the mutes could not be moved yet.
    fell: Option<Fall>,
    /// What it would have sent while it was not its turn.
    unsent: Unsent,
    /// Messages that wait may have been sent by the other scanner.
    unsure: bool,
    /// Cut of the newest cycle.
    newest: MarketTime,
    moves: Moves,
}

impl AlertActor {
    /// An alert actor that remembers what an earlier run kept.
    pub(crate) fn new(setup: AlertSetup, common: Common, links: AlertLinks) -> Self {
        let mut policy = AlertPolicy::new(setup.config.clone());
        if let Some(memory) = kept_memory(&*setup.state) {
            policy.restore(memory);
        }
        // After the memory, which would replace it: an alert that another node sent since must count.
        policy.note_alerts(&setup.noted);
        let kept = (policy.memory(), MarketTime::EPOCH);
        let newest = setup.state.calibrations(1).unwrap_or_default();
        let drift = Drift::since(newest.into_iter().next());
        let falls = FallWatch::new(&common.clocks);
        Self {
            setup,
            policy,
            common,
            links,
            waiting: Vec::new(),
            kept,
            drift,
            falls,
            fell: None,
            unsent: Unsent::default(),
            unsure: false,
            newest: MarketTime::MIN,
            moves: Moves::default(),
        }
    }

    /// Mutes made under a market time that was wrong end when they would have.
    fn rebase_mutes(&mut self) {
        let clocks = &self.common.clocks;
        self.fell = self.falls.take(clocks).or(self.fell);
        let Some(fall) = self.fell else { return };
        let since = clocks.machine_time() - (clocks.mono_time() - fall.since);
        match self.setup.state.rebase_mutes(since, fall.from, fall.to) {
            Ok(()) => self.fell = None,
            Err(error) => {
                self.common.drops.add("state_write");
                tracing::warn!(%error, "market time came down and the mutes could not be moved; it is tried again");
            }
        }
    }

    fn refresh_limits(&mut self, now: MarketTime) {
        let lists = &self.setup.state;
        let read = lists.mutes(now).and_then(|mutes| Ok((mutes, lists.watchlist()?)));
        match read {
            Ok((mutes, watched)) => self.policy.set_limits(AlertLimits {
                muted: mutes.into_iter().map(|m| (m.symbol, m.until)).collect(),
                watched: watched.into_iter().collect(),
            }),
            Err(error) => {
                self.common.drops.add("state_read");
                tracing::error!(%error, "mutes and watchlist cannot be read: the former ones stay in force");
            }
        }
    }

    /// Once an hour: versions of the calibration, and drift to all channels.
    fn follow_calibration(&mut self, as_of: MarketTime) {
        if !self.drift.is_due(as_of) {
            return;
        }
        let news = {
            // In a block of its own: cycles wait for the lock, and a write to the disk follows.
            let mut scorer = self.common.model.lock();
            let Some(scorer) = scorer.as_mut() else { return };
            let shift = scorer.shift(as_of);
            self.drift.look(as_of, &scorer.model().card.name, &shift)
        };
        if let Some(version) = &news.version
            && let Err(error) =
                self.setup.state.add_calibration(version, self.common.clocks.earlier() - CALIBRATIONS_MS)
        {
            self.common.drops.add("state_write");
            tracing::warn!(%error, "a version of the calibration could not be written");
        }
        if let (Some(began), Some(now)) = (news.drift, news.version.as_ref()) {
            let what = match began {
                true => "the market has left what the model was trained on: its chances are corrected",
                false => "the market is like what the model was trained on again",
            };
            tracing::warn!(shift_log_odds = now.log_odds, "{what}");
            let notice = Notice::Drift { began, shift_log_odds: now.log_odds };
            self.waiting.push(Message::Notice { at: self.common.clocks.machine_time(), notice });
        }
    }

    /// Only once they are on the disk: a worker that looks sooner finds nothing, and the ledger must not have what is not sent.
    fn tell_enqueued(&mut self) {
        for message in self.waiting.drain(..) {
            self.links.enqueued.send(OutboxEnqueued(Arc::new(message)));
        }
    }

    fn outgoing(&self, with_memory: bool) -> Outgoing {
        let channels = &self.setup.channels;
        let memory = || serde_json::to_string(&self.policy.memory()).ok();
        Outgoing {
            messages: self.waiting.iter().map(|m| (m.clone(), receivers(channels, m))).collect(),
            policy_memory: if with_memory { memory() } else { None },
            decided: self.setup.followed.as_ref().map(|_| self.newest),
            maybe_repeated: self.unsure,
            now: self.common.clocks.machine_time(),
        }
    }

    /// Writes what is to be sent, with the memory that goes with it. What cannot be written waits for the next cycle.
    fn keep(&mut self, as_of: MarketTime) {
        let memory = self.policy.memory();
        let same = memory.matters_like(&self.kept.0) && as_of - self.kept.1 < KEEP_EVERY_MS;
        if self.waiting.is_empty() && same && self.setup.followed.is_none() {
            return;
        }
        let with_memory = !same || !self.waiting.is_empty();
        match self.setup.state.enqueue(&self.outgoing(with_memory)) {
            Ok(_) => {
                self.unsure = false;
                if with_memory {
                    self.kept = (memory, as_of);
                }
                self.common.tell(ProblemSource::Outbox, None);
                self.tell_enqueued();
            }
            Err(error) => {
                self.common.drops.add("outbox_write");
                let lost = self.waiting.len().saturating_sub(MAX_WAITING);
                self.waiting.drain(..lost);
                self.common.drops.add_many("alerts_lost", lost as u64);
                let (waiting, error) = (self.waiting.len(), Reason::io(&error));
                // Without any it is the policy's memory alone that is not kept: the state as a whole is told.
                let problem = (waiting > 0).then_some(SystemProblem::Outbox { waiting, error });
                self.common.tell(ProblemSource::Outbox, problem);
            }
        }
    }
}

/// Channels that get a message: those with a level that its alerts reach.
fn receivers(channels: &[ChannelSpec], message: &Message) -> Vec<String> {
    let alerts = message.alerts();
    let wants = |c: &&ChannelSpec| alerts.is_empty() || alerts.iter().any(|a| a.level >= c.min_level);
    channels.iter().filter(wants).map(|c| c.name.clone()).collect()
}

/// What an earlier run remembered.
pub(crate) fn kept_memory(state: &dyn OperationalState) -> Option<PolicyMemory> {
    let text = match state.get(MEMORY_KEY) {
        Ok(text) => text?,
        Err(error) => {
            tracing::error!(%error, "what alerts were sent cannot be read: cooldowns begin anew");
            return None;
        }
    };
    serde_json::from_str(&text)
        .inspect_err(
            |error| tracing::error!(%error, "the stored alert memory cannot be parsed; cooldowns begin anew"),
        )
        .ok()
}

impl Actor for AlertActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.add_stream(self.links.cycles.stream());
        ctx.add_stream(self.common.duty.turns());
        let before = self.common.clocks.machine_time() - FORGET_MS;
        if let Err(error) = self.setup.state.prune(before) {
            tracing::warn!(%error, "old alerts could not be removed from the outbox");
        }
    }
}

impl AlertActor {
    fn take(&mut self, snapshot: &Snapshot) {
        self.follow_other();
        self.follow_calibration(snapshot.as_of);
        // All before the policy looks: a mute or a promotion from before this cycle holds for it.
        self.rebase_mutes();
        self.refresh_limits(snapshot.as_of);
        self.policy.set_rule(self.common.view.profile().levels);
        let mut output = self.policy.on_snapshot(snapshot);
        let by_model = self.common.model.lock().as_ref().map(|scorer| scorer.model().judged_moves());
        self.moves.fill(&mut output.messages, by_model.unwrap_or_default());
        for (_, by) in &output.suppressed {
            metrics::counter!("impulso_alerts_suppressed_total", "by" => by.as_str()).increment(1);
        }
        for message in &output.messages {
            for alert in message.alerts() {
                metrics::counter!("impulso_alerts_total", "level" => alert.level.as_str()).increment(1);
            }
        }
        self.waiting.extend(output.messages);
        self.newest = snapshot.as_of;
        self.send_or_wait();
    }
}

impl StreamHandler<Cycle> for AlertActor {
    fn handle(&mut self, cycle: Cycle, ctx: &mut Self::Context) {
        self.take(&cycle);
        self.look_up_moves(cycle.as_of, ctx);
    }
}

impl Handler<Stop> for AlertActor {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        for cycle in self.links.cycles.drain() {
            self.take(&cycle);
        }
        if self.common.is_active() {
            // So far ahead that the memory is written even when it matters like the one that was kept.
            self.keep(MarketTime::MAX);
        }
        self.nobody_sends();
        let unwritten = Unwritten { outgoing: self.outgoing(true), predictions: Vec::new() };
        if self.common.set_aside(&*self.setup.state, &unwritten) {
            self.tell_enqueued();
        }
        ctx.stop();
    }
}
