//! What the system does when the exchange falls silent, and when its clock is wrong.

use super::fake_exchange::{START, minute};
use super::system::{Fixture, config, start};
use impulso::actors::problems::SystemProblem;
use impulso::actors::view::{FeedState, SymbolQueries as _};
use impulso::domain::time::Interval;
use std::sync::atomic::Ordering;
use std::time::Duration;

async fn seconds(count: u64) {
    tokio::time::sleep(Duration::from_secs(count)).await;
}

/// For so many seconds market time is not ahead of the exchange's true time.
async fn never_ahead(fixture: &Fixture, for_seconds: u64) {
    for _ in 0..for_seconds * 5 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let ahead_ms = fixture.view.status().market_time - fixture.exchange.now();
        assert!(ahead_ms <= 0, "market time is {ahead_ms} ms ahead of the exchange");
    }
}

async fn all_true(fixture: &Fixture) {
    for symbol in ["BTCUSDT", "S001USDT", "S007USDT", "S013USDT", "S017USDT"] {
        fixture.window_is_true(symbol).await;
    }
}

/// Connections stay open and say nothing for 160 s; the list of pairs is read meanwhile.
#[actix::test]
async fn a_silence_is_not_counted_twice_and_leaves_no_half_candle() {
    let fixture = start(20, config(5_000));
    fixture.full(60).await;
    fixture.exchange.stalled.store(true, Ordering::Relaxed);
    never_ahead(&fixture, 160).await;
    assert_eq!(fixture.view.status().feed, FeedState::Frozen);
    fixture.exchange.stalled.store(false, Ordering::Relaxed);
    let before = fixture.view.published().expect("published").seq;
    never_ahead(&fixture, 30).await;
    let cycles = fixture.view.published().expect("published").seq - before;
    assert!(cycles >= 4, "{cycles} cycles in the 30 s after the streams were back");
    seconds(90).await;
    fixture.full(60).await;
    all_true(&fixture).await;
    assert!(fixture.system.stop().await);
}

