//! What is done when the streams are back after an outage, and when market time came down.

use super::Supervisor;
use crate::actors::backfill::RefreshUniverse;
use crate::actors::messages::{ClockFell, OutageOver};
use crate::actors::view::FeedState;

/// Silence of all streams that counts as an outage, ms of machine time: more than a connection takes to be replaced.
const OUTAGE_MS: i64 = 15_000;

impl Supervisor {
    pub(super) fn watch_clock(&mut self) {
        let clocks = &self.setup.common.clocks;
        if self.falls.take(clocks).is_some() {
            for pair in self.setup.directory.all().values() {
                pair.place.must(ClockFell);
            }
        }
        let mono = clocks.mono_time();
        match (clocks.feed_state(), self.silent_since) {
            (FeedState::Frozen, None) => self.silent_since = Some(mono),
            (FeedState::Live, Some(since)) => {
                self.silent_since = None;
                if mono - since >= OUTAGE_MS {
                    self.outage_over(mono - since);
                }
            }
            _ => {}
        }
    }

    /// Pairs may have halted, resumed or gone meanwhile, and the last candles before may be wrong.
    fn outage_over(&self, silent_ms: i64) {
        tracing::info!(silent_ms, "the streams are back after an outage: pairs and candles are checked");
        self.setup.refresh.send(RefreshUniverse);
        for pair in self.setup.directory.all().values() {
            pair.place.must(OutageOver);
        }
    }
}
