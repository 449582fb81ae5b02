//! The state of the whole, for the status page, in plain words where something is wrong.

use super::Supervisor;
use super::watch::Newest;
use crate::actors::problems::{ProblemSource, SystemProblem};
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
            problems: common.view.problems(),
            failover: common.view.failover(),
            levels_since: common.view.levels_since(),
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

    pub(super) fn watch_rankings(&mut self) {
        let common = &self.setup.common;
        let published = common.view.published();
        let newest = Newest {
            seq: published.as_ref().map_or(0, |p| p.seq),
            coverage: published.as_ref().map(|p| &p.snapshot.coverage),
            full_seen: common.view.full_seen(),
        };
        let now = common.clocks.mono_time();
        let [missing, low] = self.ranking.look(newest, self.setup.cycle_interval_ms, now);
        common.tell(ProblemSource::Ranking, missing);
        common.tell(ProblemSource::Coverage, low);
    }

    /// A market at another speed has no clock that the machine's could be held against.
    pub(super) fn watch_machine_clock(&mut self) {
        let common = &self.setup.common;
        if common.clocks.feed_state() == FeedState::Live && common.clocks.is_real_time() {
            let ahead_ms = common.clocks.machine_time().as_market() - common.clocks.now();
            common.tell(ProblemSource::MachineClock, self.machine_clock.look(ahead_ms));
        }
    }

    pub(super) fn watch_readers(&self) {
        for (reader, cycles) in self.setup.publication.behind() {
            let problem = (cycles > 0).then(|| SystemProblem::Behind { reader: reader.to_owned(), cycles });
            self.setup.common.tell(ProblemSource::Reader(reader), problem);
        }
    }

    pub(super) fn watch_streams(&mut self) {
        let common = &self.setup.common;
        let (feed, now) = (common.clocks.feed_state(), common.clocks.mono_time());
        let mut any = false;
        for (index, connection) in self.connections.iter().enumerate() {
            let at_once = feed != FeedState::Live;
            let down = self.streams.look(index, connection, &self.setup.stream_url, at_once, now);
            any |= down.is_some();
            common.tell(ProblemSource::Stream(connection.name.clone()), down);
        }
        // A connection that is down says more.
        let silent = (feed == FeedState::Frozen && !any).then_some(SystemProblem::SilentStreams);
        common.tell(ProblemSource::Streams, silent);
    }
}
