//! When a cycle is due, and who still owes it a report: the pure half of the ranker.

use crate::domain::moment::MarketTime;
use crate::domain::report::{NotReady, Readiness, Report};
use crate::domain::symbol::Symbol;
use std::collections::BTreeMap;

/// Cycles fall on UTC multiples of the interval in market time.
#[derive(Debug, Clone)]
pub(crate) struct CycleClock {
    interval_ms: i64,
    base_ms: i64,
    grace_ms: i64,
    last: Option<MarketTime>,
}

/// A cycle to start now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub as_of: MarketTime,
    /// Boundaries since the last cycle that were passed over.
    pub missed: u64,
}

impl CycleClock {
    /// `interval_ms`: between cycles; `base_ms`: base interval; `grace_ms`: longest wait for closing events. All in
    /// market time.
    pub(crate) const fn new(interval_ms: i64, base_ms: i64, grace_ms: i64) -> Self {
        Self { interval_ms, base_ms, grace_ms, last: None }
    }

    /// Market time came down: the boundaries ahead have not been reached.
    pub(crate) const fn forget(&mut self) {
        self.last = None;
    }

    /// The newest boundary at `now` if its cycle has not run and need not wait any longer. On the end of a base
    /// candle it waits while `outstanding(cut)` closing events are under way, at most the grace.
    pub(crate) fn due(
        &mut self,
        now: MarketTime,
        outstanding: impl FnOnce(MarketTime) -> u32,
    ) -> Option<Due> {
        let as_of = now.floor(self.interval_ms);
        if now <= MarketTime::EPOCH || self.last.is_some_and(|last| as_of <= last) {
            return None;
        }
        let full_minute = as_of.starts(self.base_ms);
        if full_minute && now - as_of < self.grace_ms && outstanding(as_of) > 0 {
            return None;
        }
        let missed =
            self.last.map_or(0, |last| u64::try_from((as_of - last) / self.interval_ms - 1).unwrap_or(0));
        self.last = Some(as_of);
        Some(Due { as_of, missed })
    }
}

/// Reports of one tick: one a pair, the newest wins.
#[derive(Debug)]
pub(crate) struct Collection {
    /// Number of the tick.
    pub tick: u64,
    pub as_of: MarketTime,
    reports: BTreeMap<Symbol, Slot>,
    owing: usize,
}

#[derive(Debug)]
enum Slot {
    Owed,
    Absent,
    Here(Report),
}

impl Collection {
    /// Waits for a report of each of `symbols`.
    pub(crate) fn new(tick: u64, as_of: MarketTime, symbols: impl IntoIterator<Item = Symbol>) -> Self {
        let reports: BTreeMap<_, _> = symbols.into_iter().map(|symbol| (symbol, Slot::Owed)).collect();
        let owing = reports.len();
        Self { tick, as_of, reports, owing }
    }

    /// Takes a report; one of another tick or of a pair that is not expected is refused.
    pub(crate) fn take(&mut self, tick: u64, report: Report) -> bool {
        if tick != self.tick {
            return false;
        }
        let Some(slot) = self.reports.get_mut(&report.symbol) else { return false };
        if matches!(std::mem::replace(slot, Slot::Here(report)), Slot::Owed) {
            self.owing -= 1;
        }
        true
    }

    /// The pair cannot be reached: nobody waits for it.
    pub(crate) fn give_up(&mut self, symbol: &Symbol) {
        if let Some(slot @ Slot::Owed) = self.reports.get_mut(symbol) {
            *slot = Slot::Absent;
            self.owing -= 1;
        }
    }

    /// Pairs that have not reported and may still do so.
    pub(crate) const fn owing(&self) -> usize {
        self.owing
    }

