//! What is wrong is told everywhere the same, within two cycles, and is gone within two cycles after: the built program with
//! real faults.

use super::cli::run;
use crate::support::{Program, get, request, wait_until};
use rusqlite::Connection;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Two cycles of 5 s, and what a locked SQLite file makes a call wait.
const SOON: Duration = Duration::from_secs(16);

struct Scan {
    exchange: Program,
    scan: Program,
    page: String,
}

fn start(state: &Path) -> Scan {
    let args = ["exchange", "--synthetic", "30", "--listen", "127.0.0.1:0"];
    let mut exchange = Program::start(&args);
    let rest = exchange.wait_for_url("http://", Duration::from_secs(60));
    let mut scan = Program::scan(&rest, &state.to_string_lossy(), &["--cycle-interval", "5"]);
    let page = scan.wait_for_url("http://127.0.0.1", Duration::from_secs(60));
    wait_until("readiness", Duration::from_secs(90), || {
        (request("GET", &format!("{page}/readyz"), "") == (200, "ready\n".to_owned())).then_some(())
    });
    Scan { exchange, scan, page }
}

impl Scan {
    /// The kinds of the problems that are there.
    fn kinds(&self) -> Vec<String> {
        let status = get(&format!("{}/api/v1/status", self.page)).expect("a status");
        let list = status["problems"].as_array().expect("a list");
        list.iter().map(|p| p["kind"].as_str().expect("a kind").to_owned()).collect()
    }

    /// What `impulso health` says, with its exit code.
    fn health(&self) -> (Option<i32>, String) {
        let port = self.page.rsplit(':').next().expect("a port");
        let (code, out, error) = run(&["health", "--port", port], &[]);
        (code, out + &error)
    }

    /// Waits for a problem and holds all places against each other.
    fn told(&self, kind: &str) -> Value {
        wait_until(kind, SOON, || self.kinds().contains(&kind.to_owned()).then_some(()));
        let status = get(&format!("{}/api/v1/status?lang=en", self.page)).expect("a status");
        let all = status["problems"].as_array().expect("a list");
        let problem = all.iter().find(|p| p["kind"] == kind).expect("it is still there").clone();
        let what = problem["what"].as_str().expect("in words");
        for field in ["meaning", "remedy"] {
            assert!(problem[field].as_str().is_some_and(|text| text.len() > 10), "{problem}");
        }
        let (_, ready) = request("GET", &format!("{}/readyz", self.page), "");
        assert!(ready.contains(what), "{ready}");
        let (_, page) = request("GET", &format!("{}/alerts?lang=en", self.page), "");
        let escaped = what.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        assert!(page.contains(&escaped), "the page lacks '{what}'");
        assert!(self.health().1.contains(what), "{:?}", self.health());
        wait_until("the metric counts the same", SOON, || self.counted(kind).then_some(()));
        problem
    }

    /// Whether `/metrics` counts as many problems of a kind as the status lists.
    fn counted(&self, kind: &str) -> bool {
        let listed = self.kinds().iter().filter(|k| *k == kind).count();
        let (_, metrics) = request("GET", &format!("{}/metrics", self.page), "");
        metrics.lines().any(|line| line == format!("impulso_problem{{kind=\"{kind}\"}} {listed}"))
    }

    fn well(&self) {
        wait_until("no problem", SOON, || self.kinds().is_empty().then_some(()));
        assert_eq!(self.health().0, Some(0), "{:?}", self.health());
    }
}

#[test]
fn heavy_locked_and_deleted_files_are_told_and_are_gone_when_they_are_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut scan = start(folder.path());
    assert_eq!(scan.kinds(), [""; 0]);
    for (file, kind, why) in [("state.db", "state", "locked"), ("history.db", "history", "has not ended")] {
        let other = Connection::open(folder.path().join(file)).expect("it opens");
        other.busy_timeout(Duration::from_secs(20)).expect("set");
        other.execute_batch("BEGIN IMMEDIATE").expect("locked");
        let problem = scan.told(kind);
        assert!(problem["what"].as_str().is_some_and(|w| w.contains(why)), "{problem}");
        assert_eq!(request("GET", &format!("{}/readyz", scan.page), "").0, 200, "the ranking goes on");
        other.execute_batch("ROLLBACK").expect("free");
        scan.well();
    }
    let file = folder.path().join("state.db");
    let kept = folder.path().join("kept.db");
    std::fs::rename(&file, &kept).expect("moved");
    let problem = scan.told("state");
    assert!(problem["what"].as_str().is_some_and(|w| w.contains("gone")), "{problem}");
    std::fs::rename(&kept, &file).expect("moved back");
    scan.well();
    assert_eq!(scan.scan.signal("TERM", Duration::from_secs(20)).code(), Some(0), "{}", scan.scan.output());
}

#[test]
fn heavy_an_exchange_that_dies_ends_readiness_and_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut scan = start(folder.path());
    assert_eq!(scan.exchange.signal("KILL", Duration::from_secs(5)).code(), None);
    let told = scan.told("stream");
    assert!(told["what"].as_str().is_some_and(|w| w.contains("127.0.0.1")), "{told}");
    // Pairs count as stale after two minutes without news.
    wait_until("readiness falls", Duration::from_secs(150), || {
        (request("GET", &format!("{}/readyz", scan.page), "").0 == 503).then_some(())
    });
    assert!(scan.kinds().contains(&"low_coverage".to_owned()), "{:?}", scan.kinds());
    let (code, said) = scan.health();
    assert!(code == Some(1) && said.contains("503"), "{code:?} {said}");
    assert_eq!(scan.scan.signal("TERM", Duration::from_secs(20)).code(), Some(0), "{}", scan.scan.output());
}
