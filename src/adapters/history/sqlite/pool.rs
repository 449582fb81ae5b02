//! Threads that own connections and do one piece of work after the other.

use super::schema::explain;
use crate::actors::ports::history::{HistoryError, HistoryFuture};
use rusqlite::Connection;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// One thread for each connection; they share the queue.
pub(super) struct Pool {
    queue: Option<Sender<Work>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    pub(super) fn start(name: &str, connections: Vec<Connection>) -> Result<Self, HistoryError> {
        let (queue, waiting) = channel::<Work>();
        let waiting = Arc::new(Mutex::new(waiting));
        let spawn = |mut connection: Connection| {
            let waiting = Arc::clone(&waiting);
            std::thread::Builder::new().name(name.to_owned()).spawn(move || serve(&waiting, &mut connection))
        };
        let threads = connections.into_iter().map(spawn).collect::<Result<Vec<_>, _>>();
        let threads = threads.map_err(|e| HistoryError::Unavailable(format!("no thread: {e}")))?;
        Ok(Self { queue: Some(queue), threads })
    }

    /// Does `work` on one of the threads.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> HistoryFuture<T> {
        let (answer, answered) = oneshot::channel();
        let task: Work = Box::new(move |connection| {
            // Whoever asked may be gone: the work counts all the same.
            let _ = answer.send(work(connection).map_err(|e| explain(&e)));
        });
        let taken = self.queue.as_ref().is_some_and(|queue| queue.send(task).is_ok());
        Box::pin(async move {
            let gone = || HistoryError::Unavailable("the store's thread is gone".to_owned());
            if !taken {
                return Err(gone());
            }
            answered.await.map_err(|_| gone())?
        })
    }
}

fn serve(waiting: &Mutex<Receiver<Work>>, connection: &mut Connection) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(work) => work(connection),
            Err(_) => return,
        }
    }
}

impl Drop for Pool {
    /// What is queued is done first.
    fn drop(&mut self) {
        drop(self.queue.take());
        for thread in self.threads.drain(..) {
            let _ended = thread.join();
        }
    }
}
