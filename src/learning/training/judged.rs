//! What was said out of time, and what it tells: figures for the card, and the calibration of the chances.

use crate::learning::dataset::Dataset;
use crate::learning::evaluation::calibration::{auc, calibration};
use crate::learning::evaluation::cases::Cases;
use crate::learning::evaluation::hits::Hits;
use crate::learning::log_odds::chance;
use crate::learning::model::isotonic::{Isotonic, Judged, lowest};
use crate::learning::model::{CARD_FROM, Figures, mean};

/// Judged out of time: what was said by models that had not seen the split a point belongs to.
#[derive(Debug, Clone, Default)]
pub struct OutOfTime {
    /// Number of the point in the data set.
    pub point: Vec<usize>,
    /// Number of its split.
    pub(super) split: Vec<usize>,
    /// Log odds of each part.
    pub(super) said: Vec<Vec<f64>>,
}

/// What was said together, and the calibration of each split by what was judged in the other ones.
pub(super) struct Calibrated {
    /// Log odds of the parts together.
    joined: Vec<f64>,
    /// Of each split, without itself.
    pub(super) of_split: Vec<Vec<Isotonic>>,
    /// For what comes.
    pub(super) all: Vec<Isotonic>,
}

/// Splits whose points are kept out.
type Without = Vec<usize>;

/// The maps without the split `own`, of `splits`; `judged`: what is known without some. The lowest answer counts.
fn maps_without(
    own: Option<usize>,
    splits: usize,
    judged: impl Fn(&Without) -> Vec<Judged>,
) -> Vec<Isotonic> {
    let own: Without = own.into_iter().collect();
    // Each map without one more: where they differ, days decide, and the lowest answer counts.
    let others: Vec<usize> = (0..splits).filter(|split| !own.contains(split)).collect();
    let without = |other: usize| own.iter().copied().chain([other]).collect();
    let without: Vec<Without> =
        if others.len() < 2 { vec![own] } else { others.into_iter().map(without).collect() };
    without.iter().filter_map(|without| Isotonic::fit(&judged(without))).map(Isotonic::of_openings).collect()
}

impl OutOfTime {
    fn joined(&self) -> Vec<f64> {
        self.said.iter().map(|parts| mean(parts.iter().copied())).collect()
    }

    /// What the parts say together, calibrated. `weight`: what each point of the data set counts.
    pub(super) fn calibrated(&self, data: &Dataset, weight: Option<&[f32]>) -> Calibrated {
        let joined = self.joined();
        let mut order: Vec<usize> = (0..joined.len()).collect();
        // Among equals the order of time stands: the same data, the same maps.
        order.sort_by(|a, b| joined[*a].total_cmp(&joined[*b]));
        let counts = |at: usize| weight.map_or(1.0, |weight| f64::from(weight[at]));
        let judged = |without: &Without| -> Vec<Judged> {
            let kept = order.iter().filter(|at| !without.contains(&self.split[**at]));
            kept.map(|at| (joined[*at], data.hit[self.point[*at]], counts(self.point[*at]))).collect()
        };
        let splits = self.split.iter().max().map_or(0, |last| last + 1);
        let of_split = (0..splits).map(|split| maps_without(Some(split), splits, judged)).collect();
        let all = maps_without(None, splits, judged);
        Calibrated { joined, of_split, all }
    }

    /// Chances (0-1) as they come from the parts, not calibrated.
    pub(super) fn raw_chances(&self) -> Vec<f64> {
        self.joined().into_iter().map(chance).collect()
    }

    /// Chances (0-1) as they would have been told, in the order of the points.
    pub(super) fn chances(&self, calibrated: &Calibrated) -> Vec<f64> {
        let one = |(joined, split): (&f64, &usize)| chance(lowest(&calibrated.of_split[*split], *joined));
        calibrated.joined.iter().zip(&self.split).map(one).collect()
    }

    /// What came of chances.
    pub(super) fn cases(&self, data: &Dataset, chances: &[f64]) -> Vec<Cases> {
        let one = |(at, chance): (&usize, &f64)| (100.0 * chance, Hits::from_iter([data.hit[*at]]));
        Cases::counted(self.point.iter().zip(chances).map(one))
    }

