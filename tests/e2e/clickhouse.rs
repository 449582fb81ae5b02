//! The program with ClickHouse as its store: the server dies and comes back, nothing is lost.

use crate::support::clickhouse::{PASSWORD, Server};
use crate::support::{Program, get, pause, program, wait_until};
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

fn stats(store: &str, state: &str) -> String {
    let args = ["history", "stats", "--store", store, "--state-dir", state];
    let out = Command::new(program()).args(args).output().expect("the program runs");
    [out.stdout, out.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat()
}

/// Rows of a table in what `history stats` prints.
fn rows(text: &str, table: &str) -> u64 {
    let line = text.lines().find(|l| l.starts_with(table)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[test]
fn heavy_history_in_clickhouse_survives_the_server() {
    let mut server = Server::start();
    let dir = tempfile::tempdir().expect("a folder");
    let store = format!("clickhouse:http://scanner:{PASSWORD}@127.0.0.1:{}/market", server.port);
    let state = dir.path().display().to_string();
    let mut exchange =
        Program::start(&["exchange", "--synthetic", "20", "--speed", "5", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", SOON);
    let mut scan =
        Program::scan(&url, &state, &["--market-speed", "5", "--cycle-interval", "5", "--store", &store]);
    let page = scan.wait_for_url("page:", SOON);
    let cycles = || get(&format!("{page}/api/v1/status"))?["cycle"]["published"].as_u64();
    wait_until("cycles", SOON, || cycles().filter(|n| *n >= 5));
    wait_until("rows", SOON, || (rows(&stats(&store, &state), "scores") > 0).then_some(()));
    server.kill();
    let at_kill = cycles().expect("a status");
    wait_until("the scanner goes on", SOON, || cycles().filter(|n| *n >= at_kill + 5));
    server.restart();
    pause(6_000);
    let all = cycles().expect("a status");
    assert_eq!(scan.signal("TERM", Duration::from_secs(15)).code(), Some(0), "{}", scan.output());
    let text = stats(&store, &state);
    assert!(!text.contains(PASSWORD) && !scan.output().contains(PASSWORD), "{text}");
    assert!(rows(&text, "scores") >= all * 19, "{all} cycles: {text}");
    assert!(rows(&text, "candles") > 20 * 1_400 && rows(&text, "universe") >= 20, "{text}");
    assert!(!text.contains("wait in the local spill"), "{text}");
}
