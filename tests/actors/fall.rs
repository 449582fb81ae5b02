//! What was made of a market time that was an hour ahead is void once it comes down, and nothing is told twice.

use super::fake_exchange::{START, minute};
use super::faults::{history, start_compacting, start_in, start_with_history, until};
use impulso::actors::ports::history::{
    CandleRow, HistoryBatch, OutcomeRow, PredictionKind, PredictionRow, Span,
};
use impulso::actors::ports::state::{Mute, OperationalState};
use impulso::adapters::state::faulty::{Call, Fault};
use impulso::domain::alert::config::AlertPolicyConfig;
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::domain::report::Level;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::Interval;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

const HOUR: i64 = 3_600_000;

#[actix::test]
async fn what_was_made_of_a_wrong_market_time_is_void_and_nothing_is_told_twice() {
    tokio::time::pause();
    let folder = tempfile::tempdir().expect("a folder");
    let store = history(&folder);
    // The state is locked when the market time comes down.
    let mut failures = 0;
    let plan = move |call: Call| {
        let fails = ["predictions_opened", "rebase_mutes"].contains(&call.name) && failures < 4;
        failures += u32::from(fails);
        fails.then_some(Fault::Locked)
    };
    let run = start_with_history(plan, Some(store.clone()));
    let exchange = &run.fixture.exchange;
    for ahead in [&exchange.events_ahead_ms, &exchange.rest_ahead_ms] {
        ahead.store(HOUR, Ordering::Relaxed);
    }
    let first = run.fixture.full(90).await;
    assert!(first.as_of > START + HOUR - 60_000, "it was believed");
    tokio::time::sleep(Duration::from_secs(300)).await;
    let until_then = Some(first.as_of + 2 * HOUR);
    let mute = |symbol: &str, at| Mute {
        symbol: symbol.to_owned(),
        until: until_then,
        by: "api".to_owned(),
        created_at: MachineTime::from_ms(at),
    };
    run.real.mute(&mute("S001USDT", i64::MAX / 4)).expect("written");
    run.real.mute(&mute("S002USDT", 0)).expect("written");

    for ahead in [&exchange.events_ahead_ms, &exchange.rest_ahead_ms] {
        ahead.store(0, Ordering::Relaxed);
    }
    let down = run.fixture.snapshot_when("a cycle of the right time", 60, |s| s.as_of < first.as_of).await;
    tokio::time::sleep(Duration::from_secs(180)).await;
    let now = run.fixture.view.status().market_time;
    assert!(now < START + HOUR, "{now}");

    let open = run.real.predictions_opened(now, MarketTime::MAX, 1_000).expect("read");
    assert_eq!(open, [], "none waits for an hour that has not come");
    until(&*store, async || {
        let ahead = store.predictions(None, Span { from: now + 1, ..Span::ALL }).await.expect("read");
        let void = |o: &Option<OutcomeRow>| o.as_ref().is_some_and(|o| o.void.is_some());
        (!ahead.is_empty() && ahead.iter().all(|(_, o)| void(o))).then_some(())
    })
    .await;
    assert_eq!(store.scores(None, Span { from: now + 1, ..Span::ALL }).await.expect("read"), []);
    let right = store.scores(None, Span { from: down.as_of, to: now + 1 }).await.expect("read");
    assert!(!right.is_empty(), "those of the right time are kept");
    for pair in ["BTCUSDT", "S003USDT", "S011USDT"] {
        let candles = store.candles(&Symbol::new(pair), Interval::M1, Span::ALL).await.expect("read");
        assert!(candles.iter().all(|c| c.open_time + 60_000 <= now), "{pair}");
        assert!(candles.iter().all(|c| *c == minute(pair, c.open_time)), "{pair}");
    }
    let mutes = run.real.mutes(MarketTime::EPOCH).expect("read");
    let end = |symbol: &str| mutes.iter().find(|m| m.symbol == symbol).and_then(|m| m.until);
    assert_eq!(end("S002USDT"), until_then, "made before");
    let moved_ms = until_then.zip(end("S001USDT")).map(|(before, after)| before - after);
    assert!(moved_ms.is_some_and(|ms| (ms - HOUR).abs() < 60_000), "{moved_ms:?}");

    let fell_by_ms = moved_ms.unwrap_or_default();
    told_once(&*run.real, now, fell_by_ms);
    assert!(run.fixture.system.stop().await);
}

