//! A model whose answers are no numbers: no pair has a level by it, and that is told.

use super::system::{config, start};
use impulso::actors::problems::SystemProblem;
use impulso::learning::model::Model;
use impulso::learning::scorer::Scorer;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Every number in it is sound; a volume divided by the deviation is beyond all numbers.
fn model() -> Model {
    let text = json!({
        "card": { "name": "odd", "target": "", "trained_on": [], "embargo_h": 24, "metrics": [], "notes": [] },
        "features": ["log_volume_24h"],
        "design": { "joined": {
            "forecast": { "inputs": [], "line": {
                "intercept": 0.0, "low": [], "high": [], "mean": [], "deviation": [], "weight": []
            } },
            "parts": [{ "line": {
                "intercept": 0.0, "low": [-1e30, 0.0, 0.0], "high": [1e30, 0.0, 0.0], "mean": [0.0, 0.0, 0.0],
                "deviation": [f64::MIN_POSITIVE, 1.0, 1.0], "weight": [0.0, 0.0, 0.0]
            } }],
            "maps": []
        } },
    });
    serde_json::from_value::<Model>(text).expect("a model").assembled().expect("sound")
}

#[actix::test]
async fn answers_that_are_no_numbers_are_told_and_give_no_level() {
    let mut config = config(5_000);
    config.scorer = Some(Scorer::new(Arc::new(model()), None));
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
