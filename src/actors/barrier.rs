//! The close barrier: of how many pairs a candle of a minute is known, and how many of those have sent its closing event.
//!
//! On a full minute a cycle waits for the closing events that are still under way, and only for those: a pair
//! that did not trade in the minute sends none. A candle may be known by the stream, or by REST alone.

use crate::domain::moment::MarketTime;
use parking_lot::Mutex;

/// Counts of the two newest base intervals.
#[derive(Debug)]
pub(crate) struct CloseBarrier {
    base_ms: i64,
    /// One lock over all: the newer minute takes the place of the one before the last, and no count may fall between.
    counts: Mutex<[Counts; 2]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    open_time: MarketTime,
    opened: u32,
    closed: u32,
}

impl CloseBarrier {
    /// For candles of `base_ms` ms.
    pub(crate) fn new(base_ms: i64) -> Self {
        Self { base_ms, counts: Mutex::new([Counts::default(); 2]) }
    }

    fn with(&self, open_time: MarketTime, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts.lock();
        let slot = usize::try_from(open_time.index(self.base_ms).rem_euclid(2)).unwrap_or(0);
        // Only forward: a late close of an old minute must not wipe out the running one.
        if counts[slot].open_time < open_time {
            counts[slot] = Counts { open_time, opened: 0, closed: 0 };
        }
        if counts[slot].open_time == open_time {
            change(&mut counts[slot]);
        }
    }

    /// A pair has traded in the candle that opened at `open_time`; said once for each.
    pub(crate) fn opened(&self, open_time: MarketTime) {
        self.with(open_time, |c| c.opened += 1);
    }

    /// A pair that was counted by `opened` sent the closing event of that candle.
    pub(crate) fn closed(&self, open_time: MarketTime) {
        self.with(open_time, |c| c.closed += 1);
    }

    /// Market time came down: counts of minutes ahead would stand for ever.
    pub(crate) fn forget(&self) {
        *self.counts.lock() = [Counts::default(); 2];
    }

    /// Pairs that traded in the candle that ends at `cut` and have not closed it yet.
    pub(crate) fn outstanding(&self, cut: MarketTime) -> u32 {
        let open_time = cut - self.base_ms;
        let counts = self.counts.lock();
        counts.iter().find(|c| c.open_time == open_time).map_or(0, |c| c.opened.saturating_sub(c.closed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    #[test]
    fn counts_only_pairs_that_spoke() {
        let barrier = CloseBarrier::new(60_000);
        barrier.opened(at(0));
        barrier.opened(at(0));
        barrier.closed(at(0));
        barrier.opened(at(60_000));
        assert_eq!(barrier.outstanding(at(60_000)), 1);
        assert_eq!(barrier.outstanding(at(120_000)), 1);
        barrier.closed(at(0));
        assert_eq!(barrier.outstanding(at(60_000)), 0);
    }

    #[test]
    fn an_older_minute_gives_way_and_is_then_ignored() {
        let barrier = CloseBarrier::new(60_000);
        barrier.opened(at(0));
        barrier.opened(at(120_000));
        barrier.closed(at(0));
        assert_eq!(barrier.outstanding(at(60_000)), 0);
        assert_eq!(barrier.outstanding(at(180_000)), 1);
    }
}
