//! From settings to running actors and a web server.

use crate::actors::backfill::BackfillConfig;
use crate::actors::delivery::rules::DeliveryRules;
use crate::actors::feed::FeedConfig;
use crate::actors::history::HistorySetup;
use crate::actors::operator::OperatorService;
use crate::actors::ports::history::HistoryStore;
use crate::actors::ports::state::OperationalState;
use crate::actors::ports::{Clock, MarketRest};
use crate::actors::ranker::RankerConfig;
use crate::actors::redis_publisher::RedisPublisherSetup;
use crate::actors::restart::RestartPolicy;
use crate::actors::system::ActorSystem;
use crate::actors::system::config::{Adapters, Placement, SystemConfig};
use crate::actors::tracker::TrackerSetup;
use crate::adapters::binance::http::{BinanceHttp, HttpSettings, Pace};
use crate::adapters::binance::socket::{BinanceSockets, SocketSettings};
use crate::adapters::clock::SystemClock;
use crate::adapters::notify::telegram::TelegramLimits;
use crate::adapters::redis::{Keys, RedisCache};
use crate::adapters::state::StateDb;
use crate::app::bot::Bot;
use crate::app::config::{alert_config, analysis_config, level_rules, ms, whole};
use crate::app::learning::arm_store::{model_in_force, with_profile_in_force};
use crate::app::learning::schedule::Schedule;
use crate::domain::analysis::btc::BTC;
use crate::domain::symbol::Symbol;
use crate::domain::time::{MINUTE_MS, UtcMs};
use crate::domain::universe::UniverseRules;
use crate::exchange::backfill::{HistoryPlan, PlannerRules};
use crate::exchange::backoff::BackoffPolicy;
use crate::exchange::rest::request::MAX_KLINES;
use crate::exchange::stream::liveness::LivenessRules;
use crate::exchange::stream::plan::PlanRules;
use crate::exchange::stream::session::SessionRules;
use crate::exchange::weight::INITIAL_LIMIT;
use crate::i18n::{OrFail, text};
use crate::learning::scorer::Scorer;
use crate::metrics::Metrics;
use crate::settings::{ExchangeSettings, Settings};
use crate::web::config::PolicyInForce;
use crate::web::{Rate, WebConfig, WebHandles, WebServer, encode_snapshot};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// History asked for at the base interval: 26 h, as much as the window holds.
const BASE_SPAN_MIN: i64 = 1_560;

/// A running scanner with its web server.
pub(super) struct Running {
    actors: ActorSystem,
    web: WebServer,
    bot: Option<tokio::task::JoinHandle<()>>,
    _learning: Option<Schedule>,
}

impl Running {
    /// Starts actors and web server inside the running actix system.
    pub(super) async fn start(settings: &Settings, admin_url: Option<String>) -> anyhow::Result<Self> {
        let settings = &with_profile_in_force(settings);
        let metrics = Metrics::install().or_fail(|| text!(no_metrics))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        metrics.begin(clock.utc_ms());
        let folder = super::state::folder(settings);
        let state: Arc<dyn OperationalState> = Arc::new(StateDb::open(&folder)?);
        let limits = Arc::new(TelegramLimits::new());
        let page = format!("http://{}", settings.web.address());
        let channels = super::channels::channels(settings, &limits, Some(&page))?;
        let history = match settings.history.enabled {
            true => Some(super::history::open(settings, &folder).await?),
            false => None,
        };
        let redis_publisher = redis_publisher(settings)?;
        let config = system_config(settings, folder.clone())?;
        let model = config.scorer.as_ref().map(Scorer::model);
        let adapters = Adapters {
            rest: rest_factory(&settings.exchange),
            streams: Arc::new(BinanceSockets::new(socket_settings(&settings.exchange))),
            state: Arc::clone(&state),
            history: history.as_ref().map(|store| history_setup(settings, store, &state)),
            tracker: history.as_ref().map(|store| tracker_setup(settings, store, &state)),
            experiment: history
                .as_ref()
                .and_then(|store| super::experiment::setup(settings, model, store, &state)),
            noted_alerts: noted_alerts(redis_publisher.as_ref()).await,
            redis_publisher,
            kept: super::history::warm_start(settings, history.as_ref(), &*state),
            channels: Arc::new(channels),
            charts: Arc::new(crate::adapters::chart::Charts),
            encoder: Arc::new(encode_snapshot),
        };
        let names = adapters.channels.iter().map(|c| c.name.clone()).collect();
        let actors = ActorSystem::start(
            config,
            adapters,
            Arc::clone(&clock),
            Placement::threads(settings.system.shards),
        );
        let scheduled = settings.experiment.enabled && history.is_some();
        let learning = scheduled.then(|| Schedule::start(settings, Arc::clone(&state)));
        let operator = operator(&state, names, &actors);
        let bot = Bot::new(settings, &limits, actors.view(), Arc::clone(&operator), Arc::clone(&state))
            .map(|bot| actix_rt::spawn(bot.run()));
        let handles = WebHandles {
            view: actors.view(),
            queries: actors.directory() as _,
            operator: Some(Arc::clone(&operator)),
            experiment: (settings.experiment.enabled && history.is_some()).then(|| Arc::clone(&state)),
            model: Some(super::learning::explain::teller(actors.common().clone(), Arc::clone(&state))),
            explain: Some(super::learning::explain::explainer(actors.common().clone())),
            tokens: Some(Arc::clone(&state)),
            measures: Some(state),
            history,
            machine: clock,
            metrics,
        };
        let policy =
            PolicyInForce { policy: alert_config(settings), quiet_hours: settings.alert.quiet_hours.clone() };
        let config = WebConfig { policy: Some(policy), ..web_config(settings, admin_url) };
        let web = crate::web::start(config, handles)?;
        Ok(Self { actors, web, bot, _learning: learning })
    }

