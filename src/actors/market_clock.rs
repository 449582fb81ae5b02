//! Market time for the whole process: the newest event time seen on any connection.
//!
//! Two guards. When no trusted event has come for 5 s of machine time, market time goes on with the machine's
//! monotonic clock and the feed is `frozen`. An event time more than 300 s ahead of what is known is not
//! trusted, and counted, until /api/v3/time confirms it.

use crate::actors::ports::Clock;
use crate::actors::view::FeedState;
use crate::domain::moment::{MachineTime, MonoTime};
use crate::domain::time::UtcMs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Machine time without a trusted event after which the feed is frozen, ms.
pub(crate) const FROZEN_AFTER_MS: i64 = 5_000;
/// How far ahead an event time may be before it is doubted, ms.
pub(crate) const MAX_AHEAD_MS: i64 = 300_000;

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// Newest trusted time; never falls.
    newest: UtcMs,
    /// Latest time given out: what `now` said must not fall when an older event arrives after a freeze.
    given: UtcMs,
    /// Machine time at which it was heard.
    heard: MonoTime,
    /// A stream event was seen (a REST time alone does not make the feed live).
    streaming: bool,
}

/// Shared by feeds (which tell), ranker and pairs (which ask).
#[derive(Debug, Default)]
pub struct MarketClock {
    state: Mutex<State>,
    doubt: AtomicBool,
}

impl MarketClock {
    /// A stream event of `event_time` arrived at machine time `mono`. False if it is not trusted.
    pub fn observe(&self, event_time: UtcMs, mono: MonoTime) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let known = state.newest > 0;
        if known && event_time > advanced(&state, mono) + MAX_AHEAD_MS {
            self.doubt.store(true, Ordering::Relaxed);
            return false;
        }
        state.newest = state.newest.max(event_time);
        state.heard = mono;
        state.streaming = true;
        true
    }

    /// The exchange's own time by REST: the reference against which event times are trusted.
    pub(crate) fn confirm(&self, server_time: UtcMs, mono: MonoTime) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.doubt.store(false, Ordering::Relaxed);
        if server_time > state.newest {
            state.newest = server_time;
            if !state.streaming {
                state.heard = mono;
            }
        }
    }

    /// Market time at machine time `mono`; 0 before anything was heard. Never falls.
    pub(crate) fn now(&self, mono: MonoTime) -> UtcMs {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = advanced(&state, mono);
        state.given = now;
        now
    }

    /// Live, frozen, or not yet connected.
    pub(crate) fn feed_state(&self, mono: MonoTime) -> FeedState {
        let state = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.streaming {
            FeedState::Connecting
        } else if mono - state.heard >= FROZEN_AFTER_MS {
            FeedState::Frozen
        } else {
            FeedState::Live
        }
    }

    /// An event time was doubted and /api/v3/time should be asked.
    pub(crate) fn in_doubt(&self) -> bool {
        self.doubt.load(Ordering::Relaxed)
    }
}

/// Market time beside the machine's two clocks.
pub struct Clocks {
    market: MarketClock,
    machine: Arc<dyn Clock>,
}

impl Clocks {
    pub fn new(machine: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { market: MarketClock::default(), machine })
    }

    /// Market time now; 0 before anything was heard.
    pub fn now(&self) -> UtcMs {
        self.market.now(self.mono_time())
    }

    pub fn mono_time(&self) -> MonoTime {
        self.machine.mono_time()
    }

    pub fn machine_time(&self) -> MachineTime {
        self.machine.machine_time()
    }

    /// See [`MarketClock::observe`].
    pub fn observe(&self, event_time: UtcMs) -> bool {
        self.market.observe(event_time, self.mono_time())
    }

    pub(crate) fn confirm(&self, server_time: UtcMs) {
        self.market.confirm(server_time, self.mono_time());
    }

    pub(crate) fn feed_state(&self) -> FeedState {
        self.market.feed_state(self.mono_time())
    }

    pub(crate) fn in_doubt(&self) -> bool {
        self.market.in_doubt()
    }
}

fn advanced(state: &State, mono: MonoTime) -> UtcMs {
    let silent_ms = mono - state.heard;
    let frozen = state.newest != 0 && silent_ms >= FROZEN_AFTER_MS;
    let time = if frozen { state.newest + silent_ms } else { state.newest };
    time.max(state.given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(ms: i64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    #[test]
    fn follows_events_and_never_falls() {
        let clock = MarketClock::default();
        assert_eq!(clock.now(at(0)), 0);
        assert!(clock.observe(1_000_000, at(0)));
        assert!(clock.observe(999_000, at(10)));
        assert_eq!(clock.now(at(20)), 1_000_000);
    }

    #[test]
    fn goes_on_with_the_machine_when_frozen() {
        let clock = MarketClock::default();
        clock.observe(1_000_000, at(0));
        assert_eq!(clock.feed_state(at(4_999)), FeedState::Live);
        assert_eq!(clock.now(at(4_999)), 1_000_000);
        assert_eq!(clock.feed_state(at(5_000)), FeedState::Frozen);
        assert_eq!(clock.now(at(6_000)), 1_006_000);
        assert_eq!(clock.now(at(7_500)), 1_007_500);
        assert_eq!(clock.feed_state(at(7_500)), FeedState::Frozen);
        assert!(clock.observe(1_002_000, at(8_000)));
        assert!(clock.now(at(8_001)) >= 1_002_500);
    }

    #[test]
    fn doubts_a_leap_until_rest_confirms_it() {
        let clock = MarketClock::default();
        clock.observe(1_000_000, at(0));
        assert!(!clock.observe(1_300_001, at(10)));
        assert!(clock.in_doubt());
        assert_eq!(clock.now(at(20)), 1_000_000);
        clock.confirm(1_300_050, at(30));
        assert!(!clock.in_doubt());
        assert!(clock.observe(1_300_100, at(40)));
        assert_eq!(clock.now(at(50)), 1_300_100);
    }

    proptest! {
        #[test]
        fn is_monotonic(steps in proptest::collection::vec((0_i64..3_000_000, 0_i64..20_000, any::<bool>()), 1..100)) {
            let clock = MarketClock::default();
            let (mut mono, mut last) = (0, 0);
            for (event, gap, ask_rest) in steps {
                mono += gap;
                if ask_rest { clock.confirm(event, at(mono)); } else { clock.observe(event, at(mono)); }
                let now = clock.now(at(mono));
                prop_assert!(now >= last, "{now} < {last}");
                last = now;
            }
        }
    }
}
