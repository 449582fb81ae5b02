//! The ranker: ticks each cycle with the BTC context, collects one report a pair until the deadline, and publishes
//! one immutable snapshot. It never waits for a dead or slow pair longer than the deadline.

use crate::actors::barrier::CloseBarrier;
use crate::actors::clocks::FallWatch;
use crate::actors::common::Common;
use crate::actors::cycle::{Collection, CycleClock};
use crate::actors::directory::Directory;
use crate::actors::messages::{GetBtc, Reported, Stop, Tick, TickContext};
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::publication::Publication;
use crate::actors::view::{Encoder, Published};
use crate::actors::warmups::Warmups;
use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::analysis::BtcContext;
use crate::domain::duration::{Millis, millis, seconds};
use crate::domain::level_book::LevelBook;
use crate::domain::level_book::memory::LevelMemory;
use crate::domain::level_rules::{LevelBasis, LevelRules};
use crate::domain::moment::{MarketTime, MonoTime};
use crate::domain::ranking::{RankingFilters, Snapshot, rank};
use crate::domain::report::Report;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use serde::Deserialize;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often market time is looked at, machine time: a cycle begins so late at most, and it has a second in all.
const LOOK: Duration = Duration::from_millis(5);
/// Longest wait for BTC's context, machine time: a pair answers in microseconds; one that hangs must not hold the
/// cycle.
const BTC_WITHIN: Duration = Duration::from_millis(250);
/// How often readiness is asked before the first ranking, ms of machine time. The page shows the progress of the warm-up by
/// it.
const PROBE_EVERY_MS: i64 = 1_000;
/// Warm-up without progress for so long counts as "known not to be ready", ms of machine time. As long as a request may
/// take: what has not moved by then waits for more than one answer.
const STUCK_AFTER_MS: i64 = 20_000;
/// Reports waiting: one a pair is all there can be; far above any universe.
pub(crate) const MAILBOX: usize = 8_192;

/// When cycles are due and how long they wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct CycleTimes {
    /// Between cycles, market time.
    #[serde(rename = "interval_s", deserialize_with = "seconds")]
    pub interval: Duration,
    /// Longest wait for closing events on a full minute, market time.
    #[serde(rename = "close_grace_ms", deserialize_with = "millis")]
    pub close_grace: Duration,
    /// Longest wait for reports, machine time.
    #[serde(rename = "deadline_ms", deserialize_with = "millis")]
    pub deadline: Duration,
}

impl CycleTimes {
    pub(crate) const ALLOWED: Allowed = &[
        ("interval_s", Range(1.0, 3_600.0)),
        ("close_grace_ms", Range(0.0, 10_000.0)),
        ("deadline_ms", Range(50.0, 30_000.0)),
    ];
}

#[derive(Debug, Clone)]
pub struct RankerConfig {
    pub cycle: CycleTimes,
    /// Base interval, ms.
    pub base_ms: i64,
    pub filters: RankingFilters,
    pub levels: LevelRules,
    /// The pair whose move the others are held against.
    pub btc: String,
}

/// What the ranker works with.
#[derive(Clone)]
pub(crate) struct RankerLinks {
    pub(crate) publication: Arc<Publication>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) barrier: Arc<CloseBarrier>,
    pub(crate) warmups: Arc<Warmups>,
    /// Serialises a snapshot for the live clients.
    pub(crate) encoder: Encoder,
    /// Levels that an earlier run kept.
    pub(crate) levels: Arc<LevelMemory>,
}

struct Collecting {
    collection: Collection,
    started: Instant,
    publish: bool,
}

pub(crate) struct Ranker {
    config: RankerConfig,
    common: Common,
    links: RankerLinks,
    clock: CycleClock,
    collecting: Option<Collecting>,
    last: Arc<Vec<Report>>,
    tick: u64,
    next_probe: MonoTime,
    warmup: (u64, MonoTime),
    falls: FallWatch,
    levels: LevelBook,
}

