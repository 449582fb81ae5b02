//! One dashboard client: credit of one unconfirmed snapshot, the newest waits in a slot of one.
//!
//! The actor runs beside the HTTP body, not inside it: a body is not polled while the client reads
//! nothing, and then neither pushes nor the close after 10 s would be handled.

use crate::actors::view::{Published, Push, Subscribe, Unsubscribe};
use crate::web::config::WebState;
use crate::web::live::socket::PeerSocket;
use crate::web::problem::Problem;
use crate::web::security::check_origin;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, StreamHandler};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_ws::{CloseCode, CloseReason, Message, ProtocolError};
use bytestring::ByteString;
use futures_util::future::LocalBoxFuture;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Largest frame a client may send, bytes.
const MAX_FRAME_BYTES: usize = 4096;
/// At most four messages a second.
const MIN_GAP: Duration = Duration::from_millis(250);
/// Ping when nothing was sent for this long.
const KEEPALIVE: Duration = Duration::from_secs(5);
/// Error answers a client may cause in one connection.
const MAX_ERRORS: u32 = 16;

/// Sent before the first snapshot.
const WAITING: &str = r#"{"type":"waiting","seq":0,"detail":"no snapshot yet: the pairs are warming up"}"#;

/// The client's actor.
pub struct Session {
    id: u64,
    state: Data<WebState>,
    wire: actix_ws::Session,
    socket: Option<PeerSocket>,
    waiting: Option<Arc<Published>>,
    unconfirmed: Option<(u64, Instant)>,
    last_sent: Option<Instant>,
    last_seq: u64,
    pings: u64,
    errors: u32,
}

/// `GET /ws`.
///
/// # Errors
/// 403 for a foreign origin, 503 when all places are taken, 400 when it is no WebSocket handshake.
pub async fn open(
    req: HttpRequest,
    body: Payload,
    state: Data<WebState>,
) -> Result<HttpResponse, actix_web::Error> {
    check_origin(req.headers())?;
    let (answer, wire, frames) = actix_ws::handle(&req, body).map_err(|e| {
        Problem::query(format!("/ws takes a WebSocket handshake: {e}"), &["Upgrade: websocket"])
    })?;
    let Some(id) = state.admit() else {
        metrics::counter!("impulso_ws_refused_total").increment(1);
        let detail = format!("all {} places for live clients are taken", state.config.max_clients);
        return Err(Problem::unavailable("clients-full", "Too many live clients", detail).into());
    };
    let socket = req.conn_data::<PeerSocket>().cloned();
    let session = Session {
        id,
        state,
        wire,
        socket,
        waiting: None,
        unconfirmed: None,
        last_sent: None,
        last_seq: 0,
        pings: 0,
        errors: 0,
    };
    Session::create(|ctx| {
        ctx.add_stream(frames.max_frame_size(MAX_FRAME_BYTES));
        session
    });
    Ok(answer)
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let client = ctx.address().recipient();
        if self.state.handles.subscribe.try_send(Subscribe { id: self.id, client }).is_err() {
            metrics::counter!("impulso_ws_refused_total").increment(1);
            ctx.stop();
            return;
        }
        match self.state.handles.view.published() {
            Some(published) => self.offer(published, ctx),
            None => self.write(vec![Frame::Text(ByteString::from_static(WAITING))], ctx),
        }
        ctx.run_interval(MIN_GAP, Self::tick);
    }
}

impl Drop for Session {
    // Also after a panic: the place and the subscription must not leak.
    fn drop(&mut self) {
        self.state.release();
        if self.state.handles.unsubscribe.try_send(Unsubscribe { id: self.id }).is_err() {
            tracing::debug!(
                client = self.id,
                "hub did not take the unsubscribe; it notices the closed mailbox"
            );
        }
    }
}

enum Frame {
    Text(ByteString),
    Ping(u64),
    Pong(bytes::Bytes),
}

