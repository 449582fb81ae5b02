//! The order in which history is fetched: a bounded queue of REST jobs with priorities and retries.

mod answered;
pub(crate) mod failing;
mod task;

pub use self::task::HistoryPlan;
pub(crate) use self::task::{Key, Task};

use self::answered::Answered;
use self::task::Kind;
use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::moment::MonoTime;
use crate::domain::symbol::Symbol;
use crate::exchange::backoff::BackoffPolicy;
use crate::exchange::rest::error::Action;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The market's leader: every other pair's score needs it, so it goes first.
const LEADER: &str = "BTCUSDT";

/// Leader before others, kind, greater 24 h volume first, then by name.
type Rank = (u8, Kind, Reverse<u64>, Option<Symbol>);

/// Names a job under way.
pub(crate) type JobId = u64;

/// A task to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    /// Hand it back with `done` or `failed`.
    pub id: JobId,
    pub task: Task,
    pub(crate) attempt: u32,
}

/// What became of a new task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits for its turn.
    Queued,
    /// It was joined with one that already waits.
    Merged,
    /// A warm-up of the pair waits and brings the same candles.
    Covered,
    /// The queue is full: dropped, ask again.
    Refused,
}

/// What became of a failed job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    /// It comes again at this moment, after so many failures.
    RetryAt { at: MonoTime, failures: u32 },
    /// It can never work and was dropped, as were so many like it in a row before.
    Dropped { before: u32 },
}

/// Counters since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PlannerStats {
    pub(crate) queued: u64,
    /// Tasks joined with a waiting one, or covered by a warm-up.
    pub merged: u64,
    /// Tasks refused since the queue was full.
    pub refused: u64,
    pub done: u64,
    /// Failures that are tried again.
    pub retried: u64,
    /// Jobs dropped since they can never work.
    pub dropped: u64,
}

/// Bounds of the planner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PlannerRules {
    /// Jobs under way at once.
    #[serde(rename = "rest_concurrency")]
    pub(crate) max_in_flight: usize,
    /// Tasks waiting at once; beyond it new ones are refused.
    #[serde(skip)]
    pub(crate) max_waiting: usize,
    #[serde(skip)]
    pub backoff: BackoffPolicy,
}

impl PlannerRules {
    pub(crate) const ALLOWED: Allowed = &[("rest_concurrency", Range(1.0, 64.0))];
}

impl Default for PlannerRules {
    fn default() -> Self {
        let backoff = BackoffPolicy { base_ms: 1_000, cap_ms: 60_000, stable_ms: 0 };
        Self { max_in_flight: 12, max_waiting: 20_000, backoff }
    }
}

#[derive(Debug)]
struct Waiting {
    task: Task,
    attempt: u32,
    rank: Rank,
    not_before: Option<MonoTime>,
}

/// The queue. Waits are measured by the steady clock: the wall clock may be set back.
#[derive(Debug, Default)]
pub(crate) struct Planner {
    rules: PlannerRules,
    waiting: HashMap<Key, Waiting>,
    ready: BTreeMap<Rank, Key>,
    delayed: BTreeSet<(MonoTime, Key)>,
    in_flight: BTreeMap<JobId, Job>,
    /// What pairs were answered last, while that says when they may ask again.
    answered: HashMap<Key, Answered>,
    busy: HashSet<Option<Symbol>>,
    volumes: HashMap<Symbol, u64>,
    next_id: JobId,
    stats: PlannerStats,
}

