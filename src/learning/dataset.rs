//! Points with their features and outcomes: what models are trained and judged on.

use super::features::market::Market;
use super::features::{FEATURES, View, vector};
use super::replay::Moment;
use crate::domain::moment::MarketTime;
use crate::domain::prediction::outcome::Outcome;
use crate::domain::ranking::RankingFilters;
use crate::domain::target::HORIZON_MS;
use crate::domain::time::HOUR_MS;
use std::collections::{BTreeMap, HashMap};

/// Listed, analyzable pairs at full steps whose whole 24 h outcome is known; in the order of time, then symbol.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// Values, row by row, one for each feature of the table; NaN when missing.
    pub values: Vec<f32>,
    /// Moment of each row.
    pub as_of: Vec<MarketTime>,
    /// Number of the pair of each row.
    pub pair: Vec<u32>,
    /// Number of the period of each row: the set of candles that it comes from.
    pub period: Vec<u32>,
    /// Reached +7.5 % within 24 h.
    pub hit: Vec<bool>,
    /// Greatest rise within 24 h, percent.
    pub rise: Vec<f32>,
}

/// What became of a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Came {
    pub(crate) hit: bool,
    /// Greatest rise, percent.
    pub(crate) rise: f32,
}

impl Came {
    /// `None` while it is not known whether the target was reached.
    pub(crate) fn of(outcome: &Outcome) -> Option<Self> {
        Some(Self { hit: outcome.hit_24h?, rise: outcome.greatest_rise_pct as f32 })
    }
}

impl Dataset {
    #[expect(clippy::len_without_is_empty, reason = "an empty dataset is refused where one is made")]
    pub const fn len(&self) -> usize {
        self.hit.len()
    }

    /// Values of one row.
    pub(crate) fn row(&self, at: usize) -> &[f32] {
        let width = FEATURES.len();
        &self.values[at * width..(at + 1) * width]
    }

    fn came(&self, at: usize) -> Came {
        Came { hit: self.hit[at], rise: self.rise[at] }
    }

    /// Number of periods.
    pub(crate) fn periods(&self) -> u32 {
        self.period.last().map_or(0, |last| last + 1)
    }

    /// Share of hits; NaN when empty.
    pub fn base_rate(&self) -> f64 {
        self.hit.iter().filter(|hit| **hit).count() as f64 / self.len() as f64
    }

    /// What a feature of each row's pair was a horizon later, when what the row foretells had come; NaN where the pair has no point there.
    pub(crate) fn next_day(&self, column: usize) -> Vec<f32> {
        let at = |row: usize, later: i64| (self.period[row], self.pair[row], self.as_of[row] + later);
        let rows: HashMap<_, usize> = (0..self.len()).map(|row| (at(row, 0), row)).collect();
        let later = |row| rows.get(&at(row, HORIZON_MS)).map_or(f32::NAN, |next| self.row(*next)[column]);
        (0..self.len()).map(later).collect()
    }

    /// Rows for which `keep` holds, by number.
    pub fn select(&self, keep: impl Fn(usize) -> bool) -> Self {
        let mut chosen = Self::default();
        for at in (0..self.len()).filter(|at| keep(*at)) {
            chosen.push(self.row(at), self.as_of[at], self.pair[at], self.came(at));
        }
        chosen.period = (0..self.len()).filter(|at| keep(*at)).map(|at| self.period[at]).collect();
        chosen
    }

    /// Adds the rows of another set; its pairs and periods get numbers of their own.
    pub fn append(&mut self, other: &Self) {
        let next = self.pair.iter().max().map_or(0, |p| p + 1);
        let next_period = self.periods();
        self.period.extend(other.period.iter().map(|p| p + next_period));
        self.values.extend_from_slice(&other.values);
        self.as_of.extend_from_slice(&other.as_of);
        self.pair.extend(other.pair.iter().map(|p| p + next));
        self.hit.extend_from_slice(&other.hit);
        self.rise.extend_from_slice(&other.rise);
    }

    pub(crate) fn push(&mut self, row: &[f32], as_of: MarketTime, pair: u32, came: Came) {
        self.values.extend_from_slice(row);
        self.as_of.push(as_of);
        self.pair.push(pair);
        self.period.push(0);
        self.hit.push(came.hit);
        self.rise.push(came.rise);
    }
}

/// What is left of the points where there are too many.
const FEWER: f64 = 0.9;

/// A data set of bounded size: of more points an even choice is left. The points of a day move together, so days say more than points.
#[derive(Debug)]
pub(crate) struct Thinned {
    most: usize,
    share: f64,
    made: Dataset,
}

