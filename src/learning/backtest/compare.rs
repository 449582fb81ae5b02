//! Two runs over the same moments: which one said it better, day by day.

use super::Found;
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::learning::evaluation::day_blocks::mean_interval_90;
use crate::learning::evaluation::hits::{Hits, mean, precision_interval_90};
use serde::Serialize;
use std::collections::HashMap;

/// A paired comparison of two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Comparison {
    pub a: String,
    pub b: String,
    /// Points that both judged.
    pub points: usize,
    /// Mean of a's squared errors minus b's: below 0, a is better.
    pub(crate) brier_difference: Option<f64>,
    /// Its 90 % interval by day blocks.
    pub(crate) brier_interval_90: Option<[f64; 2]>,
    /// FUERTE precision of a, of b.
    pub fuerte_precision: [Option<f64>; 2],
    /// Their 90 % intervals by day blocks.
    pub(crate) fuerte_interval_90: [Option<[f64; 2]>; 2],
    /// `a`, `b` or `none`: whose squared errors are smaller for certain (the interval does not hold 0).
    pub better: &'static str,
}

/// Compares two runs on the points that both have.
pub(crate) fn compare(a: (&str, &Found), b: (&str, &Found)) -> Comparison {
    let errors: HashMap<(MarketTime, u32), f64> =
        b.1.points.iter().map(|p| ((p.as_of, p.pair), error(p.said, p.hit))).collect();
    let both: Vec<(MarketTime, f64)> =
        a.1.points
            .iter()
            .filter_map(|p| Some((p.as_of, error(p.said, p.hit) - errors.get(&(p.as_of, p.pair))?)))
            .collect();
    let interval = mean_interval_90(both.iter().copied());
    let better = match interval {
        Some([_, high]) if high < 0.0 => "a",
        Some([low, _]) if low > 0.0 => "b",
        _ => "none",
    };
    Comparison {
        a: a.0.to_owned(),
        b: b.0.to_owned(),
        points: both.len(),
        brier_difference: mean(both.iter().map(|(_, difference)| *difference)),
        brier_interval_90: interval,
        fuerte_precision: [a.1, b.1]
            .map(|found| fuerte(found).map(|(_, hit)| hit).collect::<Hits>().precision()),
        fuerte_interval_90: [a.1, b.1].map(|found| precision_interval_90(fuerte(found))),
        better,
    }
}

fn error(said: f64, hit: bool) -> f64 {
    (said - f64::from(u8::from(hit))).powi(2)
}

fn fuerte(found: &Found) -> impl Iterator<Item = (MarketTime, bool)> {
    found.episodes.iter().filter(|c| c.level == Level::Fuerte).map(|c| (c.as_of, c.hit()))
}
