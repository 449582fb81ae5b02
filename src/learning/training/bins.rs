//! Feature values as small numbers: thresholds at quantiles, so that histograms stay small.

/// Bins of known values: with the missing ones a byte a value, and a histogram fits in the fastest cache.
pub(crate) const BINS: usize = 64;
/// The greatest byte: beside all bins, however many there are.
pub(crate) const MISSING: u8 = u8::MAX;
/// Rows that thresholds are taken from, at most: quantiles of so many are within two thousandths.
const SAMPLE: usize = 100_000;

/// Rows by column, each value a bin.
#[derive(Debug)]
pub struct Binned {
    columns: Vec<Vec<u8>>,
    thresholds: Vec<Vec<f32>>,
}

impl Binned {
    /// Bins rows of `width` values each.
    pub fn new(values: &[f32], width: usize) -> Self {
        let rows = values.len() / width.max(1);
        let step = rows.div_ceil(SAMPLE).max(1);
        let thresholds: Vec<Vec<f32>> = (0..width)
            .map(|f| quantiles((0..rows).step_by(step).map(|row| values[row * width + f])))
            .collect();
        let column = |f: usize| {
            let own = &thresholds[f];
            (0..rows).map(|row| bin(own, values[row * width + f])).collect()
        };
        Self { columns: (0..width).map(column).collect(), thresholds }
    }

    pub(crate) fn column(&self, feature: usize) -> &[u8] {
        &self.columns[feature]
    }

    /// Values up to this are in `bin` or below.
    pub fn threshold(&self, feature: usize, bin: u8) -> f32 {
        self.thresholds[feature][usize::from(bin)]
    }

    /// Thresholds of a feature: one fewer than its bins.
    pub fn thresholds(&self, feature: usize) -> usize {
        self.thresholds[feature].len()
    }
}

fn bin(thresholds: &[f32], value: f32) -> u8 {
    if value.is_nan() { MISSING } else { thresholds.partition_point(|t| *t < value) as u8 }
}

/// Up to `BINS` - 1 values at even shares of the known ones, ascending, each once.
fn quantiles(values: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut known: Vec<f32> = values.filter(|v| v.is_finite()).collect();
    known.sort_unstable_by(f32::total_cmp);
    let n = known.len();
    let mut chosen: Vec<f32> =
        if n == 0 { Vec::new() } else { (1..BINS).map(|k| known[(k * n / BINS).min(n - 1)]).collect() };
    chosen.dedup();
    // The greatest value parts nothing.
    if chosen.last() == known.last() {
        chosen.pop();
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_keep_the_order_and_know_what_is_missing() {
        let values: Vec<f32> =
            (0..1_000).map(|i| if i % 10 == 0 { f32::NAN } else { (i % 300) as f32 }).collect();
        let binned = Binned::new(&values, 1);
        for (at, value) in values.iter().enumerate() {
            let own = binned.column(0)[at];
            assert_eq!(value.is_nan(), own == MISSING);
            for t in 0..binned.thresholds(0) {
                let left = *value <= binned.threshold(0, t as u8);
                assert!(value.is_nan() || left == (usize::from(own) <= t), "{value} at {t}");
            }
        }
        let flat = Binned::new(&[1.0; 50], 1);
        assert_eq!(flat.thresholds(0), 0, "a constant parts nothing");
    }
}
