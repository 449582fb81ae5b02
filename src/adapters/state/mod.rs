//! Operational state in a local SQLite file: what must survive a restart, written synchronously, whatever the
//! history store is. WAL with full synchronisation: when a call returns, the change is on the disk.

mod experiment;
pub mod faulty;
mod lists;
mod outbox;
mod port;
mod predictions;
mod service_levels;
mod tokens;

pub(crate) use tokens::TokenError;

use crate::i18n::{Failure, Text, Texts, io_in_words};
use rusqlite::{Connection, ErrorCode, Params, Row, Transaction, TransactionBehavior};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Name of the file in the state folder.
pub(crate) const FILE: &str = "state.db";
/// Largest value, bytes.
pub(crate) const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;
/// How long a call waits for another process that writes (a command beside the running scanner).
const BUSY: Duration = Duration::from_secs(5);

/// Changes of the schema in their order; the number of those applied is the file's `user_version`.
const MIGRATIONS: [&str; 5] = [
    "
    CREATE TABLE kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE alerts (
        id TEXT PRIMARY KEY, symbol TEXT NOT NULL, as_of INTEGER NOT NULL, created_at INTEGER NOT NULL,
        card TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX alerts_time ON alerts (as_of);
    CREATE INDEX alerts_symbol ON alerts (symbol, as_of);
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, channel TEXT NOT NULL,
        urgent INTEGER NOT NULL, has_alerts INTEGER NOT NULL, message TEXT NOT NULL, state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, maybe_repeated INTEGER NOT NULL DEFAULT 0,
        next_attempt_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        reason TEXT, receipt TEXT, UNIQUE (key, channel)
    );
    CREATE INDEX outbox_due ON outbox (channel, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
    CREATE INDEX outbox_state ON outbox (channel, state, updated_at);
    CREATE INDEX outbox_changed ON outbox (updated_at, id);
    CREATE TABLE alert_deliveries (
        alert_id TEXT NOT NULL, outbox_id INTEGER NOT NULL, PRIMARY KEY (alert_id, outbox_id)
    ) WITHOUT ROWID;
    CREATE TABLE mutes (
        symbol TEXT PRIMARY KEY, until INTEGER, by TEXT NOT NULL, created_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE watchlist (symbol TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE tokens (
        name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, scope TEXT NOT NULL, created_at INTEGER NOT NULL,
        last_used_at INTEGER
    ) WITHOUT ROWID;
",
    "
    CREATE TABLE open_predictions (
        key TEXT PRIMARY KEY, symbol TEXT NOT NULL, opened_at INTEGER NOT NULL, price REAL NOT NULL,
        judged_4h INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX open_predictions_time ON open_predictions (opened_at);
",
    "
    CREATE TABLE measures (
        start INTEGER PRIMARY KEY, published INTEGER NOT NULL, coverage_sum REAL NOT NULL, coverage_min REAL NOT NULL,
        pairs_sum INTEGER NOT NULL, pairs_min INTEGER NOT NULL, latency_max REAL NOT NULL, latencies TEXT NOT NULL
    );
",
    experiment::TABLES,
    experiment::SLOPE,
];

/// Version of the tables that this program writes.
pub(crate) const SCHEMA: usize = MIGRATIONS.len();

/// The open file. Calls take turns.
#[derive(Debug)]
pub struct StateDb {
    path: PathBuf,
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

#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Folder(#[from] io::Error),
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    #[error("{FILE} has the schema {0}")]
    Newer(i64),
}

impl Unusable {
    fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::Folder(error) => io_in_words(error, t),
            Self::Database(error) => error.to_string(),
            Self::Newer(schema) => t.schema_newer(FILE, *schema),
        }
    }
}

fn unusable(dir: &Path, why: impl Into<Unusable>) -> io::Error {
    let (place, why) = (dir.display().to_string(), why.into());
    io::Error::other(Failure::new(Text::new(move |t| t.state_folder_unusable(&place, why.in_words(t)))))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
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
    std::fs::rename(path, &aside)?;
    for beside in ["db-wal", "db-shm"] {
        let _gone = std::fs::remove_file(path.with_extension(beside));
    }
    metrics::counter!("impulso_state_files_corrupt_total").increment(1);
    tracing::error!(
        file = %path.display(), moved_to = %aside.display(), reason = why,
        "the state file is damaged; it was moved aside and the state starts anew"
    );
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), Unusable> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let schema: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let left = usize::try_from(schema).ok().and_then(|schema| MIGRATIONS.get(schema..));
    for migration in left.ok_or(Unusable::Newer(schema))? {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    Ok(transaction.commit()?)
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
