//! The clocks of the process: market time beside the machine's two.

use crate::actors::market_clock::{Confirmed, Fall, MarketClock};
use crate::actors::ports::Clock;
use crate::actors::view::FeedState;
use crate::domain::moment::{MachineTime, MarketTime, MonoTime};
use std::sync::Arc;

/// Market time beside the machine's two clocks.
pub struct Clocks {
    market: MarketClock,
    machine: Arc<dyn Clock>,
}

impl Clocks {
    /// `market_speed`: how fast the exchange's clock runs; 1 but for a replay.
    pub fn new(machine: Arc<dyn Clock>, market_speed: f64) -> Arc<Self> {
        Arc::new(Self { market: MarketClock::new(market_speed), machine })
    }

    /// Market time now; 0 before anything was heard.
    pub fn now(&self) -> MarketTime {
        self.market.now(self.mono_time())
    }

    /// The earlier of market time and the machine's clock: what is removed for its age is gone for good, and either of the two
    /// may be wrong by years. 0 before anything was heard.
    pub(crate) fn earlier(&self) -> MarketTime {
        self.now().min(self.machine_time().as_market())
    }

    /// The later of the two: what lies ahead of it was made of a time that never was.
    pub(crate) fn later(&self) -> MarketTime {
        self.now().max(self.machine_time().as_market())
    }

    pub fn mono_time(&self) -> MonoTime {
        self.machine.mono_time()
    }

    pub(crate) fn sleepless_time(&self) -> MonoTime {
        self.machine.sleepless_time()
    }

    pub fn machine_time(&self) -> MachineTime {
        self.machine.machine_time()
    }

    pub fn observe(&self, event_time: MarketTime) -> bool {
        self.market.observe(event_time, self.mono_time())
    }

    /// See [`MarketClock::confirm`]. What is out of the way is logged.
    pub(crate) fn confirm(&self, server_time: MarketTime) {
        match self.market.confirm(server_time, self.mono_time(), self.machine_time()) {
            Confirmed::Agrees => {}
            Confirmed::Doubted(ahead_ms) => tracing::warn!(
                ahead_ms,
                "the exchange's time leapt ahead; not believed before it says the same for a minute"
            ),
            Confirmed::Leapt(ahead_ms) => {
                tracing::warn!(ahead_ms, "the exchange's time leapt ahead and is followed");
            }
            Confirmed::Fell(by_ms) => {
                tracing::error!(
                    by_ms,
                    "the exchange's time was wrong and came down: all pairs are read anew"
                );
            }
        }
    }

    /// Market time runs as fast as a clock: it is no replay.
    pub(crate) fn is_real_time(&self) -> bool {
        self.market.is_real_time()
    }

    pub(crate) fn heard(&self) -> MarketTime {
        self.market.heard()
    }

    pub(crate) fn fall(&self) -> Option<Fall> {
        self.market.fall()
    }

    pub(crate) fn feed_state(&self) -> FeedState {
        self.market.feed_state(self.mono_time())
    }

    pub(crate) fn ask_time(&self) -> bool {
        self.market.ask_time(self.mono_time())
    }
}

/// Tells its owner of each fall of market time once.
#[derive(Debug)]
pub(crate) struct FallWatch(u64);

impl FallWatch {
    /// What was before is not told: an actor that is started anew must not mend twice.
    pub(crate) fn new(clocks: &Clocks) -> Self {
        Self(clocks.fall().map_or(0, |fall| fall.number))
    }

    pub(crate) fn take(&mut self, clocks: &Clocks) -> Option<Fall> {
        let fall = clocks.fall().filter(|fall| fall.number != self.0)?;
        self.0 = fall.number;
        Some(fall)
    }
}
