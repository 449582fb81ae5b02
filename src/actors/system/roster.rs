//! Who there is: each actor with its thread, its bound, its turn in the stop order and what it is made of. (Pairs and
//! feeds come and go with the universe: `supervisor::market`.)

use super::config::{Adapters, Placement, SystemConfig};
use crate::actors::alert::{AlertActor, AlertLinks, AlertSetup, kept_memory};
use crate::actors::backfill::{self, Backfill, BackfillLinks};
use crate::actors::barrier::CloseBarrier;
use crate::actors::common::Common;
use crate::actors::cycle_stats::CycleStats;
use crate::actors::death_watch::ActorId;
use crate::actors::delivery::recovery::recover_outbox;
use crate::actors::delivery::{self, DeliverySetup, DeliveryWorker};
use crate::actors::directory::Directory;
use crate::actors::experiment::{self, ExperimentActor};
use crate::actors::failover::duty::Duty;
use crate::actors::failover::gate::CopyGate;
use crate::actors::failover::replicator::{self, Replicator, ReplicatorLinks};
use crate::actors::failover::{self, LeaseKeeper};
use crate::actors::feed::FeedLinks;
use crate::actors::history::sink::RowSink;
use crate::actors::history::{self, HistoryWriter};
use crate::actors::lags::CloseLags;
use crate::actors::mailbox::{Outlet, Place};
use crate::actors::messages::OutboxEnqueued;
use crate::actors::ports::Clock;
use crate::actors::publication::Publication;
use crate::actors::publication::queue::CycleQueue;
use crate::actors::ranker::{self, Ranker, RankerLinks};
use crate::actors::redis_publisher::{self, RedisPublisher};
use crate::actors::registry::{Declared, Start, StopStage, declare};
use crate::actors::supervisor::market::MarketActors;
use crate::actors::supervisor::{Supervisor, SupervisorSetup};
use crate::actors::symbol::PairLinks;
use crate::actors::tracker::{self, Tracker, TrackerLinks};
use crate::actors::warmups::Warmups;
use crate::domain::duration::Millis;
use std::rc::Rc;
use std::sync::Arc;

/// For actors that are told nothing but to stop.
const STOP_ONLY: usize = 1;

/// Where each actor that is sent messages can be reached.
struct Places {
    supervisor: Arc<Place<Supervisor>>,
    ranker: Arc<Place<Ranker>>,
    backfill: Arc<Place<Backfill>>,
    tracker: Arc<Place<Tracker>>,
    experiment: Arc<Place<ExperimentActor>>,
    history: Arc<Place<HistoryWriter>>,
    redis: Arc<Place<RedisPublisher>>,
    replicator: Arc<Place<Replicator>>,
    deliveries: Vec<Arc<Place<DeliveryWorker>>>,
}

pub(super) struct Roster {
    pub(super) common: Common,
    pub(super) directory: Arc<Directory>,
    pub(super) enqueued: Outlet<OutboxEnqueued>,
    config: SystemConfig,
    adapters: Adapters,
    placement: Placement,
    places: Places,
    rows: RowSink,
    barrier: Arc<CloseBarrier>,
    warmups: Arc<Warmups>,
    /// Of the readers that may miss no cycle.
    queues: Vec<Arc<CycleQueue>>,
}

type Actors = Vec<Rc<dyn Declared>>;

