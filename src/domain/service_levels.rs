//! What users measure the scanner by, over spans of machine time: minutes are summed up where they happen, spans are
//! made of minutes here.

use crate::domain::moment::{MachineTime, MonoTime};
use crate::domain::time::MINUTE_MS;
use serde::{Deserialize, Serialize};

/// Upper ends of the latency buckets, ms; what is above the last lies in one more. Fine where the scanner lives (1 to 50 ms),
/// coarse up to the 30 s that users were promised.
pub(crate) const BOUNDS: [f64; 24] = [
    0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 50.0, 75.0, 100.0, 200.0, 300.0, 500.0, 750.0,
    1_000.0, 2_000.0, 5_000.0, 10_000.0, 15_000.0, 30_000.0, 60_000.0,
];

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Latencies {
    pub counts: [u64; BOUNDS.len() + 1],
    /// The longest, ms.
    pub max: f64,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { counts: [0; BOUNDS.len() + 1], max: 0.0 }
    }
}

impl Latencies {
    /// Takes one, ms.
    pub(crate) fn add(&mut self, ms: f64) {
        self.counts[BOUNDS.partition_point(|bound| *bound < ms)] += 1;
        self.max = self.max.max(ms);
    }

    /// Takes those of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (own, more) in self.counts.iter_mut().zip(other.counts) {
            *own += more;
        }
        self.max = self.max.max(other.max);
    }

    /// The least upper end that a share `q` (0-1) does not exceed; `None` without any.
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        let total: u64 = self.counts.iter().sum();
        let wanted = ((q * total as f64).ceil() as u64).max(1);
        let mut sum = 0;
        let at = self.counts.iter().position(|count| {
            sum += count;
            sum >= wanted
        })?;
        Some(BOUNDS.get(at).map_or(self.max, |bound| bound.min(self.max)))
    }
}

/// The cycles published in one minute of machine time.
#[derive(Debug, Clone, PartialEq)]
pub struct CycleMinute {
    /// First ms of the minute.
    pub start: MachineTime,
    pub published: u32,
    /// Sum of their coverages (each 0-1).
    pub(crate) coverage_sum: f64,
    pub(crate) coverage_min: f64,
    /// Sum of their numbers of pairs.
    pub(crate) pairs_sum: u64,
    pub pairs_min: u32,
    pub(crate) latencies: Latencies,
}

impl CycleMinute {
    /// The minute of a moment, without cycles.
    pub fn at(moment: MachineTime) -> Self {
        Self {
            start: moment.floor(MINUTE_MS),
            published: 0,
            coverage_sum: 0.0,
            coverage_min: 1.0,
            pairs_sum: 0,
            pairs_min: u32::MAX,
            latencies: Latencies::default(),
        }
    }

    pub fn take(&mut self, coverage: f64, pairs: u32, latency_ms: f64) {
        self.published += 1;
        self.coverage_sum += coverage;
        self.coverage_min = self.coverage_min.min(coverage);
        self.pairs_sum += u64::from(pairs);
        self.pairs_min = self.pairs_min.min(pairs);
        self.latencies.add(latency_ms);
    }

    /// Takes the cycles of another part of the same minute.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.published += other.published;
        self.coverage_sum += other.coverage_sum;
        self.coverage_min = self.coverage_min.min(other.coverage_min);
        self.pairs_sum += other.pairs_sum;
        self.pairs_min = self.pairs_min.min(other.pairs_min);
        self.latencies.merge(&other.latencies);
    }
}

/// The wall clock was put forward: this span of it never was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockLeap {
    pub from: MachineTime,
    pub to: MachineTime,
}

impl ClockLeap {
    /// How much of the span from `from` to `to` never was, ms.
    fn within(&self, from: MachineTime, to: MachineTime) -> i64 {
        (self.to.min(to) - self.from.max(from)).max(0)
    }
}

