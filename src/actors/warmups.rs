//! How far the warm-up of the first universe is: the first ranking waits for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

#[derive(Debug, Default)]
pub(crate) struct Warmups {
    asked: AtomicU64,
    ended: AtomicU64,
    universe_known: AtomicBool,
}

impl Warmups {
    /// The first universe is known: `count` pairs will warm up.
    pub(crate) fn expect(&self, count: u64) {
        self.asked.store(count, Ordering::Release);
        self.universe_known.store(true, Ordering::Release);
    }

    /// A pair has its history, or is known not to get it now.
    pub(crate) fn ended(&self) {
        self.ended.fetch_add(1, Ordering::AcqRel);
    }

    /// Ended and asked for; a pair that warms up a second time counts no more.
    pub(crate) fn progress(&self) -> (u64, u64) {
        let asked = self.asked.load(Ordering::Acquire);
        (self.ended.load(Ordering::Acquire).min(asked), asked)
    }

    /// Every pair of the first universe is ready or known not to be.
    pub(crate) fn done(&self) -> bool {
        let (ended, asked) = self.progress();
        self.universe_known.load(Ordering::Acquire) && ended >= asked
    }
}
