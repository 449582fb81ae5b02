//! One scanner a state folder: two would send every alert twice and write over each other's memory.

use super::unusable;
use crate::adapters::scanner_lock::{NotTaken, ScannerLock};
use crate::i18n::failure;
use std::io;
use std::path::Path;

/// Name of the file in the state folder.
const FILE: &str = "scanner.lock";

/// The folder is this scanner's alone.
#[derive(Debug)]
pub struct FolderLock {
    _lock: ScannerLock,
}

impl FolderLock {
    /// Takes the folder, which is made where it is missing.
    ///
    /// # Errors
    /// When another process has it, named by its number; when the folder cannot be written.
    pub fn take(dir: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(dir).map_err(|e| unusable(dir, e))?;
        match ScannerLock::take(&dir.join(FILE)) {
            Ok(lock) => Ok(Self { _lock: lock }),
            Err(NotTaken::By(pid)) => {
                let place = dir.display().to_string();
                let text = failure!(state_folder_in_use, place = place, pid = pid);
                Err(io::Error::new(io::ErrorKind::ResourceBusy, text))
            }
            Err(NotTaken::Io(error)) => Err(unusable(dir, error)),
        }
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
