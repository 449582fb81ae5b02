//! The REST queue: the exchange's list of pairs, warm-ups, holes and silent pairs, all under one weight budget.
//!
//! What goes next is `exchange::backfill`, whether it may go `exchange::weight`; this actor keeps requests under way,
//! obeys Retry-After for the whole process, and keeps the embargo where it survives a restart.

mod run;
mod universe;

use crate::actors::common::Common;
use crate::actors::directory::Directory;
use crate::actors::history::warm_start::{StoredCandles, WarmStart};
use crate::actors::mailbox::Outlet;
use crate::actors::messages::{Ask, AskPast, PastCandles, RestReport, Stop};
use crate::actors::ports::state::OperationalState;
use crate::actors::ports::{MarketRest, RestFactory, RestFailure};
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::seldom::Seldom;
use crate::actors::view::WeightStatus;
use crate::actors::warmups::Warmups;
use crate::domain::analysis::Wanted;
use crate::domain::candle::Candle;
use crate::domain::moment::{MachineTime, MonoTime};
use crate::domain::symbol::Symbol;
use crate::domain::universe::PairInfo;
use crate::exchange::backfill::failing::{Asked, Failing};
use crate::exchange::backfill::{HistoryPlan, JobId, Key, Planner, PlannerRules, Pushed, Task};
use crate::exchange::rest::error::Action;
use crate::exchange::rest::request::KlinesRequest;
use crate::exchange::weight::{Embargo, INITIAL_LIMIT, WeightLedger};
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, Message};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Where the embargo is kept.
const EMBARGO_KEY: &str = "weight_embargo";
/// How often waiting work is looked at, machine time: back-offs and the weight of a new minute end at any moment, and a warm-up of
/// hundreds of tasks waits for each.
const LOOK: Duration = Duration::from_millis(100);

/// One waiting question a pair is all there can be: pairs do not repeat one before seconds have passed.
pub(crate) const MAILBOX: usize = 8_192;

/// Settings of the REST queue.
#[derive(Debug, Clone)]
pub struct BackfillConfig {
    /// How much history a pair needs.
    pub plan: HistoryPlan,
    /// Bounds of the queue.
    pub rules: PlannerRules,
    /// Share of the weight limit that is used, 0-1.
    pub weight_share: f64,
    /// For messages: where the exchange is.
    pub rest_url: String,
}

/// The exchange's list of pairs was read.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct UniverseRead {
    /// Every pair of the exchange.
    pub pairs: Vec<PairInfo>,
}

/// Read the exchange's list of pairs again.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(crate) struct RefreshUniverse;

/// The pair left the universe.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct PairRetired(pub(crate) Symbol);

/// What the queue keeps, and to whom it tells what.
#[derive(Clone)]
pub(crate) struct BackfillLinks {
    pub(crate) state: Arc<dyn OperationalState>,
    /// Candles that an earlier run left.
    pub(crate) kept: Arc<WarmStart>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) warmups: Arc<Warmups>,
    /// The supervisor, which keeps the universe.
    pub(crate) universe: Outlet<UniverseRead>,
    /// The supervisor, which tells the status.
    pub(crate) report: Outlet<RestReport>,
    /// Who asks for candles of an outage; `None` where nobody does.
    pub(crate) past: Option<Outlet<PastCandles>>,
}

/// A task under way: its requests one after the other.
struct Running {
    task: Task,
    requests: VecDeque<KlinesRequest>,
    /// Candles of an earlier run that the answers continue.
    kept: Option<StoredCandles>,
    answers: Vec<Vec<Candle>>,
    waiting_for_answer: bool,
    /// When its requests were made out.
    prepared: MonoTime,
}

pub(crate) struct Backfill {
    config: BackfillConfig,
    rest: Rc<dyn MarketRest>,
    common: Common,
    links: BackfillLinks,
    planner: Planner,
    ledger: WeightLedger,
    running: BTreeMap<JobId, Running>,
    /// Tasks with a failed request, each until its next try: the answers that are in are kept.
    interrupted: BTreeMap<Key, Running>,
    reading_universe: bool,
    checking_time: bool,
    failing: Failing,
    said: Seldom,
}

impl Backfill {
    /// A queue that reads the list of pairs as soon as it runs. Called on the thread it will run on.
    pub(crate) fn new(
        config: BackfillConfig,
        rest: &RestFactory,
        common: Common,
        links: BackfillLinks,
    ) -> Self {
        let mut ledger = WeightLedger::new(INITIAL_LIMIT, config.weight_share);
        if let Some(embargo) = kept_embargo(&*links.state) {
            let until = embargo.until.ms();
            ledger.restore(&embargo, common.clocks.machine_time());
            tracing::warn!(until, "an embargo of the exchange from before the restart is obeyed");
        }
        Self {
            planner: Planner::new(config.rules),
            config,
            rest: rest(),
            common,
            links,
            ledger,
            running: BTreeMap::new(),
            interrupted: BTreeMap::new(),
            reading_universe: false,
            checking_time: false,
            failing: Failing::default(),
            said: Seldom::default(),
        }
    }

    fn push(&mut self, task: Task) {
        if self.planner.push(task, self.common.clocks.mono_time()) == Pushed::Refused {
            self.common.drops.add("backfill_queue");
        }
    }

