//! Losses and restarts, counted by cause: shown in the status and in the metrics.

use parking_lot::Mutex;
use std::collections::BTreeMap;

/// Rows and messages that were neither written nor set aside when the program ended.
pub(crate) const LOST_AT_STOP: &str = "lost_at_stop";

/// Counts by cause. Causes are static names, so the map stays small.
#[derive(Debug, Default)]
pub struct DropCounters {
    /// A lock and not atomics: causes are added as they occur, and losses are rare.
    counts: Mutex<BTreeMap<&'static str, u64>>,
}

impl DropCounters {
    pub(crate) fn add(&self, cause: &'static str) {
        self.add_many(cause, 1);
    }

    pub(crate) fn add_many(&self, cause: &'static str, count: u64) {
        if count == 0 {
            return;
        }
        metrics::counter!("impulso_drops_total", "cause" => cause).increment(count);
        *self.counts.lock().entry(cause).or_default() += count;
    }

    /// All counts so far.
    pub fn all(&self) -> BTreeMap<String, u64> {
        let counts = self.counts.lock();
        counts.iter().map(|(cause, count)| ((*cause).to_owned(), *count)).collect()
    }
}
