//! The API of the built program from outside: the examples of the documents, the schemas of the live socket, and
//! schemathesis, which asks everything that the OpenAPI document allows and much that it does not.
#![expect(clippy::unwrap_used, reason = "test code")]

use crate::support::places::{python, root};
use crate::support::{Program, get, program, rows, wait_until};
use std::process::Command;
use std::time::Duration;

/// Runs a command to its end; its output, when it succeeds.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// A scanner on a simulated exchange with a full ranking, a token that may operate, its folder.
struct Scanner {
    _programs: [Program; 2],
    url: String,
    token: String,
    best: String,
    folder: tempfile::TempDir,
}

fn scanner() -> Scanner {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state").display().to_string();
    // A lively hour: at some others no pair of sixty is listed, and the examples would have nothing to show.
    let mut exchange = Program::start(&[
        "exchange",
        "--synthetic",
        "60",
        "--start",
        "2026-11-21T14:07",
        "--listen",
        "127.0.0.1:0",
    ]);
    let rest = exchange.wait_for_url("http://", Duration::from_secs(40));
    let mut scan = Program::scan(&rest, &state, &["--cycle-interval", "1"]);
    let url = scan.wait_for_url("http://127.0.0.1", Duration::from_secs(40));
    let ranking = wait_until("a full ranking", Duration::from_secs(90), || {
        get(&format!("{url}/api/v1/ranking")).filter(|r| r["coverage"]["ratio"].as_f64() >= Some(0.95))
    });
    let best = rows(&ranking)[0]["symbol"].as_str().unwrap().to_owned();
    let create = ["token", "create", "tester", "--scope", "operate", "--state-dir", &state];
    let made = run(Command::new(program()).args(create));
    let token = made.split_whitespace().find(|word| word.starts_with("impulso_")).expect(&made).to_owned();
    Scanner { _programs: [exchange, scan], url, token, best, folder }
}

#[test]
fn heavy_examples_and_schemas_hold() {
    let scanner = scanner();
    let examples = root().join("docs/examples");
    let ask = || {
        run(Command::new("sh")
            .arg(examples.join("ranking.sh"))
            .arg(&scanner.url)
            .env("TOKEN", &scanner.token))
    };
    // Between its two questions a new cycle may come: then the answer is another one, and rightly so.
    let text =
        (0..5).map(|_| ask()).find(|text| text.contains("unchanged: 304")).expect("a cycle that stands");
    assert!(text.starts_with("symbol,current_price,composite_score,confidence_level\n"), "{text}");
    assert!(text.lines().count() >= 3, "{text}");
    let text = run(Command::new(python("python")).arg(examples.join("live.py")).args([&scanner.url, "3"]));
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.lines().all(|line| line.contains(" pairs, first ")), "{text}");
    let watch = || {
        let mut command = Command::new("node");
        command.arg(examples.join("watch.mjs")).args([&scanner.url, &scanner.best]);
        command
    };
    let text = run(watch().env("TOKEN", &scanner.token));
    assert!(
        text.contains(" pairs are analysed") && text.contains(&format!("watched: {}", scanner.best)),
        "{text}"
    );
    let refused = watch().env_remove("TOKEN").output().unwrap();
    assert!(!refused.status.success(), "without a token nothing is changed");
    let check = root().join("tests/clients/live_check.py");
    let seen = run(Command::new(python("python")).arg(check).args([&scanner.url, &scanner.best]));
    assert!(seen.contains("DiffMessage"), "{seen}");
}

#[test]
fn heavy_schemathesis_finds_nothing() {
    let scanner = scanner();
    let reported = || get(&format!("{}/api/v1/experiments", scanner.url));
    wait_until("the experiment's report", Duration::from_secs(60), reported);
    let checks =
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
    let text = run(Command::new(python("schemathesis"))
        .current_dir(scanner.folder.path())
        .args(["run", &format!("{}/openapi.json", scanner.url), "--checks", checks, "--max-time", "45"])
        .args(["--header", &format!("Authorization: Bearer {}", scanner.token)])
        .args(["--phases", "examples,coverage,fuzzing", "--seed", "7", "--continue-on-failure"])
        .args([
            "--suppress-health-check",
            "all",
            "--warnings",
            "off",
            "--request-timeout",
            "10",
            "--no-color",
        ]));
    assert!(text.contains("Coverage") && text.contains("Fuzzing"), "{text}");
    assert_eq!(
        crate::support::request("GET", &format!("{}/healthz", scanner.url), "").0,
        200,
        "it still answers"
    );
}
