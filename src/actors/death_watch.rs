//! Tells the supervisor that an actor is gone, also when it panicked.
//!
//! A panic in a handler ends an actor of actix for good, without a word to anybody. The guard is held by the actor's
//! context: its `Drop` runs whatever ended the actor, and says whether the thread was unwinding.

use crate::actors::mailbox::Outlet;
use crate::domain::symbol::Symbol;
use actix::Message;

/// Which actor is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ActorId {
    /// There is one of its kind.
    Only(&'static str),
    /// One of several, by index.
    Nth(&'static str, usize),
    Pair(Symbol),
}

/// An actor is gone.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub(crate) struct ActorDown {
    pub(crate) id: ActorId,
    /// Which start of it: a late notice of an earlier one must not restart its successor.
    pub(crate) generation: u64,
    /// It panicked (an ordered stop otherwise).
    pub(crate) panicked: bool,
}

/// Reports the end of one start of an actor when it is dropped.
pub(crate) struct DeathWatch {
    id: ActorId,
    generation: u64,
    supervisor: Outlet<ActorDown>,
}

impl DeathWatch {
    pub(crate) const fn new(id: ActorId, generation: u64, supervisor: Outlet<ActorDown>) -> Self {
        Self { id, generation, supervisor }
    }

    /// A future that holds the guard and never ends.
    pub(crate) async fn for_ever(self) {
        let _guard = self;
        std::future::pending::<()>().await;
    }
}

impl Drop for DeathWatch {
    fn drop(&mut self) {
        self.supervisor.send(ActorDown {
            id: self.id.clone(),
            generation: self.generation,
            panicked: std::thread::panicking(),
        });
    }
}
