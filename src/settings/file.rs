//! Small files that people write: settings, profiles, secrets.

use super::error::SettingsError;
use crate::i18n::text;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Largest such file, bytes: a hundred times the settings with every comment. What is larger, or never ends (a device), is
/// not what was meant, and must not take all memory.
const MAX_BYTES: u64 = 1024 * 1024;

/// The text of a file.
///
/// # Errors
/// A file that is absent, no UTF-8, or larger than 1 MiB.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    read_text_within(path, MAX_BYTES)
}

/// The text of a file that holds a secret; `None` where none is named.
///
/// # Errors
/// Names the key of a file that cannot be read.
pub(super) fn secret_of(file: &str, key: &str) -> Result<Option<String>, SettingsError> {
    if file.is_empty() {
        return Ok(None);
    }
    read_text(Path::new(file))
        .map(Some)
        .map_err(|e| SettingsError::value(key, format!("\"{file}\" ({e})"), text!(allowed_file)))
}

/// The text of a file of at most so many bytes.
///
/// # Errors
/// A file that is absent, no UTF-8, or larger.
pub(crate) fn read_text_within(path: &Path, most: u64) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?.take(most + 1).read_to_string(&mut text)?;
    if read as u64 > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_a_mebibyte_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.toml");
        std::fs::write(&file, vec![b' '; MAX_BYTES as usize]).unwrap();
        assert_eq!(read_text(&file).unwrap().len() as u64, MAX_BYTES);
        std::fs::write(&file, vec![b' '; MAX_BYTES as usize + 1]).unwrap();
        assert_eq!(read_text(&file).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read_text(Path::new("/dev/zero")).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
