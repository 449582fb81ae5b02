//! How much farther apart (or closer together) the outcomes were than the chances that were said: the slope of a calibration.
//!
//! `logit(came) = a + m + b (z - m)` over the said log odds z, by maximum likelihood (Platt, 1999), with b drawn towards 1:
//! as if some days had been seen on which 1 was exactly right. Hits come in clusters, so days are the unit, not points.

use crate::learning::log_odds::chance;

/// Bins of the said log odds: 36 of 0.25 from -6 on cover chances of 0.25 % to 95 %.
pub(crate) const BINS: usize = 36;
const LOWEST: f64 = -6.0;
const WIDTH: f64 = 0.25;
/// Steps of Newton: the sum is convex and is reached well before.
const STEPS: usize = 12;

/// The bin of these log odds; the outermost ones take what lies beyond.
pub(crate) fn bin(log_odds: f64) -> usize {
    (((log_odds - LOWEST) / WIDTH).floor().max(0.0) as usize).min(BINS - 1)
}

/// Log odds in the middle of a bin.
pub(crate) fn middle(bin: usize) -> f64 {
    LOWEST + WIDTH * (bin as f64 + 0.5)
}

/// Resolved samples of some days, by the log odds that were said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bins {
    /// Weight of each bin, days.
    pub points: [f64; BINS],
    /// Weight of its hits, days.
    pub hits: [f64; BINS],
}

impl Default for Bins {
    fn default() -> Self {
        Self { points: [0.0; BINS], hits: [0.0; BINS] }
    }
}

/// A straight line through log odds: `pivot + slope (z - pivot)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    /// Where it changes nothing: the mean of what was said.
    pub(crate) pivot: f64,
    /// 1 leaves all as it is.
    pub(crate) slope: f64,
}

impl Line {
    /// Log odds on the line.
    pub(crate) fn at(&self, log_odds: f64) -> f64 {
        self.pivot + self.slope * (log_odds - self.pivot)
    }
}

/// The line of some days; `None` of an empty one. `prior_days`: how many days of "1" stand against it.
pub(crate) fn fit(bins: &Bins, prior_days: f64) -> Option<Line> {
    let days: f64 = bins.points.iter().sum();
    if days <= 0.0 {
        return None;
    }
    let pivot = (0..BINS).map(|i| bins.points[i] * middle(i)).sum::<f64>() / days;
    let (mut level, mut slope, mut prior) = (0.0, 1.0, None);
    for _ in 0..STEPS {
        let mut sums = Sums::default();
        for i in (0..BINS).filter(|i| bins.points[*i] > 0.0) {
            let x = middle(i) - pivot;
            let said = chance(pivot + level + slope * x);
            sums.add(x, bins.hits[i] - bins.points[i] * said, bins.points[i] * said * (1.0 - said));
        }
        // What a day tells of the slope, taken at the start: so many times that weighs the 1.
        let prior = *prior.get_or_insert(prior_days * sums.vxx / days);
        let (pull, hold) = (sums.gx - prior * (slope - 1.0), sums.vxx + prior);
        let det = (sums.v + 1e-9) * hold - sums.vx * sums.vx;
        if det <= 1e-12 {
            break;
        }
        let up = ((hold * sums.g - sums.vx * pull) / det).clamp(-1.0, 1.0);
        let steeper = ((sums.v * pull - sums.vx * sums.g) / det).clamp(-0.3, 0.3);
        (level, slope) = (level + up, slope + steeper);
        if up.abs() + steeper.abs() < 1e-7 {
            break;
        }
    }
    Some(Line { pivot, slope })
}

/// Sums of a Newton step: gradients and curvatures.
#[derive(Default)]
struct Sums {
    g: f64,
    gx: f64,
    v: f64,
    vx: f64,
    vxx: f64,
}

impl Sums {
    fn add(&mut self, x: f64, gradient: f64, curvature: f64) {
        self.g += gradient;
        self.gx += gradient * x;
        self.v += curvature;
        self.vx += curvature * x;
        self.vxx += curvature * x * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::log_odds::logit;
    use proptest::prelude::*;

    /// What comes when the true log odds are `level + slope z`.
    fn seen(level: f64, slope: f64, days: f64) -> Bins {
        let mut bins = Bins::default();
        for i in 8..28 {
            bins.points[i] = days / 20.0;
            bins.hits[i] = bins.points[i] * chance(level + slope * middle(i));
        }
        bins
    }

    #[test]
    fn finds_the_line_and_is_drawn_to_one() {
        for true_slope in [0.6, 1.0, 1.4] {
            let free = fit(&seen(-0.5, true_slope, 10.0), 0.0).unwrap();
            assert!((free.slope - true_slope).abs() < 1e-3, "{true_slope}: {free:?}");
            let drawn = fit(&seen(-0.5, true_slope, 10.0), 10.0).unwrap();
            assert!((drawn.slope - 1.0).abs() <= (free.slope - 1.0).abs() + 1e-9, "{drawn:?}");
        }
        assert_eq!(fit(&Bins::default(), 1.0), None);
        assert!((Line { pivot: -2.0, slope: 0.5 }.at(-2.0) + 2.0).abs() < 1e-12);
        assert_eq!((bin(-99.0), bin(logit(0.5)), bin(99.0)), (0, 24, BINS - 1));
    }

    proptest! {
        #[test]
        fn never_runs_away(points in prop::collection::vec(0.0_f64..3.0, BINS), share in prop::collection::vec(0.0_f64..=1.0, BINS), prior in 0.5_f64..20.0) {
            let mut bins = Bins::default();
            for i in 0..BINS {
                bins.points[i] = points[i];
                bins.hits[i] = points[i] * share[i];
            }
            if let Some(line) = fit(&bins, prior) {
                prop_assert!(line.slope.is_finite() && line.pivot.is_finite(), "{line:?}");
                prop_assert!(line.slope.abs() < 5.0, "{line:?}");
            }
        }
    }
}
