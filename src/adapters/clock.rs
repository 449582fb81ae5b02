//! The machine's clocks: the only place that reads them.

use crate::actors::ports::Clock;
use crate::domain::time::UtcMs;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Wall clock and monotonic clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// The monotonic clock begins at 0 here.
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn utc_ms(&self) -> UtcMs {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
        let now = SystemTime::now();
        // A clock before 1970 counts as 1970: times only need to be ordered.
        now.duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }

    fn mono_ms(&self) -> i64 {
        i64::try_from(self.origin.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_run() {
        let clock = SystemClock::new();
        assert!(clock.utc_ms() > 1_600_000_000_000);
        let before = clock.mono_ms();
        assert!(before >= 0 && clock.mono_ms() >= before);
    }
}
