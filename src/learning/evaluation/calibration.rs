//! Whether chances mean what they say.

use serde::Serialize;

/// One bin of a reliability curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = BinBody))]
pub(crate) struct Bin {
    /// Mean of the chances, 0-1.
    pub said: f64,
    /// Share of hits, 0-1.
    pub came: f64,
    pub count: u64,
}

/// Chances (0-1) held against what came.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Reliability))]
pub(crate) struct Calibration {
    /// Mean squared error; `None` when there is nothing.
    pub brier: Option<f64>,
    /// Expected calibration error over the bins.
    pub ece: Option<f64>,
    /// Up to ten bins of (nearly) equal count, by rising chance.
    pub bins: Vec<Bin>,
}

/// Brier score, expected calibration error over ten equal-count bins, and the reliability curve.
pub(crate) fn calibration(points: &[(f64, bool)]) -> Calibration {
    if points.is_empty() {
        return Calibration::default();
    }
    let mut sorted = points.to_vec();
    // Bins hold equally many points, so that each is as certain as the next; chances crowd at the low end.
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total = sorted.len();
    let outcome = |hit: bool| if hit { 1.0 } else { 0.0 };
    let brier = sorted.iter().map(|(p, hit)| (p - outcome(*hit)).powi(2)).sum::<f64>() / total as f64;
    let bin = |n: usize| {
        let part = &sorted[n * total / 10..(n + 1) * total / 10];
        let count = part.len() as f64;
        (!part.is_empty()).then(|| Bin {
            said: part.iter().map(|(p, _)| p).sum::<f64>() / count,
            came: part.iter().filter(|(_, hit)| *hit).count() as f64 / count,
            count: part.len() as u64,
        })
    };
    let bins: Vec<Bin> = (0..10).filter_map(bin).collect();
    let ece = bins.iter().map(|b| (b.said - b.came).abs() * b.count as f64).sum::<f64>() / total as f64;
    Calibration { brier: Some(brier), ece: Some(ece), bins }
}

/// Mann-Whitney's U: in how many pairs of a hit and a miss the hit has the higher chance (ties count half), and the number of
/// those pairs.
pub(crate) fn ranked(judged: &mut [(f64, bool)]) -> (f64, f64) {
    judged.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut misses_below, mut won, mut all_hits) = (0.0, 0.0, 0.0);
    for tied in judged.chunk_by(|a, b| a.0 == b.0) {
        let hits = tied.iter().filter(|(_, hit)| *hit).count() as f64;
        let misses = tied.len() as f64 - hits;
        won += hits * (misses_below + misses / 2.0);
        misses_below += misses;
        all_hits += hits;
    }
    (won, all_hits * misses_below)
}

/// Area under the ROC curve; `None` where all are hits or none is.
pub fn auc(judged: &[(f64, bool)]) -> Option<f64> {
    let (won, pairs) = ranked(&mut judged.to_vec());
    (pairs > 0.0).then(|| won / pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_areas() {
        let judged = [(0.1, false), (0.4, false), (0.35, true), (0.8, true)];
        assert_eq!(auc(&judged), Some(0.75));
        assert_eq!(auc(&[(0.5, true), (0.5, false)]), Some(0.5));
        assert_eq!(auc(&[(0.5, true)]), None);
    }

    #[test]
    fn honest_chances_have_no_error_and_sure_wrong_ones_all() {
        let honest: Vec<(f64, bool)> = (0..1_000).map(|i| (0.2, i % 5 == 0)).collect();
        let c = calibration(&honest);
        assert!(c.ece.unwrap() < 1e-9 && (c.brier.unwrap() - 0.16).abs() < 1e-9 && c.bins.len() == 10);
        let wrong = calibration(&[(1.0, false), (1.0, false)]);
        assert_eq!((wrong.brier, wrong.ece), (Some(1.0), Some(1.0)));
        assert_eq!(calibration(&[]), Calibration::default());
    }
}
