//! Uncertainty by days: hits come in clusters, so whole days are drawn, not points (block bootstrap, Künsch 1989).

use crate::domain::time::{DAY_MS, UtcMs};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::collections::BTreeMap;

const DRAWS: usize = 1_000;
/// Seed: the same data give the same interval.
const SEED: u64 = 11;

/// The 90 % interval of a share of hits; `None` when there is nothing.
pub(crate) fn interval_90(calls: impl Iterator<Item = (UtcMs, bool)>) -> Option<[f64; 2]> {
    let mut days: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for (at, hit) in calls {
        let day = days.entry(at.div_euclid(DAY_MS)).or_default();
        day.0 += f64::from(u8::from(hit));
        day.1 += 1.0;
    }
    let days: Vec<(f64, f64)> = days.into_values().collect();
    bounds(&days, |sums| sums.0 / sums.1)
}

/// The 90 % interval of the mean of differences, each with its day.
pub(crate) fn mean_interval_90(differences: impl Iterator<Item = (UtcMs, f64)>) -> Option<[f64; 2]> {
    let mut days: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for (at, difference) in differences {
        let day = days.entry(at.div_euclid(DAY_MS)).or_default();
        day.0 += difference;
        day.1 += 1.0;
    }
    let days: Vec<(f64, f64)> = days.into_values().collect();
    bounds(&days, |sums| sums.0 / sums.1)
}

/// The 90 % interval of a ratio of two sums, from each day's (numerator, denominator).
pub(crate) fn sums_interval_90(days: &[(f64, f64)]) -> Option<[f64; 2]> {
    bounds(days, |sums| sums.0 / sums.1)
}

/// The 90 % interval of the difference of two ratios, from each day's numerator and denominator of the one and of the
/// other. Draws without any of one side are left out.
pub(crate) fn difference_interval_90(days: &[[f64; 4]]) -> Option<[f64; 2]> {
    let mut random = Pcg64::seed_from_u64(SEED);
    let mut drawn: Vec<f64> = (0..DRAWS)
        .filter_map(|_| {
            let mut sums = [0.0; 4];
            for _ in days {
                let day = days[random.random_range(0..days.len())];
                sums.iter_mut().zip(day).for_each(|(sum, of_day)| *sum += of_day);
            }
            let difference = sums[0] / sums[1] - sums[2] / sums[3];
            difference.is_finite().then_some(difference)
        })
        .collect();
    drawn.sort_unstable_by(f64::total_cmp);
    let tail = drawn.len() / 20;
    (drawn.len() >= DRAWS / 2).then(|| [drawn[tail], drawn[drawn.len() - 1 - tail]])
}

/// 5 % and 95 % of `of` over draws of whole days (sum, count) with replacement.
fn bounds(days: &[(f64, f64)], of: impl Fn((f64, f64)) -> f64) -> Option<[f64; 2]> {
    if days.is_empty() {
        return None;
    }
    let mut random = Pcg64::seed_from_u64(SEED);
    let mut drawn: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let sums = (0..days.len()).fold((0.0, 0.0), |(sum, count), _| {
                let day = days[random.random_range(0..days.len())];
                (sum + day.0, count + day.1)
            });
            of(sums)
        })
        .collect();
    drawn.sort_unstable_by(f64::total_cmp);
    Some([drawn[DRAWS / 20], drawn[DRAWS - 1 - DRAWS / 20]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_not_points() {
        // 10 days of 100 points each, all hits or all misses.
        let calls = |days: i64, per_day: i64| {
            (0..days).flat_map(move |d| (0..per_day).map(move |_| (d * DAY_MS, d % 2 == 0)))
        };
        let few = interval_90(calls(10, 100)).unwrap();
        let many = interval_90(calls(1_000, 1)).unwrap();
        assert!(few[1] - few[0] > 0.3, "{few:?}");
        assert!(many[1] - many[0] < 0.08 && many[0] < 0.5 && many[1] > 0.5, "{many:?}");
        assert_eq!(interval_90(std::iter::empty()), None);
        assert_eq!(interval_90(calls(10, 100)), Some(few), "the same each time");
    }
}
