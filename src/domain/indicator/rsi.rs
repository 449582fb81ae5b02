//! Relative strength index with Wilder's smoothing.

use super::wilder::Wilder;

/// RSI over `n` changes, 0-100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rsi {
    previous: Option<f64>,
    gain: Wilder,
    loss: Wilder,
}

impl Rsi {
    /// An RSI over `n` changes.
    pub const fn new(n: u32) -> Self {
        Self { previous: None, gain: Wilder::new(n), loss: Wilder::new(n) }
    }

    /// Takes the close of one bar.
    pub fn push(&mut self, close: f64) {
        if let Some(previous) = self.previous {
            let change = close - previous;
            self.gain.push(change.max(0.0));
            self.loss.push((-change).max(0.0));
        }
        self.previous = Some(close);
    }

    /// The index; 50 where nothing ever moved; `None` before `n` changes.
    pub fn value(&self) -> Option<f64> {
        let (gain, loss) = (self.gain.value()?, self.loss.value()?);
        let total = gain + loss;
        Some(if total > 0.0 { 100.0 * (gain / total) } else { 50.0 })
    }
}
