//! What the web tests share: the real server on a free port, made-up snapshots published by hand.
#![expect(unreachable_pub, clippy::unwrap_used, reason = "a module of the test files, not of the library")]

use super::models::{explained, in_force, told};
use futures_util::future::LocalBoxFuture;
use impulso::actors::clocks::Clocks;
use impulso::actors::mailbox::Outlet;
use impulso::actors::operator::OperatorService;
use impulso::actors::ports::Clock;
use impulso::actors::ports::alerts::Outgoing;
use impulso::actors::ports::state::{OperationalState, Scope};
use impulso::actors::view::{FeedState, LiveView, Published, SymbolQueries, SystemStatus};
use impulso::adapters::clock::SystemClock;
use impulso::adapters::history::sqlite::SqliteHistory;
use impulso::adapters::state::StateDb;
use impulso::domain::alert::{AlertCard, Message};
use impulso::domain::candle::Candle;
use impulso::domain::level_rules::LevelRules;
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::domain::ranking::{Coverage, Row, Snapshot};
use impulso::domain::report::{
    Analysis, Components, Factors, Indicators, Level, NotReady, Readiness, Report,
};
use impulso::domain::time::Interval;
use impulso::metrics::Metrics;
use impulso::web::{LocalEntry, WebConfig, WebHandles, WebServer, encode_snapshot, start};
use std::net::SocketAddr;
use std::sync::Arc;

struct Pairs(Arc<LiveView>);
impl SymbolQueries for Pairs {
    fn report(&self, symbol: &str) -> LocalBoxFuture<'static, Option<Report>> {
        let found = self.0.reports().iter().find(|r| r.symbol.as_str() == symbol).cloned();
        Box::pin(async move { found })
    }
    fn candles(
        &self,
        symbol: &str,
        _: Interval,
        limit: usize,
    ) -> LocalBoxFuture<'static, Option<Vec<Candle>>> {
        let candle = |i: usize| {
            let (open, close) = (1.5 + f64::from(i as u32 % 7) / 100.0, 1.5 + f64::from(i as u32 % 5) / 50.0);
            let open_time = MarketTime::from_ms(1_750_000_500_000 + 900_000 * i as i64);
            let (high, low) = (open.max(close) + 0.01, open.min(close) - 0.02);
            Candle { open, high, low, quote_volume: 1e5 * open, ..Candle::flat(open_time, close) }
        };
        let found = (symbol != "MUTEUSDT").then(|| (0..limit.min(96)).map(candle).collect());
        Box::pin(async move { found })
    }
    fn knows(&self, symbol: &str) -> bool {
        symbol == "MUTEUSDT" || self.0.reports().iter().any(|r| r.symbol.as_str() == symbol)
    }
}

pub struct Answer {
    pub status: u16,
    pub headers: awc::http::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

pub struct Site {
    pub server: WebServer,
    pub view: Arc<LiveView>,
    pub state: Arc<StateDb>,
    pub store: Option<Arc<SqliteHistory>>,
    pub entry: Arc<LocalEntry>,
    /// Token by which the snapshots of pages are taken.
    pub kept_token: std::cell::OnceCell<String>,
    _folder: tempfile::TempDir,
}

impl Site {
    pub fn start(config: WebConfig) -> Self {
        Self::start_with(config, true, false, 0)
    }

    /// A node that only shows what a scanner publishes.
    pub fn read_only(config: WebConfig) -> Self {
        Self::start_with(config, false, false, 0)
    }

    /// A scanner that keeps history.
    pub fn with_history(config: WebConfig) -> Self {
        Self::start_with(config, true, true, 0)
    }

    /// A scanner that keeps history, with a model and its explanations.
    pub fn with_model(config: WebConfig) -> Self {
        Self::start_as(config, true, true, 0, |handles| {
            handles.model = Some(Arc::new(|| Ok(in_force())));
            handles.explain = Some(Arc::new(|symbol| (symbol == "AUSDT").then(explained)));
        })
    }

    /// A scanner on a port that was used before.
    pub fn start_on(port: u16) -> Self {
        Self::start_with(WebConfig::default(), true, false, port)
    }

    fn start_with(config: WebConfig, operates: bool, keeps: bool, port: u16) -> Self {
        Self::start_as(config, operates, keeps, port, |_| {})
    }

    fn start_as(
        config: WebConfig,
        operates: bool,
        keeps: bool,
        port: u16,
        change: impl FnOnce(&mut WebHandles),
    ) -> Self {
        let view = Arc::new(LiveView::default());
        let folder = tempfile::tempdir().unwrap();
        let state = Arc::new(StateDb::open(folder.path()).unwrap());
        let machine: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let channels = vec!["console".to_owned()];
        let operator = OperatorService::new(
            Arc::clone(&state) as _,
            channels,
            Clocks::new(Arc::clone(&machine), 1.0),
            Outlet::to_all(Vec::new()),
        );
        let store = keeps.then(|| Arc::new(SqliteHistory::open(&folder.path().join("history.db")).unwrap()));
        let history = store.clone().map(|store| store as _);
        let pages = Arc::clone(&state);
        let entry = Arc::new(LocalEntry::new(
            |_| {},
            move || {
                let name = format!("page-{}", pages.tokens()?.len());
                let token = pages.create_token(&name, Scope::Operate, MachineTime::from_ms(1));
                Ok(token.map_err(|e| std::io::Error::other(e.to_string()))?.secret)
            },
        ));
        let mut handles = WebHandles {
            entry: operates.then(|| Arc::clone(&entry)),
            operator: operates.then(|| Arc::new(operator) as _),
            tokens: operates.then(|| Arc::clone(&state) as _),
            history,
            measures: operates.then(|| Arc::clone(&state) as _),
            experiment: operates.then(|| Arc::clone(&state) as _),
            model: operates.then(told),
            explain: None,
            machine,
            view: Arc::clone(&view),
            queries: Arc::new(Pairs(Arc::clone(&view))),
            metrics: Metrics::install().unwrap(),
        };
        change(&mut handles);
        let bind = SocketAddr::new(config.bind.ip(), port);
        let server = start(WebConfig { bind, workers: 1, ..config }, handles).unwrap();
        Self { server, view, state, store, entry, kept_token: std::cell::OnceCell::new(), _folder: folder }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.server.addr().port())
    }

