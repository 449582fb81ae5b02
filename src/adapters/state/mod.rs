//! Operational state in a local SQLite file: what must survive a restart, written synchronously, whatever the
//! history store is. WAL with full synchronisation: when a call returns, the change is on the disk.

mod aside;
mod changes;
mod experiment;
pub mod faulty;
mod levels_since;
#[cfg(test)]
mod levels_since_tests;
mod lists;
mod lock;
mod looks;
mod outbox;
mod owed;
mod port;
mod predictions;
mod salvage;
mod schema;
mod service_levels;
mod tokens;

pub use lock::FolderLock;
pub(crate) use schema::{FILE, SCHEMA};
pub(crate) use tokens::TokenError;

use crate::adapters::sqlite_file::{self, Asides, is_damage};
use crate::i18n::{Failure, Language, Text, failure, io_in_words};

use looks::Looks;
use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode, Params, Row, Transaction, TransactionBehavior};
use schema::{Unusable, migrate};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Largest value, bytes: the widest report of an experiment is a hundredth of it; what is larger is a fault.
pub(crate) const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;
/// Prepared statements kept: more than there are different ones. Of fewer each would be parsed anew in every round of the looks.
const STATEMENTS: usize = 64;
/// How long a call waits for another process that writes (a command beside the running scanner).
const BUSY: Duration = Duration::from_secs(5);
/// The same where it was waited for in vain before, and at the stop, whose stages have less than a second.
const BRIEF: Duration = Duration::from_millis(100);

/// The open file. Calls take turns.
#[derive(Debug)]
pub struct StateDb {
    path: PathBuf,
    /// Device and inode. A lock of its own: whoever asks for them does not wait for a call.
    id: Mutex<Option<(u64, u64)>>,
    /// One connection behind a lock: calls take under a millisecond, and SQLite lets one write at a time in any case.
    connection: Mutex<Connection>,
    /// Taken while the connection is held only.
    looks: Mutex<Looks>,
    asides: Asides,
    /// It is the scanner's: no other process would have the file taken away.
    mends: bool,
    /// The last write waited in vain: those after it wait shortly until one gets through, so that a file that stays locked
    /// does not hold up everybody's every call. Relaxed does for both: a call that sees one late waits once more.
    locked: AtomicBool,
    hurried: AtomicBool,
}

impl StateDb {
    /// Opens the file in the folder `dir` and makes both where they are missing. A damaged or emptied file is moved aside, unless
    /// a scanner runs on it, and what can be read of it is taken over, so that the scanner goes on.
    ///
    /// # Errors
    /// When the folder cannot be made or written, or the file is of a newer version; the text names it.
    pub fn open(dir: &Path) -> io::Result<Self> {
        Self::open_as(dir, None)
    }

    /// The same for the scanner that holds the folder. Damage that shows later is then treated in the same way.
    pub fn open_held(dir: &Path, lock: &FolderLock) -> io::Result<Self> {
        let state = Self::open_as(dir, Some(lock))?;
        aside::take_back(&state, dir);
        Ok(state)
    }

    fn open_as(dir: &Path, held: Option<&FolderLock>) -> io::Result<Self> {
        std::fs::create_dir_all(dir).map_err(|e| unusable(dir, e))?;
        let path = dir.join(FILE);
        // Looked at first: whoever opens such a file takes it for a new one.
        let emptied = sqlite_file::is_emptied(&path);
        let damage = match connect(&path) {
            _ if emptied => Some("it is empty".to_owned()),
            Ok(mut connection) => match sqlite_file::sound(&connection) {
                Err(e) if is_damage(&e) => Some(e.to_string()),
                _ => {
                    migrate(&mut connection).map_err(|e| unusable(dir, e))?;
                    levels_since::carry(&path, &connection);
                    return Ok(Self::with(path, connection, held.is_some()));
                }
            },
            Err(e) if is_damage(&e) => Some(e.to_string()),
            Err(e) => return Err(unusable(dir, e)),
        };
        // The file must not be taken away under a scanner.
        let own = if held.is_none() { Some(FolderLock::take(dir)?) } else { None };
        let connection = begin_anew(&path, &damage.unwrap_or_default()).map_err(|e| unusable(dir, e))?;
        drop(own);
        Ok(Self::with(path, connection, held.is_some()))
    }

