//! Whether rankings come and are full, which connections are down, whether the machine's clock is right: what only who looks
//! from time to time can see.

use crate::actors::problems::SystemProblem;
use crate::actors::view::{ConnectionStatus, FULL};
use crate::domain::moment::MonoTime;
use crate::domain::ranking::Coverage;

/// Cycles that must be missing: one that is lost and one that is late are no outage.
const CYCLES: i64 = 3;
/// With short cycles: what one may be late, and a connection may take to be replaced, ms.
const PATIENCE_MS: i64 = 5_000;
/// Before the first full ranking coverage grows from zero; it is a problem only once it has not grown for so long, ms: more
/// than the back-off of failed warm-ups.
const WARMUP_MS: i64 = 60_000;

/// The newest ranking, as it is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newest<'a> {
    /// Number of the cycle; 0 before the first.
    pub(super) seq: u64,
    pub(super) coverage: Option<&'a Coverage>,
    /// There was a full one since the start.
    pub(super) full_seen: bool,
}

#[derive(Debug)]
pub(super) struct RankingWatch {
    seq: u64,
    seen_at: MonoTime,
    most: u32,
    grown_at: MonoTime,
}

impl RankingWatch {
    /// Nothing is due at `now`.
    pub(super) const fn new(now: MonoTime) -> Self {
        Self { seq: 0, seen_at: now, most: 0, grown_at: now }
    }

    /// What is wrong with the rankings at `now`: that none comes, that they are not full. `cycle_ms`: interval of the cycles,
    /// machine time.
    pub(super) fn look(
        &mut self,
        newest: Newest<'_>,
        cycle_ms: i64,
        now: MonoTime,
    ) -> [Option<SystemProblem>; 2] {
        if newest.seq != self.seq {
            (self.seq, self.seen_at) = (newest.seq, now);
        }
        // Before the first one the warm-up has its time.
        let patience = (CYCLES * cycle_ms).max(if self.seq == 0 { WARMUP_MS } else { PATIENCE_MS });
        let missing = (now - self.seen_at > patience).then_some(SystemProblem::NoRanking);
        let Some(coverage) = newest.coverage else { return [missing, None] };
        if coverage.analyzable > self.most {
            (self.most, self.grown_at) = (coverage.analyzable, now);
        }
        let warming = !newest.full_seen && now - self.grown_at < WARMUP_MS;
        let low = (coverage.ratio() < FULL && !warming).then_some(SystemProblem::LowCoverage {
            analyzable: coverage.analyzable,
            universe: coverage.universe,
        });
        [missing, low]
    }
}

/// Since when each connection is down.
#[derive(Debug, Default)]
pub(super) struct StreamWatch(Vec<Option<MonoTime>>);

impl StreamWatch {
    /// What is wrong with a connection at `now`. `at_once`: no stream says anything, so that there is nothing to wait for.
    pub(super) fn look(
        &mut self,
        index: usize,
        connection: &ConnectionStatus,
        url: &str,
        at_once: bool,
        now: MonoTime,
    ) -> Option<SystemProblem> {
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        let error = connection.last_error.as_ref();
        let Some(error) = error.filter(|_| !matches!(&*connection.state, "live" | "replacing")) else {
            self.0[index] = None;
            return None;
        };
        let since = *self.0[index].get_or_insert(now);
        (at_once || now - since >= PATIENCE_MS).then(|| SystemProblem::Stream {
            connection: connection.name.clone(),
            url: url.to_owned(),
            error: error.clone(),
        })
    }
}

/// How far the machine's wall clock may be from market time, s: more than slow connections explain, and half a minute too long
/// or short harms no expiry.
const CLOCK_APART_S: i64 = 30;
/// It is right again under this, s: one that drifts stays for hours at the very limit.
const CLOCK_TOGETHER_S: i64 = CLOCK_APART_S / 2;
/// Beyond this it is another time that is played, s. With a clock that is days wrong no certificate of the exchange would be valid.
const OTHER_TIME_S: i64 = 2 * 86_400;

