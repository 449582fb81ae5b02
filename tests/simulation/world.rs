//! Everything outside the scanner: true time, the market, what goes wrong, what was seen. It outlives the scanner's deaths.

use super::market::Market;
use super::plan::{self, Kind, Window};
use impulso::actors::ports::{Clock, Random};
use impulso::domain::candle::Candle;
use impulso::domain::moment::{MachineTime, MarketTime, MonoTime};
use impulso::domain::time::{Interval, MINUTE_MS};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Market time when a run begins: a full hour.
pub(crate) const BEGUN: MarketTime = MarketTime::from_ms(1_750_226_400_000);

/// A message that a channel got.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) at: i64,
    pub(crate) life: u32,
    pub(crate) channel: &'static str,
    pub(crate) key: String,
    pub(crate) maybe_repeated: bool,
    /// The receiver's answer did not reach the scanner.
    pub(crate) answer_lost: bool,
}

pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) market: Market,
    pub(crate) windows: Vec<Window>,
    /// Those in which the machine sleeps: each look at a clock counts them.
    sleeps: Vec<Window>,
    /// All of the run, ms.
    pub(crate) length_ms: i64,
    /// True time at which the present life began, and the runtime's clock then.
    epoch: Mutex<(i64, tokio::time::Instant)>,
    pub(crate) life: Mutex<u32>,
    random: Mutex<Pcg64>,
    seen: Mutex<Seen>,
    present: Mutex<Present>,
}

/// The faults that are there, and until when nothing changes about that.
#[derive(Default)]
struct Present {
    until: i64,
    windows: Vec<Window>,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) log: String,
    pub(crate) received: Vec<Received>,
    /// Minutes of pairs whose entry in an answer of REST was spoiled.
    pub(crate) spoiled: BTreeSet<(String, MarketTime)>,
    /// Faults that took effect, and what was looked at, by name.
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) wrong: Vec<String>,
}

impl World {
    pub(crate) fn new(seed: u64, days: f64, pairs: usize) -> Arc<Self> {
        let length_ms = ((days * plan::DAY_MS as f64) as i64).max(0) + plan::QUIET_END_MS;
        let windows = plan::draw(seed, length_ms);
        Arc::new(Self {
            seed,
            market: Market::new(seed, pairs, (BEGUN, length_ms), &windows),
            sleeps: windows.iter().filter(|w| w.kind == Kind::Sleep).copied().collect(),
            windows,
            length_ms,
            epoch: Mutex::new((0, tokio::time::Instant::now())),
            life: Mutex::new(0),
            random: Mutex::new(Pcg64::seed_from_u64(seed)),
            seen: Mutex::default(),
            present: Mutex::default(),
        })
    }

    /// A life begins inside its own runtime, at a true time.
    pub(crate) fn begin_life(&self, at: i64) {
        *lock(&self.epoch) = (at, tokio::time::Instant::now());
        *lock(&self.life) += 1;
    }

    /// ms since the run began.
    pub(crate) fn true_ms(&self) -> i64 {
        let (at, origin) = *lock(&self.epoch);
        at + i64::try_from(origin.elapsed().as_millis()).expect("it fits")
    }

    /// The exchange's time.
    pub(crate) fn now(&self) -> MarketTime {
        BEGUN + self.true_ms()
    }

    /// The fault of a kind that is there now.
    pub(crate) fn fault(&self, kind: Kind) -> Option<Window> {
        let at = self.true_ms();
        let mut present = lock(&self.present);
        if at >= present.until {
            // Time goes on only: what begins or ends next is when it has to be looked at again.
            present.windows = self.windows.iter().filter(|w| w.holds(at)).copied().collect();
            let turns = self.windows.iter().flat_map(|w| [w.from, w.to.max(w.from + 1)]);
            present.until = turns.filter(|turn| *turn > at).min().unwrap_or(i64::MAX);
        }
        present.windows.iter().find(|w| w.kind == kind).copied()
    }

    /// For how long the machine has slept so far.
    fn slept_ms(&self) -> i64 {
        let at = self.true_ms();
        let sleeps = self.sleeps.iter().filter(|w| w.from < at);
        sleeps.map(|w| w.to.min(at) - w.from).sum()
    }

    /// Does the machine sleep at some moment of a span.
    pub(crate) fn sleeps_within(&self, from: i64, to: i64) -> bool {
        self.sleeps.iter().any(|w| w.from <= to && from <= w.to)
    }

