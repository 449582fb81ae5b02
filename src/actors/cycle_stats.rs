//! The cycle_stats: counts cycles by minute of machine time and puts them down once a minute.

use crate::actors::common::Common;
use crate::actors::messages::Stop;
use crate::actors::ports::state::{OperationalState, levels_since};
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::view::Published;
use crate::domain::moment::MarketTime;
use crate::domain::service_levels::{ClockLeap, CycleMinute, LeapWatch};
use crate::domain::time::DAY_MS;
use crate::i18n::Reason;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, StreamHandler};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Between two writes, machine time. A crash loses at most the cycles since the last one.
const WRITE: Duration = Duration::from_secs(60);
/// Between two looks whether the state can be written, machine time: a disk that filled up is to be told before the first alert
/// needs it, and within the two cycles in which every fault is. Each look is a write that waits for the disk: of the 22,000 of a day
/// 17,000 were looks every five seconds.
const CHECK: Duration = Duration::from_secs(15);
/// Minutes are kept so long, ms: the longest span that is shown, and some more.
const KEPT_MS: i64 = 60 * DAY_MS;
/// Minutes that wait for a disk that takes nothing. A day of them.
const WAITING: usize = 1_440;

/// Where the leaps of the machine's clock are kept.
const LEAPS_KEY: &str = "clock_leaps";
/// Leaps that are kept: a clock that leaps daily shows all of its leaps.
const LEAPS: usize = 60;

/// The leaps of the machine's clock, oldest first. What is kept but cannot be understood counts as none: the measures are worth
/// more than a correction to them.
pub(crate) fn leaps(state: &dyn OperationalState) -> io::Result<Vec<ClockLeap>> {
    Ok(state.get(LEAPS_KEY)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

pub(crate) struct CycleStats {
    state: Arc<dyn OperationalState>,
    common: Common,
    waiting: Vec<CycleMinute>,
    clock: LeapWatch,
}

impl CycleStats {
    /// A cycle_stats that has counted nothing.
    pub(crate) fn new(state: Arc<dyn OperationalState>, common: Common) -> Self {
        let clock = LeapWatch::new(common.clocks.machine_time(), common.clocks.sleepless_time());
        Self { state, common, waiting: Vec::new(), clock }
    }

    fn watch_clock(&mut self) {
        let (wall, steady) = (self.common.clocks.machine_time(), self.common.clocks.sleepless_time());
        let Some(leap) = self.clock.look(wall, steady) else { return };
        tracing::warn!(
            by_ms = leap.to - leap.from,
            "the clock of this machine was put forward: that time does not count as missed"
        );
        let kept = leaps(&*self.state).and_then(|mut all| {
            all.retain(|leap| wall - leap.to < KEPT_MS);
            all.drain(..all.len().saturating_sub(LEAPS - 1));
            all.push(leap);
            self.state.put(LEAPS_KEY, &serde_json::to_string(&all)?)
        });
        if let Err(error) = kept {
            self.common.drops.add("state_write");
            tracing::warn!(%error, "that the clock was put forward could not be written down");
        }
    }

    fn check(&self) {
        let checked = self.state.check(self.common.clocks.machine_time());
        let problem = checked.err().map(|error| SystemProblem::State { error: Reason::io(&error) });
        self.common.tell(ProblemSource::State, problem);
        let aside = self.state.put_aside().pop().map(|file| SystemProblem::StateDamaged { file });
        self.common.tell(ProblemSource::StateDamage, aside);
        // With each look: the sending machine of two may have brought it.
        if let Ok(since) = levels_since(&*self.state) {
            self.common.view.set_levels_since((since > MarketTime::MIN).then_some(since));
        }
    }

    fn write(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let oldest = self.common.clocks.machine_time() - KEPT_MS;
        match self.state.add_cycles(&self.waiting, oldest) {
            Ok(()) => self.waiting.clear(),
            Err(error) => {
                self.common.drops.add("cycle_stats_write");
                tracing::warn!(%error, "cycle statistics of the last minutes could not be written; it is tried again");
                let over = self.waiting.len().saturating_sub(WAITING);
                self.waiting.drain(..over);
            }
        }
    }
}

impl Actor for CycleStats {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if let Err(error) = self.state.first_start(self.common.clocks.machine_time()) {
            tracing::warn!(%error, "the time of the first start cannot be written");
        }
        ctx.add_stream(self.common.view.snapshots());
        ctx.run_interval(self.common.pace.every(CHECK), |cycle_stats, _| {
            cycle_stats.watch_clock();
            cycle_stats.check();
        });
        ctx.run_interval(WRITE, |cycle_stats, _| cycle_stats.write());
    }
}

impl StreamHandler<Arc<Published>> for CycleStats {
    fn handle(&mut self, published: Arc<Published>, _: &mut Self::Context) {
        let snapshot = &published.snapshot;
        let fresh = CycleMinute::at(self.common.clocks.machine_time());
        if self.waiting.last().is_none_or(|slot| slot.start != fresh.start) {
            self.waiting.push(fresh);
        }
        if let Some(slot) = self.waiting.last_mut() {
            slot.take(snapshot.coverage.ratio(), snapshot.coverage.universe, snapshot.latency_ms);
        }
    }
}

impl Handler<Stop> for CycleStats {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        self.write();
        ctx.stop();
    }
}
