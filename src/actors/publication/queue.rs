//! Every cycle in order for one reader: in memory while it keeps up, beyond that in a spill file.
//!
//! The queue outlives its reader. A cycle counts as done when its [`Cycle`] is dropped, so a reader that panicked over one is
//! given it once more after its restart, and then goes on with the next.

use super::spill::{Place, Spill};
use crate::actors::drop_counters::DropCounters;
use crate::domain::ranking::Snapshot;
use futures_util::Stream;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::ops::Deref;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Cycles that wait in memory: a reader may hang for 80 s at 5 s a cycle before the disk is needed. All readers share the
/// snapshots, of about 0.5 MB for 500 pairs.
pub(crate) const IN_MEMORY: usize = 16;
/// Cycles that wait in memory while the spill file takes nothing (a full disk): some 60 MB.
pub(crate) const WITHOUT_SPILL: usize = 128;
/// A cycle over which its reader panicked is given to it so often: once more in case the cause has passed, not for ever in
/// case it is the cycle itself.
const TRIES: u32 = 2;
/// How long a reader may work off what waits when everything stops: most of the 700 ms that its stage has, so that it still tells
/// what it could not.
const DRAIN_WITHIN: Duration = Duration::from_millis(500);

enum Waiting {
    InMemory(Arc<Snapshot>),
    Spilled(Place),
}

struct State {
    waiting: VecDeque<Waiting>,
    in_memory: usize,
    spill: Spill,
    /// With the reader, and how often it was given it.
    in_hand: Option<(Arc<Snapshot>, u32)>,
    waker: Option<Waker>,
}

/// The cycles that one reader is still to take.
pub struct CycleQueue {
    reader: &'static str,
    drops: Arc<DropCounters>,
    /// A panic while it is held leaves nothing half done: each change is one step, and the reader's successor gets on.
    /// One lock over memory, spill and what is in hand: a cycle is in one of them at any moment, and their order is kept. The publisher
    /// writes a file under it only when the reader is behind, and then has nobody waiting for speed.
    state: Mutex<State>,
}

impl CycleQueue {
    /// `folder`: where the spill file is made when it is needed.
    pub fn new(reader: &'static str, folder: &Path, drops: Arc<DropCounters>) -> Arc<Self> {
        let state = State {
            waiting: VecDeque::new(),
            in_memory: 0,
            spill: Spill::new(folder),
            in_hand: None,
            waker: None,
        };
        Arc::new(Self { reader, drops, state: Mutex::new(state) })
    }

    pub(crate) const fn reader(&self) -> &'static str {
        self.reader
    }

    /// Cycles that wait beyond those for which there is room in memory. `None` while it is in use: who only looks must not wait
    /// for a disk that hangs.
    pub(crate) fn behind(&self) -> Option<usize> {
        Some(self.state.try_lock()?.waiting.len().saturating_sub(IN_MEMORY))
    }

    /// Puts a cycle behind those that wait.
    pub fn push(&self, snapshot: Arc<Snapshot>) {
        // The lock is held over the write to the spill file as well: a reader that took the next one meanwhile would
        // find a gap in the order.
        let mut state = self.state.lock();
        if state.in_memory < IN_MEMORY {
            state.in_memory += 1;
            state.waiting.push_back(Waiting::InMemory(snapshot));
        } else {
            self.spill(&mut state, snapshot);
        }
        // Behind the push: a reader that is woken before would find nothing and sleep on.
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    fn spill(&self, state: &mut State, snapshot: Arc<Snapshot>) {
        match state.spill.append(&snapshot) {
            Ok(place) => {
                if state.spill.count() == 1 {
                    tracing::warn!(
                        reader = self.reader,
                        "a reader of cycles is behind: cycles wait in its spill file"
                    );
                }
                metrics::counter!("impulso_cycles_spilled_total", "reader" => self.reader).increment(1);
                state.waiting.push_back(Waiting::Spilled(place));
            }
            Err(error) if state.in_memory < WITHOUT_SPILL => {
                tracing::warn!(reader = self.reader, %error, "the spill file takes nothing: cycles wait in memory");
                state.in_memory += 1;
                state.waiting.push_back(Waiting::InMemory(snapshot));
            }
            Err(error) => self.lost(1, &error.to_string()),
        }
    }

    fn lost(&self, cycles: u64, reason: &str) {
        self.drops.add_many("cycles_lost", cycles);
        tracing::error!(reader = self.reader, cycles, reason, "cycles are lost for a reader");
    }

    /// The next cycle, if one waits.
    pub fn take(self: &Arc<Self>) -> Option<Cycle> {
        self.next(&mut self.state.lock())
    }

    fn next(self: &Arc<Self>, state: &mut State) -> Option<Cycle> {
        let (snapshot, tries) = match state.in_hand.take() {
            Some((snapshot, tries)) if tries < TRIES => (snapshot, tries + 1),
            again => {
                if again.is_some() {
                    self.lost(1, "the reader panicked over it again");
                }
                (self.front(state)?, 1)
            }
        };
        // Kept here until the reader lets go of it: what it panics over is not lost with it.
        state.in_hand = Some((Arc::clone(&snapshot), tries));
        Some(Cycle { snapshot, queue: Arc::clone(self) })
    }

    fn front(&self, state: &mut State) -> Option<Arc<Snapshot>> {
        loop {
            match state.waiting.pop_front()? {
                Waiting::InMemory(snapshot) => {
                    state.in_memory -= 1;
                    return Some(snapshot);
                }
                Waiting::Spilled(place) => match state.spill.read(&place) {
                    Ok(snapshot) => return Some(Arc::new(snapshot)),
                    Err(error) => self.lost(1, &error.to_string()),
                },
            }
        }
    }

    /// What waits, for a reader that is told to stop; what it cannot work off in time is counted as lost.
    pub(crate) fn drain(self: &Arc<Self>) -> impl Iterator<Item = Cycle> + use<> {
        let (queue, end) = (Arc::clone(self), Instant::now() + DRAIN_WITHIN);
        std::iter::from_fn(move || {
            if Instant::now() < end {
                return queue.take();
            }
            // Taken away, so that they are counted once however often the end is asked for.
            let left = std::mem::take(&mut queue.state.lock().waiting).len();
            if left > 0 {
                queue.lost(left as u64, "it did not work them off before the stop");
            }
            None
        })
    }

    /// The cycles as they come, for the reader that is started now.
    pub(crate) fn stream(self: &Arc<Self>) -> Cycles {
        Cycles(Arc::clone(self))
    }
}