/// Tells the leaps of a wall clock by a steady one beside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeapWatch {
    wall: MachineTime,
    steady: MonoTime,
}

/// Less is what time servers correct day by day, and what reading two clocks one after the other takes on a busy machine, ms.
const LEAP_MS: i64 = 5_000;

impl LeapWatch {
    pub(crate) const fn new(wall: MachineTime, steady: MonoTime) -> Self {
        Self { wall, steady }
    }

    /// The leap since the last look, if the wall clock was put forward.
    pub(crate) fn look(&mut self, wall: MachineTime, steady: MonoTime) -> Option<ClockLeap> {
        let before = std::mem::replace(self, Self { wall, steady });
        let from = before.wall + (steady - before.steady);
        (wall - from > LEAP_MS).then_some(ClockLeap { from, to: wall })
    }
}

/// A span as a whole; values are `None` where no cycle was published.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub(crate) struct ServiceLevels {
    /// From here on (not before the first start), ms UTC of the machine's clock.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub from: MachineTime,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub to: MachineTime,
    /// Cycles that were due, whether the process ran or not.
    pub due: u64,
    /// Cycles that came, at most those due.
    pub published: u64,
    pub availability: Option<f64>,
    /// Mean coverage of the cycles, 0-1.
    pub coverage: Option<f64>,
    pub(crate) coverage_min: Option<f64>,
    /// Median latency, ms.
    pub(crate) latency_p50_ms: Option<f64>,
    /// 99 of 100 are not longer, ms.
    pub(crate) latency_p99_ms: Option<f64>,
    /// Mean number of pairs.
    pub pairs: Option<f64>,
    pub pairs_min: Option<u32>,
}

