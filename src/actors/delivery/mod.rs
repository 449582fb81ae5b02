//! One delivery_worker a channel: takes what is due from the outbox, hands it to the channel, puts down what became of it.

pub(crate) mod recovery;
pub mod rules;

use crate::actors::common::Common;
use crate::actors::directory::Directory;
use crate::actors::failover::gate::CopyGate;
use crate::actors::messages::{OutboxEnqueued, Stop};
use crate::actors::ports::alerts::{
    AlertChannel, ChannelSpec, ChartMaker, Delivery, DeliveryError, DeliveryState, Outgoing, Parcel, Receipt,
    Settled, no_answer,
};
use crate::actors::ports::state::OperationalState;
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::view::{ChannelStatus, SymbolQueries};
use crate::domain::alert::message::{Message, Notice};
use crate::domain::alert::quiet::LocalOffset;
use crate::domain::alert::remedy::Remedy;
use crate::domain::moment::MachineTime;
use crate::domain::time::Interval;
use crate::i18n::{Language, Reason, Texts, text};
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use rules::{Breaker, DeliveryRules, TRY_TIMEOUT, Turn};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How often something due is looked for where nobody says that there is, machine time: a quarter of the shortest back-off, so that
/// no pause grows much by it.
const LOOK: Duration = Duration::from_millis(250);
/// How often the counts are shown where nothing was sent, machine time: they are counted in the file, and a page that is five
/// seconds old misleads nobody.
const SHOW: Duration = Duration::from_secs(5);
/// Each message says no more than that there is work; one would do.
pub(crate) const MAILBOX: usize = 16;
/// Bars of a chart: 24 h with the default of 15 minutes.
const CHART_CANDLES: usize = 96;

/// What a delivery_worker works with.
#[derive(Clone)]
pub(crate) struct DeliverySetup {
    pub spec: ChannelSpec,
    /// All channels: a dead one is reported on the others, to each in its language.
    pub all: Arc<Vec<(String, Language)>>,
    pub state: Arc<dyn OperationalState>,
    pub charts: Arc<dyn ChartMaker>,
    /// Interval of the charts' candles: the one that scores.
    pub bar: Interval,
    pub rules: DeliveryRules,
    /// For the daily cap: where the user's day begins.
    pub local: LocalOffset,
    /// The other of two scanners must know of a delivery before it is made.
    pub gate: CopyGate,
}

impl DeliverySetup {
    /// A worker that died in the middle of a delivery leaves it uncertain.
    pub(crate) fn recover(&self, now: MachineTime) {
        if let Err(error) = self.state.recover_one(&self.spec.name, now, self.spec.may_repeat()) {
            tracing::error!(channel = self.spec.name, %error, "the outbox cannot be written");
        }
    }
}

pub(crate) struct DeliveryWorker {
    setup: DeliverySetup,
    channel: Rc<dyn AlertChannel>,
    common: Common,
    directory: Arc<Directory>,
    breaker: Breaker,
    busy: bool,
    stopping: bool,
    last_error: Option<Reason>,
    remedy: Option<Remedy>,
    last_sent_at: Option<MachineTime>,
    /// What became of a delivery and is not on the disk yet.
    unsettled: Option<(Delivery, Settled)>,
}

impl DeliveryWorker {
    /// Called on the thread it will run on.
    pub(crate) fn new(setup: DeliverySetup, common: Common, directory: Arc<Directory>) -> Self {
        let channel = Rc::from((setup.spec.make)());
        Self {
            setup,
            channel,
            common,
            directory,
            breaker: Breaker::default(),
            busy: false,
            stopping: false,
            last_error: None,
            remedy: None,
            last_sent_at: None,
            unsettled: None,
        }
    }

    fn now(&self) -> MachineTime {
        self.common.clocks.machine_time()
    }

    fn resend(&self) -> bool {
        self.setup.spec.may_repeat()
    }

    /// Starts the next delivery if one is due.
    fn next(&mut self, ctx: &mut Context<Self>) {
        let now = self.now();
        if self.busy || self.stopping || !self.common.is_active() {
            return;
        }
        // Before anything is taken: the outbox holds that one to be under way until then.
        if let Some((delivery, settled)) = self.unsettled.take()
            && !self.put_down(&delivery, &settled)
        {
            return;
        }
        if !self.breaker.allows(now) {
            return;
        }
        // Marked as being sent on the disk before it goes out: after a crash it may then be said that it perhaps
        // arrived.
        match self.setup.state.take_due(&self.setup.spec.name, now) {
            Ok(Some(delivery)) => match self.unwanted(&delivery, now) {
                Some(reason) => self.give_up(&delivery, reason, ctx),
                None => self.send(delivery, ctx),
            },
            Ok(None) => {}
            Err(error) => {
                self.common.drops.add("outbox_read");
                tracing::error!(channel = self.setup.spec.name, %error, "the outbox cannot be used just now");
            }
        }
    }

