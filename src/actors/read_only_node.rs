//! A read-only node: shows what a scanner publishes, as the scanner itself does.

use crate::actors::ports::Clock;
use crate::actors::ports::redis::Bundle;
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::view::{Encoder, FeedState, LiveView, Published, SystemStatus};
use crate::domain::moment::MonoTime;
use crate::i18n::Reason;
use actix::{Actor, AsyncContext, Context, Handler, Message};
use std::sync::Arc;
use std::time::Duration;

/// Without news for so many cycles, and at least this long, the data counts as old. One that is lost and one that is late
/// are no outage.
const QUIET_CYCLES: i64 = 3;
const QUIET_MS: i64 = 5_000;

/// What came from the cache.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) enum NodeUpdate {
    /// A cycle of the scanner.
    Bundle(Box<Bundle>),
    /// The cache is away; why, without secrets.
    Lost(Reason),
    /// The cache is back.
    Back,
}

pub(crate) struct ReadOnlyNode {
    machine: Arc<dyn Clock>,
    view: Arc<LiveView>,
    encoder: Encoder,
    newest: Option<(Arc<SystemStatus>, MonoTime)>,
    lost: Option<Reason>,
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
        Self { machine, view, encoder, newest: None, lost: None, redis_url }
    }

    fn take(&mut self, bundle: Bundle) {
        let message = (self.encoder)(&bundle.snapshot, bundle.seq);
        // The snapshot before the status: a page that reads in between sees at worst a status that is a moment older.
        self.view.publish(Arc::new(Published { seq: bundle.seq, snapshot: bundle.snapshot, message }));
        bundle.channels.into_iter().for_each(|channel| self.view.set_channel(channel));
        self.newest = Some((bundle.status, self.machine.mono_time()));
        self.lost = None;
        self.show();
    }

    /// The scanner's status, with what this node knows better.
    fn show(&self) {
        let now = self.machine.mono_time();
        let mut status =
            self.newest.as_ref().map_or_else(SystemStatus::default, |(s, _)| SystemStatus::clone(s));
        let quiet_ms = self.newest.as_ref().map_or(i64::MAX, |(_, at)| now - *at);
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
            status.market_time += quiet_ms.clamp(0, i64::MAX / 4);
        }
        // Before the scanner's own: while those are the newest that came, this one says how old they are.
        self.view.tell(ProblemSource::Scanner, problem, self.machine.machine_time());
        status.problems = self.view.problems().into_iter().chain(status.problems).collect();
        self.view.set_status(status);
    }
}

impl Actor for ReadOnlyNode {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // An hour of cycles: beyond it Redis is faster than this node for good, and a newer bundle replaces an older
        // one anyway.
        ctx.set_mailbox_capacity(1_024);
        self.show();
        // As often as the scanner tells its own status.
        ctx.run_interval(Duration::from_millis(500), |read_only_node, _| read_only_node.show());
    }
}

impl Handler<NodeUpdate> for ReadOnlyNode {
    type Result = ();

    fn handle(&mut self, news: NodeUpdate, _: &mut Self::Context) {
        match news {
            NodeUpdate::Bundle(bundle) => self.take(*bundle),
            NodeUpdate::Lost(why) => {
                self.lost = Some(why);
                self.show();
            }
            NodeUpdate::Back => {
                self.lost = None;
                self.show();
            }
        }
    }
}
