//! What can befall a file of SQLite's, whatever is in it: damage, emptiness, and being put aside.

use crate::i18n::{Text, text};
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// SQLite makes a file empty and fills it at once; one that is empty for so long was emptied by somebody.
const EMPTY_LOOKS: u32 = 10;
const EMPTY_LOOK: Duration = Duration::from_millis(50);

/// Plans a statement once, by itself. SQLite otherwise goes by the values that are bound, too, wherever an index is asked for a span
/// of them, and parses and plans such a statement anew at each use, which takes longer than the statement.
pub(crate) fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// What SQLite says of a failure; in the reader's words where somebody can do something about it.
pub(crate) fn told(error: &rusqlite::Error) -> Text {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => text!(sqlite_full),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => text!(sqlite_busy),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => text!(sqlite_read_only),
        _ => Text::verbatim(error.to_string()),
    }
}

pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// Looks through all pages.
pub(crate) fn sound(connection: &Connection) -> rusqlite::Result<()> {
    // `quick_check` leaves out the comparison of indexes, which takes minutes on a large history.
    let answer: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if answer == "ok" {
        return Ok(());
    }
    let damaged = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(damaged, Some(answer)))
}

/// Is there a file without a byte: SQLite would take it for a new one.
pub(crate) fn is_emptied(path: &Path) -> bool {
    let empty = || std::fs::metadata(path).is_ok_and(|meta| meta.len() == 0);
    for _ in 0..EMPTY_LOOKS {
        if !empty() {
            return false;
        }
        thread::park_timeout(EMPTY_LOOK);
    }
    empty()
}

/// Moves a damaged file out of the way; the answer is where it is now.
pub(crate) fn put_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = (1..)
        .map(|n| beside(path, &format!(".corrupt-{n}")))
        .find(|p| !p.exists())
        .expect("there is no end of numbers");
    // The log first: left beside the new file, SQLite would play it into that one. It goes along, for what can be saved.
    for ending in ["-wal", "-shm"] {
        match std::fs::rename(beside(path, ending), beside(&aside, ending)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

/// Files that were moved out of the way of one and lie there still. Who moves them says so: the folder is not read at each look.
#[derive(Debug)]
pub(crate) struct Asides {
    of: PathBuf,
    /// A lock, as calls of several threads ask; held while a few names are looked up.
    known: Mutex<Vec<String>>,
}

impl Asides {
    /// Those of `path`.
    pub(crate) fn of(path: &Path) -> Self {
        Self { of: path.to_owned(), known: Mutex::new(asides(path)) }
    }

    /// One more may have been moved.
    pub(crate) fn look(&self) {
        *self.known.lock() = asides(&self.of);
    }

    /// The paths of those that nobody has taken away, oldest first.
    pub(crate) fn there(&self) -> Vec<String> {
        let mut known = self.known.lock();
        known.retain(|file| Path::new(file).exists());
        known.clone()
    }
}

/// Files that were moved out of the way of `path` and are there still, without their logs.
fn asides(path: &Path) -> Vec<String> {
    let name = format!("{}.corrupt-", path.file_name().unwrap_or_default().to_string_lossy());
    let number =
        |entry: &std::fs::DirEntry| entry.file_name().to_str()?.strip_prefix(&name)?.parse::<u32>().ok();
    let folder = path.parent().and_then(|folder| std::fs::read_dir(folder).ok());
    let mut found: Vec<_> = folder
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|entry| Some((number(&entry)?, entry.path().display().to_string())))
        .collect();
    found.sort();
    found.into_iter().map(|(_, place)| place).collect()
}

/// The path with an ending behind its name.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_a_damaged_file_goes_along_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        std::fs::write(&path, "damaged").unwrap();
        std::fs::write(dir.path().join("state.db-wal"), "its newest changes").unwrap();
        put_aside(&path).unwrap();
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).ok();
        assert_eq!(read("state.db.corrupt-1").as_deref(), Some("damaged"));
        assert_eq!(read("state.db.corrupt-1-wal").as_deref(), Some("its newest changes"));
        assert_eq!(read("state.db-wal"), None, "a new file would take it for its own");
        std::fs::write(&path, "").unwrap();
        assert_eq!(asides(&path), [dir.path().join("state.db.corrupt-1").display().to_string()]);
        assert!(is_emptied(&path) && !is_emptied(&dir.path().join("state.db.corrupt-1")));
        assert!(put_aside(&path).unwrap().ends_with("state.db.corrupt-2"));
    }
}
