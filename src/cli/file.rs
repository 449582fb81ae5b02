//! The settings file of this run, read once: its language is needed before the arguments are parsed, and a pipe
//! (`--config <(...)`) can be read only once.

use crate::settings::read_text;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

static READ: OnceLock<(PathBuf, String)> = OnceLock::new();

pub(super) fn settings_text(path: &Path) -> io::Result<String> {
    if let Some((_, text)) = READ.get().filter(|(known, _)| known == path) {
        return Ok(text.clone());
    }
    let text = read_text(path)?;
    // Another file was the first of this run, or this is the first.
    let _taken = READ.set((path.to_owned(), text.clone()));
    Ok(text)
}
