//! Starting, restarting and stopping actors.

use super::Supervisor;
use crate::actors::alert::{AlertActor, AlertSetup};
use crate::actors::backfill::Backfill;
use crate::actors::cycle_stats::CycleStats;
use crate::actors::death_watch::{Child, ChildDown, DeathWatch};
use crate::actors::delivery::{DeliverySetup, DeliveryWorker};
use crate::actors::experiment::ExperimentActor;
use crate::actors::history::HistoryWriter;
use crate::actors::hub::Hub;
use crate::actors::mailbox;
use crate::actors::messages::Stop;
use crate::actors::ranker::Ranker;
use crate::actors::redis_publisher::RedisPublisher;
use crate::actors::tracker::Tracker;
use crate::actors::view::Subscribe;
use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, ResponseActFuture, WrapFuture,
};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long alerts and deliveries under way may take at the stop.
const FLUSH_WITHIN: Duration = Duration::from_secs(2);

impl Supervisor {
    /// A guard for the next start of `child`.
    pub(super) fn watch(&mut self, child: &Child, ctx: &Context<Self>) -> DeathWatch {
        let entry = self.generations.entry(child.clone()).or_default();
        entry.0 += 1;
        DeathWatch::new(child.clone(), entry.0, ctx.address().recipient())
    }

    pub(super) fn start_core(&mut self, ctx: &mut Context<Self>) {
        self.start_hub(ctx);
        self.start_history(ctx);
        self.start_redis_publisher(ctx);
        self.start_tracker(ctx);
        self.start_experiment(ctx);
        self.start_cycle_stats(ctx);
        self.recover_outbox();
        self.start_alert(ctx);
        for index in 0..self.adapters.channels.len() {
            self.start_delivery_worker(index, ctx);
        }
        self.start_ranker(ctx);
        self.start_backfill(ctx);
    }

    fn start_hub(&mut self, ctx: &Context<Self>) {
        let watch = self.watch(&Child::Hub, ctx);
        let wiring = Arc::clone(&self.wiring);
        let hub = Hub::start_in_arbiter(&self.threads.core, move |_| Hub::new(wiring, watch));
        self.wiring.hub.connect(hub.clone().recipient());
        for (id, client) in &self.clients {
            let subscribe = Subscribe { id: *id, client: client.clone() };
            mailbox::offer(&hub, subscribe, "hub", &self.wiring.drops);
        }
        self.hub = Some(hub);
    }

    fn start_history(&mut self, ctx: &Context<Self>) {
        let Some(setup) = self.adapters.history.clone() else { return };
        self.wiring.keeps_history.store(true, Ordering::Relaxed);
        let watch = self.watch(&Child::History, ctx);
        let wiring = Arc::clone(&self.wiring);
        let history = HistoryWriter::start_in_arbiter(&self.threads.out, move |_| {
            HistoryWriter::new(setup, wiring, watch)
        });
        self.wiring.history.connect(history.clone().recipient());
        self.wiring.history_snapshots.connect(history.clone().recipient());
        self.history = Some(history);
    }

    fn start_tracker(&mut self, ctx: &Context<Self>) {
        let Some(setup) = self.adapters.tracker.clone() else { return };
        let watch = self.watch(&Child::Tracker, ctx);
        let wiring = Arc::clone(&self.wiring);
        let tracker =
            Tracker::start_in_arbiter(&self.threads.out, move |_| Tracker::new(setup, wiring, watch));
        self.wiring.tracker.connect(tracker.clone().recipient());
        self.wiring.tracker_alerts.connect(tracker.clone().recipient());
        self.wiring.tracker_shadow.connect(tracker.clone().recipient());
        self.wiring.past.connect(tracker.clone().recipient());
        self.tracker = Some(tracker);
    }

    /// Without judged predictions there is nothing to compare.
    fn start_experiment(&mut self, ctx: &Context<Self>) {
        let Some(setup) = self.adapters.experiment.clone().filter(|_| self.tracker.is_some()) else { return };
        self.wiring.has_experiment.store(true, Ordering::Relaxed);
        let watch = self.watch(&Child::ExperimentActor, ctx);
        let wiring = Arc::clone(&self.wiring);
        let experiment = ExperimentActor::start_in_arbiter(&self.threads.experiment, move |_| {
            ExperimentActor::new(setup, wiring, watch)
        });
        self.wiring.experiment.connect(experiment.clone().recipient());
        self.wiring.experiment_resolved.connect(experiment.clone().recipient());
        self.experiment = Some(experiment);
    }

