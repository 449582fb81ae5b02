//! What a live client may be sent: one unconfirmed message, the newest snapshot in a slot of one, a least gap.

use std::time::{Duration, Instant};

/// At most four messages a second.
pub(crate) const MIN_GAP: Duration = Duration::from_millis(250);
/// Ping when nothing was sent for this long.
pub(crate) const KEEPALIVE: Duration = Duration::from_secs(5);

/// The credit of one client. `T` is what waits (a snapshot).
#[derive(Debug)]
pub(crate) struct Credit<T> {
    waiting: Option<T>,
    unconfirmed: Option<(u64, Instant)>,
    last_sent: Option<Instant>,
    pings: u64,
}

impl<T> Default for Credit<T> {
    fn default() -> Self {
        Self { waiting: None, unconfirmed: None, last_sent: None, pings: 0 }
    }
}

impl<T> Credit<T> {
    /// Puts the newest in the slot; true when it replaced one that was never sent.
    pub(crate) fn offer(&mut self, newest: T) -> bool {
        self.waiting.replace(newest).is_some()
    }

    /// May something be sent now.
    pub(crate) fn is_free(&self, now: Instant) -> bool {
        self.unconfirmed.is_none() && self.rested(now, MIN_GAP)
    }

    /// What may be sent now, with the number of the ping that follows it.
    pub(crate) fn due(&mut self, now: Instant) -> Option<(T, u64)> {
        if !self.is_free(now) {
            return None;
        }
        let next = self.waiting.take()?;
        Some((next, self.ping(now)))
    }

    /// The number of a keep-alive ping when one is due.
    pub(crate) fn keep_alive(&mut self, now: Instant) -> Option<u64> {
        (self.unconfirmed.is_none() && self.rested(now, KEEPALIVE)).then(|| self.ping(now))
    }

    /// A pong arrived; true when it confirms the newest ping.
    pub(crate) fn confirm(&mut self, number: u64) -> bool {
        let right = self.unconfirmed.is_some_and(|(sent, _)| sent == number);
        if right {
            self.unconfirmed = None;
        }
        right
    }

    /// True when a ping has stood unconfirmed for `timeout`.
    pub(crate) fn stuck(&self, now: Instant, timeout: Duration) -> bool {
        self.unconfirmed.is_some_and(|(_, at)| now.saturating_duration_since(at) >= timeout)
    }

    fn rested(&self, now: Instant, gap: Duration) -> bool {
        self.last_sent.is_none_or(|at| now.saturating_duration_since(at) >= gap)
    }

    const fn ping(&mut self, now: Instant) -> u64 {
        self.pings += 1;
        self.last_sent = Some(now);
        self.unconfirmed = Some((self.pings, now));
        self.pings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_in_flight_and_the_newest_waits() {
        let (mut credit, t0) = (Credit::default(), Instant::now());
        assert!(!credit.offer(1));
        assert_eq!(credit.due(t0), Some((1, 1)));
        assert!(!credit.offer(2));
        assert!(credit.offer(3), "2 was replaced unsent");
        assert_eq!(credit.due(t0 + KEEPALIVE), None, "1 is unconfirmed");
        assert!(!credit.confirm(7));
        assert!(credit.confirm(1));
        assert_eq!(credit.due(t0 + Duration::from_millis(249)), None, "too early");
        assert_eq!(credit.due(t0 + MIN_GAP), Some((3, 2)));
    }

    #[test]
    fn silence_is_seen_and_an_idle_client_is_pinged() {
        let (mut credit, t0) = (Credit::<u8>::default(), Instant::now());
        assert_eq!(credit.keep_alive(t0), Some(1));
        let limit = Duration::from_secs(10);
        assert!(!credit.stuck(t0 + Duration::from_millis(9_999), limit));
        assert!(credit.stuck(t0 + limit, limit));
        assert!(credit.confirm(1));
        assert!(!credit.stuck(t0 + limit, limit));
        assert_eq!(credit.keep_alive(t0 + Duration::from_secs(4)), None);
        assert_eq!(credit.keep_alive(t0 + KEEPALIVE), Some(2));
    }

    proptest! {
        #[test]
        fn never_two_in_flight_nor_five_a_second(steps in prop::collection::vec((0u64..400, any::<bool>(), any::<bool>()), 1..200)) {
            let (mut credit, t0, mut at, mut sent, mut open) = (Credit::default(), Instant::now(), 0, vec![], None);
            for (i, (wait, offers, pongs)) in steps.into_iter().enumerate() {
                at += wait;
                if offers {
                    credit.offer(i);
                }
                if let (true, Some(number)) = (pongs, open) {
                    prop_assert!(credit.confirm(number));
                    open = None;
                }
                if let Some((what, number)) = credit.due(t0 + Duration::from_millis(at)) {
                    prop_assert!(open.is_none());
                    prop_assert!(sent.last().is_none_or(|(_, last): &(u64, usize)| *last < what), "an older one after a newer one");
                    open = Some(number);
                    sent.push((at, what));
                }
            }
            prop_assert!(sent.windows(5).all(|w| w[4].0 - w[0].0 >= 1000));
        }
    }
}
