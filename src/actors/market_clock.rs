//! Market time for the whole process: what the exchange itself says the time is, by its events and by /api/v3/time.
//!
//! Both may be wrong, and both may fall silent:
//! - Without news for 5 s market time goes on with the machine's steady clock from the newest word of the exchange, and
//!   /api/v3/time is asked every few seconds, so that it cannot run away.
//! - A word that is ahead of that by more than the tolerance is not believed at once: a connection that stamps its events
//!   hours ahead would end candles that go on. /api/v3/time has to say the same, and either the machine's wall clock (the
//!   machine slept) or a minute without any other word.
//! - When /api/v3/time and the events are both behind, an earlier leap was false, and market time comes down.

use crate::actors::view::FeedState;
use crate::domain::moment::{MachineTime, MonoTime};
use crate::domain::time::UtcMs;
use std::sync::{Mutex, PoisonError};

/// Machine time without a trusted event after which the feed is frozen, ms: the exchange sends something every second.
pub(crate) const FROZEN_AFTER_MS: i64 = 5_000;
/// How far the exchange's word may be from what the steady clock makes of its last one, ms: events come late by seconds
/// when a connection is slow, and the next one may come at once.
pub(crate) const TOLERANCE_MS: i64 = 5_000;
/// For how long nothing but the new time must be heard before a leap is believed that the wall clock does not know of,
/// ms: the exchange's servers have been seen an hour ahead for some seconds.
pub(crate) const LEAP_BELIEVED_AFTER_MS: i64 = 60_000;
/// Between two questions for the exchange's time while it is needed, ms.
pub(crate) const ASK_TIME_EVERY_MS: i64 = 5_000;

/// A word of the exchange.
#[derive(Debug, Clone, Copy)]
struct Heard {
    time: UtcMs,
    at: MonoTime,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// How fast the exchange's clock runs.
    speed: f64,
    /// The newest time that the exchange named.
    heard: Option<Heard>,
    /// When a trusted stream event came (a REST time alone does not make the feed live).
    event_at: Option<MonoTime>,
    /// When an event last agreed with market time.
    agreed_at: MonoTime,
    /// Since when all words have been ahead.
    leap_since: Option<MonoTime>,
    /// When /api/v3/time was last asked.
    asked_at: Option<MonoTime>,
    /// Latest time given out: what `now` said must not fall when an older event arrives after a freeze.
    given: UtcMs,
    /// How often market time came down.
    falls: u64,
}

/// What a word of /api/v3/time did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirmed {
    Agrees,
    /// It is ahead by so many ms and not believed so far.
    Doubted(i64),
    /// It was ahead by so many ms and is believed.
    Leapt(i64),
    /// Market time came down by so many ms.
    Fell(i64),
}

/// Shared by feeds (which tell), ranker and pairs (which ask).
#[derive(Debug)]
pub(crate) struct MarketClock {
    state: Mutex<State>,
}

impl MarketClock {
    /// `speed`: how fast the exchange's clock runs; 1 but for a replay.
    pub(crate) fn new(speed: f64) -> Self {
        Self {
            state: Mutex::new(State {
                speed,
                heard: None,
                event_at: None,
                agreed_at: MonoTime::default(),
                leap_since: None,
                asked_at: None,
                given: 0,
                falls: 0,
            }),
        }
    }