    /// Why a delivery is not made at all: too old, or beyond the daily cap.
    fn unwanted(&self, delivery: &Delivery, now: MachineTime) -> Option<Reason> {
        if self.setup.rules.expired(delivery, now) {
            return Some(Reason::of("expired", &text!(delivery_expired)));
        }
        if delivery.message.alerts().is_empty() {
            return None;
        }
        let (cap, day) = (self.setup.spec.daily_cap?, self.setup.local.day_start(now));
        let sent = self.setup.state.sent_since(&self.setup.spec.name, day).unwrap_or(0);
        if sent < cap {
            return None;
        }
        let notice = Notice::DailyCap { channel: self.setup.spec.name.clone(), cap };
        let own = (self.setup.spec.name.clone(), self.setup.spec.language);
        self.tell(|_| notice.clone(), day, &[own]);
        Some(Reason::of("daily_cap", &text!(delivery_daily_cap, cap = cap)))
    }

    fn give_up(&mut self, delivery: &Delivery, reason: Reason, ctx: &mut Context<Self>) {
        let settled = Settled {
            state: DeliveryState::Dead,
            next_attempt_at: None,
            reason: Some(reason),
            receipt: None,
            counts: false,
        };
        self.put_down(delivery, &settled);
        ctx.run_later(Duration::ZERO, Self::next);
    }

    fn send(&mut self, delivery: Delivery, ctx: &mut Context<Self>) {
        self.busy = true;
        let channel = Rc::clone(&self.channel);
        let (queries, charts) = (Arc::clone(&self.directory), Arc::clone(&self.setup.charts));
        let (wants_chart, bar) = (self.setup.spec.charts, self.setup.bar);
        let (gate, common) = (self.setup.gate.clone(), self.common.clone());
        let sent = async move {
            let chart = match &delivery.message {
                Message::Alert { alert } if wants_chart => {
                    let asked = queries.candles(alert.symbol.as_str(), bar, CHART_CANDLES).await;
                    asked.and_then(|c| charts.draw(alert.symbol.as_str(), &c, alert.resistance))
                }
                _ => None,
            };
            let parcel = Parcel {
                key: delivery.key.clone(),
                message: delivery.message.clone(),
                chart,
                maybe_repeated: delivery.maybe_repeated,
            };
            // The turn is looked at last: it may have ended while the copy was waited for.
            if !(gate.passed().await && common.is_active()) {
                return (delivery, None);
            }
            // A worker sends one at a time, so one that hangs would hold up its channel for good.
            let result = tokio::time::timeout(TRY_TIMEOUT, channel.deliver(parcel))
                .await
                .unwrap_or_else(|_| Err(DeliveryError::Uncertain { reason: no_answer(TRY_TIMEOUT) }));
            (delivery, Some(result))
        };
        ctx.spawn(sent.into_actor(self).map(|(delivery, result), delivery_worker, ctx| {
            delivery_worker.busy = false;
            match &result {
                Some(result) => delivery_worker.ended(&delivery, result),
                None => delivery_worker.put_back(&delivery),
            }
            if delivery_worker.stopping {
                ctx.stop();
            } else if result.is_some() {
                delivery_worker.next(ctx);
            }
        }));
    }

    /// It was not sent, as the other scanner could not be told. Where that one sends by now, its word counts, and what is marked as
    /// being sent here would be sent with a mark should this one's turn come first.
    fn put_back(&mut self, delivery: &Delivery) {
        if self.common.is_active() {
            let next_attempt_at = Some(self.now());
            let waiting = Settled {
                state: DeliveryState::Pending,
                next_attempt_at,
                reason: None,
                receipt: None,
                counts: false,
            };
            self.put_down(delivery, &waiting);
        }
    }