    fn start_cycle_stats(&mut self, ctx: &Context<Self>) {
        let watch = self.watch(&Child::CycleStats, ctx);
        let (store, wiring) = (Arc::clone(&self.adapters.measures), Arc::clone(&self.wiring));
        let cycle_stats =
            CycleStats::start_in_arbiter(&self.threads.out, move |_| CycleStats::new(store, wiring, watch));
        self.wiring.cycle_stats.connect(cycle_stats.clone().recipient());
        self.cycle_stats = Some(cycle_stats);
    }

    fn start_redis_publisher(&mut self, ctx: &Context<Self>) {
        let Some(setup) = self.adapters.redis_publisher.clone() else { return };
        self.wiring.publishes.store(true, Ordering::Relaxed);
        let watch = self.watch(&Child::RedisPublisher, ctx);
        let wiring = Arc::clone(&self.wiring);
        let redis_publisher = RedisPublisher::start_in_arbiter(&self.threads.out, move |_| {
            RedisPublisher::new(setup, wiring, watch)
        });
        self.wiring.redis_publisher.connect(redis_publisher.clone().recipient());
        self.wiring.redis_candles.connect(redis_publisher.clone().recipient());
        self.wiring.redis_alerts.connect(redis_publisher.clone().recipient());
        self.redis_publisher = Some(redis_publisher);
    }

    fn start_alert(&mut self, ctx: &Context<Self>) {
        let watch = self.watch(&Child::Alert, ctx);
        let wiring = Arc::clone(&self.wiring);
        let setup = AlertSetup {
            config: self.config.alert.clone(),
            channels: Arc::clone(&self.adapters.channels),
            outbox: Arc::clone(&self.adapters.outbox),
            lists: Arc::clone(&self.adapters.lists),
            noted: self.adapters.noted_alerts.clone(),
            state: Arc::clone(&self.adapters.state),
            calibrations: Arc::clone(&self.adapters.calibrations),
        };
        let alert =
            AlertActor::start_in_arbiter(&self.threads.out, move |_| AlertActor::new(setup, wiring, watch));
        self.wiring.alert.connect(alert.clone().recipient());
        self.alert = Some(alert);
    }

    /// What an earlier run was sending may have arrived; what waits for channels that are gone is given up.
    fn recover_outbox(&self) {
        let (outbox, now) = (&self.adapters.outbox, self.wiring.machine.utc_ms());
        let channels = &self.adapters.channels;
        let resend =
            |name: &str| channels.iter().any(|c| c.name == name && (c.idempotent || c.resend_uncertain));
        let names: Vec<String> = channels.iter().map(|c| c.name.clone()).collect();
        let recovered =
            outbox.recover(now, &resend).and_then(|n| Ok((n, outbox.abandon_others(&names, now)?)));
        match recovered {
            Ok((uncertain, abandoned)) if uncertain + abandoned > 0 => {
                tracing::warn!(uncertain, abandoned, "deliveries of an earlier run were under way");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "the outbox of an earlier run cannot be read"),
        }
    }

    /// A delivery_worker that died in the middle of a delivery leaves it uncertain.
    fn restart_delivery_worker(&mut self, index: usize, ctx: &Context<Self>) {
        let Some(spec) = self.adapters.channels.get(index) else { return };
        let again = spec.idempotent || spec.resend_uncertain;
        let now = self.wiring.machine.utc_ms();
        if let Err(error) = self.adapters.outbox.recover_one(&spec.name, now, again) {
            tracing::error!(channel = spec.name, %error, "the outbox cannot be written");
        }
        self.start_delivery_worker(index, ctx);
    }

    fn start_delivery_worker(&mut self, index: usize, ctx: &Context<Self>) {
        let watch = self.watch(&Child::DeliveryWorker(index), ctx);
        let wiring = Arc::clone(&self.wiring);
        let channels = &self.adapters.channels;
        let Some(spec) = channels.get(index).cloned() else { return };
        let setup = DeliverySetup {
            spec,
            all: Arc::new(channels.iter().map(|c| c.name.clone()).collect()),
            outbox: Arc::clone(&self.adapters.outbox),
            charts: Arc::clone(&self.adapters.charts),
            bar: self.config.analysis.tf,
            rules: self.config.delivery_worker,
            local: self.config.alert.local.clone(),
        };
        let delivery_worker = DeliveryWorker::start_in_arbiter(&self.threads.out, move |_| {
            DeliveryWorker::new(setup, wiring, watch)
        });
        if index < self.delivery_workers.len() {
            self.delivery_workers[index] = delivery_worker;
        } else {
            self.delivery_workers.push(delivery_worker);
        }
    }

    fn start_ranker(&mut self, ctx: &Context<Self>) {
        let watch = self.watch(&Child::Ranker, ctx);
        let wiring = Arc::clone(&self.wiring);
        let (config, encoder) = (self.config.ranker.clone(), Arc::clone(&self.adapters.encoder));
        let ranker = Ranker::start_in_arbiter(&self.threads.core, move |_| {
            Ranker::new(config, encoder, wiring, watch)
        });
        self.wiring.ranker.connect(ranker.clone().recipient());
        self.ranker = Some(ranker);
    }