    /// A poisoned lock is used on: each change is whole before anything that could panic.
    fn with<T>(&self, what: impl FnOnce(&mut State) -> T) -> T {
        what(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A stream event of `event_time` arrived at `mono`. False if it is not trusted.
    pub(crate) fn observe(&self, event_time: UtcMs, mono: MonoTime) -> bool {
        self.with(|state| {
            let ahead_ms = state.expected(mono).map_or(0, |expected| event_time - expected);
            if ahead_ms > state.tolerance_ms() {
                state.leap_since.get_or_insert(mono);
                return false;
            }
            state.leap_since = None;
            if ahead_ms >= -state.tolerance_ms() {
                state.agreed_at = mono;
            }
            if state.heard.is_none_or(|heard| event_time >= heard.time) {
                state.heard = Some(Heard { time: event_time, at: mono });
            }
            state.event_at = Some(mono);
            true
        })
    }

    /// The exchange's own time by REST, heard at `mono`, when the machine's wall clock said `wall`.
    pub(crate) fn confirm(&self, server_time: UtcMs, mono: MonoTime, wall: MachineTime) -> Confirmed {
        self.with(|state| {
            let ahead_ms = state.expected(mono).map_or(0, |expected| server_time - expected);
            let tolerance_ms = state.tolerance_ms();
            if ahead_ms > tolerance_ms {
                let since = *state.leap_since.get_or_insert(mono);
                let slept = (server_time - wall.ms()).abs() <= tolerance_ms;
                if !slept && mono - since < LEAP_BELIEVED_AFTER_MS {
                    return Confirmed::Doubted(ahead_ms);
                }
                state.rebase(server_time, mono);
                return Confirmed::Leapt(ahead_ms);
            }
            if ahead_ms >= -tolerance_ms {
                // A little behind the newest event is the way of the answer; the older word stands then.
                if state.heard.is_none_or(|heard| server_time >= heard.time) {
                    state.rebase(server_time, mono);
                }
                return Confirmed::Agrees;
            }
            // One server with a slow clock says nothing as long as the events agree with market time.
            if mono - state.agreed_at < FROZEN_AFTER_MS {
                return Confirmed::Agrees;
            }
            state.rebase(server_time, mono);
            state.given = server_time;
            state.falls += 1;
            Confirmed::Fell(-ahead_ms)
        })
    }

    /// Market time at `mono`; 0 before anything was heard. Falls only where `falls` counts it.
    pub(crate) fn now(&self, mono: MonoTime) -> UtcMs {
        self.with(|state| {
            state.given = state.now(mono).max(state.given);
            state.given
        })
    }

    /// The newest time that the exchange itself named; 0 before. A candle that ended before it is over, whatever the
    /// machine's clock makes of the time since.
    pub(crate) fn heard(&self) -> UtcMs {
        self.with(|state| state.heard.map_or(0, |heard| heard.time))
    }

    /// How often market time came down since the start: what is ahead of it then is void.
    pub(crate) fn falls(&self) -> u64 {
        self.with(|state| state.falls)
    }

    /// Live, frozen, or not yet connected.
    pub(crate) fn feed_state(&self, mono: MonoTime) -> FeedState {
        match self.with(|state| state.event_at) {
            None => FeedState::Connecting,
            Some(at) if mono - at >= FROZEN_AFTER_MS => FeedState::Frozen,
            Some(_) => FeedState::Live,
        }
    }

    /// Should /api/v3/time be asked now: a leap was seen, or no event has agreed with market time for a while. Counts as
    /// asked; not again within [`ASK_TIME_EVERY_MS`].
    pub(crate) fn ask_time(&self, mono: MonoTime) -> bool {
        self.with(|state| {
            let unsure = state.leap_since.is_some() || mono - state.agreed_at >= FROZEN_AFTER_MS;
            let recently = state.asked_at.is_some_and(|at| mono - at < ASK_TIME_EVERY_MS);
            if state.heard.is_none() || !unsure || recently {
                return false;
            }
            state.asked_at = Some(mono);
            true
        })
    }
}

impl State {
    #[expect(clippy::cast_possible_truncation, reason = "a machine does not run for 290 million years")]
    fn market_ms(&self, machine_ms: i64) -> i64 {
        (machine_ms as f64 * self.speed) as i64
    }

    /// At the usual speed; a faster market moves farther between two events.
    fn tolerance_ms(&self) -> i64 {
        self.market_ms(TOLERANCE_MS).max(TOLERANCE_MS)
    }

    /// What the steady clock makes of the exchange's newest word.
    fn expected(&self, mono: MonoTime) -> Option<UtcMs> {
        self.heard.map(|heard| heard.time + self.market_ms(mono - heard.at))
    }

    /// While events come, market time is theirs alone: a cut is made when the exchange is past it.
    fn now(&self, mono: MonoTime) -> UtcMs {
        let Some(heard) = self.heard else { return 0 };
        let fresh = |at: MonoTime| mono - at < FROZEN_AFTER_MS;
        if self.event_at.is_some_and(fresh) && fresh(heard.at) {
            return heard.time;
        }
        heard.time + self.market_ms(mono - heard.at)
    }

    fn rebase(&mut self, time: UtcMs, mono: MonoTime) {
        self.heard = Some(Heard { time, at: mono });
        self.leap_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The wall clock of these tests knows nothing of the market's time.
    const WALL: MachineTime = MachineTime::from_ms(77);

    const fn at(ms: i64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    fn clock() -> MarketClock {
        MarketClock::new(1.0)
    }

    #[test]
    fn follows_events_and_never_falls() {
        let clock = clock();
        assert_eq!(clock.now(at(0)), 0);
        assert!(clock.observe(1_000_000, at(0)));
        assert!(clock.observe(999_000, at(10)));
        assert_eq!(clock.now(at(20)), 1_000_000);
    }

    #[test]
    fn goes_on_with_the_machine_when_frozen() {
        let clock = clock();
        clock.observe(1_000_000, at(0));
        assert_eq!(clock.feed_state(at(4_999)), FeedState::Live);
        assert_eq!(clock.now(at(4_999)), 1_000_000);
        assert_eq!(clock.feed_state(at(5_000)), FeedState::Frozen);
        assert_eq!(clock.now(at(6_000)), 1_006_000);
        assert!(clock.observe(1_002_000, at(8_000)));
        assert_eq!(clock.feed_state(at(8_000)), FeedState::Live);
        assert!(clock.now(at(8_001)) >= 1_006_000);
    }

    /// Streams silent for 160 s, the exchange's time asked all along: market time is the exchange's, not twice the silence.
    #[test]
    fn a_silence_is_counted_once() {
        let clock = clock();
        clock.observe(1_000_000, at(0));
        for second in 1..=160 {
            let mono = at(second * 1_000);
            if clock.ask_time(mono) {
                clock.confirm(1_000_000 + second * 1_000 - 40, mono, WALL);
            }
            let ahead = clock.now(mono) - (1_000_000 + second * 1_000);
            assert!((-5_040..=0).contains(&ahead), "second {second}: {ahead} ms ahead of the exchange");
        }
        assert_eq!(clock.feed_state(at(160_000)), FeedState::Frozen);
        assert!(clock.observe(1_160_100, at(160_100)));
        assert_eq!((clock.now(at(160_100)), clock.heard()), (1_160_100, 1_160_100));
    }

    #[test]
    fn the_time_is_asked_only_when_it_is_needed_and_seldom() {
        let clock = clock();
        assert!(!clock.ask_time(at(9_000)), "the start reads it");
        clock.observe(1_000_000, at(10_000));
        assert!(!clock.ask_time(at(14_999)));
        let asked = (15_000..75_000).step_by(100).filter(|ms| clock.ask_time(at(*ms))).count();
        assert_eq!(asked, 12);
    }

    #[test]
    fn events_ahead_are_not_followed_without_the_exchanges_time() {
        let clock = clock();
        clock.observe(1_000_000, at(0));
        for ms in (100..2_000).step_by(100) {
            assert!(!clock.observe(1_280_000 + ms, at(ms)));
        }
        assert!(clock.ask_time(at(1_000)));
        assert_eq!(clock.confirm(1_001_000, at(1_000), WALL), Confirmed::Agrees);
        assert!(clock.observe(1_002_100, at(2_100)), "and the right ones count again at once");
        assert_eq!(clock.now(at(2_100)), 1_002_100);
    }

    /// Streams and /api/v3/time an hour ahead for 8 s.
    #[test]
    fn a_leap_is_believed_after_a_minute_without_another_word() {
        let hour = 3_600_000;
        let clock = clock();
        clock.observe(1_000_000, at(0));
        for second in 1..=8 {
            let mono = at(second * 1_000);
            assert!(!clock.observe(1_000_000 + second * 1_000 + hour, mono));
            let said = clock.confirm(1_000_000 + second * 1_000 + hour, mono, WALL);
            assert!(matches!(said, Confirmed::Doubted(3_600_000)), "{said:?}");
        }
        assert!(clock.observe(1_009_000, at(9_000)));
        assert_eq!(clock.now(at(9_000)), 1_009_000);
        for second in 10..=71 {
            let mono = at(second * 1_000);
            clock.observe(1_000_000 + second * 1_000 + hour, mono);
            clock.confirm(1_000_000 + second * 1_000 + hour, mono, WALL);
        }
        assert_eq!(clock.now(at(71_000)), 1_071_000 + hour, "the exchange stays with it");
    }

    #[test]
    fn after_a_sleep_of_the_machine_the_wall_clock_vouches_for_the_leap() {
        let clock = clock();
        clock.observe(1_000_000, at(0));
        let slept = 9_000_000;
        assert!(!clock.observe(slept, at(10)));
        assert_eq!(
            clock.confirm(slept, at(20), MachineTime::from_ms(slept + 900)),
            Confirmed::Leapt(slept - 1_000_020)
        );
        assert!(clock.observe(slept + 100, at(30)));
        assert_eq!(clock.now(at(30)), slept + 100);
    }

    #[test]
    fn a_false_leap_comes_down_in_seconds() {
        let clock = clock();
        // It was an hour ahead when the scanner started.
        clock.confirm(4_600_000, at(0), WALL);
        clock.observe(4_600_100, at(100));
        let mut fell = None;
        for ms in (200..30_000).step_by(200) {
            clock.observe(1_000_000 + ms, at(ms));
            if clock.ask_time(at(ms)) {
                let said = clock.confirm(1_000_000 + ms, at(ms), WALL);
                fell = matches!(said, Confirmed::Fell(_)).then_some(ms).or(fell);
            }
        }
        assert_eq!((fell.is_some_and(|ms| ms <= 6_000), clock.falls()), (true, 1), "{fell:?}");
        assert_eq!(clock.now(at(30_000)), 1_029_800);
    }

    #[test]
    fn one_server_with_a_slow_clock_changes_nothing() {
        let clock = clock();
        for second in 0..20 {
            clock.observe(1_000_000 + second * 1_000, at(second * 1_000));
            clock.confirm(400_000, at(second * 1_000 + 500), WALL);
        }
        assert_eq!((clock.now(at(19_600)), clock.falls()), (1_019_000, 0));
    }

    #[test]
    fn a_replay_runs_at_its_own_speed() {
        let clock = MarketClock::new(60.0);
        clock.observe(1_000_000, at(0));
        assert!(clock.observe(1_060_000, at(1_000)));
        assert!(clock.observe(1_400_000, at(2_000)), "5 s of the machine are 300 s here");
        assert_eq!(clock.now(at(12_000)), 1_400_000 + 600_000);
    }

    proptest! {
        #[test]
        fn falls_only_where_it_says_so(steps in proptest::collection::vec((0_i64..3_000_000, 0_i64..20_000, any::<bool>()), 1..100)) {
            let clock = clock();
            let (mut mono, mut last, mut falls) = (0, 0, 0);
            for (time, gap, ask_rest) in steps {
                mono += gap;
                if ask_rest {
                    clock.confirm(time, at(mono), WALL);
                } else {
                    clock.observe(time, at(mono));
                }
                let now = clock.now(at(mono));
                prop_assert!(now >= last || clock.falls() > falls, "{now} < {last}");
                (last, falls) = (now, clock.falls());
            }
        }
    }
}
