//! A calibration without a shape of its own: the closest rising curve (isotonic regression by pooling: Ayer et al. 1955).

use super::sane::is_sane;
use crate::learning::log_odds::logit;
use serde::{Deserialize, Serialize};

/// Steps of the curve at most, before those that fall are pooled: a tenth of a percent each, which is finer than what is shown.
const STEPS: usize = 1_000;
/// Points of a step at least: fewer would make certainties of luck at either end.
const LEAST: usize = 200;
/// Nearer to 0 or 1 nothing is said, however rare: so many points cannot show it.
const FARTHEST: f64 = 0.001;

/// What came of points (0-1) where FUERTE opens, and what is said of it. An episode is opened by the highest of many points, of pairs and
/// hours, so that luck opens some: left out, points said to be FUERTE were right in 68 %, the episodes that they opened in 64 %.
const OPENS_AT: f64 = 0.625;
const OPENS_SAID: f64 = 0.60;
/// Below this chance nothing is taken off: the levels below are not what people act on, and the chance itself is to be right.
const OPENS_FROM: f64 = 0.55;

/// A judged point: what was said (log odds), whether it came, what it counts.
pub(crate) type Judged = (f64, bool, f64);

/// A rising curve through some points, straight between them and level beyond them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Isotonic {
    /// Log odds as they are said, ascending.
    pub(crate) said: Vec<f32>,
    /// Log odds of what came, ascending.
    pub(crate) came: Vec<f32>,
}

/// Neighbouring points as one.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    said: f64,
    hits: f64,
    weight: f64,
}

impl Block {
    fn add(&mut self, other: &Self) {
        self.said += other.said;
        self.hits += other.hits;
        self.weight += other.weight;
    }

    fn share(&self) -> f64 {
        self.hits / self.weight
    }

    /// Log odds that were said on average.
    fn at(&self) -> f32 {
        (self.said / self.weight) as f32
    }

    /// Does it break the rise to what lies above it.
    fn pools_with(&self, above: &Self) -> bool {
        self.share() >= above.share() || self.at() >= above.at()
    }
}

impl Isotonic {
    /// Fits points in ascending order of what was said. `None` for too few.
    pub(crate) fn fit(ascending: &[Judged]) -> Option<Self> {
        let size = ascending.len().div_ceil(STEPS).max(LEAST);
        let mut blocks: Vec<Block> = Vec::new();
        // What does not fill a step goes with the last one.
        for part in 0..ascending.len() / size {
            let to = if (part + 2) * size > ascending.len() { ascending.len() } else { (part + 1) * size };
            let mut block = Block::default();
            for (said, hit, weight) in &ascending[part * size..to] {
                block.add(&Block {
                    said: weight * said,
                    hits: weight * f64::from(u8::from(*hit)),
                    weight: *weight,
                });
            }
            while let Some(below) = blocks.pop_if(|below| below.pools_with(&block)) {
                block.add(&below);
            }
            blocks.push(block);
        }
        let came = |block: &Block| logit(block.share().clamp(FARTHEST, 1.0 - FARTHEST)) as f32;
        let (said, came) = blocks.iter().map(|block| (block.at(), came(block))).unzip();
        (!blocks.is_empty()).then_some(Self { said, came })
    }

    /// The map with its top drawn down to what the opening of an episode is worth.
    pub(crate) fn of_openings(mut self) -> Self {
        let [from, at, said] = [OPENS_FROM, OPENS_AT, OPENS_SAID].map(|chance| logit(chance) as f32);
        for came in self.came.iter_mut().filter(|came| **came > from) {
            let off = (at - said) * ((*came - from) / (at - from)).min(1.0);
            *came -= off;
        }
        self
    }

    /// Log odds of what comes.
    pub(crate) fn at(&self, log_odds: f64) -> f64 {
        let after = self.said.partition_point(|said| f64::from(*said) <= log_odds);
        let [said, came] = [&self.said, &self.came].map(|values| move |at: usize| f64::from(values[at]));
        if after == 0 {
            return came(0);
        }
        let Some(width) = (after < self.said.len()).then(|| said(after) - said(after - 1)) else {
            return came(after - 1);
        };
        came(after - 1) + (came(after) - came(after - 1)) * (log_odds - said(after - 1)) / width
    }

