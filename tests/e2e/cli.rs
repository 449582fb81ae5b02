//! The command line from outside: help, settings, errors in one clear sentence, exit codes.

use crate::support::{Program, get, program, wait_until};
use std::process::{Command, Output};
use std::time::Duration;

pub(super) fn run(args: &[&str], env: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(program());
    command.args(args).current_dir(folder.path());
    command.env("HOME", folder.path()).env_remove("XDG_STATE_HOME").env_remove("XDG_CONFIG_HOME");
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("IMPULSO__")) {
        command.env_remove(key);
    }
    let Output { status, stdout, stderr } = command.envs(env.iter().copied()).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn help_shows_examples_and_version_is_told() {
    for args in [&["--help"][..], &["scan", "--help"], &["demo", "--help"], &["exchange", "--help"]] {
        let (code, out, _) = run(args, &[]);
        assert_eq!(code, Some(0));
        assert!(out.contains("Example") && out.contains("impulso "), "{args:?}: {out}");
    }
    let (_, version, _) = run(&["--version"], &[]);
    assert_eq!(version.trim(), concat!("impulso ", env!("CARGO_PKG_VERSION")));
    let (code, script, _) = run(&["completions", "bash"], &[]);
    assert_eq!(code, Some(0));
    assert!(script.contains("_impulso"), "a completion script");
}

#[test]
fn wrong_settings_name_the_key_and_what_is_allowed() {
    let (code, _, error) = run(&["config", "check"], &[("IMPULSO__CYCLE__INTERVALS", "5")]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("cycle.intervals") && error.contains("interval_s"), "{error}");
    let (code, _, error) = run(&["config", "check", "--base-interval", "30m"], &[]);
    assert_eq!(code, Some(2));
    assert!(error.contains("analysis.tf_minutes") && error.contains("30m"), "{error}");
    let (code, _, error) = run(&["config", "check", "--config", "missing.toml"], &[]);
    assert_eq!(code, Some(1));
    assert!(error.contains("missing.toml"), "{error}");
    let (code, _, error) = run(&["exchange", "--start", "yesterday"], &[]);
    assert_eq!(code, Some(2));
    assert!(error.contains("2025-06-18T06:00"), "{error}");
    let (code, _, error) = run(&["exchange", "--data", "no/such/folder"], &[]);
    assert_eq!(code, Some(1));
    assert!(error.contains("no/such/folder"), "{error}");
}

#[test]
fn settings_in_force_are_shown_with_their_origin_and_can_be_read_back() {
    let (code, shown, _) =
        run(&["config", "show", "--cycle-interval", "5"], &[("IMPULSO__RANKING__MIN_PRICE", "0.5")]);
    assert_eq!(code, Some(0));
    assert!(
        shown.contains("interval_s = 5  # flag") && shown.contains("min_price = 0.5  # environment"),
        "{shown}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shown.toml");
    std::fs::write(&file, &shown).expect("written");
    let (code, out, error) = run(&["config", "check", "--config", &file.to_string_lossy()], &[]);
    assert_eq!((code, out.trim()), (Some(0), "the settings are right"), "{error}");
}

#[test]
fn an_exchange_that_cannot_be_reached_is_said_on_log_and_page_and_tried_again() {
    let state = tempfile::tempdir().expect("a folder");
    let dir = state.path().to_string_lossy();
    // Port 9 of this machine: nobody listens there.
    let (rest, streams) = ("http://127.0.0.1:9", "ws://127.0.0.1:9");
    let args = ["scan", "--rest-url", rest, "--stream-url", streams, "--port", "0", "--state-dir", &dir];
    let mut scan = Program::start(&args);
    let page = scan.wait_for_url("http://127.0.0.1", Duration::from_secs(20));
    scan.wait_for_line("impulso demo", Duration::from_secs(20));
    wait_until("the page says it", Duration::from_secs(10), || {
        crate::support::request("GET", &format!("{page}/"), "").1.contains("127.0.0.1:9").then_some(())
    });
    let status = get(&format!("{page}/api/v1/status")).expect("a status");
    assert!(status["problem"].as_str().is_some_and(|p| p.contains("impulso demo")), "{status}");
    assert_eq!(crate::support::request("GET", &format!("{page}/api/v1/ranking"), "").0, 503);
    assert_eq!(crate::support::request("GET", &format!("{page}/readyz"), "").0, 503);
    assert_eq!(crate::support::request("GET", &format!("{page}/healthz"), "").0, 200);
    // A second one cannot have the same state folder, nor with its own the same address, and says so.
    let (code, _, error) = run(&args, &[]);
    assert_eq!(code, Some(1));
    let pid = std::fs::read_to_string(state.path().join("scanner.lock")).expect("its number");
    assert!(
        error.contains(pid.trim()) && error.contains("--state-dir") && !error.contains("panicked"),
        "{error}"
    );
    let port = page.rsplit(':').next().expect("a port").to_owned();
    let other = tempfile::tempdir().expect("a folder");
    let (mut second, other) = (args, other.path().to_string_lossy());
    (second[6], second[8]) = (&port, &other);
    let (code, _, error) = run(&second, &[]);
    assert_eq!(code, Some(1));
    assert!(error.contains(&port) && error.contains("--port") && !error.contains("panicked"), "{error}");
    // What a closed terminal sends.
    assert_eq!(scan.signal("HUP", Duration::from_secs(10)).code(), Some(0), "{}", scan.output());
    assert!(scan.output().contains("stopping in order"), "{}", scan.output());
    // The folder is free again, also behind one that is killed.
    let mut third = Program::start(&args);
    third.wait_for_url("http://127.0.0.1", Duration::from_secs(20));
    third.signal("KILL", Duration::from_secs(10));
    let mut fourth = Program::start(&args);
    fourth.wait_for_url("http://127.0.0.1", Duration::from_secs(20));
}

