//! What goes to standard output.

use super::lang::t;
use crate::i18n::{OrFail, Text, cannot_write};
use std::fmt::Display;
use std::io::Write;
use std::path::Path;

/// A reader that went away ends nothing.
pub(super) fn say(lines: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{lines}").and_then(|()| out.flush());
}

pub(super) fn tell(text: &Text) {
    say(text.in_words(t()));
}

/// Writes a file that the caller named.
pub(super) fn write_file(path: &Path, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
    Ok(std::fs::write(path, content).or_fail(|| cannot_write(path))?)
}

/// `12.3 %`, or a dash where there is nothing to divide.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}
