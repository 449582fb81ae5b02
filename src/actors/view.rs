//! What the outside may see of the running system: the newest snapshot, the status, questions to one pair.

use crate::actors::failover::status::FailoverStatus;
use crate::actors::problems::{PresentProblem, ProblemSource, Problems, SystemProblem};
use crate::domain::candle::Candle;
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::ranking::Snapshot;
use crate::domain::report::Report;
use crate::domain::score::profile::Profile;
use crate::domain::time::Interval;
use crate::i18n::{Reason, Texts};
use bytestring::ByteString;
use futures_util::Stream;
use futures_util::future::LocalBoxFuture;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// Coverage from which a ranking counts as full, and under which the scanner is not ready: what users were promised. Some
/// pairs are always halted, young or silent.
pub(crate) const FULL: f64 = 0.95;

/// A snapshot with the WebSocket message made of it, serialised once for all clients.
#[derive(Debug)]
pub struct Published {
    /// Grows by one with each published message.
    pub seq: u64,
    pub snapshot: Arc<Snapshot>,
    /// The whole WebSocket message.
    pub message: ByteString,
}

/// Makes the WebSocket message of a snapshot and its sequence number.
pub(crate) type Encoder = Arc<dyn Fn(&Snapshot, u64) -> ByteString + Send + Sync>;

/// State of one stream connection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ConnectionStatus {
    /// Stable name: `1`, `2`, ...
    pub name: String,
    /// `connecting`, `live`, `silent`, `replacing`, `waiting`.
    pub state: String,
    pub streams: u32,
    /// Age of the connection, ms of machine time.
    pub age_ms: i64,
    /// Machine time since the last frame, ms.
    pub silent_ms: i64,
    /// Frames received since the start.
    pub frames: u64,
    /// Times it was opened anew after a failure.
    pub reconnects: u64,
    /// Last failure; `None` while the connection works.
    pub last_error: Option<Reason>,
}

/// The REST weight budget.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = WeightBody))]
pub struct WeightStatus {
    /// Used in the running minute, by the exchange's own count.
    pub used: u32,
    /// Limit a minute, read from exchangeInfo.
    pub limit: u32,
    /// No request before this moment (429 or 418), machine clock; `None` when free.
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub embargo_until: Option<MachineTime>,
    pub queued: u32,
}

/// The state of the feed as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum FeedState {
    #[default]
    Connecting,
    Live,
    /// No trusted event for 5 s of machine time; market time goes on by the machine's clock.
    Frozen,
}

impl FeedState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Frozen => "frozen",
        }
    }

    pub(crate) fn in_words(self, t: &Texts) -> String {
        match self {
            Self::Connecting => t.connecting(),
            Self::Live => t.live(),
            Self::Frozen => t.frozen(),
        }
    }
}

/// How a channel of alerts is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChannelStatus {
    pub name: String,
    pub dead_channel: bool,
    pub pending: u64,
    pub sent: u64,
    /// May have been delivered.
    pub uncertain: u64,
    pub dead: u64,
    /// Newest failure, without secrets.
    pub last_error: Option<Reason>,
    /// ms UTC, machine clock.
    pub last_sent_at: Option<MachineTime>,
}

/// Everything `GET /api/v1/status` shows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SystemStatus {
    /// Feed as a whole.
    pub feed: FeedState,
    pub market_time: MarketTime,
    pub connections: Vec<ConnectionStatus>,
    pub weight: WeightStatus,
    /// Interval of the cycles, ms of market time.
    pub cycle_interval_ms: i64,
    pub cycles_published: u64,
    /// Cycles whose boundary passed without a snapshot.
    pub cycles_missed: u64,
    /// Actors started anew after a panic.
    pub restarts: u64,
    /// Losses by queue or cause, counted since the start.
    pub drops: BTreeMap<String, u64>,
    /// Closed candles by how late they came, in the buckets of `lags::BOUNDS_MS`, since the start.
    #[serde(default)]
    pub close_lags: Vec<u64>,
    /// First day (00:00 UTC) whose predictions are all of the level in force as it is now; `None` where all are.
    #[serde(default)]
    pub levels_since: Option<MarketTime>,
    /// What is wrong, causes first.
    #[serde(default)]
    pub problems: Vec<PresentProblem>,
    /// Of one of two scanners: whose turn it is.
    #[serde(default)]
    pub failover: Option<FailoverStatus>,
    /// Addresses of the exchange in use: REST, streams.
    pub rest_url: String,
    pub stream_url: String,
    /// When the process started, machine clock.
    pub started_at: MachineTime,
    /// How long it has run, ms.
    pub uptime_ms: i64,
}

