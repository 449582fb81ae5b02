//! When the lease is held, and when a free one may be taken: pure.

use crate::actors::failover::status::Role;
use crate::actors::ports::failover::{LeaseAnswer, LeaseAsk, Takes};
use crate::domain::moment::MonoTime;
use std::time::Duration;

/// So much of a cycle the lease lasts: the other one notices the end of this one, reads what is left and sends within two cycles.
const CYCLES: f64 = 1.5;
/// The shortest lease, ms: a machine that is busy for a second is not dead.
const LEAST_MS: i64 = 2_000;
/// The longest, ms: with cycles of an hour nobody shall wait so long.
const MOST_MS: i64 = 60_000;
/// It is renewed so many times before it ends: two answers may be lost.
const RENEWALS: i64 = 3;
/// The holder stops this part of the lease before Redis lets the other one in: clocks run apart by far less.
const MARGIN: i64 = 20;

/// Length of the lease for cycles of this length in machine time.
pub(super) fn lease_ms(cycle: Duration) -> i64 {
    ((cycle.as_secs_f64() * 1_000.0 * CYCLES) as i64).clamp(LEAST_MS, MOST_MS)
}

/// What an answer has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// It was taken, with this fencing number.
    Taken(u64),
    /// Another one has it, or nobody.
    Lost,
}

/// One machine's knowledge of the lease.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    length_ms: i64,
    /// Fencing number and end of the own one.
    held: Option<(u64, MonoTime)>,
    /// The greatest fencing number that was seen.
    seen: u64,
    /// Since when Redis shows a smaller fencing number than was seen: it came back with what it knew long ago.
    outdated_since: Option<MonoTime>,
    /// The fencing number that it held last.
    own: u64,
}

impl Lease {
    /// `seen`: the greatest fencing number of earlier runs.
    pub(super) const fn new(length_ms: i64, seen: u64) -> Self {
        Self { length_ms, held: None, seen, outdated_since: None, own: 0 }
    }

    pub(super) const fn seen(&self) -> u64 {
        self.seen
    }

    /// How often it is asked for, ms.
    pub(super) const fn ask_every_ms(&self) -> i64 {
        self.length_ms / RENEWALS
    }

    /// The own one's end, whoever may have it then; `None` without one.
    pub(super) fn held_until(&self, now: MonoTime) -> Option<MonoTime> {
        self.held.map(|(_, until)| until).filter(|until| now < *until)
    }

    /// What is asked at `now`.
    pub(super) fn ask(&self, role: Role, now: MonoTime) -> LeaseAsk {
        // There, the holder may think that it holds the lease: it gets the time of one, and is the first to ask behind it.
        let patience_ms = self.length_ms + self.ask_every_ms();
        let waits = self.outdated_since.is_some_and(|since| now - since < patience_ms);
        let takes = match self.held_until(now) {
            Some(_) => Takes::Own,
            None if waits => Takes::No,
            None => Takes::Free,
        };
        LeaseAsk { seen: self.seen, takes, lease_ms: self.length_ms, role }
    }

    /// Takes an answer to what was asked at `asked`, at `now`.
    pub(super) fn answered(&mut self, answer: &LeaseAnswer, asked: MonoTime, now: MonoTime) -> Change {
        // From a Redis that has lost all, the one that sent last goes on: its state is the newest.
        let goes_on = answer.fence == 0 && self.own == self.seen;
        let outdated = answer.fence < self.seen && !goes_on;
        self.outdated_since = if outdated { self.outdated_since.or(Some(now)) } else { None };
        self.seen = self.seen.max(answer.fence);
        let before = self.held.map(|(fence, _)| fence);
        if !answer.held || outdated {
            self.held = None;
            return if before.is_some() { Change::Lost } else { Change::None };
        }
        // From before the question was sent: Redis counts from later on.
        let until = asked + (self.length_ms - self.length_ms / MARGIN);
        (self.held, self.own) = (Some((answer.fence, until)), answer.fence);
        if before == Some(answer.fence) { Change::None } else { Change::Taken(answer.fence) }
    }

    /// Nothing was heard: the own one ends by the own clock.
    pub(super) fn silent(&mut self, now: MonoTime) -> Change {
        if self.held.is_none_or(|(_, until)| now < until) {
            return Change::None;
        }
        self.held = None;
        Change::Lost
    }
}

#[cfg(test)]
#[path = "lease_tests.rs"]
mod tests;
