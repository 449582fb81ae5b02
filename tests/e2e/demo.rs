//! The demo from outside, as a user runs it: ranking, alert, faults and recovery, parity of candles, orderly stop.

use crate::support::{Program, get, request, rows, wait_until};
use serde_json::Value;
use std::time::Duration;

struct Demo {
    program: Program,
    page: String,
    admin: String,
}

fn start_demo(args: &[&str]) -> Demo {
    let mut all = vec!["demo", "--port", "0"];
    all.extend_from_slice(args);
    let mut program = Program::start(&all);
    let page = program.wait_for_url("page", Duration::from_secs(60));
    let line = program.wait_for_line("/admin", Duration::from_secs(60));
    let from = line.find("http://").expect("an address");
    let admin: String = line[from..].chars().take_while(|c| !c.is_whitespace()).collect();
    let admin = admin.split("/admin").next().expect("a base").to_owned();
    Demo { program, page, admin }
}

fn coverage(demo: &Demo) -> Option<f64> {
    get(&format!("{}/api/v1/ranking?limit=1", demo.page))?["coverage"]["ratio"].as_f64()
}

fn full_ranking(demo: &Demo, within: u64) -> Value {
    wait_until("a full ranking", Duration::from_secs(within), || {
        let ranking = get(&format!("{}/api/v1/ranking?limit=1000", demo.page))?;
        (ranking["coverage"]["ratio"].as_f64()? >= 0.95).then_some(ranking)
    })
}

/// Closed candles of the scanner equal those that the exchange serves.
fn candles_agree(demo: &Demo, symbol: &str) -> bool {
    let mine = get(&format!("{}/api/v1/symbols/{symbol}/candles?interval=1m&limit=200", demo.page));
    let truth = get(&format!("{}/api/v3/klines?symbol={symbol}&interval=1m&limit=200", demo.admin));
    let (Some(Value::Array(mine)), Some(Value::Array(truth))) = (mine, truth) else { return false };
    let closed: Vec<&Value> = mine.iter().filter(|c| c["closed"] == true).collect();
    let mut compared = 0;
    for candle in &closed {
        let Some(other) = truth.iter().find(|t| t[0] == candle["open_time"]) else { continue };
        for (key, at) in [("open", 1), ("high", 2), ("low", 3), ("close", 4), ("volume", 5)] {
            let text = other[at].as_str().unwrap_or_default();
            if text.parse::<f64>().ok() != candle[key].as_f64() {
                return false;
            }
        }
        compared += 1;
    }
    compared >= 190
}

fn fault(demo: &Demo, name: &str, target: &str, seconds: u32) {
    let body = format!(r#"{{"fault":"{name}","target":"{target}","seconds":{seconds}}}"#);
    let (status, answer) = request("POST", &format!("{}/admin/faults", demo.admin), &body);
    assert!((200..300).contains(&status), "{name}: {status} {answer}");
}

fn recovers(demo: &Demo, symbols: &[String]) {
    let full = wait_until("coverage back", Duration::from_secs(90), || coverage(demo).filter(|r| *r >= 0.95));
    assert!(full >= 0.95);
    for symbol in symbols {
        wait_until(&format!("candles of {symbol} equal"), Duration::from_secs(60), || {
            candles_agree(demo, symbol).then_some(())
        });
    }
}

#[test]
fn heavy_the_rule_alone_alerts_on_the_pump() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rule.toml");
    std::fs::write(&file, "[model]\nfile = \"none\"\n").expect("written");
    let mut demo = start_demo(&["--symbols", "60", "--config", &file.to_string_lossy()]);
    demo.program.wait_for_line("FUERTE PUMPUSDT", Duration::from_secs(120));
    let ranking = full_ranking(&demo, 60);
    assert!(rows(&ranking).iter().all(|r| r["calibrated_7_5"].is_null() && r["level_value"].is_number()));
}

