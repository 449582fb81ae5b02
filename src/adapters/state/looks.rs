//! What repeated looks at the state found: until somebody writes, they need not be made again.

use crate::domain::moment::MachineTime;
use parking_lot::{Mutex, MutexGuard};
use rusqlite::{Connection, Result};
use std::collections::HashMap;

/// What is known about the file as it is.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// Rows that this connection has changed, and SQLite's number for changes by others.
    version: (u64, i64),
    /// The history is owed nothing; with it the number of predictions given up.
    pub(super) nothing_owed: Option<u64>,
    /// When the next delivery of a channel is due; `None` where nothing waits.
    pub(super) next_due: HashMap<String, Option<MachineTime>>,
    /// Deliveries of a channel by their state.
    pub(super) counts: HashMap<String, [u64; 5]>,
    /// Nobody has ordered anything of the experiment.
    pub(super) no_order: bool,
}

impl Looks {
    /// What is still known. A row that was changed and changed back counts as changed: that costs a look.
    pub(super) fn still_true<'a>(known: &'a Mutex<Self>, c: &Connection) -> Result<MutexGuard<'a, Self>> {
        let others = c.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        let version = (c.total_changes(), others);
        let mut known = known.lock();
        if known.version != version {
            *known = Self { version, ..Self::default() };
        }
        Ok(known)
    }

    /// Rows `from` to `to` of this connection's changes were values by key, of which nothing here tells.
    pub(super) fn pass_over(known: &Mutex<Self>, from: u64, to: u64) {
        let mut known = known.lock();
        if known.version.0 == from {
            known.version.0 = to;
        }
    }
}
