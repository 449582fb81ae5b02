//! A read-only node: shows what a scanner publishes, with the same hub and sessions as the scanner itself.

use crate::actors::death_watch::{Child, ChildDown, DeathWatch};
use crate::actors::hub::Hub;
use crate::actors::mailbox;
use crate::actors::messages::NewSnapshot;
use crate::actors::ports::Clock;
use crate::actors::ports::redis::Bundle;
use crate::actors::system_problem::SystemProblem;
use crate::actors::view::{Encoder, FeedState, LiveView, Published, Subscribe, SystemStatus, Unsubscribe};
use crate::actors::wiring::Wiring;
use actix::{Actor, Addr, AsyncContext, Context, Handler, Message};
use std::sync::Arc;
use std::time::Duration;

/// Without news for so many cycles, and at least this long, the data counts as old.
const QUIET_CYCLES: i64 = 3;
const QUIET_MS: i64 = 5_000;

/// What came from the cache.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) enum NodeUpdate {
    /// A cycle of the scanner.
    Bundle(Box<Bundle>),
    /// The cache is away; why, without secrets.
    Lost(String),
    /// The cache is back.
    Back,
}

pub(crate) struct ReadOnlyNode {
    wiring: Arc<Wiring>,
    encoder: Encoder,
    hub: Option<Addr<Hub>>,
    newest: Option<(Arc<SystemStatus>, i64)>,
    lost: Option<String>,
    redis_url: String,
}

impl ReadOnlyNode {
    /// A node that has heard nothing; `redis_url` is shown, so it holds no password.
    pub(crate) fn new(
        machine: Arc<dyn Clock>,
        view: Arc<LiveView>,
        encoder: Encoder,
        redis_url: String,
    ) -> Self {
        let wiring = Wiring::new(machine, view, 60_000);
        Self { wiring, encoder, hub: None, newest: None, lost: None, redis_url }
    }

    fn take(&mut self, bundle: Bundle) {
        let message = (self.encoder)(&bundle.snapshot, bundle.seq);
        let published = Arc::new(Published { seq: bundle.seq, snapshot: bundle.snapshot, message });
        let view = &self.wiring.view;
        view.set_reports(Arc::clone(&published.snapshot.reports));
        view.set_published(Arc::clone(&published));
        bundle.channels.into_iter().for_each(|channel| view.set_channel(channel));
        self.newest = Some((bundle.status, self.wiring.machine.mono_ms()));
        self.lost = None;
        if let Some(hub) = &self.hub {
            mailbox::offer(hub, NewSnapshot(published), "hub", &self.wiring.drops);
        }
        self.show();
    }

    /// The scanner's status, with what this node knows better.
    fn show(&self) {
        let now_ms = self.wiring.machine.mono_ms();
        let mut status =
            self.newest.as_ref().map_or_else(SystemStatus::default, |(s, _)| SystemStatus::clone(s));
        let quiet_ms = self.newest.as_ref().map_or(i64::MAX, |(_, at)| now_ms - at);
        let patience = (status.cycle_interval_ms * QUIET_CYCLES).max(QUIET_MS);
        let problem = match (&self.lost, &self.newest) {
            (Some(why), _) => Some(SystemProblem::Redis { url: self.redis_url.clone(), error: why.clone() }),
            (None, None) => Some(SystemProblem::NoScanner { url: self.redis_url.clone() }),
            (None, Some(_)) if quiet_ms > patience => {
                Some(SystemProblem::QuietScanner { seconds: quiet_ms / 1_000 })
            }
            _ => None,
        };
        if problem.is_some() {
            status.feed = if self.newest.is_some() { FeedState::Frozen } else { FeedState::Connecting };
            status.problem = problem;
            status.market_time += quiet_ms.clamp(0, i64::MAX / 4);
        }
        self.wiring.view.set_status(status);
    }
}

impl Actor for ReadOnlyNode {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1_024);
        let watch = DeathWatch::new(Child::Hub, 0, ctx.address().recipient());
        self.hub = Some(Hub::new(Arc::clone(&self.wiring), watch).start());
        self.show();
        ctx.run_interval(Duration::from_millis(500), |read_only_node, _| read_only_node.show());
    }
}

impl Handler<NodeUpdate> for ReadOnlyNode {
    type Result = ();

    fn handle(&mut self, news: NodeUpdate, _: &mut Self::Context) {
        match news {
            NodeUpdate::Bundle(bundle) => self.take(*bundle),
            NodeUpdate::Lost(why) => {
                if self.lost.is_none() {
                    tracing::error!(reason = why, "Redis is away: the newest ranking stays on the page");
                }
                self.lost = Some(why);
                self.show();
            }
            NodeUpdate::Back => {
                if self.lost.take().is_some() {
                    tracing::info!("Redis is back");
                }
                self.show();
            }
        }
    }
}

impl Handler<ChildDown> for ReadOnlyNode {
    type Result = ();

    fn handle(&mut self, down: ChildDown, ctx: &mut Self::Context) {
        if down.panicked {
            tracing::error!("the hub panicked and is started anew");
            let watch = DeathWatch::new(Child::Hub, 0, ctx.address().recipient());
            self.hub = Some(Hub::new(Arc::clone(&self.wiring), watch).start());
        }
    }
}

impl Handler<Subscribe> for ReadOnlyNode {
    type Result = ();

    fn handle(&mut self, message: Subscribe, _: &mut Self::Context) {
        if let Some(hub) = &self.hub {
            mailbox::offer(hub, message, "hub", &self.wiring.drops);
        }
    }
}

impl Handler<Unsubscribe> for ReadOnlyNode {
    type Result = ();

    fn handle(&mut self, message: Unsubscribe, _: &mut Self::Context) {
        if let Some(hub) = &self.hub {
            mailbox::offer(hub, message, "hub", &self.wiring.drops);
        }
    }
}