    /// Figures of each part by its name as it is, and of the `chances` of all together, which are named last.
    pub(super) fn figures(
        &self,
        split: &str,
        parts: &[&str],
        data: &Dataset,
        chances: &[f64],
    ) -> Vec<Figures> {
        let (together, parts) = parts.split_last().unwrap_or((&"", &[]));
        let alone = |(at, name): (usize, &&str)| {
            let said = self.said.iter().map(|parts| chance(parts[at]));
            self.figures_of(split, name, data, said)
        };
        let joined = self.figures_of(split, together, data, chances.iter().copied());
        parts.iter().enumerate().map(alone).chain([joined]).collect()
    }

    fn figures_of(
        &self,
        split: &str,
        kind: &str,
        data: &Dataset,
        said: impl Iterator<Item = f64>,
    ) -> Figures {
        let judged: Vec<(f64, bool)> =
            said.zip(&self.point).map(|(chance, at)| (chance, data.hit[*at])).collect();
        let errors = calibration(&judged);
        let fuerte: Hits = judged.iter().filter(|(p, _)| *p >= CARD_FROM).map(|(_, hit)| *hit).collect();
        let all: Hits = judged.iter().map(|(_, hit)| *hit).collect();
        Figures {
            split: split.to_owned(),
            kind: kind.to_owned(),
            points: judged.len(),
            base_rate: all.precision().unwrap_or(0.0),
            auc: auc(&judged).unwrap_or(0.5),
            brier: errors.brier.unwrap_or(0.0),
            ece: errors.ece.unwrap_or(0.0),
            fuerte_points: fuerte.judged as usize,
            fuerte_precision: fuerte.precision(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::MarketTime;
    use crate::learning::log_odds::logit;

    /// Three splits of 400 points: half of what is said to be likely comes, but in the last split nothing of it does; of the rest
    /// a twentieth.
    fn judged() -> (Dataset, OutOfTime) {
        let count = 1_200;
        let hit = (0..count).map(|at| (at < 800 && at % 4 == 0) || at % 40 == 1).collect();
        let data = Dataset { as_of: vec![MarketTime::EPOCH; count], hit, ..Dataset::default() };
        let said = |at: usize| vec![if at.is_multiple_of(2) { 2.0 } else { -3.0 }; 2];
        let (point, split) = ((0..count).collect(), (0..count).map(|at| at / 400).collect());
        (data, OutOfTime { point, split, said: (0..count).map(said).collect() })
    }

    #[test]
    fn a_split_is_calibrated_by_the_other_ones_and_the_lowest_counts() {
        let (data, out) = judged();
        let calibrated = out.calibrated(&data, None);
        let likely = |maps: &Vec<Isotonic>| chance(lowest(maps, 2.0));
        assert!(likely(&calibrated.all) < likely(&calibrated.of_split[2]), "the last split made it careful");
        assert!((likely(&calibrated.of_split[2]) - 0.5).abs() < 0.01, "{}", likely(&calibrated.of_split[2]));
        assert!(likely(&calibrated.of_split[0]) < 0.05, "one of its maps knows the last split alone");
        let weight: Vec<f32> = (0..1_200).map(|at| if at < 800 { 1.0 } else { 3.0 }).collect();
        let counted = out.calibrated(&data, Some(&weight));
        assert!(likely(&counted.all) < likely(&calibrated.all), "what counts more moves more");
    }

    #[test]
    fn the_top_of_each_map_is_drawn_down() {
        let (mut data, out) = judged();
        data.hit = (0..data.hit.len()).map(|at| at % 10 < 8).collect();
        let told = out.chances(&out.calibrated(&data, None));
        assert!(told.iter().all(|chance| (chance - 0.783).abs() < 0.01), "80 % came: {:?}", &told[..4]);
    }

    #[test]
    fn every_judged_point_is_a_case_of_the_chance_that_was_told() {
        let (data, out) = judged();
        let told = out.chances(&out.calibrated(&data, None));
        assert_eq!(told.len(), 1_200);
        let cases = out.cases(&data, &told);
        assert_eq!(cases.iter().map(|case| case.judged).sum::<u32>(), 1_200);
        let top = cases.last().expect("some");
        assert!((top.from - 50.0).abs() < 6.0 && top.hits == 0, "the last split's: {top:?}");
        let figures = out.figures("left_out", &["a", "b", "joined"], &data, &told);
        assert_eq!(figures.iter().map(|f| f.kind.as_str()).collect::<Vec<_>>(), ["a", "b", "joined"]);
        assert_eq!(figures[0].fuerte_points, 600);
        assert!(logit(figures[2].base_rate) < 0.0);
    }
}
