//! What the experiment needs from outside: where arms come from, what puts one in force, and the book of all that was done.

use crate::domain::time::UtcMs;
use crate::learning::arms::ArmSpec;
use crate::learning::arms::bench::ArmReport;
use crate::learning::arms::verdict::Rule;
use serde::{Deserialize, Serialize};
use std::io;

/// Key of the newest report in the state.
pub const REPORT_KEY: &str = "experiment_report";

/// All arms at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExperimentReport {
    /// When it was made, ms UTC of the market.
    pub at: UtcMs,
    /// The rule that decides.
    pub rule: Rule,
    /// Days after which the arm that was in force before may come back.
    pub rollback_min_days: u32,
    /// Does the scanner promote and roll back by itself.
    pub automatic: bool,
    /// What is in force, then the arms in its shadow.
    pub arms: Vec<ArmReport>,
}

/// What somebody wants done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Order {
    /// Put the arm in force.
    Promote {
        /// Its name.
        arm: String,
    },
    /// Put what was in force before in force again.
    Rollback,
}

/// A line of the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Number of the line; 0 for one that is not written yet.
    pub id: i64,
    /// When, ms UTC of the machine.
    pub at: UtcMs,
    /// `started`, `promoted`, `rolled_back`, `refused`, `failed`.
    pub what: String,
    /// The arm; empty for what was in force.
    pub arm: String,
    /// Who: `rule` for the scanner itself, else where the order came from.
    pub by: String,
    /// Profile, model and figures in words.
    pub detail: String,
}

/// Keeps orders and the book. Calls are synchronous: when one returns, the change is on the disk.
pub trait ExperimentBook: Send + Sync {
    /// Leaves an order for the running scanner, or for the next start.
    ///
    /// # Errors
    /// When it could not be written.
    fn order(&self, order: &Order, by: &str, at: UtcMs) -> io::Result<()>;
    /// Takes the oldest order out.
    ///
    /// # Errors
    /// When it could not be read or removed.
    fn next_order(&self) -> io::Result<Option<(Order, String)>>;
    /// Writes a line.
    ///
    /// # Errors
    /// When it could not be written.
    fn note(&self, entry: &Entry) -> io::Result<()>;
    /// The newest lines, newest first.
    ///
    /// # Errors
    /// When they could not be read.
    fn entries(&self, limit: usize) -> io::Result<Vec<Entry>>;
    /// The newest report, as it was put down under `REPORT_KEY`.
    ///
    /// # Errors
    /// When it could not be read.
    fn report(&self) -> io::Result<Option<String>>;
}

/// Where arms come from and where what is in force is kept.
pub trait ArmDepot: Send + Sync {
    /// The arms that are wanted beside `in_force`. What cannot be used is told in the log once and left out.
    fn arms(&self, in_force: &ArmSpec) -> Vec<ArmSpec>;
    /// Keeps `next` in force over restarts, and `before` as what may come back.
    ///
    /// # Errors
    /// Why it cannot be, in words.
    fn put_in_force(&self, next: &ArmSpec, before: &ArmSpec) -> Result<(), String>;
}
