//! What users measure the scanner by, minute by minute: part of the operational state.

use crate::domain::measures::Slot;
use crate::domain::time::UtcMs;
use std::io;

/// Keeps it. Every call is synchronous: when it returns, the change is on the disk.
pub trait MeasureStore: Send + Sync {
    /// When the scanner was started for the first time, machine clock; `now` where nothing is kept yet.
    ///
    /// # Errors
    /// When it cannot be read or written.
    fn first_start(&self, now: UtcMs) -> io::Result<UtcMs>;
    /// Adds cycles to those that are kept of their minutes, and forgets minutes from before `oldest`.
    ///
    /// # Errors
    /// When they could not be written.
    fn add(&self, slots: &[Slot], oldest: UtcMs) -> io::Result<()>;
    /// Minutes from `from` on, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn slots(&self, from: UtcMs) -> io::Result<Vec<Slot>>;
}
