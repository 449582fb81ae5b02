//! Uncertainty by days: hits come in clusters, so whole days are drawn, not points (block bootstrap, Künsch 1989).

use crate::domain::moment::MarketTime;
use crate::domain::time::DAY_MS;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::collections::BTreeMap;

/// The ends of a 90 % interval come from the 50th of 1,000 draws on either side: more move them by less than what is shown.
const DRAWS: usize = 1_000;
/// Of fewer days the draws are always the same few sums, which look far more certain than they are.
const LEAST_DAYS: usize = 5;
/// The same data give the same interval, on every machine and at every start.
const SEED: u64 = 11;

/// The 90 % interval of a mean of values, each with its moment.
pub(crate) fn mean_interval_90(values: impl Iterator<Item = (MarketTime, f64)>) -> Option<[f64; 2]> {
    let mut days: BTreeMap<i64, [f64; 2]> = BTreeMap::new();
    for (at, value) in values {
        let [sum, count] = days.entry(at.index(DAY_MS)).or_default();
        (*sum, *count) = (*sum + value, *count + 1.0);
    }
    let days: Vec<[f64; 2]> = days.into_values().collect();
    ratio_interval_90(&days)
}

/// The 90 % interval of a ratio of two sums, from each day's numerator and denominator.
pub(crate) fn ratio_interval_90(days: &[[f64; 2]]) -> Option<[f64; 2]> {
    interval_90(days, |[numerator, denominator]| numerator / denominator)
}

/// The 90 % interval of the difference of two ratios, from each day's numerator and denominator of the one and of the other.
pub(crate) fn difference_interval_90(days: &[[f64; 4]]) -> Option<[f64; 2]> {
    interval_90(days, |[a, of_a, b, of_b]| a / of_a - b / of_b)
}

/// 5 % and 95 % of `of` over draws of whole days with replacement. Draws in which a denominator is 0 are left out; `None`
/// where that is more than every second one, and of too few days.
fn interval_90<const N: usize>(days: &[[f64; N]], of: impl Fn([f64; N]) -> f64) -> Option<[f64; 2]> {
    if days.len() < LEAST_DAYS {
        return None;
    }
    let mut random = Pcg64::seed_from_u64(SEED);
    let draw = |_| {
        let mut sums = [0.0; N];
        for _ in days {
            let day = days[random.random_range(0..days.len())];
            sums.iter_mut().zip(day).for_each(|(sum, of_day)| *sum += of_day);
        }
        of(sums)
    };
    let mut drawn: Vec<f64> = (0..DRAWS).map(draw).filter(|value| value.is_finite()).collect();
    // A twentieth off either end leaves the middle 90 %.
    drawn.sort_unstable_by(f64::total_cmp);
    let tail = drawn.len() / 20;
    (drawn.len() >= DRAWS / 2).then(|| [drawn[tail], drawn[drawn.len() - 1 - tail]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_not_points() {
        // 10 days of 100 points each, all hits or all misses.
        let calls = |days: i64, per_day: i64| {
            (0..days).flat_map(move |d| {
                (0..per_day).map(move |_| (MarketTime::from_index(d, DAY_MS), ((d + 1) % 2) as f64))
            })
        };
        let few = mean_interval_90(calls(10, 100)).unwrap();
        let many = mean_interval_90(calls(1_000, 1)).unwrap();
        assert!(few[1] - few[0] > 0.3, "{few:?}");
        assert!(many[1] - many[0] < 0.08 && many[0] < 0.5 && many[1] > 0.5, "{many:?}");
        assert_eq!(mean_interval_90(std::iter::empty()), None);
        assert_eq!(mean_interval_90(calls(4, 100)), None, "four days");
        assert_eq!(mean_interval_90(calls(10, 100)), Some(few), "the same each time");
    }
}
