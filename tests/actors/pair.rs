//! Two scanners of which one sends, in one process under virtual time: the keeper of the lease and the replicator. The lease and the
//! changes stand in memory, by the rules of the scripts in Redis, which `tests/adapters` tries with a real one.

use super::fake_exchange::{FakeExchange, VirtualClock};
use super::faults::{Receiver, all_low, lively};
use super::system::{Fixture, Stand, names, start_at};
use futures_util::FutureExt;
use impulso::actors::alert::MEMORY_KEY;
use impulso::actors::failover::FailoverSetup;
use impulso::actors::failover::status::{Machine, Role};
use impulso::actors::ports::Clock;
use impulso::actors::ports::alerts::Outgoing;
use impulso::actors::ports::failover::{
    Change, FailoverStore, Found, LeaseAnswer, LeaseAsk, Place, ReplicatedState, Takes, Written,
};
use impulso::actors::ports::redis::{PublishError, PublishFuture};
use impulso::actors::ports::state::OperationalState;
use impulso::actors::system::config::Placement;
use impulso::adapters::state::StateDb;
use impulso::domain::moment::MarketTime;
use impulso::i18n::Text;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::Instant;

/// What Redis holds.
#[derive(Default)]
struct Memory {
    lease: Option<(String, u64, Instant)>,
    /// The newest number, and who got it.
    fence: u64,
    last: String,
    machines: BTreeMap<String, (Instant, Role)>,
    snapshot: Option<(String, u64, Vec<Change>)>,
    changes: Vec<(u64, Vec<Change>)>,
    newest: u64,
    offered: Vec<Outgoing>,
    /// Machines that do not reach it.
    cut_off: BTreeSet<String>,
}

impl Memory {
    fn holder(&self) -> Option<(&str, u64)> {
        let lease = self.lease.as_ref().filter(|(.., until)| Instant::now() < *until);
        lease.map(|(holder, fence, _)| (holder.as_str(), *fence))
    }

    fn ask(&mut self, me: &str, ask: &LeaseAsk) -> LeaseAnswer {
        let until = Instant::now() + Duration::from_millis(ask.lease_ms.unsigned_abs());
        let own = self.holder() == Some((me, self.fence)) && self.fence >= ask.seen;
        let mut held = own && ask.takes == Takes::Own;
        if held {
            self.lease = Some((me.to_owned(), self.fence, until));
        } else if ask.takes != Takes::No && (self.holder().is_none() || (own && ask.takes == Takes::Free)) {
            (self.fence, self.last) = (self.fence.max(ask.seen) + 1, me.to_owned());
            self.lease = Some((me.to_owned(), self.fence, until));
            held = true;
        }
        self.machines.insert(me.to_owned(), (Instant::now(), ask.role));
        let other = self.machines.iter().filter(|(name, _)| *name != me).max_by_key(|(_, (at, _))| *at);
        let ms = |time: Duration| i64::try_from(time.as_millis()).expect("it fits");
        LeaseAnswer {
            held,
            ends_in_ms: self.holder().and(self.lease.as_ref()).map(|(.., end)| ms(*end - Instant::now())),
            fence: self.fence,
            other: other.map(|(name, (at, role))| Machine {
                name: name.clone(),
                role: *role,
                silent_ms: ms(at.elapsed()),
            }),
        }
    }

    fn put(&mut self, writer: (&str, u64), changes: Vec<Change>, snapshot: Option<bool>) -> Written {
        let (me, fence) = writer;
        if (self.last.as_str(), self.fence) != (me, fence) {
            return Written::Fenced;
        }
        match snapshot {
            Some(first) => {
                let id = if first { 0 } else { self.newest };
                self.changes.clear();
                self.snapshot = Some((format!("{fence} {me}"), id, changes));
            }
            None if self.snapshot.is_none() => return Written::Forgotten,
            None => {
                self.newest += 1;
                self.changes.push((self.newest, changes));
            }
        }
        Written::Done
    }

    fn read(&self, place: &Place) -> Found {
        let Some((writer, id, snapshot)) = &self.snapshot else { return Found::Nothing };
        let from = place.id.split('-').next().and_then(|id| id.parse().ok()).unwrap_or(0);
        if *writer != place.writer || from < *id {
            let place = Place { writer: writer.clone(), id: id.to_string() };
            return Found::Snapshot { changes: snapshot.clone(), place };
        }
        let newer: Vec<_> = self.changes.iter().filter(|(id, _)| *id > from).collect();
        let id = newer.last().map_or_else(|| place.id.clone(), |(id, _)| id.to_string());
        let changes = newer.into_iter().flat_map(|(_, changes)| changes.clone()).collect();
        Found::Changes { changes, place: Place { writer: writer.clone(), id } }
    }
}