/// See [`CycleQueue::stream`]; never ends.
pub(crate) struct Cycles(Arc<CycleQueue>);

impl Stream for Cycles {
    type Item = Cycle;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Cycle>> {
        let mut state = self.0.state.lock();
        match self.0.next(&mut state) {
            Some(cycle) => Poll::Ready(Some(cycle)),
            None => {
                // Under the same lock as the look: a push in between would wake nobody.
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// A cycle in the hands of its reader. Its sequence number is the snapshot's `cycle`.
pub struct Cycle {
    snapshot: Arc<Snapshot>,
    queue: Arc<CycleQueue>,
}

impl Deref for Cycle {
    type Target = Arc<Snapshot>;

    fn deref(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }
}

impl Drop for Cycle {
    fn drop(&mut self) {
        // The reader's successor gets it again.
        if !std::thread::panicking() {
            self.queue.state.lock().in_hand = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::MarketTime;
    use crate::domain::ranking::{RankingFilters, rank};
    use futures_util::{FutureExt, StreamExt};
    use proptest::prelude::*;

    fn cycle(number: u64) -> Arc<Snapshot> {
        Arc::new(rank(
            number,
            MarketTime::from_ms(number as i64 * 5_000),
            Vec::new(),
            &RankingFilters::default(),
        ))
    }

    fn queue(folder: &Path) -> Arc<CycleQueue> {
        CycleQueue::new("test", folder, Arc::default())
    }

    fn lost(queue: &CycleQueue) -> u64 {
        queue.drops.all().get("cycles_lost").copied().unwrap_or(0)
    }

    #[test]
    fn a_reader_that_hangs_gets_everything_in_order_from_memory_and_file() {
        let folder = tempfile::tempdir().unwrap();
        let queue = queue(folder.path());
        (1..=100).for_each(|n| queue.push(cycle(n)));
        assert_eq!(queue.state.lock().spill.count(), 100 - IN_MEMORY);
        assert_eq!(queue.behind(), Some(100 - IN_MEMORY));
        let taken: Vec<u64> = queue.drain().map(|c| c.cycle).collect();
        assert_eq!(taken, (1..=100).collect::<Vec<_>>());
        assert_eq!((queue.state.lock().spill.count(), lost(&queue)), (0, 0));
        assert_eq!(queue.behind(), Some(0));
    }

    #[test]
    fn a_full_disk_is_bridged_in_memory_and_what_is_beyond_is_counted() {
        let queue = queue(Path::new("/proc/no-folder"));
        let all = WITHOUT_SPILL as u64 + 5;
        (1..=all).for_each(|n| queue.push(cycle(n)));
        let taken: Vec<u64> = queue.drain().map(|c| c.cycle).collect();
        assert_eq!(taken, (1..=WITHOUT_SPILL as u64).collect::<Vec<_>>());
        assert_eq!(lost(&queue), 5);
    }

    #[test]
    fn a_reader_that_panicked_gets_the_cycle_once_more_and_then_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let queue = queue(folder.path());
        (1..=3).for_each(|n| queue.push(cycle(n)));
        let panics_over = |number: u64| {
            let queue = Arc::clone(&queue);
            let died = std::thread::spawn(move || {
                let cycle = queue.take().unwrap();
                assert_ne!(cycle.cycle, number, "the reader dies on purpose");
            });
            died.join().is_err()
        };
        assert!(panics_over(1) && !panics_over(9), "done at the second try");
        assert!(panics_over(2) && panics_over(2));
        assert_eq!(queue.take().unwrap().cycle, 3);
        assert_eq!(lost(&queue), 1);
    }

    #[test]
    fn the_stream_wakes_its_reader() {
        let folder = tempfile::tempdir().unwrap();
        let queue = queue(folder.path());
        let mut stream = queue.stream();
        assert!(stream.next().now_or_never().is_none());
        queue.push(cycle(1));
        assert_eq!(stream.next().now_or_never().flatten().map(|c| c.cycle), Some(1));
    }

    proptest! {
        #[test]
        fn nothing_twice_and_nothing_left_out(steps in prop::collection::vec((0_u64..40, 0_usize..40), 1..20)) {
            let folder = tempfile::tempdir().unwrap();
            let queue = queue(folder.path());
            let (mut pushed, mut taken) = (0, Vec::new());
            for (pushes, takes) in steps {
                (0..pushes).for_each(|i| queue.push(cycle(pushed + i + 1)));
                pushed += pushes;
                taken.extend((0..takes).map_while(|_| queue.take()).map(|c| c.cycle));
            }
            taken.extend(queue.drain().map(|c| c.cycle));
            prop_assert_eq!(taken, (1..=pushed).collect::<Vec<_>>());
        }
    }
}
