//! Two scanners of which one sends: a lease says which, the other follows its state and takes over when the lease ends.
//!
//! The keeper asks for the lease and says whose turn it is ([`duty::Duty`]); the replicator copies the state's changes. What is
//! sent goes out only once the change that says so is in Redis, under the fencing number of the lease: whatever the clocks of the
//! two say, a message is in the hands of one, and the other learns of it before it takes over.

pub mod duty;
pub(crate) mod gate;
mod lease;
pub(crate) mod replicator;
pub mod status;

use self::duty::Turn;
use self::lease::{Change, Lease, lease_ms};
use self::status::{FailoverStatus, Role};
use crate::actors::common::Common;
use crate::actors::messages::Stop;
use crate::actors::ports::failover::{FailoverStore, LeaseAnswer, ReplicatedState};
use crate::actors::ports::redis::PublishError;
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::domain::moment::MonoTime;
use crate::i18n::text;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, StreamHandler, WrapFuture};
use std::sync::Arc;
use std::time::Duration;

/// The keeper is told nothing but to stop.
pub(crate) const MAILBOX: usize = 1;
/// The other one asks this often in a lease at least; so many leases without a word, and it is missed.
const MISSED_LEASES: i64 = 3;
/// After the end of the other's lease, so that Redis has let it go when it is asked.
const BEHIND_END_MS: i64 = 10;

/// What both actors work with.
#[derive(Clone)]
pub struct FailoverSetup {
    pub store: Arc<dyn FailoverStore>,
    pub state: Arc<dyn ReplicatedState>,
    /// Length of a cycle, machine time.
    pub cycle: Duration,
    /// How far back the other one needs the outbox, ms: for as long as something may be sent.
    pub outbox_ms: i64,
    /// Address of Redis, without secrets.
    pub redis_url: String,
}

/// Keeps the lease, or waits for it.
pub(crate) struct LeaseKeeper {
    setup: FailoverSetup,
    common: Common,
    lease: Lease,
    status: FailoverStatus,
    /// When Redis last answered.
    heard_at: MonoTime,
    /// When the other one was last heard of, or missed for the first time.
    other_at: MonoTime,
    stopping: bool,
}

impl LeaseKeeper {
    /// A keeper that holds nothing.
    pub(crate) fn new(setup: FailoverSetup, common: Common) -> Self {
        let seen = setup.state.seen_fence().unwrap_or_else(|error| {
            tracing::warn!(%error, "the fencing number of earlier runs cannot be read");
            0
        });
        let (lease, now) = (Lease::new(lease_ms(setup.cycle), seen), common.clocks.mono_time());
        // One that was started anew after a panic has the turn that the former one had, and must win it again.
        common.duty.set_turn(Turn { role: Role::Standby, ..common.duty.turn() });
        common.duty.hold_until(MonoTime::MIN);
        let since = common.clocks.machine_time();
        let status = FailoverStatus { role: Role::Standby, since, fence: seen, other: None };
        Self { setup, common, lease, status, heard_at: now, other_at: now, stopping: false }
    }

    fn ask(&mut self, ctx: &mut Context<Self>) {
        if self.stopping {
            return;
        }
        let asked = self.common.clocks.mono_time();
        let answer = self.setup.store.ask(self.lease.ask(self.common.duty.turn().role, asked));
        let within = Duration::from_millis(self.lease.ask_every_ms().unsigned_abs());
        let limited = async move {
            let silent = || Err(PublishError(text!(redis_no_answer)));
            tokio::time::timeout(within, answer).await.unwrap_or_else(|_| silent())
        };
        ctx.spawn(limited.into_actor(self).map(move |result, keeper, ctx| {
            let now = keeper.common.clocks.mono_time();
            let wait_ms = keeper.heard(asked, now, result) - (now - asked);
            let wait = Duration::from_millis(wait_ms.max(BEHIND_END_MS).unsigned_abs());
            ctx.run_later(wait, Self::ask);
        }));
    }

