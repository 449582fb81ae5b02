//! One stream connection and its way to the pairs of its thread: bytes, typed event, the pair's mailbox.
//!
//! The rules of the protocol are `exchange::stream::session`; this actor moves bytes for it, opens connections with
//! back-off, and replaces one ahead of its end: the new one first, the old one goes when the new one has spoken.

mod connections;
mod events;
mod links;

use self::connections::Connections;
use crate::actors::common::Common;
use crate::actors::directory::Directory;
use crate::actors::mailbox::{Outlet, Place};
use crate::actors::messages::{FeedReport, Stop};
use crate::actors::ports::{Frame, SocketError, StreamConnector, StreamSocket};
use crate::actors::seldom::Seldom;
use crate::actors::symbol::SymbolActor;
use crate::actors::view::ConnectionStatus;
use crate::domain::allowed::{Allowed, Values::OneOf};
use crate::domain::moment::MonoTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::exchange::backoff::{AttemptLimit, Backoff, BackoffPolicy};
use crate::exchange::stream::liveness::{Liveness, LivenessRules};
use crate::exchange::stream::plan::{MINI_TICKERS, PlanRules, kline_stream};
use crate::exchange::stream::session::{Session, SessionRules};
use crate::i18n::Reason;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, Message, SpawnHandle};
use parking_lot::Mutex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How often connections are looked after, machine time: well below the second in which control messages are paced.
const LOOK: Duration = Duration::from_millis(200);

/// Listings, stops and the like; frames come by the connection's own stream. More than the pairs of a connection, which may
/// all be listed or stopped at once.
pub(crate) const MAILBOX: usize = 2_048;

/// What every connection keeps to.
#[derive(Debug, Clone, Deserialize)]
pub struct FeedConfig {
    /// Interval of the kline streams.
    #[serde(rename = "base_interval")]
    pub base: Interval,
    /// Time limits of a connection.
    #[serde(flatten)]
    pub session: SessionRules,
    /// When a pair counts as silent.
    #[serde(flatten)]
    pub liveness: LivenessRules,
    /// How streams are spread and named.
    #[serde(flatten)]
    pub plan: PlanRules,
    /// Pauses before new attempts.
    #[serde(skip)]
    pub backoff: BackoffPolicy,
}

impl FeedConfig {
    pub(crate) const ALLOWED: Allowed = &[("base_interval", OneOf(&["1m", "3m", "5m", "15m", "30m", "1h"]))];
}

/// What a feed is made of.
pub(crate) struct FeedSetup {
    /// Index of the connection, from 0.
    pub index: usize,
    pub config: FeedConfig,
    pub(crate) connector: Arc<dyn StreamConnector>,
    /// It takes the place of a feed that died: its pairs may have missed something.
    pub again: bool,
}

/// What a feed shares with the others.
#[derive(Clone)]
pub(crate) struct FeedLinks {
    pub(crate) common: Common,
    pub(crate) directory: Arc<Directory>,
    /// Connection attempts of the whole process: the exchange counts them by address.
    pub(crate) attempts: Arc<Mutex<AttemptLimit>>,
    /// The supervisor, which tells the status.
    pub(crate) report: Outlet<FeedReport>,
}

/// A pair is fed by this connection from now on.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Route {
    pub(crate) symbol: Symbol,
    pub(crate) pair: Arc<Place<SymbolActor>>,
}

/// A pair is gone.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct Unroute {
    pub symbol: Symbol,
}

struct Link {
    id: u64,
    session: Session,
    sender: tokio::sync::mpsc::Sender<crate::actors::ports::Outgoing>,
    frames: SpawnHandle,
}

pub(crate) struct Feed {
    index: usize,
    config: FeedConfig,
    connector: Arc<dyn StreamConnector>,
    /// By name: the same pairs give the same address, and are told the same in the same order, in every run.
    routes: BTreeMap<Symbol, Arc<Place<SymbolActor>>>,
    links: FeedLinks,
    liveness: Liveness,
    connections: Connections<Link>,
    backoff: Backoff,
    opened: u64,
    /// The connection was lost: what came meanwhile is not known.
    lost: bool,
    frames: u64,
    reconnects: u64,
    last_error: Option<Reason>,
    next_check: MonoTime,
    next_report: MonoTime,
    said: Seldom,
}

