//! Judged predictions day by day: what intervals by day blocks, a search over profiles and a comparison of arms need.

use super::day_blocks::ratio_interval_90;
use super::hits::Hits;
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::time::DAY_MS;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One UTC day, or the sum of some.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Day {
    /// Points of the full hours.
    pub samples: Hits,
    /// Sum of the squared errors of the chances that were said of them.
    pub errors: f64,
    /// The same of what they are held against.
    pub base_errors: f64,
    /// Pairs of a hit and a miss in which the hit had the higher chance (ties count half), and all pairs.
    pub ranked: (f64, f64),
    episodes: [Hits; 5],
}

impl Day {
    /// Judged episodes of a level.
    pub(crate) const fn episodes(&self, level: Level) -> Hits {
        self.episodes[level as usize]
    }

    fn add(&mut self, other: &Self) {
        self.samples += other.samples;
        self.errors += other.errors;
        self.base_errors += other.base_errors;
        self.ranked = (self.ranked.0 + other.ranked.0, self.ranked.1 + other.ranked.1);
        self.episodes.iter_mut().zip(other.episodes).for_each(|(sum, of_day)| *sum += of_day);
    }
}

/// Judged predictions, with the interval of their precision by day blocks.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CallsBody))]
pub struct Precision {
    pub judged: u32,
    pub hits: u32,
    /// Share of hits, 0-1.
    pub precision: Option<f64>,
    #[cfg_attr(feature = "schema", schema(min_items = 2, max_items = 2))]
    pub interval_90: Option<[f64; 2]>,
}

impl Precision {
    /// From what came on each day.
    pub(crate) fn of_days(days: impl Iterator<Item = Hits>) -> Self {
        let days: Vec<Hits> = days.filter(|day| day.judged > 0).collect();
        let all: Hits = days.iter().copied().sum();
        let parts: Vec<[f64; 2]> = days.iter().map(|h| [f64::from(h.hits), f64::from(h.judged)]).collect();
        let (judged, hits) = (all.judged, all.hits);
        Self { judged, hits, precision: all.precision(), interval_90: ratio_interval_90(&parts) }
    }

    pub(crate) const fn sum(&self) -> Hits {
        Hits { judged: self.judged, hits: self.hits }
    }
}

/// Days by their number since 1970.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct DailyRecord {
    days: BTreeMap<i64, Day>,
}

impl DailyRecord {
    pub(crate) fn day(&mut self, at: MarketTime) -> &mut Day {
        self.days.entry(at.index(DAY_MS)).or_default()
    }

    /// A point of the moment `at`: chances of the judged and of its baseline (0-1), and what came.
    pub(crate) fn sample(&mut self, at: MarketTime, said: f64, base_said: f64, hit: bool) {
        let (day, came) = (self.day(at), f64::from(u8::from(hit)));
        day.samples.add(hit);
        day.errors += (said - came).powi(2);
        day.base_errors += (base_said - came).powi(2);
    }

    pub(crate) fn episode(&mut self, at: MarketTime, level: Level, hit: bool) {
        self.day(at).episodes[level as usize].add(hit);
    }

    pub(crate) fn days(&self) -> impl Iterator<Item = (i64, &Day)> {
        self.days.iter().map(|(day, sums)| (*day, sums))
    }

    pub(crate) fn forget_before(&mut self, oldest: MarketTime) {
        self.days = self.days.split_off(&oldest.index(DAY_MS));
    }

    /// Sum over the days for which `keep` holds, and how many they are.
    pub(crate) fn sum(&self, keep: impl Fn(i64) -> bool) -> Sums {
        let mut sums = Sums::default();
        for (_, day) in self.days().filter(|(day, _)| keep(*day)) {
            sums.days += 1;
            sums.day.add(day);
        }
        sums
    }

    /// Sums in which every day for which `keep` holds counts alike, however many points it has: the points of a day move together,
    /// so independent days are what is scarce.
    pub(crate) fn alike(&self, keep: impl Fn(i64) -> bool) -> Alike {
        let days =
            || self.days().filter(|(day, sums)| keep(*day) && sums.samples.judged > 0).map(|(_, sums)| sums);
        let all = self.sum(&keep);
        let mean = f64::from(all.day.samples.judged) / days().count().max(1) as f64;
        let mut alike = Alike { all, ..Alike::default() };
        for day in days() {
            let counts = mean / f64::from(day.samples.judged);
            alike.samples.add(counts, day.samples);
            alike.ranked.0 += counts * day.ranked.0;
            alike.ranked.1 += counts * day.ranked.1;
            alike.episodes.iter_mut().zip(day.episodes).for_each(|(sum, of_day)| sum.add(counts, of_day));
        }
        alike
    }

