//! The experiment as an actor under virtual time: shadows go to the ledger, the rule promotes what is better, what was before comes
//! back when that no longer holds, orders are carried out, and the book tells it all.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fake_exchange::VirtualClock;
use crate::support::arms_market::{HOURS_A_DAY, Market, config, sharp};
use actix::{Actor, Addr, Context, Handler};
use impulso::actors::common::Common;
use impulso::actors::experiment::{ExperimentActor, ExperimentSetup};
use impulso::actors::mailbox::Place;
use impulso::actors::messages::{Resolved, ShadowPredictions};
use impulso::actors::ports::experiment::{ArmDepot, ExperimentCommand, ExperimentReport, PutInForceError};
use impulso::actors::ports::history::{HistoryStore, OutcomeRow, PredictionRow};
use impulso::actors::ports::state::OperationalState;
use impulso::actors::publication::queue::CycleQueue;
use impulso::adapters::history::sqlite::SqliteHistory;
use impulso::adapters::state::StateDb;
use impulso::domain::level_book::LevelBook;
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::domain::ranking::{RankingFilters, Snapshot, rank};
use impulso::domain::score::profile::Profile;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::HOUR_MS;
use impulso::learning::arms::verdict::Rule;
use impulso::learning::arms::{Arm, ArmSpec, PREVIOUS_ARM, rescored};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const RULE: Rule = Rule { min_days: 8, min_resolved: 1_000, min_fuerte: 30, tolerance: 0.05 };

/// Stands for tracker and supervisor.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<Vec<PredictionRow>>>);

impl Actor for Ledger {
    type Context = Context<Self>;
}

impl Handler<ShadowPredictions> for Ledger {
    type Result = ();

    fn handle(&mut self, rows: ShadowPredictions, _: &mut Self::Context) {
        self.0.lock().unwrap().extend(rows.0);
    }
}

/// One arm of its own, and what was in force before.
#[derive(Default)]
struct Shelf {
    previous: Mutex<Option<ArmSpec>>,
    full: Mutex<bool>,
}

impl ArmDepot for Shelf {
    fn changed(&self) -> bool {
        true
    }

    fn arms(&self, _: &ArmSpec) -> Vec<ArmSpec> {
        let own = ArmSpec { name: "uno".to_owned(), profile: Some(Arc::new(sharp())), model: None };
        std::iter::once(own).chain(self.previous.lock().unwrap().clone()).collect()
    }

    fn put_in_force(&self, _: &ArmSpec, before: &ArmSpec) -> Result<(), PutInForceError> {
        if *self.full.lock().unwrap() {
            return Err(PutInForceError::Files("the disk is full".to_owned()));
        }
        *self.previous.lock().unwrap() = Some(before.clone());
        Ok(())
    }
}

struct Stage {
    experiment: Addr<ExperimentActor>,
    common: Common,
    cycles: Arc<CycleQueue>,
    state: Arc<StateDb>,
    shelf: Arc<Shelf>,
    ledger: Ledger,
    follow: Arm,
    levels: LevelBook,
    market: Market,
    due: BTreeMap<i64, Vec<OutcomeRow>>,
    hour: i64,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new(automatic: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = Arc::new(StateDb::open(folder.path()).unwrap());
        let store: Arc<dyn HistoryStore> =
            Arc::new(SqliteHistory::open(&folder.path().join("history.db")).unwrap());
        let (shelf, ledger) = (Arc::new(Shelf::default()), Ledger::default());
        let common = Common::new(Arc::new(VirtualClock::start()), Arc::new(|| 0), 1.0, None);
        let cycles = CycleQueue::new("experiment", folder.path(), Arc::clone(&common.drops));
        let in_force =
            ArmSpec { name: String::new(), profile: Some(Arc::new(Profile::default())), model: None };
        let setup = ExperimentSetup {
            config: config(),
            in_force: in_force.clone(),
            depot: Arc::clone(&shelf) as _,
            state: Arc::clone(&state) as _,
            store,
            rule: RULE,
            rollback_min_days: 5,
            automatic,
        };
        let tracker = Place::new("tracker", Arc::clone(&common.drops));
        tracker.fill(ledger.clone().start());
        let experiment =
            ExperimentActor::new(setup, common.clone(), Arc::clone(&cycles), tracker.outlet()).start();
        let (follow, market) = (Arm::new(in_force, config()), Market::new());
        let due = BTreeMap::new();
        Self {
            experiment,
            common,
            cycles,
            state,
            shelf,
            ledger,
            follow,
            levels: LevelBook::empty(config().levels),
            market,
            due,
            hour: 0,
            _folder: folder,
        }
    }

    fn scored(&mut self) -> Snapshot {
        let base = self.market.snapshot(MarketTime::from_index(self.hour, HOUR_MS));
        let profile = self.common.view.profile();
        let reports = base.reports.iter().map(|r| rescored(r, &profile)).collect();
        let mut snapshot = rank(base.cycle, base.as_of, reports, &RankingFilters::default());
        self.levels.set_rule(profile.levels);
        self.levels.apply(&mut snapshot, LevelBasis::Rule);
        snapshot
    }

