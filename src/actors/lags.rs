//! How late closed candles arrive after the end of their minute: counted by bucket since the start.

use std::sync::atomic::{AtomicU64, Ordering};

/// Upper ends of the buckets, ms: finer where closes usually arrive, up to the longest grace that a cycle may be given. What is
/// later lies in one more.
pub(crate) const BOUNDS_MS: [i64; 8] = [50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000];

/// Relaxed: each count stands alone, and the status may be one close behind.
#[derive(Debug, Default)]
pub(crate) struct CloseLags([AtomicU64; BOUNDS_MS.len() + 1]);

impl CloseLags {
    /// Takes one, ms of the exchange's own time.
    pub(crate) fn add(&self, lag_ms: i64) {
        self.0[BOUNDS_MS.partition_point(|bound| *bound < lag_ms)].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn all(&self) -> Vec<u64> {
        self.0.iter().map(|count| count.load(Ordering::Relaxed)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_belong_to_the_bucket_below() {
        let lags = CloseLags::default();
        [-5, 50, 51, 10_000, 10_001].into_iter().for_each(|ms| lags.add(ms));
        assert_eq!(lags.all(), [2, 1, 0, 0, 0, 0, 0, 1, 1]);
    }
}
