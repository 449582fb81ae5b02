//! Jittered exponential back-off; the random numbers are passed in.

use crate::domain::moment::MonoTime;
use std::collections::VecDeque;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackoffPolicy {
    /// First wait, ms.
    pub base_ms: i64,
    /// Longest wait, ms.
    pub(crate) cap_ms: i64,
    /// After so long without a failure the waits begin anew, ms.
    pub(crate) stable_ms: i64,
}

impl Default for BackoffPolicy {
    fn default() -> Self {
        Self { base_ms: 500, cap_ms: 30_000, stable_ms: 60_000 }
    }
}

impl BackoffPolicy {
    /// Wait before attempt number `attempt` (from 0), ms: between the half and the whole of
    /// `min(cap, base * 2^attempt)`.
    pub(crate) fn delay_ms(&self, attempt: u32, random: u64) -> i64 {
        let whole = self.base_ms.max(1).saturating_mul(1_i64 << attempt.min(40)).min(self.cap_ms.max(1));
        let half = whole / 2;
        let spread = u64::try_from(whole - half).unwrap_or(0) + 1;
        half + i64::try_from(random % spread).unwrap_or(0)
    }
}

/// Waits of one thing that fails and recovers.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    policy: BackoffPolicy,
    failures: u32,
    up_since: Option<MonoTime>,
}

impl Backoff {
    pub(crate) const fn new(policy: BackoffPolicy) -> Self {
        Self { policy, failures: 0, up_since: None }
    }

    /// It works as of `now`; the waits begin anew only once it has worked for the stable period, so
    /// that something that breaks right after each start does not hammer.
    pub(crate) fn succeeded(&mut self, now: MonoTime) {
        self.up_since.get_or_insert(now);
    }

    /// It failed at `now`: how long to wait, ms.
    pub(crate) fn failed(&mut self, now: MonoTime, random: u64) -> i64 {
        if self.up_since.take().is_some_and(|since| now - since >= self.policy.stable_ms) {
            self.failures = 0;
        }
        let delay = self.policy.delay_ms(self.failures, random);
        self.failures = self.failures.saturating_add(1);
        delay
    }

    /// Failures in a row, by the stable period.
    #[cfg(test)]
    pub(crate) const fn failures(&self) -> u32 {
        self.failures
    }
}

/// Connection attempts within five minutes: the exchange allows 300 for each address, and other programs
/// behind the same address need some too.
pub(crate) const ATTEMPTS_IN_5_MIN: usize = 200;

/// Counts connection attempts of the whole process.
#[derive(Debug, Clone, Default)]
pub(crate) struct AttemptLimit {
    made: VecDeque<MonoTime>,
}

impl AttemptLimit {
    /// The span in which the exchange counts connection attempts (300 in 5 minutes for an address).
    const WINDOW_MS: i64 = 300_000;

    /// Books an attempt at `now` (monotonic clock).
    ///
    /// # Errors
    /// The wait in ms until there is room; nothing is booked then.
    pub(crate) fn admit(&mut self, now: MonoTime) -> Result<(), i64> {
        while self.made.front().is_some_and(|at| now - *at >= Self::WINDOW_MS) {
            self.made.pop_front();
        }
        match self.made.front() {
            Some(oldest) if self.made.len() >= ATTEMPTS_IN_5_MIN => Err(*oldest + Self::WINDOW_MS - now),
            _ => {
                self.made.push_back(now);
                Ok(())
            }
        }
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
    fn waits_begin_anew_only_after_a_stable_period() {
        let mut backoff = Backoff::new(BackoffPolicy { base_ms: 100, cap_ms: 1_000, stable_ms: 5_000 });
        let tops: Vec<i64> = (0..5).map(|_| backoff.failed(at(0), 50)).collect();
        assert_eq!(tops, [100, 150, 250, 450, 550]);
        backoff.succeeded(at(1_000));
        assert!(backoff.failed(at(5_999), 0) >= 500);
        backoff.succeeded(at(10_000));
        backoff.succeeded(at(14_000));
        assert_eq!(backoff.failed(at(15_000), 0), 50);
        assert_eq!(backoff.failures(), 1);
    }

    #[test]
    fn attempts_are_limited_over_five_minutes() {
        let mut limit = AttemptLimit::default();
        for attempt in 0..200 {
            assert_eq!(limit.admit(at(attempt * 10)), Ok(()));
        }
        assert_eq!(limit.admit(at(2_000)), Err(298_000));
        assert_eq!(limit.admit(at(300_000)), Ok(()));
        assert_eq!(limit.admit(at(300_000)), Err(10));
    }

    proptest! {
        #[test]
        fn within_half_and_whole(base in 1i64..5_000, cap in 1i64..100_000, attempt in 0u32..1_000, random: u64) {
            let policy = BackoffPolicy { base_ms: base, cap_ms: cap, stable_ms: 1 };
            let whole = (f64::from(u32::try_from(base).unwrap()) * 2f64.powi(attempt.min(60) as i32)).min(cap as f64);
            let delay = policy.delay_ms(attempt, random);
            prop_assert!(delay >= whole as i64 / 2 && delay <= whole as i64, "{delay} of {whole}");
        }
    }
}