    pub(super) const fn addr(&self) -> SocketAddr {
        self.web.addr()
    }

    pub(super) fn is_alive(&self) -> bool {
        self.actors.is_alive()
    }

    pub(super) async fn stop(self) {
        if let Some(bot) = &self.bot {
            bot.abort();
        }
        self.web.stop(true).await;
        if !self.actors.stop().await {
            tracing::warn!("a thread of the actors did not end in time");
        }
    }
}

fn operator(
    state: &Arc<dyn OperationalState>,
    channels: Vec<String>,
    actors: &ActorSystem,
) -> Arc<OperatorService> {
    Arc::new(OperatorService::new(
        Arc::clone(state),
        channels,
        Arc::clone(&actors.common().clocks),
        actors.enqueued(),
    ))
}

/// Which pairs are looked at, of all that the exchange lists.
pub(super) fn universe_rules(exchange: &ExchangeSettings) -> UniverseRules {
    UniverseRules {
        quote_asset: exchange.quote_asset.clone(),
        max_min_notional: exchange.max_min_notional,
        ..UniverseRules::default()
    }
}

/// Builds REST clients; all of them share one pace.
pub(super) fn rest_factory(exchange: &ExchangeSettings) -> Arc<dyn Fn() -> Rc<dyn MarketRest> + Send + Sync> {
    let mut http = HttpSettings::new(&exchange.rest_url);
    http.connect_timeout = Duration::from_millis(exchange.connect_timeout_ms);
    http.response_timeout = Duration::from_millis(exchange.response_timeout_ms);
    let (http, pace) = (Arc::new(http), Pace::new(INITIAL_LIMIT));
    Arc::new(move || Rc::new(BinanceHttp::new(&http, pace.clone())) as Rc<dyn MarketRest>)
}

pub(super) fn socket_settings(exchange: &ExchangeSettings) -> SocketSettings {
    let mut socket = SocketSettings::new(&exchange.stream_url);
    socket.connect_timeout = Duration::from_millis(exchange.connect_timeout_ms);
    socket
}

fn system_config(settings: &Settings, spill_folder: PathBuf) -> anyhow::Result<SystemConfig> {
    let (base, tf) = (settings.exchange.base(), settings.analysis.tf());
    let analysis = analysis_config(settings, base)?;
    let plan = HistoryPlan {
        base,
        bar: tf,
        base_span_min: BASE_SPAN_MIN.max(1_440 + tf.ms() / MINUTE_MS + base.ms() / MINUTE_MS + 60),
        bars: MAX_KLINES,
    };
    let planner =
        PlannerRules { max_in_flight: settings.exchange.rest_concurrency, ..PlannerRules::default() };
    Ok(SystemConfig {
        analysis: Arc::new(analysis),
        ranker: RankerConfig {
            interval_ms: ms(settings.cycle.interval_s),
            base_ms: base.ms(),
            close_grace_ms: whole(settings.cycle.close_grace_ms),
            deadline_ms: settings.cycle.deadline_ms,
            filters: settings.ranking,
            btc: BTC.to_owned(),
        },
        backfill: BackfillConfig {
            plan,
            rules: planner,
            weight_share: settings.exchange.weight_share,
            rest_url: settings.exchange.rest_url.clone(),
        },
        feed: feed_config(&settings.exchange),
        alert: alert_config(settings),
        delivery_worker: DeliveryRules {
            expire_after_ms: ms(settings.alert.expire_s),
            ..DeliveryRules::default()
        },
        universe: universe_rules(&settings.exchange),
        universe_refresh_ms: ms(settings.exchange.universe_refresh_s),
        restart: RestartPolicy {
            budget: settings.system.restart_budget,
            window_ms: ms(settings.system.restart_window_s),
            ..RestartPolicy::default()
        },
        scorer: model_in_force(settings)
            .map(|model| Scorer::new(model, settings.model.levels, settings.model.adapt_config())),
        rest_url: settings.exchange.rest_url.clone(),
        stream_url: settings.exchange.stream_url.clone(),
        spill_folder,
    })
}