impl Feed {
    /// A feed that connects as soon as it runs.
    pub(crate) fn new(setup: FeedSetup, links: FeedLinks) -> Self {
        let mut liveness = Liveness::new(setup.config.liveness);
        let connection = u32::try_from(setup.index).unwrap_or(u32::MAX);
        let pairs = links.directory.all();
        let mine = pairs.iter().filter(|(_, pair)| pair.feed == setup.index);
        let routes: BTreeMap<_, _> =
            mine.map(|(symbol, pair)| (symbol.clone(), Arc::clone(&pair.place))).collect();
        for symbol in routes.keys() {
            liveness.watch(symbol, connection);
        }
        Self {
            index: setup.index,
            backoff: Backoff::new(setup.config.backoff),
            config: setup.config,
            connector: setup.connector,
            routes,
            links,
            liveness,
            connections: Connections::Down { retry_at: MonoTime::default() },
            opened: 0,
            lost: setup.again,
            frames: 0,
            reconnects: 0,
            last_error: None,
            next_check: MonoTime::default(),
            next_report: MonoTime::default(),
            said: Seldom::default(),
        }
    }

    fn streams(&self) -> Vec<String> {
        let klines = self.routes.keys().map(|s| kline_stream(s.as_str(), self.config.base));
        std::iter::once(MINI_TICKERS.to_owned()).chain(klines).collect()
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        let mono = self.links.common.clocks.mono_time();
        for link in self.connections.all_mut() {
            link.session.tick(mono);
        }
        self.obey_sessions(ctx);
        if self.connections.attempt_is_due(mono) {
            self.connect(ctx);
        }
        if mono >= self.next_check {
            self.next_check = mono + 1_000;
            self.check_liveness();
        }
        if mono >= self.next_report {
            self.next_report = mono + 1_000;
            self.report(mono);
        }
    }

    fn report(&self, mono: MonoTime) {
        let session = self.connections.current().map(|link| &link.session);
        let state = match session {
            _ if self.connections.is_replacing() => "replacing",
            // After as long as the whole feed counts as frozen.
            Some(session) if session.is_ready() && session.silent_ms(mono) < 5_000 => "live",
            Some(_) => "silent",
            None if matches!(self.connections, Connections::Opening) => "connecting",
            None => "waiting",
        };
        let status = ConnectionStatus {
            name: (self.index + 1).to_string(),
            state: state.to_owned(),
            streams: session.map_or(0, |s| u32::try_from(s.streams().len()).unwrap_or(u32::MAX)),
            age_ms: session.map_or(0, |s| s.age_ms(mono)),
            silent_ms: session.map_or(0, |s| s.silent_ms(mono)),
            frames: self.frames,
            reconnects: self.reconnects,
            last_error: self.last_error.clone(),
        };
        self.links.report.send(FeedReport { index: self.index, status });
    }
}

impl Actor for Feed {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.look(ctx);
        ctx.run_interval(self.links.common.pace.every(LOOK), Self::look);
    }
}

impl Handler<Route> for Feed {
    type Result = ();

    fn handle(&mut self, route: Route, _: &mut Self::Context) {
        let fresh = self.routes.insert(route.symbol.clone(), route.pair).is_none();
        if fresh {
            self.liveness.watch(&route.symbol, u32::try_from(self.index).unwrap_or(u32::MAX));
            let stream = kline_stream(route.symbol.as_str(), self.config.base);
            let mono = self.links.common.clocks.mono_time();
            for link in self.connections.all_mut() {
                link.session.subscribe(vec![stream.clone()], mono);
            }
        }
    }
}

impl Handler<Unroute> for Feed {
    type Result = ();

    fn handle(&mut self, gone: Unroute, _: &mut Self::Context) {
        // The route goes before the exchange has answered: what still comes in between is counted, not delivered.
        self.routes.remove(&gone.symbol);
        self.liveness.forget(gone.symbol.as_str());
        let stream = kline_stream(gone.symbol.as_str(), self.config.base);
        let mono = self.links.common.clocks.mono_time();
        for link in self.connections.all_mut() {
            link.session.unsubscribe(vec![stream.clone()], mono);
        }
    }
}

impl Handler<Stop> for Feed {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        for link in self.connections.all_mut() {
            Self::close(link, ctx);
        }
        ctx.stop();
    }
}

/// From the connection `link`.
struct Arrived {
    link: u64,
    /// `None` is the end.
    what: Option<Result<Frame, SocketError>>,
}

impl Feed {
    fn open(
        &mut self,
        socket: StreamSocket,
        streams: Vec<String>,
        named: bool,
        ctx: &mut Context<Self>,
    ) -> Link {
        use futures_util::StreamExt;
        self.opened += 1;
        let id = self.opened;
        let rules = self.config.session.staggered(self.index);
        let mut session = Session::new(rules, streams, named);
        session.connected(self.links.common.clocks.mono_time());
        let frames = socket.frames.map(Some).chain(futures_util::stream::iter([None]));
        let frames = ctx.add_stream(frames.map(move |what| Arrived { link: id, what }));
        Link { id, session, sender: socket.sender, frames }
    }
}
