//! Connections, what they subscribed to, and their bounded queues.

use crate::domain::symbol::Symbol;
use crate::simulator::stream::names::Topic;
use bytestring::ByteString;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Notify, mpsc};

/// Streams one connection may have.
pub const MAX_STREAMS: usize = 1_024;
/// Frames that wait for one connection; one that falls further behind is dropped.
pub const QUEUE: usize = 4_096;

/// One message on its way to one connection.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Pair it is about.
    pub symbol: Option<Symbol>,
    /// Text.
    pub text: ByteString,
}

/// The registry's side of a connection.
#[derive(Debug)]
pub struct Client {
    /// `c1`, `c2`, ...
    pub id: String,
    /// Events wrapped with their stream's name.
    pub combined: bool,
    /// Times in microseconds.
    pub micros: bool,
    /// Streams by name.
    pub streams: BTreeSet<String>,
    /// Queue.
    pub queue: mpsc::Sender<Frame>,
    /// Machine time of its opening, ms since the start.
    pub opened_ms: u64,
    /// Told to end.
    pub kill: Arc<Kill>,
}

/// Tells a connection to end at once.
#[derive(Debug, Default)]
pub struct Kill {
    /// Wakes it.
    pub notify: Notify,
    /// It shall end.
    pub ended: AtomicBool,
}

impl Kill {
    /// Ends the connection.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.notify.notify_one();
    }
}

/// A stream that somebody listens to.
#[derive(Debug)]
pub struct Listened {
    /// What it carries.
    pub topic: Topic,
    /// Its pair.
    pub symbol: Option<Symbol>,
    /// Ids of the connections.
    pub clients: BTreeSet<u64>,
}

/// All connections.
#[derive(Debug, Default)]
pub struct Registry {
    /// By number.
    pub clients: BTreeMap<u64, Client>,
    /// Streams with listeners, by name.
    pub streams: HashMap<String, Listened>,
    /// Connections opened since the start.
    pub opened: u64,
    /// Connections dropped because their queue was full.
    pub overflows: u64,
    /// Frames queued.
    pub frames: u64,
}

impl Registry {
    /// Takes a connection in; its number.
    pub fn open(
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

    /// Forgets a connection.
    pub fn close(&mut self, number: u64) {
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
    pub fn subscribe(&mut self, number: u64, name: &str, found: Option<(Topic, Option<Symbol>)>) -> bool {
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
    pub fn unsubscribe(&mut self, number: u64, name: &str) {
        if let Some(client) = self.clients.get_mut(&number) {
            client.streams.remove(name);
        }
        self.leave(name, number);
    }

    /// Queues one event for all listeners of a stream; each of its four spellings is made once.
    pub fn publish(&mut self, name: &str, symbol: Option<&Symbol>, render: &dyn Fn(bool) -> String) {
        let Some(stream) = self.streams.get(name) else { return };
        let mut spellings: [Option<ByteString>; 4] = [None, None, None, None];
        for number in &stream.clients {
            let Some(client) = self.clients.get(number) else { continue };
            let at = usize::from(client.combined) * 2 + usize::from(client.micros);
            let text =
                spellings[at].get_or_insert_with(|| wrap(client.combined, name, &render(client.micros)));
            let frame = Frame { symbol: symbol.cloned(), text: text.clone() };
            self.frames += 1;
            if client.queue.try_send(frame).is_err() && !client.kill.ended.load(Ordering::Acquire) {
                self.overflows += 1;
                metrics::counter!("simulator_slow_clients_dropped_total").increment(1);
                client.kill.end();
            }
        }
    }
}

/// An event as a raw or a combined connection gets it.
#[must_use]
pub fn wrap(combined: bool, name: &str, data: &str) -> ByteString {
    if combined {
        format!("{{\"stream\":\"{name}\",\"data\":{data}}}").into()
    } else {
        data.to_owned().into()
    }
}
