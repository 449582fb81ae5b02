//! The scanner itself: settings and what it stands on become running actors. The program stands on sockets, files and clocks of the
//! machine, a simulation on its own.

use crate::actors::backfill::BackfillConfig;
use crate::actors::failover::FailoverSetup;
use crate::actors::history::HistorySetup;
use crate::actors::ports::alerts::ChannelSpec;
use crate::actors::ports::history::HistoryStore;
use crate::actors::ports::redis::SnapshotCache;
use crate::actors::ports::state::OperationalState;
use crate::actors::ports::{Clock, Random, RestFactory, StreamConnector};
use crate::actors::ranker::RankerConfig;
use crate::actors::redis_publisher::RedisPublisherSetup;
use crate::actors::system::ActorSystem;
use crate::actors::system::config::{Adapters, Placement, SystemConfig};
use crate::actors::tracker::TrackerSetup;
use crate::app::config::{alert_config, analysis_config, level_rules};
use crate::app::learning::arm_store::model_in_force;
use crate::domain::analysis::btc::BTC;
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::symbol::Symbol;
use crate::domain::time::MINUTE_MS;
use crate::exchange::backfill::HistoryPlan;
use crate::exchange::rest::request::MAX_KLINES;
use crate::learning::scorer::Scorer;
use crate::settings::Settings;
use crate::web::encode_snapshot;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// History asked for at the base interval: 26 h, as much as the window holds.
const BASE_SPAN_MIN: i64 = 1_560;

/// What a scanner stands on.
pub struct Surroundings {
    pub clock: Arc<dyn Clock>,
    pub random: Random,
    pub rest: RestFactory,
    pub streams: Arc<dyn StreamConnector>,
    pub state: Arc<dyn OperationalState>,
    /// `None` where no history is kept.
    pub history: Option<Arc<dyn HistoryStore>>,
    /// `None` for no Redis.
    pub redis: Option<Arc<dyn SnapshotCache>>,
    /// `None` for a scanner that is alone.
    pub failover: Option<FailoverSetup>,
    pub channels: Vec<ChannelSpec>,
    pub placement: Placement,
}

/// Starts the actors inside the running actix system.
///
/// # Errors
/// Settings that do not go together.
pub async fn scanner(settings: &Settings, around: Surroundings) -> anyhow::Result<ActorSystem> {
    let Surroundings { clock, random, rest, streams, state, history, redis, failover, channels, placement } =
        around;
    let config = system_config(settings, super::state::folder(settings))?;
    let model = config.scorer.as_ref().map(Scorer::model);
    let now = clock.machine_time().as_market();
    let adapters = Adapters {
        rest,
        random,
        streams,
        state: Arc::clone(&state),
        history: history.as_ref().map(|store| history_setup(settings, store, &state, &*clock)),
        tracker: history.as_ref().map(|store| tracker_setup(settings, store, &state)),
        experiment: history
            .as_ref()
            .and_then(|store| super::experiment::setup(settings, model, store, &state)),
        noted_alerts: noted_alerts(redis.as_ref(), now + MINUTE_MS).await,
        failover,
        redis_publisher: redis.map(|cache| redis_publisher(settings, cache)),
        kept: super::history::warm_start(settings, history.as_ref(), &*state, now),
        channels: Arc::new(channels),
        charts: Arc::new(crate::adapters::chart::Charts),
        encoder: Arc::new(encode_snapshot),
    };
    Ok(ActorSystem::start(config, adapters, clock, placement))
}

fn system_config(settings: &Settings, spill_folder: PathBuf) -> anyhow::Result<SystemConfig> {
    let (exchange, tf) = (&settings.exchange, settings.analysis.tf);
    let base = exchange.base();
    let plan = HistoryPlan {
        base,
        bar: tf,
        base_span_min: BASE_SPAN_MIN.max(1_440 + tf.minutes() + base.minutes() + 60),
        bars: MAX_KLINES,
    };
    Ok(SystemConfig {
        analysis: Arc::new(analysis_config(settings, base)?),
        ranker: RankerConfig {
            cycle: settings.cycle,
            base_ms: base.ms(),
            filters: settings.ranking,
            levels: level_rules(settings),
            btc: BTC.to_owned(),
        },
        backfill: BackfillConfig {
            plan,
            rules: exchange.planner,
            weight_share: exchange.weight_share,
            rest_url: exchange.rest_url.clone(),
        },
        feed: exchange.feed.clone(),
        alert: alert_config(settings),
        delivery_worker: settings.alert.delivery,
        universe: exchange.universe.clone(),
        universe_refresh: exchange.universe_refresh,
        market_speed: exchange.market_speed,
        restart: settings.system.restart,
        scorer: model_in_force(settings).map(|model| Scorer::new(model, settings.model.adapt_config())),
        rest_url: exchange.rest_url.clone(),
        stream_url: exchange.stream_url.clone(),
        spill_folder,
    })
}

fn redis_publisher(settings: &Settings, cache: Arc<dyn SnapshotCache>) -> RedisPublisherSetup {
    RedisPublisherSetup {
        cache,
        intervals: (settings.exchange.base(), settings.analysis.tf),
        cooldown: settings.alert.policy.cooldown,
    }
}

/// What the cache remembers of alerts up to `latest`; without an answer the own state has to do. Others write to it, too.
async fn noted_alerts(
    cache: Option<&Arc<dyn SnapshotCache>>,
    latest: MarketTime,
) -> Vec<(Symbol, MarketTime)> {
    let Some(cache) = cache else { return Vec::new() };
    // The start does not wait for a Redis that hangs: at worst a cooldown begins anew.
    match tokio::time::timeout(Duration::from_secs(1), cache.noted_alerts()).await {
        Ok(Ok(mut noted)) => {
            noted.retain(|(symbol, as_of)| {
                let sound = (MarketTime::EPOCH..=latest).contains(as_of) && Symbol::is_name(symbol.as_str());
                if !sound {
                    tracing::warn!(
                        as_of = as_of.ms(),
                        "an alert that Redis remembers makes no sense and does not count"
                    );
                }
                sound
            });
            noted
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "Redis cannot be used: cooldowns come from the own state alone");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

fn tracker_setup(
    settings: &Settings,
    store: &Arc<dyn HistoryStore>,
    state: &Arc<dyn OperationalState>,
) -> TrackerSetup {
    TrackerSetup { state: Arc::clone(state), store: Arc::clone(store), base: settings.exchange.base() }
}

fn history_setup(
    settings: &Settings,
    store: &Arc<dyn HistoryStore>,
    state: &Arc<dyn OperationalState>,
    clock: &dyn Clock,
) -> HistorySetup {
    let first_start = state.first_start(clock.machine_time()).inspect_err(
        |error| tracing::warn!(%error, "when the first start was cannot be read: only noted ranges count as imported"),
    );
    HistorySetup {
        store: Arc::clone(store),
        state: Arc::clone(state),
        retention: settings.history.retention.since_first_start(
            first_start.ok().map(MachineTime::as_market),
            super::history::warm_up_ms(settings),
        ),
        compact_every: settings.history.compact_every,
        shared: settings.redis.standby && settings.history.is_remote(),
    }
}
