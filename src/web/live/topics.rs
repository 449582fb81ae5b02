//! What one live client has asked for, and the messages that it is owed.

use crate::actors::view::Published;
use crate::web::api::{status, symbols};
use crate::web::config::WebState;
use crate::web::live::change::{TopicState, fields};
use crate::web::live::messages::{
    AlertsSnapshot, AlertsTopic, ClientMessage, OPS, Packing, SnapshotTag, StatusSnapshot, StatusTopic,
    SubscribedMessage, SubscribedTag, SymbolSnapshot,
};
use crate::web::live::relay::{Parcel, Relay, diff_parcel};
use crate::web::text::EN;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Most topics of a client.
const MOST: usize = 20;
/// Between two messages of the topic status.
const STATUS_EVERY: Duration = Duration::from_secs(2);

/// What a client can subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    Ranking,
    Alerts,
    /// The state of the system.
    Status,
    Symbol(String),
}

impl Topic {
    fn name(&self) -> String {
        match self {
            Self::Ranking => "ranking".to_owned(),
            Self::Alerts => "alerts".to_owned(),
            Self::Status => "status".to_owned(),
            Self::Symbol(symbol) => format!("symbol:{symbol}"),
        }
    }
}

/// Why an operation is refused, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub detail: String,
    pub allowed: Vec<String>,
}

fn refused(detail: String, allowed: &[&str]) -> Refused {
    Refused { detail, allowed: allowed.iter().map(|a| (*a).to_owned()).collect() }
}

#[derive(Debug, Default)]
struct Line {
    diff: bool,
    /// A full snapshot is due.
    full: bool,
    /// Number of what was sent last.
    seq: u64,
    /// The state that the client has; kept for diffs only.
    state: Option<Arc<TopicState>>,
    /// When the status was sent.
    at: Option<Instant>,
    /// The alerts as they were sent, also without diffs.
    last: Option<Arc<TopicState>>,
}

impl Line {
    fn seen(&self, state: &Arc<TopicState>) -> bool {
        self.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, state))
    }
}

/// All subscriptions of a client.
#[derive(Debug)]
pub(crate) struct Topics {
    lines: BTreeMap<Topic, Line>,
    packing: Packing,
    /// The client has never subscribed: it has the full ranking.
    untouched: bool,
    /// The subscription changed and the client was not told.
    tell: bool,
}

impl Default for Topics {
    fn default() -> Self {
        let lines = BTreeMap::from([(Topic::Ranking, Line::default())]);
        Self { lines, packing: Packing::None, untouched: true, tell: false }
    }
}

/// What messages are made from.
pub struct Sources<'a> {
    pub(crate) web: &'a WebState,
    pub(crate) relay: &'a Relay,
    pub newest: Option<&'a Arc<Published>>,
    /// The machine's time.
    pub now: Instant,
}

fn topic(name: &str, web: &WebState) -> Result<Topic, Refused> {
    match name.split_once(':') {
        None if name == "ranking" => Ok(Topic::Ranking),
        None if name == "status" => Ok(Topic::Status),
        None if name == "alerts" && web.handles.operator.is_some() => Ok(Topic::Alerts),
        Some(("symbol", symbol)) if web.handles.queries.knows(symbol) => Ok(Topic::Symbol(symbol.to_owned())),
        Some(("symbol", symbol)) => {
            let detail = format!("'{symbol}' is not in the universe; GET /api/v1/symbols lists all pairs");
            Err(refused(detail, &["symbol:PAIR"]))
        }
        _ if name == "alerts" => {
            Err(refused("this node keeps no alerts".to_owned(), &["ranking", "status", "symbol:PAIR"]))
        }
        _ => {
            let detail = format!("there is no topic '{name}'");
            Err(refused(detail, &["ranking", "alerts", "status", "symbol:PAIR"]))
        }
    }
}

fn all(names: &[String], web: &WebState) -> Result<Vec<Topic>, Refused> {
    names.iter().map(|name| topic(name, web)).collect()
}

impl Topics {
    /// How messages are packed.
    pub(crate) const fn packing(&self) -> Packing {
        self.packing
    }

    /// Number of the ranking that was sent last.
    pub(crate) fn seq(&self) -> u64 {
        self.lines.get(&Topic::Ranking).map_or(0, |line| line.seq)
    }

    /// Does what the client says; nothing when it is refused.
    pub(crate) fn obey(&mut self, text: &str, web: &WebState) -> Result<(), Refused> {
        let message: ClientMessage = serde_json::from_str(text)
            .map_err(|e| refused(format!("this message is not understood: {e}"), &OPS))?;
        match message {
            ClientMessage::Subscribe { topics, diff, compress } => {
                let names = topics.unwrap_or_else(|| vec!["ranking".to_owned()]);
                self.subscribe(all(&names, web)?, diff)?;
                self.packing = compress.unwrap_or(self.packing);
            }
            ClientMessage::Unsubscribe { topics } => {
                let gone = topics.map(|names| all(&names, web)).transpose()?;
                self.lines.retain(|topic, _| gone.as_ref().is_some_and(|gone| !gone.contains(topic)));
                self.untouched = false;
            }
            ClientMessage::Resync { topics } => return self.resync(topics, web),
        }
        self.tell = true;
        Ok(())
    }