/// The scanner is stopped before market time comes down, and finds it right when it is started again.
#[actix::test]
async fn what_a_run_left_ahead_of_market_time_is_void_at_the_next_start() {
    tokio::time::pause();
    let folder = tempfile::tempdir().expect("a folder");
    let store = history(&folder);
    let run = start_with_history(|_| None, Some(store.clone()));
    for ahead in [&run.fixture.exchange.events_ahead_ms, &run.fixture.exchange.rest_ahead_ms] {
        ahead.store(HOUR, Ordering::Relaxed);
    }
    let first = run.fixture.full(90).await;
    assert!(first.as_of > START + HOUR - 60_000, "it was believed");
    tokio::time::sleep(Duration::from_secs(300)).await;
    let open = run.real.predictions_opened(first.as_of, MarketTime::MAX, 1_000).expect("read");
    assert!(!open.is_empty());
    assert!(run.fixture.system.stop().await);

    let run = start_in(run.fixture.folder, |_| None, Some(store.clone()), Duration::from_secs(86_400));
    run.fixture.full(90).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    // Far behind what the first run thought, and far ahead of where this one is.
    let now = START + HOUR / 2;
    assert!(run.fixture.view.status().market_time < now);
    assert_eq!(run.real.predictions_opened(now, MarketTime::MAX, 1_000).expect("read"), []);
    until(&*store, async || {
        let ahead = store.predictions(None, Span { from: now + 1, ..Span::ALL }).await.expect("read");
        let void = |o: &Option<OutcomeRow>| o.as_ref().is_some_and(|o| o.void.is_some());
        (ahead.len() >= open.len() && ahead.iter().all(|(_, o)| void(o))).then_some(())
    })
    .await;
    let scores = store.scores(None, Span { from: now + 1, ..Span::ALL }).await.expect("read");
    assert!(scores.is_empty(), "{} scores ahead", scores.len());
    let candles = store.candles(&Symbol::new("S003USDT"), Interval::M1, Span::ALL).await.expect("read");
    assert!(candles.iter().all(|c| *c == minute("S003USDT", c.open_time) && c.open_time + 60_000 <= now));
    let (wrong, right): (Vec<_>, Vec<_>) = run
        .real
        .alerts(None, MarketTime::MAX, 1_000)
        .expect("read")
        .into_iter()
        .partition(|a| a.alert.as_of > now);
    assert!(!wrong.is_empty());
    let told: Vec<_> = wrong.into_iter().map(|a| a.alert.symbol).collect();
    let again: Vec<_> = right.into_iter().map(|a| a.alert).filter(|a| told.contains(&a.symbol)).collect();
    assert!(again.iter().all(|a| a.escalated_from.is_some()), "they cool on: {again:?}");
    assert!(run.fixture.system.stop().await);
}

/// Streams and REST agree on it, so it is believed; the history is compacted meanwhile.
#[actix::test]
async fn a_market_time_that_is_years_ahead_removes_nothing() {
    tokio::time::pause();
    let folder = tempfile::tempdir().expect("a folder");
    let store = history(&folder);
    let (symbol, interval) = (Symbol::new("S003USDT"), Interval::M1);
    let old = minute("S003USDT", START - 10 * 24 * HOUR);
    let candles = vec![CandleRow { symbol: symbol.clone(), interval, candle: old }];
    store.write(HistoryBatch { candles, ..HistoryBatch::default() }).await.expect("written");
    let run = start_compacting(|_| None, Some(store.clone()), Duration::from_secs(60));
    for ahead in [&run.fixture.exchange.events_ahead_ms, &run.fixture.exchange.rest_ahead_ms] {
        ahead.store(2 * 365 * 24 * HOUR, Ordering::Relaxed);
    }
    let first = run.fixture.full(90).await;
    assert!(first.as_of > START + 365 * 24 * HOUR, "it was believed");
    tokio::time::sleep(Duration::from_secs(180)).await;
    for _ in 0..20 {
        // Each is done behind a step of the compaction, which is a job of the same thread, and lets the next one come.
        store.write(HistoryBatch::default()).await.expect("written");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let around = Span { from: old.open_time, to: old.open_time + 1 };
    assert_eq!(store.candles(&symbol, interval, around).await.expect("read"), [old]);
    assert!(run.fixture.system.stop().await);
}

/// A file of an earlier version is summed up before somebody asks for a year of it, not an hour later.
#[actix::test]
async fn what_is_too_old_leaves_the_ledger_minutes_after_the_start() {
    tokio::time::pause();
    let folder = tempfile::tempdir().expect("a folder");
    let store = history(&folder);
    let opened = PredictionRow {
        arm: String::new(),
        key: "sample-S003USDT-old".to_owned(),
        kind: PredictionKind::Sample,
        symbol: Symbol::new("S003USDT"),
        opened_at: START - 500 * 24 * HOUR,
        level: Level::Alta,
        ladder: LevelBasis::Rule,
        price: 1.0,
        total_score: 70.0,
        probability_7_5: 40.0,
        calibrated_7_5: None,
        profile: "default".to_owned(),
        model: String::new(),
        features: Vec::new(),
    };
    let judged = OutcomeRow {
        key: opened.key.clone(),
        symbol: opened.symbol.clone(),
        opened_at: opened.opened_at,
        resolved_at: opened.opened_at + 24 * HOUR,
        hit_4h: Some(false),
        hit_24h: Some(true),
        minutes_to_hit: Some(600),
        greatest_rise_pct: 8.0,
        deepest_fall_pct: -1.0,
        void: None,
    };
    let rows = HistoryBatch { predictions: vec![opened], outcomes: vec![judged], ..HistoryBatch::default() };
    store.write(rows).await.expect("written");
    let run = start_compacting(|_| None, Some(store.clone()), Duration::from_secs(86_400));
    run.fixture.full(90).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    until(&*store, async || (store.folded(Span::ALL).await.expect("read").len() == 1).then_some(())).await;
    assert!(run.fixture.system.stop().await);
}

/// What was told cools on from when it was told, whatever the time was then; an escalation alone passes.
fn told_once(state: &dyn OperationalState, now: MarketTime, fell_by_ms: i64) {
    let alerts = state.alerts(None, MarketTime::MAX, 1_000).expect("read");
    let (wrong, right): (Vec<_>, Vec<_>) = alerts.into_iter().map(|a| a.alert).partition(|a| a.as_of > now);
    let told: BTreeMap<_, MarketTime> = wrong.into_iter().rev().map(|a| (a.symbol, a.as_of)).collect();
    assert!(told.len() > 5, "{told:?}");
    let cooldown_ms = AlertPolicyConfig::default().cooldown.as_millis() as i64 - 60_000;
    for alert in right.iter().filter(|a| a.escalated_from.is_none()) {
        let before = told.get(&alert.symbol).map(|as_of| *as_of - fell_by_ms);
        assert!(
            before.is_none_or(|before| alert.as_of - before >= cooldown_ms),
            "{before:?}, then {alert:?}"
        );
    }
}
