//! What a state that fails costs: alerts wait for the disk, and none is lost or doubled.

use super::fake_exchange::START;
use super::system::{Fixture, config, names, start_on_state};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use impulso::actors::alert::MEMORY_KEY;
use impulso::actors::history::HistorySetup;
use impulso::actors::ports::alerts::{AlertChannel, ChannelSpec, DeliveryError, Parcel, Receipt};
use impulso::actors::ports::history::{HistoryBatch, HistoryStore, Retention, Span};
use impulso::actors::ports::state::OperationalState;
use impulso::actors::system::config::SystemConfig;
use impulso::adapters::history::sqlite::SqliteHistory;
use impulso::adapters::state::StateDb;
use impulso::adapters::state::faulty::{Call, Fault, FaultyState, random_plan};
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::level_rules::LevelRules;
use impulso::domain::moment::MarketTime;
use impulso::domain::prediction::{PredictionKind, PredictionRow};
use impulso::domain::report::Level;
use impulso::domain::score::level::LevelThresholds;
use impulso::domain::symbol::Symbol;
use impulso::i18n::Language;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A receiver that keeps the keys of what it got.
#[derive(Clone, Default)]
pub(super) struct Receiver(Arc<Mutex<Vec<String>>>);

impl AlertChannel for Receiver {
    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Result<Receipt, DeliveryError>> {
        self.0.lock().expect("no panic").push(parcel.key);
        async { Ok(Receipt::default()) }.boxed_local()
    }
}

impl Receiver {
    pub(super) fn got(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }

    pub(super) fn channel(&self) -> ChannelSpec {
        let receiver = self.clone();
        channel(move || Box::new(receiver.clone()))
    }
}

/// A channel that takes everything from ALTA on, by who is made.
pub(super) fn channel(make: impl Fn() -> Box<dyn AlertChannel> + Send + Sync + 'static) -> ChannelSpec {
    ChannelSpec {
        name: "receiver".to_owned(),
        language: Language::En,
        daily_cap: None,
        idempotent: true,
        resend_uncertain: true,
        charts: false,
        min_level: Level::Alta,
        make: Arc::new(make),
    }
}

/// Levels that nearly every pair reaches, so that alerts come by themselves.
pub(super) fn lively() -> SystemConfig {
    let mut config = config(30_000);
    let levels = LevelThresholds { fuerte: 4.0, alta: 3.0, media: 2.0, baja: 1.0 };
    let mut analysis = (*config.analysis).clone();
    Arc::make_mut(&mut analysis.profile).levels = levels;
    config.analysis = Arc::new(analysis);
    config.alert.levels.rule = levels;
    // Every value that crosses a line is a rise, again and again.
    config.ranker.levels = LevelRules {
        rule: levels,
        hysteresis: 0.0,
        confirm: Duration::ZERO,
        episode_timeout: Duration::from_secs(30),
        ..LevelRules::default()
    };
    config
}

/// What an earlier run kept: every pair was below all levels, so that the first cycle's are rises.
pub(super) fn all_low() -> String {
    let low = json!({ "level": "DESCARTADA", "within_limits": true });
    let pairs: serde_json::Map<String, Value> =
        names(20).into_iter().map(|name| (name, low.clone())).collect();
    let levels = json!({ "as_of": (START - 60_000).ms(), "basis": "rule", "pairs": pairs });
    json!({ "pairs": {}, "digest_slot": null, "levels": levels }).to_string()
}

pub(super) struct Run {
    pub(super) fixture: Fixture,
    pub(super) receiver: Receiver,
    /// What is on the disk.
    pub(super) real: Arc<dyn OperationalState>,
}

fn start(plan: impl FnMut(Call) -> Option<Fault> + Send + 'static) -> Run {
    start_with_history(plan, None)
}

pub(super) fn start_with_history(
    plan: impl FnMut(Call) -> Option<Fault> + Send + 'static,
    store: Option<Arc<dyn HistoryStore>>,
) -> Run {
    start_compacting(plan, store, Duration::from_secs(86_400))
}

pub(super) fn start_compacting(
    plan: impl FnMut(Call) -> Option<Fault> + Send + 'static,
    store: Option<Arc<dyn HistoryStore>>,
    compact_every: Duration,
) -> Run {
    start_in(tempfile::tempdir().expect("a folder"), plan, store, compact_every)
}

/// A life in a folder that an earlier one may have left.
pub(super) fn start_in(
    folder: tempfile::TempDir,
    plan: impl FnMut(Call) -> Option<Fault> + Send + 'static,
    store: Option<Arc<dyn HistoryStore>>,
    compact_every: Duration,
) -> Run {
    let real: Arc<dyn OperationalState> = Arc::new(StateDb::open(folder.path()).expect("a state"));
    if real.get(MEMORY_KEY).expect("read").is_none() {
        real.put(MEMORY_KEY, &all_low()).expect("written");
    }
    let history = store.map(|store| HistorySetup {
        shared: false,
        store,
        state: Arc::clone(&real),
        retention: Retention::default(),
        compact_every,
    });
    let state = Arc::new(FaultyState::new(Arc::clone(&real), |_| {}, plan));
    let receiver = Receiver::default();
    let fixture = start_on_state(20, lively(), folder, state, vec![receiver.channel()], history);
    Run { fixture, receiver, real }
}