impl Ranker {
    /// A ranker that goes on from what is published.
    pub(crate) fn new(config: RankerConfig, common: Common, links: RankerLinks) -> Self {
        let CycleTimes { interval, close_grace, .. } = config.cycle;
        let clock = CycleClock::new(interval.ms(), config.base_ms, close_grace.ms());
        let warmup = (0, common.clocks.mono_time());
        let falls = FallWatch::new(&common.clocks);
        let last = common.view.reports();
        // After a restart of this actor alone the newest levels are those published.
        let memory = common
            .view
            .published()
            .map_or_else(|| Arc::clone(&links.levels), |p| Arc::clone(&p.snapshot.levels));
        let levels = LevelBook::new(config.levels, memory);
        Self {
            config,
            common,
            links,
            clock,
            collecting: None,
            last,
            tick: 0,
            next_probe: MonoTime::default(),
            warmup,
            falls,
            levels,
        }
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        if self.collecting.is_some() {
            return;
        }
        let now = self.common.clocks.now();
        if now <= MarketTime::EPOCH {
            return;
        }
        if self.falls.take(&self.common.clocks).is_some() {
            self.clock.forget();
            self.links.barrier.forget();
        }
        if self.common.view.published().is_none() && !self.may_rank() {
            self.probe(now, ctx);
            return;
        }
        let barrier = &self.links.barrier;
        if let Some(due) = self.clock.due(now, |cut| barrier.outstanding(cut)) {
            self.links.publication.add_missed(due.missed);
            self.begin(due.as_of, now, true, ctx);
        }
    }

    /// Every pair of the first universe is ready or known not to be.
    fn may_rank(&mut self) -> bool {
        let (ended, _) = self.links.warmups.progress();
        let mono = self.common.clocks.mono_time();
        if ended != self.warmup.0 {
            self.warmup = (ended, mono);
        }
        self.links.warmups.done() || (ended > 0 && mono - self.warmup.1 >= STUCK_AFTER_MS)
    }

    fn probe(&mut self, now: MarketTime, ctx: &mut Context<Self>) {
        let mono = self.common.clocks.mono_time();
        if mono >= self.next_probe && !self.links.directory.all().is_empty() {
            self.next_probe = mono + PROBE_EVERY_MS;
            self.begin(now.floor(self.config.cycle.interval.ms()), now, false, ctx);
        }
    }

    fn begin(&mut self, as_of: MarketTime, now: MarketTime, publish: bool, ctx: &mut Context<Self>) {
        self.tick += 1;
        let tick = self.tick;
        let pairs = self.links.directory.all();
        let collection = Collection::new(tick, as_of, pairs.keys().cloned());
        // Before anybody is asked: a report that comes at once must find where it belongs, and the deadline also
        // bounds BTC's answer.
        self.collecting = Some(Collecting { collection, started: Instant::now(), publish });
        ctx.run_later(self.config.cycle.deadline, move |ranker, _| ranker.finish(tick));
        let Some(btc) = pairs.get(self.config.btc.as_str()).and_then(|pair| pair.place.addr()) else {
            self.tick_all(tick, as_of, now, BtcContext::unavailable());
            return;
        };
        let asked = tokio::time::timeout(BTC_WITHIN, btc.send(GetBtc { as_of, now }));
        let ticked = asked.into_actor(self).map(move |answer, ranker, _| {
            let btc = answer.ok().and_then(Result::ok).unwrap_or_else(BtcContext::unavailable);
            ranker.tick_all(tick, as_of, now, btc);
        });
        ctx.spawn(ticked);
    }

    fn tick_all(&mut self, tick: u64, as_of: MarketTime, now: MarketTime, btc: BtcContext) {
        let context = Arc::new(TickContext { tick, as_of, now, btc });
        let Some(collecting) = &mut self.collecting else { return };
        for (symbol, pair) in self.links.directory.all().iter() {
            if !pair.place.offer(Tick(Arc::clone(&context))) {
                collecting.collection.give_up(symbol);
            }
        }
        self.finish_if_complete();
    }

    fn finish_if_complete(&mut self) {
        if let Some(collecting) = &self.collecting
            && collecting.collection.owing() == 0
        {
            let tick = collecting.collection.tick;
            self.finish(tick);
        }
    }

