//! What stands under deploy/ fits the program: metrics that exist, rules that promtool tests, files that are there,
//! a unit that systemd accepts.

use crate::support::places::tool;
use crate::support::{Program, program, request, wait_until};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use yaml_rust2::{Yaml, YamlLoader};

const SOON: Duration = Duration::from_secs(120);

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(top().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn yaml(path: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(&read(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    assert_eq!(documents.len(), 1, "{path}");
    documents.remove(0)
}

/// Names of metrics in a text, without the endings of histograms.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let found =
        text.match_indices("impulso_").filter(|(at, _)| !text[..*at].ends_with(name)).map(|(at, _)| {
            let whole: String = text[at..].chars().take_while(|c| name(*c)).collect();
            let ending = ["_bucket", "_sum", "_count"].iter().find(|ending| whole.ends_with(**ending));
            whole.strip_suffix(ending.unwrap_or(&"")).unwrap_or(&whole).to_owned()
        });
    found.collect()
}

fn documented() -> Vec<String> {
    let text = read("docs/API.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("- `impulso_")?.strip_suffix('`'));
    rows.map(|name| format!("impulso_{name}")).collect()
}

#[test]
fn the_documented_metrics_are_those_of_the_code_in_order() {
    let mut in_code = BTreeSet::new();
    let mut folders = vec![top().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for call in ["counter!(", "gauge!(", "histogram!("] {
                for (at, _) in text.match_indices(call) {
                    let rest = text[at + call.len()..].trim_start().strip_prefix('"').unwrap_or_default();
                    in_code.extend(rest.split('"').next().map(metrics_in).unwrap_or_default());
                }
            }
        }
    }
    let documented = documented();
    assert!(documented.is_sorted(), "the list in docs/API.md is in order");
    assert_eq!(in_code, documented.iter().cloned().collect::<BTreeSet<_>>(), "code and docs/API.md");
}

#[test]
fn rules_and_board_ask_only_for_metrics_of_the_running_program() {
    let rules = metrics_in(&read("deploy/prometheus/rules.yml"));
    let board = metrics_in(&read("deploy/grafana/dashboards/impulso.json"));
    assert!(rules.len() > 12 && board.len() > 25, "{rules:?} {board:?}");
    let documented: BTreeSet<String> = documented().into_iter().collect();
    let used: BTreeSet<String> = rules.union(&board).cloned().collect();
    let unknown: Vec<_> = used.difference(&documented).collect();
    assert!(unknown.is_empty(), "not in docs/API.md: {unknown:?}");

    let mut demo = Program::start(&["demo", "--symbols", "20", "--speed", "10", "--port", "0"]);
    let page = demo.wait_for_url("page:", SOON);
    // What an alert watches has to be there from the start, or its first event is missed.
    let only_with =
        |name: &&String| !["impulso_redis_up", "impulso_failover_active"].contains(&name.as_str());
    let wanted: BTreeSet<String> = rules.iter().filter(only_with).cloned().collect();
    wait_until("a full ranking", SOON, || {
        (request("GET", &format!("{page}/readyz"), "").0 == 200).then_some(())
    });
    wait_until("every metric of the rules", Duration::from_secs(20), || {
        let told = metrics_in(&request("GET", &format!("{page}/metrics"), "").1);
        wanted.is_subset(&told).then_some(())
    });
    let text = request("GET", &format!("{page}/metrics"), "").1;
    for line in [
        "impulso_history_dropped_total 0",
        "impulso_restarts_total 0",
        "impulso_channel_up{channel=\"console\"} 1",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

fn passes(tool: &Path, args: &[&str], folder: &Path) -> String {
    let out = Command::new(tool).args(args).current_dir(folder).output().expect("it runs");
    let text = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
    assert!(out.status.success(), "{args:?}: {text}");
    text
}

#[test]
fn promtool_accepts_configuration_and_rules_and_their_tests_can_fail() {
    let tool = tool("promtool");
    let dir = tempfile::tempdir().expect("a folder");
    for name in ["prometheus.yml", "rules.yml", "rules.test.yml"] {
        std::fs::write(dir.path().join(name), read(&format!("deploy/prometheus/{name}"))).expect("written");
    }
    std::fs::write(dir.path().join("metrics.token"), "impulso_0").expect("written");
    passes(&tool, &["check", "config", "prometheus.yml"], dir.path());
    passes(&tool, &["check", "rules", "rules.yml"], dir.path());
    passes(&tool, &["test", "rules", "rules.test.yml"], dir.path());
    // Each rule is held by a test: with its threshold or duration changed, something fails.
    let rules = read("deploy/prometheus/rules.yml");
    for (from, to) in [
        ("< 0.95", "< 0.5"),
        ("> 0.92", "> 0.99"),
        ("for: 2m", "for: 20m"),
        ("pending > 10", "pending > 500"),
    ] {
        assert!(rules.contains(from), "{from}");
        std::fs::write(dir.path().join("rules.yml"), rules.replace(from, to)).expect("written");
        let out =
            Command::new(&tool).args(["test", "rules", "rules.test.yml"]).current_dir(dir.path()).output();
        assert!(!out.expect("it runs").status.success(), "the tests of the rules pass with {to}");
    }
}

#[test]
fn every_rule_is_tested_and_has_a_chapter() {
    let rules = yaml("deploy/prometheus/rules.yml");
    let all = rules["groups"][0]["rules"].as_vec().expect("rules").clone();
    assert!(all.len() >= 10);
    let (tests, chapters) = (read("deploy/prometheus/rules.test.yml"), read("docs/OPERATIONS.md"));
    for rule in &all {
        let name = rule["alert"].as_str().expect("a name");
        assert!(tests.contains(&format!("alertname=\"{name}\"")), "{name} has no test");
        assert!(chapters.contains(&format!("### {name}\n")), "{name} has no chapter in docs/OPERATIONS.md");
        let runbook = rule["annotations"]["runbook"].as_str().expect("a runbook");
        assert_eq!(runbook, format!("docs/OPERATIONS.md#{}", name.to_lowercase()));
        assert!(["critical", "warning"].contains(&rule["labels"]["severity"].as_str().unwrap_or_default()));
    }
}

#[test]
fn the_board_is_whole() {
    let board: serde_json::Value =
        serde_json::from_str(&read("deploy/grafana/dashboards/impulso.json")).expect("JSON");
    let source = yaml("deploy/grafana/provisioning/datasources/prometheus.yml");
    let uid = source["datasources"][0]["uid"].as_str().expect("a uid").to_owned();
    let panels = board["panels"].as_array().expect("panels");
    let mut ids = BTreeSet::new();
    let mut taken: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64()), "{panel}");
        assert_eq!(panel["datasource"]["uid"], uid.as_str());
        assert!(!panel["title"].as_str().unwrap_or_default().is_empty());
        assert!(
            panel["targets"].as_array().is_some_and(|t| t.iter().all(|t| t["expr"].is_string())),
            "{panel}"
        );
        let at = |key: &str| panel["gridPos"][key].as_u64().expect("a place");
        assert!(at("x") + at("w") <= 24, "{panel}");
        for cell in
            (at("x")..at("x") + at("w")).flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y)))
        {
            assert_eq!(taken.insert(cell, at("h")), None, "{} lies over another", panel["title"]);
        }
    }
    let boards = yaml("deploy/grafana/provisioning/dashboards/impulso.yml");
    let path = boards["providers"][0]["options"]["path"].as_str().expect("a path");
    assert!(
        read("deploy/compose.yaml").contains(&format!("./grafana/dashboards:{path}:ro")),
        "{path} is mounted"
    );
    let queries = panels.iter().flat_map(|p| p["targets"].as_array().cloned().unwrap_or_default());
    let tool = tool("promtool");
    let dir = tempfile::tempdir().expect("a folder");
    // A rules file of the board's queries: promtool reads each.
    let rules: String = queries
        .enumerate()
        .map(|(n, t)| {
            format!("      - {{record: 'q:{n}', expr: {:?}}}\n", t["expr"].as_str().unwrap_or_default())
        })
        .collect();
    let file = format!("groups:\n  - name: board\n    rules:\n{}", rules.replace("$instance", ".*"));
    std::fs::write(dir.path().join("board.yml"), file).expect("written");
    passes(&tool, &["check", "rules", "board.yml"], dir.path());
}

