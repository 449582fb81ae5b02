//! From settings to running actors and a web server.

use crate::actors::backfill::BackfillConfig;
use crate::actors::drop_counters::LOST_AT_STOP;
use crate::actors::history::HistorySetup;
use crate::actors::operator::OperatorService;
use crate::actors::ports::history::{HistoryStore, Retention};
use crate::actors::ports::state::OperationalState;
use crate::actors::ports::{Clock, MarketRest};
use crate::actors::ranker::RankerConfig;
use crate::actors::redis_publisher::RedisPublisherSetup;
use crate::actors::system::ActorSystem;
use crate::actors::system::config::{Adapters, Placement, SystemConfig};
use crate::actors::tracker::TrackerSetup;
use crate::adapters::binance::http::{BinanceHttp, HttpSettings, Pace};
use crate::adapters::binance::socket::{BinanceSockets, SocketSettings};
use crate::adapters::clock::SystemClock;
use crate::adapters::open_files;
use crate::adapters::redis::RedisCache;
use crate::adapters::scanner_lock::ScannerLock;
use crate::adapters::state::{FolderLock, StateDb};
use crate::app::bot::Bot;
use crate::app::channels::TelegramShared;
use crate::app::config::{alert_config, analysis_config, level_rules};
use crate::app::learning::arm_store::{model_in_force, with_profile_in_force};
use crate::app::learning::schedule::Schedule;
use crate::domain::analysis::btc::BTC;
use crate::domain::duration::Millis;
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::symbol::Symbol;
use crate::domain::time::MINUTE_MS;
use crate::exchange::backfill::HistoryPlan;
use crate::exchange::rest::request::MAX_KLINES;
use crate::exchange::weight::INITIAL_LIMIT;
use crate::i18n::{OrFail, text};
use crate::learning::scorer::Scorer;
use crate::metrics::Metrics;
use crate::settings::{ExchangeSettings, Settings};
use crate::web::{LocalEntry, WebConfig, WebHandles, WebServer, encode_snapshot};
use std::path::{Path, PathBuf};
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
    state: Arc<StateDb>,
    entry: Arc<LocalEntry>,
    base_path: String,
    /// The state folder.
    folder: PathBuf,
    _learning: Option<Schedule>,
    /// Let go of behind everything that writes into the state folder and the history.
    _locks: (FolderLock, Option<ScannerLock>),
}

