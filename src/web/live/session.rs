//! One dashboard client as an actor in the WebSocket context of actix-web-actors.
//!
//! The context lives inside the HTTP body, which is not polled while the client reads nothing. So the
//! watch for silent clients runs beside it and ends the TCP connection: the body is dropped with it, and the
//! actor, its place and its subscription go at once.

use crate::actors::view::{Published, Push, Subscribe, Unsubscribe};
use crate::web::config::WebState;
use crate::web::live::credit::{Credit, MIN_GAP};
use crate::web::live::messages::{ErrorMessage, ErrorTag, OPS, Packing};
use crate::web::live::relay::{Packed, Parcel, Relay};
use crate::web::live::socket::PeerSocket;
use crate::web::live::topics::{Refused, Sources, Topics};
use crate::web::problem::Problem;
use crate::web::said::said;
use crate::web::security::check_origin;
use actix::{Actor, ActorContext, AsyncContext, Handler, StreamHandler};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws::{
    CloseCode, CloseReason, Message, ProtocolError, WebsocketContext, WsResponseBuilder, handshake,
};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Largest frame a client may send, bytes.
const MAX_FRAME_BYTES: usize = 4096;
/// How often the watch looks.
const WATCH_EVERY: Duration = Duration::from_millis(250);
/// Error answers a client may cause in one connection.
const MAX_ERRORS: u32 = 16;

/// Sent before the first snapshot.
const WAITING: &str = r#"{"type":"waiting","seq":0,"detail":"no snapshot yet: the pairs are warming up"}"#;

type SharedCredit = RefCell<Credit<Vec<Arc<Parcel>>>>;
type Wire = WebsocketContext<Session>;

/// A place among the live clients; dropping it gives place and subscription back.
struct Place {
    id: u64,
    state: Data<WebState>,
}

impl Drop for Place {
    // Also after a panic: neither may leak.
    fn drop(&mut self) {
        self.state.release();
        if self.state.handles.unsubscribe.try_send(Unsubscribe { id: self.id }).is_err() {
            tracing::debug!(client = self.id, "hub did not take the leave; it notices the closed mailbox");
        }
    }
}

/// The client's actor.
pub(crate) struct Session {
    place: Place,
    credit: Rc<SharedCredit>,
    relay: Data<Relay>,
    topics: Topics,
    newest: Option<Arc<Published>>,
    /// The newest cycle has not been looked at for sending.
    unsent: bool,
    errors: u32,
}

/// `GET /ws`.
///
/// # Errors
/// 403 for a foreign origin, 503 when all places are taken, 400 when it is no WebSocket handshake.
pub(crate) async fn open(
    req: HttpRequest,
    body: Payload,
    state: Data<WebState>,
    relay: Data<Relay>,
) -> Result<HttpResponse, actix_web::Error> {
    check_origin(req.headers(), &state.config.cors_origins)?;
    handshake(&req).map_err(|e| {
        let detail = said!("/ws espera un saludo de WebSocket: {e}", "/ws takes a WebSocket handshake: {e}");
        Problem::query(detail, &["Upgrade: websocket"])
    })?;
    let Some(id) = state.admit() else {
        metrics::counter!("impulso_ws_refused_total").increment(1);
        let most = state.config.max_clients;
        let detail = said!(
            "los {most} puestos para clientes en vivo están ocupados",
            "all {most} places for live clients are taken"
        );
        return Err(Problem::unavailable("clients-full", "Too many live clients", detail).into());
    };
    let credit = Rc::new(SharedCredit::default());
    let (watched, timeout) = (Rc::downgrade(&credit), state.config.client_timeout);
    let session = Session {
        place: Place { id, state },
        credit,
        relay,
        topics: Topics::default(),
        newest: None,
        unsent: false,
        errors: 0,
    };
    let answer = WsResponseBuilder::new(session, &req, body).frame_size(MAX_FRAME_BYTES).start()?;
    actix_rt::spawn(watch(id, watched, timeout, req.conn_data::<PeerSocket>().cloned()));
    Ok(answer)
}

/// Ends the connection of a client that confirms nothing for `timeout`; ends itself with the session.
async fn watch(id: u64, credit: Weak<SharedCredit>, timeout: Duration, socket: Option<PeerSocket>) {
    loop {
        actix_rt::time::sleep(WATCH_EVERY).await;
        let Some(credit) = credit.upgrade() else { return };
        if credit.borrow().stuck(Instant::now(), timeout) {
            metrics::counter!("impulso_ws_closed_slow_total").increment(1);
            tracing::info!(client = id, "live client closed: it confirmed nothing in time");
            if let Some(socket) = &socket {
                socket.end();
            }
            return;
        }
    }
}

impl Actor for Session {
    type Context = Wire;

