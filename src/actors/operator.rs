//! What an operator may do, over the outbox and the lists.

use crate::actors::mailbox::Outlet;
use crate::actors::market_clock::Clocks;
use crate::actors::messages::OutboxEnqueued;
use crate::actors::ports::alerts::{AlertLists, AlertRecord, Mute, Operator, Outbox, Outgoing};
use crate::domain::alert::message::Message;
use crate::domain::time::UtcMs;
use std::io;
use std::sync::Arc;

/// The operator of a running system.
pub struct OperatorService {
    outbox: Arc<dyn Outbox>,
    lists: Arc<dyn AlertLists>,
    channels: Vec<String>,
    clocks: Arc<Clocks>,
    enqueued: Outlet<OutboxEnqueued>,
}

impl OperatorService {
    /// A operator with these channels.
    pub fn new(
        outbox: Arc<dyn Outbox>,
        lists: Arc<dyn AlertLists>,
        channels: Vec<String>,
        clocks: Arc<Clocks>,
        enqueued: Outlet<OutboxEnqueued>,
    ) -> Self {
        Self { outbox, lists, channels, clocks, enqueued }
    }

    /// Market time, or the machine's before anything was heard.
    fn now(&self) -> UtcMs {
        match self.clocks.now() {
            0 => self.clocks.utc_ms(),
            now => now,
        }
    }
}

impl Operator for OperatorService {
    fn alerts(&self, symbol: Option<&str>, before: UtcMs, limit: usize) -> io::Result<Vec<AlertRecord>> {
        self.outbox.alerts(symbol, before, limit)
    }

    fn mutes(&self) -> io::Result<Vec<Mute>> {
        self.lists.mutes(self.now())
    }

    fn mute(&self, symbol: &str, for_ms: Option<i64>, by: &str) -> io::Result<Mute> {
        let until = for_ms.map(|ms| self.now().saturating_add(ms));
        let mute =
            Mute { symbol: symbol.to_owned(), until, by: by.to_owned(), created_at: self.clocks.utc_ms() };
        self.lists.mute(&mute)?;
        tracing::info!(symbol, by, until, "muted");
        Ok(mute)
    }

    fn unmute(&self, symbol: &str) -> io::Result<bool> {
        self.lists.unmute(symbol)
    }

    fn watchlist(&self) -> io::Result<Vec<String>> {
        self.lists.watchlist()
    }

    fn watch(&self, symbol: &str, watched: bool) -> io::Result<bool> {
        self.lists.watch(symbol, watched)
    }

    fn channels(&self) -> Vec<String> {
        self.channels.clone()
    }

    fn test(&self, channel: &str) -> io::Result<Option<String>> {
        if !self.channels.iter().any(|name| name == channel) {
            return Ok(None);
        }
        let now = self.clocks.utc_ms();
        let message = Message::Test { at: now };
        let key = message.key();
        self.outbox.enqueue(&Outgoing {
            messages: vec![(message.clone(), vec![channel.to_owned()])],
            policy_memory: None,
            now,
        })?;
        self.enqueued.send(OutboxEnqueued(Arc::new(message)));
        Ok(Some(key))
    }
}