/// Sums a span up. What `leaps` say never was is not due. Minutes without a slot count as missed; a minute in which more came
/// than were due (time in the demo runs faster) does not make up for another by more than one cycle.
pub(crate) fn measure(
    slots: &[CycleMinute],
    leaps: &[ClockLeap],
    first_start: MachineTime,
    from: MachineTime,
    to: MachineTime,
    interval_ms: i64,
) -> ServiceLevels {
    let interval = interval_ms.max(1);
    let from = from.max(first_start).min(to);
    let never: i64 = leaps.iter().map(|leap| leap.within(from, to)).sum();
    let due = u64::try_from((to - from - never) / interval).unwrap_or(0);
    let most = u32::try_from(MINUTE_MS / interval + 1).unwrap_or(u32::MAX);
    let begin = from.floor(MINUTE_MS);
    let mut all = CycleMinute::at(begin);
    let mut came = 0;
    for slot in slots.iter().filter(|s| (begin..to).contains(&s.start)) {
        came += u64::from(slot.published.min(most));
        all.merge(slot);
    }
    let published = came.min(due);
    let any = (all.published > 0).then_some(f64::from(all.published));
    ServiceLevels {
        from,
        to,
        due,
        published,
        availability: (due > 0).then(|| published as f64 / due as f64),
        coverage: any.map(|n| all.coverage_sum / n),
        coverage_min: any.map(|_| all.coverage_min),
        latency_p50_ms: all.latencies.quantile(0.5),
        latency_p99_ms: all.latencies.quantile(0.99),
        pairs: any.map(|n| all.pairs_sum as f64 / n),
        pairs_min: any.map(|_| all.pairs_min),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(ms: i64) -> MachineTime {
        MachineTime::from_ms(ms)
    }

    fn slot(minute: i64, cycles: u32) -> CycleMinute {
        let mut slot = CycleMinute::at(at(minute * MINUTE_MS + 7));
        (0..cycles).for_each(|i| slot.take(0.9, 500 + i, f64::from(i + 1)));
        slot
    }

    #[test]
    fn hours_without_the_process_count_as_missed() {
        let slots: Vec<CycleMinute> = (0..60).filter(|m| !(20..50).contains(m)).map(|m| slot(m, 2)).collect();
        let m = measure(&slots, &[], at(0), at(-MINUTE_MS), at(60 * MINUTE_MS), 30_000);
        assert_eq!((m.from, m.due, m.published, m.availability), (at(0), 120, 60, Some(0.5)));
        assert_eq!((m.coverage.map(|c| (c * 10.0).round()), m.pairs_min), (Some(9.0), Some(500)));
        assert_eq!((m.latency_p50_ms, m.latency_p99_ms), (Some(1.0), Some(2.0)));
        let nothing = measure(&[], &[], at(0), at(0), at(60 * MINUTE_MS), 30_000);
        assert_eq!((nothing.availability, nothing.coverage, nothing.latency_p99_ms), (Some(0.0), None, None));
        assert_eq!(
            measure(&slots, &[], at(99 * MINUTE_MS), at(0), at(60 * MINUTE_MS), 30_000).availability,
            None
        );
    }

    #[test]
    fn an_hour_that_the_clock_was_put_forward_by_is_not_missed() {
        let steady = MonoTime::from_ms;
        let mut watch = LeapWatch::new(at(0), steady(100));
        assert_eq!(watch.look(at(10_000), steady(9_100)), None, "corrected a little");
        assert_eq!(watch.look(at(3_610_000), steady(3_609_100)), None, "an hour that was");
        let ten = 10 * MINUTE_MS;
        let mut watch = LeapWatch::new(at(ten), steady(0));
        let leap = watch.look(at(ten + 3_605_000), steady(5_000)).expect("put forward");
        assert_eq!(leap, ClockLeap { from: at(ten + 5_000), to: at(ten + 3_605_000) });
        let slots: Vec<CycleMinute> = (0..10).chain(70..80).map(|m| slot(m, 2)).collect();
        let m = measure(&slots, &[leap], at(0), at(0), at(80 * MINUTE_MS), 30_000);
        assert_eq!((m.due, m.availability), (40, Some(1.0)));
        let inside = measure(&slots, &[leap], at(0), at(60 * MINUTE_MS), at(70 * MINUTE_MS), 30_000);
        assert_eq!((inside.due, inside.availability), (0, None), "nothing was due");
        let mut watch = LeapWatch::new(at(3_600_000), steady(0));
        assert_eq!(watch.look(at(0), steady(1_000)), None, "put back");
    }

    proptest! {
        #[test]
        fn a_lost_minute_never_helps(cycles in prop::collection::vec(0_u32..9, 1..90), lost in 0_usize..90) {
            let whole: Vec<CycleMinute> = cycles.iter().zip(0..).map(|(n, m)| slot(m, *n)).collect();
            let mut less = whole.clone();
            less.remove(lost % whole.len());
            let end = whole.len() as i64 * MINUTE_MS;
            let share = |s: &[CycleMinute]| measure(s, &[], at(0), at(0), at(end), 30_000).availability.expect("due");
            prop_assert!((0.0..=1.0).contains(&share(&whole)) && share(&less) <= share(&whole));
        }

        #[test]
        fn quantiles_hold_however_the_minute_was_cut(ms in prop::collection::vec(0.01_f64..90_000.0, 1..60), cut in 0_usize..60, q in 0.01_f64..1.0) {
            let fill = |part: &[f64]| part.iter().fold(CycleMinute::at(at(0)), |mut s, ms| { s.take(1.0, 1, *ms); s });
            let (a, b) = ms.split_at(cut % ms.len());
            let mut joined = fill(a);
            joined.merge(&fill(b));
            prop_assert_eq!(&joined.latencies, &fill(&ms).latencies);
            let bound = joined.latencies.quantile(q).expect("some");
            let within = ms.iter().filter(|m| **m <= bound).count() as f64;
            prop_assert!(within >= q * ms.len() as f64 - 1e-9 && bound <= joined.latencies.max);
        }
    }
}
