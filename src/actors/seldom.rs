//! Says the same thing once and then seldom: what goes wrong every second must not fill the log.

use crate::actors::common::Common;
use crate::domain::moment::MonoTime;
use crate::exchange::left_out::LeftOut;
use std::collections::HashMap;

/// The same is said again after this, ms of machine time: often enough for whoever reads the log of the last hours.
const AGAIN_MS: i64 = 3_600_000;
/// Things remembered; several for each pair of the exchange. Beyond it nothing new is said until old ones are due.
const MAX_THINGS: usize = 4_096;

/// When what was said last.
#[derive(Debug, Default)]
pub(crate) struct Seldom {
    said: HashMap<String, MonoTime>,
}

impl Seldom {
    /// Shall it be said at `now`? Then it counts as said.
    pub(crate) fn is_due(&mut self, about: &str, now: MonoTime) -> bool {
        if self.said.get(about).is_some_and(|at| now - *at < AGAIN_MS) {
            return false;
        }
        if self.said.len() >= MAX_THINGS {
            self.said.retain(|_, at| now - *at < AGAIN_MS);
        }
        let room = self.said.len() < MAX_THINGS;
        if room {
            self.said.insert(about.to_owned(), now);
        }
        room
    }

    /// Counts under `cause` what was left out of a list of `what`, and names it.
    pub(crate) fn left_out(&mut self, common: &Common, cause: &'static str, what: &str, left_out: &LeftOut) {
        common.drops.add_many(cause, u64::from(left_out.count));
        for (entry, error) in &left_out.named {
            if self.is_due(&format!("{what} {entry}"), common.clocks.mono_time()) {
                tracing::warn!(
                    what,
                    entry,
                    error,
                    count = left_out.count,
                    "an entry that makes no sense is left out"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_then_seldom_and_within_bounds() {
        let (mut seldom, at) = (Seldom::default(), MonoTime::from_ms);
        assert!(seldom.is_due("AUSDT", at(0)));
        assert!(!seldom.is_due("AUSDT", at(AGAIN_MS - 1)));
        assert!(seldom.is_due("BUSDT", at(1)));
        assert!(seldom.is_due("AUSDT", at(AGAIN_MS)));
        for i in 0..MAX_THINGS * 2 {
            seldom.is_due(&i.to_string(), at(AGAIN_MS + 2));
        }
        assert_eq!(seldom.said.len(), MAX_THINGS);
        assert!(!seldom.is_due("new", at(AGAIN_MS + 3)));
        assert!(seldom.is_due("new", at(3 * AGAIN_MS)));
        assert_eq!(seldom.said.len(), 1);
    }
}