    /// Judged episodes of a level on the days for which `keep` holds.
    pub(crate) fn precision(&self, level: Level, keep: impl Fn(i64) -> bool) -> Precision {
        Precision::of_days(self.days().filter(|(day, _)| keep(*day)).map(|(_, day)| day.episodes(level)))
    }
}

/// Episodes of a level on each day on which either record has one: hits and number of the one and of the other.
pub(crate) fn paired_episodes(
    a: &DailyRecord,
    b: &DailyRecord,
    level: Level,
    keep: impl Fn(i64) -> bool,
) -> Vec<[f64; 4]> {
    let mut days: BTreeMap<i64, [Hits; 2]> = BTreeMap::new();
    for (at, record) in [a, b].into_iter().enumerate() {
        for (day, sums) in record.days().filter(|(day, _)| keep(*day)) {
            days.entry(day).or_default()[at] = sums.episodes(level);
        }
    }
    let some = days.into_values().filter(|[a, b]| a.judged + b.judged > 0);
    some.map(|[a, b]| [a.hits, a.judged, b.hits, b.judged].map(f64::from)).collect()
}

/// Sums of some days.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Sums {
    pub days: u32,
    pub day: Day,
}

impl Sums {
    pub(crate) fn add(&mut self, other: &Self) {
        self.days += other.days;
        self.day.add(&other.day);
    }

    /// Share of hits among the judged episodes of a level.
    pub(crate) fn precision(&self, level: Level) -> Option<f64> {
        self.day.episodes(level).precision()
    }

    /// Share of hits among the points; 0 without any.
    pub(crate) fn base_rate(&self) -> f64 {
        self.day.samples.precision().unwrap_or(0.0)
    }

    /// Judged episodes of a level a day.
    pub(crate) fn per_day(&self, level: Level) -> f64 {
        f64::from(self.day.episodes(level).judged) / f64::from(self.days.max(1))
    }

    /// Area under the ROC curve within days; 0.5 where nothing can be told.
    pub(crate) fn auc_within_days(&self) -> f64 {
        ratio(self.day.ranked).unwrap_or(0.5)
    }
}

fn ratio((part, all): (f64, f64)) -> Option<f64> {
    (all > 0.0).then(|| part / all)
}

/// Hits and judged, each counted by a weight.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Weighed {
    hits: f64,
    judged: f64,
}

impl Weighed {
    fn add(&mut self, counts: f64, of_day: Hits) {
        self.hits += counts * f64::from(of_day.hits);
        self.judged += counts * f64::from(of_day.judged);
    }
}

/// Sums of some days that count alike.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Alike {
    /// The same days point by point: whether there is enough to tell, and how many a day.
    pub all: Sums,
    samples: Weighed,
    ranked: (f64, f64),
    episodes: [Weighed; 5],
}

impl Alike {
    /// Share of hits among the judged episodes of a level.
    pub(crate) fn precision(&self, level: Level) -> Option<f64> {
        let Weighed { hits, judged } = self.episodes[level as usize];
        ratio((hits, judged))
    }

    /// The same, drawn towards the base rate by `prior` episodes.
    pub(crate) fn drawn_precision(&self, level: Level, prior: f64) -> f64 {
        let Weighed { hits, judged } = self.episodes[level as usize];
        let base = ratio((self.samples.hits, self.samples.judged)).unwrap_or(0.0);
        (hits + prior * base) / (judged + prior)
    }

    /// Area under the ROC curve within days; 0.5 where nothing can be told.
    pub(crate) fn auc_within_days(&self) -> f64 {
        ratio(self.ranked).unwrap_or(0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_many_points_counts_as_one_of_few() {
        let mut record = DailyRecord::default();
        for (day, pairs, hits) in [(1, 90, 9), (2, 10, 9)] {
            let day = record.day(MarketTime::from_index(day, DAY_MS));
            (0..pairs).for_each(|pair| day.samples.add(pair < hits));
            (0..pairs / 10).for_each(|pair| day.episodes[Level::Fuerte as usize].add(pair == 0));
        }
        let (alike, all) = (record.alike(|_| true), record.sum(|_| true));
        assert_eq!(all.precision(Level::Fuerte), Some(0.2), "two of ten");
        // One of nine and one of one, each day counting half.
        let fuerte = alike.precision(Level::Fuerte).expect("episodes");
        assert!((fuerte - f64::midpoint(1.0 / 9.0 * 1.0, 1.0)).abs() < 1e-9, "{fuerte}");
        assert!((alike.drawn_precision(Level::Fuerte, 1e12) - 0.5).abs() < 1e-6, "9 of 90 and 9 of 10");
        assert_eq!(alike.all, all);
        assert_eq!(record.alike(|day| day == 1).precision(Level::Fuerte), Some(1.0 / 9.0));
    }
}
