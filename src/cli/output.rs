//! What goes to standard output.

use super::lang::t;
use crate::i18n::{OrFail, Text, Texts, cannot_write};
use crate::learning::evaluation::daily::Precision;
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

/// `12 of 20   60.0 % (90 %: 41.2 to 77.8 %)`: how many came true.
pub(super) fn calls(p: &Precision, t: &Texts) -> String {
    format!("{:>14}  {:>7} {}", t.hits_of(p.hits, p.judged), percent(p.precision), interval(p, t))
}

/// `(90 %: 41.2 to 77.8 %)`, or nothing.
pub(super) fn interval(p: &Precision, t: &Texts) -> String {
    let share = |end: f64| format!("{:.1}", 100.0 * end);
    p.interval_90
        .map_or_else(String::new, |[low, high]| t.backtest_interval(share(low), format!("{} %", share(high))))
}
