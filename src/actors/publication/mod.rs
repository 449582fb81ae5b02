//! Where the snapshot of a cycle is published, once, for two kinds of reader.
//!
//! Who wants the newest (live clients, Redis, the cycle statistics) watches [`LiveView`] and may skip. Who may miss nothing
//! (alert, tracker, experiment, history) reads a [`CycleQueue`]: every cycle in order, whatever happens to the reader.

pub mod queue;
mod spill;

use crate::actors::publication::queue::CycleQueue;
use crate::actors::view::{LiveView, Published};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The one place to which the ranker publishes.
pub(crate) struct Publication {
    view: Arc<LiveView>,
    queues: Vec<Arc<CycleQueue>>,
    /// Relaxed: the ranker alone adds, and the status may be one behind.
    missed: AtomicU64,
}

impl Publication {
    pub(crate) fn new(view: Arc<LiveView>, queues: Vec<Arc<CycleQueue>>) -> Self {
        Self { view, queues, missed: AtomicU64::new(0) }
    }

    /// Cycles published so far: a ranker that is started anew goes on from here.
    pub(crate) fn published(&self) -> u64 {
        self.view.published().map_or(0, |published| published.seq)
    }

    /// Boundaries that passed without a snapshot.
    pub(crate) fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    pub(crate) fn add_missed(&self, count: u64) {
        self.missed.fetch_add(count, Ordering::Relaxed);
        metrics::counter!("impulso_cycles_missed_total").increment(count);
    }

    /// Of each reader how many cycles wait on the disk, or would if it took them; one that is at work just now is left out.
    pub(crate) fn behind(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.queues.iter().filter_map(|queue| Some((queue.reader(), queue.behind()?)))
    }

    pub(crate) fn publish(&self, published: Published) {
        let snapshot = Arc::clone(&published.snapshot);
        // Pages first: they do not wait for the spill file of a reader that hangs.
        self.view.publish(Arc::new(published));
        for queue in &self.queues {
            queue.push(Arc::clone(&snapshot));
        }
    }
}