/// The newest state, written by ranker and supervisor, read by everybody.
#[derive(Debug, Default)]
pub struct LiveView {
    /// A watch, which holds the newest alone: readers that are slow must cost neither memory nor the ranker's time.
    published: watch::Sender<Option<Arc<Published>>>,
    /// Values behind locks are `Arc`s that are exchanged: a page that takes seconds to render holds none of them.
    reports: RwLock<Arc<Vec<Report>>>,
    status: RwLock<Arc<SystemStatus>>,
    channels: RwLock<BTreeMap<String, ChannelStatus>>,
    profile: RwLock<Arc<Profile>>,
    problems: Problems,
    failover: RwLock<Option<FailoverStatus>>,
    levels_since: RwLock<Option<MarketTime>>,
    /// Relaxed does: it is told alone, and a look a moment later sees it.
    full_seen: std::sync::atomic::AtomicBool,
}

impl LiveView {
    /// The newest snapshot; `None` before the first.
    pub fn published(&self) -> Option<Arc<Published>> {
        self.published.borrow().clone()
    }

    /// The newest snapshot as it changes; who is slow skips to the newest.
    pub fn subscribe(&self) -> watch::Receiver<Option<Arc<Published>>> {
        self.published.subscribe()
    }

    /// The snapshots that are published from now on, for an actor; one that is slow skips to the newest.
    pub(crate) fn snapshots(&self) -> impl Stream<Item = Arc<Published>> + use<> {
        futures_util::stream::unfold(self.subscribe(), |mut newest| async {
            loop {
                newest.changed().await.ok()?;
                let published = newest.borrow_and_update().clone();
                if let Some(published) = published {
                    return Some((published, newest));
                }
            }
        })
    }

    /// Readiness of every pair, also before the first snapshot; by symbol.
    pub fn reports(&self) -> Arc<Vec<Report>> {
        Arc::clone(&self.reports.read())
    }

    /// The status as of a moment ago.
    pub fn status(&self) -> Arc<SystemStatus> {
        Arc::clone(&self.status.read())
    }

    /// Channels of alerts, by name.
    pub fn channels(&self) -> Vec<ChannelStatus> {
        self.channels.read().values().cloned().collect()
    }

    /// Puts a channel's newest state in place.
    pub fn set_channel(&self, status: ChannelStatus) {
        self.channels.write().insert(status.name.clone(), status);
    }

    /// Says how a source is at `now`: its problem, or none. Who reads, reads the status, which gathers them.
    pub(crate) fn tell(&self, source: ProblemSource, problem: Option<SystemProblem>, now: MachineTime) {
        self.problems.tell(source, problem, now);
    }

    /// What was told and is not over, causes first.
    pub(crate) fn problems(&self) -> Vec<PresentProblem> {
        self.problems.all()
    }

    /// Whose turn it is of two scanners; `None` for one that is alone.
    pub(crate) fn failover(&self) -> Option<FailoverStatus> {
        self.failover.read().clone()
    }

    pub(crate) fn set_failover(&self, status: FailoverStatus) {
        *self.failover.write() = Some(status);
    }

    /// Since when levels are counted.
    pub(crate) fn levels_since(&self) -> Option<MarketTime> {
        *self.levels_since.read()
    }

    pub(crate) fn set_levels_since(&self, since: Option<MarketTime>) {
        *self.levels_since.write() = since;
    }

    /// The profile in force: the one place where it stands while the scanner runs.
    pub fn profile(&self) -> Arc<Profile> {
        Arc::clone(&self.profile.read())
    }

    /// Puts another profile in force.
    pub(crate) fn set_profile(&self, profile: Arc<Profile>) {
        *self.profile.write() = profile;
    }

    /// True from the first full ranking (coverage of 95 % or more) on, while rankings come and are full.
    pub fn ready(&self) -> bool {
        self.full_seen() && !self.status().problems.iter().any(|p| p.problem.ends_readiness())
    }

    /// There was a full ranking since the start.
    pub(crate) fn full_seen(&self) -> bool {
        self.full_seen.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Puts a new snapshot in place, with its reports.
    pub fn publish(&self, published: Arc<Published>) {
        // Flag and reports before the snapshot: who is woken by it must find both.
        if published.snapshot.coverage.ratio() >= FULL {
            self.full_seen.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        self.set_reports(Arc::clone(&published.snapshot.reports));
        self.published.send_replace(Some(published));
    }

    /// Puts the newest reports in place.
    pub(crate) fn set_reports(&self, reports: Arc<Vec<Report>>) {
        *self.reports.write() = reports;
    }

    /// Puts a new status in place.
    pub fn set_status(&self, status: SystemStatus) {
        *self.status.write() = Arc::new(status);
    }
}

/// Questions to one pair's actor.
pub trait SymbolQueries: Send + Sync {
    /// The pair's state and scores at the newest cut; `None` for an unknown pair or one that does not answer.
    fn report(&self, symbol: &str) -> LocalBoxFuture<'static, Option<Report>>;
    /// Up to `limit` newest candles of `interval`, oldest first, the live one included.
    /// `None` for an unknown pair or one that does not answer.
    fn candles(
        &self,
        symbol: &str,
        interval: Interval,
        limit: usize,
    ) -> LocalBoxFuture<'static, Option<Vec<Candle>>>;
    /// Is the pair in the universe.
    fn knows(&self, symbol: &str) -> bool;
}
