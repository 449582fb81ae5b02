//! The only room that talks to actix's send methods: every actor sends through here, so that each queue keeps its bound
//! and each loss is counted.
//!
//! `do_send` ignores a mailbox's bound, `try_send` honours it; every live clone of an `Addr` adds one to the bound, so there is
//! one `Addr` of each actor, in its [`Place`].

use crate::actors::drop_counters::DropCounters;
use actix::{Actor, Addr, Context, Handler, Message};
use parking_lot::RwLock;
use std::sync::Arc;

/// Where an actor can be reached. It outlives the actor: what is started anew after a panic takes the same place, so nobody
/// else has to hear of it.
pub struct Place<A: Actor> {
    queue: &'static str,
    drops: Arc<DropCounters>,
    /// Read at every message, written once a start. No guard outlives its call, so that a restart never waits.
    addr: RwLock<Option<Addr<A>>>,
}

impl<A: Actor<Context = Context<A>>> Place<A> {
    /// An empty place. `queue`: under which name messages that are lost on the way are counted.
    pub fn new(queue: &'static str, drops: Arc<DropCounters>) -> Arc<Self> {
        Arc::new(Self { queue, drops, addr: RwLock::new(None) })
    }

    pub fn fill(&self, addr: Addr<A>) {
        *self.addr.write() = Some(addr);
    }

    /// For questions that are waited for; to be dropped soon.
    pub fn addr(&self) -> Option<Addr<A>> {
        self.addr.read().clone()
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.addr.read().as_ref().is_some_and(Addr::connected)
    }

    /// Offers a message to the bounded mailbox; a full, closed or missing one loses it, which is counted. Returns whether
    /// it was taken.
    pub(crate) fn offer<M>(&self, message: M) -> bool
    where
        A: Handler<M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let addr = self.addr.read();
        let taken = addr.as_ref().is_some_and(|addr| addr.try_send(message).is_ok());
        if !taken {
            self.drops.add(self.queue);
        }
        taken
    }

    /// Delivers a message whatever the bound: for the few that must never be lost and whose number is bounded by their
    /// senders (one death notice an actor, one stop a run).
    #[expect(clippy::disallowed_methods, reason = "the one place; its users are bounded by nature")]
    pub(crate) fn must<M>(&self, message: M)
    where
        A: Handler<M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        if let Some(addr) = &*self.addr.read() {
            addr.do_send(message);
        }
    }

    /// The bounded way for one kind of message, for an actor that need not know who is at its end.
    pub fn outlet<M>(self: &Arc<Self>) -> Outlet<M>
    where
        A: Handler<M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let place = Arc::clone(self);
        Outlet(Arc::new(move |message| {
            place.offer(message);
        }))
    }

    /// The same beyond the bound: see [`Place::must`].
    pub(crate) fn sure_outlet<M>(self: &Arc<Self>) -> Outlet<M>
    where
        A: Handler<M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let place = Arc::clone(self);
        Outlet(Arc::new(move |message| place.must(message)))
    }
}

/// The way to whoever takes a kind of message.
pub struct Outlet<M>(Arc<dyn Fn(M) + Send + Sync>);

impl<M> Clone for Outlet<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M: Clone + 'static> Outlet<M> {
    /// To all of them; to nobody without any.
    pub fn to_all(outlets: Vec<Self>) -> Self {
        Self(Arc::new(move |message: M| outlets.iter().for_each(|outlet| outlet.send(message.clone()))))
    }
}

impl<M> Outlet<M> {
    pub(crate) fn send(&self, message: M) {
        (self.0)(message);
    }
}