impl Thinned {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, share: 1.0, made: Dataset::default() }
    }

    pub(crate) fn push(&mut self, row: &[f32], as_of: MarketTime, pair: u32, came: Came) {
        let chosen = |pair: u32, as_of: MarketTime, share| {
            is_chosen(u64::from(pair) << 32 ^ as_of.index(HOUR_MS).cast_unsigned(), share)
        };
        if !chosen(pair, as_of, self.share) {
            return;
        }
        self.made.push(row, as_of, pair, came);
        while self.made.len() > self.most {
            self.share *= FEWER;
            self.made = self.made.select(|at| chosen(self.made.pair[at], self.made.as_of[at], self.share));
        }
    }

    pub(crate) fn finish(self) -> Dataset {
        self.made
    }
}

/// A fixed, even choice of numbers (multiplicative hashing); a smaller share is a part of a greater one.
pub(crate) fn is_chosen(number: u64, share: f64) -> bool {
    ((number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64) < share * (1_u64 << 24) as f64
}

/// More points than were allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {0} points")]
pub struct TooManyPoints(pub usize);

/// Makes a data set from the moments of a replay.
#[derive(Debug)]
pub struct Builder {
    filters: RankingFilters,
    most: usize,
    waiting: BTreeMap<MarketTime, Vec<(usize, Vec<f32>)>>,
    made: Dataset,
}

impl Builder {
    /// Up to `most` points of pairs that pass `filters`.
    pub fn new(filters: RankingFilters, most: usize) -> Self {
        Self { filters, most, waiting: BTreeMap::new(), made: Dataset::default() }
    }

    pub fn take(&mut self, moment: &Moment) -> Result<(), TooManyPoints> {
        let market = Market::of(moment.as_of, &moment.reports, &self.filters);
        let points = moment.reports.iter().zip(&moment.pairs).filter_map(|(report, pair)| {
            let a = report.analysis.as_ref().filter(|a| self.filters.pass(a))?;
            Some((*pair, vector(&View { a, m: &market })))
        });
        self.waiting.insert(moment.as_of, points.collect());
        let before = moment.as_of - HORIZON_MS;
        let Some(points) = self.waiting.remove(&before) else { return Ok(()) };
        let outcomes: BTreeMap<usize, Came> =
            moment.judged.iter().filter_map(|(pair, o)| Some((*pair, Came::of(&o.outcome)?))).collect();
        for (pair, row) in points {
            if let Some(came) = outcomes.get(&pair) {
                if self.made.len() == self.most {
                    return Err(TooManyPoints(self.most));
                }
                self.made.push(&row, before, pair as u32, *came);
            }
        }
        Ok(())
    }

    /// The set: points whose outcome is not known are left out.
    pub fn finish(self) -> Dataset {
        self.made
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::DAY_MS;
    use crate::learning::training::folds::days_of;

    #[test]
    fn too_many_points_are_thinned_evenly_over_days_and_pairs() {
        let (days, pairs, most) = (60, 40, 7_000);
        let mut thinned = Thinned::new(most);
        let row = vec![0.5; FEATURES.len()];
        for hour in 0..days * 24 {
            for pair in 0..pairs {
                let came = Came { hit: false, rise: 0.0 };
                thinned.push(&row, MarketTime::from_index(hour, HOUR_MS), pair, came);
                assert!(thinned.made.len() <= most);
            }
        }
        let made = thinned.finish();
        assert!(
            made.len() > most * 8 / 10 && made.values.len() == made.len() * FEATURES.len(),
            "{}",
            made.len()
        );
        assert!(made.as_of.is_sorted() && days_of(made.as_of.iter().copied()).len() == days as usize);
        let even = |counts: BTreeMap<i64, usize>, of: i64| {
            let mean = made.len() / of as usize;
            assert!(
                counts.len() == of as usize && counts.values().all(|n| *n * 2 > mean && *n < mean * 2),
                "{counts:?}"
            );
        };
        let count = |numbers: Vec<i64>| {
            let mut counts = BTreeMap::new();
            numbers.into_iter().for_each(|number| *counts.entry(number).or_default() += 1);
            counts
        };
        even(count(made.as_of.iter().map(|at| at.index(DAY_MS)).collect()), days);
        even(count(made.as_of.iter().map(|at| at.index(HOUR_MS) % 24).collect()), 24);
        even(count(made.pair.iter().map(|pair| i64::from(*pair)).collect()), i64::from(pairs));
    }
}