    /// The reports by symbol. A pair that cannot be reached is put down as `warming_up` (it is being started anew);
    /// one that did not answer as what `last` said if that was not analyzable, else as `stale`.
    pub(crate) fn finish(self, last: impl Fn(&Symbol) -> Option<Readiness>) -> Vec<Report> {
        let silent = |symbol: Symbol, reason: Option<NotReady>| {
            let known = last(&symbol);
            let readiness = Readiness {
                reason: reason.or(known.and_then(|r| r.reason)).or(Some(NotReady::Stale)),
                data_age_ms: known.and_then(|r| r.data_age_ms),
                ready_candles: known.map_or(0, |r| r.ready_candles),
                needed_candles: known.map_or(0, |r| r.needed_candles),
                refilled: false,
                awaits_hours: false,
            };
            Report { symbol, readiness, analysis: None }
        };
        let answered = |(symbol, slot)| match slot {
            Slot::Here(report) => report,
            Slot::Absent => silent(symbol, Some(NotReady::WarmingUp)),
            Slot::Owed => silent(symbol, None),
        };
        self.reports.into_iter().map(answered).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    #[test]
    fn waits_for_closing_events_on_a_full_minute_only() {
        let mut clock = CycleClock::new(30_000, 60_000, 2_000);
        assert_eq!(clock.due(at(59_999 + 30_001), |_| 9), Some(Due { as_of: at(90_000), missed: 0 }));
        assert_eq!(clock.due(at(120_100), |_| 1), None);
        assert_eq!(clock.due(at(120_200), |_| 0), Some(Due { as_of: at(120_000), missed: 0 }));
        assert_eq!(clock.due(at(149_999), |_| 0), None);
        assert_eq!(clock.due(at(182_000), |_| 1), Some(Due { as_of: at(180_000), missed: 1 }));
    }

    #[test]
    fn only_the_newest_of_several_boundaries_runs() {
        let mut clock = CycleClock::new(1_000, 60_000, 2_000);
        assert_eq!(clock.due(at(60_500), |_| 0), Some(Due { as_of: at(60_000), missed: 0 }));
        assert_eq!(clock.due(at(65_100), |_| 0), Some(Due { as_of: at(65_000), missed: 4 }));
    }

    fn report(name: &str) -> Report {
        let readiness = Readiness {
            reason: None,
            data_age_ms: Some(1),
            ready_candles: 2,
            needed_candles: 2,
            refilled: false,
            awaits_hours: false,
        };
        Report { symbol: Symbol::new(name), readiness, analysis: None }
    }

    #[test]
    fn a_silent_pair_is_put_down_and_a_late_answer_refused() {
        let mut collection = Collection::new(7, at(0), ["A", "B", "D"].map(Symbol::new));
        assert!(!collection.take(6, report("A")));
        assert!(!collection.take(7, report("C")));
        assert!(collection.take(7, report("A")));
        collection.give_up(&Symbol::new("D"));
        collection.give_up(&Symbol::new("A"));
        assert_eq!(collection.owing(), 1);
        let reports = collection.finish(|_| None);
        assert_eq!(reports[0].readiness.reason, None);
        assert_eq!(reports[1].readiness.reason, Some(NotReady::Stale));
        assert_eq!(reports[2].readiness.reason, Some(NotReady::WarmingUp));
    }

    proptest! {
        #[test]
        fn every_boundary_is_run_or_missed(steps in proptest::collection::vec(0_i64..90_000, 1..200)) {
            let mut clock = CycleClock::new(5_000, 60_000, 2_000);
            let (mut now, mut counted, mut first) = (1, 0_u64, None);
            for step in steps {
                now += step;
                if let Some(due) = clock.due(at(now), |_| 3) {
                    counted += 1 + due.missed;
                    let start = *first.get_or_insert(due.as_of);
                    prop_assert!(due.as_of <= at(now) && due.as_of.starts(5_000));
                    prop_assert_eq!(i64::try_from(counted).unwrap(), (due.as_of - start) / 5_000 + 1);
                }
            }
        }
    }
}
