//! Copies of SQLite files that are in use, held against their checksums, and the way back.

use crate::adapters::sqlite_file::{beside, sound};
use crate::i18n::{Failure, OrFail, Text, cannot_read, failure, text};
use ring::digest;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pages that are copied at a time, and the pause after them. 16 MB: writers wait for a moment only.
const PAGES: i32 = 4_096;
/// Lets writers in between two portions.
const PAUSE: Duration = Duration::from_millis(1);
/// How long a file that somebody else has open is waited for: a transaction of the scanner takes far less.
const BUSY: Duration = Duration::from_secs(2);

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SavedFile {
    /// Its name in the folder of the backup.
    pub name: String,
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Version of its tables.
    pub schema: usize,
}

/// Copies the file `from`, which others may write meanwhile, to `to` as it is at one moment.
///
/// # Errors
/// A file that cannot be read or is damaged, a folder that cannot be written; the text names it.
pub(crate) fn save(from: &Path, to: &Path) -> io::Result<SavedFile> {
    let schema = copy(from, to).or_fail(|| cannot_copy(from)).map_err(io::Error::other)?;
    saved(to, schema)
}

/// Copies a file that is replaced as a whole, never written in place: a model, a profile.
pub(crate) fn save_plain(from: &Path, to: &Path) -> io::Result<SavedFile> {
    std::fs::copy(from, to).or_fail(|| cannot_copy(from)).map_err(io::Error::other)?;
    saved(to, 0)
}

fn cannot_copy(path: &Path) -> Text {
    text!(cannot_copy, place = path.display().to_string())
}

/// What is written down of a copy once it is on the disk.
fn saved(copy: &Path, schema: usize) -> io::Result<SavedFile> {
    // Before the checksum: what it vouches for is then on the disk.
    File::open(copy)?.sync_all()?;
    let name = copy.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(SavedFile { name, bytes: std::fs::metadata(copy)?.len(), sha256: sha256(copy)?, schema })
}

/// Moves a file aside; the answer is where it is now.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = free_beside(path);
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

/// The first name that no earlier restore has used for what stood there.
fn free_beside(path: &Path) -> PathBuf {
    let mut names = (1..).map(|n| beside(path, &format!(".before-restore-{n}")));
    names.find(|p| !p.exists()).expect("there is no end of numbers")
}

fn copy(from: &Path, to: &Path) -> rusqlite::Result<usize> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags)?;
    source.busy_timeout(BUSY)?;
    // With a read transaction open the copy is of this moment, and what is written meanwhile does not begin it anew.
    source.execute_batch("BEGIN")?;
    source.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let mut target = Connection::open(to)?;
    Backup::new(&source, &mut target)?.run_to_completion(PAGES, PAUSE, None)?;
    // One file, without a log beside it.
    target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    sound(&target)?;
    schema(&target)
}

fn schema(connection: &Connection) -> rusqlite::Result<usize> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Holds a copy against what was written down of it; `newest` is the version of its tables that this program knows.
///
/// # Errors
/// Says what differs.
pub(crate) fn check(copy: &Path, saved: &SavedFile, newest: usize) -> io::Result<()> {
    let wrong = |failure: Failure| io::Error::new(io::ErrorKind::InvalidData, failure);
    let place = copy.display().to_string();
    let bytes = std::fs::metadata(copy).or_fail(|| cannot_read(copy)).map_err(wrong)?.len();
    if bytes != saved.bytes || sha256(copy)? != saved.sha256 {
        return Err(wrong(failure!(backup_changed, place = place)));
    }
    if saved.schema > newest {
        return Err(wrong(failure!(schema_newer, place = place, schema = saved.schema)));
    }
    if !is_database(copy)? && saved.schema == 0 {
        return Ok(());
    }
    // Without a lock or a log: the copy may stand where nothing can be written.
    let uri = format!("file:{}?immutable=1", uri_path(copy));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let checked = Connection::open_with_flags(uri, flags).and_then(|c| sound(&c));
    checked.or_fail(|| text!(backup_damaged, place = place.clone())).map_err(wrong)
}

/// The path as a part of a URI of SQLite's.
fn uri_path(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// Makes sure that nobody has the file open, and folds its log into it. A file that is not there, or is damaged, is free.
pub(crate) fn free(path: &Path) -> io::Result<()> {
    if !path.exists() || !is_database(path)? {
        return Ok(());
    }
    let in_use = || {
        let failure = failure!(backup_in_use, place = path.display().to_string());
        io::Error::new(io::ErrorKind::ResourceBusy, failure)
    };
    let mode = Connection::open(path).and_then(|connection| {
        // SQLite leaves WAL mode only when nobody else has the file open: the answer tells whether it is free.
        connection.busy_timeout(BUSY)?;
        connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))
    });
    match mode {
        Ok(mode) if mode.eq_ignore_ascii_case("delete") => Ok(()),
        Ok(_) => Err(in_use()),
        Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) => Ok(()),
        Err(_) => Err(in_use()),
    }
}

