//! Pearson correlation of two return series, matched by open time.

use crate::domain::moment::MarketTime;

/// A bar's open time and its log return.
pub(crate) type Return = (MarketTime, f64);

/// Correlation of the returns that both series hold at the same open time, -1 to 1. Both oldest first.
/// 0 with fewer than `min_matches` matches or where either does not vary.
pub(crate) fn matched(a: &[Return], b: &[Return], min_matches: usize) -> f64 {
    regression(a, b, min_matches).map_or(0.0, |fit| fit.correlation)
}

/// How one series goes with another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Regression {
    /// -1 to 1.
    pub(crate) correlation: f64,
    /// Least squares of the first on the second.
    pub(crate) slope: f64,
}

/// The returns that both series hold at the same open time, the first against the second. Both oldest first. `None` with fewer than
/// `min_matches` matches or where either does not vary.
pub(crate) fn regression(a: &[Return], b: &[Return], min_matches: usize) -> Option<Regression> {
    let mut pairs: Vec<(f64, f64)> = Vec::with_capacity(a.len().min(b.len()));
    let (mut i, mut j) = (0, 0);
    while let (Some(&(ta, ra)), Some(&(tb, rb))) = (a.get(i), b.get(j)) {
        match ta.cmp(&tb) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                pairs.push((ra, rb));
                i += 1;
                j += 1;
            }
        }
    }
    if pairs.is_empty() || pairs.len() < min_matches { None } else { fit(&pairs) }
}

fn fit(pairs: &[(f64, f64)]) -> Option<Regression> {
    let n = pairs.len() as f64;
    let (sum_a, sum_b) = pairs.iter().fold((0.0, 0.0), |(a, b), &(x, y)| (a + x, b + y));
    let (mean_a, mean_b) = (sum_a / n, sum_b / n);
    let (mut saa, mut sbb, mut sab) = (0.0, 0.0, 0.0);
    for &(x, y) in pairs {
        let (dx, dy) = (x - mean_a, y - mean_b);
        saa += dx * dx;
        sbb += dy * dy;
        sab += dx * dy;
    }
    // A constant series can leave rounding dust of a mean that is not exact.
    let dust = |squares: f64, mean: f64| squares <= n * mean * mean * 1e-28;
    if dust(saa, mean_a) || dust(sbb, mean_b) {
        return None;
    }
    let (r, slope) = (sab / (saa.sqrt() * sbb.sqrt()), sab / sbb);
    let fit = Regression { correlation: r.clamp(-1.0, 1.0), slope };
    (r.is_finite() && slope.is_finite()).then_some(fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64], from: i64) -> Vec<Return> {
        values.iter().enumerate().map(|(i, &v)| (MarketTime::from_ms(from + i as i64), v)).collect()
    }

    #[test]
    fn known_values() {
        let a = series(&[1.0, 2.0, 3.0, 4.0], 0);
        assert!((matched(&a, &series(&[2.0, 4.0, 6.0, 8.0], 0), 4) - 1.0).abs() < 1e-12);
        assert!((matched(&a, &series(&[4.0, 3.0, 2.0, 1.0], 0), 4) + 1.0).abs() < 1e-12);
        assert_eq!(matched(&a, &series(&[0.1; 4], 0), 4), 0.0);
        assert_eq!(matched(&a, &series(&[2.0, 4.0, 6.0, 8.0], 1), 4), 0.0, "three matches only");
        assert!((matched(&a, &series(&[2.0, 4.0, 6.0, 8.0], 1), 3) - 1.0).abs() < 1e-12);
        assert_eq!(matched(&[], &[], 0), 0.0);
        let fit = regression(&series(&[2.0, 4.0, 6.0, 8.0], 0), &a, 4).expect("both vary");
        assert!((fit.slope - 2.0).abs() < 1e-12 && (fit.correlation - 1.0).abs() < 1e-12, "{fit:?}");
        assert_eq!(regression(&a, &series(&[0.1; 4], 0), 4), None);
    }
}
