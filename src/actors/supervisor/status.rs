//! The state of the whole, for the status page, in plain words where something is wrong.

use super::Supervisor;
use crate::actors::system_problem::SystemProblem;
use crate::actors::view::{FeedState, SystemStatus};

impl Supervisor {
    pub(super) fn publish_status(&self) {
        let common = &self.setup.common;
        let feed = common.clocks.feed_state();
        let status = SystemStatus {
            feed,
            market_time: common.clocks.now(),
            connections: self.connections.clone(),
            weight: self.weight.clone(),
            cycle_interval_ms: self.setup.cycle_interval_ms,
            cycles_published: self.setup.publication.published(),
            cycles_missed: self.setup.publication.missed(),
            restarts: self.restarts,
            drops: common.drops.all(),
            close_lags: self.setup.lags.all(),
            problem: self.problem(feed),
            rest_url: self.setup.rest_url.clone(),
            stream_url: self.setup.stream_url.clone(),
            started_at: self.started_at,
            uptime_ms: common.clocks.mono_time() - self.started,
        };
        metrics::gauge!("impulso_feed_live").set(if feed == FeedState::Live { 1.0 } else { 0.0 });
        metrics::gauge!("impulso_weight_used").set(f64::from(self.weight.used));
        metrics::gauge!("impulso_weight_limit").set(f64::from(self.weight.limit));
        common.view.set_status(status);
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
            url: self.setup.stream_url.clone(),
            error: broken.1.clone(),
        })
    }
}
