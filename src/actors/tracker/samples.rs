//! How judged hourly samples teach the calibration: those of earlier runs at the start, the others as they are judged.

use super::Tracker;
use crate::actors::ports::history::{LedgerRow, OutcomeRow, PredictionKind, Span};
use crate::domain::moment::MarketTime;
use crate::domain::time::DAY_MS;
use crate::learning::scorer::Scorer;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::sync::Arc;

impl Tracker {
    /// What earlier runs have sampled: resolved ones teach the calibration, open ones wait on.
    pub(super) fn remember(&self, ctx: &mut Context<Self>) {
        let days = self.common.model.lock().as_ref().map_or(0, Scorer::memory_days);
        let now = self.common.clocks.now();
        if days == 0 || now <= MarketTime::EPOCH {
            return;
        }
        let store = Arc::clone(&self.setup.store);
        for day in 0..days {
            let span = Span { from: now - (day + 1) * DAY_MS, to: now - day * DAY_MS };
            let read = store.predictions(Some(PredictionKind::Sample), span);
            // A day at a time, so that not all are in memory. No message comes in between: an outcome of now would be
            // learned before older ones. actix waits for the newest `wait` first, so the oldest day is put last.
            ctx.wait(read.into_actor(self).map(|read, tracker, _| match read {
                Ok(known) => tracker.known(&known),
                Err(error) => tracing::warn!(%error, "earlier samples cannot be read: the calibration starts as trained"),
            }));
        }
    }

    fn known(&mut self, known: &[LedgerRow]) {
        // Let go of before the samples are opened: thousands of rows, while a cycle waits for the lock.
        let Some(model) = self.common.model.lock().as_ref().map(|scorer| Arc::clone(scorer.model())) else {
            return;
        };
        let own = || known.iter().filter(|(p, _)| p.model == model.card.name);
        for (p, _) in own() {
            self.samples.opened(&p.key, p.opened_at, &p.features, &model);
        }
        // Held for the whole day: a cycle is scored before or after it, not with a half of it learned.
        let mut scorer = self.common.model.lock();
        let Some(scorer) = scorer.as_mut() else { return };
        for (p, outcome) in own() {
            if let Some(hit) = outcome.as_ref().and_then(|o| o.hit_24h) {
                self.samples.resolved(&p.key, hit, scorer);
            }
        }
    }

    pub(super) fn learn(&mut self, outcomes: &[OutcomeRow], now: MarketTime) {
        // Held over all of them, for the same reason as in `known`.
        let mut scorer = self.common.model.lock();
        let Some(scorer) = scorer.as_mut() else { return };
        for o in outcomes {
            if let Some(hit) = o.hit_24h {
                self.samples.resolved(&o.key, hit, scorer);
            }
        }
        self.samples.forget(now);
    }
}
