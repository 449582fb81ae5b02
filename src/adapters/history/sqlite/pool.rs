//! Threads that own a connection each and work off one queue. The queue is bounded: who asks waits. Or none: then who asks does
//! the work itself.

use super::fault::Fault;
use crate::actors::ports::history::{HistoryError, HistoryFuture};
use crate::i18n::text;
use parking_lot::Mutex;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use tokio::sync::{mpsc, oneshot};

/// Jobs that wait at most; the next one waits at its caller, where it can be given up.
const QUEUE: usize = 64;

type Job<C> = Box<dyn FnOnce(&mut C) + Send>;
/// Behind a lock, as several threads take from one queue: whoever is free has the next job.
type Queue<C> = Arc<Mutex<mpsc::Receiver<Job<C>>>>;

/// Who does the work of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// Threads of its own: nobody else waits for the disk.
    Threads,
    /// Whoever awaits the answer, so that one thread, and so one clock and one seed, governs all of it.
    Caller,
}

/// The queue of one or several threads. When it is dropped, they end after the jobs that wait.
#[derive(Debug)]
pub(super) struct Pool<C> {
    place: Arc<Path>,
    jobs: Jobs<C>,
    unwanted_too: bool,
}

#[derive(Debug)]
enum Jobs<C> {
    Queue(mpsc::Sender<Job<C>>),
    /// The lock is only for the type: one thread does everything here.
    Here(Arc<Mutex<C>>),
}

impl<C: Send + 'static> Pool<C> {
    /// The work is done by whoever awaits its answer, with `own`.
    pub(super) fn here(place: &Arc<Path>, own: C) -> Self {
        Self { place: Arc::clone(place), jobs: Jobs::Here(Arc::new(Mutex::new(own))), unwanted_too: false }
    }

    /// Starts one thread for each of `owned`. `unwanted_too`: jobs are done even when nobody waits for the answer.
    pub(super) fn start(
        name: &str,
        place: &Arc<Path>,
        owned: Vec<C>,
        unwanted_too: bool,
    ) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let queue: Queue<C> = Arc::new(Mutex::new(queue));
        for own in owned {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(name.to_owned()).spawn(move || work(&queue, own))?;
        }
        Ok(Self { place: Arc::clone(place), jobs: Jobs::Queue(jobs), unwanted_too })
    }

    /// Gives a job to the next free thread.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut C) -> Result<T, Fault> + Send + 'static,
    ) -> HistoryFuture<T> {
        let (jobs, place, unwanted_too) = (self.jobs.clone(), Arc::clone(&self.place), self.unwanted_too);
        Box::pin(async move {
            let jobs = match jobs {
                Jobs::Queue(jobs) => jobs,
                Jobs::Here(own) => {
                    let mut own = own.lock();
                    return work(&mut own).map_err(|fault| fault.named(&place));
                }
            };
            let (answer, answered) = oneshot::channel();
            let named = Arc::clone(&place);
            let job: Job<C> = Box::new(move |own| {
                // A read that was given up must not hold up those behind it; a write is done whoever has stopped
                // waiting.
                if unwanted_too || !answer.is_closed() {
                    let _nobody_waits = answer.send(work(own).map_err(|fault| fault.named(&named)));
                }
            });
            let ended =
                || HistoryError::Unavailable(text!(history_broke_off).of(&place.display().to_string()));
            jobs.send(job).await.map_err(|_| ended())?;
            answered.await.map_err(|_| ended())?
        })
    }
}

impl<C> Clone for Jobs<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Queue(jobs) => Self::Queue(jobs.clone()),
            Self::Here(own) => Self::Here(Arc::clone(own)),
        }
    }
}

impl<C> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self { place: Arc::clone(&self.place), jobs: self.jobs.clone(), unwanted_too: self.unwanted_too }
    }
}

fn work<C>(queue: &Queue<C>, mut own: C) {
    loop {
        // One waits in the queue with the lock, the others for the lock; it is free again before the job runs.
        let next = queue.lock().blocking_recv();
        let Some(job) = next else { return };
        // A thread that ended would leave its queue to nobody; the transaction was rolled back when the job was
        // dropped.
        if catch_unwind(AssertUnwindSafe(|| job(&mut own))).is_err() {
            tracing::error!("a job of the history store broke off");
        }
    }
}