    fn started(&mut self, ctx: &mut Self::Context) {
        let (id, state) = (self.place.id, &self.place.state);
        let client = ctx.address().recipient();
        if state.handles.subscribe.try_send(Subscribe { id, client }).is_err() {
            metrics::counter!("impulso_ws_refused_total").increment(1);
            self.close(CloseCode::Again, "the server is busy", ctx);
            return;
        }
        match state.handles.view.published() {
            Some(published) => self.offer(published, ctx),
            None => ctx.text(WAITING),
        }
        ctx.run_interval(MIN_GAP, Self::tick);
    }
}

impl Session {
    /// Takes a cycle; it is sent when credit and pace allow, else a newer one may replace it.
    fn offer(&mut self, published: Arc<Published>, ctx: &mut Wire) {
        if self.newest.as_ref().is_some_and(|newest| published.seq <= newest.seq) {
            return;
        }
        self.newest = Some(published);
        if std::mem::replace(&mut self.unsent, true) {
            metrics::counter!("impulso_ws_replaced_total").increment(1);
        }
        self.flush(ctx);
    }

    /// Sends what the client is owed: made only now, so that a slow client gets the newest and nothing older.
    fn flush(&mut self, ctx: &mut Wire) {
        let now = Instant::now();
        if !self.credit.borrow().is_free(now) {
            return;
        }
        self.unsent = false;
        let newest = self.newest.as_ref();
        let owed = self.topics.owed(&Sources { web: &self.place.state, relay: &self.relay, newest, now });
        if owed.is_empty() {
            return;
        }
        self.credit.borrow_mut().offer(owed);
        let Some((owed, ping)) = self.credit.borrow_mut().due(now) else { return };
        metrics::counter!("impulso_ws_sent_total").increment(owed.len() as u64);
        for parcel in owed {
            match parcel.frame(self.topics.packing()) {
                Packed::Text(text) => ctx.text(text),
                Packed::Binary(bytes) => ctx.binary(bytes),
            }
        }
        ctx.ping(&ping.to_be_bytes());
    }

    fn tick(&mut self, ctx: &mut Wire) {
        self.flush(ctx);
        if let Some(ping) = self.credit.borrow_mut().keep_alive(Instant::now()) {
            ctx.ping(&ping.to_be_bytes());
        }
        // The watch ended the socket's writing side; the actor need not wait for the peer's answer.
        if self.credit.borrow().stuck(Instant::now(), self.place.state.config.client_timeout) {
            ctx.stop();
        }
    }

    fn hear(&mut self, text: &str, ctx: &mut Wire) {
        match self.topics.obey(text, &self.place.state) {
            Ok(()) => self.flush(ctx),
            Err(Refused { detail, allowed }) => self.refuse(detail, allowed, ctx),
        }
    }

    fn refuse(&mut self, detail: String, allowed: Vec<String>, ctx: &mut Wire) {
        self.errors += 1;
        if self.errors > MAX_ERRORS {
            self.close(CloseCode::Policy, "too many messages that this server does not know", ctx);
            return;
        }
        let error = ErrorMessage { kind: ErrorTag::Error, seq: self.topics.seq(), detail, allowed };
        if let Some(Packed::Text(text)) = Parcel::of(&error).map(|p| p.frame(Packing::None)) {
            ctx.text(text);
        }
    }

    fn close(&self, code: CloseCode, why: &str, ctx: &mut Wire) {
        ctx.close(Some(CloseReason { code, description: Some(why.to_owned()) }));
        ctx.stop();
    }
}

impl Handler<Push> for Session {
    type Result = ();

    fn handle(&mut self, push: Push, ctx: &mut Self::Context) {
        self.offer(push.0, ctx);
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Session {
    fn handle(&mut self, item: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        match item {
            Ok(Message::Pong(payload)) => {
                let number = <[u8; 8]>::try_from(payload.as_ref()).map(u64::from_be_bytes);
                let confirmed = number.is_ok_and(|n| self.credit.borrow_mut().confirm(n));
                if confirmed {
                    self.flush(ctx);
                }
            }
            Ok(Message::Ping(payload)) => ctx.pong(&payload),
            Ok(Message::Close(_)) => self.close(CloseCode::Normal, "goodbye", ctx),
            Ok(Message::Nop) => {}
            Ok(Message::Text(text)) => self.hear(&text, ctx),
            Ok(_) => {
                let allowed = OPS.map(str::to_owned).to_vec();
                self.refuse("only JSON text in one frame is understood".to_owned(), allowed, ctx);
            }
            Err(ProtocolError::Overflow) => self.close(CloseCode::Size, "frames may have 4096 bytes", ctx),
            Err(error) => {
                tracing::debug!(client = self.place.id, %error, "live client broke the protocol");
                self.close(CloseCode::Protocol, "protocol error", ctx);
            }
        }
    }
}
