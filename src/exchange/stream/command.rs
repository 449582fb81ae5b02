//! Control messages and their pace.

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
    sent_ms: VecDeque<i64>,
}

impl Pacer {
    /// May a message go at `now_ms`? `Err` is the wait in ms.
    ///
    /// # Errors
    /// The wait until there is room.
    pub(crate) fn check(&mut self, now_ms: i64) -> Result<(), i64> {
        while self.sent_ms.front().is_some_and(|at| now_ms - at > 1_000) {
            self.sent_ms.pop_front();
        }
        match self.sent_ms.len().checked_sub(MESSAGES_A_SECOND) {
            None => Ok(()),
            Some(over) => Err(self.sent_ms.get(over).map_or(1, |at| at + 1_001 - now_ms)),
        }
    }

    pub(crate) fn note(&mut self, now_ms: i64) {
        // Pings come as the server likes; only the newest few matter.
        if self.sent_ms.len() >= 4 * MESSAGES_A_SECOND {
            self.sent_ms.pop_front();
        }
        self.sent_ms.push_back(now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
                match pacer.check(now) {
                    Ok(()) => { pacer.note(now); sent.push(now); }
                    Err(wait) => {
                        prop_assert!(wait > 0 && wait <= 1_001);
                        prop_assert!(pacer.clone().check(now + wait).is_ok());
                    }
                }
                prop_assert!(sent.iter().filter(|at| now - **at <= 1_000).count() <= MESSAGES_A_SECOND);
            }
        }
    }
}