    fn random(&self) -> u64 {
        (self.common.random)()
    }

    fn machine_now(&self) -> MachineTime {
        self.common.clocks.machine_time()
    }

    /// What a failure means for everybody: an embargo is kept.
    fn note_failure(&mut self, failure: &RestFailure) -> Action {
        let action = failure.error.what_to_do();
        metrics::counter!("impulso_rest_failures_total", "kind" => failure.error.kind()).increment(1);
        if let Action::RetryAfter(ms) = action {
            let reason = failure.error.to_string();
            self.ledger.embargo(self.machine_now() + ms, failure.error.is_ban());
            tracing::warn!(
                wait_ms = ms,
                reason,
                "the exchange asks for a pause: no REST request before its end"
            );
            self.keep_embargo();
        }
        action
    }

    /// A failure that concerns all pairs.
    fn fails(&mut self, asked: Asked, failure: &RestFailure) {
        self.failing.failed(asked, failure.error.reason(), self.common.clocks.mono_time());
        self.tell_problems();
    }

    fn tell_problems(&mut self) {
        if self.planner.load() == (0, 0) {
            // Nothing is missing any more, so nothing fails.
            self.failing.succeeded(Asked::Candles);
        }
        // Once there are rankings, streams carry them on over a failure.
        let at_once = self.common.view.published().is_none();
        let error = self.failing.error(at_once, self.common.clocks.mono_time());
        let embargo = self.ledger.status(self.machine_now()).embargo;
        // The exchange does answer, with a limit: that is told, and once.
        let failing = error
            .filter(|_| embargo.is_none())
            .map(|error| SystemProblem::Exchange { url: self.config.rest_url.clone(), error: error.clone() });
        self.common.tell(ProblemSource::Rest, failing);
        let url = self.config.rest_url.clone();
        let limited = embargo.map(|e| SystemProblem::Limited { url, until: e.until, banned: e.banned });
        self.common.tell(ProblemSource::RestLimit, limited);
    }

    fn keep_embargo(&mut self) {
        let now = self.machine_now();
        let Some(embargo) = self.ledger.status(now).embargo else { return };
        let kept = serde_json::to_string(&embargo)
            .map_err(std::io::Error::other)
            .and_then(|text| self.links.state.put(EMBARGO_KEY, &text));
        if let Err(error) = kept {
            self.common.drops.add("state_write");
            tracing::error!(%error, "the embargo could not be written: a restart would forget it");
        }
    }

    fn report(&mut self) {
        let now = self.machine_now();
        let budget = self.ledger.status(now);
        let (waiting, under_way) = self.planner.load();
        metrics::gauge!("impulso_rest_queue").set((waiting + under_way) as f64);
        let weight = WeightStatus {
            used: budget.used,
            limit: budget.limit,
            embargo_until: budget.embargo.map(|e| e.until),
            queued: u32::try_from(waiting + under_way).unwrap_or(u32::MAX),
        };
        self.links.report.send(RestReport { weight });
        self.tell_problems();
    }
}

fn kept_embargo(state: &dyn OperationalState) -> Option<Embargo> {
    let text = match state.get(EMBARGO_KEY) {
        Ok(text) => text?,
        Err(error) => {
            tracing::error!(%error, "the stored embargo cannot be read; it is ignored");
            return None;
        }
    };
    serde_json::from_str(&text)
        .inspect_err(|error| tracing::error!(%error, "the stored embargo cannot be parsed; it is ignored"))
        .ok()
}

impl Actor for Backfill {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.push(Task::Universe);
        ctx.run_interval(self.common.pace.every(LOOK), Self::pump);
        ctx.run_interval(Duration::from_secs(1), |queue, ctx| {
            queue.check_time(ctx);
            queue.report();
        });
    }
}

impl Handler<Ask> for Backfill {
    type Result = ();

    fn handle(&mut self, ask: Ask, ctx: &mut Self::Context) {
        let symbol = ask.symbol;
        let task = match ask.wanted {
            Wanted::Warmup => Task::Warmup { symbol },
            Wanted::Range { from, to } => Task::Gap { symbol, from, to },
            Wanted::Hours => Task::Hours { symbol },
            Wanted::Tail { from } => Task::Idle { symbol, from },
        };
        // A pair asks again if nothing comes; what is on its way must not be fetched twice.
        if !self.running.values().any(|running| running.task == task) {
            self.push(task);
        }
        self.pump(ctx);
    }
}

impl Handler<AskPast> for Backfill {
    type Result = ();

    fn handle(&mut self, ask: AskPast, ctx: &mut Self::Context) {
        let AskPast { symbol, from, to } = ask;
        self.push(Task::Past { symbol, from, to });
        self.pump(ctx);
    }
}

impl Handler<RefreshUniverse> for Backfill {
    type Result = ();

    fn handle(&mut self, _: RefreshUniverse, ctx: &mut Self::Context) {
        self.push(Task::Universe);
        self.pump(ctx);
    }
}

impl Handler<PairRetired> for Backfill {
    type Result = ();

    fn handle(&mut self, PairRetired(symbol): PairRetired, _: &mut Self::Context) {
        self.planner.remove(&symbol);
        self.interrupted.retain(|(pair, _), _| pair.as_ref() != Some(&symbol));
    }
}

impl Handler<Stop> for Backfill {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