    fn ended(&mut self, delivery: &Delivery, result: &Result<Receipt, DeliveryError>) {
        let (now, random) = (self.now(), (self.common.random)());
        let settled =
            self.setup.rules.settle(delivery, result, self.resend(), self.breaker.pauses(), now, random);
        let name = self.setup.spec.name.clone();
        metrics::counter!(
            "impulso_deliveries_total", "channel" => name.clone(), "state" => settled.state.as_str()
        )
        .increment(1);
        match result {
            Ok(_) => (self.last_error, self.remedy, self.last_sent_at) = (None, None, Some(now)),
            Err(error) => {
                self.last_error = Some(error.reason().clone());
                self.remedy = match error {
                    DeliveryError::Unusable { remedy, .. } => Some(*remedy),
                    DeliveryError::Rejected { .. } => Some(Remedy::Refused),
                    DeliveryError::Retry { .. } | DeliveryError::Uncertain { .. } => None,
                };
                tracing::warn!(
                    channel = name, key = delivery.key, state = settled.state.as_str(), %error,
                    "an alert was not delivered"
                );
            }
        }
        self.put_down(delivery, &settled);
        let others: Vec<_> = self.setup.all.iter().filter(|(other, _)| *other != name).cloned().collect();
        match self.breaker.record(result, &self.setup.rules, now, random) {
            Turn::Died => {
                let words =
                    |t| self.last_error.as_ref().map_or_else(String::new, |e| e.in_words(t).to_owned());
                let dead =
                    |t| Notice::ChannelDead { channel: name.clone(), reason: words(t), remedy: self.remedy };
                self.tell(dead, now, &others);
            }
            Turn::Recovered => {
                self.tell(|_| Notice::ChannelBack { channel: name.clone() }, now, &others);
            }
            Turn::Same if settled.state == DeliveryState::Dead && !delivery.message.alerts().is_empty() => {
                let words =
                    |t| settled.reason.as_ref().map_or_else(String::new, |e| e.in_words(t).to_owned());
                let (channel, key) = (&name, &delivery.key);
                let lost =
                    |t| Notice::Undelivered { channel: channel.clone(), key: key.clone(), reason: words(t) };
                self.tell(lost, now, &others);
            }
            Turn::Same => {}
        }
        self.show();
    }

    /// Writes what became of a delivery; what cannot be written is tried again before the next one. In a process that ends meanwhile it
    /// stays marked as being sent, and counts as uncertain.
    fn put_down(&mut self, delivery: &Delivery, settled: &Settled) -> bool {
        let Err(error) = self.setup.state.settle(delivery.id, settled, self.now()) else { return true };
        self.common.drops.add("outbox_write");
        tracing::error!(channel = delivery.channel, key = delivery.key, %error, "the outcome of a delivery could not be written");
        self.unsettled = Some((delivery.clone(), settled.clone()));
        false
    }

    /// A notice quotes a reason: it is written once for each language, and goes to the channels of it.
    fn tell(
        &self,
        notice: impl Fn(&'static Texts) -> Notice,
        at: MachineTime,
        channels: &[(String, Language)],
    ) {
        let of = |language: Language| {
            let own = channels.iter().filter(|(_, its)| *its == language);
            let own: Vec<String> = own.map(|(name, _)| name.clone()).collect();
            (!own.is_empty()).then(|| (Message::Notice { at, notice: notice(language.texts()) }, own))
        };
        let messages: Vec<_> = [Language::Es, Language::En].into_iter().filter_map(of).collect();
        if messages.is_empty() {
            return;
        }
        let outgoing = Outgoing { messages, now: self.now(), ..Outgoing::default() };
        if let Err(error) = self.setup.state.enqueue(&outgoing) {
            self.common.drops.add("outbox_write");
            tracing::error!(%error, "a notice could not be written to the outbox");
        }
    }

    fn show(&self) {
        let counts = self.setup.state.counts(&self.setup.spec.name).unwrap_or_default();
        let [pending, sending, sent, uncertain, dead] = counts;
        let broken = self.last_error.clone().map(|error| SystemProblem::Channel {
            name: self.setup.spec.name.clone(),
            error,
            remedy: self.remedy,
        });
        let source = ProblemSource::Channel(self.setup.spec.name.clone());
        self.common.tell(source, broken.filter(|_| self.breaker.is_dead()));
        self.common.view.set_channel(ChannelStatus {
            name: self.setup.spec.name.clone(),
            dead_channel: self.breaker.is_dead(),
            pending: pending + sending,
            sent,
            uncertain,
            dead,
            last_error: self.last_error.clone(),
            last_sent_at: self.last_sent_at,
        });
        metrics::gauge!("impulso_outbox_pending", "channel" => self.setup.spec.name.clone())
            .set((pending + sending) as f64);
        metrics::gauge!("impulso_channel_up", "channel" => self.setup.spec.name.clone())
            .set(if self.breaker.is_dead() { 0.0 } else { 1.0 });
    }
}

impl Actor for DeliveryWorker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.show();
        ctx.run_interval(self.common.pace.every(LOOK), Self::next);
        // Counts change without this worker as well: what is enqueued stands in the outbox before it has looked.
        ctx.run_interval(self.common.pace.every(SHOW), |delivery_worker, _| delivery_worker.show());
    }
}

impl Handler<OutboxEnqueued> for DeliveryWorker {
    type Result = ();

    fn handle(&mut self, _: OutboxEnqueued, ctx: &mut Self::Context) {
        self.next(ctx);
    }
}

impl Handler<Stop> for DeliveryWorker {
    type Result = ();

    /// A delivery under way may end; what waits goes out after the next start.
    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        self.stopping = true;
        if !self.busy {
            ctx.stop();
        }
    }
}
