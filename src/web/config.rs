//! What the web server is given: its settings and the handles of the running system.

use crate::actors::operator::OperatorService;
use crate::actors::ports::Clock;
use crate::actors::ports::history::HistoryStore;
use crate::actors::ports::state::OperationalState;
use crate::actors::view::{LiveView, SymbolQueries};
use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::allowed::{Allowed, Values::Like, Values::Range};
use crate::domain::moment::MarketTime;
use crate::domain::ranking::RankingFilters;
use crate::domain::score::level::LevelThresholds;
use crate::domain::score::profile::Profile;
use crate::domain::time::Interval;
use crate::learning::evaluation::tally::Tally;
use crate::metrics::Metrics;
use crate::web::cached::Cached;
use crate::web::live::admission::Admission;
use crate::web::local_entry::LocalEntry;
use crate::web::model_in_force::{Explainer, ExplanationBody, ModelTeller};
use crate::web::network::Network;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// A name, with a port or without.
fn is_host(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    !text.is_empty() && text.chars().all(plain)
}

/// Is it empty, or such as `/impulso`: what may stand in an address without being written otherwise.
pub(crate) fn is_base_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    let part = |part: &str| !part.is_empty() && part.chars().all(plain) && part.chars().any(|c| c != '.');
    text.is_empty() || text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(part))
}

/// A scheme and a host, nothing after it, no wildcard: what browsers send as `Origin`.
fn is_origin(text: &str) -> bool {
    let host = ["http://", "https://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    host.is_some_and(|h| !h.is_empty() && h.chars().all(plain))
}

/// How fast one client may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Rate {
    /// Requests a second in the long run; 0 for no limit.
    #[serde(rename = "rate_limit_per_s")]
    pub per_second: u32,
    /// Requests at once after a pause.
    #[serde(rename = "rate_limit_burst")]
    pub burst: u32,
    /// Clients of this machine are limited, too.
    #[serde(rename = "rate_limit_loopback")]
    pub loopback: bool,
}

impl Rate {
    pub(crate) const ALLOWED: Allowed =
        &[("rate_limit_per_s", Range(0.0, 1e6)), ("rate_limit_burst", Range(1.0, 1e6))];
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_second: 20, burst: 100, loopback: false }
    }
}

/// What the web server goes by.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct WebConfig {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    pub workers: usize,
    /// Interval of the base candles.
    #[serde(skip)]
    pub base_interval: Interval,
    /// Interval of the bars that score: charts and sparklines show the same.
    #[serde(skip)]
    pub bar_interval: Interval,
    /// Interval of the cycles, ms of market time.
    #[serde(skip)]
    pub cycle_interval_ms: i64,
    /// To say why a pair is not listed.
    #[serde(skip)]
    pub limits: RankingFilters,
    /// Levels of the calibrated chance; those of the score are the profile's.
    #[serde(skip)]
    pub calibrated: LevelThresholds,
    /// The alert policy; `None` on a read-only node.
    #[serde(skip)]
    pub policy: Option<AlertPolicyConfig>,
    /// Most WebSocket clients at once; the next one gets 503.
    pub max_clients: usize,
    /// Most of them of one token, or without one of one address.
    pub max_clients_each: usize,
    /// Most connections of one address; for one more the oldest without a live client goes.
    pub max_connections_each: usize,
    /// A client that takes, or as a live one confirms, nothing for this long is cut off.
    #[serde(skip)]
    pub client_timeout: Duration,
    /// Address of the simulator's admin route, shown on the page of the demo.
    #[serde(skip)]
    pub admin_url: Option<String>,
    /// Reading needs no token, even beyond loopback.
    pub public_read: bool,
    /// Reading needs a token, even on loopback.
    pub require_token: bool,
    /// Names under which the server is reached, beside addresses and `localhost`.
    pub hosts: Vec<String>,
    /// Proxies whose word counts for who asked them.
    pub trusted_proxies: Vec<Network>,
    /// Sub-path under which a proxy shows the server, such as `/impulso`; empty for none.
    pub base_path: String,
    /// Other origins whose pages may use API and WebSocket.
    pub cors_origins: Vec<String>,
    /// How fast one client may ask.
    #[serde(flatten)]
    pub rate: Rate,
}

