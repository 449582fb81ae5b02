//! The market-wide snapshot of one cycle.

use crate::domain::report::{Analysis, Level, Report};
use crate::domain::symbol::Symbol;
use crate::domain::time::UtcMs;
use std::sync::Arc;

/// A pair that is listed in the ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The pair.
    pub symbol: Symbol,
    /// Its scores.
    pub analysis: Arc<Analysis>,
    /// Learned, calibrated chance 0-100; `None` without a model.
    pub calibrated_7_5: Option<f64>,
    /// Level of the learned ladder; `None` without a model.
    pub alert_level: Option<Level>,
    /// Market time since the newest news of the pair, ms.
    pub data_age_ms: i64,
}

/// How much of the universe could be analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Pairs in the universe, halted ones included.
    pub universe: u32,
    /// Pairs with scores in this cycle.
    pub analyzable: u32,
    /// Pairs without, by reason in the order of `NotReady::ALL`.
    pub reasons: [u32; 4],
}

impl Coverage {
    /// Analyzable share, 0-1; 0 for an empty universe.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        if self.universe == 0 { 0.0 } else { f64::from(self.analyzable) / f64::from(self.universe) }
    }
}

/// The result of one cycle: immutable, shared by everybody.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Number of the cycle since the start, from 1.
    pub cycle: u64,
    /// The cut: candles with an open time before it were used.
    pub as_of: UtcMs,
    /// Coverage of the universe.
    pub coverage: Coverage,
    /// From the cycle's tick to the published snapshot, ms of machine time.
    pub latency_ms: f64,
    /// Listed pairs, by composite score descending, then symbol.
    pub rows: Vec<Row>,
    /// Pairs of level DESCARTADA that pass the filters.
    pub discarded: u32,
    /// Analyzable pairs outside the price and volume limits.
    pub filtered: u32,
    /// One report for each pair of the universe, by symbol.
    pub reports: Arc<Vec<Report>>,
}
