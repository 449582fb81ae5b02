//! Chances and how good they were: log odds, ROC area, and figures of a set of judged chances.

/// Chance of log odds, 0-1.
pub fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Log odds of a chance of 0-1, kept finite.
pub(crate) fn logit(chance: f64) -> f64 {
    let chance = chance.clamp(1e-6, 1.0 - 1e-6);
    (chance / (1.0 - chance)).ln()
}

/// Area under the ROC curve, ties half (Mann-Whitney); `None` where all are hits or none is.
pub fn auc(judged: &[(f64, bool)]) -> Option<f64> {
    let mut sorted: Vec<&(f64, bool)> = judged.iter().collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let hits = sorted.iter().filter(|(_, hit)| *hit).count() as f64;
    let misses = sorted.len() as f64 - hits;
    if hits == 0.0 || misses == 0.0 {
        return None;
    }
    let (mut below, mut won) = (0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let hits_here = tied.iter().filter(|(_, hit)| *hit).count() as f64;
        let misses_here = tied.len() as f64 - hits_here;
        won += hits_here * (below + misses_here / 2.0);
        below += misses_here;
    }
    Some(won / (hits * misses))
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
    fn log_odds_and_back() {
        for p in [0.01, 0.3, 0.5, 0.99] {
            assert!((chance(logit(p)) - p).abs() < 1e-12);
        }
        assert!(logit(0.0).is_finite() && logit(1.0).is_finite());
    }
}
