//! Copies the changes of the state: to Redis where this scanner sends, from there where it waits for its turn.

mod following;

use crate::actors::common::Common;
use crate::actors::failover::FailoverSetup;
use crate::actors::failover::duty::Turn;
use crate::actors::failover::status::Role;
use crate::actors::mailbox::Outlet;
use crate::actors::messages::{OutboxEnqueued, Stop};
use crate::actors::ports::alerts::Outgoing;
use crate::actors::ports::failover::{Change, Found, Place, Written};
use crate::actors::ports::redis::{PublishError, PublishFuture};
use crate::actors::ports::state::OperationalState;
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::domain::moment::MonoTime;
use crate::i18n::{Failure, Reason};
use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, ResponseFuture,
    StreamHandler, WrapFuture,
};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How often it is looked for changes where nobody says that there are some: twenty times in the shortest lease, so that the other
/// scanner has them before it could take over.
const LOOK: Duration = Duration::from_millis(100);
/// Rows of one entry: some hundred kilobytes, which Redis takes in a moment; one entry of everything would hold up its other
/// clients.
const ROWS: usize = 500;
/// Entries after which a snapshot takes their place, and rows after which it does so sooner: what Redis holds stays small, and who
/// comes later reads less.
const MOST_ENTRIES: usize = 2_000;
const MOST_ROWS: usize = 50_000;
/// Between looks at what the other one handed over, ms: what users do there (a mute, a test) may take a second to be in force.
const OFFERED_EVERY_MS: i64 = 1_000;
/// After a failure it is tried again so much later, ms: a restart of Redis takes about a second.
const AGAIN_MS: i64 = 300;
/// A copy that is behind for so long is told as a problem, ms: a restart of Redis is over by then.
const BEHIND_MS: i64 = 10_000;
/// Questions of the delivery workers: one each, and one of a worker that was started anew.
pub(crate) const MAILBOX: usize = 64;
/// Longest wait at the stop for the last changes, and for the lease to be given up: well below the 4 s of its stage, so that a loss
/// is still told.
const LAST_WITHIN: Duration = Duration::from_millis(1_500);

/// Asks whether everything that is written by now is in Redis; the answer comes when it is, or `false` when it cannot be.
#[derive(Debug, Message)]
#[rtype(result = "bool")]
pub(crate) struct Copied;

/// What the replicator works with besides.
#[derive(Clone)]
pub(crate) struct ReplicatorLinks {
    pub(crate) state: Arc<dyn OperationalState>,
    /// Names of the channels.
    pub(crate) channels: Vec<String>,
    pub(crate) enqueued: Outlet<OutboxEnqueued>,
}

/// What came of a step.
enum Step {
    Read(Found),
    Led(u64, Written),
    Appended { until: i64, rows: usize, written: Written },
    Replaced(Written),
    Offered(Vec<Outgoing>),
    HandedOver,
}

pub(crate) struct Replicator {
    setup: FailoverSetup,
    common: Common,
    links: ReplicatorLinks,
    /// Where it is as a reader; `None` before it began.
    place: Option<Place>,
    /// What its own changes are told by, since it led last.
    led: String,
    unsure: bool,
    /// Fencing number under which its changes are logged.
    leads: Option<u64>,
    busy: bool,
    /// Who waits until a change is in Redis, with its number.
    waiting: Vec<(i64, oneshot::Sender<bool>)>,
    /// Entries and rows since the snapshot.
    since_snapshot: (usize, usize),
    /// Redis has lost the snapshot.
    forgotten: bool,
    /// Messages that only this one has.
    own: Vec<Outgoing>,
    offered_at: MonoTime,
    behind_since: Option<MonoTime>,
    /// Redis was asked in vain.
    not_before: MonoTime,
    stopping: bool,
}

impl Replicator {
    pub(crate) fn new(setup: FailoverSetup, common: Common, links: ReplicatorLinks) -> Self {
        Self {
            setup,
            common,
            links,
            place: None,
            led: String::new(),
            unsure: false,
            leads: None,
            busy: false,
            waiting: Vec::new(),
            since_snapshot: (0, 0),
            forgotten: false,
            own: Vec::new(),
            offered_at: MonoTime::MIN,
            behind_since: None,
            not_before: MonoTime::MIN,
            stopping: false,
        }
    }

