//! Read-only nodes live on Redis alone, and survive its death: a real redis-server, the built program.

use crate::support::places::free_port;
use crate::support::redis::Redis;
use crate::support::{Program, get, request, rows, wait_until};
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::state::StateDb;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn node(url: &str) -> (Program, String) {
    let mut program = Program::start(&["web", "--redis", url, "--port", "0"]);
    let page = program.wait_for_url("http://127.0.0.1", SOON);
    (program, page)
}

fn cut(page: &str) -> Option<i64> {
    get(&format!("{page}/api/v1/ranking"))?["as_of"].as_i64()
}

fn problem(page: &str) -> Option<String> {
    get(&format!("{page}/api/v1/status"))?["problem"].as_str().map(str::to_owned)
}

fn start_scan(redis: &str, state: &std::path::Path) -> (Program, Program, String) {
    let args = ["exchange", "--synthetic", "30", "--speed", "5", "--listen", "127.0.0.1:0"];
    let mut exchange = Program::start(&args);
    let url = exchange.wait_for_url("http://", SOON);
    let state = state.to_string_lossy();
    let mut scan =
        Program::scan(&url, &state, &["--market-speed", "5", "--cycle-interval", "5", "--redis", redis]);
    let page = scan.wait_for_url("http://127.0.0.1", SOON);
    (exchange, scan, page)
}

#[test]
fn heavy_nodes_show_what_the_scanner_publishes_and_survive_redis() {
    let (state, redis) = (tempfile::tempdir().expect("a folder"), Redis::start(free_port()));
    let url = redis.url();
    let (early, early_page) = node(&url);
    let waiting = wait_until("a problem is told", SOON, || problem(&early_page));
    assert!(waiting.contains("impulso scan --redis"), "{waiting}");
    let known = StateDb::open(state.path()).expect("a state");
    known.put("levels_since", "86400000").expect("a value");
    let (_exchange, _scan, page) = start_scan(&url, state.path());
    let (late, late_page) = node(&url);
    for page in [&early_page, &late_page] {
        wait_until("a ranking", SOON, || cut(page));
        let ready = request("GET", &format!("{page}/readyz"), "").0;
        assert_eq!(ready, 200);
    }
    same_ranking(&page, &late_page);
    for page in [&page, &early_page, &late_page] {
        wait_until("since when levels are counted", SOON, || {
            (get(&format!("{page}/api/v1/status"))?["levels_since"] == 86_400_000).then_some(())
        });
    }
    same_candles(&page, &late_page);
    assert_eq!(request("POST", &format!("{late_page}/api/v1/mutes"), r#"{"symbol":"*"}"#).0, 401);
    assert_eq!(request("GET", &format!("{late_page}/api/v1/mutes"), "").0, 503);
    assert!(redis.ask(&["PTTL", "impulso:ranking"]).parse::<i64>().expect("a TTL") > 0);
    assert!(redis.ask(&["GET", "impulso:symbol:BTCUSDT"]).contains("total_score"));

    let port = redis.kill();
    for page in [&early_page, &late_page] {
        let told = wait_until("the loss is shown", SOON, || problem(page));
        assert!(told.contains("cannot be reached"), "{told}");
        assert!(cut(page).is_some(), "the newest ranking stays");
    }
    let before = cut(&page).expect("the scanner goes on");
    wait_until("the scanner goes on", SOON, || cut(&page).filter(|at| *at > before + 10_000));
    let _redis = Redis::start(port);
    for page in [&early_page, &late_page] {
        wait_until("the loss is over", SOON, || problem(page).is_none().then_some(()));
        wait_until("news again", SOON, || cut(page).filter(|at| *at > before));
    }
    same_candles(&page, &early_page);
    for mut program in [early, late] {
        assert_eq!(program.signal("TERM", Duration::from_secs(10)).code(), Some(0));
    }
}

/// The same cut on both sides gives the same rows.
fn same_ranking(scanner: &str, node: &str) {
    wait_until("the same cut on both", SOON, || {
        let ask = |page: &str| get(&format!("{page}/api/v1/ranking?limit=1000"));
        let (here, there) = (ask(scanner)?, ask(node)?);
        (here["as_of"] == there["as_of"]).then(|| {
            assert_eq!(rows(&here), rows(&there));
            assert_eq!(here["coverage"], there["coverage"]);
        })
    });
}

/// Closed candles on the node are the scanner's.
fn same_candles(scanner: &str, node: &str) {
    for interval in ["1m", "15m"] {
        wait_until(&format!("{interval} candles on the node"), SOON, || {
            let path = format!("api/v1/symbols/BTCUSDT/candles?interval={interval}&limit=200");
            let (here, there) = (get(&format!("{scanner}/{path}"))?, get(&format!("{node}/{path}"))?);
            let closed = |all: &serde_json::Value| {
                let all = all.as_array().cloned().unwrap_or_default();
                all.into_iter().filter(|c| c["closed"] == true).collect::<Vec<_>>()
            };
            let (here, there) = (closed(&here), closed(&there));
            let newest = there.last()?["open_time"].as_i64()?;
            let common = |all: &[serde_json::Value]| {
                let kept = all.iter().filter(|c| c["open_time"].as_i64() <= Some(newest));
                let kept: Vec<_> = kept.cloned().collect();
                kept[kept.len().saturating_sub(100)..].to_vec()
            };
            (there.len() >= 100 && common(&here) == common(&there)).then_some(())
        });
    }
}