#[derive(Clone)]
struct Store {
    memory: Arc<Mutex<Memory>>,
    me: &'static str,
}

impl Store {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("no panic")
    }

    fn answer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory, &str) -> T + Send + 'static,
    ) -> PublishFuture<T> {
        let store = self.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(2)).await;
            let mut memory = store.memory();
            if memory.cut_off.contains(store.me) {
                return Err(PublishError(Text::verbatim("connection refused")));
            }
            Ok(work(&mut memory, store.me))
        }
        .boxed()
    }
}

impl FailoverStore for Store {
    fn ask(&self, ask: LeaseAsk) -> PublishFuture<LeaseAnswer> {
        self.answer(move |memory, me| memory.ask(me, &ask))
    }

    fn give_up(&self) -> PublishFuture<()> {
        self.answer(|memory, me| {
            memory.machines.remove(me);
            memory.lease.take_if(|(holder, ..)| holder == me);
        })
    }

    fn writer(&self, fence: u64) -> String {
        format!("{fence} {}", self.me)
    }

    fn append(&self, fence: u64, changes: Vec<Change>) -> PublishFuture<Written> {
        self.answer(move |memory, me| memory.put((me, fence), changes, None))
    }

    fn put_snapshot(&self, fence: u64, changes: Vec<Change>, first: bool) -> PublishFuture<Written> {
        self.answer(move |memory, me| memory.put((me, fence), changes, Some(first)))
    }

    fn read(&self, place: Place) -> PublishFuture<Found> {
        self.answer(move |memory, _| memory.read(&place))
    }

    fn offer(&self, messages: Vec<Outgoing>) -> PublishFuture<()> {
        self.answer(|memory, _| memory.offered.extend(messages))
    }

    fn take_offered(&self, fence: u64) -> PublishFuture<Vec<Outgoing>> {
        self.answer(move |memory, me| {
            if (memory.last.as_str(), memory.fence) == (me, fence) {
                std::mem::take(&mut memory.offered)
            } else {
                Vec::new()
            }
        })
    }
}

struct Scanner {
    fixture: Fixture,
    receiver: Receiver,
    state: Arc<StateDb>,
    store: Store,
}

struct Pair {
    memory: Arc<Mutex<Memory>>,
    exchange: Arc<FakeExchange>,
    clock: Arc<dyn Clock>,
}

impl Pair {
    fn new() -> Self {
        tokio::time::pause();
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock::start());
        let exchange = FakeExchange::new(names(20), Arc::clone(&clock));
        Self { memory: Arc::default(), exchange, clock }
    }

    fn start(&self, me: &'static str) -> Scanner {
        let folder = tempfile::tempdir().expect("a folder");
        let state = Arc::new(StateDb::open(folder.path()).expect("a state"));
        state.put(MEMORY_KEY, &all_low()).expect("written");
        let (receiver, store) = (Receiver::default(), Store { memory: Arc::clone(&self.memory), me });
        let failover = FailoverSetup {
            store: Arc::new(store.clone()),
            state: Arc::clone(&state) as Arc<dyn ReplicatedState>,
            cycle: Duration::from_secs(30),
            outbox_ms: 3_600_000,
            redis_url: "redis://memory".to_owned(),
        };
        let stand = Stand {
            folder,
            state: Arc::clone(&state) as Arc<dyn OperationalState>,
            channels: vec![receiver.channel()],
            history: None,
            placement: Placement::here(1),
            failover: Some(failover),
        };
        let fixture = start_at(Arc::clone(&self.exchange), Arc::clone(&self.clock), lively(), stand);
        Scanner { fixture, receiver, state, store }
    }
}

impl Scanner {
    fn role(&self) -> Role {
        self.fixture.view.status().failover.as_ref().expect("one of two").role
    }

    /// Messages that were sent, by whom ever; nothing else became of any.
    fn sent(&self) -> usize {
        let [pending, sending, sent, uncertain, dead] = self.state.counts("receiver").expect("read");
        assert_eq!((pending, sending, uncertain, dead), (0, 0, 0, 0));
        usize::try_from(sent).expect("it fits")
    }

