//! One WebSocket connection: handshake, its queue to the wire, pings, control messages, faults.

use crate::simulator::faults::FaultKind;
use crate::simulator::rest::answer::error;
use crate::simulator::state::State;
use crate::simulator::stream::registry::{Frame, Kill, MAX_STREAMS, QUEUE};
use crate::simulator::stream::{control, names};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{Closed, Message, MessageStream, Session};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Incoming messages allowed in one second, by the exchange's documents; above it the connection is cut.
const MESSAGES_A_SECOND: usize = 5;

/// How late each frame is under the fault `slow`: at ten frames a second a queue of a busy connection fills up.
const SLOW: Duration = Duration::from_millis(100);

/// Handler of /ws, /ws/A/B and /stream.
pub async fn connect(
    req: HttpRequest,
    body: web::Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, actix_web::Error> {
    let state = state.into_inner();
    let ip = req.peer_addr().map_or(std::net::IpAddr::from([0, 0, 0, 0]), |a| a.ip());
    let now = state.machine_ms();
    if !state.ledger().connect(ip, now) {
        return Ok(error(429, -1003, "Too many connection attempts; at most 300 in 5 minutes."));
    }
    if state.faults().hit(FaultKind::Cut, &[], now).is_some() {
        return Ok(HttpResponse::ServiceUnavailable().finish());
    }
    let query = web::Query::<std::collections::HashMap<String, String>>::from_query(req.query_string())?;
    let combined = req.path().starts_with("/stream");
    let asked = match req.match_info().get("names") {
        Some(names) => names.to_owned(),
        None => query.get("streams").cloned().unwrap_or_default(),
    };
    let micros = query.get("timeUnit").is_some_and(|u| u.eq_ignore_ascii_case("MICROSECOND"));
    let names: Vec<String> = asked.split('/').filter(|n| n.contains('@')).map(str::to_owned).collect();
    if names.len() > MAX_STREAMS {
        return Ok(error(400, -1102, "At most 1024 streams for each connection."));
    }
    let (response, session, messages) = actix_ws::handle(&req, body)?;
    let (queue, frames) = mpsc::channel(QUEUE);
    let kill = Arc::new(Kill::default());
    // Under one lock: no event falls between opening and subscribing.
    let number = {
        let mut registry = state.registry();
        let number = registry.open(combined, micros, queue, Arc::clone(&kill), now);
        for name in names {
            registry.subscribe(number, &name, names::resolve(&name, &state.market));
        }
        number
    };
    let connection = Connection {
        id: format!("c{number}"),
        number,
        state,
        session,
        recent: Vec::new(),
        pong_at: Instant::now(),
        held: None,
        odd: false,
    };
    actix_web::rt::spawn(connection.run(messages, frames, kill));
    Ok(response)
}

struct Connection {
    id: String,
    number: u64,
    state: Arc<State>,
    session: Session,
    recent: Vec<Instant>,
    pong_at: Instant,
    held: Option<Frame>,
    odd: bool,
}

impl Connection {
    async fn run(mut self, mut messages: MessageStream, mut frames: mpsc::Receiver<Frame>, kill: Arc<Kill>) {
        let timings = self.state.timings;
        let born = tokio::time::Instant::now();
        let mut pings = tokio::time::interval_at(born + timings.ping_every, timings.ping_every);
        loop {
            let goes_on = tokio::select! {
                // Pings and control messages before frames: a market that never pauses would starve them.
                biased;
                () = kill.notify.notified() => Err(Closed),
                () = tokio::time::sleep_until(born + timings.max_age) => Err(Closed),
                _ = pings.tick() => self.ping().await,
                message = messages.recv() => match message {
                    Some(Ok(message)) => self.incoming(message).await,
                    _ => Err(Closed),
                },
                // A client that reads nothing holds the write for good; the word to end must reach it all the same.
                Some(frame) = frames.recv() => tokio::select! {
                    () = kill.notify.notified() => Err(Closed),
                    sent = self.outgoing(frame) => sent,
                },
            };
            // The word may have been taken by the inner `select`, which ends the write alone.
            if goes_on.is_err() || kill.ended.load(Ordering::Acquire) {
                break;
            }
        }
        self.state.registry().close(self.number);
    }

    fn hit(&self, kind: FaultKind, symbol: Option<&str>) -> bool {
        let faults = self.state.faults();
        !faults.is_empty()
            && faults.hit(kind, &[&self.id, symbol.unwrap_or("")], self.state.machine_ms()).is_some()
    }

    async fn ping(&mut self) -> Result<(), Closed> {
        if self.pong_at.elapsed() >= self.state.timings.pong_timeout {
            return Err(Closed);
        }
        if self.hit(FaultKind::Stall, None) {
            return Ok(());
        }
        let payload = self.state.machine_ms().to_string();
        self.session.ping(payload.as_bytes()).await
    }

    async fn incoming(&mut self, message: Message) -> Result<(), Closed> {
        let now = Instant::now();
        self.recent.retain(|at| now.duration_since(*at) < Duration::from_secs(1));
        self.recent.push(now);
        if self.recent.len() > MESSAGES_A_SECOND {
            return Err(Closed);
        }
        let silent = self.hit(FaultKind::Stall, None);
        match message {
            Message::Ping(_) if silent => Ok(()),
            Message::Ping(payload) => self.session.pong(&payload).await,
            Message::Pong(_) => {
                self.pong_at = now;
                Ok(())
            }
            Message::Text(text) => {
                let answer =
                    control::answer(&text, self.number, &mut self.state.registry(), &self.state.market);
                if silent { Ok(()) } else { self.session.text(answer.to_string()).await }
            }
            Message::Close(_) => Err(Closed),
            _ => Ok(()),
        }
    }

    async fn outgoing(&mut self, frame: Frame) -> Result<(), Closed> {
        if self.state.faults().is_empty() && self.held.is_none() {
            return self.session.text(frame.text).await;
        }
        let symbol = frame.symbol.clone();
        self.odd = !self.odd;
        let hit = |kind| self.hit(kind, symbol.as_ref().map(crate::domain::symbol::Symbol::as_str));
        if hit(FaultKind::Stall) || (hit(FaultKind::Drop) && self.odd) {
            return Ok(());
        }
        let (twice, broken) = (hit(FaultKind::Duplicate), hit(FaultKind::Malformed));
        let (slow, swap) = (hit(FaultKind::Slow), hit(FaultKind::Reorder));
        if slow {
            tokio::time::sleep(SLOW).await;
        }
        if swap && self.held.is_none() {
            self.held = Some(frame);
            return Ok(());
        }
        let text = if broken {
            let half: String = frame.text.chars().take(frame.text.chars().count() / 2).collect();
            half.into()
        } else {
            frame.text
        };
        if twice {
            self.session.text(text.clone()).await?;
        }
        self.session.text(text).await?;
        if let Some(held) = self.held.take() {
            self.session.text(held.text).await?;
        }
        Ok(())
    }
}
