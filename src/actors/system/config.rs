//! What a system is made of: numbers, and the IO that is plugged in.

use crate::actors::backfill::BackfillConfig;
use crate::actors::common::Pace;
use crate::actors::delivery::rules::DeliveryRules;
use crate::actors::experiment::ExperimentSetup;
use crate::actors::failover::FailoverSetup;
use crate::actors::feed::FeedConfig;
use crate::actors::history::HistorySetup;
use crate::actors::history::warm_start::WarmStart;
use crate::actors::ports::alerts::{ChannelSpec, ChartMaker};
use crate::actors::ports::state::OperationalState;
use crate::actors::ports::{Random, RestFactory, StreamConnector};
use crate::actors::ranker::RankerConfig;
use crate::actors::redis_publisher::RedisPublisherSetup;
use crate::actors::restart::RestartPolicy;
use crate::actors::tracker::TrackerSetup;
use crate::actors::view::Encoder;
use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::analysis::AnalysisConfig;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::universe::UniverseRules;
use crate::learning::scorer::Scorer;
use actix::{Arbiter, ArbiterHandle};
use std::path::PathBuf;
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
    /// Between looks at exchangeInfo, market time.
    pub universe_refresh: Duration,
    /// How fast the exchange's clock runs: 1 but for a replay.
    pub market_speed: f64,
    /// Restart budget of each actor.
    pub restart: RestartPolicy,
    /// The model in force; `None` for the rule alone.
    pub scorer: Option<Scorer>,
    /// For the status: where the exchange is.
    pub rest_url: String,
    /// For the status: where its streams are.
    pub stream_url: String,
    /// Where cycles wait for a reader that is behind.
    pub spill_folder: PathBuf,
}

/// The IO that is plugged in.
#[derive(Clone)]
pub struct Adapters {
    /// Makes the REST client on the thread that uses it.
    pub rest: RestFactory,
    pub random: Random,
    pub streams: Arc<dyn StreamConnector>,
    /// What must survive a restart.
    pub state: Arc<dyn OperationalState>,
    /// Keeps history; `None` for none.
    pub history: Option<HistorySetup>,
    /// Opens and judges predictions; `None` where no history is kept.
    pub tracker: Option<TrackerSetup>,
    /// Other profiles and models in the shadow; `None` for none.
    pub experiment: Option<ExperimentSetup>,
    /// Alerts that a shared cache remembers, by the market time of the newest of each pair.
    pub noted_alerts: Vec<(Symbol, MarketTime)>,
    /// Of one of two scanners; `None` for one that is alone.
    pub failover: Option<FailoverSetup>,
    /// Publishes to read-only nodes; `None` for none.
    pub redis_publisher: Option<RedisPublisherSetup>,
    /// Candles that an earlier run left.
    pub kept: Arc<WarmStart>,
    pub channels: Arc<Vec<ChannelSpec>>,
    /// Draws charts for alerts.
    pub charts: Arc<dyn ChartMaker>,
    /// Serialises a snapshot for the dashboards.
    pub encoder: Encoder,
}

/// Which thread each actor runs on, and how often it looks around.
pub struct Placement {
    /// The ranker: nothing may make a cycle late.
    pub(crate) core: ArbiterHandle,
    /// The REST queue.
    pub(crate) rest: ArbiterHandle,
    /// Who waits for the disk and the network: alerts, deliveries, history, ledger, Redis.
    pub(crate) out: ArbiterHandle,
    /// The experiment: it scores as much again as the ranker.
    pub(crate) experiment: ArbiterHandle,
    /// Connections and their pairs.
    pub(crate) shards: Vec<ArbiterHandle>,
    pub(crate) pace: Pace,
    /// Threads that end with the system.
    pub(super) own: Vec<Arbiter>,
}

impl Placement {
    /// Threads of their own, `shards` of them for the connections.
    pub fn threads(shards: usize) -> Self {
        let own: Vec<Arbiter> = (0..shards.max(1) + 4).map(|_| Arbiter::new()).collect();
        let mut handles: Vec<ArbiterHandle> = own.iter().map(Arbiter::handle).collect();
        let shards = handles.split_off(4);
        let [core, rest, out, experiment] = std::array::from_fn(|i| handles[i].clone());
        Self { core, rest, out, experiment, shards, pace: Pace::default(), own }
    }

    /// Everything on this thread, in `shards` shards: so that one clock, or one seed, governs it all.
    pub fn here(shards: usize) -> Self {
        let here = Arbiter::current();
        Self {
            core: here.clone(),
            rest: here.clone(),
            out: here.clone(),
            experiment: here.clone(),
            shards: vec![here; shards.max(1)],
            pace: Pace::default(),
            own: Vec::new(),
        }
    }

    /// No actor looks around more often than that.
    pub fn looking_every(self, shortest: Duration) -> Self {
        Self { pace: Pace::no_shorter_than(shortest), ..self }
    }
}