impl Roster {
    pub(super) fn new(
        config: SystemConfig,
        mut adapters: Adapters,
        machine: Arc<dyn Clock>,
        placement: Placement,
    ) -> Self {
        let mut common =
            Common::new(machine, Arc::clone(&adapters.random), config.market_speed, config.scorer.clone());
        common.pace = placement.pace;
        common.duty = adapters.failover.as_ref().map_or(common.duty, |_| Arc::new(Duty::paired()));
        common.view.set_profile(Arc::clone(&config.analysis.profile));
        // Without judged predictions there is nothing to compare.
        adapters.experiment = adapters.experiment.filter(|_| adapters.tracker.is_some());
        let place = &common.drops;
        let places = Places {
            supervisor: Place::new("supervisor", Arc::clone(place)),
            ranker: Place::new("ranker", Arc::clone(place)),
            backfill: Place::new("backfill", Arc::clone(place)),
            tracker: Place::new("tracker", Arc::clone(place)),
            experiment: Place::new("experiment", Arc::clone(place)),
            history: Place::new("history", Arc::clone(place)),
            redis: Place::new("redis_publisher", Arc::clone(place)),
            replicator: Place::new("replicator", Arc::clone(place)),
            deliveries: adapters
                .channels
                .iter()
                .map(|_| Place::new("delivery_worker", Arc::clone(place)))
                .collect(),
        };
        let (has_redis, has_tracker) = (adapters.redis_publisher.is_some(), adapters.tracker.is_some());
        let rows = RowSink {
            history: adapters.history.is_some().then(|| places.history.outlet()),
            redis: has_redis.then(|| places.redis.outlet()),
        };
        let listeners =
            [has_redis.then(|| places.redis.outlet()), has_tracker.then(|| places.tracker.outlet())];
        let workers = places.deliveries.iter().map(Place::outlet);
        Self {
            enqueued: Outlet::to_all(listeners.into_iter().flatten().chain(workers).collect()),
            directory: Arc::default(),
            barrier: Arc::new(CloseBarrier::new(config.analysis.base.ms())),
            warmups: Arc::default(),
            queues: Vec::new(),
            common,
            config,
            adapters,
            placement,
            places,
            rows,
        }
    }

    /// Everything in its start order: who listens goes before who speaks.
    pub(super) fn supervisor(mut self) -> SupervisorSetup {
        // Before a worker runs: later, its own deliveries under way would be taken for those of a crash. Of two, at its turn.
        if self.adapters.failover.is_none() {
            recover_outbox(&*self.adapters.state, &self.adapters.channels, self.common.clocks.machine_time());
        }
        let mut actors = Actors::new();
        actors.extend(self.history());
        actors.extend(self.redis_publisher());
        actors.extend(self.tracker());
        actors.extend(self.experiment());
        actors.push(self.cycle_stats());
        actors.push(self.alert());
        actors.extend((0..self.adapters.channels.len()).map(|index| self.delivery(index)));
        actors.extend(self.failover());
        // After all readers: each has put its queue there when it was declared.
        let queues = std::mem::take(&mut self.queues);
        let publication = Arc::new(Publication::new(Arc::clone(&self.common.view), queues));
        actors.push(self.ranker(&publication));
        actors.push(self.backfill());
        let (lags, me) = (Arc::new(CloseLags::default()), self.places.supervisor);
        let feed = FeedLinks {
            common: self.common.clone(),
            directory: Arc::clone(&self.directory),
            attempts: Arc::default(),
            report: me.outlet(),
        };
        let pair = PairLinks {
            common: self.common.clone(),
            rows: self.rows.clone(),
            barrier: self.barrier,
            lags: Arc::clone(&lags),
            ask: self.places.backfill.outlet(),
            ranker: self.places.ranker.outlet(),
        };
        SupervisorSetup {
            actors,
            market: MarketActors {
                shards: self.placement.shards,
                analysis: self.config.analysis,
                feed_config: self.config.feed,
                streams: self.adapters.streams,
                pair,
                feed,
            },
            me,
            common: self.common,
            directory: self.directory,
            publication,
            warmups: self.warmups,
            lags,
            rows: self.rows,
            refresh: self.places.backfill.outlet(),
            retired: self.places.backfill.outlet(),
            universe: self.config.universe,
            universe_refresh: self.config.universe_refresh,
            restart: self.config.restart,
            cycle_interval_ms: self.config.ranker.cycle.interval.ms(),
            rest_url: self.config.rest_url,
            stream_url: self.config.stream_url,
        }
    }

