//! A lock that a scanner holds as long as it runs, so that a second one is told who is there.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

/// Held as long as a scanner runs. Commands beside it do without.
#[derive(Debug)]
pub(crate) struct ScannerLock {
    /// The lock goes with the open file, also when the process is killed: what stands in the file decides nothing.
    _file: File,
}

/// Why a lock cannot be had.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// The process that has it, `?` where it is not known.
    By(String),
    Io(io::Error),
}

impl ScannerLock {
    /// Takes the lock at `path`, a file that is made where it is missing.
    pub(crate) fn take(path: &Path) -> Result<Self, NotTaken> {
        let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path);
        let mut file = open.map_err(NotTaken::Io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // Of its number nothing depends: on a full disk the file is empty.
                let _ = file.read_to_string(&mut pid);
                let pid = pid.trim();
                return Err(NotTaken::By(if pid.is_empty() { "?" } else { pid }.to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(NotTaken::Io(error)),
        }
        let named = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        if let Err(error) = named {
            tracing::warn!(%error, "the number of this process cannot be written into {}", path.display());
        }
        Ok(Self { _file: file })
    }
}
