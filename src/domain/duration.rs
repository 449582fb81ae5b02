//! Lengths of time. Settings say them as whole numbers in the unit that the key ends with; inside they are a `Duration`, so
//! that no two units can be mixed up.

use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// Reads `.._ms`.
pub(crate) fn millis<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(Duration::from_millis)
}

/// Reads `.._s`.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(Duration::from_secs)
}

/// Reads `.._min`.
pub(crate) fn minutes<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u32::deserialize(from).map(|n| Duration::from_secs(60 * u64::from(n)))
}

/// Reads `.._hours`.
pub(crate) fn hours<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u32::deserialize(from).map(|n| Duration::from_secs(3_600 * u64::from(n)))
}

/// Reads `.._days`.
pub(crate) fn days<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u32::deserialize(from).map(|n| Duration::from_secs(86_400 * u64::from(n)))
}

/// What moments are added to and compared by.
pub(crate) trait Millis {
    /// Whole milliseconds; more than fits counts as the greatest.
    fn ms(self) -> i64;
}

impl Millis for Duration {
    fn ms(self) -> i64 {
        i64::try_from(self.as_millis()).unwrap_or(i64::MAX)
    }
}
