//! One live client as an actor in the WebSocket context of actix-web-actors.
//!
//! The context lives inside the HTTP body, which is not polled while the client reads nothing. So the
//! watch for silent clients runs beside it and ends the TCP connection: the body is dropped with it, and the
//! actor and its place go at once.

use crate::actors::ports::state::TokenInfo;
use crate::web::api::status::language;
use crate::web::auth::still_counts;
use crate::web::caller::caller;
use crate::web::config::WebState;
use crate::web::connections::Handle;
use crate::web::live::admission::{Full, Place};
use crate::web::live::credit::{Credit, MIN_GAP};
use crate::web::live::messages::{ErrorMessage, OPS, Packing, WaitingMessage};
use crate::web::live::relay::{Packed, Parcel, Relay};
use crate::web::live::subscriptions::{Refused, Subscriptions};
use crate::web::problem::{ApiError, Cause};
use crate::web::security::check_origin;
use actix::{Actor, ActorContext, AsyncContext, StreamHandler};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws::{
    CloseCode, CloseReason, Message, ProtocolError, WebsocketContext, WsResponseBuilder, handshake,
};
use futures_util::stream;
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Largest frame a client may send, bytes: twenty topics fit in it many times over.
const MAX_FRAME_BYTES: usize = 4096;
/// How often the watch looks: a fraction of any sensible timeout.
const WATCH_EVERY: Duration = Duration::from_millis(250);
/// Error answers a client may cause in one connection: one that has not learnt after so many never will.
const MAX_ERRORS: u32 = 16;

type SharedCredit = RefCell<Credit>;
type Wire = WebsocketContext<Session>;

/// The client's actor.
pub(crate) struct Session {
    place: Place,
    web: Data<WebState>,
    relay: Data<Relay>,
    credit: Rc<SharedCredit>,
    subscriptions: Subscriptions,
    errors: u32,
    /// By which the client came in.
    token: Option<TokenInfo>,
}

/// A cycle was published; which one is looked up when something can be sent.
struct NewCycle;

/// `GET /ws`.
///
/// # Errors
/// 403 for a foreign origin, 503 when all places are taken, 400 when it is no WebSocket handshake or for a language
/// that there are no texts in.
pub(crate) async fn open(
    req: HttpRequest,
    body: Payload,
    web: Data<WebState>,
    relay: Data<Relay>,
) -> Result<HttpResponse, actix_web::Error> {
    check_origin(req.headers(), &web.config.hosts, &web.config.cors_origins)?;
    handshake(&req)
        .map_err(|e| Cause::NoHandshake { error: e.to_string() }.allowed(&["Upgrade: websocket"]))?;
    let asked = req.query_string().split('&').find_map(|p| p.strip_prefix("lang="));
    let language = language(asked, &req)?;
    let asks = caller(&req);
    let place = web.admission.admit(asks.client()).map_err(|full| {
        metrics::counter!("impulso_ws_refused_total").increment(1);
        ApiError::from(match full {
            Full::All(most) => Cause::ClientsFull { most },
            Full::Own(most) => Cause::OwnClientsFull { most },
        })
    })?;
    let connection = req.conn_data::<Arc<Handle>>().cloned();
    if let Some(connection) = &connection {
        connection.is_live_now();
    }
    let credit = Rc::new(SharedCredit::new(Credit::new(Instant::now())));
    let watching = watch(place.id, Rc::downgrade(&credit), web.config.client_timeout, connection);
    let (subscriptions, token) =
        (Subscriptions::new(language), asks.token.as_ref().map(|(token, _)| token.clone()));
    let session = Session { place, web, relay, credit, subscriptions, errors: 0, token };
    let answer = WsResponseBuilder::new(session, &req, body).frame_size(MAX_FRAME_BYTES).start()?;
    // Behind the handshake: one that fails leaves nothing to watch.
    actix_rt::spawn(watching);
    Ok(answer)
}

/// Ends the connection of a client that confirms nothing for `timeout`; ends itself with the session.
async fn watch(id: u64, credit: Weak<SharedCredit>, timeout: Duration, connection: Option<Arc<Handle>>) {
    loop {
        actix_rt::time::sleep(WATCH_EVERY).await;
        let Some(credit) = credit.upgrade() else { return };
        if credit.borrow().is_stuck(Instant::now(), timeout) {
            metrics::counter!("impulso_ws_closed_slow_total").increment(1);
            tracing::info!(client = id, "live client closed: it confirmed nothing in time");
            if let Some(connection) = &connection {
                connection.end();
            }
            return;
        }
    }
}

