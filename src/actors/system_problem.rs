//! Why there is no market data: what happened, with the values that a text in any language needs.

use crate::i18n::{Language, Texts};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A problem of the whole system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SystemProblem {
    /// REST of the exchange does not work, and nothing was published so far.
    Exchange { url: String, error: String },
    /// A stream connection does not work while no event arrives.
    Stream {
        /// Name of the connection.
        connection: String,
        /// Address of the streams.
        url: String,
        error: String,
    },
    /// A read-only node cannot reach Redis.
    Redis {
        /// Its address, without secrets.
        url: String,
        error: String,
    },
    /// A read-only node has seen no scanner.
    NoScanner {
        /// Address of Redis, without secrets.
        url: String,
    },
    /// The scanner of a read-only node is silent.
    QuietScanner { seconds: i64 },
}

impl SystemProblem {
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::Exchange { url, error } => t.system_exchange(url, error),
            Self::Stream { connection, url, error } => t.system_stream(connection, url, error),
            Self::Redis { url, error } => t.system_redis(url, error),
            Self::NoScanner { url } => t.system_no_scanner(url),
            Self::QuietScanner { seconds } => t.system_quiet_scanner(*seconds),
        }
    }
}

/// For the log.
impl fmt::Display for SystemProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words(Language::En.texts()))
    }
}