/// Whether the machine's wall clock is told to be wrong.
#[derive(Debug, Default)]
pub(super) struct ClockWatch(bool);

impl ClockWatch {
    /// What is wrong with the machine's clock that is `ahead_ms` ahead of live market time.
    pub(super) const fn look(&mut self, ahead_ms: i64) -> Option<SystemProblem> {
        let ahead_s = ahead_ms / 1_000;
        let least_s = if self.0 { CLOCK_TOGETHER_S } else { CLOCK_APART_S };
        self.0 = least_s < ahead_s.abs() && ahead_s.abs() < OTHER_TIME_S;
        if self.0 { Some(SystemProblem::MachineClock { ahead_s }) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Reason, Text};

    #[test]
    fn a_clock_that_drifts_is_told_once_and_another_time_is_not() {
        let mut watch = ClockWatch::default();
        let mut told = |s: i64| watch.look(s * 1_000).is_some();
        assert!(!told(30) && told(31) && told(29) && told(16), "it drifts at the limit");
        assert!(!told(15) && !told(29) && told(-31) && !told(0));
        assert!(told(3_600) && !told(200_000), "a market of another day");
    }

    const AT: fn(i64) -> MonoTime = MonoTime::from_ms;

    fn coverage(analyzable: u32) -> Coverage {
        Coverage { analyzable, universe: 100, ..Coverage::default() }
    }

    #[test]
    fn rankings_that_do_not_come_are_missed_after_three_cycles() {
        let mut watch = RankingWatch::new(AT(0));
        let full = coverage(100);
        let mut missing = |seq, ms| {
            let coverage = (seq > 0).then_some(&full);
            watch.look(Newest { seq, coverage, full_seen: seq > 0 }, 30_000, AT(ms))[0].is_some()
        };
        assert!(!missing(0, 90_000) && missing(0, 90_001), "from the start on");
        assert!(!missing(1, 95_000) && !missing(1, 185_000));
        assert!(missing(1, 185_001) && !missing(2, 190_000));
        let mut fast = RankingWatch::new(AT(0));
        let mut missing =
            |seq, ms| fast.look(Newest { seq, coverage: None, full_seen: true }, 1_000, AT(ms))[0].is_some();
        assert!(!missing(0, 60_000), "pairs warm up");
        assert!(!missing(1, 60_500) && !missing(1, 65_500) && missing(1, 65_501));
    }

    #[test]
    fn coverage_under_the_promise_is_told_but_not_while_pairs_warm_up() {
        let mut watch = RankingWatch::new(AT(0));
        let mut low = |analyzable, full_seen, ms| {
            let coverage = coverage(analyzable);
            let newest = Newest { seq: 1, coverage: Some(&coverage), full_seen };
            watch.look(newest, 1_000, AT(ms))[1].is_some()
        };
        assert!(!low(10, false, 1_000) && !low(40, false, 60_000), "it grows");
        assert!(!low(40, false, 119_999) && low(40, false, 120_000));
        assert!(!low(95, true, 130_000) && low(94, true, 131_000));
    }

    #[test]
    fn a_connection_that_is_replaced_is_no_problem_one_that_stays_down_is() {
        let mut watch = StreamWatch::default();
        let down = ConnectionStatus {
            state: "waiting".to_owned(),
            last_error: Some(Reason::of("closed", &Text::verbatim("refused"))),
            ..ConnectionStatus::default()
        };
        let up = ConnectionStatus { state: "live".to_owned(), ..down.clone() };
        let mut told = |connection, ms| watch.look(1, connection, "wss://x", false, AT(ms)).is_some();
        assert!(!told(&down, 0) && !told(&down, 4_999) && !told(&up, 5_000));
        assert!(!told(&down, 6_000) && told(&down, 11_000) && !told(&up, 12_000));
        assert!(watch.look(0, &down, "wss://x", true, AT(0)).is_some());
    }
}
