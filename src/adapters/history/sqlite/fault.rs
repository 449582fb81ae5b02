//! What can go wrong with the file, and whether trying again helps.

use crate::actors::ports::history::HistoryError;
use crate::adapters::sqlite_file;
use rusqlite::ErrorCode;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long a call goes on trying while another process has the file.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two tries: long enough that the other process ends its transaction.
const PAUSE: Duration = Duration::from_millis(20);

/// A failure within the store, before the file is named.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite's answer.
    Sql(rusqlite::Error),
    /// What is stored cannot be read.
    Damaged(String),
    /// A row that the file cannot hold, or a file that this version cannot use.
    Refused(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl Fault {
    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sql(error) => error.sqlite_error_code(),
            Self::Damaged(_) | Self::Refused(_) => None,
        }
    }

    pub(super) fn why(&self) -> String {
        match self {
            Self::Sql(error) => error.to_string(),
            Self::Damaged(why) | Self::Refused(why) => why.clone(),
        }
    }

    /// The file itself is damaged, not what one row says.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Sql(error) if sqlite_file::is_damage(error))
    }

    fn busy(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }

    /// The failure as the port knows it, with the file's name and what to do.
    pub(super) fn named(&self, place: &Path) -> HistoryError {
        use HistoryError::{Unavailable, Unusable};
        let place = place.display();
        match (self, self.code()) {
            (Self::Refused(why), _) => Unusable(format!("{place}: {why}")),
            (Self::Damaged(why), _) => Unusable(damaged(&place, why)),
            (Self::Sql(e), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)) => {
                Unusable(damaged(&place, e))
            }
            (_, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => {
                Unavailable(format!("{place}: another process has been writing for {PATIENCE:?}"))
            }
            (_, Some(ErrorCode::DiskFull)) => Unavailable(format!("{place}: the disk is full")),
            (Self::Sql(e), Some(code)) if passing(code) => Unavailable(format!("{place}: {e}")),
            (Self::Sql(e), _) => Unusable(format!("{place}: {e}")),
        }
    }
}

fn passing(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OperationInterrupted
    )
}

fn damaged(place: &dyn std::fmt::Display, why: &dyn std::fmt::Display) -> String {
    format!(
        "{place} is damaged ({why}); the scanner moves the file away at its next start and begins a new one; \
         'impulso history recover FILE' brings what can be read of it into that"
    )
}

/// Tries again while another process has the file.
pub(super) fn patiently<T>(mut attempt: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(fault) if fault.busy() && begun.elapsed() < PATIENCE => thread::park_timeout(PAUSE),
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        let named = |code: i32| {
            let text = Some("database is locked".to_owned());
            Fault::Sql(rusqlite::Error::SqliteFailure(ffi::Error::new(code), text)).named(Path::new("h.db"))
        };
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_BUSY, ffi::SQLITE_LOCKED] {
            let HistoryError::Unavailable(text) = named(code) else { panic!("{code}") };
            assert!(text.starts_with("h.db: ") && !text.contains("locked"), "{text}");
        }
        for code in [ffi::SQLITE_IOERR, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_CANTOPEN, ffi::SQLITE_READONLY] {
            assert!(matches!(named(code), HistoryError::Unavailable(_)), "{code}");
        }
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB, ffi::SQLITE_ERROR, ffi::SQLITE_CONSTRAINT] {
            assert!(matches!(named(code), HistoryError::Unusable(_)), "{code}");
        }
    }

    #[test]
    fn a_busy_file_is_tried_again() {
        let mut tries = 0;
        let done = patiently(|| {
            tries += 1;
            let busy = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None);
            if tries < 3 { Err(busy.into()) } else { Ok(tries) }
        });
        assert!(matches!(done, Ok(3)));
    }
}
