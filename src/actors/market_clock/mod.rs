//! Market time for the whole process: what the exchange itself says the time is, by its events and by /api/v3/time.
//!
//! Both may be wrong, and both may fall silent:
//! - Without news for 5 s market time goes on with the machine's steady clock from the newest word of the exchange, and
//!   /api/v3/time is asked every few seconds, so that it cannot run away.
//! - A word that is ahead of that by more than the tolerance is not believed at once: a connection that stamps its events
//!   hours ahead would end candles that go on. /api/v3/time has to say the same, and either the machine's wall clock (the
//!   machine slept) or a minute without any other word.
//! - Events that are ahead by a little, each of the one before, are followed no farther than the last word of /api/v3/time
//!   allows: a connection whose stamps run too fast would drag market time along in steps that each look right.
//! - When /api/v3/time and the events are both behind, an earlier leap was false, and market time comes down.

use crate::actors::view::FeedState;
use crate::domain::moment::{MachineTime, MarketTime, MonoTime};
use parking_lot::Mutex;

/// Machine time without a trusted event after which the feed is frozen, ms: the exchange sends something every second.
pub(crate) const FROZEN_AFTER_MS: i64 = 5_000;
/// How far the exchange's word may be from what the steady clock makes of its last one, ms: events come late by seconds
/// when a connection is slow, and the next one may come at once.
pub(crate) const TOLERANCE_MS: i64 = 5_000;
/// For how long nothing but the new time must be heard before a leap is believed that the wall clock does not know of,
/// ms: the exchange's servers have been seen an hour ahead for some seconds.
pub(crate) const LEAP_BELIEVED_AFTER_MS: i64 = 60_000;
/// How far events may take market time beyond what /api/v3/time last said, ms: two events that are late in different ways.
const CREEP_MS: i64 = 2 * TOLERANCE_MS;
/// Part by which the steady clock may be wrong meanwhile: ten times what a bad oscillator loses, so that hours without REST
/// freeze nothing.
const CREEP_SHARE: i64 = 1_000;
/// Between two questions for the exchange's time while it is needed, ms: an answer is good for as long as a feed may be silent, and
/// each takes weight from the warm-up.
pub(crate) const ASK_TIME_EVERY_MS: i64 = 5_000;

/// Market time came down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fall {
    /// The how-manieth since the start, from 1.
    pub(crate) number: u64,
    /// The latest that was given out before.
    pub(crate) from: MarketTime,
    pub(crate) to: MarketTime,
    /// Since when market time had been wrong: the start, or the leap that was believed.
    pub(crate) since: MonoTime,
}

/// A word of the exchange.
#[derive(Debug, Clone, Copy)]
struct Heard {
    time: MarketTime,
    at: MonoTime,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// How fast the exchange's clock runs.
    speed: f64,
    /// The newest time that the exchange named.
    heard: Option<Heard>,
    /// The newest answer of /api/v3/time that was followed.
    confirmed: Option<Heard>,
    /// When a trusted stream event came (a REST time alone does not make the feed live).
    event_at: Option<MonoTime>,
    /// When an event last agreed with market time.
    agreed_at: MonoTime,
    /// Since when all words have been ahead.
    leap_since: Option<MonoTime>,
    /// When /api/v3/time was last asked.
    asked_at: Option<MonoTime>,
    /// Latest time given out: what `now` said must not fall when an older event arrives after a freeze.
    given: MarketTime,
    /// When market time was last set by a leap, or for the first time.
    leapt_at: MonoTime,
    fall: Option<Fall>,
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
    /// One lock over all: an event moves several values at once, and who asks meanwhile must not see half of that.
    state: Mutex<State>,
}

impl MarketClock {
    /// `speed`: how fast the exchange's clock runs; 1 but for a replay.
    pub(crate) fn new(speed: f64) -> Self {
        Self {
            state: Mutex::new(State {
                speed,
                heard: None,
                confirmed: None,
                event_at: None,
                agreed_at: MonoTime::default(),
                leap_since: None,
                asked_at: None,
                given: MarketTime::EPOCH,
                leapt_at: MonoTime::default(),
                fall: None,
            }),
        }
    }

    /// A poisoned lock is used on: each change is whole before anything that could panic.
    fn with<T>(&self, what: impl FnOnce(&mut State) -> T) -> T {
        what(&mut self.state.lock())
    }

