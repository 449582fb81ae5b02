//! Judged predictions and how many of them came true.

use super::day_blocks::mean_interval_90;
use crate::domain::moment::MarketTime;
use crate::domain::prediction::outcome::Outcome;
use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::AddAssign;

/// Judged predictions, and those of them that reached the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = HitsBody))]
pub struct Hits {
    pub judged: u32,
    pub hits: u32,
}

impl Hits {
    pub(crate) fn add(&mut self, hit: bool) {
        *self += Self { judged: 1, hits: u32::from(hit) };
    }

    /// Share of hits, 0-1; `None` without any.
    pub fn precision(self) -> Option<f64> {
        (self.judged > 0).then(|| f64::from(self.hits) / f64::from(self.judged))
    }
}

impl AddAssign for Hits {
    fn add_assign(&mut self, other: Self) {
        self.judged += other.judged;
        self.hits += other.hits;
    }
}

impl Sum for Hits {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |mut sum, part| {
            sum += part;
            sum
        })
    }
}

impl FromIterator<bool> for Hits {
    fn from_iter<I: IntoIterator<Item = bool>>(hits: I) -> Self {
        let mut all = Self::default();
        hits.into_iter().for_each(|hit| all.add(hit));
        all
    }
}

/// The 90 % interval of a precision by day blocks.
pub(crate) fn precision_interval_90(judged: impl Iterator<Item = (MarketTime, bool)>) -> Option<[f64; 2]> {
    mean_interval_90(judged.map(|(at, hit)| (at, f64::from(u8::from(hit)))))
}

/// Fewer judged predictions say nothing yet: their interval of 95 % is some 40 points wide.
pub(crate) const ENOUGH: u32 = 20;

/// Are the levels, the strongest first, to be trusted: each one with enough judged predictions was right more often than the
/// next one below it that has enough. `None` while there are no two of them.
pub(crate) fn in_order(levels: impl IntoIterator<Item = Hits>) -> Option<bool> {
    let known: Vec<f64> =
        levels.into_iter().filter(|level| level.judged >= ENOUGH).filter_map(Hits::precision).collect();
    (known.len() >= 2).then(|| known.windows(2).all(|pair| pair[0] > pair[1]))
}

/// What became of the predictions of one level.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct OutcomeSummary {
    pub within_4h: Hits,
    pub within_24h: Hits,
    /// Of the hits.
    pub median_minutes_to_hit: Option<u32>,
    pub mean_rise_pct: Option<f64>,
    pub mean_fall_pct: Option<f64>,
}

impl OutcomeSummary {
    /// Open and void predictions count for nothing; times, rises and falls are those of whole horizons.
    pub(crate) fn of(outcomes: &[Outcome]) -> Self {
        let whole: Vec<&Outcome> = outcomes.iter().filter(|o| o.hit_24h.is_some()).collect();
        let mut minutes: Vec<u32> = whole.iter().filter_map(|o| o.minutes_to_hit).collect();
        minutes.sort_unstable();
        Self {
            within_4h: outcomes.iter().filter_map(|o| o.hit_4h).collect(),
            within_24h: outcomes.iter().filter_map(|o| o.hit_24h).collect(),
            median_minutes_to_hit: minutes.get(minutes.len() / 2).copied(),
            mean_rise_pct: mean(whole.iter().map(|o| o.greatest_rise_pct)),
            mean_fall_pct: mean(whole.iter().map(|o| o.deepest_fall_pct)),
        }
    }
}

/// `None` of nothing.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), v| (sum + v, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_compared_where_both_have_enough() {
        let of = |judged: u32, hits: u32| Hits { judged, hits };
        assert_eq!(in_order([of(20, 15), of(20, 10), of(0, 0), of(40, 10)]), Some(true));
        assert_eq!(in_order([of(20, 10), of(20, 10)]), Some(false), "no better");
        assert_eq!(in_order([of(19, 0), of(20, 10), of(19, 19)]), None, "one side alone");
        assert_eq!(in_order([of(20, 4), of(19, 10), of(20, 5)]), Some(false), "the next that has enough");
    }
}