impl Run {
    /// Alerts on the disk, each with one delivery that was sent, and nothing else received.
    async fn all_delivered(self) -> (BTreeSet<String>, MarketTime) {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let alerts = self.real.alerts(None, MarketTime::MAX, 10_000).expect("read");
        let [pending, sending, sent, uncertain, dead] = self.real.counts("receiver").expect("read");
        assert_eq!((pending, sending, uncertain, dead), (0, 0, 0, 0));
        let got = self.receiver.got();
        let different: BTreeSet<String> = got.iter().cloned().collect();
        assert_eq!((got.len(), different.len() as u64), (different.len(), sent), "none twice, none lost");
        let first = alerts.iter().map(|a| a.alert.as_of).min().expect("alerts");
        assert!(self.fixture.system.stop().await);
        (alerts.into_iter().map(|a| a.alert.id).collect(), first)
    }
}

#[actix::test]
async fn alerts_wait_for_a_locked_state_and_a_full_disk() {
    tokio::time::pause();
    let untroubled = {
        let run = start(|_| None);
        tokio::time::sleep(Duration::from_secs(400)).await;
        run.all_delivered().await
    };
    for fault in [Fault::Locked, Fault::DiskFull] {
        let failures = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&failures);
        let run = start(move |call| {
            let mut failures = counted.lock().expect("no panic");
            let fails = call.name == "enqueue" && *failures < 4;
            *failures += u32::from(fails);
            fails.then_some(fault)
        });
        tokio::time::sleep(Duration::from_secs(400)).await;
        assert_eq!(*failures.lock().expect("no panic"), 4);
        assert!(run.fixture.view.status().drops["outbox_write"] >= 4, "it is told");
        assert_eq!(run.all_delivered().await, untroubled, "{fault:?}");
    }
}

#[actix::test]
async fn what_was_written_although_it_seemed_not_is_sent_once() {
    tokio::time::pause();
    let mut torn = 0;
    let run = start(move |call| {
        let fails = call.name == "enqueue" && torn < 3;
        torn += u32::from(fails);
        fails.then_some(Fault::Torn)
    });
    tokio::time::sleep(Duration::from_secs(400)).await;
    let (alerts, _) = run.all_delivered().await;
    assert!(!alerts.is_empty());
}

#[actix::test]
async fn a_delivery_whose_turns_the_state_does_not_confirm_is_sent_once() {
    tokio::time::pause();
    for name in ["take_due", "settle"] {
        for fault in [Fault::Torn, Fault::Locked] {
            let mut failures = 0;
            let run = start(move |call| {
                let fails = call.name == name && failures < 3;
                failures += u32::from(fails);
                fails.then_some(fault)
            });
            tokio::time::sleep(Duration::from_secs(400)).await;
            let (alerts, _) = run.all_delivered().await;
            assert!(!alerts.is_empty(), "{name}, {fault:?}");
        }
    }
}

#[actix::test]
async fn cycles_go_on_over_a_state_that_fails_at_random() {
    tokio::time::pause();
    let run = start(random_plan(7, 0.2));
    tokio::time::sleep(Duration::from_secs(600)).await;
    let published = run.fixture.view.published().expect("a snapshot");
    assert!(published.snapshot.cycle >= 15, "{}", published.snapshot.cycle);
    assert_eq!(run.fixture.view.status().restarts, 0, "no actor dies of it");
    assert!(!run.receiver.got().is_empty());
    assert!(run.fixture.system.stop().await);
}

#[actix::test]
async fn a_crash_before_the_history_is_written_forgets_no_delivery() {
    tokio::time::pause();
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("history.db");
    let store: Arc<dyn HistoryStore> = Arc::new(SqliteHistory::open(&place).expect("a history"));
    let other = rusqlite::Connection::open(&place).expect("the same file");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let run = start_with_history(|_| None, Some(Arc::clone(&store)));
    tokio::time::sleep(Duration::from_secs(400)).await;
    let [.., sent, _, _] = run.real.counts("receiver").expect("read");
    assert!(sent > 0, "alerts were sent");
    assert_eq!(
        run.real.get("history_cursor").expect("read"),
        None,
        "what a crash now would lose is not put down"
    );
    other.execute_batch("COMMIT").expect("free again");
    let all = Span { from: MarketTime::MIN, to: MarketTime::MAX };
    let mut cursor = None;
    for _ in 0..60 {
        // Jobs of the store are done in order: this one ends behind what the scanner has given it, in real time.
        store.write(HistoryBatch::default()).await.expect("written");
        tokio::time::sleep(Duration::from_secs(1)).await;
        cursor = run.real.get("history_cursor").expect("read");
        if cursor.is_some() {
            break;
        }
    }
    assert!(cursor.is_some(), "the store takes rows again");
    assert!(!store.deliveries(all).await.expect("read").is_empty());
    assert!(run.fixture.system.stop().await);
}

