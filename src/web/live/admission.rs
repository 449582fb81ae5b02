//! How many live clients there are, and whether one more is let in: the only place that counts them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The places for live clients, shared by all workers.
#[derive(Debug)]
pub(crate) struct Admission {
    most: usize,
    /// Relaxed, as nothing is read behind it; exchanged by comparison, so that of two clients only one gets the last
    /// place.
    taken: AtomicUsize,
    next_id: AtomicU64,
}

impl Admission {
    pub(crate) const fn new(most: usize) -> Self {
        Self { most, taken: AtomicUsize::new(0), next_id: AtomicU64::new(1) }
    }

    pub(crate) fn clients(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// A place; `None` when all are taken.
    pub(crate) fn admit(self: &Arc<Self>) -> Option<Place> {
        let more = |taken: usize| (taken < self.most).then_some(taken + 1);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        metrics::gauge!("impulso_ws_clients").increment(1.0);
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        Some(Place { id, admission: Arc::clone(self) })
    }
}

/// One client's place; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    /// Tells clients apart in the log.
    pub(crate) id: u64,
    admission: Arc<Admission>,
}

impl Drop for Place {
    // Not in the actor's `stopped`: that is not called after a panic, and the place would be lost for good.
    fn drop(&mut self) {
        self.admission.taken.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("impulso_ws_clients").decrement(1.0);
    }
}
