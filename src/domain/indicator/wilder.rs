//! Wilder's smoothing: the plain mean of the first n values, then (previous x (n - 1) + x) / n.

/// Wilder average over `n` values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wilder {
    n: u32,
    seen: u32,
    value: f64,
}

impl Wilder {
    /// An average over `n` values; 0 is taken as 1.
    pub(crate) const fn new(n: u32) -> Self {
        Self { n: if n == 0 { 1 } else { n }, seen: 0, value: 0.0 }
    }

    pub(crate) fn push(&mut self, x: f64) {
        let n = f64::from(self.n);
        if self.seen < self.n {
            self.seen += 1;
            self.value += x;
            if self.seen == self.n {
                self.value /= n;
            }
        } else {
            self.value = (self.value * (n - 1.0) + x) / n;
        }
    }

    /// The average, `None` while fewer than `n` values came.
    pub(crate) fn value(&self) -> Option<f64> {
        (self.seen >= self.n).then_some(self.value)
    }
}