pub(super) fn history(folder: &tempfile::TempDir) -> Arc<dyn HistoryStore> {
    Arc::new(SqliteHistory::open(&folder.path().join("history.db")).expect("a history"))
}

/// Real time and virtual time go on until the store has what is asked for.
pub(super) async fn until<T>(store: &dyn HistoryStore, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..100 {
        // Jobs of the store are done in order: this one ends behind what the scanner has given it.
        store.write(HistoryBatch::default()).await.expect("written");
        tokio::time::sleep(Duration::from_secs(1)).await;
        if let Some(found) = found().await {
            return found;
        }
    }
    panic!("the store never got it")
}

#[actix::test]
async fn predictions_wait_for_a_locked_state_and_a_full_disk_and_reach_the_history() {
    tokio::time::pause();
    let mut untroubled = BTreeSet::new();
    for fault in [None, Some(Fault::Locked), Some(Fault::DiskFull), Some(Fault::Torn)] {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, mut failures) = (history(&folder), 0);
        let plan = move |call: Call| {
            let fails = call.name == "open_predictions" && failures < 4;
            failures += u32::from(fails);
            fault.filter(|_| fails)
        };
        let run = start_with_history(plan, Some(Arc::clone(&store)));
        tokio::time::sleep(Duration::from_secs(400)).await;
        let open = run.real.due_predictions(MarketTime::MAX, MarketTime::MAX, 10_000).expect("read");
        let open: BTreeSet<String> = open.into_iter().map(|p| p.key).collect();
        let told = run.fixture.view.status().drops.get("ledger_write").copied();
        assert_eq!(told, fault.map(|_| 4), "{fault:?}: it is told");
        if fault.is_none() {
            assert!(open.iter().any(|key| key.starts_with("sample-")), "{open:?}");
            assert!(open.iter().any(|key| key.starts_with("alert-")), "{open:?}");
            untroubled.clone_from(&open);
        }
        assert_eq!(open, untroubled, "{fault:?}");
        until(&*store, async || {
            let rows = store.predictions(None, Span::ALL).await.expect("read");
            let keys: BTreeSet<String> = rows.into_iter().map(|(p, _)| p.key).collect();
            open.is_subset(&keys).then_some(())
        })
        .await;
        assert!(run.fixture.system.stop().await);
    }
}

#[actix::test]
async fn an_outcome_counts_once_it_is_on_the_disk_and_waits_there_for_the_history() {
    tokio::time::pause();
    let folder = tempfile::tempdir().expect("a folder");
    let (store, mut failures) = (history(&folder), 0);
    let other = rusqlite::Connection::open(folder.path().join("history.db")).expect("the same file");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let run = start_with_history(
        move |call| {
            let fails = call.name == "judged_predictions" && failures < 3;
            failures += u32::from(fails);
            fails.then_some(Fault::Locked)
        },
        Some(Arc::clone(&store)),
    );
    let now = run.fixture.snapshot_when("a first ranking", 400, |_| true).await.as_of;
    let prediction = PredictionRow {
        key: "sample-S000USDT".to_owned(),
        arm: String::new(),
        kind: PredictionKind::Sample,
        symbol: Symbol::new("S000USDT"),
        opened_at: now.floor(60_000) - 5 * 3_600_000,
        level: Level::Baja,
        ladder: LevelBasis::Rule,
        price: 1.0,
        total_score: 0.0,
        probability_7_5: 1.0,
        calibrated_7_5: None,
        profile: String::new(),
        model: String::new(),
        features: vec![f32::NAN],
    };
    run.real.open_predictions(&[prediction]).expect("written");
    tokio::time::sleep(Duration::from_secs(60)).await;
    let owed = run.real.owed_to_history(1_000).expect("read");
    assert_eq!(owed.outcomes.iter().filter(|o| o.key == "sample-S000USDT").count(), 1, "{:?}", owed.outcomes);
    assert_eq!(run.fixture.view.status().drops["ledger_write"], 3);
    other.execute_batch("COMMIT").expect("free again");
    until(&*store, async || {
        let rows = store.predictions(Some(PredictionKind::Sample), Span::ALL).await.expect("read");
        rows.into_iter().find(|(p, o)| p.key == "sample-S000USDT" && o.is_some())
    })
    .await;
    until(&*store, async || {
        let owed = run.real.owed_to_history(1_000).expect("read");
        owed.outcomes.is_empty().then_some(())
    })
    .await;
    assert!(run.fixture.system.stop().await);
}