impl Planner {
    pub(crate) fn new(rules: PlannerRules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// A pair's 24 h quote volume: pairs with more go first. Counts for tasks pushed from now on.
    pub(crate) fn set_volume(&mut self, symbol: &Symbol, quote_volume_24h: f64) {
        // Saturates; a rank needs no fractions.
        self.volumes.insert(symbol.clone(), quote_volume_24h.max(0.0) as u64);
    }

    fn rank(&self, key: &Key) -> Rank {
        let (symbol, kind) = key;
        let volume = symbol.as_ref().and_then(|s| self.volumes.get(s)).copied().unwrap_or(0);
        let class = match symbol {
            None => 0,
            Some(s) if s.as_str() == LEADER => 1,
            Some(_) => 2,
        };
        (class, *kind, Reverse(volume), symbol.clone())
    }

    /// Takes up a task. One waits for each pair and kind: a second gap or tail widens the first, a second
    /// warm-up replaces it; a warm-up takes waiting gaps and tails of its pair along. What was asked and answered
    /// a moment ago waits, longer each time the answer did not help.
    pub(crate) fn push(&mut self, task: Task, now: MonoTime) -> Pushed {
        let key = task.key();
        if let Some(waiting) = self.waiting.get_mut(&key) {
            waiting.task = task.merged(&waiting.task);
            self.stats.merged += 1;
            return Pushed::Merged;
        }
        let (symbol, kind) = &key;
        if matches!(kind, Kind::Gap | Kind::Idle)
            && self.waiting.contains_key(&(symbol.clone(), Kind::Warmup))
        {
            self.stats.merged += 1;
            return Pushed::Covered;
        }
        if *kind == Kind::Warmup {
            for covered in [Kind::Gap, Kind::Idle] {
                if self.forget(&(symbol.clone(), covered)) {
                    self.stats.merged += 1;
                }
            }
        }
        if self.waiting.len() >= self.rules.max_waiting {
            self.stats.refused += 1;
            return Pushed::Refused;
        }
        self.stats.queued += 1;
        if self.answered.get(&key).is_some_and(|answered| answered.is_over(now)) {
            self.answered.remove(&key);
        }
        let not_before = self.answered.get(&key).and_then(|answered| answered.wait(&task, now));
        self.insert(key, task, 0, not_before);
        Pushed::Queued
    }

    fn insert(&mut self, key: Key, task: Task, attempt: u32, not_before: Option<MonoTime>) {
        let rank = self.rank(&key);
        match not_before {
            None => {
                self.ready.insert(rank.clone(), key.clone());
            }
            Some(moment) => {
                self.delayed.insert((moment, key.clone()));
            }
        }
        self.waiting.insert(key, Waiting { task, attempt, rank, not_before });
    }

    fn forget(&mut self, key: &Key) -> bool {
        let Some(waiting) = self.waiting.remove(key) else { return false };
        self.ready.remove(&waiting.rank);
        if let Some(moment) = waiting.not_before {
            self.delayed.remove(&(moment, key.clone()));
        }
        true
    }

    /// The next job, if one is due and fewer than the allowed number are under way. One job a pair at a time.
    pub(crate) fn next(&mut self, now: MonoTime) -> Option<Job> {
        while let Some((at, key)) = self.delayed.first().cloned() {
            if at > now {
                break;
            }
            self.delayed.remove(&(at, key.clone()));
            if let Some(waiting) = self.waiting.get(&key) {
                self.ready.insert(waiting.rank.clone(), key);
            }
        }
        if self.in_flight.len() >= self.rules.max_in_flight {
            return None;
        }
        let key = self.ready.values().find(|(symbol, _)| !self.busy.contains(symbol)).cloned()?;
        let waiting = self.waiting.remove(&key)?;
        self.ready.remove(&waiting.rank);
        self.next_id += 1;
        let job = Job { id: self.next_id, task: waiting.task, attempt: waiting.attempt };
        self.busy.insert(key.0);
        self.in_flight.insert(job.id, job.clone());
        Some(job)
    }

    /// When the next delayed task is due; `None` when none is delayed.
    #[cfg(test)]
    pub(crate) fn next_due(&self) -> Option<MonoTime> {
        self.delayed.first().map(|(at, _)| *at)
    }

    /// The job's answers came at `now`. False for a job that is not under way (any more).
    pub(crate) fn done(&mut self, id: JobId, now: MonoTime) -> bool {
        let Some(job) = self.take(id) else { return false };
        self.stats.done += 1;
        self.note_answer(&job.task, now, false);
        true
    }

    /// Puts down that the pair was answered; how many answers in a row had not helped before.
    fn note_answer(&mut self, task: &Task, now: MonoTime, refused: bool) -> u32 {
        let key = task.key();
        // The list of pairs is asked for by the supervisor's clock, an outage's candles once.
        if matches!(key.1, Kind::Universe | Kind::Past) {
            return 0;
        }
        let answered = Answered::after(self.answered.get(&key), task, now, refused);
        let before = answered.before();
        // It may have been asked again while it was under way.
        if let Some(waiting) = self.waiting.get(&key).filter(|waiting| waiting.not_before.is_none()) {
            let (task, attempt, not_before) =
                (waiting.task.clone(), waiting.attempt, answered.wait(&waiting.task, now));
            self.forget(&key);
            self.insert(key.clone(), task, attempt, not_before);
        }
        self.answered.insert(key, answered);
        before
    }

    fn take(&mut self, id: JobId) -> Option<Job> {
        let job = self.in_flight.remove(&id)?;
        self.busy.remove(&job.task.symbol().cloned());
        Some(job)
    }

    /// The job failed at `now`. `Retry` waits with back-off, `RetryAfter` as long as asked, `Reject` drops
    /// it; `Fatal` waits the longest back-off, since the user may change the network while we run. The list of pairs is
    /// never dropped: without it there is nothing to do at all.
    pub(crate) fn failed(&mut self, id: JobId, now: MonoTime, action: Action, random: u64) -> Failed {
        let Some(job) = self.take(id) else { return Failed::Dropped { before: 0 } };
        let wait_ms = match action {
            Action::Reject if job.task != Task::Universe => {
                self.stats.dropped += 1;
                return Failed::Dropped { before: self.note_answer(&job.task, now, true) };
            }
            Action::Retry | Action::Reject => self.rules.backoff.delay_ms(job.attempt, random),
            Action::RetryAfter(ms) => ms,
            Action::Fatal => self.rules.backoff.cap_ms,
        };
        self.stats.retried += 1;
        let at = now + wait_ms.max(1);
        // A newer task of the same kind came meanwhile: both in one, with the wait of the failure.
        let key = job.task.key();
        let task = match self.waiting.get(&key) {
            Some(newer) => newer.task.clone().merged(&job.task),
            None => job.task,
        };
        self.forget(&key);
        let failures = job.attempt.saturating_add(1);
        self.insert(key, task, failures, Some(at));
        Failed::RetryAt { at, failures }
    }

    /// The pair retired: nothing of it is fetched any more. A job under way may still be handed back.
    pub(crate) fn remove(&mut self, symbol: &Symbol) {
        // Candles of an outage are still needed: predictions of the pair are judged by them.
        for kind in [Kind::Gap, Kind::Hours, Kind::Idle, Kind::Warmup] {
            let key = (Some(symbol.clone()), kind);
            self.forget(&key);
            self.answered.remove(&key);
        }
        let jobs: Vec<JobId> =
            self.in_flight.values().filter(|j| j.task.symbol() == Some(symbol)).map(|j| j.id).collect();
        for id in jobs {
            self.take(id);
        }
        self.volumes.remove(symbol);
    }

    /// Tasks waiting, and jobs under way.
    pub(crate) fn load(&self) -> (usize, usize) {
        (self.waiting.len(), self.in_flight.len())
    }

    /// Counters since the start.
    #[cfg(test)]
    pub(crate) const fn stats(&self) -> PlannerStats {
        self.stats
    }
}

#[cfg(test)]
mod tests;
