//! Start order and staged stop of the whole.
//!
//! Start: threads, supervisor; the supervisor starts hub, alert, ranker and REST queue, and with the first universe
//! the connections and their pairs. Stop: feeds close, pairs end, ranker, alert, REST queue and hub end, threads end.

use crate::actors::messages::Stop;
use crate::actors::ports::Clock;
use crate::actors::supervisor::{Adapters, Supervisor, SystemConfig, Threads};
use crate::actors::view::LiveView;
use crate::actors::wiring::Wiring;
use actix::{Actor, Addr, Arbiter};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for the threads to end.
const STOP_WITHIN: Duration = Duration::from_secs(8);

pub struct ActorSystem {
    supervisor: Addr<Supervisor>,
    wiring: Arc<Wiring>,
    arbiters: Vec<Arbiter>,
}

impl ActorSystem {
    /// Starts everything inside the running actix system, on threads of its own.
    pub fn start(config: SystemConfig, adapters: Adapters, machine: Arc<dyn Clock>) -> Self {
        let (core, io, out, experiment) = (Arbiter::new(), Arbiter::new(), Arbiter::new(), Arbiter::new());
        let shards: Vec<Arbiter> = (0..config.shards.max(1)).map(|_| Arbiter::new()).collect();
        let threads = Threads {
            core: core.handle(),
            io: io.handle(),
            out: out.handle(),
            experiment: experiment.handle(),
            shards: shards.iter().map(Arbiter::handle).collect(),
        };
        let mut arbiters = shards;
        arbiters.extend([experiment, io, out, core]);
        Self { arbiters, ..Self::start_on(config, adapters, machine, threads) }
    }

    /// The same on threads that belong to the caller.
    pub fn start_on(
        config: SystemConfig,
        adapters: Adapters,
        machine: Arc<dyn Clock>,
        threads: Threads,
    ) -> Self {
        let wiring = Wiring::new(machine, Arc::new(LiveView::default()), config.analysis.base.ms());
        wiring.view.set_profile(Arc::clone(&config.analysis.profile));
        wiring.scores.store(config.scorer.is_some(), std::sync::atomic::Ordering::Relaxed);
        *wiring.scorer() = config.scorer.clone();
        let supervisor = Supervisor::new(config, adapters, threads, Arc::clone(&wiring)).start();
        Self { supervisor, wiring, arbiters: Vec::new() }
    }

    /// The newest snapshot and status.
    pub fn view(&self) -> Arc<LiveView> {
        Arc::clone(&self.wiring.view)
    }

    /// Clocks, counters and addresses, for those who ask questions.
    pub fn wiring(&self) -> Arc<Wiring> {
        Arc::clone(&self.wiring)
    }

    /// Is the supervisor still there: without it nothing is watched, and the process should end.
    pub(crate) fn is_alive(&self) -> bool {
        self.supervisor.connected()
    }

    /// Stops in order. Returns whether everything ended in time.
    pub async fn stop(self) -> bool {
        let asked = self.supervisor.send(Stop).await;
        if asked.is_err() {
            tracing::warn!("the supervisor was gone before the stop");
        }
        // A moment for the actors to close their connections before their threads end.
        tokio::time::sleep(Duration::from_millis(150)).await;
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
        let arbiters = self.arbiters;
        let joined = tokio::task::spawn_blocking(move || arbiters.into_iter().all(|a| a.join().is_ok()));
        matches!(tokio::time::timeout(STOP_WITHIN, joined).await, Ok(Ok(true)))
    }
}
