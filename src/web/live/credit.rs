//! What a live client may be sent: one unconfirmed turn of messages, a least gap between two.

use std::time::{Duration, Instant};

/// At most four turns a second: more than a person can read, and a bound on what a client can cost.
pub(crate) const MIN_GAP: Duration = Duration::from_millis(250);
/// Ping when nothing was sent for this long: half of what proxies and the client's timeout wait at least.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// The credit of one client.
#[derive(Debug)]
pub(crate) struct Credit {
    /// Number of the newest ping.
    ping: u64,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Nothing was sent. For the least gap the client may still say what it wants, so that it is not sent a whole
    /// ranking that it throws away.
    Greeting {
        since: Instant,
    },
    /// The client has said what it wants before anything was sent.
    Ready,
    /// A turn is out and its ping not confirmed.
    Unconfirmed {
        sent: Instant,
    },
    Confirmed {
        sent: Instant,
    },
}

impl Credit {
    /// The credit of a client that connected at `now`.
    pub(crate) const fn new(now: Instant) -> Self {
        Self { ping: 0, state: State::Greeting { since: now } }
    }

    /// May something be sent now.
    pub(crate) fn is_free(&self, now: Instant) -> bool {
        match self.state {
            State::Ready => true,
            State::Greeting { since: at } | State::Confirmed { sent: at } => passed(at, now) >= MIN_GAP,
            State::Unconfirmed { .. } => false,
        }
    }

    /// The client said what it wants: there is no need to wait for it.
    pub(crate) const fn asked(&mut self) {
        if matches!(self.state, State::Greeting { .. }) {
            self.state = State::Ready;
        }
    }

    /// Something is sent now: the number of the ping that follows it.
    pub(crate) const fn sent(&mut self, now: Instant) -> u64 {
        self.ping += 1;
        self.state = State::Unconfirmed { sent: now };
        self.ping
    }

    /// The number of a keep-alive ping when one is due.
    pub(crate) fn keep_alive(&mut self, now: Instant) -> Option<u64> {
        let idle = match self.state {
            State::Greeting { since: at } | State::Confirmed { sent: at } => passed(at, now) >= KEEPALIVE,
            State::Ready | State::Unconfirmed { .. } => false,
        };
        idle.then(|| self.sent(now))
    }

    /// A pong arrived; true when it confirms the newest ping.
    pub(crate) const fn confirm(&mut self, number: u64) -> bool {
        let State::Unconfirmed { sent } = self.state else { return false };
        let right = number == self.ping;
        if right {
            self.state = State::Confirmed { sent };
        }
        right
    }

    /// True when a ping has stood unconfirmed for `timeout`.
    pub(crate) fn is_stuck(&self, now: Instant, timeout: Duration) -> bool {
        matches!(self.state, State::Unconfirmed { sent } if passed(sent, now) >= timeout)
    }
}

fn passed(since: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_turn_in_flight_and_none_too_early() {
        let t0 = Instant::now();
        let mut credit = Credit::new(t0);
        assert!(!credit.is_free(t0), "the client may still say what it wants");
        assert!(credit.is_free(t0 + MIN_GAP));
        let sent = t0 + MIN_GAP;
        assert_eq!(credit.sent(sent), 1);
        assert!(!credit.is_free(sent + KEEPALIVE), "1 is unconfirmed");
        assert!(!credit.confirm(7));
        assert!(credit.confirm(1) && !credit.confirm(1));
        assert!(!credit.is_free(sent + Duration::from_millis(249)), "too early");
        assert!(credit.is_free(sent + MIN_GAP));
    }

    #[test]
    fn a_client_that_says_what_it_wants_waits_for_nothing() {
        let t0 = Instant::now();
        let mut credit = Credit::new(t0);
        credit.asked();
        assert!(credit.is_free(t0));
        credit.sent(t0);
        credit.asked();
        assert!(!credit.is_free(t0 + KEEPALIVE), "asking again gives no credit");
    }

    #[test]
    fn silence_is_seen_and_an_idle_client_is_pinged() {
        let t0 = Instant::now();
        let mut credit = Credit::new(t0);
        assert_eq!(credit.keep_alive(t0 + MIN_GAP), None);
        let (first, limit) = (t0 + KEEPALIVE, Duration::from_secs(10));
        assert_eq!(credit.keep_alive(first), Some(1));
        assert!(!credit.is_stuck(first + Duration::from_millis(9_999), limit));
        assert!(credit.is_stuck(first + limit, limit));
        assert!(credit.confirm(1));
        assert!(!credit.is_stuck(first + limit, limit));
        assert_eq!(credit.keep_alive(first + Duration::from_secs(4)), None);
        assert_eq!(credit.keep_alive(first + KEEPALIVE), Some(2));
    }

    proptest! {
        #[test]
        fn never_two_in_flight_nor_five_a_second(steps in prop::collection::vec((0u64..400, any::<bool>(), any::<bool>()), 1..200)) {
            let t0 = Instant::now();
            let (mut credit, mut at, mut sent, mut open) = (Credit::new(t0), 0, vec![], None);
            for (wait, wants, pongs) in steps {
                at += wait;
                let now = t0 + Duration::from_millis(at);
                if let (true, Some(number)) = (pongs, open) {
                    prop_assert!(credit.confirm(number));
                    open = None;
                }
                if wants {
                    credit.asked();
                }
                if wants && credit.is_free(now) {
                    prop_assert!(open.is_none());
                    open = Some(credit.sent(now));
                    sent.push(at);
                }
            }
            prop_assert!(sent.windows(5).all(|w| w[4] - w[0] >= 1000));
        }
    }
}
