//! The whole actor system under virtual time, against an exchange inside the test process.

use super::fake_exchange::{FakeExchange, FakeRest, FakeStreams, START, VirtualClock, minute};
use impulso::actors::backfill::BackfillConfig;
use impulso::actors::delivery::rules::DeliveryRules;
use impulso::actors::directory::Directory;
use impulso::actors::failover::FailoverSetup;
use impulso::actors::feed::FeedConfig;
use impulso::actors::history::HistorySetup;
use impulso::actors::history::warm_start::{WarmStart, WarmStartRules};
use impulso::actors::messages::Poison;
use impulso::actors::ports::alerts::ChannelSpec;
use impulso::actors::ports::state::OperationalState;
use impulso::actors::ports::{Clock, MarketRest};
use impulso::actors::ranker::{CycleTimes, RankerConfig};
use impulso::actors::restart::RestartPolicy;
use impulso::actors::system::ActorSystem;
use impulso::actors::system::config::{Adapters, Placement, SystemConfig};
use impulso::actors::tracker::TrackerSetup;
use impulso::actors::view::{FeedState, LiveView, SymbolQueries};
use impulso::adapters::chart::Charts;
use impulso::adapters::state::StateDb;
use impulso::domain::alert::config::AlertPolicyConfig;
use impulso::domain::analysis::AnalysisConfig;
use impulso::domain::level_rules::LevelRules;
use impulso::domain::ranking::{RankingFilters, Snapshot};
use impulso::domain::report::NotReady;
use impulso::domain::time::Interval;
use impulso::domain::universe::UniverseRules;
use impulso::exchange::backfill::{HistoryPlan, PlannerRules};
use impulso::exchange::backoff::BackoffPolicy;
use impulso::exchange::stream::liveness::LivenessRules;
use impulso::exchange::stream::plan::PlanRules;
use impulso::exchange::stream::session::SessionRules;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(super) struct Fixture {
    pub(super) exchange: Arc<FakeExchange>,
    pub(super) system: ActorSystem,
    pub(super) view: Arc<LiveView>,
    pub(super) directory: Arc<Directory>,
    pub(super) folder: tempfile::TempDir,
}

pub(super) fn names(count: usize) -> Vec<String> {
    (0..count - 1).map(|i| format!("S{i:03}USDT")).chain(["BTCUSDT".to_owned()]).collect()
}

pub(super) fn config(cycle_ms: u64) -> SystemConfig {
    let analysis = AnalysisConfig::new(Interval::M1, Interval::M15, Arc::default()).expect("fits");
    SystemConfig {
        scorer: None,
        ranker: RankerConfig {
            cycle: CycleTimes {
                interval: Duration::from_millis(cycle_ms),
                close_grace: Duration::from_secs(2),
                deadline: Duration::from_secs(1),
            },
            base_ms: Interval::M1.ms(),
            filters: RankingFilters::default(),
            levels: LevelRules::default(),
            btc: "BTCUSDT".to_owned(),
        },
        analysis: Arc::new(analysis),
        backfill: BackfillConfig {
            plan: HistoryPlan::default(),
            rules: PlannerRules::default(),
            weight_share: 0.9,
            rest_url: "http://fake".to_owned(),
        },
        feed: FeedConfig {
            base: Interval::M1,
            session: SessionRules::default(),
            liveness: LivenessRules::default(),
            plan: PlanRules::default(),
            backoff: BackoffPolicy::default(),
        },
        alert: AlertPolicyConfig::default(),
        delivery_worker: DeliveryRules::default(),
        universe: UniverseRules::default(),
        universe_refresh: Duration::from_secs(60),
        market_speed: 1.0,
        restart: RestartPolicy::default(),
        rest_url: "http://fake".to_owned(),
        stream_url: "ws://fake".to_owned(),
        spill_folder: std::env::temp_dir(),
    }
}

/// Everything on this thread, so that the paused clock governs all of it.
pub(super) fn start(pairs: usize, config: SystemConfig) -> Fixture {
    tokio::time::pause();
    start_with(pairs, config, tempfile::tempdir().expect("a folder"))
}