    fn cycles(&mut self, reader: &'static str) -> Arc<CycleQueue> {
        let queue = CycleQueue::new(reader, &self.config.spill_folder, Arc::clone(&self.common.drops));
        self.queues.push(Arc::clone(&queue));
        queue
    }

    fn history(&mut self) -> Option<Rc<dyn Declared>> {
        let setup = self.adapters.history.clone()?;
        let (common, cycles) = (self.common.clone(), self.cycles("history"));
        Some(declare(
            ActorId::Only("history"),
            &self.places.history,
            &self.placement.out,
            history::MAILBOX,
            StopStage::History,
            move |_| HistoryWriter::new(setup.clone(), common.clone(), Arc::clone(&cycles)),
        ))
    }

    fn redis_publisher(&self) -> Option<Rc<dyn Declared>> {
        let setup = self.adapters.redis_publisher.clone()?;
        let (common, directory) = (self.common.clone(), Arc::clone(&self.directory));
        Some(declare(
            ActorId::Only("redis_publisher"),
            &self.places.redis,
            &self.placement.out,
            redis_publisher::MAILBOX,
            StopStage::Readers,
            move |_| RedisPublisher::new(setup.clone(), common.clone(), Arc::clone(&directory)),
        ))
    }

    fn tracker(&mut self) -> Option<Rc<dyn Declared>> {
        let setup = self.adapters.tracker.clone()?;
        let common = self.common.clone();
        let links = TrackerLinks {
            cycles: self.cycles("tracker"),
            directory: Arc::clone(&self.directory),
            rows: self.rows.clone(),
            ask_past: self.places.backfill.outlet(),
            experiment: self.adapters.experiment.as_ref().map(|_| self.places.experiment.outlet()),
        };
        Some(declare(
            ActorId::Only("tracker"),
            &self.places.tracker,
            &self.placement.out,
            tracker::MAILBOX,
            StopStage::Readers,
            move |_| Tracker::new(setup.clone(), common.clone(), links.clone()),
        ))
    }

    fn experiment(&mut self) -> Option<Rc<dyn Declared>> {
        let setup = self.adapters.experiment.clone()?;
        let (common, cycles) = (self.common.clone(), self.cycles("experiment"));
        let predictions = self.places.tracker.outlet();
        Some(declare(
            ActorId::Only("experiment"),
            &self.places.experiment,
            &self.placement.experiment,
            experiment::MAILBOX,
            StopStage::Experiment,
            move |_| {
                ExperimentActor::new(setup.clone(), common.clone(), Arc::clone(&cycles), predictions.clone())
            },
        ))
    }

    fn cycle_stats(&self) -> Rc<dyn Declared> {
        let (state, common) = (Arc::clone(&self.adapters.state), self.common.clone());
        declare(
            ActorId::Only("cycle_stats"),
            &Place::new("cycle_stats", Arc::clone(&self.common.drops)),
            &self.placement.out,
            STOP_ONLY,
            StopStage::Readers,
            move |_| CycleStats::new(Arc::clone(&state), common.clone()),
        )
    }

    fn alert(&mut self) -> Rc<dyn Declared> {
        let setup = AlertSetup {
            config: self.config.alert.clone(),
            channels: Arc::clone(&self.adapters.channels),
            noted: self.adapters.noted_alerts.clone(),
            state: Arc::clone(&self.adapters.state),
            history: self.adapters.history.as_ref().map(|history| Arc::clone(&history.store)),
            followed: self.adapters.failover.as_ref().map(|failover| Arc::clone(&failover.state)),
        };
        let links = AlertLinks { cycles: self.cycles("alert"), enqueued: self.enqueued.clone() };
        let common = self.common.clone();
        declare(
            ActorId::Only("alert"),
            &Place::new("alert", Arc::clone(&self.common.drops)),
            &self.placement.out,
            STOP_ONLY,
            StopStage::Alerts,
            move |_| AlertActor::new(setup.clone(), common.clone(), links.clone()),
        )
    }

