//! MACD: fast EMA minus slow EMA, and an EMA of that as the signal.

use super::ema::Ema;

/// Line, signal and histogram, in price units.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MacdValue {
    /// Fast EMA - slow EMA.
    pub line: f64,
    /// EMA of the line.
    pub signal: f64,
    pub histogram: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Macd {
    fast: Ema,
    slow: Ema,
    signal: Ema,
    value: Option<MacdValue>,
}

impl Macd {
    /// A MACD with these lengths in bars.
    pub const fn new(fast: u32, slow: u32, signal: u32) -> Self {
        Self { fast: Ema::new(fast), slow: Ema::new(slow), signal: Ema::new(signal), value: None }
    }

    /// Takes the close of one bar. The signal starts with the first line value.
    pub fn push(&mut self, close: f64) {
        let (fast, slow) = (self.fast.push(close), self.slow.push(close));
        let (Some(fast), Some(slow)) = (fast, slow) else { return };
        let line = fast - slow;
        self.value =
            self.signal.push(line).map(|signal| MacdValue { line, signal, histogram: line - signal });
    }

    /// The values; `None` before slow + signal - 1 bars.
    pub const fn value(&self) -> Option<MacdValue> {
        self.value
    }
}
