//! Which kinds of request fail, and since when: one that failed once is no problem, one that goes on failing is.

use crate::domain::moment::MonoTime;
use crate::i18n::Reason;
use std::collections::BTreeMap;

/// What is asked of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    /// The list of pairs, and what is read with it.
    Universe,
    Candles,
}

/// A kind of request counts as failing after so long without success, ms: a lost request and its first tries again are over
/// by then.
const AFTER_MS: i64 = 10_000;

#[derive(Debug)]
struct Failure {
    since: MonoTime,
    count: u32,
    error: Reason,
}

/// The failures without success since.
#[derive(Debug, Default)]
pub(crate) struct Failing(BTreeMap<Asked, Failure>);

impl Failing {
    pub(crate) fn succeeded(&mut self, asked: Asked) {
        self.0.remove(&asked);
    }

    pub(crate) fn failed(&mut self, asked: Asked, error: Reason, now: MonoTime) {
        let before = self.0.remove(&asked);
        let (since, count) = before.map_or((now, 0), |failure| (failure.since, failure.count));
        self.0.insert(asked, Failure { since, count: count + 1, error });
    }

    /// What fails at `now`: more than once and for a while; `at_once` where there is nothing to go on with meanwhile.
    pub(crate) fn error(&self, at_once: bool, now: MonoTime) -> Option<&Reason> {
        let lasts = |f: &&Failure| at_once || f.count > 1 && now - f.since >= AFTER_MS;
        self.0.values().find(lasts).map(|f| &f.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Text;

    #[test]
    fn what_goes_on_failing_is_told_until_it_works() {
        let (mut failing, at) = (Failing::default(), MonoTime::from_ms);
        let reason = |ms: i64| Reason::of("server", &Text::verbatim(format!("at {ms}")));
        let fails = |failing: &mut Failing, ms| failing.failed(Asked::Candles, reason(ms), at(ms));
        fails(&mut failing, 0);
        assert_eq!(failing.error(true, at(0)), Some(&reason(0)));
        assert_eq!(failing.error(false, at(60_000)), None, "once is no problem");
        fails(&mut failing, 4_000);
        assert_eq!(failing.error(false, at(9_999)), None);
        assert_eq!(failing.error(false, at(10_000)), Some(&reason(4_000)));
        failing.succeeded(Asked::Universe);
        assert!(failing.error(false, at(10_000)).is_some(), "another kind says nothing about this one");
        failing.succeeded(Asked::Candles);
        assert_eq!(failing.error(true, at(10_000)), None);
    }
}
