//! A model whose answers are no numbers: no pair has a level by it, and that is told. And one whose looks back over days wait for
//! the exchange.

use super::system::{Fixture, config, start};
use impulso::actors::problems::SystemProblem;
use impulso::exchange::rest::error::RestError;
use impulso::learning::model::Model;
use impulso::learning::scorer::Scorer;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Every number in it is sound; a volume divided by the smallest deviation is beyond all numbers.
fn model(deviation: f64) -> Model {
    let text = json!({
        "card": { "name": "odd", "target": "", "trained_on": [], "embargo_h": 24, "metrics": [], "notes": [] },
        "features": ["log_volume_24h"],
        "design": { "joined": {
            "forecast": { "inputs": [], "line": {
                "intercept": 0.0, "low": [], "high": [], "mean": [], "deviation": [], "weight": []
            } },
            "parts": [{ "line": {
                "intercept": 0.0, "low": [-1e30, 0.0, 0.0], "high": [1e30, 0.0, 0.0], "mean": [0.0, 0.0, 0.0],
                "deviation": [deviation, 1.0, 1.0], "weight": [0.0, 0.0, 0.0]
            } }],
            "maps": []
        } },
    });
    serde_json::from_value::<Model>(text).expect("a model").assembled().expect("sound")
}

#[actix::test]
async fn answers_that_are_no_numbers_are_told_and_give_no_level() {
    let mut config = config(5_000);
    config.scorer = Some(Scorer::new(Arc::new(model(f64::MIN_POSITIVE)), None));
    let fixture = start(5, config);
    fixture.full(120).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let published = fixture.view.published().expect("a ranking");
    let snapshot = &published.snapshot;
    assert_eq!((snapshot.rows.len(), snapshot.analyzable().count()), (0, 5), "nothing is listed");
    assert!(snapshot.analyzable().all(|row| row.calibrated_7_5.is_none()));
    let told: Vec<_> = fixture.view.status().problems.iter().map(|p| p.problem.clone()).collect();
    let [SystemProblem::NoChance { pairs: 5, example }] = &told[..] else { panic!("{told:?}") };
    assert!(snapshot.analyzable().any(|row| row.symbol.as_str() == example), "{example}");
    assert!(fixture.system.stop().await);
}

async fn seconds(count: u64) {
    tokio::time::sleep(Duration::from_secs(count)).await;
}

/// Five pairs by a model, of which the exchange gives no hours.
fn without_hours(fault: RestError) -> Fixture {
    let mut config = config(5_000);
    config.scorer = Some(Scorer::new(Arc::new(model(1.0)), None));
    let fixture = start(5, config);
    *fixture.exchange.hour_fault.lock().expect("no panic") = Some(fault);
    fixture
}

/// Pairs whose levels wait for hours, of the newest cycle.
fn awaiting(fixture: &Fixture) -> usize {
    let published = fixture.view.published().expect("a ranking");
    published.snapshot.reports.iter().filter(|report| report.readiness.awaits_hours).count()
}

#[actix::test]
async fn a_pair_waits_for_its_days_until_they_have_failed_three_times() {
    let fixture = without_hours(RestError::Server { status: 503, message: "Service Unavailable".to_owned() });
    fixture.full(120).await;
    assert_eq!(awaiting(&fixture), 5);
    seconds(60).await;
    assert_eq!(awaiting(&fixture), 0, "three tries have failed by then");
    let asked = fixture.exchange.asked_for("hours");
    *fixture.exchange.hour_fault.lock().expect("no panic") = None;
    seconds(120).await;
    assert!(fixture.exchange.asked_for("hours") >= asked + 5, "they are asked for on");
    let come = fixture.exchange.asked_for("hours");
    seconds(120).await;
    assert_eq!(fixture.exchange.asked_for("hours"), come, "and no more once they came");
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn a_pause_of_hours_that_the_exchange_asks_for_holds_up_no_alert_for_longer_than_minutes() {
    let fixture = without_hours(RestError::RateLimited { retry_after_ms: 7_200_000 });
    fixture.full(120).await;
    seconds(240).await;
    assert_eq!(awaiting(&fixture), 5);
    seconds(90).await;
    assert_eq!(awaiting(&fixture), 0);
    assert!(fixture.system.stop().await);
}

#[actix::test]
async fn after_a_wrong_market_time_the_days_are_asked_for_anew() {
    let mut config = config(5_000);
    config.scorer = Some(Scorer::new(Arc::new(model(1.0)), None));
    let fixture = start(5, config);
    let first = fixture.full(120).await;
    seconds(30).await;
    assert_eq!((awaiting(&fixture), fixture.exchange.asked_for("hours")), (0, 5));
    let exchange = &fixture.exchange;
    for ahead in [&exchange.events_ahead_ms, &exchange.rest_ahead_ms] {
        ahead.store(3_600_000, Ordering::Relaxed);
    }
    fixture.snapshot_when("the wrong time is followed", 180, |s| s.as_of - first.as_of > 3_000_000).await;
    let asked = exchange.asked_for("hours");
    for ahead in [&exchange.events_ahead_ms, &exchange.rest_ahead_ms] {
        ahead.store(0, Ordering::Relaxed);
    }
    fixture.snapshot_when("it came down", 120, |s| s.as_of - first.as_of < 3_000_000).await;
    seconds(60).await;
    assert_eq!((awaiting(&fixture), exchange.asked_for("hours")), (0, asked + 5));
    assert!(fixture.system.stop().await);
}