/// Begins the file as SQLite's do. One that does not is never opened: that would take its log away.
fn is_database(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut head)?;
    Ok(head == b"SQLite format 3\0")
}

/// Copies `from` beside its place `to`; the copy takes that place with [`replace`].
///
/// # Errors
/// A folder that cannot be written, or a copy that differs.
pub(crate) fn stage(from: &Path, to: &Path, saved: &SavedFile, newest: usize) -> io::Result<PathBuf> {
    let staged = beside(to, ".restoring");
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from, &staged)?;
    // Before the rename, which the disk may write first: the name would stand over an empty file after a crash.
    File::open(&staged)?.sync_all()?;
    check(&staged, saved, newest)?;
    Ok(staged)
}

/// Puts a staged copy in its place. What stood there is kept under another name, which is the answer.
pub fn replace(staged: &Path, to: &Path) -> io::Result<Option<PathBuf>> {
    let aside = to.exists().then(|| free_beside(to));
    // A log that is left belongs to the old file; beside the new one it would be played into it.
    for ending in ["-wal", "-shm"] {
        let log = beside(to, ending);
        match &aside {
            Some(aside) if log.exists() => std::fs::rename(&log, beside(aside, ending))?,
            _ => {}
        }
    }
    if let Some(aside) = &aside
        && std::fs::hard_link(to, aside).is_err()
    {
        std::fs::copy(to, aside)?;
    }
    // A link and a rename: at no moment is there no file under the name.
    std::fs::rename(staged, to)?;
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        // A rename is on the disk only with its folder.
        File::open(folder)?.sync_all()?;
    }
    Ok(aside)
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut sum = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex::encode(sum.finish()));
        }
        sum.update(&buffer[..read]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(path: &Path, rows: i64) -> Connection {
        let connection = Connection::open(path).unwrap();
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, x BLOB); PRAGMA user_version = 2",
            )
            .unwrap();
        add(&connection, rows);
        connection
    }

    fn add(connection: &Connection, rows: i64) {
        let sql = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?1)
                   INSERT INTO t (x) SELECT randomblob(400) FROM c";
        connection.execute(sql, [rows]).unwrap();
    }

    fn count(path: &Path) -> i64 {
        Connection::open(path).unwrap().query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_copy_is_of_one_moment_while_rows_are_written() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("a.db"), dir.path().join("copy.db"));
        let writer = database(&from, 50_000);
        let saved = std::thread::scope(|scope| {
            let copying = scope.spawn(|| save(&from, &to).unwrap());
            while !copying.is_finished() {
                add(&writer, 10);
            }
            copying.join().unwrap()
        });
        assert_eq!((saved.name.as_str(), saved.schema), ("copy.db", 2));
        let copied = count(&to);
        assert!(copied >= 50_000 && copied % 10 == 0, "{copied}");
        check(&to, &saved, 2).unwrap();
        assert!(check(&to, &saved, 1).unwrap_err().to_string().contains("newer version"));
        assert!(!dir.path().join("copy.db-wal").exists());
    }

    #[test]
    fn a_changed_or_damaged_copy_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("a.db"), dir.path().join("copy.db"));
        drop(database(&from, 2_000));
        let mut saved = save(&from, &to).unwrap();
        let mut bytes = std::fs::read(&to).unwrap();
        bytes[20_480..40_960].fill(0xAB);
        std::fs::write(&to, bytes).unwrap();
        assert!(check(&to, &saved, 2).unwrap_err().to_string().contains("SHA-256"));
        // Even with a checksum that fits, the tables are looked at.
        saved.sha256 = sha256(&to).unwrap();
        assert!(check(&to, &saved, 2).unwrap_err().to_string().contains("damaged"));
        assert!(save(&dir.path().join("none.db"), &to).unwrap_err().to_string().contains("none.db"));
    }

    #[test]
    fn a_file_in_use_is_not_free_and_an_old_one_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("a.db"), dir.path().join("b.db"));
        let copy = dir.path().join("copy.db");
        drop(database(&new, 30));
        let saved = save(&new, &copy).unwrap();
        let held = database(&old, 10);
        assert!(free(&old).unwrap_err().to_string().contains("stop the scanner"));
        drop(held);
        free(&old).unwrap();
        let staged = stage(&copy, &old, &saved, 2).unwrap();
        let aside = replace(&staged, &old).unwrap().expect("the old file");
        assert_eq!((count(&old), count(&aside)), (30, 10));
        // A damaged file is no hindrance, and its log goes with it.
        std::fs::write(&old, "no database at all, just a text that is long enough").unwrap();
        std::fs::write(beside(&old, "-wal"), "old log").unwrap();
        free(&old).unwrap();
        let staged = stage(&copy, &old, &saved, 2).unwrap();
        let aside = replace(&staged, &old).unwrap().expect("the damaged file");
        assert!(aside.ends_with("a.db.before-restore-2") && beside(&aside, "-wal").exists());
        assert_eq!(count(&old), 30);
    }
}
