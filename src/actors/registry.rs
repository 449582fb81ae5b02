//! Actors as they are declared, and their life: started in order, started anew after a panic, stopped in stages.

use crate::actors::death_watch::{ActorDown, ActorId, DeathWatch};
use crate::actors::mailbox::{Outlet, Place};
use crate::actors::messages::Stop;
use crate::actors::restart::{RestartPolicy, RestartState};
use crate::domain::moment::MonoTime;
use actix::{Actor, ArbiterHandle, AsyncContext, Context, Handler};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// When an actor is told to stop: whoever feeds others goes before them, so that nothing is left on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopStage {
    Feeds,
    Pairs,
    Ranking,
    /// Before the tracker, which keeps its predictions.
    Experiment,
    /// They write their memory and what is to be sent. Before the tracker, whose ledger has what they decide at the end.
    Alerts,
    /// Who reads the cycles, apart from the alerts.
    Readers,
    /// A delivery under way may end.
    Deliveries,
    /// It is told rows by all the others.
    History,
}

impl StopStage {
    const ORDER: [Self; 8] = [
        Self::Feeds,
        Self::Pairs,
        Self::Ranking,
        Self::Experiment,
        Self::Alerts,
        Self::Readers,
        Self::Deliveries,
        Self::History,
    ];

    /// Longest wait for a stage. All together stay below the time in which a service manager expects the end.
    const fn within(self) -> Duration {
        match self {
            // Not waited for: the ranker must not get to a cycle without pairs in between.
            Self::Feeds | Self::Pairs => Duration::ZERO,
            // In all 8.6 s. Those who only take a message end in milliseconds; readers drain up to 500 ms of cycles,
            // deliveries wait for an answer, and history writes what everybody gave.
            Self::Ranking => Duration::from_millis(200),
            Self::Experiment | Self::Readers => Duration::from_millis(700),
            Self::Alerts => Duration::from_secs(1),
            Self::Deliveries => Duration::from_secs(2),
            Self::History => Duration::from_secs(4),
        }
    }
}

/// How often it is looked whether a stage has ended: most end at once, and none may waste the 8.6 s of all.
const LOOK: Duration = Duration::from_millis(5);

/// Which start of an actor it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    First,
    /// It takes the place of one that panicked, whose work may have been left half done.
    Again,
}

struct Declaration<A: Actor> {
    id: ActorId,
    place: Arc<Place<A>>,
    thread: ArbiterHandle,
    bound: usize,
    stop: StopStage,
    make: Arc<dyn Fn(Start) -> A + Send + Sync>,
}

/// Everything there is to say of an actor: the others reach it at `place`, at most `bound` messages wait for it, and `make`
/// makes it on its thread, also anew after a panic, within the restart budget.
pub(crate) fn declare<A>(
    id: ActorId,
    place: &Arc<Place<A>>,
    thread: &ArbiterHandle,
    bound: usize,
    stop: StopStage,
    make: impl Fn(Start) -> A + Send + Sync + 'static,
) -> Rc<dyn Declared>
where
    A: Actor<Context = Context<A>> + Handler<Stop>,
{
    let (place, thread, make) = (Arc::clone(place), thread.clone(), Arc::new(make));
    Rc::new(Declaration { id, place, thread, bound, stop, make })
}

/// A declared actor whose type no longer matters.
pub(crate) trait Declared {
    fn id(&self) -> &ActorId;
    fn stage(&self) -> StopStage;
    fn start(&self, start: Start, watch: DeathWatch);
    fn stop(&self);
    fn is_alive(&self) -> bool;
}

impl<A> Declared for Declaration<A>
where
    A: Actor<Context = Context<A>> + Handler<Stop>,
{
    fn id(&self) -> &ActorId {
        &self.id
    }

    fn stage(&self) -> StopStage {
        self.stop
    }

    fn start(&self, start: Start, watch: DeathWatch) {
        let (make, bound) = (Arc::clone(&self.make), self.bound);
        let addr = A::start_in_arbiter(&self.thread, move |ctx| {
            ctx.set_mailbox_capacity(bound);
            // Held by the context, it is dropped with the actor, whatever ends it.
            ctx.spawn(actix::fut::wrap_future(watch.for_ever()));
            make(start)
        });
        self.place.fill(addr);
    }

    fn stop(&self) {
        self.place.must(Stop);
    }

    fn is_alive(&self) -> bool {
        self.place.is_alive()
    }
}

struct Entry {
    declared: Rc<dyn Declared>,
    /// Which start of it: see [`ActorDown`].
    generation: u64,
    restarts: RestartState,
}

/// All actors of a system but the supervisor, which owns it.
pub(crate) struct Registry {
    entries: BTreeMap<ActorId, Entry>,
    policy: RestartPolicy,
    deaths: Outlet<ActorDown>,
}

impl Registry {
    pub(crate) fn new(policy: RestartPolicy, deaths: Outlet<ActorDown>) -> Self {
        Self { entries: BTreeMap::new(), policy, deaths }
    }

    pub(crate) fn start(&mut self, declared: Rc<dyn Declared>) {
        let id = declared.id().clone();
        self.entries.insert(id.clone(), Entry { declared, generation: 0, restarts: RestartState::default() });
        self.spawn(&id, Start::First);
    }