    fn delivery(&self, index: usize) -> Rc<dyn Declared> {
        let channels = &self.adapters.channels;
        let setup = DeliverySetup {
            spec: channels[index].clone(),
            all: Arc::new(channels.iter().map(|c| (c.name.clone(), c.language)).collect()),
            state: Arc::clone(&self.adapters.state),
            charts: Arc::clone(&self.adapters.charts),
            bar: self.config.analysis.tf,
            rules: self.config.delivery_worker,
            local: self.config.alert.local.clone(),
            gate: CopyGate(self.adapters.failover.as_ref().map(|_| Arc::clone(&self.places.replicator))),
        };
        let (common, directory) = (self.common.clone(), Arc::clone(&self.directory));
        declare(
            ActorId::Nth("delivery_worker", index),
            &self.places.deliveries[index],
            &self.placement.out,
            delivery::MAILBOX,
            StopStage::Deliveries,
            move |start| {
                if start == Start::Again {
                    setup.recover(common.clocks.machine_time());
                }
                DeliveryWorker::new(setup.clone(), common.clone(), Arc::clone(&directory))
            },
        )
    }

    fn failover(&self) -> Actors {
        let Some(setup) = self.adapters.failover.clone() else { return Actors::new() };
        let links = ReplicatorLinks {
            state: Arc::clone(&self.adapters.state),
            channels: self.adapters.channels.iter().map(|channel| channel.name.clone()).collect(),
            enqueued: self.enqueued.clone(),
        };
        let (common, own, mine) = (self.common.clone(), setup.clone(), self.common.clone());
        let replicator = declare(
            ActorId::Only("replicator"),
            &self.places.replicator,
            &self.placement.out,
            replicator::MAILBOX,
            StopStage::History,
            move |_| Replicator::new(own.clone(), common.clone(), links.clone()),
        );
        // Its thread waits for no disk: a lease that is not renewed in time is lost.
        let keeper = declare(
            ActorId::Only("lease_keeper"),
            &Place::new("lease_keeper", Arc::clone(&self.common.drops)),
            &self.placement.core,
            failover::MAILBOX,
            StopStage::History,
            move |_| LeaseKeeper::new(setup.clone(), mine.clone()),
        );
        vec![replicator, keeper]
    }

    fn ranker(&self, publication: &Arc<Publication>) -> Rc<dyn Declared> {
        let (config, common) = (self.config.ranker.clone(), self.common.clone());
        let links = RankerLinks {
            publication: Arc::clone(publication),
            directory: Arc::clone(&self.directory),
            barrier: Arc::clone(&self.barrier),
            warmups: Arc::clone(&self.warmups),
            encoder: Arc::clone(&self.adapters.encoder),
            levels: kept_memory(&*self.adapters.state).map(|m| Arc::clone(m.levels())).unwrap_or_default(),
        };
        declare(
            ActorId::Only("ranker"),
            &self.places.ranker,
            &self.placement.core,
            ranker::MAILBOX,
            StopStage::Ranking,
            move |_| Ranker::new(config.clone(), common.clone(), links.clone()),
        )
    }

    fn backfill(&self) -> Rc<dyn Declared> {
        let (config, rest) = (self.config.backfill.clone(), Arc::clone(&self.adapters.rest));
        let links = BackfillLinks {
            state: Arc::clone(&self.adapters.state),
            kept: Arc::clone(&self.adapters.kept),
            directory: Arc::clone(&self.directory),
            warmups: Arc::clone(&self.warmups),
            universe: self.places.supervisor.sure_outlet(),
            report: self.places.supervisor.outlet(),
            past: self.adapters.tracker.as_ref().map(|_| self.places.tracker.outlet()),
        };
        let common = self.common.clone();
        declare(
            ActorId::Only("backfill"),
            &self.places.backfill,
            &self.placement.rest,
            backfill::MAILBOX,
            StopStage::Ranking,
            move |_| Backfill::new(config.clone(), &rest, common.clone(), links.clone()),
        )
    }
}
