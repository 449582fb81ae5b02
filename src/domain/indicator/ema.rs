//! Exponential moving average that starts from the simple mean of its first n values (TA-Lib's convention).

/// EMA over `n` values with the factor 2 / (n + 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ema {
    n: u32,
    seen: u32,
    value: f64,
}

impl Ema {
    /// An EMA over `n` values; 0 is taken as 1.
    pub const fn new(n: u32) -> Self {
        Self { n: if n == 0 { 1 } else { n }, seen: 0, value: 0.0 }
    }

    /// Takes one value and returns the average, `None` while fewer than `n` values came.
    pub fn push(&mut self, x: f64) -> Option<f64> {
        if self.seen < self.n {
            self.seen += 1;
            self.value += x;
            if self.seen < self.n {
                return None;
            }
            self.value /= f64::from(self.n);
        } else {
            let factor = 2.0 / (f64::from(self.n) + 1.0);
            self.value += factor * (x - self.value);
        }
        Some(self.value)
    }

    /// The average, `None` while fewer than `n` values came.
    pub fn value(&self) -> Option<f64> {
        (self.seen >= self.n).then_some(self.value)
    }
}
