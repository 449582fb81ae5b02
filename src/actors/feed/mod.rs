//! One stream connection and its way to the pairs of its thread: bytes, typed event, the pair's mailbox.
//!
//! The rules of the protocol are `exchange::stream::session`; this actor moves bytes for it, opens connections with
//! back-off, and replaces one ahead of its end: the new one first, the old one goes when the new one has spoken.

mod events;
mod links;

use crate::actors::death_watch::DeathWatch;
use crate::actors::messages::{FeedReport, Stop};
use crate::actors::ports::{StreamConnector, StreamSocket};
use crate::actors::symbol::SymbolActor;
use crate::actors::view::ConnectionStatus;
use crate::actors::wiring::Wiring;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::exchange::backoff::{Backoff, BackoffPolicy};
use crate::exchange::stream::liveness::{Liveness, LivenessRules};
use crate::exchange::stream::plan::{MINI_TICKERS, PlanRules, kline_stream};
use crate::exchange::stream::session::{Session, SessionRules};
use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message, SpawnHandle};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often connections are looked after, machine time.
const LOOK: Duration = Duration::from_millis(200);

/// Settings of every connection.
#[derive(Debug, Clone)]
pub struct FeedConfig {
    /// Interval of the kline streams.
    pub base: Interval,
    /// Time limits of a connection.
    pub session: SessionRules,
    /// When a pair counts as silent.
    pub liveness: LivenessRules,
    /// How streams are spread and named.
    pub plan: PlanRules,
    /// Pauses before new attempts.
    pub backoff: BackoffPolicy,
}

/// What a feed is made of.
pub(crate) struct FeedSetup {
    /// Index of the connection, from 0.
    pub index: usize,
    pub config: FeedConfig,
    pub(crate) connector: Arc<dyn StreamConnector>,
    pub routes: Vec<(Symbol, Addr<SymbolActor>)>,
    /// It takes the place of a feed that died: its pairs may have missed something.
    pub again: bool,
}

/// A pair is fed by this connection from now on (again, at its new address).
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct Route {
    pub symbol: Symbol,
    pub address: Addr<SymbolActor>,
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
    routes: HashMap<Symbol, Addr<SymbolActor>>,
    wiring: Arc<Wiring>,
    liveness: Liveness,
    current: Option<Link>,
    /// The replacement that has not spoken yet.
    next: Option<Link>,
    connecting: bool,
    wants_next: bool,
    backoff: Backoff,
    retry_at_ms: i64,
    links: u64,
    /// The connection was lost: what came meanwhile is not known.
    lost: bool,
    frames: u64,
    reconnects: u64,
    last_error: Option<String>,
    next_check_ms: i64,
    next_report_ms: i64,
    _watch: DeathWatch,
}

impl Feed {
    /// A feed that connects as soon as it runs.
    pub(crate) fn new(setup: FeedSetup, wiring: Arc<Wiring>, watch: DeathWatch) -> Self {
        let mut liveness = Liveness::new(setup.config.liveness);
        let connection = u32::try_from(setup.index).unwrap_or(u32::MAX);
        for (symbol, _) in &setup.routes {
            liveness.watch(symbol, connection);
        }
        Self {
            index: setup.index,
            backoff: Backoff::new(setup.config.backoff),
            config: setup.config,
            connector: setup.connector,
            routes: setup.routes.into_iter().collect(),
            wiring,
            liveness,
            current: None,
            next: None,
            connecting: false,
            wants_next: false,
            retry_at_ms: 0,
            links: 0,
            lost: setup.again,
            frames: 0,
            reconnects: 0,
            last_error: None,
            next_check_ms: 0,
            next_report_ms: 0,
            _watch: watch,
        }
    }