    /// Faults without length that began after `since`, up to now.
    pub(crate) fn struck(&self, kind: Kind, since: i64) -> Option<Window> {
        let begun = self.windows.partition_point(|w| w.from <= self.true_ms());
        self.windows[..begun].iter().rev().take_while(|w| w.from > since).find(|w| w.kind == kind).copied()
    }

    /// What the exchange calls its time, in what it says by streams or by REST.
    pub(crate) fn exchange_now(&self, by_stream: bool) -> MarketTime {
        let all = self.fault(Kind::ExchangeAhead).map_or(0, |w| 3_600_000 * (1 + (w.pick % 3) as i64));
        let events = self.fault(Kind::EventsAhead).filter(|_| by_stream).map_or(0, |w| {
            self.count("EventsAhead");
            60_000 + (w.pick % 220_000) as i64
        });
        if all > 0 {
            self.count("ExchangeAhead");
        }
        self.now() + all + events
    }

    /// The exchange's candle as of what it calls `now`. What has not happened yet it makes of what happens: its stamps are wrong, not
    /// its trades.
    pub(crate) fn said(
        &self,
        name: &str,
        interval: Interval,
        open_time: MarketTime,
        now: MarketTime,
    ) -> Option<Candle> {
        let truly = self.now();
        let trades = self.market.listed(truly).any(|(listed, trades)| listed == name && trades);
        if now > truly && !trades && open_time + interval.ms() > truly {
            return None;
        }
        let shift = if now > truly && open_time + interval.ms() > truly {
            (now - truly + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS
        } else {
            0
        };
        let candle = self.market.candle(name, interval, open_time - shift, now - shift)?;
        Some(Candle { open_time, ..candle })
    }

    pub(crate) fn random(&self) -> u64 {
        lock(&self.random).next_u64()
    }

    pub(crate) fn between(&self, from: i64, to: i64) -> i64 {
        lock(&self.random).random_range(from..to)
    }

    /// One of `of` times.
    pub(crate) fn one_of(&self, of: u32) -> bool {
        lock(&self.random).random_range(0..of) == 0
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    /// Was an entry of the pair's minutes in a span spoiled in an answer.
    pub(crate) fn spoiled(&self, name: &str, from: MarketTime, to: MarketTime) -> bool {
        let span = (name.to_owned(), from)..(name.to_owned(), to);
        self.seen().spoiled.range(span).next().is_some()
    }

    pub(crate) fn count(&self, what: &str) {
        self.count_many(what, 1);
    }

    pub(crate) fn count_many(&self, what: &str, many: u64) {
        let counts = &mut self.seen().counts;
        // Most are there already, and this comes by the million.
        match counts.get_mut(what) {
            Some(count) => *count += many,
            None => drop(counts.insert(what.to_owned(), many)),
        }
    }

    /// A line of the run's log.
    pub(crate) fn say(&self, line: &str) {
        let at = self.true_ms();
        let _ = writeln!(self.seen().log, "{at:>10} {line}");
    }

    /// Something is not as it must be.
    pub(crate) fn wrong(&self, what: String) {
        self.say(&format!("WRONG {what}"));
        self.seen().wrong.push(what);
    }

    pub(crate) fn jitter(self: &Arc<Self>) -> Random {
        let world = Arc::clone(self);
        Arc::new(move || world.random())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The machine's clocks, as far as the scanner knows them.
pub(crate) struct SimulatedClock(pub(crate) Arc<World>);

impl Clock for SimulatedClock {
    fn machine_time(&self) -> MachineTime {
        let off = |kind| self.0.fault(kind).map_or(0, |w| 35_000 + (w.pick % 3_600_000) as i64);
        let drift = self.0.fault(Kind::MachineDrifts).map_or(0, |w| {
            // Up to a hundredth, in either direction.
            (self.0.true_ms() - w.from) * ((w.pick % 2_001) as i64 - 1_000) / 100_000
        });
        let off = off(Kind::MachineAhead) - off(Kind::MachineBehind) + drift;
        MachineTime::from_ms(self.0.now().ms() + off)
    }

    fn mono_time(&self) -> MonoTime {
        MonoTime::from_ms(self.0.true_ms() - self.0.slept_ms())
    }

    fn sleepless_time(&self) -> MonoTime {
        MonoTime::from_ms(self.0.true_ms())
    }
}
