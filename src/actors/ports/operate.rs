//! What operators change, and who they are: mutes, the watchlist, tokens.

use crate::actors::ports::alerts::AlertRecord;
use crate::domain::time::UtcMs;
use serde::{Deserialize, Serialize};
use std::io;

/// A pair that sends no alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// The pair; `*` for all.
    pub symbol: String,
    /// Until then, ms UTC of market time; `None` for good.
    pub until: Option<UtcMs>,
    /// Who asked: `api`, `page`, `telegram`, `cli`.
    pub by: String,
    /// ms UTC, machine clock.
    pub created_at: UtcMs,
}

/// Mutes and the watchlist.
pub trait AlertLists: Send + Sync {
    /// Mutes in force at `now` (market time), by symbol.
    fn mutes(&self, now: UtcMs) -> io::Result<Vec<Mute>>;
    /// Adds or replaces one.
    fn mute(&self, mute: &Mute) -> io::Result<()>;
    /// Removes one; false when there was none.
    fn unmute(&self, symbol: &str) -> io::Result<bool>;
    /// Watched pairs, by symbol.
    fn watchlist(&self) -> io::Result<Vec<String>>;
    /// Adds (`true`) or removes a watched pair; false when nothing changed.
    fn watch(&self, symbol: &str, watched: bool) -> io::Result<bool>;
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Read,
    /// Read, and change mutes, watchlist and the like.
    Operate,
}

impl Scope {
    /// Name in JSON and flags.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Operate => "operate",
        }
    }
}

/// A token as it is kept: only its hash, never itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// ms UTC, machine clock.
    pub created_at: UtcMs,
    /// ms UTC, machine clock; `None` when never used.
    pub last_used_at: Option<UtcMs>,
}

pub trait TokenStore: Send + Sync {
    /// The token with this text, if there is one; only its hash is kept.
    fn find(&self, secret: &str, now: UtcMs) -> io::Result<Option<TokenInfo>>;
}

/// What an operator may do, for the API, the page and chat commands.
pub trait Operator: Send + Sync {
    /// Alerts with their deliveries; see `Outbox::alerts`.
    fn alerts(&self, symbol: Option<&str>, before: UtcMs, limit: usize) -> io::Result<Vec<AlertRecord>>;
    /// Mutes in force.
    fn mutes(&self) -> io::Result<Vec<Mute>>;
    /// Mutes a pair (`*`: all) for so long of market time; `None` for good. Gives the mute.
    fn mute(&self, symbol: &str, for_ms: Option<i64>, by: &str) -> io::Result<Mute>;
    /// Ends a mute; false when there was none.
    fn unmute(&self, symbol: &str) -> io::Result<bool>;
    /// Watched pairs.
    fn watchlist(&self) -> io::Result<Vec<String>>;
    /// Adds or removes a watched pair; false when nothing changed.
    fn watch(&self, symbol: &str, watched: bool) -> io::Result<bool>;
    /// Names of the channels.
    fn channels(&self) -> Vec<String>;
    /// Sends a test message over a channel; its key, or `None` for an unknown channel.
    fn test(&self, channel: &str) -> io::Result<Option<String>>;
}