impl Session {
    /// Takes a snapshot: sends it when credit and pace allow, else it waits and replaces an older one.
    fn offer(&mut self, published: Arc<Published>, ctx: &mut Context<Self>) {
        if published.seq <= self.last_seq {
            return;
        }
        if self.waiting.replace(published).is_some() {
            metrics::counter!("impulso_ws_replaced_total").increment(1);
        }
        self.flush(ctx);
    }

    fn flush(&mut self, ctx: &mut Context<Self>) {
        if self.unconfirmed.is_some() || self.last_sent.is_some_and(|at| at.elapsed() < MIN_GAP) {
            return;
        }
        let Some(published) = self.waiting.take() else { return };
        self.last_seq = published.seq;
        metrics::counter!("impulso_ws_sent_total").increment(1);
        let ping = self.next_ping();
        self.write(vec![Frame::Text(published.message.clone()), Frame::Ping(ping)], ctx);
    }

    fn next_ping(&mut self) -> u64 {
        self.pings += 1;
        let now = Instant::now();
        (self.last_sent, self.unconfirmed) = (Some(now), Some((self.pings, now)));
        self.pings
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        if self.unconfirmed.is_some_and(|(_, at)| at.elapsed() >= self.state.config.client_timeout) {
            metrics::counter!("impulso_ws_closed_slow_total").increment(1);
            tracing::info!(client = self.id, "live client closed: it confirmed nothing in time");
            if let Some(socket) = &self.socket {
                socket.end();
            }
            ctx.stop();
            return;
        }
        self.flush(ctx);
        if self.unconfirmed.is_none() && self.last_sent.is_none_or(|at| at.elapsed() >= KEEPALIVE) {
            let ping = self.next_ping();
            self.write(vec![Frame::Ping(ping)], ctx);
        }
    }

    fn write(&self, frames: Vec<Frame>, ctx: &mut Context<Self>) {
        let mut wire = self.wire.clone();
        let task: LocalBoxFuture<'static, bool> = Box::pin(async move {
            for frame in frames {
                let sent = match frame {
                    Frame::Text(text) => wire.text(text).await,
                    Frame::Ping(number) => wire.ping(&number.to_be_bytes()).await,
                    Frame::Pong(payload) => wire.pong(&payload).await,
                };
                if sent.is_err() {
                    return false;
                }
            }
            true
        });
        let task = actix::fut::wrap_future::<_, Self>(task);
        ctx.spawn(actix::ActorFutureExt::map(task, |open, _, ctx: &mut Context<Self>| {
            if !open {
                ctx.stop();
            }
        }));
    }

    fn refuse(&mut self, detail: &str, ctx: &mut Context<Self>) {
        self.errors += 1;
        if self.errors > MAX_ERRORS {
            self.close(CloseCode::Policy, "too many messages that this server does not know", ctx);
            return;
        }
        let text = serde_json::json!({"type": "error", "seq": self.last_seq, "detail": detail}).to_string();
        self.write(vec![Frame::Text(ByteString::from(text))], ctx);
    }

    fn close(&self, code: CloseCode, why: &str, ctx: &mut Context<Self>) {
        let wire = self.wire.clone();
        let reason = CloseReason { code, description: Some(why.to_owned()) };
        actix_rt::spawn(async move { wire.close(Some(reason)).await.ok() });
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
                if self.unconfirmed.is_some_and(|(number, _)| payload.as_ref() == number.to_be_bytes()) {
                    self.unconfirmed = None;
                    self.flush(ctx);
                }
            }
            Ok(Message::Ping(payload)) => self.write(vec![Frame::Pong(payload)], ctx),
            Ok(Message::Close(_)) => self.close(CloseCode::Normal, "goodbye", ctx),
            Ok(Message::Nop) => {}
            Ok(_) => self.refuse("this WebSocket only sends: no client message is known", ctx),
            Err(ProtocolError::Overflow) => self.close(CloseCode::Size, "frames may have 4096 bytes", ctx),
            Err(error) => {
                tracing::debug!(client = self.id, %error, "live client broke the protocol");
                self.close(CloseCode::Protocol, "protocol error", ctx);
            }
        }
    }
}