#[test]
fn too_low_a_limit_of_open_files_is_told_and_a_soft_one_raised() {
    let state = tempfile::tempdir().expect("a folder");
    let dir = state.path().to_string_lossy().into_owned();
    let scan = |limit: &str| {
        let args = "scan --rest-url http://127.0.0.1:9 --stream-url ws://127.0.0.1:9 --port 0 --state-dir";
        let script = format!("ulimit {limit} && exec \"$0\" {args} \"$1\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(program()).arg(&dir).stderr(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::piped()).spawn().expect("sh runs")
    };
    let out = scan("-n 64").wait_with_output().expect("ends");
    let error = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{error}");
    assert!(error.contains(" 64 ") && error.contains("LimitNOFILE"), "{error}");
    let mut soft = scan("-Sn 64");
    let raised = wait_until("the soft limit is raised", Duration::from_secs(20), || {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", soft.id())).ok()?;
        let line = limits.lines().find(|line| line.starts_with("Max open files"))?.to_owned();
        let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        numbers.first().copied().filter(|soft| *soft > 64)
    });
    soft.kill().expect("it runs");
    soft.wait().expect("it ends");
    assert!(raised >= 256, "{raised}");
}

#[test]
fn the_doctor_says_what_fails_and_what_to_do() {
    let (code, out, _) =
        run(&["doctor", "--rest-url", "http://127.0.0.1:9", "--stream-url", "ws://127.0.0.1:9"], &[]);
    assert_eq!(code, Some(1));
    assert!(
        out.contains("failed  rest") && out.contains("impulso demo") && out.contains("failed  streams"),
        "{out}"
    );
    let mut exchange = Program::start(&["exchange", "--synthetic", "60", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", Duration::from_secs(60));
    let (code, out, error) =
        run(&["doctor", "--rest-url", &url, "--stream-url", &url.replace("http", "ws")], &[]);
    assert_eq!(code, Some(0), "{out}{error}");
    for line in ["ok      rest", "ok      clock", "ok      weight", "ok      universe", "ok      streams"] {
        assert!(out.contains(line), "{line} in {out}");
    }
}

/// A pipe can be read once, and the language of the run is looked for in it before the arguments are parsed.
#[test]
fn settings_come_out_of_a_pipe_and_an_endless_file_is_refused() {
    let run = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", script, program().to_str().expect("UTF-8")]);
        let out = command.output().expect("sh runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (out.status.code(), text(&out.stdout), text(&out.stderr))
    };
    let piped = "printf 'lang = \"es\"\\n[cycle]\\ninterval_s = 6\\n' | \"$0\"";
    let (code, shown, err) = run(&format!("{piped} config show --config /dev/stdin"));
    assert!(code == Some(0) && shown.contains("interval_s = 6 "), "{shown}{err}");
    let (_, told, err) = run(&format!("{piped} config check --config /dev/stdin"));
    assert_eq!(told.trim(), "los ajustes están bien", "{err}");
    for command in ["config check --config /dev/zero", "config migrate /dev/zero"] {
        let (code, _, err) = run(&format!("\"$0\" {command}"));
        assert!(code == Some(2) || code == Some(1), "{err}");
        assert!(err.contains("larger than 1 MiB"), "{err}");
    }
}

#[test]
fn a_settings_file_of_the_current_folder_is_not_read_in_silence() {
    let (here, home) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let run = |args: &[&str]| {
        let mut command = Command::new(program());
        command.args(args).current_dir(here.path()).env("LC_ALL", "C.UTF-8");
        command.env("HOME", home.path()).env_remove("XDG_CONFIG_HOME");
        for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("IMPULSO__")) {
            command.env_remove(key);
        }
        let out = command.output().expect("it runs");
        let text = [out.stdout, out.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat();
        (out.status.code(), text)
    };
    std::fs::write(here.path().join("impulso.toml"), "[cycle]\ninterval_s = 7\n").expect("written");
    for command in [&["config", "show"][..], &["demo", "--symbols", "5"], &["scan"], &["token", "list"]] {
        let (code, text) = run(command);
        assert_eq!(code, Some(2), "{command:?} {text}");
        assert!(text.contains("./impulso.toml") && text.contains("--config ./impulso.toml"), "{text}");
        assert!(text.contains(".config/impulso/impulso.toml"), "{text}");
    }
    std::fs::write(here.path().join("impulso.toml"), "[cycle]\ninterval_s = 6\n").expect("written");
    let (code, text) = run(&["config", "show", "--config", "impulso.toml"]);
    assert!(code == Some(0) && text.contains("interval_s = 6"), "{text}");
    std::fs::remove_file(here.path().join("impulso.toml")).expect("removed");
    let own = home.path().join(".config/impulso");
    std::fs::create_dir_all(&own).expect("a folder");
    std::fs::write(own.join("impulso.toml"), "[cycle]\ninterval_s = 6\n").expect("written");
    let (code, text) = run(&["config", "show"]);
    assert!(code == Some(0) && text.contains("interval_s = 6") && text.contains(".config/impulso"), "{text}");
}
