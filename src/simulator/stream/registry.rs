//! Connections, what they subscribed to, and their bounded queues.

use crate::domain::symbol::Symbol;
use crate::simulator::stream::names::Topic;
use bytestring::ByteString;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Notify, mpsc};

/// Streams one connection may have, by the exchange's documents.
pub(crate) const MAX_STREAMS: usize = 1_024;
/// Frames that wait for one connection; one that falls further behind is dropped, as the exchange does with slow clients.
pub(crate) const QUEUE: usize = 4_096;

/// One message on its way to one connection.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Pair it is about.
    pub symbol: Option<Symbol>,
    pub text: ByteString,
}

/// The registry's side of a connection.
#[derive(Debug)]
pub(crate) struct Client {
    /// `c1`, `c2`, ...
    pub id: String,
    /// Events wrapped with their stream's name.
    pub(crate) combined: bool,
    pub(crate) micros: bool,
    pub streams: BTreeSet<String>,
    pub queue: mpsc::Sender<Frame>,
    /// Machine time of its opening, ms since the start.
    pub(crate) opened_ms: u64,
    pub kill: Arc<Kill>,
}

/// Tells a connection to end at once.
#[derive(Debug, Default)]
pub(crate) struct Kill {
    pub notify: Notify,
    pub ended: AtomicBool,
}

impl Kill {
    pub(crate) fn end(&self) {
        // The flag before the word: whoever wakes up finds it set.
        self.ended.store(true, Ordering::Release);
        self.notify.notify_one();
    }
}

/// A stream that somebody listens to.
#[derive(Debug)]
pub(crate) struct Listened {
    pub topic: Topic,
    pub symbol: Option<Symbol>,
    /// Ids of the connections.
    pub clients: BTreeSet<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub clients: BTreeMap<u64, Client>,
    /// Streams with listeners, by name.
    pub streams: HashMap<String, Listened>,
    /// Connections opened since the start.
    pub opened: u64,
    /// Connections dropped because their queue was full.
    pub overflows: u64,
    pub frames: u64,
}

impl Registry {
    /// Takes a connection in; its number.
    pub(crate) fn open(
        &mut self,
        combined: bool,
        micros: bool,
        queue: mpsc::Sender<Frame>,
        kill: Arc<Kill>,
        opened_ms: u64,
    ) -> u64 {
        self.opened += 1;
        let id = format!("c{}", self.opened);
        self.clients.insert(
            self.opened,
            Client { id, combined, micros, streams: BTreeSet::new(), queue, kill, opened_ms },
        );
        self.opened
    }

    pub(crate) fn close(&mut self, number: u64) {
        if let Some(client) = self.clients.remove(&number) {
            for name in client.streams {
                self.leave(&name, number);
            }
        }
    }

    fn leave(&mut self, name: &str, number: u64) {
        if let Some(stream) = self.streams.get_mut(name) {
            stream.clients.remove(&number);
            if stream.clients.is_empty() {
                self.streams.remove(name);
            }
        }
    }

    /// Adds a stream to a connection; false when it would have more than 1,024.
    pub(crate) fn subscribe(
        &mut self,
        number: u64,
        name: &str,
        found: Option<(Topic, Option<Symbol>)>,
    ) -> bool {
        let Some(client) = self.clients.get_mut(&number) else { return true };
        if !client.streams.contains(name) && client.streams.len() >= MAX_STREAMS {
            return false;
        }
        client.streams.insert(name.to_owned());
        if let Some((topic, symbol)) = found {
            self.streams
                .entry(name.to_owned())
                .or_insert_with(|| Listened { topic, symbol, clients: BTreeSet::new() })
                .clients
                .insert(number);
        }
        true
    }

    /// Takes a stream from a connection.
    pub(crate) fn unsubscribe(&mut self, number: u64, name: &str) {
        if let Some(client) = self.clients.get_mut(&number) {
            client.streams.remove(name);
        }
        self.leave(name, number);
    }

    /// Queues one event for all listeners of a stream; each of its four spellings is made once.
    pub(crate) fn publish(&mut self, name: &str, symbol: Option<&Symbol>, render: &dyn Fn(bool) -> String) {
        let Some(stream) = self.streams.get(name) else { return };
        let mut spellings: [Option<ByteString>; 4] = [None, None, None, None];
        for number in &stream.clients {
            let Some(client) = self.clients.get(number) else { continue };
            let at = usize::from(client.combined) * 2 + usize::from(client.micros);
            let text =
                spellings[at].get_or_insert_with(|| wrap(client.combined, name, &render(client.micros)));
            let frame = Frame { symbol: symbol.cloned(), text: text.clone() };
            self.frames += 1;
            // Until the connection has noticed, more frames fail: it is counted once.
            if client.queue.try_send(frame).is_err() && !client.kill.ended.load(Ordering::Acquire) {
                self.overflows += 1;
                metrics::counter!("simulator_slow_clients_dropped_total").increment(1);
                client.kill.end();
            }
        }
    }
}

/// An event as a raw or a combined connection gets it.
pub(crate) fn wrap(combined: bool, name: &str, data: &str) -> ByteString {
    if combined {
        format!("{{\"stream\":\"{name}\",\"data\":{data}}}").into()
    } else {
        data.to_owned().into()
    }
}
