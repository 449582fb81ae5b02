//! Predictions are opened, survive a kill, and are judged by what the market did.

use crate::support::{Program, get, wait_until};
use std::collections::BTreeSet;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(120);

#[test]
fn heavy_predictions_survive_a_kill_and_are_judged() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut exchange =
        Program::start(&["exchange", "--synthetic", "10", "--speed", "900", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", SOON);
    let state = dir.path().display().to_string();
    let start = || Program::scan(&url, &state, &["--market-speed", "900", "--cycle-interval", "300"]);
    let performance = |page: &str| get(&format!("{page}/api/v1/performance"));
    let opened = |page: &str| {
        let levels = performance(page)?["levels"].as_array()?.clone();
        levels.iter().map(|l| l["opened"].as_u64()).sum::<Option<u64>>()
    };
    let mut first = start();
    let page = first.wait_for_url("page:", SOON);
    let before = wait_until("predictions", SOON, || opened(&page).filter(|n| *n >= 3));
    // Killed while the history is locked: what is known by then stands in the state alone.
    let of = |file: &str| rusqlite::Connection::open(dir.path().join(file)).expect("opens");
    let history = of("history.db");
    history.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let names = |file: &str, sql: &str| -> BTreeSet<String> {
        let connection = of(file);
        let mut statement = connection.prepare(sql).expect("a query");
        let names = statement.query_map([], |row| row.get(0)).expect("read");
        names.collect::<Result<_, _>>().expect("read")
    };
    wait_until("predictions that the history is owed", SOON, || {
        let stored = names("history.db", "SELECT key FROM predictions");
        (!names("state.db", "SELECT key FROM open_predictions").is_subset(&stored)).then_some(())
    });
    first.signal("KILL", SOON);
    history.execute_batch("ROLLBACK").expect("free again");
    let known = names("state.db", "SELECT key FROM open_predictions");
    let alerts = names("state.db", "SELECT id FROM alerts");
    assert!(!known.is_subset(&names("history.db", "SELECT key FROM predictions")), "some are owed");

    let mut second = start();
    let page = second.wait_for_url("page:", SOON);
    wait_until("every prediction and alert is in the history", SOON, || {
        let stored = names("history.db", "SELECT key FROM predictions");
        (known.is_subset(&stored) && alerts.is_subset(&names("history.db", "SELECT id FROM alerts")))
            .then_some(())
    });
    let judged = wait_until("judged after 4 h of market time", SOON, || {
        performance(&page).filter(|p| p["base_rate_4h"]["count"].as_u64() >= Some(3))
    });
    assert!(opened(&page) >= Some(before), "what was opened before the kill is still there");
    let interval = &judged["base_rate_4h"]["interval_95"];
    assert!(interval[0].as_f64() < interval[1].as_f64(), "{judged}");
    assert!(judged["note"].as_str().is_some_and(|n| n.len() > 20));
    assert!(judged["calibration"].as_array().is_some_and(|c| c.len() == 2));
}

/// The market's hour is a second: a scanner that is away for two days finds candles again that neither its window nor its
/// history has.
#[test]
fn heavy_predictions_of_before_an_outage_of_days_are_judged_and_none_is_void() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut exchange =
        Program::start(&["exchange", "--synthetic", "10", "--speed", "3600", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", SOON);
    let state = dir.path().display().to_string();
    let market_ms = || get(&format!("{url}/api/v3/time"))?["serverTime"].as_i64();
    let start = || Program::scan(&url, &state, &["--market-speed", "3600", "--cycle-interval", "900"]);
    let samples = |page: &str, before: i64| -> Option<Vec<serde_json::Value>> {
        let rows = get(&format!("{page}/api/v1/predictions?kind=sample,episode&limit=1000"))?;
        let all = rows["predictions"].as_array()?.clone();
        Some(all.into_iter().filter(|p| p["opened_at"].as_i64().is_some_and(|at| at <= before)).collect())
    };
    let mut first = start();
    let page = first.wait_for_url("page:", SOON);
    wait_until("hourly samples", SOON, || samples(&page, i64::MAX).filter(|all| all.len() >= 10));
    first.signal("TERM", SOON);
    let away = wait_until("the time", SOON, market_ms);
    wait_until("two days without the scanner", SOON, || {
        market_ms().filter(|now| now - away > 50 * 3_600_000)
    });

    let mut second = start();
    let page = second.wait_for_url("page:", SOON);
    let judged = wait_until("all of before are judged", SOON, || {
        samples(&page, away).filter(|all| all.iter().all(|p| p["outcome"] != "open"))
    });
    assert!(judged.len() >= 10, "{}", judged.len());
    let void: Vec<_> = judged.iter().filter(|p| p["outcome"] == "void").collect();
    assert!(void.is_empty(), "{void:?}");
    let asked = crate::support::request("GET", &format!("{page}/metrics"), "").1;
    assert!(asked.contains("impulso_outage_backfills_total"), "the exchange was asked");
}
