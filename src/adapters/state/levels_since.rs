//! Since when levels mean what they mean now, a second time beside the state file: the ledger outlives a state that was damaged, and
//! its older predictions must not be counted together with newer ones.

use super::schema::VALUE;
use crate::actors::ports::state::LEVELS_SINCE_KEY;
use crate::adapters::sqlite_file::beside;
use rusqlite::{Connection, OptionalExtension};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Longer than any moment in ms.
const MOST_BYTES: u64 = 32;

fn place(state: &Path) -> PathBuf {
    beside(state, "-levels-since")
}

/// Brings file and state to the same: the state's own where it has one. What cannot be read or written is told; the state is used
/// all the same.
pub(super) fn carry(state: &Path, connection: &Connection) {
    if let Err(error) = carried(state, connection) {
        tracing::warn!(%error, "since when levels are counted could not be kept beside the state file");
    }
}

fn carried(state: &Path, connection: &Connection) -> io::Result<()> {
    let own: Option<String> = connection
        .query_row(VALUE, [LEVELS_SINCE_KEY], |row| row.get(0))
        .optional()
        .map_err(io::Error::other)?;
    let kept = read(&place(state))?;
    match (own, kept) {
        (Some(own), kept) if kept.as_deref() != Some(&own) => write(&place(state), &own),
        (None, Some(kept)) => {
            let put = "INSERT INTO kv (key, value) VALUES (?1, ?2)";
            connection.execute(put, [LEVELS_SINCE_KEY, &kept]).map(drop).map_err(io::Error::other)
        }
        _ => Ok(()),
    }
}

/// What the file says; `None` where there is none or it makes no sense.
fn read(place: &Path) -> io::Result<Option<String>> {
    match std::fs::metadata(place) {
        Ok(meta) if meta.len() > MOST_BYTES => return Ok(None),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let text = String::from_utf8(std::fs::read(place)?).unwrap_or_default();
    Ok(text.trim().parse::<i64>().ok().map(|at| at.to_string()))
}

/// Whole or not at all.
fn write(place: &Path, at: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(place.parent().unwrap_or_else(|| Path::new(".")))?;
    writeln!(file, "{at}")?;
    file.as_file().sync_all()?;
    file.persist(place)?;
    Ok(())
}
