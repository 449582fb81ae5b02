//! Opening, replacing and giving up connections.

use super::{Arrived, Feed, Link};
use crate::actors::messages::Reconnected;
use crate::actors::ports::{ConnectError, Outgoing, StreamSocket};
use crate::exchange::stream::plan::target;
use crate::exchange::stream::session::{FailReason, Output};
use crate::i18n::Reason;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};

impl Feed {
    pub(super) fn connect(&mut self, ctx: &mut Context<Self>) {
        let mono = self.links.common.clocks.mono_time();
        // One count for all feeds: the exchange allows 300 attempts in five minutes for an address and bans beyond
        // it.
        let admitted = self.links.attempts.lock().admit(mono);
        if let Err(wait_ms) = admitted {
            tracing::warn!(wait_ms, "connection attempts of five minutes are used up");
            self.connections.put_off(mono + wait_ms);
            return;
        }
        // Before the attempt: the next look, 200 ms on, would begin a second one.
        self.connections.opening();
        let streams = self.streams();
        let target = target(&streams);
        let named = target.names_streams;
        let opened = self.connector.connect(&target.path_and_query);
        ctx.spawn(opened.into_actor(self).map(move |socket, feed, ctx| {
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
                self.connections.not_opened();
                self.failed(error.reason(), asked_ms);
                return;
            }
        };
        let link = self.open(socket, streams, named, ctx);
        if let Some(unwanted) = self.connections.opened(link) {
            Self::close(&unwanted, ctx);
        }
        self.obey_sessions(ctx);
    }

    /// Notes a failure and when to try again; `asked_ms` is the pause the exchange asked for.
    fn failed(&mut self, reason: Reason, asked_ms: i64) {
        let mono = self.links.common.clocks.mono_time();
        let wait_ms = self.backoff.failed(mono, (self.links.common.random)()).max(asked_ms);
        self.connections.put_off(mono + wait_ms);
        self.links.common.drops.add("connection_lost");
        let said = reason.in_english();
        tracing::warn!(
            connection = self.index + 1,
            reason = said,
            retry_in_ms = wait_ms,
            "stream connection lost"
        );
        self.last_error = Some(reason);
    }

    /// Does what the sessions ask for.
    pub(super) fn obey_sessions(&mut self, ctx: &mut Context<Self>) {
        while let Some(output) = self.connections.current_mut().and_then(|link| link.session.poll()) {
            match output {
                Output::SendText(text) => self.send(text, true),
                Output::Ready => self.ready(),
                Output::Replace(reason) => {
                    if self.connections.want_replacement() {
                        tracing::info!(connection = self.index + 1, %reason, "opening a replacement");
                    }
                }
                Output::Fail(reason) => self.current_failed(&reason, ctx),
            }
        }
        while let Some(output) = self.connections.next_mut().and_then(|link| link.session.poll()) {
            match output {
                Output::SendText(text) => self.send(text, false),
                Output::Ready => self.swap(ctx),
                Output::Replace(_) => {}
                Output::Fail(reason) => {
                    if let Some(link) = self.connections.drop_next() {
                        Self::close(&link, ctx);
                    }
                    self.failed(reason.reason(), 0);
                }
            }
        }
    }

    fn send(&mut self, text: String, to_current: bool) {
        let link = if to_current { self.connections.current_mut() } else { self.connections.next_mut() };
        if link.is_some_and(|link| link.sender.try_send(Outgoing::Text(text)).is_err()) {
            // The session notices the missing answer and gives the connection up.
            self.links.common.drops.add("control_message");
        }
    }

    /// The current connection has spoken.
    fn ready(&mut self) {
        self.backoff.succeeded(self.links.common.clocks.mono_time());
        self.last_error = None;
        if std::mem::take(&mut self.lost) {
            self.reconnects += 1;
            metrics::counter!("impulso_reconnects_total").increment(1);
            tracing::info!(connection = self.index + 1, "stream connection is back");
            // Once data flows again, not at the loss: what a pair fetches by then reaches up to the first live event.
            for pair in self.routes.values() {
                pair.offer(Reconnected);
            }
        }
    }

    /// The replacement has spoken: the old connection may go.
    fn swap(&mut self, ctx: &mut Context<Self>) {
        if let Some(link) = self.connections.drop_current() {
            Self::close(&link, ctx);
        }
        tracing::info!(connection = self.index + 1, "stream connection replaced without a gap");
        metrics::counter!("impulso_rotations_total").increment(1);
        self.backoff.succeeded(self.links.common.clocks.mono_time());
    }

    fn current_failed(&mut self, reason: &FailReason, ctx: &mut Context<Self>) {
        // A replacement that was under way goes on alone, but what fell between is not known.
        if let Some(link) = self.connections.drop_current() {
            Self::close(&link, ctx);
        }
        self.failed(reason.reason(), 0);
        // Before `ready` is looked at: a replacement that speaks already must tell its pairs as well that something
        // may be missing.
        self.lost = true;
        if self.connections.current().is_some_and(|link| link.session.is_ready()) {
            self.ready();
        }
    }

    /// In order where possible; dropping the socket ends it in any case.
    pub(super) fn close(link: &Link, ctx: &mut Context<Self>) {
        let _ = link.sender.try_send(Outgoing::Close);
        ctx.cancel_future(link.frames);
    }

    /// A frame, or the end, of one of the connections.
    pub(super) fn arrived(&mut self, arrived: &Arrived, ctx: &mut Context<Self>) {
        let is_current = self.connections.current().is_some_and(|link| link.id == arrived.link);
        let is_next = self.connections.next_mut().is_some_and(|link| link.id == arrived.link);
        if !is_current && !is_next {
            return;
        }
        self.frames += 1;
        self.frame(arrived.what.as_ref(), is_current);
        self.obey_sessions(ctx);
    }
}
