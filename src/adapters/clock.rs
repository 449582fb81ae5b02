//! The machine's clocks: the only place that reads them.

use crate::actors::ports::Clock;
use crate::domain::moment::{MachineTime, MonoTime};
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
    fn machine_time(&self) -> MachineTime {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
        let now = SystemTime::now();
        // A clock before 1970 counts as 1970: times only need to be ordered.
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        MachineTime::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn mono_time(&self) -> MonoTime {
        MonoTime::from_ms(i64::try_from(self.origin.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    #[cfg(target_os = "linux")]
    fn sleepless_time(&self) -> MonoTime {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        MonoTime::from_ms(time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
    }

    /// The steady clock of the other systems goes on by itself.
    #[cfg(not(target_os = "linux"))]
    fn sleepless_time(&self) -> MonoTime {
        self.mono_time()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_run() {
        let clock = SystemClock::new();
        assert!(clock.machine_time() > MachineTime::from_ms(1_600_000_000_000));
        let before = clock.mono_time();
        assert!(clock.mono_time() >= before);
    }
}