    fn start_backfill(&mut self, ctx: &Context<Self>) {
        let watch = self.watch(&Child::Backfill, ctx);
        let wiring = Arc::clone(&self.wiring);
        let (config, rest) = (self.config.backfill.clone(), Arc::clone(&self.adapters.rest));
        let state = (Arc::clone(&self.adapters.state), Arc::clone(&self.adapters.kept));
        let news = ctx.address().recipient();
        let backfill = Backfill::start_in_arbiter(&self.threads.io, move |_| {
            Backfill::new(config, &rest, state, news, wiring, watch)
        });
        self.wiring.ask.connect(backfill.clone().recipient());
        self.wiring.ask_past.connect(backfill.clone().recipient());
        self.backfill = Some(backfill);
    }

    pub(super) fn child_down(&mut self, down: &ChildDown, ctx: &mut Context<Self>) {
        let Some((generation, restarts)) = self.generations.get_mut(&down.child) else { return };
        if self.stopping || *generation != down.generation || !down.panicked {
            return;
        }
        let delay_ms = restarts.died(self.wiring.machine.mono_ms(), &self.config.restart);
        self.wiring.restarts.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("impulso_restarts_total").increment(1);
        tracing::error!(child = ?down.child, restart_in_ms = delay_ms, "an actor panicked and is started anew");
        let child = down.child.clone();
        let delay = Duration::from_millis(u64::try_from(delay_ms).unwrap_or(0));
        ctx.run_later(delay, move |supervisor, ctx| supervisor.respawn(&child, ctx));
    }

    fn respawn(&mut self, child: &Child, ctx: &mut Context<Self>) {
        if self.stopping {
            return;
        }
        match child {
            Child::Symbol(symbol) => self.respawn_pair(symbol, ctx),
            Child::Feed(index) => self.respawn_feed(*index, ctx),
            Child::Backfill => self.start_backfill(ctx),
            Child::Ranker => self.start_ranker(ctx),
            Child::Alert => self.start_alert(ctx),
            Child::DeliveryWorker(index) => self.restart_delivery_worker(*index, ctx),
            Child::Hub => self.start_hub(ctx),
            Child::RedisPublisher => self.start_redis_publisher(ctx),
            Child::Tracker => self.start_tracker(ctx),
            Child::ExperimentActor => self.start_experiment(ctx),
            Child::CycleStats => self.start_cycle_stats(ctx),
            Child::History => self.start_history(ctx),
        }
    }

    /// Feeds first, so that nothing new comes in; pairs; then those who listen to them; history last.
    pub(super) fn stop_all(&mut self) -> ResponseActFuture<Self, ()> {
        self.stopping = true;
        for feed in &self.feeds {
            mailbox::must(&feed.addr.clone().recipient(), Stop);
        }
        for pair in self.wiring.directory.clear().values() {
            mailbox::must(&pair.clone().recipient(), Stop);
        }
        if let Some(ranker) = self.ranker.take() {
            mailbox::must(&ranker.recipient(), Stop);
        }
        if let Some(backfill) = self.backfill.take() {
            mailbox::must(&backfill.recipient(), Stop);
        }
        if let Some(hub) = self.hub.take() {
            mailbox::must(&hub.recipient(), Stop);
        }
        if let Some(tracker) = self.tracker.take() {
            mailbox::must(&tracker.recipient(), Stop);
        }
        if let Some(experiment) = self.experiment.take() {
            mailbox::must(&experiment.recipient(), Stop);
        }
        if let Some(cycle_stats) = self.cycle_stats.take() {
            mailbox::must(&cycle_stats.recipient(), Stop);
        }
        if let Some(redis_publisher) = self.redis_publisher.take() {
            mailbox::must(&redis_publisher.recipient(), Stop);
        }
        let (alert, delivery_workers, history) =
            (self.alert.take(), std::mem::take(&mut self.delivery_workers), self.history.take());
        let ended = async move {
            if let Some(alert) = alert {
                let _gone = tokio::time::timeout(FLUSH_WITHIN, alert.send(Stop)).await;
            }
            for delivery_worker in &delivery_workers {
                mailbox::must(&delivery_worker.clone().recipient(), Stop);
            }
            let idle = async {
                while delivery_workers.iter().any(Addr::connected) {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            let _late = tokio::time::timeout(FLUSH_WITHIN, idle).await;
            if let Some(history) = history {
                let _late = tokio::time::timeout(FLUSH_WITHIN * 2, history.send(Stop)).await;
            }
        };
        Box::pin(ended.into_actor(self).map(|(), _, ctx| ctx.stop()))
    }
}