#[test]
fn heavy_demo_ranks_alerts_and_survives_faults() {
    let mut demo = start_demo(&["--symbols", "500"]);
    let ranking = full_ranking(&demo, 60);
    assert_eq!(ranking["coverage"]["universe"], 500);
    assert!(rows(&ranking).len() > 50, "a ranking of a whole market");
    demo.program.wait_for_line("FUERTE STORMUSDT", Duration::from_secs(120));
    let why = get(&format!("{}/api/v1/symbols/STORMUSDT/explanation", demo.page)).expect("an explanation");
    let parts = why["contributions"]
        .as_array()
        .expect("parts")
        .iter()
        .map(|c| c["log_odds"].as_f64().unwrap_or(f64::NAN));
    let number = |key: &str| why[key].as_f64().unwrap_or(f64::NAN);
    let sum = number("start") + parts.sum::<f64>() + number("shift");
    assert!((sum - number("log_odds")).abs() < 1e-6, "the parts add up: {why}");

    let symbols: Vec<String> = ["BTCUSDT".to_owned()]
        .into_iter()
        .chain(rows(&ranking).iter().take(3).map(|r| r["symbol"].as_str().unwrap_or_default().to_owned()))
        .collect();
    // One after the other: a stalled connection would hide the frames that another fault spoils.
    for (name, seconds) in [("malformed", 3), ("drop", 6), ("duplicate", 3), ("reorder", 3), ("stall", 12)] {
        fault(&demo, name, "all", seconds);
        crate::support::pause(u64::from(seconds) * 1_000 + 1_000);
    }
    // After a cut every pair asks REST what it missed: so the faults of REST are met.
    for name in ["5xx", "429"] {
        fault(&demo, name, "all", 8);
        fault(&demo, "cut", "all", 2);
        crate::support::pause(12_000);
    }
    recovers(&demo, &symbols);
    let status = get(&format!("{}/api/v1/status", demo.page)).expect("a status");
    let drops = &status["drops"];
    assert!(drops["malformed_frame"].as_u64() > Some(0), "the malformed frames were seen: {drops}");
    let connections = status["connections"].as_array().expect("connections");
    assert!(connections.iter().all(|c| c["reconnects"].as_u64() > Some(0)), "all were cut: {connections:?}");
    let metrics = request("GET", &format!("{}/metrics", demo.page), "").1;
    assert!(metrics.contains("impulso_rest_failures_total"), "5xx and 429 were seen");
    let exit = demo.program.signal("TERM", Duration::from_secs(10));
    assert_eq!(exit.code(), Some(0), "{}", demo.program.output());
}

#[test]
fn heavy_demo_stops_on_ctrl_c_and_frees_its_port() {
    let mut demo = start_demo(&["--symbols", "40"]);
    full_ranking(&demo, 60);
    let exit = demo.program.signal("INT", Duration::from_secs(10));
    assert_eq!(exit.code(), Some(0), "{}", demo.program.output());
    assert_eq!(request("GET", &format!("{}/healthz", demo.page), "").0, 0);
}

#[test]
fn heavy_listings_join_and_leave_without_a_restart() {
    let demo = start_demo(&["--symbols", "60", "--speed", "30"]);
    full_ranking(&demo, 60);
    let leave = r#"{"symbol":"ETHUSDT","action":"delist"}"#;
    let (status, answer) = request("POST", &format!("{}/admin/listings", demo.admin), leave);
    assert!((200..300).contains(&status), "{status} {answer}");
    let join = r#"{"symbol":"NEWCOINUSDT","action":"list"}"#;
    let (status, answer) = request("POST", &format!("{}/admin/listings", demo.admin), join);
    assert!((200..300).contains(&status), "{status} {answer}");
    let state = |symbol: &str| {
        let all = get(&format!("{}/api/v1/symbols", demo.page))?;
        let found = all.as_array()?.iter().find(|s| s["symbol"] == symbol)?;
        Some(found["reason"].as_str().unwrap_or("none").to_owned())
    };
    wait_until("ETHUSDT halted", Duration::from_secs(90), || (state("ETHUSDT")? == "halted").then_some(()));
    wait_until("NEWCOINUSDT warming up", Duration::from_secs(90), || {
        (state("NEWCOINUSDT")? == "warming_up").then_some(())
    });
}