    fn spawn(&mut self, id: &ActorId, start: Start) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        // Counted before the start: a notice of the former one's death that is still under way must not restart this
        // one.
        entry.generation += 1;
        entry.declared.start(start, DeathWatch::new(id.clone(), entry.generation, self.deaths.clone()));
    }

    /// After how many ms of machine time the actor is to be started anew; `None` when it ended in order or was replaced
    /// before.
    pub(crate) fn died(&mut self, down: &ActorDown, mono: MonoTime) -> Option<i64> {
        let entry = self.entries.get_mut(&down.id)?;
        let restart = down.panicked && entry.generation == down.generation;
        restart.then(|| entry.restarts.died(mono, &self.policy))
    }

    pub(crate) fn start_again(&mut self, id: &ActorId) {
        self.spawn(id, Start::Again);
    }

    pub(crate) fn stop(&mut self, id: &ActorId) {
        if let Some(entry) = self.entries.remove(id) {
            entry.declared.stop();
        }
    }

    /// Stops everything stage by stage.
    pub(crate) fn stop_all(&mut self) -> impl Future<Output = ()> + use<> {
        // Taken out: a notice of death that comes during the stop finds no entry, and nothing is started anew.
        let entries = std::mem::take(&mut self.entries);
        stop_in_stages(entries.into_values().map(|entry| entry.declared).collect())
    }
}

async fn stop_in_stages(all: Vec<Rc<dyn Declared>>) {
    for stage in StopStage::ORDER {
        let mine: Vec<_> = all.iter().filter(|actor| actor.stage() == stage).collect();
        mine.iter().for_each(|actor| actor.stop());
        if stage.within().is_zero() {
            continue;
        }
        let ended = async {
            while mine.iter().any(|actor| actor.is_alive()) {
                // Looked at, as an actor that hangs never says that it has ended.
                tokio::time::sleep(LOOK).await;
            }
        };
        if tokio::time::timeout(stage.within(), ended).await.is_err() {
            tracing::warn!(?stage, "actors did not end in time");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::drop_counters::DropCounters;
    use crate::actors::publication::queue::{Cycle, CycleQueue};
    use crate::domain::moment::MarketTime;
    use crate::domain::ranking::{RankingFilters, rank};
    use actix::{ActorContext, Arbiter, StreamHandler};
    use std::sync::Mutex;

    type Seen = Arc<Mutex<Vec<String>>>;

    /// Reads cycles, panics over those that it is told to, and takes its time to stop.
    struct Reader {
        name: &'static str,
        cycles: Arc<CycleQueue>,
        seen: Seen,
        panics: Arc<Mutex<Vec<u64>>>,
    }

    impl Actor for Reader {
        type Context = Context<Self>;

        fn started(&mut self, ctx: &mut Self::Context) {
            ctx.add_stream(self.cycles.stream());
        }
    }

    impl StreamHandler<Cycle> for Reader {
        fn handle(&mut self, cycle: Cycle, _: &mut Self::Context) {
            let mut panics = self.panics.lock().unwrap();
            if let Some(at) = panics.iter().position(|n| *n == cycle.cycle) {
                panics.remove(at);
                drop(panics);
                panic!("{} panics over cycle {} on purpose", self.name, cycle.cycle);
            }
            self.seen.lock().unwrap().push(cycle.cycle.to_string());
        }
    }

    impl Handler<Stop> for Reader {
        type Result = ();

        fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
            self.seen.lock().unwrap().push(format!("{} told", self.name));
            ctx.run_later(Duration::from_millis(100), |reader, ctx| {
                reader.seen.lock().unwrap().push(format!("{} ended", reader.name));
                ctx.stop();
            });
        }
    }

    /// Owns the registry, as the supervisor does.
    struct Owner(Registry);

    impl Actor for Owner {
        type Context = Context<Self>;
    }

    impl Handler<ActorDown> for Owner {
        type Result = ();

        fn handle(&mut self, down: ActorDown, _: &mut Self::Context) {
            if self.0.died(&down, MonoTime::from_ms(0)).is_some() {
                self.0.start_again(&down.id);
            }
        }
    }

    #[actix::test]
    async fn a_reader_that_panics_goes_on_where_it_was_and_stages_stop_one_after_the_other() {
        tokio::time::pause();
        let (folder, drops) = (tempfile::tempdir().unwrap(), Arc::new(DropCounters::default()));
        let (seen, panics) = (Seen::default(), Arc::new(Mutex::new(vec![2, 5, 5])));
        let place = Place::<Owner>::new("owner", Arc::clone(&drops));
        let mut registry = Registry::new(RestartPolicy::default(), place.sure_outlet());
        let mut queues = Vec::new();
        for (name, stage) in [("history", StopStage::History), ("tracker", StopStage::Readers)] {
            let queue = CycleQueue::new(name, folder.path(), Arc::clone(&drops));
            let (cycles, own, panics) = (Arc::clone(&queue), Arc::clone(&seen), Arc::clone(&panics));
            registry.start(declare(
                ActorId::Only(name),
                &Place::new(name, Arc::clone(&drops)),
                &Arbiter::current(),
                1,
                stage,
                move |_| Reader {
                    name,
                    cycles: Arc::clone(&cycles),
                    seen: Arc::clone(&own),
                    panics: Arc::clone(&panics),
                },
            ));
            queues.push(queue);
        }
        let ended = {
            let stopping = registry.entries.values().map(|e| Rc::clone(&e.declared)).collect::<Vec<_>>();
            place.fill(Owner(registry).start());
            stopping
        };
        for n in 1..=7 {
            let snapshot = rank(n, MarketTime::EPOCH, Vec::new(), &RankingFilters::default());
            queues[0].push(Arc::new(snapshot));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // The second one over which it panics twice is given up, and counted.
        assert_eq!(*seen.lock().unwrap(), ["1", "2", "3", "4", "6", "7"]);
        assert_eq!(drops.all().get("cycles_lost"), Some(&1));
        seen.lock().unwrap().clear();
        stop_in_stages(ended).await;
        assert_eq!(*seen.lock().unwrap(), ["tracker told", "tracker ended", "history told", "history ended"]);
    }
}
