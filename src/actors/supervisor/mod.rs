//! The supervisor: spawns, watches and respawns everything, keeps the universe, and tells the state of the whole.
//!
//! An actor that panicked is made anew by its factory after the delay of its restart budget; a pair then refills
//! itself by REST while the others go on.

mod children;
mod pairs;
mod status;

use crate::actors::alert::AlertActor;
use crate::actors::backfill::{Backfill, BackfillConfig, UniverseRead};
use crate::actors::cycle_stats::CycleStats;
use crate::actors::death_watch::{Child, ChildDown};
use crate::actors::delivery::DeliveryWorker;
use crate::actors::delivery::rules::DeliveryRules;
use crate::actors::experiment::{ExperimentActor, ExperimentSetup};
use crate::actors::feed::{Feed, FeedConfig};
use crate::actors::history::warm_start::WarmStart;
use crate::actors::history::{HistorySetup, HistoryWriter};
use crate::actors::hub::Hub;
use crate::actors::messages::{FeedReport, OutboxEnqueued, RestReport, Stop};
use crate::actors::ports::alerts::{AlertLists, ChannelSpec, ChartMaker, Outbox};
use crate::actors::ports::experiment::CalibrationBook;
use crate::actors::ports::service_levels::ServiceLevelStore;
use crate::actors::ports::{RestFactory, StateStore, StreamConnector};
use crate::actors::ranker::{Ranker, RankerConfig};
use crate::actors::redis_publisher::{RedisPublisher, RedisPublisherSetup};
use crate::actors::restart::{RestartPolicy, RestartState};
use crate::actors::system_problem::SystemProblem;
use crate::actors::tracker::{Tracker, TrackerSetup};
use crate::actors::view::{ConnectionStatus, Encoder, Push, Subscribe, Unsubscribe, WeightStatus};
use crate::actors::wiring::Wiring;
use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::analysis::AnalysisConfig;
use crate::domain::symbol::Symbol;
use crate::domain::time::UtcMs;
use crate::domain::universe::{Universe, UniverseRules};
use crate::learning::scorer::Scorer;
use actix::{Actor, Addr, ArbiterHandle, AsyncContext, Context, Handler, Recipient, ResponseActFuture};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Everything the running system is made of, apart from the adapters.
#[derive(Debug, Clone)]
pub struct SystemConfig {
    /// Rules of one pair's analysis.
    pub analysis: Arc<AnalysisConfig>,
    pub ranker: RankerConfig,
    pub backfill: BackfillConfig,
    pub feed: FeedConfig,
    /// When alerts are sent.
    pub alert: AlertPolicyConfig,
    /// How messages are delivered.
    pub delivery_worker: DeliveryRules,
    /// Which pairs belong to the universe.
    pub universe: UniverseRules,
    /// Threads that own connections and their pairs.
    pub shards: usize,
    /// Between looks at exchangeInfo, ms of market time.
    pub universe_refresh_ms: i64,
    /// Restart budget of each actor.
    pub restart: RestartPolicy,
    /// The model in force; `None` for the rule alone.
    pub scorer: Option<Scorer>,
    /// For the status: where the exchange is.
    pub rest_url: String,
    /// For the status: where its streams are.
    pub stream_url: String,
}

/// The IO that is plugged in.
pub struct Adapters {
    /// Makes the REST client on the thread that uses it.
    pub rest: RestFactory,
    pub streams: Arc<dyn StreamConnector>,
    /// What must survive a restart.
    pub state: Arc<dyn StateStore>,
    /// Keeps history; `None` for none.
    pub history: Option<HistorySetup>,
    /// Opens and judges predictions; `None` where no history is kept.
    pub tracker: Option<TrackerSetup>,
    /// Other profiles and models in the shadow; `None` for none.
    pub experiment: Option<ExperimentSetup>,
    /// Versions of the calibration.
    pub calibrations: Arc<dyn CalibrationBook>,
    /// Keeps what users measure the scanner by.
    pub measures: Arc<dyn ServiceLevelStore>,
    /// Alerts that a shared cache remembers, by the market time of the newest of each pair.
    pub noted_alerts: Vec<(Symbol, UtcMs)>,
    /// Publishes to read-only nodes; `None` for none.
    pub redis_publisher: Option<RedisPublisherSetup>,
    /// Candles that an earlier run left.
    pub kept: Arc<WarmStart>,
    pub channels: Arc<Vec<ChannelSpec>>,
    /// Messages on their way out.
    pub outbox: Arc<dyn Outbox>,
    pub lists: Arc<dyn AlertLists>,
    /// Draws charts for alerts.
    pub charts: Arc<dyn ChartMaker>,
    /// Serialises a snapshot for the dashboards.
    pub encoder: Encoder,
}

/// Threads of the system.
pub struct Threads {
    /// Ranker, alert and hub.
    pub core: ArbiterHandle,
    pub io: ArbiterHandle,
    /// Alerts, delivery_workers and history: they wait for the disk and the network.
    pub out: ArbiterHandle,
    /// The experiment: it scores as much again as the ranker.
    pub experiment: ArbiterHandle,
    /// Connections and their pairs.
    pub shards: Vec<ArbiterHandle>,
}

/// How often the whole is looked over, machine time.
const LOOK: Duration = Duration::from_millis(500);

