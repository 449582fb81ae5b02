//! Whether this scanner is the one that sends. A scanner that is alone always is.

use crate::actors::failover::status::Role;
use crate::domain::moment::MonoTime;
use futures_util::Stream;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::watch;

/// A part of the pair's state that actors act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    /// Of the lease that is or was held.
    pub(crate) fence: u64,
    /// Some of what the other one has sent last may not be known here.
    pub(crate) unsure: bool,
}

/// Written by the keeper of the lease and by the replicator, read by everybody.
#[derive(Debug)]
pub struct Duty {
    turn: watch::Sender<Turn>,
    /// Up to which moment of the steady clock the lease is held for sure. Relaxed does: it is compared alone, and the fencing
    /// number catches what slips through.
    until_ms: AtomicI64,
}

impl Duty {
    /// Of a scanner that has no other beside it.
    pub(crate) fn alone() -> Self {
        Self {
            turn: watch::Sender::new(Turn { role: Role::Active, fence: 0, unsure: false }),
            until_ms: AtomicI64::new(i64::MAX),
        }
    }

    /// Of one of two, which waits for its turn.
    pub(crate) fn paired() -> Self {
        Self {
            turn: watch::Sender::new(Turn { role: Role::Standby, fence: 0, unsure: false }),
            until_ms: AtomicI64::new(i64::MIN),
        }
    }

    /// May something be sent, or done that only one may do, at `now`.
    pub(crate) fn is_active(&self, now: MonoTime) -> bool {
        self.turn.borrow().role == Role::Active && self.holds(now)
    }

    /// Is the lease held for sure at `now`.
    pub(crate) fn holds(&self, now: MonoTime) -> bool {
        now.ms() < self.until_ms.load(Ordering::Relaxed)
    }

    pub(crate) fn turn(&self) -> Turn {
        *self.turn.borrow()
    }

    /// The turns from now on, for an actor.
    pub(crate) fn turns(&self) -> impl Stream<Item = Turn> + use<> {
        futures_util::stream::unfold(self.turn.subscribe(), |mut newest| async {
            newest.changed().await.ok()?;
            let turn = *newest.borrow_and_update();
            Some((turn, newest))
        })
    }

    pub(crate) fn hold_until(&self, until: MonoTime) {
        self.until_ms.store(until.ms(), Ordering::Relaxed);
    }

    pub(crate) fn set_turn(&self, turn: Turn) {
        self.turn.send_if_modified(|now| std::mem::replace(now, turn) != turn);
    }

    /// All that the other one had written is taken over: it is this scanner's turn. Not when the lease was lost meanwhile.
    pub(crate) fn took_over(&self, fence: u64, unsure: bool) {
        self.turn.send_if_modified(|now| {
            let ours = now.role == Role::TakingOver && now.fence == fence;
            if ours {
                *now = Turn { role: Role::Active, fence, unsure };
            }
            ours
        });
    }
}
