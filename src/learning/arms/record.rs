//! What an arm's resolved predictions add up to, day by day: all that a comparison needs.

use crate::domain::report::Level;
use crate::domain::time::{DAY_MS, UtcMs};
use std::collections::BTreeMap;

/// Days that are kept.
const KEPT_DAYS: i64 = 120;

/// Judged episodes of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Calls {
    pub judged: u32,
    /// Reached +7.5 % within 24 h.
    pub hits: u32,
}

/// One UTC day.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Day {
    /// Samples that arm and baseline both judged.
    pub points: u32,
    pub hits: u32,
    /// Sum of the arm's squared errors on them.
    pub errors: f64,
    /// Sum of the baseline's squared errors on them.
    pub(crate) base_errors: f64,
    calls: [Calls; 5],
}

impl Day {
    /// Judged episodes of a level.
    pub(crate) const fn calls(&self, level: Level) -> Calls {
        self.calls[level as usize]
    }
}

/// The record of an arm.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Record {
    days: BTreeMap<i64, Day>,
}

impl Record {
    fn day(&mut self, at: UtcMs) -> &mut Day {
        self.days.entry(at.div_euclid(DAY_MS)).or_default()
    }

    /// A sample of the moment `at`: chances of arm and baseline (0-1), and what came.
    pub(crate) fn sample(&mut self, at: UtcMs, said: f64, base_said: f64, hit: bool) {
        let came = f64::from(u8::from(hit));
        let day = self.day(at);
        day.points += 1;
        day.hits += u32::from(hit);
        day.errors += (said - came).powi(2);
        day.base_errors += (base_said - came).powi(2);
    }

    pub(crate) fn call(&mut self, at: UtcMs, level: Level, hit: bool) {
        let calls = &mut self.day(at).calls[level as usize];
        calls.judged += 1;
        calls.hits += u32::from(hit);
    }

    /// Days from `since` on, oldest first.
    pub(crate) fn since(&self, since: UtcMs) -> impl Iterator<Item = (i64, &Day)> {
        self.days.range(since.div_euclid(DAY_MS)..).map(|(day, sums)| (*day, sums))
    }

    /// The day, where anything was judged.
    pub(crate) fn of(&self, day: i64) -> Option<&Day> {
        self.days.get(&day)
    }

    /// Forgets what is too old to count.
    pub(crate) fn forget(&mut self, now: UtcMs) {
        self.days = self.days.split_off(&(now.div_euclid(DAY_MS) - KEPT_DAYS));
    }
}