impl WebConfig {
    pub(crate) const ALLOWED: Allowed = &[
        ("bind", Like(|t| t.parse::<SocketAddr>().is_ok(), &["127.0.0.1:8080", "[::]:8080"])),
        ("workers", Range(1.0, 64.0)),
        ("max_clients", Range(1.0, 100_000.0)),
        ("max_clients_each", Range(1.0, 100_000.0)),
        ("max_connections_each", Range(16.0, 100_000.0)),
        ("hosts", Like(is_host, &["scanner.example.org", "scanner.example.org:8443"])),
        ("trusted_proxies", Like(|t| t.parse::<Network>().is_ok(), &["127.0.0.1", "10.0.0.0/8"])),
        ("base_path", Like(is_base_path, &["/impulso"])),
        ("cors_origins", Like(is_origin, &["https://example.org", "http://localhost:3000"])),
    ];

    /// Does reading need a token: it was asked for, or the server listens beyond this machine and was not opened to all.
    pub(crate) fn guards_reads(&self) -> bool {
        self.require_token || (!self.public_read && !self.bind.ip().to_canonical().is_loopback())
    }

    /// Cookies are for what is below the base alone: another program may be shown beside it.
    pub(crate) fn cookie_path(&self) -> String {
        if self.base_path.is_empty() { "/".to_owned() } else { self.base_path.clone() }
    }
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            workers: 2,
            base_interval: Interval::M1,
            bar_interval: Interval::M15,
            cycle_interval_ms: 30_000,
            limits: RankingFilters::default(),
            calibrated: LevelThresholds::CALIBRATED,
            policy: None,
            max_clients: 2_000,
            max_clients_each: 600,
            max_connections_each: 1_024,
            // Twice the keep-alive of 5 s: a phone on a bad line is not cut off for one slow answer.
            client_timeout: Duration::from_secs(10),
            admin_url: None,
            public_read: false,
            require_token: false,
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            base_path: String::new(),
            cors_origins: Vec::new(),
            rate: Rate::default(),
        }
    }
}

/// What the server reads from.
#[derive(Clone)]
pub struct WebHandles {
    /// Newest snapshot, reports and status.
    pub view: Arc<LiveView>,
    /// Questions to one pair.
    pub queries: Arc<dyn SymbolQueries>,
    /// What an operator may do; `None` on a read-only node.
    pub operator: Option<Arc<OperatorService>>,
    /// How a page of this machine becomes an operator's; `None` on a read-only node.
    pub entry: Option<Arc<LocalEntry>>,
    /// API tokens; `None` on a read-only node.
    pub tokens: Option<Arc<dyn OperationalState>>,
    /// Where the ledger is read from; `None` where no history is kept.
    pub history: Option<Arc<dyn HistoryStore>>,
    /// What users measure the scanner by, and since when levels are counted; `None` on a read-only node.
    pub measures: Option<Arc<dyn OperationalState>>,
    /// Arms in the shadow; `None` where there is no experiment.
    pub experiment: Option<Arc<dyn OperationalState>>,
    /// The model in force; `None` on a read-only node.
    pub model: Option<ModelTeller>,
    /// Why a pair has its chance; `None` where no model is at hand.
    pub explain: Option<Explainer>,
    pub machine: Arc<dyn Clock>,
    /// Rendered by `/metrics`.
    pub metrics: Metrics,
}

impl WebHandles {
    /// Why the pair has its chance; `None` when it has none.
    pub(crate) fn explained(&self, symbol: &str) -> Option<ExplanationBody> {
        self.explain.as_ref().and_then(|explain| explain(symbol))
    }
}

/// Shared by all workers.
pub(crate) struct WebState {
    pub config: WebConfig,
    pub handles: WebHandles,
    pub(crate) cached: Cached,
    /// Sums over the ledger of days that are over, by their number since 1970.
    /// Held over the store's answers: of several that ask at once one reads a day, and the others find it.
    pub(crate) days: tokio::sync::Mutex<BTreeMap<i64, Tally>>,
    /// Places for live clients.
    pub(crate) admission: Arc<Admission>,
}

impl WebState {
    pub(crate) fn new(config: WebConfig, handles: WebHandles) -> Self {
        let admission = Arc::new(Admission::new(config.max_clients, config.max_clients_each));
        Self { config, handles, cached: Cached::default(), days: tokio::sync::Mutex::default(), admission }
    }

    /// The scoring profile in force.
    pub(crate) fn profile(&self) -> Arc<Profile> {
        self.handles.view.profile()
    }

    /// Market time now; the machine's before anything was heard.
    pub(crate) fn now(&self) -> MarketTime {
        match self.handles.view.status().market_time {
            MarketTime::EPOCH => self.handles.machine.machine_time().as_market(),
            now => now,
        }
    }
}