    fn with(path: PathBuf, connection: Connection, mends: bool) -> Self {
        Self {
            id: Mutex::new(file_id(&path).ok()),
            asides: Asides::of(&path),
            path,
            connection: Mutex::new(connection),
            looks: Mutex::default(),
            mends,
            locked: AtomicBool::new(false),
            hurried: AtomicBool::new(false),
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From now on nothing waits long for another process: the program is to end.
    pub(crate) fn hurry(&self) {
        self.hurried.store(true, Ordering::Relaxed);
    }

    /// Is the open file the one under its name. SQLite goes on writing to a file that was deleted, and all of it is gone
    /// with the process.
    fn is_there(&self) -> io::Result<()> {
        let place = self.path.display().to_string();
        match file_id(&self.path) {
            Ok(id) if Some(id) == *self.id.lock() => Ok(()),
            Ok(_) => Err(io::Error::other(failure!(state_replaced, place = place))),
            Err(error) => {
                let gone = Text::new(move |t| t.state_gone(&place, io_in_words(&error, t)));
                Err(io::Error::other(Failure::new(gone)))
            }
        }
    }

    /// Folds the log into the file, at the end: whoever copies or looks at the file alone then has all of it.
    pub(crate) fn fold_in(&self) {
        let folded = self
            .connection
            .lock()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        // Somebody who reads just now leaves it to the next start.
        if let Err(error) = folded {
            tracing::warn!(%error, "the log of the state file could not be folded in");
        }
    }

    /// Limits the file to so many pages of 4 KiB, as a disk that is full would.
    pub fn limit_pages(&self, pages: u32) -> io::Result<()> {
        let set = self.connection.lock().pragma_update(None, "max_page_count", pages);
        set.map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &rusqlite::Error) -> io::Error {
        io::Error::other(Failure::new(sqlite_file::told(error).of(&self.path.display().to_string())))
    }

    /// One statement, or several that need not see the same moment.
    fn read<T>(&self, work: impl Fn(&Connection) -> rusqlite::Result<T>) -> io::Result<T> {
        let mut connection = self.connection.lock();
        let done = work(&connection);
        let done = self.mended(done, &mut connection, |connection| work(connection));
        done.map_err(|e| self.failed(&e))
    }

    /// Several statements as one. The write lock is taken at once: a transaction that read first could not wait for
    /// another process, which SQLite answers with an error instead of the busy wait.
    fn write<T>(&self, work: impl Fn(&Transaction<'_>) -> rusqlite::Result<T>) -> io::Result<T> {
        let run = |connection: &mut Connection| {
            let brief = self.locked.load(Ordering::Relaxed) || self.hurried.load(Ordering::Relaxed);
            connection.busy_timeout(if brief { BRIEF } else { BUSY })?;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        let mut connection = self.connection.lock();
        let done = run(&mut connection);
        let done = self.mended(done, &mut connection, run);
        let locked = done.as_ref().is_err_and(is_lock);
        self.locked.store(locked, Ordering::Relaxed);
        done.map_err(|e| self.failed(&e))
    }

    /// Where a call has found the file damaged: a new one with what can be saved, and the call once more.
    fn mended<T>(
        &self,
        done: rusqlite::Result<T>,
        connection: &mut Connection,
        again: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let Err(error) = done else { return done };
        if !self.mends || !is_damage(&error) {
            return Err(error);
        }
        // Closed before its file is moved; should no new one come about, the damaged one stays in use.
        *connection = Connection::open_in_memory()?;
        match begin_anew(&self.path, &error.to_string()) {
            Ok(new) => {
                *connection = new;
                *self.looks.lock() = Looks::default();
                self.asides.look();
                *self.id.lock() = file_id(&self.path).ok();
                again(connection)
            }
            Err(problem) => {
                tracing::error!(
                    error = problem.in_words(Language::En.texts()),
                    "no new state file can be made"
                );
                *connection = connect(&self.path)?;
                Err(error)
            }
        }
    }
}

fn file_id(path: &Path) -> io::Result<(u64, u64)> {
    std::fs::metadata(path).map(|m| (m.dev(), m.ino()))
}

fn put(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO kv (key, value) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute([key, value]).map(|_| ())
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
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    sqlite_file::plan_once(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

fn is_lock(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Puts the file aside and makes a new one of what can be read of it.
fn begin_anew(path: &Path, why: &str) -> Result<Connection, Unusable> {
    let aside = sqlite_file::put_aside(path)?;
    metrics::counter!("impulso_state_files_corrupt_total").increment(1);
    let mut connection = connect(path)?;
    migrate(&mut connection)?;
    let (rows, lost) = salvage::bring_over(&aside, &mut connection)?;
    levels_since::carry(path, &connection);
    tracing::error!(
        file = %path.display(), moved_to = %aside.display(), reason = why, rows, damaged_tables = lost.join(", "),
        "the state file is damaged: it was moved aside, and a new one has what could be read of it"
    );
    Ok(connection)
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

    /// The file with `from..` of each 4 KiB page filled with other bytes.
    fn spoil(path: &Path, pages: std::ops::Range<usize>) {
        let mut bytes = std::fs::read(path).unwrap();
        for page in pages {
            bytes[page * 4_096..page * 4_096 + 64].fill(0xA5);
        }
        std::fs::write(path, bytes).unwrap();
    }

    fn filled(folder: &Path, lock: &FolderLock) -> StateDb {
        let db = StateDb::open_held(folder, lock).unwrap();
        let fill = "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < 1999)
                    INSERT INTO kv SELECT printf('key-%05d', n), printf('%0200d', n) FROM c";
        db.write(|t| t.execute(fill, [])).unwrap();
        db.watch("BTCUSDT", true).unwrap();
        db.read(|c| c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))).unwrap();
        db
    }

    fn kept(db: &StateDb) -> usize {
        (0..2_000).filter(|n| db.get(&format!("key-{n:05}")).unwrap().is_some()).count()
    }

    #[test]
    fn damage_in_the_middle_is_found_and_what_can_be_read_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(dir.path()).unwrap();
        drop(filled(dir.path(), &lock));
        spoil(&dir.path().join(FILE), 60..62);
        assert!(
            StateDb::open(dir.path()).unwrap_err().to_string().contains("scanner"),
            "not under a scanner"
        );
        let db = StateDb::open_held(dir.path(), &lock).unwrap();
        assert!(dir.path().join("state.db.corrupt-1").exists());
        let kept = kept(&db);
        assert!((1_000..2_000).contains(&kept), "{kept}");
        assert_eq!(db.watchlist().unwrap(), ["BTCUSDT"]);
    }

    #[test]
    fn damage_while_it_is_in_use_is_found_by_the_call_that_meets_it() {
        let dir = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(dir.path()).unwrap();
        let db = filled(dir.path(), &lock);
        db.read(|c| c.execute_batch("PRAGMA cache_size = 0; PRAGMA shrink_memory")).unwrap();
        spoil(&dir.path().join(FILE), 40..140);
        db.put("key-01000", "new").unwrap();
        for n in 0..2_000 {
            db.get(&format!("key-{n:05}")).unwrap();
        }
        let aside = dir.path().join("state.db.corrupt-1");
        assert_eq!(db.put_aside(), [aside.display().to_string()]);
        std::fs::remove_file(aside).unwrap();
        assert_eq!(db.put_aside(), [] as [String; 0], "somebody has taken it away");
        assert_eq!(db.get("key-01000").unwrap().as_deref(), Some("new"));
        assert_eq!(db.watchlist().unwrap(), ["BTCUSDT"]);
    }

    #[test]
    fn an_emptied_file_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        drop(StateDb::open(dir.path()).unwrap());
        assert!(!dir.path().join("state.db.corrupt-1").exists());
        std::fs::write(dir.path().join(FILE), "").unwrap();
        StateDb::open(dir.path()).unwrap().put("a", "b").unwrap();
        assert!(dir.path().join("state.db.corrupt-1").exists());
    }

    #[test]
    fn unusable_folders_and_newer_files_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(StateDb::open(&file).unwrap_err().to_string().contains("--state-dir"));
        let store = StateDb::open(dir.path()).unwrap();
        store.connection.lock().pragma_update(None, "user_version", 99).unwrap();
        drop(store);
        assert!(StateDb::open(dir.path()).unwrap_err().to_string().contains("newer version"));
    }
}
