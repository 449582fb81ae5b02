//! The scanner against recorded markets: values equal the expected ones at their moments.

use crate::support::places::shared;
use crate::support::{Program, get, rows, wait_until};
use serde_json::Value;
use std::time::Duration;

/// `expected` and `actual` agree to `tolerance`, relative.
fn close(what: &str, actual: &Value, expected: &Value, tolerance: f64) {
    let (a, e) = (actual.as_f64(), expected.as_f64());
    let (Some(a), Some(e)) = (a, e) else { panic!("{what}: {actual} instead of {expected}") };
    let allowed = tolerance * e.abs().max(1e-9);
    assert!((a - e).abs() <= allowed, "{what}: {a} instead of {e}");
}

fn check_pair(name: &str, row: &Value, expected: &Value) {
    close(&format!("{name} price"), &row["current_price"], &expected["price"], 1e-6);
    close(&format!("{name} volume"), &row["volume_24h"], &expected["volume_24h"], 1e-6);
    close(&format!("{name} score"), &row["momentum_score"]["total_score"], &expected["total_score"], 1e-6);
    close(&format!("{name} composite"), &row["composite_score"], &expected["composite"], 1e-6);
    close(
        &format!("{name} probability"),
        &row["probability_7_5"]["probability_7_5"],
        &expected["probability"],
        1e-6,
    );
    for (key, value) in expected["components"].as_object().expect("components") {
        let points = &row["momentum_score"]["component_scores"][key];
        close(&format!("{name} {key}"), points, value, 1e-6);
    }
    for (key, value) in expected["factors"].as_object().expect("factors") {
        close(&format!("{name} {key}"), &row["probability_7_5"]["factors"][key], value, 1e-6);
    }
    for (key, value) in expected["values"].as_object().expect("values") {
        let tolerance = if key.starts_with("macd") { 1e-5 } else { 1e-6 };
        close(&format!("{name} {key}"), &row["indicators"][key], value, tolerance);
    }
    // The level in force has a memory and stands on the model's chance; the vectors have the rule's level of these numbers alone.
    assert_eq!(row["momentum_score"]["confidence_level"], expected["level"], "{name}");
}

/// Runs exchange and scanner so that the cut falls right after `last_open_time`, and compares every named pair.
fn replay_case(case: &Value, start: &str, data: &std::path::Path) {
    let state = tempfile::tempdir().expect("a folder");
    let data = data.to_string_lossy();
    let mut exchange =
        Program::start(&["exchange", "--data", &data, "--start", start, "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", Duration::from_secs(120));
    let dir = state.path().to_string_lossy();
    let mut scan = Program::scan(&url, &dir, &[]);
    let page = scan.wait_for_url("http://127.0.0.1", Duration::from_secs(60));
    let cut = case["last_open_time"].as_i64().expect("a time") + 60_000;
    let ranking = wait_until("the cut of the case", Duration::from_secs(150), || {
        get(&format!("{page}/api/v1/ranking?limit=1000")).filter(|r| r["as_of"].as_i64() == Some(cut))
    });
    assert!(ranking["coverage"]["universe"].as_u64() > Some(400), "{}", ranking["coverage"]);
    assert!(ranking["coverage"]["ratio"].as_f64() >= Some(0.95), "{}", ranking["coverage"]);
    let listed = rows(&ranking);
    let (mut details, mut in_list) = (0, 0);
    for (name, expected) in case["symbols"].as_object().expect("symbols") {
        let row = get(&format!("{page}/api/v1/symbols/{name}")).expect("the pair is known");
        check_pair(name, &row, expected);
        details += 1;
        if let Some(found) = listed.iter().find(|r| r["symbol"] == name.as_str()) {
            close(name, &found["composite_score"], &expected["composite"], 1e-6);
            in_list += 1;
        }
    }
    assert!(details >= 60 && in_list >= 10, "{details} compared, {in_list} in the ranking");
}

#[test]
fn heavy_recorded_market_gives_the_expected_scores() {
    let (Some(vectors), Some(data)) = (shared("vectors/scoring.json"), shared("data/um-1m-2025-06")) else {
        return;
    };
    let text = std::fs::read_to_string(vectors).expect("readable");
    let vectors: Value = serde_json::from_str(&text).expect("JSON");
    // Right after the minute that the cut ends: a pair that does not trade in it is known by its warm-up alone.
    let starts = ["2025-06-18T06:07:02", "2025-06-18T08:29:02", "2025-06-18T11:44:02"];
    // Side by side: each waits a minute for its cut.
    std::thread::scope(|scope| {
        for (case, start) in vectors["cases"].as_array().expect("cases").iter().zip(starts) {
            scope.spawn(|| replay_case(case, start, &data));
        }
    });
}

#[test]
fn heavy_five_minute_candles_scan_as_well() {
    let Some(data) = shared("data/spot-5m-2024-01") else { return };
    let state = tempfile::tempdir().expect("a folder");
    let (data, dir) = (data.to_string_lossy(), state.path().to_string_lossy());
    let mut exchange = Program::start(&[
        "exchange",
        "--data",
        &data,
        "--base-interval",
        "5m",
        "--start",
        "2024-03-01T12:03",
        "--speed",
        "20",
        "--listen",
        "127.0.0.1:0",
    ]);
    let url = exchange.wait_for_url("http://", Duration::from_secs(120));
    let (status, refused) =
        crate::support::request("GET", &format!("{url}/api/v3/klines?symbol=BTCUSDT&interval=1m"), "");
    assert_eq!(status, 400);
    assert!(refused.contains("-1120"), "{refused}");
    let mut scan = Program::scan(&url, &dir, &["--market-speed", "20", "--base-interval", "5m"]);
    let page = scan.wait_for_url("http://127.0.0.1", Duration::from_secs(60));
    let first = wait_until("a full ranking", Duration::from_secs(60), || {
        get(&format!("{page}/api/v1/ranking?limit=1000"))
            .filter(|r| r["coverage"]["ratio"].as_f64() >= Some(0.95))
    });
    assert!(first["coverage"]["universe"].as_u64() >= Some(100), "{}", first["coverage"]);
    // Two base candles later it still follows the exchange.
    let later = first["as_of"].as_i64().expect("a time") + 600_000;
    let ranking = wait_until("ten minutes of market time", Duration::from_secs(90), || {
        get(&format!("{page}/api/v1/ranking?limit=1000")).filter(|r| r["as_of"].as_i64() >= Some(later))
    });
    assert!(ranking["coverage"]["ratio"].as_f64() >= Some(0.95), "{}", ranking["coverage"]);
    let pair = get(&format!("{page}/api/v1/symbols/BTCUSDT")).expect("known");
    assert_eq!(pair["readiness"]["needed_candles"], 292);
    let (status, below) =
        crate::support::request("GET", &format!("{page}/api/v1/symbols/BTCUSDT/candles?interval=1m"), "");
    assert_eq!(status, 400, "{below}");
    let candles =
        get(&format!("{page}/api/v1/symbols/BTCUSDT/candles?interval=5m&limit=50")).expect("candles");
    assert_eq!(candles.as_array().map(Vec::len), Some(50));
}