    pub(crate) fn is_sound(&self) -> bool {
        let sane = self.said.iter().chain(&self.came).all(|value| is_sane(f64::from(*value)));
        !self.said.is_empty()
            && self.said.len() == self.came.len()
            && self.said.windows(2).all(|pair| pair[0] < pair[1])
            && self.came.windows(2).all(|pair| pair[0] <= pair[1])
            && sane
    }
}

/// Adds so much of the log odds to what the maps say, which is level here and there: two pairs are never told apart by their names.
const TIES: f64 = 1e-6;

/// What the most careful of the maps says of log odds: the same where there is none. Each is of other days, and the top of a chance is where
/// they disagree.
pub(crate) fn lowest(maps: &[Isotonic], log_odds: f64) -> f64 {
    let said = maps.iter().map(|map| map.at(log_odds)).reduce(f64::min);
    said.map_or(log_odds, |said| said + TIES * log_odds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::log_odds::chance;
    use proptest::prelude::*;

    /// `LEAST` points at each of the log odds, with so many hits in a hundred.
    fn points(steps: &[(f64, usize)]) -> Vec<Judged> {
        let of = |(said, share): &(f64, usize)| {
            let (said, share) = (*said, *share);
            (0..LEAST).map(move |n| (said, n % 100 < share, 1.0))
        };
        steps.iter().flat_map(of).collect()
    }

    #[test]
    fn what_falls_is_pooled_and_what_lies_between_is_straight() {
        let map = Isotonic::fit(&points(&[(-2.0, 10), (-1.0, 40), (0.0, 20), (1.0, 80)])).expect("enough");
        assert_eq!(map.said, [-2.0, -0.5, 1.0]);
        let said = [-9.0, -2.0, -0.5, 1.0, 9.0].map(|at| chance(map.at(at)));
        for (said, came) in said.into_iter().zip([0.1, 0.1, 0.3, 0.8, 0.8]) {
            assert!((said - came).abs() < 1e-6, "{said} {came}");
        }
        assert!((map.at(0.25) - f64::midpoint(map.at(-0.5), map.at(1.0))).abs() < 1e-6);
        assert_eq!(Isotonic::fit(&points(&[(0.0, 50)])[1..]), None);
    }

    #[test]
    fn the_lowest_counts_and_ties_keep_their_order() {
        let map = |share| Isotonic::fit(&points(&[(-1.0, 10), (1.0, share)])).expect("enough");
        let maps = [map(80), map(60), map(90)];
        assert!((chance(lowest(&maps, 1.0)) - 0.6).abs() < 1e-5);
        assert!(lowest(&maps, 2.0) > lowest(&maps, 1.5), "beyond the last point");
        assert_eq!(lowest(&[], 0.7), 0.7);
    }

    #[test]
    fn the_top_is_drawn_down_and_the_rest_stays() {
        let map = Isotonic {
            said: vec![-1.0, 0.0, 1.0, 2.0],
            came: [0.2, 0.55, 0.625, 0.8].map(|p| logit(p) as f32).into(),
        };
        let drawn = map.of_openings();
        let chances: Vec<f64> = drawn.said.iter().map(|said| chance(drawn.at(f64::from(*said)))).collect();
        for (is, wanted) in chances.iter().zip([0.2, 0.55, 0.6, 0.783]) {
            assert!((is - wanted).abs() < 5e-4, "{chances:?}");
        }
        assert!(drawn.is_sound());
    }

    proptest! {
        #[test]
        fn rises_and_keeps_the_mean(
            mut judged in prop::collection::vec((-5.0_f64..5.0, any::<bool>(), 0.1_f64..3.0), LEAST..2_000),
        ) {
            judged.sort_by(|a, b| a.0.total_cmp(&b.0));
            let map = Isotonic::fit(&judged).expect("enough");
            prop_assert!(map.is_sound());
            let said: Vec<f64> = (-60..60).map(|z| lowest(std::slice::from_ref(&map), f64::from(z) / 10.0)).collect();
            prop_assert!(said.windows(2).all(|pair| pair[0] < pair[1]), "{said:?}");
        }
    }
}
