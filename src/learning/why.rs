//! Why a pair has another chance than the listed pairs have on average, in percentage points.
//!
//! What a group of features does is the same log odds whatever the chance is, but not the same points. The points a log
//! odds are those between the mean chance and the pair's own, so that all groups together lead exactly from one to the other.

use super::features::GROUPS;
use super::log_odds::logit;
use super::scorer::Explanation;
use serde::Serialize;

/// Beside the groups of features: what the adaptation to the last days adds.
pub(crate) const ADAPTATION: &str = "adaptation";
/// Parts that are told one by one. Fewer people read on than there are groups.
const LARGEST: usize = 5;
const PARTS: usize = GROUPS.len() + 1;

/// Log odds of every part, in the order of `GROUPS`, the adaptation last.
fn parts(explanation: &Explanation) -> [f64; PARTS] {
    let mut sums = [0.0; PARTS];
    for c in &explanation.contributions {
        if let Some(at) = GROUPS.iter().position(|name| *name == c.group) {
            sums[at] += c.log_odds;
        }
    }
    sums[GROUPS.len()] = explanation.shift;
    sums
}

/// The mean of some pairs: their chance (0-100), and the log odds of every part.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Average {
    chance: f64,
    parts: [f64; PARTS],
    pairs: u32,
}

impl Average {
    /// Takes in a pair of this chance, 0-100.
    pub(crate) fn add(&mut self, chance: f64, explanation: &Explanation) {
        self.pairs += 1;
        let share = 1.0 / f64::from(self.pairs);
        self.chance += share * (chance - self.chance);
        for (mean, part) in self.parts.iter_mut().zip(parts(explanation)) {
            *mean += share * (part - *mean);
        }
    }
}

/// What one part adds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PointsOf {
    /// A group of features, or `adaptation`.
    pub group: &'static str,
    /// Percentage points of chance.
    pub points: f64,
}

/// A chance in percentage points: base, largest parts and rest add up to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InPoints {
    /// Mean chance of the listed pairs of the same cut (of all pairs where none is listed), 0-100.
    pub base: f64,
    /// What sets the pair apart from them: the five largest, up or down.
    pub largest: Vec<PointsOf>,
    /// Everything else together.
    pub rest: f64,
}

/// A chance of 0-100 against the average of the listed pairs.
pub(crate) fn in_points(chance: f64, explanation: &Explanation, listed: &Average) -> InPoints {
    let base = listed.chance;
    let apart = logit(chance / 100.0) - logit(base / 100.0);
    let a_log_odds = if apart.abs() > 1e-9 {
        (chance - base) / apart
    } else {
        // The slope of the chance where both are the same.
        chance * (1.0 - chance / 100.0)
    };
    let names = GROUPS.into_iter().chain([ADAPTATION]);
    let own = parts(explanation).into_iter().zip(listed.parts);
    let mut largest: Vec<PointsOf> = names
        .zip(own)
        .map(|(group, (own, mean))| PointsOf { group, points: a_log_odds * (own - mean) })
        .collect();
    largest.sort_by(|a, b| b.points.abs().total_cmp(&a.points.abs()));
    largest.truncate(LARGEST);
    let rest = chance - base - largest.iter().map(|part| part.points).sum::<f64>();
    InPoints { base, largest, rest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::features::group;
    use crate::learning::log_odds::chance;
    use crate::learning::scorer::Contribution;
    use proptest::prelude::*;

    const FEATURES: [&str; 8] = [
        "range_24h",
        "hits_7d",
        "change_1h",
        "place_24h",
        "log_volume_ratio",
        "rsi_14",
        "rank_atr",
        "rsi_21",
    ];

    fn explained(own: &[f64], shift: f64) -> (f64, Explanation) {
        let contributions: Vec<Contribution> = FEATURES
            .iter()
            .zip(own)
            .map(|(feature, log_odds)| Contribution {
                feature: (*feature).to_owned(),
                group: group(feature),
                value: None,
                log_odds: *log_odds,
            })
            .collect();
        let log_odds = -1.5 + own.iter().sum::<f64>() + shift;
        let explanation = Explanation { start: -1.5, contributions, shift, log_odds };
        (100.0 * chance(log_odds), explanation)
    }

    #[test]
    fn what_is_as_in_all_pairs_explains_nothing() {
        let (low, of_low) = explained(&[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], -0.2);
        let (high, of_high) = explained(&[2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], -0.2);
        let mut listed = Average::default();
        listed.add(low, &of_low);
        listed.add(high, &of_high);
        let told = in_points(high, &of_high, &listed);
        assert!((told.base - f64::midpoint(low, high)).abs() < 1e-9);
        assert_eq!(told.largest[0].group, "movement");
        assert!(told.largest[1..].iter().all(|part| part.points == 0.0), "all have the same: {told:?}");
        assert!(told.largest[0].points > 0.0 && told.rest.abs() < told.largest[0].points);
        let alone = in_points(low, &of_low, &{
            let mut one = Average::default();
            one.add(low, &of_low);
            one
        });
        assert!(alone.largest.iter().all(|part| part.points == 0.0) && alone.rest == 0.0);
    }

    proptest! {
        #[test]
        fn adds_up_with_the_largest_on_top(
            pairs in prop::collection::vec((prop::collection::vec(-9.0_f64..9.0, 8), -1.0_f64..0.3), 1..20),
        ) {
            let all: Vec<(f64, Explanation)> = pairs.iter().map(|(own, shift)| explained(own, *shift)).collect();
            let mut listed = Average::default();
            all.iter().for_each(|(chance, explanation)| listed.add(*chance, explanation));
            for (chance, explanation) in &all {
                let told = in_points(*chance, explanation, &listed);
                let sum = told.base + told.largest.iter().map(|part| part.points).sum::<f64>() + told.rest;
                prop_assert!((sum - chance).abs() < 1e-9, "{sum} {chance}");
                prop_assert!((0.0..=100.0).contains(&told.base) && told.rest.is_finite());
                prop_assert_eq!(told.largest.len(), LARGEST);
                let sizes: Vec<f64> = told.largest.iter().map(|part| part.points.abs()).collect();
                prop_assert!(sizes.iter().all(|size| size.is_finite()));
                prop_assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]));
                let apart = logit(chance / 100.0) - logit(told.base / 100.0);
                let rate = if apart.abs() > 1e-9 { (chance - told.base) / apart } else { 0.0 };
                let largest_left_out = parts(explanation)
                    .into_iter()
                    .zip(listed.parts)
                    .map(|(own, mean)| (rate * (own - mean)).abs())
                    .filter(|size| sizes.iter().all(|told| (told - size).abs() > 1e-9))
                    .fold(0.0, f64::max);
                prop_assert!(largest_left_out <= sizes[LARGEST - 1] + 1e-9);
            }
        }
    }
}