    /// One step at a time: two under way could reach Redis in the other order.
    fn look(&mut self, ctx: &mut Context<Self>) {
        if self.busy || self.stopping || self.common.clocks.mono_time() < self.not_before {
            return;
        }
        match self.step() {
            Ok(Some(step)) => {
                self.busy = true;
                ctx.spawn(step.into_actor(self).map(|result, replicator, ctx| {
                    replicator.busy = false;
                    if replicator.ended(result) {
                        replicator.look(ctx);
                    }
                }));
            }
            Ok(None) => self.behind(None),
            Err(error) => self.failed(&Reason::io(&error)),
        }
    }

    fn step(&mut self) -> io::Result<Option<PublishFuture<Step>>> {
        let Turn { role, fence, .. } = self.common.duty.turn();
        match role {
            Role::Active if self.leads == Some(fence) => return self.publish(fence),
            Role::TakingOver if self.leads == Some(fence) => {
                let put = self.setup.store.put_snapshot(fence, self.snapshot()?, true);
                return Ok(Some(Box::pin(async move { put.await.map(|written| Step::Led(fence, written)) })));
            }
            // Started anew after a panic: what was logged is replaced by a snapshot.
            Role::Active => {
                self.lead(fence, false)?;
                self.forgotten = true;
                return self.publish(fence);
            }
            Role::Standby | Role::TakingOver => {}
        }
        let place = self.place()?;
        if !self.own.is_empty() && role == Role::Standby {
            let handed = self.setup.store.offer(self.own.clone());
            return Ok(Some(Box::pin(async move { handed.await.map(|()| Step::HandedOver) })));
        }
        let found = self.setup.store.read(place);
        Ok(Some(Box::pin(async move { found.await.map(Step::Read) })))
    }

    fn publish(&mut self, fence: u64) -> io::Result<Option<PublishFuture<Step>>> {
        let store = Arc::clone(&self.setup.store);
        let (entries, rows) = self.since_snapshot;
        if self.forgotten || entries >= MOST_ENTRIES || rows >= MOST_ROWS {
            let replaced = store.put_snapshot(fence, self.snapshot()?, self.forgotten);
            return Ok(Some(Box::pin(async move { replaced.await.map(Step::Replaced) })));
        }
        let (changes, until) = self.setup.state.changes(ROWS)?;
        metrics::gauge!("impulso_failover_changes_waiting").set(changes.len() as f64);
        if !changes.is_empty() {
            let rows = changes.len();
            let appended = store.append(fence, changes);
            return Ok(Some(Box::pin(async move {
                appended.await.map(|written| Step::Appended { until, rows, written })
            })));
        }
        // All is there: also what they wait for.
        self.confirm(i64::MAX);
        let now = self.common.clocks.mono_time();
        if now - self.offered_at < OFFERED_EVERY_MS {
            return Ok(None);
        }
        self.offered_at = now;
        let offered = store.take_offered(fence);
        Ok(Some(Box::pin(async move { offered.await.map(Step::Offered) })))
    }

    fn snapshot(&self) -> io::Result<Vec<Change>> {
        self.setup.state.snapshot(self.common.clocks.machine_time() - self.setup.outbox_ms)
    }

    /// Takes what a step brought; tells whether the next one need not wait.
    fn ended(&mut self, result: Result<Step, PublishError>) -> bool {
        let done = match result {
            Ok(step) => self.take(step),
            Err(error) => Err(io::Error::other(Failure::new(error.0))),
        };
        match done {
            Ok(again) => again,
            Err(error) => {
                self.failed(&Reason::io(&error));
                false
            }
        }
    }

    fn take(&mut self, step: Step) -> io::Result<bool> {
        match step {
            Step::Read(found) => self.read(found),
            Step::Led(fence, Written::Done) => {
                (self.leads, self.since_snapshot) = (Some(fence), (0, 0));
                self.common.duty.took_over(fence, self.unsure);
                Ok(true)
            }
            Step::Appended { until, rows, written: Written::Done } => {
                self.setup.state.forget_changes(until)?;
                self.since_snapshot.0 += 1;
                self.since_snapshot.1 += rows;
                self.confirm(until);
                Ok(true)
            }
            Step::Replaced(Written::Done) => {
                (self.since_snapshot, self.forgotten) = ((0, 0), false);
                Ok(true)
            }
            Step::Led(_, written) | Step::Appended { written, .. } | Step::Replaced(written) => {
                self.refuse();
                if written == Written::Forgotten {
                    self.forgotten = true;
                } else {
                    // The keeper asks soon how the lease is; until then nothing is sent.
                    self.common.duty.hold_until(MonoTime::MIN);
                }
                Ok(false)
            }
            Step::Offered(offered) => self.take_offered(&offered),
            Step::HandedOver => {
                self.own.clear();
                Ok(true)
            }
        }
    }

