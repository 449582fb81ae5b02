//! Work on many things side by side; what comes out does not depend on the number of threads.

use parking_lot::Mutex;
use std::panic::resume_unwind;
use std::thread::scope;

/// `work` on each item, on `threads` threads; results in the items' order.
pub(crate) fn map<I: Send, T: Send>(
    items: impl IntoIterator<Item = I, IntoIter: Send>,
    threads: usize,
    work: impl Fn(I) -> T + Sync,
) -> Vec<T> {
    // One queue instead of a share for each thread: pairs differ much in how many candles they have.
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().next();
    let work = || std::iter::from_fn(next).map(|(at, item)| (at, work(item))).collect::<Vec<_>>();
    let mut made: Vec<(usize, T)> = scope(|scope| {
        let running: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|r| r.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    // Threads end in any order.
    made.sort_unstable_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, result)| result).collect()
}
