//! Why there is no market data: what happened, with the values that a text in any language needs.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What everybody may do without a network.
const DEMO: &str = "(without a network, `impulso demo` runs everything against a simulated exchange)";

/// A problem of the whole system. Its `Display` is English; the pages have it in both languages.
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

impl fmt::Display for SystemProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exchange { url, error } => {
                write!(
                    f,
                    "the exchange at {url} cannot be used: {error}; it is tried again with back-off {DEMO}"
                )
            }
            Self::Stream { connection, url, error } => write!(
                f,
                "stream connection {connection} to {url} does not work: {error}; it is tried again with back-off {DEMO}"
            ),
            Self::Redis { url, error } => {
                write!(f, "Redis at {url} cannot be reached: {error}; it is tried again")
            }
            Self::NoScanner { url } => {
                write!(
                    f,
                    "no scanner has published to Redis at {url} yet: start one with `impulso scan --redis URL`"
                )
            }
            Self::QuietScanner { seconds } => write!(f, "the scanner has published nothing for {seconds} s"),
        }
    }
}