    /// What the other one had and could not send is sent by this one, once.
    fn take_offered(&mut self, offered: &[Outgoing]) -> io::Result<bool> {
        for outgoing in offered {
            if self.links.state.enqueue(outgoing)? == 0 {
                continue;
            }
            for (message, _) in &outgoing.messages {
                tracing::info!(key = message.key(), "a message that only the other machine had is sent");
                self.links.enqueued.send(OutboxEnqueued(Arc::new(message.clone())));
            }
        }
        Ok(!offered.is_empty())
    }

    fn confirm(&mut self, until: i64) {
        let (done, waiting) =
            std::mem::take(&mut self.waiting).into_iter().partition(|(seq, _)| *seq <= until);
        self.waiting = waiting;
        let done: Vec<(i64, oneshot::Sender<bool>)> = done;
        // Who has gone meanwhile needs no answer.
        done.into_iter().for_each(|(_, asked)| _ = asked.send(true));
    }

    fn refuse(&mut self) {
        self.waiting.drain(..).for_each(|(_, asked)| _ = asked.send(false));
    }

    /// What cannot be copied now is tried again with the next look.
    fn failed(&mut self, error: &Reason) {
        self.refuse();
        self.not_before = self.common.clocks.mono_time() + AGAIN_MS;
        self.behind(Some(error));
    }

    fn behind(&mut self, error: Option<&Reason>) {
        let now = self.common.clocks.mono_time();
        let since = error.map(|_| self.behind_since.unwrap_or(now));
        self.behind_since = since;
        let problem =
            error.zip(since).filter(|(_, since)| now - *since >= BEHIND_MS).map(|(error, since)| {
                SystemProblem::CopyBehind { seconds: (now - since) / 1_000, error: error.clone() }
            });
        self.common.tell(ProblemSource::Copy, problem);
    }

    /// The last changes, then the lease, so that the other one has all when it takes over.
    fn last(&mut self) -> impl Future<Output = ()> + use<> {
        let fence = self.leads.filter(|_| self.common.duty.is_active(self.common.clocks.mono_time()));
        self.refuse();
        let setup = self.setup.clone();
        async move {
            while let Some(fence) = fence {
                match setup.state.changes(ROWS) {
                    Ok((changes, until)) if !changes.is_empty() => {
                        let written = setup.store.append(fence, changes).await;
                        if written != Ok(Written::Done) || setup.state.forget_changes(until).is_err() {
                            break;
                        }
                    }
                    _ => break,
                }
            }
            if let Err(error) = setup.store.give_up().await {
                tracing::warn!(%error, "the lease could not be given up: the other machine waits for its end");
            }
        }
    }
}

impl Actor for Replicator {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.add_stream(self.common.duty.turns());
        ctx.run_interval(LOOK, Self::look);
    }
}

impl StreamHandler<Turn> for Replicator {
    fn handle(&mut self, _: Turn, ctx: &mut Self::Context) {
        self.look(ctx);
    }
}

impl Handler<Copied> for Replicator {
    type Result = ResponseFuture<bool>;

    fn handle(&mut self, _: Copied, ctx: &mut Self::Context) -> Self::Result {
        let (tell, told) = oneshot::channel();
        match self.setup.state.newest_change() {
            Ok(newest) if self.leads.is_some() => {
                self.waiting.push((newest, tell));
                self.look(ctx);
            }
            Ok(_) => drop(tell),
            Err(error) => tracing::warn!(%error, "the log of changes cannot be read"),
        }
        Box::pin(async move { told.await.unwrap_or(false) })
    }
}

impl Handler<Stop> for Replicator {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        // What a step under way has written before is written once more: rows bear that.
        self.stopping = true;
        let last = tokio::time::timeout(LAST_WITHIN, self.last());
        ctx.spawn(last.into_actor(self).map(|ended, _, ctx| {
            if ended.is_err() {
                tracing::warn!("Redis did not take the last changes in time");
            }
            ctx.stop();
        }));
    }
}