fn feed_config(exchange: &ExchangeSettings) -> FeedConfig {
    FeedConfig {
        base: exchange.base(),
        session: SessionRules {
            silence_ms: ms(exchange.silent_after_s),
            max_age_ms: ms(exchange.rotate_after_s),
            ..SessionRules::default()
        },
        liveness: LivenessRules {
            silent_after_ms: ms(exchange.pair_silent_after_s),
            ..LivenessRules::default()
        },
        plan: PlanRules {
            max_streams: exchange.max_streams_per_connection,
            min_connections: exchange.connections,
            ..PlanRules::default()
        },
        backoff: BackoffPolicy::default(),
    }
}

fn redis_publisher(settings: &Settings) -> anyhow::Result<Option<RedisPublisherSetup>> {
    if !settings.redis.enabled() {
        return Ok(None);
    }
    let cache =
        RedisCache::new(settings.redis.url.expose(), redis_keys(settings), Arc::new(encode_snapshot))?;
    Ok(Some(RedisPublisherSetup {
        cache: Arc::new(cache),
        intervals: (settings.exchange.base(), settings.analysis.tf()),
        cooldown_ms: ms(settings.alert.cooldown_s),
    }))
}

/// What the cache remembers of alerts; without an answer the own state has to do.
async fn noted_alerts(redis_publisher: Option<&RedisPublisherSetup>) -> Vec<(Symbol, UtcMs)> {
    let Some(redis_publisher) = redis_publisher else { return Vec::new() };
    match tokio::time::timeout(Duration::from_secs(1), redis_publisher.cache.noted_alerts()).await {
        Ok(Ok(noted)) => noted,
        Ok(Err(error)) => {
            tracing::warn!(%error, "Redis cannot be used: cooldowns come from the own state alone");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

pub(super) fn redis_keys(settings: &Settings) -> Keys {
    Keys { prefix: settings.redis.prefix.clone(), ttl_ms: settings.redis.ttl_s * 1_000 }
}

fn tracker_setup(
    settings: &Settings,
    store: &Arc<dyn HistoryStore>,
    state: &Arc<dyn OperationalState>,
) -> TrackerSetup {
    TrackerSetup {
        levels: level_rules(settings),
        state: Arc::clone(state),
        store: Arc::clone(store),
        base: settings.exchange.base(),
    }
}

fn history_setup(
    settings: &Settings,
    store: &Arc<dyn HistoryStore>,
    state: &Arc<dyn OperationalState>,
) -> HistorySetup {
    HistorySetup {
        store: Arc::clone(store),
        state: Arc::clone(state),
        retention: super::history::retention(&settings.history),
        compact_every: Duration::from_secs(settings.history.compact_every_min * 60),
    }
}

pub(super) fn web_config(settings: &Settings, admin_url: Option<String>) -> WebConfig {
    WebConfig {
        bind: settings.web.address(),
        workers: settings.web.workers,
        base_interval: settings.exchange.base(),
        bar_interval: settings.analysis.tf(),
        cycle_interval_ms: ms(settings.cycle.interval_s),
        limits: settings.ranking,
        max_clients: settings.web.max_clients,
        admin_url,
        public_read: settings.web.public_read,
        cors_origins: settings.web.cors_origins.clone(),
        rate: Rate {
            per_second: settings.web.rate_limit_per_s,
            burst: settings.web.rate_limit_burst,
            loopback: settings.web.rate_limit_loopback,
        },
        ..WebConfig::default()
    }
}
