//! When a pair may ask again what was answered already.
//!
//! REST can lag behind the stream by minutes: then the answer does not close the hole, and the pair asks anew at once. The
//! waits are kept here and not with the pair, so that neither a reconnect nor a restart of the pair begins them anew.

use super::task::Task;
use crate::domain::moment::{MarketTime, MonoTime};

/// Between an answer and the next request of the same pair and kind, whatever the answer, ms: the exchange's own answers are
/// seconds apart where anything has changed.
const LEAST_WAIT_MS: i64 = 3_000;
/// Longest wait after answers that did not help, ms: lags of minutes are noticed soon after their end, and all of 500 pairs
/// together use a third of the weight.
const LONGEST_WAIT_MS: i64 = 30_000;
/// Longest wait after a refusal, ms: a pair that the exchange does not know is as a rule gone with the next list of pairs.
const LONGEST_REFUSED_WAIT_MS: i64 = 600_000;

/// The last answer to a pair's questions of one kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answered {
    at: MonoTime,
    /// From where candles were asked for: what begins later shows that the answer helped.
    from: MarketTime,
    /// Answers in a row that did not help, before this one.
    before: u32,
    refused: bool,
}

impl Answered {
    pub(super) fn after(last: Option<&Self>, task: &Task, now: MonoTime, refused: bool) -> Self {
        let from = task.from();
        let before = last.filter(|last| from <= last.from).map_or(0, |last| last.before.saturating_add(1));
        Self { at: now, from, before, refused }
    }

    pub(super) const fn before(&self) -> u32 {
        self.before
    }

    const fn longest_ms(&self) -> i64 {
        if self.refused { LONGEST_REFUSED_WAIT_MS } else { LONGEST_WAIT_MS }
    }

    /// Was the answer so long ago that the next question begins a new series? A pair that presses asks long before, one that
    /// is looked after because it is silent, later.
    pub(super) fn is_over(&self, now: MonoTime) -> bool {
        now - self.at >= 2 * self.longest_ms()
    }

    /// Until when the next question waits, if it does.
    pub(super) fn wait(&self, next: &Task, now: MonoTime) -> Option<MonoTime> {
        // Eight doublings are beyond the longest wait.
        let doubled = if next.from() > self.from { 0 } else { self.before.min(8) };
        let due = self.at + (LEAST_WAIT_MS << doubled).min(self.longest_ms());
        (due > now).then_some(due)
    }
}