    /// Publishes what came; called when all have reported or at the deadline, whichever is first.
    fn finish(&mut self, tick: u64) {
        let Some(collecting) = self.collecting.take_if(|c| c.collection.tick == tick) else { return };
        let Collecting { collection, started, publish } = collecting;
        self.common.drops.add_many("cycle_no_report", collection.owing() as u64);
        let as_of = collection.as_of;
        let last = Arc::clone(&self.last);
        let known = |symbol: &crate::domain::symbol::Symbol| {
            last.binary_search_by(|r| r.symbol.cmp(symbol)).ok().map(|at| last[at].readiness)
        };
        let reports = collection.finish(known);
        if !publish {
            self.last = Arc::new(reports);
            self.common.view.set_reports(Arc::clone(&self.last));
            return;
        }
        let cycle = self.links.publication.published() + 1;
        let mut snapshot = rank(cycle, as_of, reports, &self.config.filters);
        let basis = self.score(&mut snapshot);
        let followed = self.common.followed_levels.lock().take();
        if let Some(levels) = followed {
            self.levels.follow(&levels);
        }
        self.levels.set_rule(self.common.view.profile().levels);
        self.levels.apply(&mut snapshot, basis);
        snapshot.latency_ms = started.elapsed().as_secs_f64() * 1_000.0;
        self.last = Arc::clone(&snapshot.reports);
        let message = (self.links.encoder)(&snapshot, cycle);
        let latency_ms = started.elapsed().as_secs_f64() * 1_000.0;
        self.publish(Published { seq: cycle, snapshot: Arc::new(snapshot), message }, latency_ms);
    }

    /// The learned chance of every pair, where a model is in force; gives what levels go by.
    fn score(&self, snapshot: &mut Snapshot) -> LevelBasis {
        // A promotion waits for the end of the cycle: all rows of a snapshot are of one model.
        let mut scorer = self.common.model.lock();
        let Some(scorer) = scorer.as_mut() else {
            self.common.tell(ProblemSource::Chances, None);
            return LevelBasis::Rule;
        };
        scorer.score(snapshot, &self.config.filters);
        self.common.tell(ProblemSource::Chances, no_chance(snapshot));
        let shift = scorer.shift(snapshot.as_of);
        metrics::gauge!("impulso_model_shift_log_odds").set(shift.log_odds);
        metrics::gauge!("impulso_model_slope").set(shift.slope);
        metrics::gauge!("impulso_model_drift").set(f64::from(u8::from(shift.drift)));
        LevelBasis::Calibrated
    }

    fn publish(&self, published: Published, latency_ms: f64) {
        let snapshot = &published.snapshot;
        metrics::histogram!("impulso_cycle_latency_ms").record(latency_ms);
        metrics::counter!("impulso_cycles_published_total").increment(1);
        metrics::gauge!("impulso_coverage_ratio").set(snapshot.coverage.ratio());
        metrics::gauge!("impulso_universe_pairs").set(f64::from(snapshot.coverage.universe));
        metrics::gauge!("impulso_analyzable_pairs").set(f64::from(snapshot.coverage.analyzable));
        if published.seq == 1 {
            tracing::info!(
                pairs = snapshot.coverage.universe,
                analyzable = snapshot.coverage.analyzable,
                latency_ms = snapshot.latency_ms,
                "first ranking published"
            );
        }
        self.links.publication.publish(published);
    }
}

/// That pairs have no level since what the model says of them is no number.
fn no_chance(snapshot: &Snapshot) -> Option<SystemProblem> {
    let mut without = snapshot.without_chance();
    let example = without.next()?.symbol.to_string();
    Some(SystemProblem::NoChance { pairs: 1 + without.count(), example })
}

impl Actor for Ranker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(self.common.pace.every(LOOK), Self::look);
    }
}

impl Handler<Reported> for Ranker {
    type Result = ();

    fn handle(&mut self, message: Reported, _: &mut Self::Context) {
        let taken = self.collecting.as_mut().is_some_and(|c| c.collection.take(message.tick, message.report));
        if taken {
            self.finish_if_complete();
        } else {
            self.common.drops.add("late_report");
        }
    }
}

impl Handler<Stop> for Ranker {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
