//! Highest and lowest of a window.

/// The highest value, `None` for an empty window.
pub(crate) fn highest(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    values.into_iter().reduce(f64::max)
}

/// The lowest value, `None` for an empty window.
pub(crate) fn lowest(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    values.into_iter().reduce(f64::min)
}

/// 100 x (high - low) / low; 0 where that is not defined.
pub(crate) fn range_pct(high: f64, low: f64) -> f64 {
    let range = 100.0 * ((high - low) / low);
    if low > 0.0 && range.is_finite() { range } else { 0.0 }
}

/// A period's variance by its range (Parkinson): ln(high / low)^2 / (4 ln 2).
pub(crate) fn parkinson(high: f64, low: f64) -> f64 {
    let range = (high / low).ln();
    range * range / (4.0 * std::f64::consts::LN_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows() {
        assert_eq!(highest([1.0, 3.0, 2.0]), Some(3.0));
        assert_eq!(lowest([1.0, 3.0, 2.0]), Some(1.0));
        assert_eq!(highest([]), None);
        assert_eq!(range_pct(110.0, 100.0), 10.0);
        assert_eq!(range_pct(1.0, 0.0), 0.0);
        assert_eq!((parkinson(2.0, 1.0), parkinson(1.0, 1.0)), (std::f64::consts::LN_2 / 4.0, 0.0));
    }
}