impl Actor for Session {
    type Context = Wire;

    fn started(&mut self, ctx: &mut Self::Context) {
        let view = &self.web.handles.view;
        if view.published().is_none() {
            let detail = "no snapshot yet: the pairs are warming up";
            put(&Parcel::of(&WaitingMessage { kind: "waiting", seq: 0, detail }), Packing::None, ctx);
        }
        // A client that is behind sees one change for many cycles: there is nothing to queue, and nothing to lose.
        let cycles = stream::unfold(view.subscribe(), async |mut cycles| {
            cycles.changed().await.ok()?;
            Some((NewCycle, cycles))
        });
        ctx.add_stream(cycles);
        ctx.run_interval(MIN_GAP, Self::tick);
    }
}

impl Session {
    /// Sends what the client is owed: made only now, so that a slow client gets the newest and nothing older.
    fn flush(&mut self, ctx: &mut Wire) {
        let now = Instant::now();
        if !self.credit.borrow().is_free(now) {
            return;
        }
        let owed = self.subscriptions.owed(&self.relay, &self.web);
        if owed.is_empty() {
            return;
        }
        metrics::counter!("impulso_ws_sent_total").increment(owed.len() as u64);
        for parcel in owed {
            put(&parcel, self.subscriptions.packing(), ctx);
        }
        // Behind the messages on the same wire: its pong tells that they have arrived. Browsers answer pings by
        // themselves.
        ctx.ping(&self.credit.borrow_mut().sent(now).to_be_bytes());
    }

    fn tick(&mut self, ctx: &mut Wire) {
        if self.token.as_ref().is_some_and(|token| !still_counts(token, &self.web)) {
            close(CloseCode::Policy, "the token was revoked", ctx);
            return;
        }
        self.flush(ctx);
        if let Some(ping) = self.credit.borrow_mut().keep_alive(Instant::now()) {
            ctx.ping(&ping.to_be_bytes());
        }
        // The watch ended the socket's writing side; the actor need not wait for the peer's answer.
        if self.credit.borrow().is_stuck(Instant::now(), self.web.config.client_timeout) {
            ctx.stop();
        }
    }

    fn hear(&mut self, text: &str, ctx: &mut Wire) {
        match self.subscriptions.obey(text, &self.web) {
            Ok(()) => {
                self.credit.borrow_mut().asked();
                self.flush(ctx);
            }
            Err(refused) => self.refuse(refused, ctx),
        }
    }

    fn refuse(&mut self, Refused { detail, allowed }: Refused, ctx: &mut Wire) {
        self.errors += 1;
        if self.errors > MAX_ERRORS {
            close(CloseCode::Policy, "too many messages that this server does not know", ctx);
            return;
        }
        let error = ErrorMessage { kind: "error", seq: self.subscriptions.seq(), detail, allowed };
        put(&Parcel::of(&error), self.subscriptions.packing(), ctx);
    }
}

fn put(parcel: &Parcel, packing: Packing, ctx: &mut Wire) {
    match parcel.frame(packing) {
        Packed::Text(text) => ctx.text(text),
        Packed::Binary(bytes) => ctx.binary(bytes),
    }
}

fn close(code: CloseCode, why: &str, ctx: &mut Wire) {
    ctx.close(Some(CloseReason { code, description: Some(why.to_owned()) }));
    ctx.stop();
}

impl StreamHandler<NewCycle> for Session {
    fn handle(&mut self, _: NewCycle, ctx: &mut Self::Context) {
        self.flush(ctx);
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
            Ok(Message::Close(_)) => close(CloseCode::Normal, "goodbye", ctx),
            Ok(Message::Nop) => {}
            Ok(Message::Text(text)) => self.hear(&text, ctx),
            Ok(_) => {
                let detail = "only JSON text in one frame is understood".to_owned();
                self.refuse(Refused { detail, allowed: OPS.map(str::to_owned).to_vec() }, ctx);
            }
            Err(ProtocolError::Overflow) => close(CloseCode::Size, "frames may have 4096 bytes", ctx),
            Err(error) => {
                tracing::debug!(client = self.place.id, %error, "live client broke the protocol");
                close(CloseCode::Protocol, "protocol error", ctx);
            }
        }
    }
}
