//! The state of the whole, for the status page, in plain words where something is wrong.

use super::Supervisor;
use crate::actors::system_problem::SystemProblem;
use crate::actors::view::{FeedState, SystemStatus};
use std::sync::atomic::Ordering;

impl Supervisor {
    pub(super) fn publish_status(&self) {
        let mono_ms = self.wiring.machine.mono_ms();
        let feed = self.wiring.clock.feed_state(mono_ms);
        let status = SystemStatus {
            feed,
            market_time: self.wiring.clock.now(mono_ms),
            connections: self.connections.clone(),
            weight: self.weight.clone(),
            cycle_interval_ms: self.config.ranker.interval_ms,
            cycles_published: self.wiring.cycles_published.load(Ordering::Relaxed),
            cycles_missed: self.wiring.cycles_missed.load(Ordering::Relaxed),
            restarts: self.wiring.restarts.load(Ordering::Relaxed),
            drops: self.wiring.drops.all(),
            close_lags: self.wiring.close_lags.all(),
            problem: self.problem(feed),
            rest_url: self.config.rest_url.clone(),
            stream_url: self.config.stream_url.clone(),
            started_at: self.started_at,
            uptime_ms: mono_ms - self.started_mono_ms,
        };
        metrics::gauge!("impulso_feed_live").set(if feed == FeedState::Live { 1.0 } else { 0.0 });
        metrics::gauge!("impulso_weight_used").set(f64::from(self.weight.used));
        metrics::gauge!("impulso_weight_limit").set(f64::from(self.weight.limit));
        self.wiring.view.set_status(status);
    }

    fn problem(&self, feed: FeedState) -> Option<SystemProblem> {
        if let Some(problem) = &self.rest_problem {
            return Some(problem.clone());
        }
        if feed == FeedState::Live {
            return None;
        }
        let broken = self.connections.iter().find_map(|c| c.last_error.as_ref().map(|e| (&c.name, e)))?;
        Some(SystemProblem::Stream {
            connection: broken.0.clone(),
            url: self.config.stream_url.clone(),
            error: broken.1.clone(),
        })
    }
}
