//! The server's connections: how many there may be, how long one may keep answers waiting, and which one has to go for a
//! new one. It wraps the socket itself: a second descriptor for each would halve how many there can be.

use crate::web::network::Client;
use actix_web::rt::net::TcpStream;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// A client has to take so many bytes of what waits for it before its time is counted anew: a modem does that in a second
/// or two, one that takes a byte now and then to hold the place does not.
const LEAST_BYTES: usize = 16 * 1024;

/// Reaches a connection from outside its own task.
#[derive(Debug, Default)]
pub(crate) struct Handle {
    /// A live client has the connection: it has a place of its own and is not sent away for a new one.
    live: AtomicBool,
    ended: AtomicBool,
    task: AtomicWaker,
}

impl Handle {
    pub(crate) fn is_live_now(&self) {
        self.live.store(true, Ordering::Release);
    }

    /// Ends the connection, whatever its task waits for.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.task.wake();
    }
}

type Open = HashMap<Option<Client>, VecDeque<Arc<Handle>>>;

/// All connections, by address in the order in which they came.
#[derive(Debug)]
pub(crate) struct Connections {
    each: usize,
    all: usize,
    /// All workers take and give back places; the oldest is chosen and leaves under one lock, so that no two choose the same.
    open: Mutex<Open>,
}

/// Sends the oldest away that is no live client's.
fn send_one_away(of: &mut VecDeque<Arc<Handle>>) -> bool {
    let Some(at) = of.iter().position(|handle| !handle.live.load(Ordering::Acquire)) else { return false };
    if let Some(handle) = of.remove(at) {
        handle.end();
        metrics::counter!("impulso_http_connections_cut_total").increment(1);
    }
    true
}

impl Connections {
    pub(crate) fn new(each: usize, all: usize) -> Self {
        Self { each, all, open: Mutex::default() }
    }

    /// A place for a connection from this address, `None` for that of a trusted proxy, behind which many are. Where there
    /// are too many, the oldest one goes: who holds all places without asking anything must not keep out a health check.
    pub(crate) fn admit(self: &Arc<Self>, from: Option<Client>) -> Option<Place> {
        let mut open = self.open.lock();
        let own = open.get(&from).map_or(0, VecDeque::len);
        if from.is_some() && own >= self.each && !open.get_mut(&from).is_some_and(send_one_away) {
            return None;
        }
        if open.values().map(VecDeque::len).sum::<usize>() >= self.all {
            let mut most: Vec<_> = open.values_mut().collect();
            most.sort_by_key(|of| std::cmp::Reverse(of.len()));
            if !most.into_iter().any(send_one_away) {
                return None;
            }
        }
        let handle = Arc::new(Handle::default());
        open.entry(from).or_default().push_back(Arc::clone(&handle));
        Some(Place { connections: Arc::clone(self), from, handle })
    }
}

/// One connection's place; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    from: Option<Client>,
    handle: Arc<Handle>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock();
        let Some(of) = open.get_mut(&self.from) else { return };
        of.retain(|handle| !Arc::ptr_eq(handle, &self.handle));
        if of.is_empty() {
            open.remove(&self.from);
        }
    }
}

/// A socket that gives up on a client which does not take what is written.
pub(crate) struct Connection {
    socket: TcpStream,
    place: Place,
    patience: Duration,
    /// Runs while something waits to be taken.
    deadline: Option<Pin<Box<Sleep>>>,
    taken_bytes: usize,
}

impl Connection {
    pub(crate) const fn new(socket: TcpStream, place: Place, patience: Duration) -> Self {
        Self { socket, place, patience, deadline: None, taken_bytes: 0 }
    }

    pub(crate) fn handle(&self) -> Arc<Handle> {
        Arc::clone(&self.place.handle)
    }

    fn check(&self, cx: &Context<'_>) -> io::Result<()> {
        let handle = &self.place.handle;
        handle.task.register(cx.waker());
        if handle.ended.load(Ordering::Acquire) {
            Err(io::ErrorKind::ConnectionAborted.into())
        } else {
            Ok(())
        }
    }

    /// Nothing can be written now.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        // A live client is watched by its session, which says in the log why it goes; this is for when that cannot.
        let times = 1 + u32::from(self.place.handle.live.load(Ordering::Acquire));
        let patience = self.patience * times;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        match deadline.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                metrics::counter!("impulso_http_connections_cut_total").increment(1);
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }

    fn nothing_waits(&mut self) {
        (self.deadline, self.taken_bytes) = (None, 0);
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        match Pin::new(&mut self.socket).poll_write(cx, buf) {
            Poll::Pending => self.wait(cx),
            Poll::Ready(Ok(bytes)) => {
                self.taken_bytes += bytes;
                if self.taken_bytes >= LEAST_BYTES {
                    self.nothing_waits();
                }
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The server flushes once all that waited is written.
        self.nothing_waits();
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(last: u8) -> Option<Client> {
        Some(Client::V4([10, 0, 0, last]))
    }

    fn ended(place: &Place) -> bool {
        place.handle.ended.load(Ordering::Acquire)
    }

    #[test]
    fn the_oldest_goes_for_a_new_one_and_live_clients_stay() {
        let all = Arc::new(Connections::new(2, 4));
        let (first, second) = (all.admit(at(1)).unwrap(), all.admit(at(1)).unwrap());
        first.handle.is_live_now();
        let third = all.admit(at(1)).unwrap();
        assert!(!ended(&first) && ended(&second) && !ended(&third));
        third.handle.is_live_now();
        assert!(all.admit(at(1)).is_none(), "live clients of one address alone");
        drop(third);
        assert!(all.admit(at(1)).is_some());
    }

    #[test]
    fn all_together_are_bounded_and_the_busiest_address_pays() {
        let all = Arc::new(Connections::new(3, 4));
        let many: Vec<_> = (0..3).map(|_| all.admit(at(1)).unwrap()).collect();
        let (one, proxied) = (all.admit(at(2)).unwrap(), all.admit(None).unwrap());
        assert!(ended(&many[0]) && !ended(&many[1]) && !ended(&one) && !ended(&proxied));
        drop((many, one, proxied));
        assert!(all.open.lock().is_empty());
    }
}