/// Every variable of the compose file stands in the example, without a value where it is a password.
fn passwords_are_asked_for() {
    let example = read("deploy/.env.example");
    let text = read("deploy/compose.yaml");
    for secret in text.match_indices("_PASSWORD").map(|(at, _)| &text[at..]) {
        let rest = &secret["_PASSWORD".len()..];
        assert!(
            rest.starts_with(":?") || rest.starts_with(": ${"),
            "a password with a default: {}",
            &rest[..20]
        );
    }
    for name in text.match_indices("${").map(|(at, _)| &text[at + 2..]) {
        let name: String = name.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
        let empty = format!("{name}=\n");
        let language = name == "ALERT_LANGUAGE";
        assert!(example.contains(&format!("{name}=")) && (language || example.contains(&empty)), "{name}");
    }
}

#[test]
fn compose_names_only_files_that_exist_and_no_password() {
    let compose = yaml("deploy/compose.yaml");
    let services = compose["services"].as_hash().expect("services");
    let volumes = compose["volumes"].as_hash().expect("volumes");
    assert_eq!(services.len(), 5);
    for (name, service) in services {
        let name = name.as_str().expect("a name");
        assert!(service["restart"].as_str().is_some(), "{name}");
        // The scanner's own health check stands in its Dockerfile.
        assert!(
            name == "scanner" || !service["healthcheck"]["test"].is_badvalue(),
            "{name} has no health check"
        );
        for mount in service["volumes"].as_vec().unwrap_or(&Vec::new()) {
            let mount = mount.as_str().expect("a short mount");
            let from = mount.split(':').next().unwrap_or_default();
            let known = if from.starts_with('.') {
                top().join("deploy").join(from).exists()
            } else {
                volumes.contains_key(&Yaml::String(from.to_owned()))
            };
            assert!(known, "{name}: {from}");
        }
        for port in service["ports"].as_vec().unwrap_or(&Vec::new()) {
            assert!(
                port.as_str().is_some_and(|p| p.starts_with("127.0.0.1:")),
                "{name} listens to everybody"
            );
        }
        let image = service["image"].as_str().unwrap_or_default();
        assert!(image.contains(':') && !image.ends_with(":latest"), "{name}: {image}");
        let needs = service["depends_on"].as_hash().map(|h| h.keys().cloned().collect::<Vec<_>>());
        assert!(needs.unwrap_or_default().iter().all(|other| services.contains_key(other)), "{name}");
    }
    let build = &compose["services"]["scanner"]["build"];
    let context = top().join("deploy").join(build["context"].as_str().expect("a context"));
    assert!(context.join(build["dockerfile"].as_str().expect("a file")).exists());
    passwords_are_asked_for();
    // The settings that it makes are settings that the program takes.
    let environment = compose["services"]["scanner"]["environment"].as_hash().expect("an environment");
    let mut check = Command::new(program());
    let dir = tempfile::tempdir().expect("a folder");
    check.args(["config", "check"]).env_clear().current_dir(dir.path());
    for (key, value) in environment {
        let value = value
            .as_str()
            .expect("text")
            .replace(":?set it in .env}", "}")
            .replace("${ALERT_LANGUAGE:-es}", "es");
        check.env(
            key.as_str().expect("a key"),
            value.replace("${CLICKHOUSE_PASSWORD}", "aa11").replace("${REDIS_PASSWORD}", "bb22"),
        );
    }
    let out = check.output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn the_image_is_built_from_what_is_there_and_runs_as_nobody() {
    let (file, ignored) = (read("deploy/Dockerfile"), read(".dockerignore"));
    let let_in: BTreeSet<&str> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    for needed in ["Cargo.toml", "Cargo.lock", "src", "config", "web", "benches", "README.md"] {
        assert!(let_in.contains(needed) && top().join(needed).exists(), "{needed}");
    }
    let cargo = read("Cargo.toml");
    let version = cargo.lines().find_map(|l| l.strip_prefix("rust-version = \"")).expect("a version");
    assert!(file.contains(&format!("FROM rust:{}", version.trim_end_matches('"'))), "the compiler's version");
    let last = file.rsplit("\nFROM ").next().expect("a last stage");
    assert!(
        last.contains("\nUSER 65532:65532\n") && last.contains("\"/usr/local/bin/impulso\", \"health\"]")
    );
    assert!(file.contains("--locked"));
    let mut check = Command::new(program());
    let dir = tempfile::tempdir().expect("a folder");
    check.args(["config", "check"]).env_clear().current_dir(dir.path());
    let settings = last.split_whitespace().filter_map(|word| word.strip_prefix("IMPULSO__")?.split_once('='));
    let settings: Vec<_> = settings.collect();
    assert_eq!(settings.len(), 3);
    check.envs(settings.into_iter().map(|(key, value)| (format!("IMPULSO__{key}"), value)));
    let out = check.output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn systemd_takes_the_unit_and_finds_it_hardened() {
    let unit = read("deploy/systemd/impulso.service");
    assert!(unit.contains("ExecStart=/usr/local/bin/impulso scan\n"));
    let analyze = Path::new("systemd-analyze");
    if !Command::new(analyze).arg("--version").output().is_ok_and(|out| out.status.success()) {
        println!("left out: systemd-analyze is not on this machine");
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let path = program().canonicalize().expect("the program").display().to_string();
    std::fs::write(dir.path().join("impulso.service"), unit.replace("/usr/local/bin/impulso", &path))
        .expect("written");
    let said = passes(analyze, &["verify", "--man=no", "./impulso.service"], dir.path());
    assert!(!said.contains("impulso.service:"), "{said}");
    // 0 is shut, 10 is open; the rest is the network that it needs.
    passes(analyze, &["security", "--offline=true", "--threshold=15", "./impulso.service"], dir.path());
}
