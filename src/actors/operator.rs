//! What an operator may do, over the outbox and the lists.

use crate::actors::clocks::Clocks;
use crate::actors::mailbox::Outlet;
use crate::actors::messages::OutboxEnqueued;
use crate::actors::ports::alerts::{AlertRecord, Outgoing};
use crate::actors::ports::state::{Mute, OperationalState};
use crate::domain::alert::message::Message;
use crate::domain::moment::MarketTime;
use std::io;
use std::sync::Arc;

/// The operator of a running system.
pub struct OperatorService {
    state: Arc<dyn OperationalState>,
    channels: Vec<String>,
    clocks: Arc<Clocks>,
    enqueued: Outlet<OutboxEnqueued>,
}

impl OperatorService {
    /// A operator with these channels.
    pub fn new(
        state: Arc<dyn OperationalState>,
        channels: Vec<String>,
        clocks: Arc<Clocks>,
        enqueued: Outlet<OutboxEnqueued>,
    ) -> Self {
        Self { state, channels, clocks, enqueued }
    }

    /// Market time, or the machine's before anything was heard.
    fn now(&self) -> MarketTime {
        match self.clocks.now() {
            MarketTime::EPOCH => self.clocks.machine_time().as_market(),
            now => now,
        }
    }

    /// Alerts with their deliveries; see `OperationalState::alerts`.
    pub(crate) fn alerts(
        &self,
        symbol: Option<&str>,
        before: MarketTime,
        limit: usize,
    ) -> io::Result<Vec<AlertRecord>> {
        self.state.alerts(symbol, before, limit)
    }

    pub(crate) fn mutes(&self) -> io::Result<Vec<Mute>> {
        self.state.mutes(self.now())
    }

    /// Mutes a pair (`*`: all) for so long of market time; `None` for good.
    pub(crate) fn mute(&self, symbol: &str, for_ms: Option<i64>, by: &str) -> io::Result<Mute> {
        let until = for_ms.map(|ms| self.now() + ms);
        let mute = Mute {
            symbol: symbol.to_owned(),
            until,
            by: by.to_owned(),
            created_at: self.clocks.machine_time(),
        };
        self.state.mute(&mute)?;
        tracing::info!(symbol, by, until = until.map(|at| at.ms()), "muted");

        Ok(mute)
    }

    /// Ends a mute; false when there was none.
    pub(crate) fn unmute(&self, symbol: &str) -> io::Result<bool> {
        self.state.unmute(symbol)
    }

    pub(crate) fn watchlist(&self) -> io::Result<Vec<String>> {
        self.state.watchlist()
    }

    /// Adds or removes a watched pair; false when nothing changed.
    pub(crate) fn watch(&self, symbol: &str, watched: bool) -> io::Result<bool> {
        self.state.watch(symbol, watched)
    }

    pub(crate) fn channels(&self) -> Vec<String> {
        self.channels.clone()
    }

    /// Sends a test message over a channel; its key, or `None` for an unknown channel.
    pub(crate) fn test(&self, channel: &str) -> io::Result<Option<String>> {
        if !self.channels.iter().any(|name| name == channel) {
            return Ok(None);
        }
        let now = self.clocks.machine_time();
        let message = Message::Test { at: now };
        let key = message.key();
        self.state.enqueue(&Outgoing {
            messages: vec![(message.clone(), vec![channel.to_owned()])],
            now,
            ..Outgoing::default()
        })?;
        self.enqueued.send(OutboxEnqueued(Arc::new(message)));
        Ok(Some(key))
    }
}