    fn subscribe(&mut self, topics: Vec<Topic>, diff: bool) -> Result<(), Refused> {
        let kept = if self.untouched { 0 } else { self.lines.len() };
        if kept + topics.len() > MOST {
            return Err(refused(format!("a client may have {MOST} topics"), &[OPS[1]]));
        }
        if std::mem::take(&mut self.untouched) {
            let seq = self.seq();
            self.lines.clear();
            if topics.contains(&Topic::Ranking) {
                self.lines.insert(Topic::Ranking, Line { seq, ..Line::default() });
            }
        }
        for topic in topics {
            let line = self.lines.entry(topic).or_default();
            line.full |= diff && !line.diff || line.seq == 0;
            line.diff = diff;
            line.state = line.state.take().filter(|_| diff);
        }
        Ok(())
    }

    fn resync(&mut self, topics: Option<Vec<String>>, web: &WebState) -> Result<(), Refused> {
        let wanted = topics.map(|names| all(&names, web)).transpose()?;
        if let Some(missing) = wanted.iter().flatten().find(|topic| !self.lines.contains_key(topic)) {
            let detail = format!("'{}' is not subscribed", missing.name());
            return Err(refused(detail, &[OPS[0]]));
        }
        for (topic, line) in &mut self.lines {
            line.full |= wanted.as_ref().is_none_or(|w| w.contains(topic));
        }
        Ok(())
    }

    /// Everything that the client is owed now, newest only; it counts as sent.
    pub(crate) fn owed(&mut self, from: &Sources<'_>) -> Vec<Arc<Parcel>> {
        let mut parcels = Vec::new();
        if std::mem::take(&mut self.tell) {
            parcels.extend(self.subscribed());
        }
        for (topic, line) in &mut self.lines {
            let parcel = match topic {
                Topic::Ranking => from.newest.and_then(|p| ranking(line, p, from.relay)),
                Topic::Symbol(symbol) => from.newest.and_then(|p| pair(line, symbol, p, from.web)),
                Topic::Status => system(line, from),
                Topic::Alerts => alerts(line, from),
            };
            parcels.extend(parcel);
        }
        parcels
    }

    fn subscribed(&self) -> Option<Arc<Parcel>> {
        let named = |diff: bool| {
            self.lines.iter().filter(|(_, line)| line.diff == diff).map(|(t, _)| t.name()).collect()
        };
        let (full, diff) = (named(false), named(true));
        Parcel::of(&SubscribedMessage { kind: SubscribedTag::Subscribed, full, diff, compress: self.packing })
    }
}

fn ranking(line: &mut Line, newest: &Published, relay: &Relay) -> Option<Arc<Parcel>> {
    if newest.seq <= line.seq && !line.full {
        return None;
    }
    let state = line.diff.then(|| relay.ranking(newest));
    let diff = match (&line.state, &state, line.full) {
        (Some(older), Some(newer), false) => relay.ranking_diff((line.seq, older), (newest.seq, newer)),
        _ => None,
    };
    line.seq = newest.seq;
    line.state = state;
    line.full = false;
    Some(diff.unwrap_or_else(|| relay.full(newest)))
}

/// The message of a topic that is made for this client alone: a diff where it has a state, else what `whole` gives.
fn own(
    line: &mut Line,
    topic: String,
    seq: u64,
    state: Arc<TopicState>,
    whole: impl FnOnce(u64) -> Option<Arc<Parcel>>,
) -> Option<Arc<Parcel>> {
    let parcel = match line.state.take().filter(|_| line.diff && !line.full) {
        Some(older) => {
            let change = older.until(&state);
            if change.is_empty() {
                line.state = Some(older);
                return None;
            }
            diff_parcel(topic, line.seq, seq, change)
        }
        None => whole(seq),
    };
    line.seq = seq;
    line.full = false;
    line.state = line.diff.then_some(state);
    parcel
}

fn pair(line: &mut Line, symbol: &str, newest: &Published, web: &WebState) -> Option<Arc<Parcel>> {
    if newest.seq <= line.seq && !line.full {
        return None;
    }
    let reports = &newest.snapshot.reports;
    let report = reports.iter().find(|r| r.symbol.as_str() == symbol)?;
    let body = symbols::detail(report, Some(newest), &web.limits());
    let state = Arc::new(TopicState { fields: fields(&body), ..TopicState::default() });
    let topic = format!("symbol:{symbol}");
    own(line, topic.clone(), newest.seq, state, |seq| {
        Parcel::of(&SymbolSnapshot { kind: SnapshotTag::Snapshot, topic, seq, body })
    })
}

fn system(line: &mut Line, from: &Sources<'_>) -> Option<Arc<Parcel>> {
    let rested = line.at.is_none_or(|at| from.now.saturating_duration_since(at) >= STATUS_EVERY);
    if !rested && !line.full {
        return None;
    }
    line.at = Some(from.now);
    let body = status::body(from.web, &EN);
    let state = Arc::new(TopicState { fields: fields(&body), ..TopicState::default() });
    let seq = line.seq + 1;
    own(line, "status".to_owned(), seq, state, |seq| {
        Parcel::of(&StatusSnapshot { kind: SnapshotTag::Snapshot, topic: StatusTopic::Status, seq, body })
    })
}

fn alerts(line: &mut Line, from: &Sources<'_>) -> Option<Arc<Parcel>> {
    let operator = from.web.handles.operator.as_ref()?;
    let news = from.relay.alerts(&**operator, from.web.handles.machine.mono_ms())?;
    if !line.full && line.seen(&news.state) {
        return None;
    }
    line.last = Some(Arc::clone(&news.state));
    let seq = line.seq + 1;
    own(line, "alerts".to_owned(), seq, Arc::clone(&news.state), |seq| {
        let alerts = news.alerts.clone();
        Parcel::of(&AlertsSnapshot { kind: SnapshotTag::Snapshot, topic: AlertsTopic::Alerts, seq, alerts })
    })
}
