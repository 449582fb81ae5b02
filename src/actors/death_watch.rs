//! Tells the supervisor that an actor is gone, also when it panicked.
//!
//! A panic in a handler ends an actor of actix for good, without a word to anybody. The guard is a field of the
//! actor: its `Drop` runs whatever ended the actor, and says whether the thread was unwinding.

use crate::actors::mailbox;
use actix::{Message, Recipient};

/// Which actor is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Child {
    /// A pair's actor.
    Symbol(crate::domain::symbol::Symbol),
    /// The feed of a connection, by index.
    Feed(usize),
    Backfill,
    Ranker,
    Alert,
    /// The delivery_worker of a channel, by index.
    DeliveryWorker(usize),
    /// The tracker of predictions.
    Tracker,
    /// The publisher to read-only nodes.
    RedisPublisher,
    ExperimentActor,
    /// The cycle_stats of cycles.
    CycleStats,
    /// The writer of history.
    History,
    /// The hub of the dashboards.
    Hub,
}

/// An actor is gone.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct ChildDown {
    pub child: Child,
    /// Which start of it: a late notice of an earlier one must not restart its successor.
    pub(crate) generation: u64,
    /// It panicked (an ordered stop otherwise).
    pub panicked: bool,
}

/// A field of each supervised actor.
#[derive(Debug)]
pub struct DeathWatch {
    child: Child,
    generation: u64,
    supervisor: Recipient<ChildDown>,
}

impl DeathWatch {
    /// A guard that reports the end of `child` to `supervisor`.
    pub const fn new(child: Child, generation: u64, supervisor: Recipient<ChildDown>) -> Self {
        Self { child, generation, supervisor }
    }
}

impl Drop for DeathWatch {
    fn drop(&mut self) {
        let notice = ChildDown {
            child: self.child.clone(),
            generation: self.generation,
            panicked: std::thread::panicking(),
        };
        mailbox::must(&self.supervisor, notice);
    }
}