pub(crate) struct Supervisor {
    config: SystemConfig,
    adapters: Adapters,
    threads: Threads,
    wiring: Arc<Wiring>,
    universe: Universe,
    pairs: HashMap<Symbol, PairSlot>,
    feeds: Vec<FeedSlot>,
    backfill: Option<Addr<Backfill>>,
    hub: Option<Addr<Hub>>,
    ranker: Option<Addr<Ranker>>,
    alert: Option<Addr<AlertActor>>,
    delivery_workers: Vec<Addr<DeliveryWorker>>,
    history: Option<Addr<HistoryWriter>>,
    redis_publisher: Option<Addr<RedisPublisher>>,
    tracker: Option<Addr<Tracker>>,
    experiment: Option<Addr<ExperimentActor>>,
    cycle_stats: Option<Addr<CycleStats>>,
    universe_day: i64,
    clients: HashMap<u64, Recipient<Push>>,
    generations: HashMap<Child, (u64, RestartState)>,
    connections: Vec<ConnectionStatus>,
    weight: WeightStatus,
    rest_problem: Option<SystemProblem>,
    refreshed_at: Option<(i64, i64)>,
    started_mono_ms: i64,
    started_at: i64,
    stopping: bool,
}

struct PairSlot {
    feed: usize,
}

struct FeedSlot {
    addr: Addr<Feed>,
    shard: usize,
    pairs: usize,
}

impl Supervisor {
    /// A supervisor that starts everything once it runs itself.
    pub(crate) fn new(
        config: SystemConfig,
        adapters: Adapters,
        threads: Threads,
        wiring: Arc<Wiring>,
    ) -> Self {
        let universe = Universe::new(config.universe.clone());
        let (started_mono_ms, started_at) = (wiring.machine.mono_ms(), wiring.machine.utc_ms());
        Self {
            config,
            adapters,
            threads,
            wiring,
            universe,
            pairs: HashMap::new(),
            feeds: Vec::new(),
            backfill: None,
            hub: None,
            ranker: None,
            alert: None,
            delivery_workers: Vec::new(),
            history: None,
            redis_publisher: None,
            tracker: None,
            experiment: None,
            cycle_stats: None,
            universe_day: i64::MIN,
            clients: HashMap::new(),
            generations: HashMap::new(),
            connections: Vec::new(),
            weight: WeightStatus::default(),
            rest_problem: None,
            refreshed_at: None,
            started_mono_ms,
            started_at,
            stopping: false,
        }
    }

    fn look(&mut self, _: &mut Context<Self>) {
        self.refresh_universe_if_due();
        self.publish_status();
    }
}

impl Actor for Supervisor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // Deaths come by `mailbox::must`; a second of reports of every connection fits besides.
        ctx.set_mailbox_capacity(1_024);
        let me = ctx.address();
        self.wiring.deaths.connect(me.clone().recipient());
        self.wiring.feeds.connect(me.clone().recipient());
        self.wiring.outbox.connect(me.clone().recipient());
        self.wiring.rest.connect(me.recipient());
        self.start_core(ctx);
        ctx.run_interval(LOOK, Self::look);
    }
}

impl Handler<ChildDown> for Supervisor {
    type Result = ();

    fn handle(&mut self, down: ChildDown, ctx: &mut Self::Context) {
        self.child_down(&down, ctx);
    }
}

impl Handler<UniverseRead> for Supervisor {
    type Result = ();

    fn handle(&mut self, news: UniverseRead, ctx: &mut Self::Context) {
        self.universe_news(&news, ctx);
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

impl Handler<OutboxEnqueued> for Supervisor {
    type Result = ();

    fn handle(&mut self, news: OutboxEnqueued, _: &mut Self::Context) {
        if self.wiring.publishes.load(std::sync::atomic::Ordering::Relaxed) {
            self.wiring.redis_alerts.offer(news.clone(), &self.wiring.drops);
        }
        if self.tracker.is_some() {
            self.wiring.tracker_alerts.offer(news.clone(), &self.wiring.drops);
        }
        for delivery_worker in &self.delivery_workers {
            crate::actors::mailbox::offer(
                delivery_worker,
                news.clone(),
                "delivery_worker",
                &self.wiring.drops,
            );
        }
    }
}

impl Handler<RestReport> for Supervisor {
    type Result = ();

    fn handle(&mut self, report: RestReport, _: &mut Self::Context) {
        self.weight = report.weight;
        self.rest_problem = report.problem;
    }
}

impl Handler<Subscribe> for Supervisor {
    type Result = ();

    fn handle(&mut self, message: Subscribe, _: &mut Self::Context) {
        self.clients.retain(|_, client| client.connected());
        self.clients.insert(message.id, message.client.clone());
        if let Some(hub) = &self.hub {
            crate::actors::mailbox::offer(hub, message, "hub", &self.wiring.drops);
        }
    }
}

impl Handler<Unsubscribe> for Supervisor {
    type Result = ();

    fn handle(&mut self, message: Unsubscribe, _: &mut Self::Context) {
        self.clients.remove(&message.id);
        if let Some(hub) = &self.hub {
            crate::actors::mailbox::offer(hub, message, "hub", &self.wiring.drops);
        }
    }
}

impl Handler<Stop> for Supervisor {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: Stop, _: &mut Self::Context) -> Self::Result {
        self.stop_all()
    }
}
