//! One scanner a state folder: two would send every alert twice and write over each other's memory.

use super::unusable;
use crate::i18n::failure;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

/// Name of the file in the state folder.
const FILE: &str = "scanner.lock";

/// Held as long as a scanner runs. Commands beside it do without.
#[derive(Debug)]
pub struct FolderLock {
    /// The lock goes with the open file, also when the process is killed: what stands in the file decides nothing.
    _file: File,
}

impl FolderLock {
    /// Takes the folder, which is made where it is missing.
    ///
    /// # Errors
    /// When another process has it, named by its number; when the folder cannot be written.
    pub fn take(dir: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(dir).map_err(|e| unusable(dir, e))?;
        let open =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(dir.join(FILE));
        let mut file = open.map_err(|e| unusable(dir, e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // Of its number nothing depends: on a full disk the file is empty.
                let _ = file.read_to_string(&mut pid);
                let pid = if pid.trim().is_empty() { "?".to_owned() } else { pid.trim().to_owned() };
                let place = dir.display().to_string();
                return Err(io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    failure!(state_folder_in_use, place = place, pid = pid),
                ));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(dir, error)),
        }
        let named = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        if let Err(error) = named {
            tracing::warn!(%error, "the number of this process cannot be written into the lock of the state folder");
        }
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_has_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("deep/state");
        let first = FolderLock::take(&folder).unwrap();
        let told = FolderLock::take(&folder).unwrap_err().to_string();
        let pid = std::process::id().to_string();
        assert!(told.contains(&pid) && told.contains("--state-dir") && told.contains("deep/state"), "{told}");
        drop(first);
        // A number that is longer than the next one's must not be left behind it.
        std::fs::write(folder.join(FILE), "99999999999\n").unwrap();
        let _again = FolderLock::take(&folder).unwrap();
        assert_eq!(std::fs::read_to_string(folder.join(FILE)).unwrap(), format!("{pid}\n"));
    }
}
