//! Entries of a list that make no sense: left out, counted and named, so that their neighbours live.

use crate::exchange::number::clip;
use std::fmt::Display;

/// Entries of one list that are named: a list that is bad throughout must not fill the log.
const NAMED: usize = 8;

/// What was left out of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOut {
    pub count: u32,
    /// The first ones: which entry, and what is wrong with it.
    pub(crate) named: Vec<(String, String)>,
}

impl LeftOut {
    pub(crate) fn add(&mut self, entry: impl Display, why: impl Display) {
        self.count = self.count.saturating_add(1);
        if self.named.len() < NAMED {
            let short = |text: String| clip(&text, 120).to_owned();
            self.named.push((short(entry.to_string()), short(why.to_string())));
        }
    }
}

/// An answer without what makes no sense in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<T> {
    pub value: T,
    pub left_out: LeftOut,
}

/// The name that an unreadable entry gives itself in `field`.
pub(crate) fn name_of(entry: &serde_json::Value, field: &str) -> String {
    let name = entry.get(field).and_then(serde_json::Value::as_str).filter(|name| !name.is_empty());
    clip(name.unwrap_or("unnamed entry"), 40).to_owned()
}
