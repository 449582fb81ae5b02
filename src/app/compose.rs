//! From settings to running actors and a web server.

use crate::actors::drop_counters::LOST_AT_STOP;
use crate::actors::operator::OperatorService;
use crate::actors::ports::history::HistoryStore;
use crate::actors::ports::redis::SnapshotCache;
use crate::actors::ports::state::OperationalState;
use crate::actors::ports::{Clock, MarketRest, RestFactory};
use crate::actors::system::ActorSystem;
use crate::actors::system::config::Placement;
use crate::adapters::binance::http::{BinanceHttp, HttpSettings, Pace};
use crate::adapters::binance::socket::{BinanceSockets, SocketSettings};
use crate::adapters::clock::SystemClock;
use crate::adapters::open_files;
use crate::adapters::redis::RedisCache;
use crate::adapters::scanner_lock::ScannerLock;
use crate::adapters::state::{FolderLock, StateDb};
use crate::app::bot::Bot;
use crate::app::channels::TelegramShared;
use crate::app::config::alert_config;
use crate::app::learning::arm_store::with_profile_in_force;
use crate::app::learning::schedule::Schedule;
use crate::app::scanner::{Surroundings, scanner};
use crate::domain::duration::Millis;
use crate::exchange::weight::INITIAL_LIMIT;
use crate::i18n::{OrFail, text};
use crate::metrics::Metrics;
use crate::settings::{ExchangeSettings, Settings};
use crate::web::{LocalEntry, WebConfig, WebHandles, WebServer, encode_snapshot};
use rand::Rng;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

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
        let names = channels.iter().map(|c| c.name.clone()).collect();
        let around = Surroundings {
            clock: Arc::clone(&clock),
            random: Arc::new(|| rand::rng().next_u64()),
            rest: rest_factory(&settings.exchange),
            streams: Arc::new(BinanceSockets::new(socket_settings(&settings.exchange))),
            state: Arc::clone(&state),
            history: history.clone(),
            redis: redis_cache(settings)?,
            failover: super::failover::setup(settings, &db)?,
            channels,
            placement: Placement::threads(settings.system.shards),
        };
        let actors = scanner(settings, around).await?;
        let scheduled = settings.experiment.enabled && history.is_some();
        let learning = scheduled.then(|| Schedule::start(settings, Arc::clone(&state), actors.common()));
        let operator = operator(&state, names, &actors);
        let bot = Bot::new(settings, &telegram, actors.common(), Arc::clone(&operator), Arc::clone(&state))
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
pub(super) fn rest_factory(exchange: &ExchangeSettings) -> RestFactory {
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

fn redis_cache(settings: &Settings) -> anyhow::Result<Option<Arc<dyn SnapshotCache>>> {
    let redis = &settings.redis;
    if !redis.enabled() {
        return Ok(None);
    }
    let cache = RedisCache::new(redis.url.expose(), redis.keys.clone(), Arc::new(encode_snapshot))?;
    Ok(Some(Arc::new(cache)))
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
