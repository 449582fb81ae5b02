//! Starting, restarting and stopping actors.

use super::Supervisor;
use crate::actors::alert::AlertActor;
use crate::actors::backfill::Backfill;
use crate::actors::death_watch::{Child, ChildDown, DeathWatch};
use crate::actors::hub::Hub;
use crate::actors::mailbox;
use crate::actors::messages::Stop;
use crate::actors::ranker::Ranker;
use crate::actors::view::Subscribe;
use actix::{Actor, ActorContext, AsyncContext, Context};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Supervisor {
    /// A guard for the next start of `child`.
    pub(super) fn watch(&mut self, child: &Child, ctx: &Context<Self>) -> DeathWatch {
        let entry = self.generations.entry(child.clone()).or_default();
        entry.0 += 1;
        DeathWatch::new(child.clone(), entry.0, ctx.address().recipient())
    }

    pub(super) fn start_core(&mut self, ctx: &mut Context<Self>) {
        self.start_hub(ctx);
        self.start_alert(ctx);
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
            mailbox::offer(&hub, subscribe, "hub", &self.wiring.tally);
        }
        self.hub = Some(hub);
    }

    fn start_alert(&mut self, ctx: &Context<Self>) {
        let watch = self.watch(&Child::Alert, ctx);
        let wiring = Arc::clone(&self.wiring);
        let (config, language) = (self.config.alert, self.config.language);
        let channels = Arc::clone(&self.adapters.channels);
        let alert = AlertActor::start_in_arbiter(&self.threads.core, move |_| {
            AlertActor::new(config, language, channels, wiring, watch)
        });
        self.wiring.alert.connect(alert.clone().recipient());
        self.alert = Some(alert);
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
        let (state, news) = (Arc::clone(&self.adapters.state), ctx.address().recipient());
        let backfill = Backfill::start_in_arbiter(&self.threads.io, move |_| {
            Backfill::new(config, &rest, state, news, wiring, watch)
        });
        self.wiring.ask.connect(backfill.clone().recipient());
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
            Child::Hub => self.start_hub(ctx),
        }
    }

    /// Feeds first, so that nothing new comes in; pairs; then those who listen to them.
    pub(super) fn stop_all(&mut self, ctx: &mut Context<Self>) {
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
        if let Some(alert) = self.alert.take() {
            mailbox::must(&alert.recipient(), Stop);
        }
        if let Some(backfill) = self.backfill.take() {
            mailbox::must(&backfill.recipient(), Stop);
        }
        if let Some(hub) = self.hub.take() {
            mailbox::must(&hub.recipient(), Stop);
        }
        ctx.stop();
    }
}
