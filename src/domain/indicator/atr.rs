//! Average true range with Wilder's smoothing. The first bar has no true range (TA-Lib's convention).

use super::wilder::Wilder;

/// ATR over `n` true ranges, in price units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Atr {
    previous_close: Option<f64>,
    average: Wilder,
}

impl Atr {
    /// An ATR over `n` true ranges.
    pub const fn new(n: u32) -> Self {
        Self { previous_close: None, average: Wilder::new(n) }
    }

    pub fn push(&mut self, high: f64, low: f64, close: f64) {
        if let Some(previous) = self.previous_close {
            let range = (high - low).max((high - previous).abs()).max((low - previous).abs());
            self.average.push(range);
        }
        self.previous_close = Some(close);
    }

    /// The average; `None` before `n` + 1 bars.
    pub fn value(&self) -> Option<f64> {
        self.average.value()
    }
}
