//! What was said out of time, and what it tells: figures for the card, and the correction of the chances.

use crate::learning::dataset::Dataset;
use crate::learning::evaluation::calibration::{auc, calibration};
use crate::learning::evaluation::cases::Cases;
use crate::learning::evaluation::hits::Hits;
use crate::learning::model::{CARD_FROM, Figures, Platt, blend};

/// Judged out of time: the log odds of both kinds, and what came.
#[derive(Debug, Clone, Default)]
pub struct OutOfTime {
    /// Number of the point in the data set.
    pub point: Vec<usize>,
    /// Log odds of logistic regression and trees.
    pub said: Vec<(f64, f64)>,
}

/// The models of the folds have seen less than the final one and promise too much at the top; the final one needs only
/// so much of their correction.
const CORRECTION: f64 = 0.7;

pub(super) fn drawn(fit: Platt) -> Platt {
    Platt { intercept: CORRECTION * fit.intercept, slope: 1.0 + CORRECTION * (fit.slope - 1.0) }
}

impl OutOfTime {
    /// Log odds of the blend, what came and what it counts, of the points for which `keep` holds.
    pub(super) fn blended(
        &self,
        data: &Dataset,
        weight: Option<&[f32]>,
        keep: impl Fn(&usize) -> bool,
    ) -> Vec<(f64, bool, f64)> {
        let points = self.point.iter().zip(&self.said).filter(|(at, _)| keep(at));
        let counts = |at: usize| weight.map_or(1.0, |weight| f64::from(weight[at]));
        points.map(|(at, (a, b))| (blend(*a, *b).0, data.hit[*at], counts(*at))).collect()
    }
}

/// What came of the calibrated chances.
pub(super) fn cases(out: &OutOfTime, data: &Dataset, correction: impl Fn(usize) -> Platt) -> Vec<Cases> {
    let one = |(at, (a, b)): (&usize, &(f64, f64))| {
        (100.0 * correction(*at).chance(blend(*a, *b).0), Hits::from_iter([data.hit[*at]]))
    };
    Cases::counted(out.point.iter().zip(&out.said).map(one))
}

/// Figures of each kind; `correction` by the number of the point is the blend's alone.
pub(super) fn figures(
    split: &str,
    out: &OutOfTime,
    data: &Dataset,
    correction: impl Fn(usize) -> Platt,
) -> Vec<Figures> {
    type Read = fn(&(f64, f64)) -> f64;
    let kinds: [(&str, Read); 3] =
        [("logistic", |s| s.0), ("boosted", |s| s.1), ("blend", |s| blend(s.0, s.1).0)];
    let one = |(kind, of): (&str, Read)| {
        let own = |at| if kind == "blend" { correction(at) } else { Platt::default() };
        let judged: Vec<(f64, bool)> = out
            .point
            .iter()
            .zip(&out.said)
            .map(|(at, said)| (own(*at).chance(of(said)), data.hit[*at]))
            .collect();
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
    };
    kinds.into_iter().map(one).collect()
}

/// Intercept and slope that fit log odds to what came, each with its weight (Newton's method on the log loss).
pub(super) fn platt(judged: &[(f64, bool, f64)]) -> Platt {
    let mut fit = Platt::default();
    for _ in 0..30 {
        let (mut g, mut h) = ([0.0; 2], [0.0; 3]);
        for (log_odds, hit, weight) in judged {
            let p = fit.chance(*log_odds);
            let (miss, w) = (weight * (f64::from(u8::from(*hit)) - p), weight * p * (1.0 - p));
            g[0] += miss;
            g[1] += miss * log_odds;
            h[0] += w;
            h[1] += w * log_odds;
            h[2] += w * log_odds * log_odds;
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        if determinant <= 1e-9 {
            return Platt::default();
        }
        let step = [(h[2] * g[0] - h[1] * g[1]) / determinant, (h[0] * g[1] - h[1] * g[0]) / determinant];
        fit.intercept += step[0];
        fit.slope += step[1];
        if step[0].abs() + step[1].abs() < 1e-9 {
            break;
        }
    }
    if fit.slope > 0.0 && fit.slope.is_finite() { fit } else { Platt::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::MarketTime;

    #[test]
    fn every_judged_point_is_a_case_of_its_calibrated_chance() {
        let hits = [true, false, true];
        let data = Dataset { as_of: vec![MarketTime::EPOCH; 3], hit: hits.to_vec(), ..Dataset::default() };
        let said = [0.5_f64, 0.62, 0.97].map(|p| (p / (1.0 - p)).ln());
        let out = OutOfTime { point: vec![0, 1, 2], said: said.map(|z| (z, z)).to_vec() };
        let told = |platt: Platt| {
            let counted = cases(&out, &data, |_| platt).into_iter();
            counted.map(|c| (c.from, c.judged, c.hits)).collect::<Vec<_>>()
        };
        assert_eq!(told(Platt::default()), [(50.0, 1, 1), (60.0, 1, 0), (95.0, 1, 1)]);
        assert_eq!(
            told(Platt { intercept: -9.0, slope: 1.0 }),
            [(0.0, 3, 2)],
            "what the calibration says counts"
        );
    }
}
