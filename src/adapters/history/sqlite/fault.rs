//! What can go wrong with the file, and whether trying again helps.

use crate::actors::ports::history::HistoryError;
use crate::adapters::sqlite_file;
use crate::i18n::Text;
use rusqlite::ErrorCode;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long a call goes on trying while another process has the file: a backup or an import of ours holds it for seconds, and who
/// waits longer should be told.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two tries: long enough that the other process ends its transaction.
const PAUSE: Duration = Duration::from_millis(20);

/// A failure within the store, before the file is named.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite's answer.
    Sql(rusqlite::Error),
    /// What is stored cannot be read.
    Damaged(Text),
    /// A row that the file cannot hold, or a file that this version cannot use.
    Refused(Text),
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

    pub(super) fn why(&self) -> Text {
        match self {
            Self::Sql(error) => sqlite_file::told(error),
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
        let (place, why) = (place.display().to_string(), self.why());
        match (self, self.code()) {
            (Self::Damaged(_), _) | (_, Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)) => {
                Unusable(Text::new(move |t| t.history_damaged(&place, why.in_words(t))))
            }
            (Self::Sql(_), Some(code)) if passing(code) => Unavailable(why.of(&place)),
            _ => Unusable(why.of(&place)),
        }
    }
}

fn passing(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OperationInterrupted
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
    use crate::i18n::Language;
    use rusqlite::ffi;

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        let named = |code: i32| {
            let text = Some("database is locked".to_owned());
            Fault::Sql(rusqlite::Error::SqliteFailure(ffi::Error::new(code), text)).named(Path::new("h.db"))
        };
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_BUSY, ffi::SQLITE_LOCKED] {
            let HistoryError::Unavailable(text) = named(code) else { panic!("{code}") };
            let (es, en) = (text.in_words(Language::Es.texts()), text.in_english());
            assert!(
                en.starts_with("h.db: ")
                    && es.starts_with("h.db: ")
                    && !en.contains("database is locked")
                    && es != en,
                "{en}"
            );
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
