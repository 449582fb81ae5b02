//! Files that are there whole or not at all.

use crate::i18n::{OrFail, cannot_remove, cannot_write};
use std::io::{ErrorKind, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Replaces a file, and makes its folder where it is missing.
pub(crate) fn write_whole(out: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(folder)?;
        // Beside it: a rename holds within a file system alone.
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        // A new temporary file is for its owner alone; whoever read the old one must be able to read the new one.
        if let Ok(old) = std::fs::metadata(out) {
            file.as_file().set_permissions(old.permissions())?;
        }
        // Before the rename, which the disk may write first: the name would stand over an empty file after a power cut.
        file.as_file().sync_all()?;
        file.persist(out)?;
        Ok(())
    };
    Ok(write().or_fail(|| cannot_write(out))?)
}

/// Removes a file, where it is there.
pub(crate) fn removed(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Ok(Err(error).or_fail(|| cannot_remove(path))?),
        _ => Ok(()),
    }
}