    /// Hours of market; with `upside_down` the pairs that only look slow are those that rise.
    async fn hours(&mut self, count: i64, upside_down: bool) {
        for _ in 0..count {
            let snapshot = self.scored();
            let as_of = snapshot.as_of;
            self.common.clocks.observe(as_of.max(MarketTime::from_ms(1)));
            let own = self.follow.take(&snapshot);
            self.cycles.push(Arc::new(snapshot));
            // It answers when it has read what earlier runs have left; the cycle is its next.
            self.experiment.send(Resolved(Arc::default())).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
            let shadows = std::mem::take(&mut *self.ledger.0.lock().unwrap());
            let live = own.iter().map(|o| o.prediction("", ("", "")));
            let all: Vec<(String, Symbol, MarketTime)> =
                live.chain(shadows).map(|p| (p.key, p.symbol, p.opened_at)).collect();
            for (key, symbol, at) in all {
                let fast = self.market.hits(symbol.as_str(), self.hour);
                let slow = Market::tempts(symbol.as_str(), self.hour);
                let row = outcome(key, symbol, at, if upside_down { slow } else { fast });
                self.due.entry(self.hour + HOURS_A_DAY).or_default().push(row);
            }
            if let Some(rows) = self.due.remove(&self.hour) {
                self.experiment.send(Resolved(Arc::new(rows))).await.unwrap();
            }
            self.hour += 1;
        }
        tokio::time::sleep(Duration::from_secs(21)).await;
    }

    fn book(&self) -> Vec<(String, String)> {
        self.state.entries(50).unwrap().into_iter().rev().map(|e| (e.what, e.arm)).collect()
    }

    fn report(&self) -> ExperimentReport {
        serde_json::from_str(&self.state.report().unwrap().unwrap()).unwrap()
    }
}

fn outcome(key: String, symbol: Symbol, opened_at: MarketTime, hit: bool) -> OutcomeRow {
    OutcomeRow {
        key,
        symbol,
        opened_at,
        resolved_at: opened_at + HOURS_A_DAY * HOUR_MS,
        hit_4h: Some(false),
        hit_24h: Some(hit),
        minutes_to_hit: hit.then_some(300),
        greatest_rise_pct: 1.0,
        deepest_fall_pct: -1.0,
        void: None,
    }
}

fn done(what: &str, arm: &str) -> (String, String) {
    (what.to_owned(), arm.to_owned())
}

#[actix::test]
async fn what_is_better_takes_over_and_goes_when_it_no_longer_is() {
    tokio::time::pause();
    let mut stage = Stage::new(true);
    stage.hours(5 * HOURS_A_DAY, false).await;
    assert_eq!(*stage.common.view.profile(), Profile::default(), "five days are too few");
    let report = stage.report();
    assert_eq!(report.arms.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["", "uno"]);
    stage.hours(6 * HOURS_A_DAY, false).await;
    assert_eq!(*stage.common.view.profile(), sharp(), "{:?}", stage.report());
    assert_eq!(stage.book()[0], done("started", "uno"));
    assert!(stage.book().contains(&done("promoted", "uno")));
    let why = &stage.state.entries(50).unwrap().into_iter().find(|e| e.what == "promoted").unwrap();
    assert!(why.by == "rule" && why.detail.contains("FUERTE") && why.detail.contains("p-"), "{why:?}");

    stage.hours(9 * HOURS_A_DAY, true).await;
    assert!(stage.book().contains(&done("rolled_back", PREVIOUS_ARM)), "{:?}", stage.report());
    assert_eq!(*stage.common.view.profile(), Profile::default());
}

#[actix::test]
async fn nothing_changes_without_an_order_and_orders_are_carried_out_or_refused() {
    tokio::time::pause();
    let mut stage = Stage::new(false);
    stage.hours(12 * HOURS_A_DAY, false).await;
    assert_eq!(*stage.common.view.profile(), Profile::default());
    stage.state.order(&ExperimentCommand::Rollback, "api", MachineTime::from_ms(1)).unwrap();
    stage
        .state
        .order(&ExperimentCommand::Promote { arm: "dos".to_owned() }, "api", MachineTime::from_ms(1))
        .unwrap();
    *stage.shelf.full.lock().unwrap() = true;
    stage
        .state
        .order(&ExperimentCommand::Promote { arm: "uno".to_owned() }, "api", MachineTime::from_ms(1))
        .unwrap();
    stage.hours(1, false).await;
    assert_eq!(*stage.common.view.profile(), Profile::default());
    let refused = [done("refused", PREVIOUS_ARM), done("refused", "dos"), done("failed", "uno")];
    assert_eq!(stage.book()[stage.book().len() - 3..], refused);
    *stage.shelf.full.lock().unwrap() = false;
    stage
        .state
        .order(&ExperimentCommand::Promote { arm: "uno".to_owned() }, "command line", MachineTime::from_ms(1))
        .unwrap();
    stage.hours(1, false).await;
    assert_eq!(*stage.common.view.profile(), sharp());
    stage.state.order(&ExperimentCommand::Rollback, "command line", MachineTime::from_ms(1)).unwrap();
    stage.hours(1, false).await;
    assert_eq!(*stage.common.view.profile(), Profile::default());
    assert!(stage.book().contains(&done("rolled_back", PREVIOUS_ARM)));
}

#[actix::test]
async fn predictions_that_were_opened_are_reported_within_a_minute() {
    tokio::time::pause();
    let mut stage = Stage::new(false);
    stage.hours(2, false).await;
    let open = |stage: &Stage| stage.report().arms.iter().map(|arm| arm.open).sum::<usize>();
    let before = open(&stage);
    let snapshot = stage.scored();
    stage.common.clocks.observe(snapshot.as_of);
    stage.cycles.push(Arc::new(snapshot));
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(open(&stage), before, "not at each look");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(open(&stage) > before, "{before} still");
}
