//! The whole of the actors: started in order, reached by those outside, stopped in stages.

pub mod config;
mod roster;

use self::config::{Adapters, Placement, SystemConfig};
use self::roster::Roster;
use crate::actors::common::Common;
use crate::actors::directory::Directory;
use crate::actors::mailbox::Outlet;
use crate::actors::messages::{OutboxEnqueued, Stop};
use crate::actors::ports::Clock;
use crate::actors::supervisor::Supervisor;
use crate::actors::view::LiveView;
use actix::{Actor, Addr, Arbiter};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for the threads to end: below the 10 s after which Docker kills.
const STOP_WITHIN: Duration = Duration::from_secs(8);

pub struct ActorSystem {
    supervisor: Addr<Supervisor>,
    common: Common,
    directory: Arc<Directory>,
    enqueued: Outlet<OutboxEnqueued>,
    arbiters: Vec<Arbiter>,
}

impl ActorSystem {
    /// Starts everything inside the running actix system.
    pub fn start(
        config: SystemConfig,
        adapters: Adapters,
        machine: Arc<dyn Clock>,
        mut placement: Placement,
    ) -> Self {
        let arbiters = std::mem::take(&mut placement.own);
        let roster = Roster::new(config, adapters, machine, placement);
        let (common, directory) = (roster.common.clone(), Arc::clone(&roster.directory));
        let enqueued = roster.enqueued.clone();
        let supervisor = Supervisor::new(roster.supervisor()).start();
        Self { supervisor, common, directory, enqueued, arbiters }
    }

    /// The newest snapshot and status.
    pub fn view(&self) -> Arc<LiveView> {
        Arc::clone(&self.common.view)
    }

    pub const fn common(&self) -> &Common {
        &self.common
    }

    /// Where each pair can be asked.
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory)
    }

    /// Who wants to know that the outbox has something.
    pub(crate) fn enqueued(&self) -> Outlet<OutboxEnqueued> {
        self.enqueued.clone()
    }

    /// Is the supervisor still there: without it nothing is watched, and the process should end.
    pub(crate) fn is_alive(&self) -> bool {
        self.supervisor.connected()
    }

    /// Stops in order. Returns whether everything ended in time.
    pub async fn stop(self) -> bool {
        // The actors before their threads: a thread that is stopped drops what its actors still have to write.
        let asked = self.supervisor.send(Stop).await;
        if asked.is_err() {
            tracing::warn!("the supervisor was gone before the stop");
        }
        // A moment for the connections' closing frames to go out before their threads end.
        tokio::time::sleep(Duration::from_millis(150)).await;
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
        let arbiters = self.arbiters;
        // A join blocks, and this thread still has to run what the others wait for.
        let joined = tokio::task::spawn_blocking(move || arbiters.into_iter().all(|a| a.join().is_ok()));
        matches!(tokio::time::timeout(STOP_WITHIN, joined).await, Ok(Ok(true)))
    }
}