    fn streams(&self) -> Vec<String> {
        let mut symbols: Vec<&Symbol> = self.routes.keys().collect();
        symbols.sort_unstable();
        let klines = symbols.into_iter().map(|s| kline_stream(s.as_str(), self.config.base));
        std::iter::once(MINI_TICKERS.to_owned()).chain(klines).collect()
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        let mono_ms = self.wiring.machine.mono_ms();
        for link in [&mut self.current, &mut self.next].into_iter().flatten() {
            link.session.tick(mono_ms);
        }
        self.obey_sessions(ctx);
        let needed = self.current.is_none() || (self.wants_next && self.next.is_none());
        if needed && !self.connecting && mono_ms >= self.retry_at_ms {
            self.connect(ctx);
        }
        if mono_ms >= self.next_check_ms {
            self.next_check_ms = mono_ms + 1_000;
            self.check_liveness();
        }
        if mono_ms >= self.next_report_ms {
            self.next_report_ms = mono_ms + 1_000;
            self.report(mono_ms);
        }
    }

    fn report(&self, mono_ms: i64) {
        let session = self.current.as_ref().map(|link| &link.session);
        let state = match session {
            _ if self.next.is_some() || (self.wants_next && self.connecting) => "replacing",
            Some(session) if session.is_ready() && session.silent_ms(mono_ms) < 5_000 => "live",
            Some(_) => "silent",
            None if self.connecting => "connecting",
            None => "waiting",
        };
        let status = ConnectionStatus {
            name: (self.index + 1).to_string(),
            state: state.to_owned(),
            streams: session.map_or(0, |s| u32::try_from(s.streams().len()).unwrap_or(u32::MAX)),
            age_ms: session.map_or(0, |s| s.age_ms(mono_ms)),
            silent_ms: session.map_or(0, |s| s.silent_ms(mono_ms)),
            frames: self.frames,
            reconnects: self.reconnects,
            last_error: self.last_error.clone(),
        };
        self.wiring.feeds.offer(FeedReport { index: self.index, status }, &self.wiring.drops);
    }
}

impl Actor for Feed {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // Routes and stops only; frames come by the connection's own stream.
        ctx.set_mailbox_capacity(2_048);
        self.look(ctx);
        ctx.run_interval(LOOK, Self::look);
    }
}

impl Handler<Route> for Feed {
    type Result = ();

    fn handle(&mut self, route: Route, _: &mut Self::Context) {
        let fresh = self.routes.insert(route.symbol.clone(), route.address).is_none();
        if fresh {
            self.liveness.watch(&route.symbol, u32::try_from(self.index).unwrap_or(u32::MAX));
            let stream = kline_stream(route.symbol.as_str(), self.config.base);
            let mono_ms = self.wiring.machine.mono_ms();
            for link in [&mut self.current, &mut self.next].into_iter().flatten() {
                link.session.subscribe(vec![stream.clone()], mono_ms);
            }
        }
    }
}

impl Handler<Unroute> for Feed {
    type Result = ();

    fn handle(&mut self, gone: Unroute, _: &mut Self::Context) {
        self.routes.remove(&gone.symbol);
        self.liveness.forget(gone.symbol.as_str());
        let stream = kline_stream(gone.symbol.as_str(), self.config.base);
        let mono_ms = self.wiring.machine.mono_ms();
        for link in [&mut self.current, &mut self.next].into_iter().flatten() {
            link.session.unsubscribe(vec![stream.clone()], mono_ms);
        }
    }
}

impl Handler<Stop> for Feed {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        for link in [self.current.take(), self.next.take()].into_iter().flatten() {
            // The other side learns of it; if the queue is full the socket simply closes.
            let _ = link.sender.try_send(crate::actors::ports::Outgoing::Close);
            ctx.cancel_future(link.frames);
        }
        ctx.stop();
    }
}

/// A frame, or the end of the connection `link`.
struct Arrived {
    link: u64,
    what: Result<crate::actors::ports::Frame, String>,
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
        self.links += 1;
        let id = self.links;
        let rules = self.config.session.staggered(self.index);
        let mut session = Session::new(rules, streams, named);
        session.connected(self.wiring.machine.mono_ms());
        let frames =
            socket.frames.map(move |frame| Arrived { link: id, what: frame.map_err(|e| e.to_string()) });
        let end = futures_util::stream::once(async move {
            Arrived { link: id, what: Err("the other side closed the connection".to_owned()) }
        });
        let frames = ctx.add_stream(frames.chain(end));
        Link { id, session, sender: socket.sender, frames }
    }
}
