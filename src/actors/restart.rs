//! When an actor that died may come back: at once at first, later and later if it keeps dying.

use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::duration::{Millis, seconds};
use crate::domain::moment::MonoTime;
use serde::Deserialize;
use std::time::Duration;

/// First delay; doubles with each restart inside the window.
/// Short: after a single panic a pair is back before the next cycle, 5 s apart, needs it.
const FIRST_DELAY_MS: i64 = 50;
/// Longest delay; also the pause once the budget is spent. A pair that dies at every candle then costs one refill by REST
/// in half a minute.
const MAX_DELAY_MS: i64 = 30_000;

/// How often an actor may be started anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct RestartPolicy {
    /// Restarts within `window` before the long pause.
    #[serde(rename = "restart_budget")]
    pub(crate) budget: u32,
    /// Span in which restarts count, machine time.
    #[serde(rename = "restart_window_s", deserialize_with = "seconds")]
    pub(crate) window: Duration,
}

impl RestartPolicy {
    pub(crate) const ALLOWED: Allowed =
        &[("restart_budget", Range(1.0, 1_000.0)), ("restart_window_s", Range(1.0, 86_400.0))];
}

impl Default for RestartPolicy {
    fn default() -> Self {
        // Five deaths in a minute are no slip: with delays that double they are over in two seconds, and more would
        // only fill the log.
        Self { budget: 5, window: Duration::from_secs(60) }
    }
}

/// The recent deaths of one actor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RestartState {
    recent: Vec<MonoTime>,
    total: u64,
}

impl RestartState {
    /// Notes a death at machine time `now`; gives the delay before the new start, ms.
    /// It never says "give up": a pair that always panics comes back every `MAX_DELAY_MS`.
    pub(crate) fn died(&mut self, now: MonoTime, policy: &RestartPolicy) -> i64 {
        self.recent.retain(|at| now - *at < policy.window.ms());
        let earlier = u32::try_from(self.recent.len()).unwrap_or(u32::MAX);
        // Bounded: once the budget is spent, more entries would not change the answer.
        if earlier <= policy.budget {
            self.recent.push(now);
        }
        self.total += 1;
        if earlier >= policy.budget {
            return MAX_DELAY_MS;
        }
        FIRST_DELAY_MS.saturating_mul(1_i64 << earlier.min(32)).min(MAX_DELAY_MS)
    }

    /// Deaths since the start.
    #[cfg(test)]
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(ms: i64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    #[test]
    fn delays_double_then_pause_then_recover() {
        let policy = RestartPolicy::default();
        let mut state = RestartState::default();
        let delays: Vec<i64> = (0..7).map(|i| state.died(at(i * 10), &policy)).collect();
        assert_eq!(delays, [50, 100, 200, 400, 800, 30_000, 30_000]);
        assert_eq!(state.died(at(200_000), &policy), 50);
        assert_eq!(state.total(), 8);
    }

    proptest! {
        #[test]
        fn delay_stays_in_bounds_and_memory_too(gaps in proptest::collection::vec(0_i64..100_000, 1..200)) {
            let policy = RestartPolicy::default();
            let mut state = RestartState::default();
            let mut now = 0;
            for gap in gaps {
                now += gap;
                let delay = state.died(at(now), &policy);
                prop_assert!((FIRST_DELAY_MS..=MAX_DELAY_MS).contains(&delay));
                prop_assert!(state.recent.len() <= policy.budget as usize + 1);
            }
        }
    }
}