impl Running {
    /// Starts actors and web server inside the running actix system.
    pub(super) async fn start(settings: &Settings, admin_url: Option<String>) -> anyhow::Result<Self> {
        let settings = &with_profile_in_force(settings);
        let metrics = Metrics::install().or_fail(|| text!(no_metrics))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        metrics.begin(clock.machine_time());
        let folder = super::state::folder(settings);
        let (lock, db) = own_state(settings, &folder)?;
        let state: Arc<dyn OperationalState> = Arc::clone(&db) as _;
        let entry = Arc::new(super::entry::entry(&folder, &db, &clock));
        let telegram = TelegramShared::new(Some(&state));
        let page = format!("http://{}{}", settings.web.bind, settings.web.base_path);
        let channels = super::channels::channels(settings, &telegram, Some(&page))?;
        let (history, history_lock) = history_store(settings, &folder).await?;
        let redis_publisher = redis_publisher(settings)?;
        let config = system_config(settings, folder.clone())?;
        let model = config.scorer.as_ref().map(Scorer::model);
        let adapters = Adapters {
            rest: rest_factory(&settings.exchange),
            streams: Arc::new(BinanceSockets::new(socket_settings(&settings.exchange))),
            state: Arc::clone(&state),
            history: history.as_ref().map(|store| history_setup(settings, store, &state, &*clock)),
            tracker: history.as_ref().map(|store| tracker_setup(settings, store, &state)),
            experiment: history
                .as_ref()
                .and_then(|store| super::experiment::setup(settings, model, store, &state)),
            noted_alerts: noted_alerts(
                redis_publisher.as_ref(),
                clock.machine_time().as_market() + MINUTE_MS,
            )
            .await,
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
        let bot = Bot::new(settings, &telegram, actors.view(), Arc::clone(&operator), Arc::clone(&state))
            .map(|bot| actix_rt::spawn(bot.run()));
        let handles = WebHandles {
            view: actors.view(),
            queries: actors.directory() as _,
            operator: Some(Arc::clone(&operator)),
            entry: Some(Arc::clone(&entry)),
            experiment: (settings.experiment.enabled && history.is_some()).then(|| Arc::clone(&state)),
            model: Some(super::learning::explain::teller(actors.common().clone(), Arc::clone(&state))),
            explain: Some(super::learning::explain::explainer(actors.common().clone())),
            tokens: Some(Arc::clone(&state)),
            measures: Some(state),
            history,
            machine: clock,
            metrics,
        };
        let config = WebConfig { policy: Some(alert_config(settings)), ..web_config(settings, admin_url) };
        // Last: whoever can connect finds everything there.
        let (actors, web) = served(config, handles, actors).await?;
        let base_path = settings.web.base_path.clone();
        let _locks = (lock, history_lock);
        Ok(Self { actors, web, bot, state: db, entry, base_path, folder, _learning: learning, _locks })
    }

    /// Address of the page.
    pub(super) fn page(&self) -> String {
        format!("http://{}{}/", self.web.addr(), self.base_path)
    }

    /// Address that makes the page that opens it an operator's, once.
    pub(super) fn operate_link(&self) -> String {
        super::entry::link(self.web.addr(), &self.base_path, &self.entry.code())
    }

    pub(super) fn is_alive(&self) -> bool {
        self.actors.is_alive()
    }

    /// The answer is how many rows and messages are lost.
    pub(super) async fn stop(self) -> u64 {
        self.state.hurry();
        if let Some(bot) = &self.bot {
            // Nobody orders anything any more; then requests that are open get their answers from actors that still
            // run.
            bot.abort();
        }
        super::entry::close(&self.folder);
        self.web.stop(true).await;
        let drops = Arc::clone(&self.actors.common().drops);
        if !self.actors.stop().await {
            tracing::warn!("a thread of the actors did not end in time");
        }
        self.state.fold_in();
        drops.all().get(LOST_AT_STOP).copied().unwrap_or(0)
    }
}

/// The state, for this scanner alone.
fn own_state(settings: &Settings, folder: &Path) -> anyhow::Result<(FolderLock, Arc<StateDb>)> {
    open_files::enough(settings.web.max_clients)?;
    // Before anything is opened: the first look at the outbox would take the other one's deliveries for an earlier run's.
    super::state::make_folder(folder);
    let lock = FolderLock::take(folder)?;
    let db = Arc::new(StateDb::open_held(folder, &lock)?);
    super::state::make_private(folder);
    Ok((lock, db))
}

/// The history, where it is kept.
async fn history_store(
    settings: &Settings,
    folder: &Path,
) -> anyhow::Result<(Option<Arc<dyn HistoryStore>>, Option<ScannerLock>)> {
    if !settings.history.enabled {
        return Ok((None, None));
    }
    let lock = super::history::own(settings, folder)?;
    let history = super::history::open(settings, folder).await?;
    // Once it has its files.
    super::state::make_private(folder);
    Ok((Some(history), lock))
}

async fn served(
    config: WebConfig,
    handles: WebHandles,
    actors: ActorSystem,
) -> anyhow::Result<(ActorSystem, WebServer)> {
    match crate::web::start(config, handles) {
        Ok(web) => Ok((actors, web)),
        Err(error) => {
            // In order: actors that are still starting when the runtime ends panic.
            actors.stop().await;
            Err(error.into())
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

/// Builds REST clients; all of them share one pace.
pub(super) fn rest_factory(exchange: &ExchangeSettings) -> Arc<dyn Fn() -> Rc<dyn MarketRest> + Send + Sync> {
    let mut http = HttpSettings::new(&exchange.rest_url);
    http.connect_timeout = exchange.connect_timeout;
    http.response_timeout = exchange.response_timeout;
    let (http, pace) = (Arc::new(http), Pace::new(INITIAL_LIMIT));
    Arc::new(move || Rc::new(BinanceHttp::new(&http, pace.clone())) as Rc<dyn MarketRest>)
}

pub(super) fn socket_settings(exchange: &ExchangeSettings) -> SocketSettings {
    let mut socket = SocketSettings::new(&exchange.stream_url);
    socket.connect_timeout = exchange.connect_timeout;
    socket
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

fn redis_publisher(settings: &Settings) -> anyhow::Result<Option<RedisPublisherSetup>> {
    let redis = &settings.redis;
    if !redis.enabled() {
        return Ok(None);
    }
    let cache = RedisCache::new(redis.url.expose(), redis.keys.clone(), Arc::new(encode_snapshot))?;
    Ok(Some(RedisPublisherSetup {
        cache: Arc::new(cache),
        intervals: (settings.exchange.base(), settings.analysis.tf),
        cooldown: settings.alert.policy.cooldown,
    }))
}

/// What the cache remembers of alerts up to `latest`; without an answer the own state has to do. Others write to it, too.
async fn noted_alerts(
    redis_publisher: Option<&RedisPublisherSetup>,
    latest: MarketTime,
) -> Vec<(Symbol, MarketTime)> {
    let Some(redis_publisher) = redis_publisher else { return Vec::new() };
    // The start does not wait for a Redis that hangs: at worst a cooldown begins anew.
    match tokio::time::timeout(Duration::from_secs(1), redis_publisher.cache.noted_alerts()).await {
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
    let recorded_from = first_start.ok().map(MachineTime::as_market);
    HistorySetup {
        store: Arc::clone(store),
        state: Arc::clone(state),
        retention: Retention { recorded_from, ..settings.history.retention },
        compact_every: settings.history.compact_every,
    }
}

pub(super) fn web_config(settings: &Settings, admin_url: Option<String>) -> WebConfig {
    WebConfig {
        base_interval: settings.exchange.base(),
        bar_interval: settings.analysis.tf,
        cycle_interval_ms: settings.cycle.interval.ms(),
        limits: settings.ranking,
        calibrated: settings.model.levels,
        admin_url,
        ..settings.web.clone()
    }
}