pub(super) fn start_with(pairs: usize, config: SystemConfig, folder: tempfile::TempDir) -> Fixture {
    let state = Arc::new(StateDb::open(folder.path()).expect("a state"));
    start_on_state(pairs, config, folder, state, Vec::new(), None)
}

pub(super) fn start_on_state(
    pairs: usize,
    config: SystemConfig,
    folder: tempfile::TempDir,
    state: Arc<dyn OperationalState>,
    channels: Vec<ChannelSpec>,
    history: Option<HistorySetup>,
) -> Fixture {
    start_placed(pairs, config, folder, state, channels, history, Placement::here(2))
}

pub(super) fn start_placed(
    pairs: usize,
    config: SystemConfig,
    folder: tempfile::TempDir,
    state: Arc<dyn OperationalState>,
    channels: Vec<ChannelSpec>,
    history: Option<HistorySetup>,
    placement: Placement,
) -> Fixture {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::start());
    let exchange = FakeExchange::new(names(pairs), Arc::clone(&clock));
    start_at(exchange, clock, config, Stand { folder, state, channels, history, placement, failover: None })
}

pub(super) struct Stand {
    pub(super) folder: tempfile::TempDir,
    pub(super) state: Arc<dyn OperationalState>,
    pub(super) channels: Vec<ChannelSpec>,
    pub(super) history: Option<HistorySetup>,
    pub(super) placement: Placement,
    pub(super) failover: Option<FailoverSetup>,
}

pub(super) fn start_at(
    exchange: Arc<FakeExchange>,
    clock: Arc<dyn Clock>,
    config: SystemConfig,
    stand: Stand,
) -> Fixture {
    let Stand { folder, state, channels, history, placement, failover } = stand;
    let rest = Arc::clone(&exchange);
    let tracker = history.as_ref().map(|history| TrackerSetup {
        state: Arc::clone(&state),
        store: Arc::clone(&history.store),
        base: Interval::M1,
    });
    let adapters = Adapters {
        failover,
        rest: Arc::new(move || Rc::new(FakeRest(Arc::clone(&rest))) as Rc<dyn MarketRest>),
        // No jitter: a test waits as long each time.
        random: Arc::new(|| u64::MAX / 2),
        streams: Arc::new(FakeStreams(Arc::clone(&exchange))),
        state,
        history,
        redis_publisher: None,
        noted_alerts: Vec::new(),
        tracker,
        experiment: None,
        kept: Arc::new(WarmStart::empty(WarmStartRules {
            base: Interval::M1,
            bar: Interval::M15,
            needed_candles: 1_456,
            whole_bars: 1_000,
            max_missing: 900,
        })),
        channels: Arc::new(channels),
        charts: Arc::new(Charts),
        encoder: Arc::new(|snapshot, seq| format!("{seq} {}", snapshot.cycle).into()),
    };
    let system = ActorSystem::start(config, adapters, clock, placement);
    let (view, directory) = (system.view(), system.directory());
    Fixture { exchange, system, view, directory, folder }
}