    /// Address that signs a browser in, once.
    pub fn sign_in(&self) -> String {
        self.url(&format!("/login?code={}", self.entry.code()))
    }

    /// The cookie of a page that signed in so.
    pub async fn page_cookie(&self) -> String {
        let path = format!("/login?code={}", self.entry.code());
        let answer = self.get(&path, &[]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{}", answer.text);
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    /// Asks; gives status, headers and body as they came over the wire.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let method = method.parse::<actix_web::http::Method>().unwrap();
        let client = awc::Client::builder().disable_redirects().finish();
        let mut request = client.request(method, self.url(path)).no_decompress();
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        let mut answer = request.send_body(body.to_owned()).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.body().limit(1 << 24).await.unwrap();
        Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, "").await
    }

    /// Publishes a snapshot.
    pub fn publish(&self, seq: u64, rows: Vec<Row>) {
        let snapshot = Arc::new(snapshot(seq, rows));
        let message = encode_snapshot(&snapshot, seq);
        self.push(Published { seq, snapshot, message });
    }

    /// Writes an alert to the outbox, undelivered.
    pub fn alert(&self, symbol: &str, as_of: i64) {
        let cut = MarketTime::from_ms(as_of);
        let alert = AlertCard::new(&row(symbol, 90.0, 2e6), None, cut, &LevelRules::default());
        let messages = vec![(Message::Alert { alert }, vec!["console".to_owned()])];
        self.state
            .enqueue(&Outgoing { messages, now: MachineTime::from_ms(as_of), ..Outgoing::default() })
            .unwrap();
    }

    pub fn push(&self, published: Published) {
        let published = Arc::new(published);
        self.view.set_status(SystemStatus {
            feed: FeedState::Live,
            market_time: published.snapshot.as_of + 3000,
            ..SystemStatus::default()
        });
        self.view.publish(published);
    }
}

pub fn row(symbol: &str, score: f64, volume_24h: f64) -> Row {
    let level = [(85.0, Level::Fuerte), (70.0, Level::Alta), (50.0, Level::Media), (30.0, Level::Baja)];
    let level = level.iter().find(|l| score >= l.0).map_or(Level::Descartada, |l| l.1);
    let rest = (score - 20.0).max(0.0);
    let analysis = Analysis {
        timestamp: MarketTime::from_ms(1_750_000_000_000),
        current_price: 0.012_345,
        volume_24h,
        total_score: score,
        components: Components {
            rsi: 20.0,
            macd: 0.27 * rest,
            volume: 0.33 * rest,
            velocity: 0.2 * rest,
            breakout: 0.2 * rest,
        },
        indicators: Indicators { rsi_14: 61.0, ..Indicators::default() },
        probability_7_5: 100.0 - score,
        factors: Factors { momentum: score / 100.0, ..Factors::default() },
        composite_score: 0.6 * score + 0.4 * (100.0 - score),
        confidence_level: level,
        btc_analyzable: true,
        resistance: Some(0.013),
        pause_jump: false,
        inputs: impulso::domain::inputs::Inputs::default(),
    };
    let symbol = impulso::domain::symbol::Symbol::new(symbol);
    Row {
        symbol,
        analysis: Arc::new(analysis),
        calibrated_7_5: None,
        level,
        level_value: score,
        episode: None,
        model_inputs: None,
        features: None,
        log_odds: None,
        data_age_ms: 0,
    }
}

pub fn snapshot(cycle: u64, rows: Vec<Row>) -> Snapshot {
    let ready = Readiness {
        reason: None,
        data_age_ms: Some(900),
        ready_candles: 1456,
        needed_candles: 1456,
        refilled: false,
        awaits_hours: false,
    };
    let scored = |r: &Row| Report {
        symbol: r.symbol.clone(),
        readiness: ready,
        analysis: Some(Arc::clone(&r.analysis)),
    };
    let mut reports: Vec<Report> = rows.iter().map(scored).collect();
    let (poor, weak) = (row("POORUSDT", 60.0, 10.0), row("WEAKUSDT", 12.0, 5e6));
    reports.extend([scored(&poor), scored(&weak)]);
    let reason = Some(NotReady::WarmingUp);
    reports.push(Report {
        symbol: impulso::domain::symbol::Symbol::new("NEWUSDT"),
        readiness: Readiness {
            reason,
            data_age_ms: None,
            ready_candles: 120,
            needed_candles: 1456,
            refilled: false,
            awaits_hours: false,
        },
        analysis: None,
    });
    Snapshot {
        cycle,
        as_of: MarketTime::from_ms(1_750_000_000_000 + 30_000 * i64::try_from(cycle).unwrap()),
        coverage: Coverage { universe: 100, analyzable: 99, reasons: [1, 0, 0, 0] },
        latency_ms: 1.5,
        rows,
        discarded_rows: (0..6).map(|n| row(&format!("D{n}USDT"), 20.0, 2e6)).chain([weak]).collect(),
        outside_rows: (0..2).map(|n| row(&format!("O{n}USDT"), 60.0, 10.0)).chain([poor]).collect(),
        reports: Arc::new(reports),
        market_move: None,
        levels: Arc::default(),
    }
}
