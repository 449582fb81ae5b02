//! The only room that talks to actix's send methods: every other actor sends through here, so that each queue
//! keeps its bound and each loss is counted.
//!
//! `do_send` ignores a mailbox's bound, `try_send` honours it.

use crate::actors::drop_counters::DropCounters;
use actix::dev::{MessageResponse, ToEnvelope};
use actix::{Actor, Addr, Handler, Message, Recipient};

/// Offers a message to a bounded mailbox; a full or closed one loses it, which is counted under `queue`.
/// Returns whether it was taken.
pub(crate) fn offer<A, M>(to: &Addr<A>, message: M, queue: &'static str, drops: &DropCounters) -> bool
where
    A: Actor + Handler<M>,
    A::Context: ToEnvelope<A, M>,
    M: Message + Send + 'static,
    M::Result: MessageResponse<A, M> + Send,
{
    let taken = to.try_send(message).is_ok();
    if !taken {
        drops.add(queue);
    }
    taken
}

/// The same for a recipient.
pub(crate) fn offer_to<M>(to: &Recipient<M>, message: M, queue: &'static str, drops: &DropCounters) -> bool
where
    M: Message + Send + 'static,
    M::Result: Send,
{
    let taken = to.try_send(message).is_ok();
    if !taken {
        drops.add(queue);
    }
    taken
}

/// Delivers a message whatever the bound: for the few that must never be lost and whose number is bounded by
/// their senders (one death notice an actor, one stop a run).
#[expect(clippy::disallowed_methods, reason = "the one place; its users are bounded by nature")]
pub fn must<M>(to: &Recipient<M>, message: M)
where
    M: Message + Send + 'static,
    M::Result: Send,
{
    to.do_send(message);
}
