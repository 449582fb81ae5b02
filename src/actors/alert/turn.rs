//! Of two scanners one sends. The other decides on the same cycles and keeps what it would have sent, until the one that sends has
//! come as far; what is left at a takeover goes out.

use super::{AlertActor, kept_memory};
use crate::actors::failover::duty::Turn;
use crate::actors::failover::status::Role;
use crate::domain::moment::MarketTime;
use actix::{Context, StreamHandler};
use std::sync::Arc;

impl AlertActor {
    /// Before a cycle on the standby: what the other one has decided meanwhile.
    pub(super) fn follow_other(&mut self) {
        if !self.common.is_active() {
            self.follow();
        }
    }

    fn follow(&mut self) {
        let Some(followed) = &self.setup.followed else { return };
        match followed.decided() {
            Ok(decided) => {
                self.unsent.settle(decided);
                if let Some(memory) = kept_memory(&*self.setup.state) {
                    self.policy.follow(&memory, decided);
                    let mut levels = self.common.followed_levels.lock();
                    *levels = Some(Arc::clone(memory.levels()));
                }
            }
            Err(error) => {
                self.common.drops.add("state_read");
                tracing::warn!(%error, "what the other machine has decided cannot be read; the next cycle tries again");
            }
        }
    }

    /// At the stop, where no other machine sends: what is kept goes to the next start.
    pub(super) fn nobody_sends(&mut self) {
        let other = self.common.view.failover().and_then(|failover| failover.other);
        if !self.common.is_active() && other.is_none_or(|other| other.role != Role::Active) {
            self.waiting = self.unsent.release();
        }
    }

    /// Puts what waits into the outbox where it is this scanner's turn; else it is kept.
    pub(super) fn send_or_wait(&mut self) {
        if self.common.is_active() {
            if !self.unsent.is_empty() {
                // Before what this cycle brought: they are older.
                let mut messages = self.unsent.release();
                messages.append(&mut self.waiting);
                self.waiting = messages;
            }
            self.keep(self.newest);
        } else {
            let lost = self.unsent.keep(self.newest, self.waiting.drain(..));
            self.common.drops.add_many("alerts_lost", lost as u64);
        }
    }
}

impl StreamHandler<Turn> for AlertActor {
    fn handle(&mut self, turn: Turn, _: &mut Context<Self>) {
        if turn.role != Role::Active {
            return;
        }
        // The last that the other one has decided came with the takeover.
        self.follow();
        self.unsure = turn.unsure;
        // What is kept is the other one's memory: from now on it is this one's, whatever this one kept last.
        self.kept.1 = MarketTime::MIN;
        tracing::info!(fence = turn.fence, "this machine sends the alerts from now on");
        self.send_or_wait();
    }
}
