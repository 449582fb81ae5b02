//! What all routes, connections and the feed share.

use crate::domain::moment::MarketTime;
use crate::simulator::config::Timings;
use crate::simulator::faults::{FaultKind, Faults};
use crate::simulator::limits::Ledger;
use crate::simulator::market::Market;
use crate::simulator::stream::registry::Registry;
use parking_lot::{Mutex, MutexGuard};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Instant;

/// Shared state of one simulator.
#[derive(Debug)]
pub struct State {
    pub market: Market,
    /// Market seconds for each machine second.
    pub speed: f64,
    /// Machine time of the start.
    pub origin: Instant,
    /// Weight limit a minute as announced.
    pub(crate) weight_limit: u32,
    pub timings: Timings,
    /// Connections and their subscriptions.
    /// Never held over an await or with one of the other two: requests, connections and the feed run on three
    /// threads.
    pub(crate) registry: Mutex<Registry>,
    /// Relaxed: only shown.
    pub requests: AtomicU64,
    /// Set when the server is going down.
    pub(crate) stopping: AtomicBool,
    ledger: Mutex<Ledger>,
    faults: Mutex<Faults>,
}

impl State {
    /// State of a simulator that starts now.
    pub fn new(market: Market, speed: f64, weight_limit: u32, timings: Timings) -> Self {
        Self {
            market,
            speed,
            origin: Instant::now(),
            weight_limit,
            timings,
            registry: Mutex::new(Registry::default()),
            requests: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            ledger: Mutex::new(Ledger::new(weight_limit)),
            faults: Mutex::new(Faults::default()),
        }
    }

    /// Machine time since the start, ms.
    pub(crate) fn machine_ms(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub fn market_now(&self) -> MarketTime {
        #[expect(clippy::cast_possible_truncation, reason = "centuries fit")]
        let passed = (self.origin.elapsed().as_secs_f64() * 1_000.0 * self.speed) as i64;
        self.market.start + passed
    }

    /// The clock that the exchange shows: market time, wrong while the fault `clock_offset` runs.
    pub fn shown(&self, moment: MarketTime) -> MarketTime {
        let faults = self.faults();
        moment + faults.hit(FaultKind::ClockOffset, &[], self.machine_ms()).map_or(0, |f| f.spec.offset_ms)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock()
    }

    /// Counters of the addresses.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock()
    }

    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock()
    }
}
