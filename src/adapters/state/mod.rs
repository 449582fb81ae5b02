//! Operational state in a local SQLite file: what must survive a restart, written synchronously, whatever the
//! history store is. WAL with full synchronisation: when a call returns, the change is on the disk.

mod experiment;
pub mod faulty;
mod lists;
mod lock;
mod outbox;
mod port;
mod predictions;
mod schema;
mod service_levels;
mod tokens;

pub use lock::FolderLock;
pub(crate) use schema::{FILE, SCHEMA};
pub(crate) use tokens::TokenError;

use crate::domain::moment::MachineTime;
use crate::i18n::{Failure, Text};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, Params, Row, Transaction, TransactionBehavior};
use schema::{Unusable, migrate};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Largest value, bytes: the widest report of an experiment is a hundredth of it; what is larger is a fault.
pub(crate) const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;
/// How long a call waits for another process that writes (a command beside the running scanner).
const BUSY: Duration = Duration::from_secs(5);

/// The open file. Calls take turns.
#[derive(Debug)]
pub struct StateDb {
    path: PathBuf,
    /// One connection behind a lock: calls take under a millisecond, and SQLite lets one write at a time in any case.
    connection: Mutex<Connection>,
}

impl StateDb {
    /// Opens the file in the folder `dir` and makes both where they are missing. A damaged file is moved aside, so
    /// that the scanner goes on and nothing is lost.
    ///
    /// # Errors
    /// When the folder cannot be made or written, or the file is of a newer version; the text names it.
    pub fn open(dir: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(dir).map_err(|e| unusable(dir, e))?;
        let path = dir.join(FILE);
        let opened = match connect(&path) {
            Err(e) if is_damage(&e) => {
                set_aside(&path, &e.to_string()).map_err(|e| unusable(dir, e))?;
                connect(&path)
            }
            other => other,
        };
        let mut connection = opened.map_err(|e| unusable(dir, e))?;
        migrate(&mut connection).map_err(|e| unusable(dir, e))?;
        Ok(Self { path, connection: Mutex::new(connection) })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Limits the file to so many pages of 4 KiB, as a disk that is full would.
    pub fn limit_pages(&self, pages: u32) -> io::Result<()> {
        let set = self.lock().pragma_update(None, "max_page_count", pages);
        set.map_err(|e| self.failed("the size cannot be limited", &e))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, what: &str, error: &rusqlite::Error) -> io::Error {
        io::Error::other(format!("{what} in {}: {error}", self.path.display()))
    }

    /// One statement, or several that need not see the same moment.
    fn read<T>(&self, what: &str, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> io::Result<T> {
        work(&self.lock()).map_err(|e| self.failed(what, &e))
    }

    /// Several statements as one. The write lock is taken at once: a transaction that read first could not wait for
    /// another process, which SQLite answers with an error instead of the busy wait.
    fn write<T>(
        &self,
        what: &str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> io::Result<T> {
        let run = || {
            let mut connection = self.lock();
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(|e| self.failed(what, &e))
    }
}

/// All rows of a query.
fn rows<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(params, row)?.collect()
}

/// A limit as SQLite takes it.
fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn unusable(dir: &Path, why: impl Into<Unusable>) -> io::Error {
    let (place, why) = (dir.display().to_string(), why.into());
    io::Error::other(Failure::new(Text::new(move |t| t.state_folder_unusable(&place, why.in_words(t)))))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    // First, as switching to WAL takes a lock as well. FULL: in WAL mode NORMAL would lose the newest commits with
    // the power, and an alert would be sent twice. The query reads the file, so that damage shows here.
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

fn set_aside(path: &Path, why: &str) -> io::Result<()> {
    let aside = (1..)
        .map(|n| path.with_extension(format!("db.corrupt-{n}")))
        .find(|p| !p.exists())
        .unwrap_or_else(|| path.with_extension("db.corrupt"));
    // The log first: left beside the new file, SQLite would play it into that one. It goes along, for what can be saved.
    for ending in ["-wal", "-shm"] {
        let (log, kept) = (with_ending(path, ending), with_ending(&aside, ending));
        match std::fs::rename(log, kept) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    std::fs::rename(path, &aside)?;
    metrics::counter!("impulso_state_files_corrupt_total").increment(1);
    tracing::error!(
        file = %path.display(), moved_to = %aside.display(), reason = why,
        "the state file is damaged; it was moved aside and the state starts anew"
    );
    Ok(())
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

impl ToSql for MachineTime {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.ms().into())
    }
}

impl FromSql for MachineTime {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self::from_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::ports::state::OperationalState;

    #[test]
    fn values_survive_and_a_damaged_file_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("deep/state");
        let store = StateDb::open(&folder).unwrap();
        assert_eq!(store.get("weight").unwrap(), None);
        store.put("weight", r#"{"until":5}"#).unwrap();
        store.put("weight", r#"{"until":6}"#).unwrap();
        let beside = StateDb::open(&folder).unwrap();
        assert_eq!(beside.get("weight").unwrap().unwrap(), r#"{"until":6}"#);
        drop((store, beside));
        std::fs::write(folder.join(FILE), b"this is no database, not at all, just some text").unwrap();
        let anew = StateDb::open(&folder).unwrap();
        assert_eq!(anew.get("weight").unwrap(), None);
        assert!(folder.join("state.db.corrupt-1").exists());
    }

    #[test]
    fn the_log_of_a_damaged_file_goes_along_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        std::fs::write(&path, "damaged").unwrap();
        std::fs::write(dir.path().join("state.db-wal"), "its newest changes").unwrap();
        set_aside(&path, "test").unwrap();
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).ok();
        assert_eq!(read("state.db.corrupt-1").as_deref(), Some("damaged"));
        assert_eq!(read("state.db.corrupt-1-wal").as_deref(), Some("its newest changes"));
        assert_eq!(read("state.db-wal"), None, "a new file would take it for its own");
    }

    #[test]
    fn unusable_folders_and_newer_files_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(StateDb::open(&file).unwrap_err().to_string().contains("--state-dir"));
        let store = StateDb::open(dir.path()).unwrap();
        store.lock().pragma_update(None, "user_version", 99).unwrap();
        drop(store);
        assert!(StateDb::open(dir.path()).unwrap_err().to_string().contains("newer version"));
    }
}
