//! Everything outside the scanner: true time, the market, what goes wrong, what was seen. It outlives the scanner's deaths.

use super::market::Market;
use super::plan::{self, Kind, Window};
use impulso::actors::ports::{Clock, Random};
use impulso::domain::moment::{MachineTime, MarketTime, MonoTime};
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
    /// All of the run, ms.
    pub(crate) length_ms: i64,
    /// True time at which the present life began, and the runtime's clock then.
    epoch: Mutex<(i64, tokio::time::Instant)>,
    pub(crate) life: Mutex<u32>,
    random: Mutex<Pcg64>,
    seen: Mutex<Seen>,
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
            market: Market::new(seed, pairs, BEGUN, &windows),
            windows,
            length_ms,
            epoch: Mutex::new((0, tokio::time::Instant::now())),
            life: Mutex::new(0),
            random: Mutex::new(Pcg64::seed_from_u64(seed)),
            seen: Mutex::default(),
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
    pub(crate) fn fault(&self, kind: Kind) -> Option<&Window> {
        let at = self.true_ms();
        // Sorted by their beginning: none behind the first that is still to come.
        let begun = self.windows.partition_point(|w| w.from <= at);
        self.windows[..begun].iter().rev().find(|w| w.kind == kind && w.holds(at))
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

    pub(crate) fn count(&self, what: &str) {
        self.count_many(what, 1);
    }

    pub(crate) fn count_many(&self, what: &str, many: u64) {
        *self.seen().counts.entry(what.to_owned()).or_default() += many;
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
        MachineTime::from_ms(self.0.now().ms())
    }

    fn mono_time(&self) -> MonoTime {
        MonoTime::from_ms(self.0.true_ms())
    }

    fn sleepless_time(&self) -> MonoTime {
        self.mono_time()
    }
}
