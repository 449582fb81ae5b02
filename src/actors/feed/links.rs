//! Opening, replacing and giving up connections.

use super::{Arrived, Feed, Link};
use crate::actors::mailbox;
use crate::actors::messages::Reconnected;
use crate::actors::ports::{ConnectError, Outgoing, StreamSocket};
use crate::exchange::stream::plan::target;
use crate::exchange::stream::session::{FailReason, Output};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use rand::Rng;
use std::sync::PoisonError;

impl Feed {
    pub(super) fn connect(&mut self, ctx: &mut Context<Self>) {
        let mono_ms = self.wiring.machine.mono_ms();
        let admitted = self.wiring.attempts.lock().unwrap_or_else(PoisonError::into_inner).admit(mono_ms);
        if let Err(wait_ms) = admitted {
            tracing::warn!(wait_ms, "connection attempts of five minutes are used up");
            self.retry_at_ms = mono_ms + wait_ms;
            return;
        }
        self.connecting = true;
        let streams = self.streams();
        let target = target(&streams, &self.config.plan);
        let named = target.names_streams;
        let opened = self.connector.connect(&target.path_and_query);
        ctx.spawn(opened.into_actor(self).map(move |socket, feed, ctx| {
            feed.connecting = false;
            feed.connected(socket, streams, named, ctx);
        }));
    }

    fn connected(
        &mut self,
        socket: Result<StreamSocket, ConnectError>,
        streams: Vec<String>,
        named: bool,
        ctx: &mut Context<Self>,
    ) {
        let socket = match socket {
            Ok(socket) => socket,
            Err(error) => {
                let asked_ms = match &error {
                    ConnectError::Refused { retry_after_ms, .. } => retry_after_ms.unwrap_or(0),
                    _ => 0,
                };
                self.failed(&error.to_string(), asked_ms);
                return;
            }
        };
        let link = self.open(socket, streams, named, ctx);
        if self.current.is_none() {
            self.current = Some(link);
        } else {
            self.next = Some(link);
        }
        self.obey_sessions(ctx);
    }

    /// Notes a failure and when to try again; `asked_ms` is the pause the exchange asked for.
    fn failed(&mut self, reason: &str, asked_ms: i64) {
        let mono_ms = self.wiring.machine.mono_ms();
        let wait_ms = self.backoff.failed(mono_ms, rand::rng().next_u64()).max(asked_ms);
        self.retry_at_ms = mono_ms + wait_ms;
        self.last_error = Some(reason.to_owned());
        self.wiring.drops.add("connection_lost");
        tracing::warn!(connection = self.index + 1, reason, retry_in_ms = wait_ms, "stream connection lost");
    }

    /// Does what the sessions ask for.
    pub(super) fn obey_sessions(&mut self, ctx: &mut Context<Self>) {
        while let Some(output) = self.current.as_mut().and_then(|link| link.session.poll()) {
            match output {
                Output::SendText(text) => self.current_send(text),
                Output::Ready => self.ready(),
                Output::Replace(reason) => {
                    tracing::info!(connection = self.index + 1, %reason, "opening a replacement");
                    self.wants_next = true;
                }
                Output::Fail(reason) => self.current_failed(&reason, ctx),
            }
        }
        while let Some(output) = self.next.as_mut().and_then(|link| link.session.poll()) {
            match output {
                Output::SendText(text) => {
                    if let Some(link) = &self.next {
                        self.send(link, text);
                    }
                }
                Output::Ready => self.swap(ctx),
                Output::Replace(_) => {}
                Output::Fail(reason) => {
                    self.drop_link(ctx, false);
                    self.failed(&reason.to_string(), 0);
                }
            }
        }
    }

    fn current_send(&self, text: String) {
        if let Some(link) = &self.current {
            self.send(link, text);
        }
    }

    fn send(&self, link: &Link, text: String) {
        if link.sender.try_send(Outgoing::Text(text)).is_err() {
            // The session notices the missing answer and gives the connection up.
            self.wiring.drops.add("control_message");
        }
    }

    /// The current connection has spoken.
    fn ready(&mut self) {
        self.backoff.succeeded(self.wiring.machine.mono_ms());
        self.last_error = None;
        if std::mem::take(&mut self.lost) {
            self.reconnects += 1;
            metrics::counter!("impulso_reconnects_total").increment(1);
            tracing::info!(connection = self.index + 1, "stream connection is back");
            for address in self.routes.values() {
                mailbox::offer(address, Reconnected, "symbol", &self.wiring.drops);
            }
        }
    }

    /// The replacement has spoken: the old connection may go.
    fn swap(&mut self, ctx: &mut Context<Self>) {
        self.wants_next = false;
        self.drop_link(ctx, true);
        self.current = self.next.take();
        tracing::info!(connection = self.index + 1, "stream connection replaced without a gap");
        metrics::counter!("impulso_rotations_total").increment(1);
        self.backoff.succeeded(self.wiring.machine.mono_ms());
    }

    fn current_failed(&mut self, reason: &FailReason, ctx: &mut Context<Self>) {
        self.drop_link(ctx, true);
        self.failed(&reason.to_string(), 0);
        if let Some(next) = self.next.take() {
            // The replacement was under way: it goes on alone, but what fell between is not known.
            self.current = Some(next);
            self.wants_next = false;
        }
        self.lost = true;
        if self.current.as_ref().is_some_and(|link| link.session.is_ready()) {
            self.ready();
        }
    }

    fn drop_link(&mut self, ctx: &mut Context<Self>, current: bool) {
        let link = if current { self.current.take() } else { self.next.take() };
        if let Some(link) = link {
            // In order where possible; dropping the socket ends it in any case.
            let _ = link.sender.try_send(Outgoing::Close);
            ctx.cancel_future(link.frames);
        }
    }

    /// A frame, or the end, of one of the connections.
    pub(super) fn arrived(&mut self, arrived: &Arrived, ctx: &mut Context<Self>) {
        let is_current = self.current.as_ref().is_some_and(|link| link.id == arrived.link);
        let is_next = self.next.as_ref().is_some_and(|link| link.id == arrived.link);
        if !is_current && !is_next {
            return;
        }
        self.frames += 1;
        self.frame(&arrived.what, is_current);
        self.obey_sessions(ctx);
    }
}