/// Half an hour of silence in which every pair leaves TRADING (REST answers all along).
#[actix::test]
async fn after_maintenance_of_the_exchange_pairs_and_cycles_are_back_within_a_minute() {
    let mut config = config(5_000);
    config.universe_refresh = Duration::from_secs(600);
    let fixture = start(20, config);
    fixture.full(60).await;
    fixture.exchange.stalled.store(true, Ordering::Relaxed);
    let pairs = fixture.exchange.pairs.lock().expect("no panic").clone();
    *fixture.exchange.halted.lock().expect("no panic") = pairs;
    never_ahead(&fixture, 1_440).await;
    fixture.exchange.halted.lock().expect("no panic").clear();
    fixture.exchange.stalled.store(false, Ordering::Relaxed);
    fixture.full(60).await;
    seconds(70).await;
    all_true(&fixture).await;
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn events_of_the_future_blind_nobody_for_longer_than_they_come() {
    let fixture = start(20, config(5_000));
    fixture.full(60).await;
    fixture.exchange.events_ahead_ms.store(280_000, Ordering::Relaxed);
    never_ahead(&fixture, 2).await;
    fixture.exchange.events_ahead_ms.store(0, Ordering::Relaxed);
    let before = fixture.view.published().expect("published").seq;
    never_ahead(&fixture, 30).await;
    assert!(fixture.view.published().expect("published").seq >= before + 4);
    seconds(90).await;
    fixture.full(60).await;
    all_true(&fixture).await;
    assert!(fixture.system.stop().await);
}

/// Streams and REST alike, as if the exchange's own clock were wrong.
#[actix::test]
async fn an_exchange_an_hour_ahead_for_seconds_is_not_followed() {
    let fixture = start(20, config(5_000));
    fixture.full(60).await;
    let opened = fixture.exchange.connections.load(Ordering::Relaxed);
    let hour = 3_600_000;
    fixture.exchange.events_ahead_ms.store(hour, Ordering::Relaxed);
    fixture.exchange.rest_ahead_ms.store(hour, Ordering::Relaxed);
    never_ahead(&fixture, 8).await;
    fixture.exchange.events_ahead_ms.store(0, Ordering::Relaxed);
    fixture.exchange.rest_ahead_ms.store(0, Ordering::Relaxed);
    never_ahead(&fixture, 110).await;
    fixture.full(60).await;
    all_true(&fixture).await;
    let opened = fixture.exchange.connections.load(Ordering::Relaxed) - opened;
    assert!(opened <= 4, "{opened} new connections");
    assert!(fixture.system.stop().await);
}

/// The scanner started while the exchange was an hour ahead: there was nothing to doubt it by.
#[actix::test]
async fn a_time_that_was_wrong_comes_down_and_all_is_read_anew() {
    let fixture = start(20, config(5_000));
    let hour = 3_600_000;
    fixture.exchange.events_ahead_ms.store(hour, Ordering::Relaxed);
    fixture.exchange.rest_ahead_ms.store(hour, Ordering::Relaxed);
    let first = fixture.full(60).await;
    assert!(first.as_of > START + hour - 60_000, "it was believed");
    fixture.exchange.events_ahead_ms.store(0, Ordering::Relaxed);
    fixture.exchange.rest_ahead_ms.store(0, Ordering::Relaxed);
    let down = fixture.snapshot_when("a cycle of the right time", 30, |s| s.as_of < START + hour).await;
    assert!(down.cycle > first.cycle, "cycles are counted on");
    seconds(80).await;
    never_ahead(&fixture, 10).await;
    fixture.full(60).await;
    all_true(&fixture).await;
    assert!(fixture.system.stop().await);
}

/// A connection that is failing brings the last candles with half of their volume; they are committed before it falls silent.
#[actix::test]
async fn candles_that_were_wrong_before_an_outage_are_mended_after_it() {
    let fixture = start(20, config(5_000));
    fixture.full(60).await;
    fixture.exchange.half_closed.store(true, Ordering::Relaxed);
    seconds(300).await;
    fixture.exchange.half_closed.store(false, Ordering::Relaxed);
    let candles = fixture.directory.candles("S001USDT", Interval::M1, 10).await.expect("the pair answers");
    assert!(candles.iter().any(|c| c.closed && *c != minute("S001USDT", c.open_time)), "they are wrong now");
    fixture.exchange.stalled.store(true, Ordering::Relaxed);
    seconds(40).await;
    fixture.exchange.stalled.store(false, Ordering::Relaxed);
    seconds(100).await;
    fixture.full(60).await;
    all_true(&fixture).await;
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn a_pair_that_is_halted_is_asked_about_every_minute() {
    let mut config = config(5_000);
    config.universe_refresh = Duration::from_secs(600);
    let fixture = start(20, config);
    fixture.full(60).await;
    fixture.exchange.halted.lock().expect("no panic").insert("S003USDT".to_owned());
    fixture.snapshot_when("the halt", 660, |s| s.coverage.analyzable < s.coverage.universe).await;
    seconds(120).await;
    fixture.exchange.halted.lock().expect("no panic").clear();
    // A minute, and a warm-up.
    fixture.full(75).await;
    assert!(fixture.system.stop().await);
}

/// The exchange, not the machine, says what time it is; that the two are apart is told all the same.
#[actix::test]
async fn a_machine_clock_that_is_a_minute_wrong_is_told_until_it_is_set() {
    let fixture = start(6, config(5_000));
    for ahead in [&fixture.exchange.events_ahead_ms, &fixture.exchange.rest_ahead_ms] {
        ahead.store(60_000, Ordering::Relaxed);
    }
    fixture.full(60).await;
    let told = || {
        let problems = fixture.view.status().problems.clone();
        problems.into_iter().map(|p| p.problem).collect::<Vec<_>>()
    };
    seconds(2).await;
    let SystemProblem::MachineClock { ahead_s } = told()[0] else { panic!("{:?}", told()) };
    assert!((-62..=-58).contains(&ahead_s), "{ahead_s}");
    for ahead in [&fixture.exchange.events_ahead_ms, &fixture.exchange.rest_ahead_ms] {
        ahead.store(0, Ordering::Relaxed);
    }
    seconds(60).await;
    assert_eq!(told(), []);
    assert!(fixture.system.stop().await);
}