impl Fixture {
    pub(super) async fn snapshot_when(
        &self,
        what: &str,
        seconds: u64,
        test: impl Fn(&Snapshot) -> bool,
    ) -> Arc<Snapshot> {
        for _ in 0..seconds * 10 {
            if let Some(published) = self.view.published()
                && test(&published.snapshot)
            {
                return Arc::clone(&published.snapshot);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let last = self.view.published().map(|p| (p.seq, p.snapshot.as_of, p.snapshot.coverage));
        panic!("not within {seconds} s: {what}; last {last:?}, {:?}", self.view.status());
    }

    pub(super) async fn full(&self, seconds: u64) -> Arc<Snapshot> {
        self.snapshot_when("full coverage", seconds, |s| s.coverage.analyzable == s.coverage.universe).await
    }

    /// Every closed candle of the pair's window equals the exchange's.
    pub(super) async fn window_is_true(&self, symbol: &str) {
        let candles = self.directory.candles(symbol, Interval::M1, 1_500).await.expect("the pair answers");
        assert!(candles.len() >= 1_440, "{}", candles.len());
        for pair in candles.windows(2) {
            assert_eq!(pair[1].open_time - pair[0].open_time, 60_000, "{symbol} has a hole");
        }
        for candle in candles.iter().filter(|c| c.closed) {
            assert_eq!(*candle, minute(symbol, candle.open_time), "{symbol}");
        }
    }
}

#[actix::test]
async fn a_panicking_pair_comes_back_and_no_other_misses_a_cycle() {
    let fixture = start(500, config(5_000));
    let first = fixture.full(120).await;
    assert_eq!(first.coverage.universe, 500);
    fixture.directory.find("S007USDT").expect("known").try_send(Poison).expect("delivered");
    let mut last = first.cycle;
    let (mut away, mut back) = (0, false);
    for _ in 0..1_200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let snapshot = Arc::clone(&fixture.view.published().expect("published").snapshot);
        if snapshot.cycle == last {
            continue;
        }
        assert_eq!(snapshot.cycle, last + 1, "no cycle is missed");
        last = snapshot.cycle;
        let silent: Vec<_> = snapshot.reports.iter().filter(|r| r.analysis.is_none()).collect();
        assert!(
            silent.iter().all(|r| r.symbol.as_str() == "S007USDT"),
            "only the one that panicked: {silent:?}"
        );
        away += silent.len();
        back = silent.is_empty();
    }
    assert!(back, "it is analyzable again");
    assert!(away <= 2, "away for {away} cycles");
    let status = fixture.view.status();
    assert_eq!((status.restarts, status.cycles_missed), (1, 0));
    fixture.window_is_true("S007USDT").await;
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn a_cut_is_refilled_and_the_windows_are_true() {
    let fixture = start(20, config(5_000));
    fixture.full(60).await;
    fixture.exchange.refuse.store(true, Ordering::Relaxed);
    fixture.exchange.cut.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(200)).await;
    let status = fixture.view.status();
    assert_eq!(status.feed, FeedState::Frozen);
    assert!(
        status.problems.iter().any(|p| p.problem.to_string().contains("impulso demo")),
        "{:?}",
        status.problems
    );
    fixture.exchange.cut.store(false, Ordering::Relaxed);
    fixture.exchange.refuse.store(false, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(120)).await;
    fixture.full(60).await;
    for symbol in ["BTCUSDT", "S003USDT", "S011USDT"] {
        fixture.window_is_true(symbol).await;
    }
    let status = fixture.view.status();
    assert!(status.connections.iter().all(|c| c.state == "live" && c.reconnects >= 1), "{status:?}");
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn an_open_but_silent_connection_is_replaced() {
    let fixture = start(10, config(5_000));
    fixture.full(60).await;
    let before = fixture.exchange.connections.load(Ordering::Relaxed);
    fixture.exchange.stalled.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(40)).await;
    fixture.exchange.stalled.store(false, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(150)).await;
    assert!(fixture.exchange.connections.load(Ordering::Relaxed) > before + 1, "both were opened anew");
    fixture.full(60).await;
    fixture.window_is_true("S001USDT").await;
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn connections_are_replaced_ahead_of_their_end_without_a_gap() {
    let mut config = config(30_000);
    config.feed.session.max_age = Duration::from_secs(400);
    let fixture = start(10, config);
    fixture.full(60).await;
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let coverage = fixture.view.published().expect("published").snapshot.coverage;
        assert_eq!(coverage.analyzable, coverage.universe, "never a gap: {coverage:?}");
    }
    let opened = fixture.exchange.connections.load(Ordering::Relaxed);
    assert!(opened >= 6, "{opened} connections in half an hour");
    assert!(fixture.view.status().connections.iter().all(|c| c.reconnects == 0));
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn listings_join_and_pairs_that_leave_trading_halt_then_retire() {
    let mut config = config(30_000);
    config.universe.retire_after = Duration::from_secs(600);
    let fixture = start(10, config);
    fixture.full(60).await;
    fixture.exchange.pairs.lock().unwrap().insert("NEWUSDT".to_owned());
    fixture.exchange.halted.lock().unwrap().insert("S002USDT".to_owned());
    let snapshot = fixture
        .snapshot_when("both changes", 300, |s| {
            s.coverage.universe == 11
                && s.coverage.analyzable == 10
                && s.reports.iter().any(|r| r.readiness.reason == Some(NotReady::Halted))
        })
        .await;
    assert_eq!(snapshot.coverage.reasons, [0, 0, 0, 1]);
    fixture.window_is_true("NEWUSDT").await;
    tokio::time::sleep(Duration::from_secs(700)).await;
    let snapshot = fixture.full(120).await;
    assert_eq!(snapshot.coverage.universe, 10);
    assert!(!fixture.directory.knows("S002USDT"));
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn an_unreachable_exchange_is_said_in_plain_words_and_tried_again() {
    let fixture = start(5, config(5_000));
    fixture.exchange.refuse.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(20)).await;
    let status = fixture.view.status();
    assert!(status.problems.iter().any(|p| p.problem.to_string().contains("impulso demo")), "{status:?}");
    fixture.exchange.refuse.store(false, Ordering::Relaxed);
    fixture.full(120).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(fixture.view.status().problems, []);
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn a_pause_that_the_exchange_asks_for_is_obeyed_by_all_and_survives_a_restart() {
    tokio::time::pause();
    let fixture = start_with(20, config(5_000), tempfile::tempdir().expect("a folder"));
    fixture.full(60).await;
    fixture.exchange.limit_ms.store(600_000, Ordering::Relaxed);
    // A lost connection makes every pair ask REST; the first answer is the 429.
    fixture.exchange.cut.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(100)).await;
    fixture.exchange.cut.store(false, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(30)).await;
    let asked = fixture.exchange.requests.load(Ordering::Relaxed);
    let until = fixture.view.status().weight.embargo_until.expect("an embargo");
    tokio::time::sleep(Duration::from_secs(200)).await;
    assert_eq!(fixture.exchange.requests.load(Ordering::Relaxed), asked, "nothing is sent meanwhile");
    assert!(fixture.system.stop().await);
    let state = StateDb::open(fixture.folder.path()).expect("a state");
    let kept = state.get("weight_embargo").expect("readable");
    assert!(kept.is_some_and(|text| text.contains(&until.to_string())));

    // The clock of the second start is 330 s behind the first one's end: still inside the embargo.
    let again = start_with(20, config(5_000), fixture.folder);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(again.exchange.requests.load(Ordering::Relaxed), 0, "the embargo of before is obeyed");
    assert_eq!(again.view.status().weight.embargo_until, Some(until));
    again.full(900).await;
    assert!(again.system.stop().await);
}

/// The stream of a pair begins after the end of a minute of which REST showed the beginning: as it is for whoever starts, or
/// for a pair that joins, just before a full minute.
#[actix::test]
async fn a_minute_of_which_only_the_beginning_is_known_is_not_scored_as_a_whole_one() {
    // So many that one of them speaks every second.
    let fixture = start(20, config(5_000));
    let (late, end) = ("S000USDT", START + Interval::M1.ms());
    fixture.exchange.muted.lock().expect("no panic").insert(late.to_owned());
    let snapshot = fixture.snapshot_when("the end of the minute", 90, |s| s.as_of == end).await;
    assert_eq!(snapshot.reports.len(), 20);
    for report in snapshot.reports.iter() {
        let symbol = report.symbol.as_str();
        let Some(analysis) = &report.analysis else {
            assert_eq!((symbol, report.readiness.reason), (late, Some(NotReady::Gap)));
            continue;
        };
        assert_ne!(symbol, late);
        let opened = (1..=1_440).map(|minutes| end - minutes * Interval::M1.ms());
        let traded: f64 = opened.map(|at| minute(symbol, at).quote_volume).sum();
        assert!(
            (analysis.volume_24h / traded - 1.0).abs() < 1e-9,
            "{symbol}: {} of {traded}",
            analysis.volume_24h
        );
    }
    // The exchange's record is asked for at once.
    fixture.snapshot_when("full coverage again", 10, |s| s.as_of > end && s.coverage.analyzable == 20).await;
    fixture.window_is_true(late).await;
}
