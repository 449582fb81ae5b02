//! The command line as people read it, in both languages: help of every command, lines, wrong arguments and settings.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::languages::run;
use crate::support::snapshots::same_as_kept;
use clap::CommandFactory;
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::state::StateDb;
use impulso::cli::Cli;
use std::fmt::Write as _;
use std::path::Path;

/// Locale and code of both languages.
const LANGUAGES: [(&str, &str); 2] = [("es_ES.UTF-8", "es"), ("en_US.UTF-8", "en")];
/// Moments of the machine's clock, secrets, sizes of files, times that something took.
const PASSING: [(&str, &str); 7] = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?", "MOMENT"),
    (r"\d{8}T\d{6}Z", "MOMENT"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "MOMENT"),
    (r"impulso_[0-9A-Za-z_-]{20,}", "SECRET"),
    (r"\d+[.,]\d+ MiB", "SIZE MiB"),
    (r"\d+([.,]\d+)? ms\b", "TIME ms"),
    (r"after \d+[.,]\d+ ?s", "after TIME"),
];

/// The calls, one after the other in the same folder, with their exit codes.
fn told(calls: &[&[&str]], locale: &str, folder: &Path) -> String {
    let mut text = String::new();
    for args in calls {
        let (code, shown) = run(args, &[("LANG", locale)], folder);
        writeln!(text, "$ impulso {}\n{shown}[{}]\n", args.join(" "), code.unwrap_or(-1)).unwrap();
    }
    text
}

/// English of the parser itself, which must not show in Spanish help.
const ENGLISH: [&str; 8] =
    ["Usage", "Options", "Commands", "Arguments", "Print ", "default:", "ossible values", "Example"];

#[test]
fn help_of_every_command() {
    fn paths(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
        found.push(path.to_vec());
        for inner in command.get_subcommands() {
            paths(inner, &[path, &[inner.get_name().to_owned()]].concat(), found);
        }
    }
    let mut all = Vec::new();
    paths(&Cli::command(), &[], &mut all);
    let dir = tempfile::tempdir().unwrap();
    for (locale, lang) in LANGUAGES {
        for path in &all {
            let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
            let text = told(&[&args], locale, dir.path());
            let parsers = if lang == "es" { &ENGLISH[..] } else { &["Uso:"] };
            for word in parsers {
                assert!(!text.contains(word), "{args:?}: {word} in {text}");
            }
            let name = if path.is_empty() { "impulso".to_owned() } else { path.join("-") };
            same_as_kept("help", &format!("{name}-{lang}"), &text, &[]);
        }
    }
}

#[test]
fn wrong_arguments() {
    let calls: [&[&str]; 18] = [
        &[],
        &["config", "check", "--cycle-interval", "7"],
        &["config", "check", "--base-interval", "2m"],
        &["scan", "--foo"],
        &["scna"],
        &["backup"],
        &["config"],
        &["exchange", "--start", "ayer"],
        &["exchange", "--data", "x", "--synthetic", "9"],
        &["exchange", "--fault", "fire:all"],
        &["exchange", "--listen", "nowhere"],
        &["demo", "--speed", "fast"],
        &["scan", "--port", "70000"],
        &["history", "export", "--symbol", "BTCUSDT", "--interval", "3x"],
        &["history", "export", "--symbol", "BTCUSDT", "--format", "xml"],
        &["token", "create", "a", "--scope", "all"],
        &["completions", "tcsh"],
        &["--lang", "fr", "scan"],
    ];
    let dir = tempfile::tempdir().unwrap();
    for (locale, lang) in LANGUAGES {
        same_as_kept("cli", &format!("arguments-{lang}"), &told(&calls, locale, dir.path()), &[]);
    }
}

/// A file of settings for each thing that can be wrong in it.
const WRONG: [&str; 50] = [
    "lang = \"fr\"",
    "nonsense = 1",
    "[cycle]\nintervall_s = 30",
    "[cycle]\ninterval_s = \"soon\"",
    "[cycle]\ninterval_s = 7",
    "[cycle]\ninterval_s = 0",
    "[cycle]\ndeadline_ms = 1",
    "cycle = 3",
    "[cycle",
    "[exchange]\nbase_interval = \"2m\"",
    "[exchange]\nrest_url = \"ftp://x\"",
    "[exchange]\nstream_url = \"http://x\"",
    "[exchange]\nquote_asset = \"\"",
    "[exchange]\nconnections = 1",
    "[exchange]\nmax_min_notional = -1.0",
    "[analysis]\ntf_minutes = 7",
    "[analysis]\ntf_minutes = 5\n[exchange]\nbase_interval = \"15m\"",
    "[analysis]\npause_jump_pct = 0.0",
    "[analysis.profile.rsi]\noversold_points = 900.0",
    "[analysis.profile]\nvolume = []",
    "[alert]\nlanguage = \"fr\"",
    "[alert]\nquiet_hours = \"at night\"",
    "[alert]\ntime_zone = \"Mars/Base\"",
    "[alert]\ndashboard_url = \"home\"",
    "[alert]\nconfirm_cycles = 0",
    "[web]\nbind = \"here\"",
    "[web]\nworkers = 0",
    "[web]\ncors_origins = [\"*\"]",
    "[log]\nlevel = \"loud==x\"",
    "[log]\nformat = \"xml\"",
    "[system]\nshards = 0",
    "[history]\nstore = \"mysql:x\"",
    "[history]\nstore = \"clickhouse:ftp://x\"",
    "[redis]\nurl = \"http://x\"",
    "[redis]\nttl_s = 1",
    "[model]\nfile = \"\"",
    "[model]\nadapt_half_life_days = 0.0",
    "[model.levels]\nfuerte = 10.0",
    "[experiment.arms.\"a b\"]\nmodel = \"none\"",
    "[experiment.arms.a]\nmodel = \"force\"",
    "[channels.telegram]\nenabled = true",
    "[channels.telegram]\nenabled = true\ntoken = \"1:x\"\nchats = [\"group\"]",
    "[channels.telegram]\nlanguage = \"fr\"",
    "[channels.telegram]\nmin_level = \"BAJA\"",
    "[channels.telegram]\ntoken_file = \"no/such\"",
    "[channels.discord]\nenabled = true",
    "[channels.discord]\nenabled = true\nwebhook_urls = [\"x\"]",
    "[channels.email]\nenabled = true",
    "[channels.email]\nsecurity = \"maybe\"",
    "[channels.webhook]\nenabled = true",
];