    fn alerts(&self) -> BTreeSet<String> {
        let alerts = self.state.alerts(None, MarketTime::MAX, 10_000).expect("read");
        alerts.into_iter().map(|alert| alert.alert.id).collect()
    }
}

async fn seconds(count: u64) {
    tokio::time::sleep(Duration::from_secs(count)).await;
}

/// Each of the messages that both have got came once.
fn once(scanners: [&Receiver; 2]) -> usize {
    let got: Vec<String> = scanners.iter().flat_map(|receiver| receiver.got()).collect();
    let different: BTreeSet<&String> = got.iter().collect();
    assert_eq!(got.len(), different.len(), "none twice");
    got.len()
}

#[actix::test]
async fn one_sends_and_the_other_follows_and_takes_over_from_its_end() {
    let pair = Pair::new();
    let a = pair.start("a");
    seconds(60).await;
    let b = pair.start("b");
    seconds(300).await;
    assert_eq!((a.role(), b.role()), (Role::Active, Role::Standby));
    let sent = a.receiver.got().len();
    assert!(sent > 0 && b.receiver.got().is_empty(), "{sent}");
    seconds(1).await;
    assert_eq!(a.alerts(), b.alerts(), "what one has decided the other has");
    let before = a.alerts();
    let Scanner { fixture, receiver: first, .. } = a;
    assert!(fixture.system.stop().await);
    // It is asked for three times a lease.
    seconds(16).await;
    assert_eq!(b.role(), Role::Active, "a lease that was given up is free");
    seconds(900).await;
    assert!(b.alerts().is_superset(&before) && b.alerts().len() > before.len());
    assert_eq!(b.sent(), once([&first, &b.receiver]), "none lost");
    assert!(b.fixture.system.stop().await);
}

#[actix::test]
async fn one_that_does_not_reach_the_lease_sends_nothing_and_follows_when_it_comes_back() {
    let pair = Pair::new();
    let (a, b) = (pair.start("a"), pair.start("b"));
    // Before the first cycle, in which most alerts come.
    seconds(20).await;
    let (active, other) = if a.role() == Role::Active { (&a, &b) } else { (&b, &a) };
    assert_eq!((active.role(), other.role()), (Role::Active, Role::Standby));
    pair.memory.lock().expect("no panic").cut_off.insert(active.store.me.to_owned());
    // The lease lasts a cycle and a half.
    seconds(45 + 16).await;
    assert_eq!((active.role(), other.role()), (Role::Standby, Role::Active));
    let problems = active.fixture.view.status().problems.to_vec();
    assert!(problems.iter().any(|p| p.problem.kind() == "no_lease"), "{problems:?}");
    let silent = active.receiver.got().len();
    seconds(300).await;
    assert_eq!(active.receiver.got().len(), silent, "nothing is sent without it");
    assert!(!other.receiver.got().is_empty());
    pair.memory.lock().expect("no panic").cut_off.clear();
    seconds(120).await;
    assert_eq!((active.role(), other.role()), (Role::Standby, Role::Active), "it does not take it back");
    assert_eq!(active.alerts(), other.alerts());
    let problems = active.fixture.view.status().problems.to_vec();
    assert!(problems.iter().all(|p| p.problem.kind() != "no_lease"), "{problems:?}");
    assert_eq!(other.sent(), once([&active.receiver, &other.receiver]), "none lost");
    assert!(a.fixture.system.stop().await && b.fixture.system.stop().await);
}

#[actix::test]
async fn a_redis_that_forgets_gets_everything_again() {
    let pair = Pair::new();
    let (a, b) = (pair.start("a"), pair.start("b"));
    seconds(200).await;
    let forget = |memory: &mut Memory| {
        let fence = memory.fence;
        *memory = Memory::default();
        fence
    };
    let fence = forget(&mut pair.memory.lock().expect("no panic"));
    seconds(200).await;
    let roles = [a.role(), b.role()];
    assert_eq!(roles.iter().filter(|role| **role == Role::Active).count(), 1, "{roles:?}");
    assert!(pair.memory.lock().expect("no panic").fence > fence, "the number grows on");
    assert_eq!(a.alerts(), b.alerts());
    assert!(once([&a.receiver, &b.receiver]) > 0);
    assert!(a.fixture.system.stop().await && b.fixture.system.stop().await);
}