    /// Takes an answer; gives how long after the question the next one is due, ms.
    fn heard(&mut self, asked: MonoTime, now: MonoTime, result: Result<LeaseAnswer, PublishError>) -> i64 {
        let every = self.lease.ask_every_ms();
        match result {
            Ok(answer) => {
                self.heard_at = now;
                let seen = self.lease.seen();
                let change = self.lease.answered(&answer, asked, now);
                self.keep_fence(seen);
                self.take_turn(change, now);
                self.meet(&answer, now);
                self.common.tell(ProblemSource::Lease, None);
                let end =
                    answer.ends_in_ms.filter(|_| !answer.held).map(|ms| ms + BEHIND_END_MS + (now - asked));
                end.map_or(every, |end| end.min(every))
            }
            Err(error) => {
                let change = self.lease.silent(now);
                self.take_turn(change, now);
                if self.lease.held_until(now).is_none() {
                    self.status.other = None;
                    let (url, error) = (self.setup.redis_url.clone(), error.reason());
                    self.common.tell(ProblemSource::Lease, Some(SystemProblem::NoLease { url, error }));
                }
                self.show();
                every
            }
        }
    }

    /// Kept before it is used: a later run takes a greater one, even from a Redis that has forgotten it.
    fn keep_fence(&self, before: u64) {
        let seen = self.lease.seen();
        if seen != before
            && let Err(error) = self.setup.state.see_fence(seen)
        {
            self.common.drops.add("state_write");
            tracing::warn!(%error, fence = seen, "the fencing number could not be written");
        }
    }

    fn take_turn(&mut self, change: Change, now: MonoTime) {
        let duty = &self.common.duty;
        duty.hold_until(self.lease.held_until(now).unwrap_or(MonoTime::MIN));
        match change {
            Change::None => {}
            Change::Taken(fence) => {
                tracing::info!(fence, "the lease is taken: this machine takes over");
                duty.set_turn(Turn { role: Role::TakingOver, fence, unsure: false });
            }
            Change::Lost => {
                tracing::warn!(
                    fence = duty.turn().fence,
                    "the lease is lost: this machine sends nothing any more"
                );
                duty.set_turn(Turn { role: Role::Standby, ..duty.turn() });
            }
        }
    }

    /// What the answer says of the other one.
    fn meet(&mut self, answer: &LeaseAnswer, now: MonoTime) {
        let patience_ms = MISSED_LEASES * self.lease.ask_every_ms() * 3;
        let seen = answer.other.as_ref().filter(|other| other.silent_ms < patience_ms);
        if seen.is_some() {
            self.other_at = now;
        }
        let silent_ms = answer.other.as_ref().map_or(now - self.other_at, |other| other.silent_ms);
        // A standby that hears nothing of the other takes over, and then tells it.
        let alone = self.common.duty.turn().role != Role::Standby && now - self.other_at >= patience_ms;
        let problem = alone.then_some(SystemProblem::NoStandby { seconds: silent_ms / 1_000 });
        self.common.tell(ProblemSource::Standby, problem);
        self.status.other.clone_from(&answer.other);
        self.status.fence = answer.fence;
        self.show();
    }

    fn show(&mut self) {
        let role = self.common.duty.turn().role;
        if role != self.status.role {
            (self.status.role, self.status.since) = (role, self.common.clocks.machine_time());
        }
        let active = self.common.duty.is_active(self.common.clocks.mono_time());
        metrics::gauge!("impulso_failover_active").set(if active { 1.0 } else { 0.0 });
        metrics::gauge!("impulso_failover_fence").set(self.status.fence as f64);
        self.common.view.set_failover(self.status.clone());
    }
}

impl Actor for LeaseKeeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.show();
        self.ask(ctx);
        ctx.add_stream(self.common.duty.turns());
    }
}

impl StreamHandler<Turn> for LeaseKeeper {
    fn handle(&mut self, _: Turn, _: &mut Self::Context) {
        self.show();
    }
}

impl Handler<Stop> for LeaseKeeper {
    type Result = ();

    /// The replicator gives the lease up once the last change is out.
    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        self.stopping = true;
        ctx.stop();
    }
}
