//! Control messages and their pace.

use crate::domain::moment::MonoTime;
use serde::Serialize;
use std::collections::VecDeque;

/// Messages a second: the exchange cuts above 5 and bans who repeats it; pongs and closes count, so one is left for them.
pub(crate) const MESSAGES_A_SECOND: usize = 4;
/// Stream names in one message: about 4 kB, which every front takes, and 1,000 streams still need only 5 messages.
pub(crate) const NAMES_A_MESSAGE: usize = 200;

/// A control method of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Method {
    #[serde(rename = "SUBSCRIBE")]
    Subscribe,
    #[serde(rename = "UNSUBSCRIBE")]
    Unsubscribe,
    /// Which streams are there.
    #[serde(rename = "LIST_SUBSCRIPTIONS")]
    ListSubscriptions,
}

/// The message as the exchange reads it.
pub fn message(method: Method, params: &[String], id: u64) -> String {
    #[derive(Serialize)]
    struct Wire<'a> {
        method: Method,
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        params: &'a [String],
        id: u64,
    }
    // Strings and numbers always serialise.
    serde_json::to_string(&Wire { method, params, id }).unwrap_or_default()
}

/// Counts what was sent within the last second, pongs included.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pacer {
    sent: VecDeque<MonoTime>,
}

impl Pacer {
    /// May a message go at `now`? `Err` is the wait in ms.
    ///
    /// # Errors
    /// The wait until there is room.
    pub(crate) fn check(&mut self, now: MonoTime) -> Result<(), i64> {
        while self.sent.front().is_some_and(|at| now - *at > 1_000) {
            self.sent.pop_front();
        }
        match self.sent.len().checked_sub(MESSAGES_A_SECOND) {
            None => Ok(()),
            Some(over) => Err(self.sent.get(over).map_or(1, |at| *at + 1_001 - now)),
        }
    }

    pub(crate) fn note(&mut self, now: MonoTime) {
        // Pings come as the server likes; only the newest few matter.
        if self.sent.len() >= 4 * MESSAGES_A_SECOND {
            self.sent.pop_front();
        }
        self.sent.push_back(now);
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
    fn messages_on_the_wire() {
        let params = vec!["btcusdt@kline_1m".to_owned()];
        assert_eq!(
            message(Method::Subscribe, &params, 3),
            r#"{"method":"SUBSCRIBE","params":["btcusdt@kline_1m"],"id":3}"#
        );
        assert_eq!(message(Method::ListSubscriptions, &[], 4), r#"{"method":"LIST_SUBSCRIPTIONS","id":4}"#);
    }

    proptest! {
        #[test]
        fn never_more_than_four_in_any_second(pauses in prop::collection::vec(0i64..600, 1..200)) {
            let (mut pacer, mut now, mut sent) = (Pacer::default(), 0, Vec::new());
            for pause in pauses {
                now += pause;
                match pacer.check(at(now)) {
                    Ok(()) => { pacer.note(at(now)); sent.push(now); }
                    Err(wait) => {
                        prop_assert!(wait > 0 && wait <= 1_001);
                        prop_assert!(pacer.clone().check(at(now + wait)).is_ok());
                    }
                }
                prop_assert!(sent.iter().filter(|at| now - **at <= 1_000).count() <= MESSAGES_A_SECOND);
            }
        }
    }
}
