//! What every actor is given: the clocks, the counters of losses, and the newest view of the whole.

use crate::actors::clocks::Clocks;
use crate::actors::drop_counters::{DropCounters, LOST_AT_STOP};
use crate::actors::failover::duty::Duty;
use crate::actors::ports::state::{OperationalState, Unwritten};
use crate::actors::ports::{Clock, Random};
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::view::LiveView;
use crate::domain::level_book::memory::LevelMemory;
use crate::learning::scorer::Scorer;
use parking_lot::{Mutex, MutexGuard};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Clone)]
pub struct Common {
    pub clocks: Arc<Clocks>,
    pub drops: Arc<DropCounters>,
    pub view: Arc<LiveView>,
    pub model: Arc<ModelInForce>,
    pub(crate) random: Random,
    pub(crate) pace: Pace,
    /// Whether this scanner is the one that sends.
    pub duty: Arc<Duty>,
    /// Newest levels of the other scanner, for the next cycle of the one that follows it.
    /// Behind a lock, as the replicator and the ranker are on two threads; held for the exchange of an `Arc`.
    pub(crate) followed_levels: Arc<Mutex<Option<Arc<LevelMemory>>>>,
}

/// How often actors look for what nobody tells them. A simulation of days has it rarer than the program: most looks find nothing, and
/// each costs as much as what they find.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    shortest: Duration,
}

impl Pace {
    pub(crate) const fn no_shorter_than(shortest: Duration) -> Self {
        Self { shortest }
    }

    /// Between two looks of an actor that would look every `wanted`.
    pub(crate) fn every(self, wanted: Duration) -> Duration {
        wanted.max(self.shortest)
    }
}

impl Common {
    /// Nothing heard, counted or shown so far. `market_speed`: see [`Clocks::new`]. `scorer`: the model in force, `None` for
    /// the rule alone.
    pub fn new(machine: Arc<dyn Clock>, random: Random, market_speed: f64, scorer: Option<Scorer>) -> Self {
        let duty = Arc::new(Duty::alone());
        Self {
            clocks: Clocks::new(machine, market_speed),
            drops: Arc::default(),
            view: Arc::default(),
            model: Arc::new(ModelInForce::new(scorer)),
            random,
            pace: Pace::default(),
            duty,
            followed_levels: Arc::default(),
        }
    }

    /// May something be sent now, or done that only one of two scanners may do.
    pub(crate) fn is_active(&self) -> bool {
        self.duty.is_active(self.clocks.mono_time())
    }

    /// Says how a source is now: its problem, or none.
    pub(crate) fn tell(&self, source: ProblemSource, problem: Option<SystemProblem>) {
        self.view.tell(source, problem, self.clocks.machine_time());
    }

    /// At the stop: puts what the state did not take where the next start finds it, or counts it as lost (`false`).
    pub(crate) fn set_aside(&self, state: &dyn OperationalState, unwritten: &Unwritten) -> bool {
        let (alerts, predictions) = (unwritten.outgoing.messages.len(), unwritten.predictions.len());
        if alerts + predictions == 0 {
            return true;
        }
        match state.set_aside(unwritten) {
            Ok(()) => {
                tracing::warn!(
                    alerts,
                    predictions,
                    "the state could not be written at the stop: what waited is set aside for the next start"
                );
                true
            }
            Err(error) => {
                tracing::error!(alerts, predictions, %error, "what waited for the state at the stop is lost");
                self.drops.add_many(LOST_AT_STOP, (alerts + predictions) as u64);
                false
            }
        }
    }
}

/// The model in force; without one, levels and alerts follow the rule.
pub struct ModelInForce {
    /// One lock over model and calibration: a cycle is scored by one pair of them. Ranker, tracker and pages are on several threads.
    scorer: Mutex<Option<Scorer>>,
    /// Pairs ask twice a second each: not through the lock that a cycle holds while it scores.
    present: AtomicBool,
}

impl ModelInForce {
    fn new(scorer: Option<Scorer>) -> Self {
        Self { present: AtomicBool::new(scorer.is_some()), scorer: Mutex::new(scorer) }
    }

    /// For as long as the guard lives, cycles wait; no await in between.
    pub fn lock(&self) -> MutexGuard<'_, Option<Scorer>> {
        self.scorer.lock()
    }

    pub(crate) fn set(&self, scorer: Option<Scorer>) {
        let mut held = self.lock();
        // Under the lock, so that of two changes at once both values are of the same one.
        self.present.store(scorer.is_some(), Ordering::Relaxed);
        *held = scorer;
    }

    pub(crate) fn is_present(&self) -> bool {
        // Relaxed: who needs the scorer itself takes the lock; here a moment sooner or later makes no difference.
        self.present.load(Ordering::Relaxed)
    }
}
