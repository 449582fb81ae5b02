//! Predictions that wait for their outcome: part of the operational state.

use crate::domain::symbol::Symbol;
use crate::domain::time::UtcMs;
use std::io;

/// A prediction without its final outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenPrediction {
    pub key: String,
    pub symbol: Symbol,
    /// The cut, ms UTC.
    pub opened_at: UtcMs,
    pub price: f64,
    /// Its first 4 h are judged.
    pub(crate) judged_4h: bool,
}

/// Keeps them. Every call is synchronous: when it returns, the change is on the disk.
pub trait OpenPredictions: Send + Sync {
    /// Adds predictions; known keys are passed over.
    fn open(&self, predictions: &[OpenPrediction]) -> io::Result<()>;
    /// Up to `limit` that were opened at or before `short` and are not judged after 4 h, or at or before `long`
    /// in any case; oldest first.
    fn due(&self, short: UtcMs, long: UtcMs, limit: usize) -> io::Result<Vec<OpenPrediction>>;
    /// Notes that the first 4 h are judged.
    fn judged_4h(&self, keys: &[String]) -> io::Result<()>;
    /// Forgets those with a final outcome.
    fn close(&self, keys: &[String]) -> io::Result<()>;
    /// How many are open.
    fn open_count(&self) -> io::Result<u64>;
}
