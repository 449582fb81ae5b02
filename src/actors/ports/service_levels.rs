//! What users measure the scanner by, minute by minute: part of the operational state.

use crate::domain::service_levels::CycleMinute;
use crate::domain::time::UtcMs;
use std::io;

/// Keeps it. Every call is synchronous: when it returns, the change is on the disk.
pub trait ServiceLevelStore: Send + Sync {
    /// When the scanner was started for the first time, machine clock; `now` where nothing is kept yet.
    fn first_start(&self, now: UtcMs) -> io::Result<UtcMs>;
    /// Adds cycles to those that are kept of their minutes, and forgets minutes from before `oldest`.
    fn add(&self, slots: &[CycleMinute], oldest: UtcMs) -> io::Result<()>;
    /// Minutes from `from` on, oldest first.
    fn slots(&self, from: UtcMs) -> io::Result<Vec<CycleMinute>>;
}