#[test]
fn wrong_settings() {
    let dir = tempfile::tempdir().unwrap();
    for (locale, lang) in LANGUAGES {
        let mut text = String::new();
        for settings in WRONG {
            std::fs::write(dir.path().join("wrong.toml"), settings).unwrap();
            let call = ["config", "check", "--config", "wrong.toml"];
            write!(text, "{settings}\n{}", told(&[&call], locale, dir.path())).unwrap();
        }
        same_as_kept("cli", &format!("settings-{lang}"), &text, &[]);
    }
}

#[test]
fn lines_of_the_commands() {
    let state = ["--state-dir", "state"];
    let nobody = ["--rest-url", "http://127.0.0.1:9", "--stream-url", "ws://127.0.0.1:9"];
    let calls: [(&[&str], &[&str]); 35] = [
        (&["config", "check"], &[]),
        (&["config", "show"], &[]),
        (&["config", "check", "--config", "no.toml"], &[]),
        (&["token", "list"], &state),
        (&["token", "create", "laptop", "--scope", "operate"], &state),
        (&["token", "create", "laptop"], &state),
        (&["token", "create", "a b"], &state),
        (&["token", "list"], &state),
        (&["token", "revoke", "laptop"], &state),
        (&["token", "revoke", "nobody"], &state),
        (&["token", "revoke", "the settings are right"], &state),
        (&["history", "stats"], &state),
        (&["history", "vacuum"], &state),
        (&["history", "export", "--symbol", "BTCUSDT", "--interval", "1m"], &state),
        (&["history", "import", "no/such"], &state),
        (&["history", "import", "bad.csv", "--interval", "1m"], &state),
        (&["history", "import", "BTCUSDT-1m.csv", "--interval", "1m"], &state),
        (&["history", "export", "--symbol", "BTCUSDT", "--interval", "1m"], &state),
        (&["history", "export", "--symbol", "BTCUSDT", "--interval", "1m", "--out", "out.csv"], &state),
        (&["history", "stats"], &state),
        (&["history", "stats", "--store", "clickhouse:http://127.0.0.1:9/db"], &state),
        (&["alerts", "test"], &state),
        (&["alerts", "test", "--channel", "console"], &state),
        (&["alerts", "test", "--channel", "nobody"], &state),
        (&["alerts", "simulate"], &state),
        (&["backup", "--to", "saved"], &state),
        (&["restore", "--from", "nowhere"], &state),
        (&["health", "--port", "9"], &[]),
        (&["doctor"], &nobody),
        (&["exchange", "--data", "no/such"], &[]),
        (&["experiment", "show"], &["--state-dir", "fresh"]),
        (&["experiment", "promote", "nobody"], &["--state-dir", "arms"]),
        (&["experiment", "show"], &["--state-dir", "arms"]),
        (&["experiment", "promote", "one"], &["--state-dir", "arms"]),
        (&["experiment", "rollback"], &["--state-dir", "fresh"]),
    ];
    let calls: Vec<Vec<&str>> = calls.iter().map(|(args, more)| [*args, *more].concat()).collect();
    let calls: Vec<&[&str]> = calls.iter().map(Vec::as_slice).collect();
    for (locale, lang) in LANGUAGES {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bad.csv"), "one,two\n").unwrap();
        let minutes = "1750000020000,1,2,0.5,1.5,10,1750000079999,15,1,5,7,0\n";
        std::fs::write(dir.path().join("BTCUSDT-1m.csv"), minutes).unwrap();
        let report = include_str!("../support/experiment_report.json");
        StateDb::open(&dir.path().join("arms")).unwrap().put("experiment_report", report).unwrap();
        same_as_kept("cli", &format!("lines-{lang}"), &told(&calls, locale, dir.path()), &PASSING);
    }
}

#[test]
fn lines_of_the_models() {
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/config/model.json");
    let calls: [&[&str]; 12] = [
        &["model", "show"],
        &["model", "show", model],
        &["model", "show", "no.json"],
        &["model", "show", "bad.json"],
        &["model", "compare", model, model, "--data", "no/such"],
        &["model", "activate", "no.json", "--state-dir", "state"],
        &["model", "activate", "bad.json", "--state-dir", "state"],
        &["train", "--data", "no/such", "--out", "x.json"],
        &["train", "--out", "x.json"],
        &["tune", "--data", "no/such"],
        &["backtest", "--data", "no/such"],
        &["backtest", "lookahead-check", "--data", "no/such"],
    ];
    for (locale, lang) in LANGUAGES {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bad.json"), "{}").unwrap();
        let text = told(&calls, locale, dir.path()).replace(env!("CARGO_MANIFEST_DIR"), "PACKAGE");
        same_as_kept("cli", &format!("models-{lang}"), &text, &[]);
    }
}
