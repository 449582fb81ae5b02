//! The experiment from outside: arms in the shadow of a running scanner, an order by the command line, one by the API.

use crate::support::{Program, get, program, wait_until};
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(90);

fn impulso(args: &[&str]) -> (bool, String) {
    let out = Command::new(program()).args(args).output().expect("the program runs");
    let text = [out.stdout, out.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat();
    (out.status.success(), text)
}

fn arm<'a>(report: &'a Value, name: &str) -> Option<&'a Value> {
    report["arms"].as_array()?.iter().find(|a| a["name"] == name)
}

#[test]
fn heavy_an_arm_takes_over_and_goes_back_without_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let (state, file) = (dir.path().join("state"), dir.path().join("own.toml"));
    let strict = dir.path().join("strict.toml");
    std::fs::write(&strict, "[analysis.profile.rsi]\noversold_points = 0.0\n").expect("written");
    let own =
        format!("[experiment.arms.strict]\nprofile = {:?}\nmodel = \"none\"\n", strict.display().to_string());
    std::fs::write(&file, own).expect("written");
    let (state, file) = (state.display().to_string(), file.display().to_string());
    let mut exchange = Program::start(&["exchange", "--synthetic", "10", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", SOON);
    let (well, text) = impulso(&["experiment", "show", "--state-dir", &state]);
    assert!(!well && text.contains("impulso scan"), "{text}");
    let start = || Program::scan(&url, &state, &["--config", &file, "--cycle-interval", "1"]);
    let mut scanner = start();
    let page = scanner.wait_for_url("page:", SOON);
    let read = || get(&format!("{page}/api/v1/experiments"));
    let report = wait_until("a report", SOON, || read().filter(|r| arm(r, "strict").is_some()));
    let names: Vec<&str> =
        report["arms"].as_array().expect("arms").iter().filter_map(|a| a["name"].as_str()).collect();
    assert_eq!(
        names,
        ["", "rule", "strict", "tuned"],
        "in force, the rule alone, the arm of the settings, the program's"
    );
    assert!(arm(&report, "").is_some_and(|a| a["model"].as_str().is_some_and(|m| !m.is_empty())));
    assert_eq!(arm(&report, "strict").expect("the arm")["against"]["baseline"], "rule");
    let (well, shown) = impulso(&["experiment", "show", "--state-dir", &state]);
    assert!(well && shown.contains("strict") && shown.contains("needs more days"), "{shown}");

    let (well, text) = impulso(&["experiment", "promote", "nobody", "--state-dir", &state]);
    assert!(!well && text.contains("rule, strict"), "{text}");
    let (well, text) = impulso(&["experiment", "rollback", "--state-dir", &state]);
    assert!(!well && text.contains("nothing was in force before"), "{text}");
    let (well, text) = impulso(&["experiment", "promote", "rule", "--state-dir", &state]);
    assert!(well, "{text}");
    let chance = || {
        let ranking = get(&format!("{page}/api/v1/symbols/BTCUSDT"))?;
        Some(ranking["calibrated_7_5"].clone())
    };
    wait_until("the rule alone", SOON, || chance().filter(Value::is_null));
    let after = wait_until("the way back", SOON, || read().filter(|r| arm(r, "previous").is_some()));
    assert_eq!(arm(&after, "").expect("in force")["model"], "");
    assert_eq!(after["book"][0]["what"], "promoted");
    assert_eq!(after["book"][0]["by"], "command line");

    // It holds over a restart, and so does the way back.
    scanner.signal("TERM", SOON);
    let mut scanner = start();
    let page = scanner.wait_for_url("page:", SOON);
    let read = || get(&format!("{page}/api/v1/experiments"));
    wait_until("in force still", SOON, || read().filter(|r| arm(r, "previous").is_some()));
    let (well, text) = impulso(&["experiment", "rollback", "--state-dir", &state]);
    assert!(well, "{text}");
    let back = wait_until("the model again", SOON, || {
        read().filter(|r| arm(r, "").is_some_and(|a| a["model"] != ""))
    });
    assert_eq!(back["book"][0]["what"], "rolled_back");
}
