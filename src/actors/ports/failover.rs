//! Two scanners of which one sends: the lease that says which, and the changes of the state that the other follows.
//!
//! The lease carries a fencing number that grows with each holder. Whatever the holder writes carries it as well, and what comes
//! from a former holder is refused, however late it wakes up.

use crate::actors::failover::status::{Machine, Role};
use crate::actors::ports::alerts::Outgoing;
use crate::actors::ports::redis::PublishFuture;
use crate::domain::moment::{MachineTime, MarketTime};
use serde::{Deserialize, Serialize};
use std::io;

/// Key of the market time up to which the alerts of the sending scanner are decided and in its state.
pub(crate) const DECIDED_KEY: &str = "alert_decided";

/// Whether an asker takes a lease that nobody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    No,
    /// Where Redis has been there for the length of a lease: one that has forgotten everything does not know of a holder.
    Free,
    /// At once: it holds it for sure, and Redis has forgotten it.
    Own,
}

/// Who asks for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseAsk {
    /// The greatest fencing number that it knows of: one that it takes is greater, also where Redis has forgotten.
    pub seen: u64,
    pub takes: Takes,
    /// Length of the lease, ms.
    pub lease_ms: i64,
    pub role: Role,
}

/// How the lease is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeaseAnswer {
    /// The asker holds it, with `fence`.
    pub held: bool,
    /// In so many ms somebody else may take it, unless it is renewed; `None` where that may be now.
    pub ends_in_ms: Option<i64>,
    /// The newest fencing number that Redis knows of.
    pub fence: u64,
    /// The other one of the pair, if it was heard of.
    pub other: Option<Machine>,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Field {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
}

/// A row of the state that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub table: String,
    /// The row is gone; `fields` are those of its key.
    pub gone: bool,
    pub fields: Vec<Field>,
}

/// What became of something that was written under a fencing number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Done,
    /// Another one holds the lease by now.
    Fenced,
    /// Redis has lost what the changes stand on: a snapshot is needed first.
    Forgotten,
}

/// Where a reader of the changes is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Who wrote them, under which fencing number; see `FailoverStore::writer`. Empty before anything was read.
    pub writer: String,
    /// The newest change that was read.
    pub id: String,
}

/// What a reader finds.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Nobody has written anything, or Redis has forgotten it.
    Nothing,
    /// The reader's place is of another time: everything anew.
    Snapshot { changes: Vec<Change>, place: Place },
    /// Those behind the reader's place, in order; none when it has all.
    Changes { changes: Vec<Change>, place: Place },
}

/// The lease and the changes, in Redis.
pub trait FailoverStore: Send + Sync {
    /// Says that the asker lives, renews or takes the lease where it may, and tells how it is.
    fn ask(&self, ask: LeaseAsk) -> PublishFuture<LeaseAnswer>;
    /// Gives the lease up where it is the own one: the other may take it at once.
    fn give_up(&self) -> PublishFuture<()>;
    /// What this scanner's changes under this fencing number are told by.
    fn writer(&self, fence: u64) -> String;
    /// Adds changes behind the others.
    fn append(&self, fence: u64, changes: Vec<Change>) -> PublishFuture<Written>;
    /// Puts a snapshot in place of all changes so far. `first`: what anyone else has written before is void.
    fn put_snapshot(&self, fence: u64, changes: Vec<Change>, first: bool) -> PublishFuture<Written>;
    fn read(&self, place: Place) -> PublishFuture<Found>;
    /// Hands messages over that only this scanner has and that it must not send.
    fn offer(&self, messages: Vec<Outgoing>) -> PublishFuture<()>;
    /// Takes what the other handed over.
    fn take_offered(&self, fence: u64) -> PublishFuture<Vec<Outgoing>>;
}

/// A state whose changes can be followed.
pub trait ReplicatedState: Send + Sync {
    /// The state follows another one from now on: its own changes are not logged, those that were are forgotten.
    fn follow(&self) -> io::Result<()>;
    /// The state is the one that others follow. What was being sent may have arrived, and is tried again; so many there were.
    /// What waits for channels other than `channels` is given up; `unsure`: what waits may have been sent by the other.
    fn lead(&self, channels: &[String], unsure: bool, now: MachineTime) -> io::Result<usize>;
    /// The fencing numbers: the greatest that was seen.
    fn seen_fence(&self) -> io::Result<u64>;
    fn see_fence(&self, fence: u64) -> io::Result<()>;
    /// Up to `limit` changes that were logged, oldest first, and the number of the last.
    fn changes(&self, limit: usize) -> io::Result<(Vec<Change>, i64)>;
    /// Number of the newest change; what is written when this returns has at most this one.
    fn newest_change(&self) -> io::Result<i64>;
    /// Forgets logged changes up to this number.
    fn forget_changes(&self, until: i64) -> io::Result<()>;
    /// What another state needs to go on: settings of the user's, memory, open predictions, and what changed in the outbox since
    /// `since` or is to be sent.
    fn snapshot(&self, since: MachineTime) -> io::Result<Vec<Change>>;
    /// Takes changes over, all or none.
    fn apply(&self, changes: &[Change]) -> io::Result<()>;
    /// Takes a snapshot over, all or none. The answer is what waits to be sent here and is not in it.
    fn adopt(&self, snapshot: &[Change]) -> io::Result<Vec<Outgoing>>;
    /// Up to which market time the alerts are decided.
    fn decided(&self) -> io::Result<MarketTime>;
}
