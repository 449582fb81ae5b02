//! How far the warm-up of the first universe is: the first ranking waits for it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, Default)]
pub(crate) struct Warmups {
    /// Unknown before the first universe, in one value: a count beside a flag could be read as "none asked for" and
    /// "known" while both are being set, and the ranking would begin without a pair.
    asked: OnceLock<u64>,
    ended: AtomicU64,
}

impl Warmups {
    /// The first universe is known: `count` pairs will warm up. Said once; pairs that join later are not waited for.
    pub(crate) fn expect(&self, count: u64) {
        let _former = self.asked.set(count);
    }

    /// A pair has its history, or is known not to get it now.
    pub(crate) fn ended(&self) {
        // Release, to `progress`'s Acquire: who sees the count finds the pair filled when it asks it.
        self.ended.fetch_add(1, Ordering::Release);
    }

    /// Ended and asked for; a pair that warms up a second time counts no more.
    pub(crate) fn progress(&self) -> (u64, u64) {
        let asked = self.asked.get().copied().unwrap_or(0);
        (self.ended.load(Ordering::Acquire).min(asked), asked)
    }

    /// Every pair of the first universe is ready or known not to be.
    pub(crate) fn done(&self) -> bool {
        self.asked.get().is_some_and(|asked| self.ended.load(Ordering::Acquire) >= *asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_a_universe_that_is_just_read_for_one_without_pairs() {
        let all: Vec<Warmups> = (0..400_000).map(|_| Warmups::default()).collect();
        std::thread::scope(|scope| {
            scope.spawn(|| all.iter().for_each(|warmups| warmups.expect(3)));
            for warmups in &all {
                while warmups.progress().1 == 0 {
                    assert!(!warmups.done());
                }
                assert!(!warmups.done());
            }
        });
        let warmups = &all[0];
        (0..3).for_each(|_| warmups.ended());
        assert!(warmups.done());
        warmups.ended();
        assert_eq!(warmups.progress(), (3, 3), "a second warm-up counts no more");
    }
}
