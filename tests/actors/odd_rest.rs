//! REST that lags, refuses, answers as something else or cuts its list short: what the scanner asks of it, and what it tells.

use super::system::{Fixture, config, start, start_with};
use impulso::actors::messages::Poison;
use impulso::actors::problems::SystemProblem;
use impulso::exchange::rest::error::RestError;
use std::sync::atomic::Ordering;
use std::time::Duration;

async fn seconds(count: u64) {
    tokio::time::sleep(Duration::from_secs(count)).await;
}

fn analyzable(fixture: &Fixture) -> (u32, u32) {
    let coverage = fixture.view.published().expect("published").snapshot.coverage;
    (coverage.analyzable, coverage.universe)
}

fn unknown_pair() -> RestError {
    RestError::Refused { status: 400, code: -1121, message: "Invalid symbol.".to_owned() }
}

fn page() -> RestError {
    RestError::Refused { status: 404, code: 0, message: "<html>Not Found</html>".to_owned() }
}

#[actix::test]
async fn rest_behind_the_stream_is_asked_with_growing_waits_that_nothing_begins_anew() {
    let fixture = start(6, config(5_000));
    fixture.full(60).await;
    let exchange = &fixture.exchange;
    exchange.lag_ms.store(180_000, Ordering::Relaxed);
    exchange.muted.lock().unwrap().insert("S001USDT".to_owned());
    seconds(70).await;
    exchange.muted.lock().unwrap().clear();
    seconds(5).await;
    let (pair, other) = (exchange.asked_for("S001USDT"), exchange.asked_for("S002USDT"));
    seconds(60).await;
    // Neither a lost connection nor a pair made anew is a way round.
    exchange.cut.store(true, Ordering::Relaxed);
    seconds(2).await;
    exchange.cut.store(false, Ordering::Relaxed);
    seconds(28).await;
    for _ in 0..3 {
        fixture.directory.find("S001USDT").expect("known").try_send(Poison).expect("delivered");
        seconds(10).await;
    }
    let asked = exchange.asked_for("S001USDT") - pair;
    // By hole, by silence and by new start at most one every 3, 6, 12, 24, 30 s each; a new start takes three requests.
    assert!((3..=30).contains(&asked), "{asked} requests in 120 s");
    assert!(exchange.asked_for("S002USDT") - other <= 6, "other pairs do not ask");
    exchange.lag_ms.store(0, Ordering::Relaxed);
    fixture.full(120).await;
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn a_pair_that_the_exchange_refuses_is_asked_about_seldom() {
    let fixture = start(6, config(5_000));
    fixture
        .exchange
        .kline_faults
        .lock()
        .unwrap()
        .extend((0..100).map(|_| ("S001USDT".to_owned(), unknown_pair())));
    seconds(600).await;
    let asked = fixture.exchange.asked_for("S001USDT");
    assert!((5..=10).contains(&asked), "{asked} requests in 600 s");
    assert_eq!(analyzable(&fixture), (5, 6), "the others are well");
    let told: Vec<_> = fixture.view.status().problems.iter().map(|p| p.problem.clone()).collect();
    assert_eq!(told, [SystemProblem::LowCoverage { analyzable: 5, universe: 6 }], "REST is not to blame");
    fixture.exchange.kline_faults.lock().unwrap().clear();
    fixture.full(700).await;
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn a_start_against_something_else_is_told_and_tried_again() {
    let refused = RestError::Refused { status: 400, code: -1100, message: "Illegal characters.".to_owned() };
    let redirect =
        RestError::Refused { status: 302, code: 0, message: "redirect to http://portal".to_owned() };
    let banned = RestError::Banned { retry_after_ms: 60_000 };
    tokio::time::pause();
    for (fault, told) in [(page(), "404"), (redirect, "http://portal"), (refused, "400"), (banned, "banned")]
    {
        let fixture = start_with(5, config(5_000), tempfile::tempdir().expect("a folder"));
        *fixture.exchange.fault.lock().unwrap() = Some(fault.clone());
        seconds(100).await;
        let asked = fixture.exchange.requests.load(Ordering::Relaxed);
        assert!((2..=12).contains(&asked), "{fault}: {asked} requests");
        let problem = fixture.view.status().problems.first().expect("it is told").problem.to_string();
        assert!(problem.contains("http://fake") && problem.contains(told), "{problem}");
        *fixture.exchange.fault.lock().unwrap() = None;
        fixture.full(120).await;
        seconds(2).await;
        assert_eq!(fixture.view.status().problems, []);
        assert!(fixture.system.stop().await);
    }
}

#[actix::test]
async fn a_failed_request_of_a_warm_up_does_not_cost_the_answers_before_it() {
    let fixture = start(2, config(5_000));
    // BTCUSDT warms up by itself; the other pair's second request fails, then its third.
    let exchange = &fixture.exchange;
    let mut seen = 0;
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let asked = exchange.asked_for("S000USDT");
        if asked > seen && asked <= 3 {
            exchange
                .kline_faults
                .lock()
                .unwrap()
                .push(("S000USDT".to_owned(), RestError::Timeout { after_ms: 1 }));
        }
        seen = seen.max(asked);
    }
    fixture.full(60).await;
    assert!(exchange.kline_faults.lock().unwrap().is_empty(), "the faults happened");
    assert_eq!(exchange.asked_for("S000USDT"), 3 + 3, "each of its three requests succeeded once");
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn a_list_cut_short_halts_nobody_until_it_is_confirmed() {
    let fixture = start(30, config(5_000));
    fixture.full(60).await;
    let lists = fixture.exchange.asked_for("");
    fixture.exchange.short_lists.store(1, Ordering::Relaxed);
    for _ in 0..16 {
        seconds(5).await;
        assert_eq!(analyzable(&fixture), (30, 30));
    }
    assert_eq!(fixture.exchange.short_lists.load(Ordering::Relaxed), 0, "the short list came");
    assert!(fixture.exchange.asked_for("") - lists >= 2, "it was read again at once");
    fixture.exchange.short_lists.store(5, Ordering::Relaxed);
    seconds(80).await;
    assert_eq!(analyzable(&fixture), (3, 30), "what stays so is believed");
    fixture.full(400).await;
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn a_last_candle_that_rest_gave_unfinished_is_asked_for_again() {
    let fixture = start(3, config(5_000));
    // The exchange tells the right time, and its klines are those of before: the last one is over and not whole.
    fixture.exchange.stale_ms.store(20_000, Ordering::Relaxed);
    // Its close was before the streams said anything of the pair.
    fixture.exchange.muted.lock().unwrap().insert("S000USDT".to_owned());
    seconds(12).await;
    fixture.exchange.muted.lock().unwrap().clear();
    seconds(18).await;
    fixture.exchange.stale_ms.store(0, Ordering::Relaxed);
    seconds(150).await;
    fixture.full(60).await;
    for symbol in ["BTCUSDT", "S000USDT"] {
        fixture.window_is_true(symbol).await;
    }
    let asked = fixture.exchange.asked_for("S000USDT");
    seconds(600).await;
    assert_eq!(fixture.exchange.asked_for("S000USDT"), asked, "once");
    assert!(fixture.system.stop().await);
}
