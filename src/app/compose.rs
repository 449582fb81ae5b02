//! From settings to running actors and a web server.

use crate::actors::backfill::BackfillConfig;
use crate::actors::courier::rules::CourierRules;
use crate::actors::feed::FeedConfig;
use crate::actors::ports::alerts::ChannelSpec;
use crate::actors::ports::{Clock, MarketRest};
use crate::actors::ranker::RankerConfig;
use crate::actors::restart::RestartPolicy;
use crate::actors::supervisor::{Adapters, SystemConfig};
use crate::actors::system::ActorSystem;
use crate::adapters::binance::http::{BinanceHttp, HttpSettings, Pace};
use crate::adapters::binance::socket::{BinanceSockets, SocketSettings};
use crate::adapters::clock::SystemClock;
use crate::adapters::notify::console::Console;
use crate::adapters::state::StateDb;
use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::analysis::AnalysisConfig;
use crate::domain::analysis::btc::BTC;
use crate::domain::ranking::RankingFilters;
use crate::domain::report::Level;
use crate::domain::time::MINUTE_MS;
use crate::domain::universe::UniverseRules;
use crate::exchange::backfill::{HistoryPlan, PlannerRules};
use crate::exchange::backoff::BackoffPolicy;
use crate::exchange::rest::request::MAX_KLINES;
use crate::exchange::stream::liveness::LivenessRules;
use crate::exchange::stream::plan::PlanRules;
use crate::exchange::stream::session::SessionRules;
use crate::exchange::weight::INITIAL_LIMIT;
use crate::metrics::Metrics;
use crate::settings::{ExchangeSettings, Settings};
use crate::web::{ListingLimits, WebConfig, WebHandles, WebServer, encode_snapshot};
use anyhow::Context;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// History asked for at the base interval: 26 h, as much as the window holds.
const BASE_SPAN_MIN: i64 = 1_560;

/// A running scanner with its web server.
pub(super) struct Running {
    actors: ActorSystem,
    web: WebServer,
}

impl Running {
    /// Starts actors and web server inside the running actix system.
    pub(super) fn start(settings: &Settings, admin_url: Option<String>) -> anyhow::Result<Self> {
        let metrics = Metrics::install().context("the metrics recorder cannot be set up")?;
        let env = |name: &str| std::env::var(name).ok();
        let folder = settings.state.folder(env("HOME").as_deref(), env("XDG_STATE_HOME").as_deref());
        let state = Arc::new(StateDb::open(&folder)?);
        let channels = channels(settings);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let adapters = Adapters {
            rest: rest_factory(&settings.exchange),
            streams: Arc::new(BinanceSockets::new(socket_settings(&settings.exchange))),
            state: Arc::clone(&state) as _,
            channels: Arc::new(channels),
            outbox: Arc::clone(&state) as _,
            lists: state,
            charts: Arc::new(crate::adapters::chart::Charts),
            encoder: Arc::new(encode_snapshot),
        };
        let actors = ActorSystem::start(system_config(settings)?, adapters, clock);
        let handles = WebHandles {
            view: actors.view(),
            queries: Arc::clone(&actors.wiring().directory) as _,
            subscribe: actors.supervisor().clone().recipient(),
            unsubscribe: actors.supervisor().clone().recipient(),
            metrics,
        };
        let web = crate::web::start(web_config(settings, admin_url), handles)?;
        Ok(Self { actors, web })
    }

    pub(super) const fn addr(&self) -> SocketAddr {
        self.web.addr()
    }

    pub(super) fn is_alive(&self) -> bool {
        self.actors.is_alive()
    }

    pub(super) async fn stop(self) {
        self.web.stop(true).await;
        if !self.actors.stop().await {
            tracing::warn!("a thread of the actors did not end in time");
        }
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

fn ms(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX)
}

fn whole(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

fn system_config(settings: &Settings) -> anyhow::Result<SystemConfig> {
    let (base, tf) = (settings.exchange.base(), settings.analysis.tf());
    let mut analysis = AnalysisConfig::new(base, tf, Arc::new(settings.analysis.profile.clone()))?;
    analysis.stale_after_ms = ms(settings.analysis.stale_after_s);
    analysis.idle_query_after_ms = ms(settings.analysis.idle_query_s);
    analysis.close_grace_ms = whole(settings.cycle.close_grace_ms);
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
            filters: RankingFilters {
                min_volume_24h: settings.ranking.min_volume_24h,
                min_price: settings.ranking.min_price,
                max_price: settings.ranking.max_price,
            },
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
        courier: CourierRules::default(),
        universe: UniverseRules {
            quote_asset: settings.exchange.quote_asset.clone(),
            max_min_notional: settings.exchange.max_min_notional,
            ..UniverseRules::default()
        },
        shards: settings.system.shards,
        universe_refresh_ms: ms(settings.exchange.universe_refresh_s),
        restart: RestartPolicy {
            budget: settings.system.restart_budget,
            window_ms: ms(settings.system.restart_window_s),
            ..RestartPolicy::default()
        },
        rest_url: settings.exchange.rest_url.clone(),
        stream_url: settings.exchange.stream_url.clone(),
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

fn channels(settings: &Settings) -> Vec<ChannelSpec> {
    let language = settings.alert.language;
    vec![ChannelSpec {
        name: "console".to_owned(),
        language,
        daily_cap: None,
        idempotent: true,
        resend_uncertain: true,
        charts: false,
        min_level: Level::Alta,
        make: Arc::new(move || Box::new(Console { language })),
    }]
}

fn alert_config(settings: &Settings) -> AlertPolicyConfig {
    let alert = &settings.alert;
    AlertPolicyConfig {
        confirm_cycles: alert.confirm_cycles,
        breakout_points: alert.breakout_points,
        hysteresis: alert.hysteresis,
        cooldown_ms: ms(alert.cooldown_s),
        escalation_points: alert.escalation_points,
        rule: settings.analysis.profile.levels,
        ..AlertPolicyConfig::default()
    }
}

fn web_config(settings: &Settings, admin_url: Option<String>) -> WebConfig {
    WebConfig {
        bind: settings.web.address(),
        workers: settings.web.workers,
        base_interval: settings.exchange.base(),
        cycle_interval_ms: ms(settings.cycle.interval_s),
        limits: ListingLimits {
            min_volume_24h: settings.ranking.min_volume_24h,
            min_price: settings.ranking.min_price,
            max_price: settings.ranking.max_price,
            min_score: settings.analysis.profile.levels.baja,
        },
        max_clients: settings.web.max_clients,
        admin_url,
        ..WebConfig::default()
    }
}
