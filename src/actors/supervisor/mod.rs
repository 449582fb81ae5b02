//! The supervisor: starts, watches and starts anew, keeps the universe, and tells the state of the whole.
//!
//! An actor that panicked is made anew after the delay of its restart budget; a pair then refills itself by REST while the
//! others go on.

pub(crate) mod market;
mod pairs;
mod recovery;
mod status;
mod watch;

use self::market::MarketActors;
use self::watch::{ClockWatch, RankingWatch, StreamWatch};
use crate::actors::backfill::{PairRetired, RefreshUniverse, UniverseRead};
use crate::actors::clocks::FallWatch;
use crate::actors::common::Common;
use crate::actors::death_watch::{ActorDown, ActorId};
use crate::actors::directory::Directory;
use crate::actors::feed::Feed;
use crate::actors::history::sink::RowSink;
use crate::actors::lags::CloseLags;
use crate::actors::mailbox::{Outlet, Place};
use crate::actors::messages::{FeedReport, RestReport, SetTrading, Stop};
use crate::actors::publication::Publication;
use crate::actors::registry::{Declared, Registry};
use crate::actors::restart::RestartPolicy;
use crate::actors::view::{ConnectionStatus, WeightStatus};
use crate::actors::warmups::Warmups;
use crate::domain::moment::MonoTime;
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::universe::{Universe, UniverseRules};
use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, ResponseActFuture, WrapFuture,
};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How often the whole is looked over, machine time: users are to see a connection that is down or a clock that leapt within a
/// second, and a look costs microseconds.
const LOOK: Duration = Duration::from_millis(500);
/// Deaths come whatever the bound; a second of reports of every connection fits besides.
const MAILBOX: usize = 1_024;

/// What the supervisor works with.
pub(crate) struct SupervisorSetup {
    /// Where it is reached itself.
    pub(crate) me: Arc<Place<Supervisor>>,
    /// All but pairs and feeds, in their start order.
    pub(crate) actors: Vec<Rc<dyn Declared>>,
    pub(crate) market: MarketActors,
    pub(crate) common: Common,
    pub(crate) directory: Arc<Directory>,
    pub(crate) publication: Arc<Publication>,
    pub(crate) warmups: Arc<Warmups>,
    pub(crate) lags: Arc<CloseLags>,
    pub(crate) rows: RowSink,
    /// The REST queue, which reads the list of pairs.
    pub(crate) refresh: Outlet<RefreshUniverse>,
    /// The REST queue, which forgets a pair.
    pub(crate) retired: Outlet<PairRetired>,
    pub(crate) universe: UniverseRules,
    /// Between looks at exchangeInfo, market time.
    pub(crate) universe_refresh: Duration,
    pub(crate) restart: RestartPolicy,
    pub(crate) cycle_interval_ms: i64,
    pub(crate) rest_url: String,
    pub(crate) stream_url: String,
}

pub(crate) struct Supervisor {
    setup: SupervisorSetup,
    registry: Registry,
    universe: Universe,
    feeds: Vec<Arc<Place<Feed>>>,
    /// The newest list lost so many pairs that it is read again before that is believed.
    in_doubt: bool,
    /// Day whose whole universe was kept.
    universe_day: MarketTime,
    /// Market and machine time of the newest list of pairs.
    refreshed_at: Option<(MarketTime, MonoTime)>,
    connections: Vec<ConnectionStatus>,
    weight: WeightStatus,
    /// When the streams fell silent; `None` while they speak.
    silent_since: Option<MonoTime>,
    /// Falls of market time that the pairs were told of.
    falls: FallWatch,
    ranking: RankingWatch,
    streams: StreamWatch,
    machine_clock: ClockWatch,
    restarts: u64,
    started: MonoTime,
    started_at: MachineTime,
    stopping: bool,
}

impl Supervisor {
    /// A supervisor that starts everything once it runs itself.
    pub(crate) fn new(setup: SupervisorSetup) -> Self {
        let clocks = &setup.common.clocks;
        Self {
            registry: Registry::new(setup.restart, setup.me.sure_outlet()),
            universe: Universe::new(setup.universe.clone()),
            feeds: Vec::new(),
            in_doubt: false,
            universe_day: MarketTime::MIN,
            refreshed_at: None,
            connections: Vec::new(),
            weight: WeightStatus::default(),
            silent_since: None,
            falls: FallWatch::new(clocks),
            ranking: RankingWatch::new(clocks.mono_time()),
            streams: StreamWatch::default(),
            machine_clock: ClockWatch::default(),
            restarts: 0,
            started: clocks.mono_time(),
            started_at: clocks.machine_time(),
            stopping: false,
            setup,
        }
    }

    fn look(&mut self, _: &mut Context<Self>) {
        self.watch_clock();
        self.watch_rankings();
        self.watch_streams();
        self.watch_machine_clock();
        self.watch_readers();
        self.refresh_universe_if_due();
        self.publish_status();
    }

    fn start_again(&mut self, id: &ActorId) {
        if self.stopping {
            return;
        }
        self.registry.start_again(id);
        if let ActorId::Pair(symbol) = id
            && self.universe.halted_since(symbol.as_str()).is_some()
        {
            // A fresh actor takes itself for trading; the exchange's news of the halt came before it was there.
            self.tell_pair(symbol, SetTrading(false));
        }
    }
}

impl Actor for Supervisor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        // Before the first start: an actor that dies while it starts is told here.
        self.setup.me.fill(ctx.address());
        for declared in std::mem::take(&mut self.setup.actors) {
            self.registry.start(declared);
        }
        ctx.run_interval(self.setup.common.pace.every(LOOK), Self::look);
    }
}

impl Handler<ActorDown> for Supervisor {
    type Result = ();

    fn handle(&mut self, down: ActorDown, ctx: &mut Self::Context) {
        if self.stopping {
            return;
        }
        let Some(delay_ms) = self.registry.died(&down, self.setup.common.clocks.mono_time()) else { return };
        self.restarts += 1;
        metrics::counter!("impulso_restarts_total").increment(1);
        tracing::error!(actor = ?down.id, restart_in_ms = delay_ms, "an actor panicked and is started anew");
        let delay = Duration::from_millis(u64::try_from(delay_ms).unwrap_or(0));
        ctx.run_later(delay, move |supervisor, _| supervisor.start_again(&down.id));
    }
}

impl Handler<UniverseRead> for Supervisor {
    type Result = ();

    fn handle(&mut self, read: UniverseRead, _: &mut Self::Context) {
        self.universe_read(&read);
    }
}

impl Handler<FeedReport> for Supervisor {
    type Result = ();

    fn handle(&mut self, report: FeedReport, _: &mut Self::Context) {
        if self.connections.len() <= report.index {
            self.connections.resize(report.index + 1, ConnectionStatus::default());
        }
        self.connections[report.index] = report.status;
    }
}

impl Handler<RestReport> for Supervisor {
    type Result = ();

    fn handle(&mut self, report: RestReport, _: &mut Self::Context) {
        self.weight = report.weight;
    }
}

impl Handler<Stop> for Supervisor {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: Stop, _: &mut Self::Context) -> Self::Result {
        // First: deaths from here on are wanted, and nothing is started anew behind the stop.
        self.stopping = true;
        // Nobody is asked any more: ticks to pairs that are ending would be counted as losses.
        self.setup.directory.clear();
        Box::pin(self.registry.stop_all().into_actor(self).map(|(), _, ctx| ctx.stop()))
    }
}