    /// A stream event of `event_time` arrived at `mono`. False if it is not trusted.
    pub(crate) fn observe(&self, event_time: MarketTime, mono: MonoTime) -> bool {
        self.with(|state| {
            let ahead_ms = state.expected(mono).map_or(0, |expected| event_time - expected);
            if ahead_ms > state.tolerance_ms() || state.creeps(event_time, mono) {
                state.leap_since.get_or_insert(mono);
                return false;
            }
            state.leap_since = None;
            if ahead_ms >= -state.tolerance_ms() {
                state.agreed_at = mono;
            }
            if state.heard.is_none() {
                state.leapt_at = mono;
            }
            if state.heard.is_none_or(|heard| event_time >= heard.time) {
                state.heard = Some(Heard { time: event_time, at: mono });
            }
            state.event_at = Some(mono);
            true
        })
    }

    /// The exchange's own time by REST, heard at `mono`, when the machine's wall clock said `wall`.
    pub(crate) fn confirm(&self, server_time: MarketTime, mono: MonoTime, wall: MachineTime) -> Confirmed {
        self.with(|state| {
            let ahead_ms = state.expected(mono).map_or(0, |expected| server_time - expected);
            let tolerance_ms = state.tolerance_ms();
            if ahead_ms > tolerance_ms {
                let since = *state.leap_since.get_or_insert(mono);
                let slept = (server_time - wall.as_market()).abs() <= tolerance_ms;
                if !slept && mono - since < LEAP_BELIEVED_AFTER_MS {
                    return Confirmed::Doubted(ahead_ms);
                }
                state.rebase(server_time, mono);
                state.leapt_at = mono;
                return Confirmed::Leapt(ahead_ms);
            }
            if ahead_ms >= -tolerance_ms {
                if state.heard.is_none() {
                    state.leapt_at = mono;
                }
                state.confirmed = Some(Heard { time: server_time, at: mono });
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
            let number = state.fall.map_or(1, |fall| fall.number + 1);
            let from = state.given.max(state.now(mono));
            state.fall = Some(Fall { number, from, to: server_time, since: state.leapt_at });
            state.rebase(server_time, mono);
            state.given = server_time;
            Confirmed::Fell(-ahead_ms)
        })
    }

    /// Market time at `mono`; 0 before anything was heard. Falls only where `fall` counts it.
    pub(crate) fn now(&self, mono: MonoTime) -> MarketTime {
        self.with(|state| {
            state.given = state.now(mono).max(state.given);
            state.given
        })
    }

    /// The newest time that the exchange itself named; 0 before. A candle that ended before it is over, whatever the
    /// machine's clock makes of the time since.
    pub(crate) fn heard(&self) -> MarketTime {
        self.with(|state| state.heard.map_or(MarketTime::EPOCH, |heard| heard.time))
    }

    /// The newest fall of market time since the start: what is ahead of it is void.
    pub(crate) fn fall(&self) -> Option<Fall> {
        self.with(|state| state.fall)
    }

    /// It runs as fast as a clock.
    pub(crate) fn is_real_time(&self) -> bool {
        self.with(|state| (state.speed - 1.0).abs() < f64::EPSILON)
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
    fn expected(&self, mono: MonoTime) -> Option<MarketTime> {
        self.heard.map(|heard| heard.time + self.market_ms(mono - heard.at))
    }

    /// While events come, market time is theirs alone: a cut is made when the exchange is past it.
    fn now(&self, mono: MonoTime) -> MarketTime {
        let Some(heard) = self.heard else { return MarketTime::EPOCH };
        let fresh = |at: MonoTime| mono - at < FROZEN_AFTER_MS;
        if self.event_at.is_some_and(fresh) && fresh(heard.at) {
            return heard.time;
        }
        heard.time + self.market_ms(mono - heard.at)
    }

    /// Is an event farther ahead of the last answer of /api/v3/time than the clocks explain.
    fn creeps(&self, event_time: MarketTime, mono: MonoTime) -> bool {
        self.confirmed.is_some_and(|confirmed| {
            let since_ms = self.market_ms(mono - confirmed.at);
            let most_ms = self.market_ms(CREEP_MS).max(CREEP_MS) + since_ms / CREEP_SHARE;
            event_time - (confirmed.time + since_ms) > most_ms
        })
    }

    fn rebase(&mut self, time: MarketTime, mono: MonoTime) {
        self.heard = Some(Heard { time, at: mono });
        self.confirmed = self.heard;
        self.leap_since = None;
    }
}

#[cfg(test)]
mod tests;
