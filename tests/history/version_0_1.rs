//! State, history and settings that version 0.1 wrote: the present program opens copies of them and loses nothing.

use crate::support::program;
use impulso::actors::ports::alerts::DeliveryState;
use impulso::actors::ports::experiment::ExperimentCommand;
use impulso::actors::ports::history::{HistoryStore, PredictionKind, Span};
use impulso::actors::ports::state::{OperationalState, Scope};
use impulso::adapters::history::sqlite::SqliteHistory;
use impulso::adapters::state::StateDb;
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::domain::report::Level;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::Interval;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const fn at(ms: i64) -> MachineTime {
    MachineTime::from_ms(ms)
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v0.1").join(name)
}

/// The state folder that the program makes of the backup.
fn restored() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let backup = dir.path().join("backup");
    std::fs::create_dir(&backup).expect("made");
    for file in ["backup.json", "model.json", "profile.toml"] {
        std::fs::copy(fixture(file), backup.join(file)).expect("copied");
    }
    for file in ["state.db", "history.db", "previous-model.json"] {
        let packed = std::fs::read(fixture(&format!("{file}.zst"))).expect("there");
        std::fs::write(backup.join(file), zstd::decode_all(&packed[..]).expect("zstd")).expect("written");
    }
    let state = dir.path().join("state");
    let mut restore = Command::new(program());
    restore.args(["--lang", "en", "restore"]).arg("--from").arg(&backup).arg("--state-dir").arg(&state);
    let done = restore.output().expect("runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    dir
}

#[test]
fn the_state_loses_nothing() {
    let dir = restored();
    let state = StateDb::open(&dir.path().join("state")).expect("opened");
    let alerts = state.alerts(None, MarketTime::MAX, 100).expect("read");
    assert_eq!((alerts.len(), alerts.iter().map(|a| a.deliveries.len()).sum::<usize>()), (9, 27));
    let first = &alerts[8];
    assert_eq!((first.alert.symbol.as_str(), first.alert.level), ("币安人生USDT", Level::Fuerte));
    assert_eq!((first.alert.price, first.alert.calibrated_7_5), (0.21042, Some(31.685654594362507)));
    let outbox = ["console", "discord:1", "webhook"].map(|channel| state.counts(channel).expect("read"));
    assert_eq!(outbox, [[0, 0, 12, 0, 0], [11, 0, 0, 0, 0], [0, 0, 9, 0, 2]]);
    let deliveries = state.changed_since((at(0), 0), 1_000).expect("read");
    assert_eq!((deliveries.len(), deliveries.iter().map(|d| d.attempts).sum::<u32>()), (34, 31));
    let waiting = state.take_due("discord:1", at(i64::MAX - 1)).expect("read").expect("due");
    assert_eq!(
        (waiting.key.as_str(), waiting.state),
        ("币安人生USDT-1795827000000-FUERTE", DeliveryState::Sending)
    );
    let mutes: Vec<_> = state
        .mutes(MarketTime::EPOCH)
        .expect("read")
        .into_iter()
        .map(|m| (m.symbol, m.until, m.by))
        .collect();
    let by = || "token:laptop".to_owned();
    let expected = [
        ("BTCUSDT".to_owned(), Some(MarketTime::from_ms(1_873_635_490_370)), by()),
        ("ETHUSDT".to_owned(), None, by()),
    ];
    assert_eq!(mutes, expected);
    assert_eq!(state.watchlist().expect("read"), ["BNBUSDT"]);
    let secret = "impulso_46204573bc08cbff4058c912ea0e5a73095e38b3f6b98d3408be1319bb85ca3e";
    let token = state.find_token(secret, at(1)).expect("read").expect("known");
    assert_eq!(
        (token.name.as_str(), token.scope, state.tokens().expect("read").len()),
        ("laptop", Scope::Operate, 2)
    );
    assert_eq!(state.open_prediction_count().expect("read"), 277);
    let due = state.due_predictions(MarketTime::MAX, MarketTime::MAX, 1_000).expect("read");
    assert_eq!((due.len(), due.iter().filter(|p| p.key.starts_with("alert-")).count()), (277, 5));
    let minutes = state.cycle_minutes(at(0)).expect("read");
    assert_eq!((minutes.len(), minutes[1].published, minutes[1].pairs_min), (5, 96, 5));
    assert_eq!(state.first_start(at(0)).expect("read"), at(1_795_809_719_036));
    for key in [
        "alert_memory",
        "experiment_report",
        "experiment_since",
        "history_cursor",
        "history_source",
        "learning_runs",
    ] {
        assert!(state.get(key).expect("read").is_some(), "{key}");
    }
}

#[test]
fn the_experiment_loses_nothing() {
    let dir = restored();
    let state = StateDb::open(&dir.path().join("state")).expect("opened");
    let calibrations = state.calibrations(9).expect("read");
    assert_eq!(
        (calibrations.len(), calibrations[0].version, calibrations[0].seen),
        (2, 2, 0.30733889391309255)
    );
    let log: Vec<_> = state.entries(9).expect("read").into_iter().map(|e| (e.what, e.arm, e.by)).collect();
    let line = |what: &str, by: &str| (what.to_owned(), "rule".to_owned(), by.to_owned());
    assert_eq!(log, [line("promoted", "command line"), line("started", "rule")]);
    let left = state.next_order().expect("read");
    assert_eq!(left, Some((ExperimentCommand::Rollback, "command line".to_owned())));
    let report = state.report().expect("read").expect("there");
    let report: impulso::actors::ports::experiment::ExperimentReport =
        serde_json::from_str(&report).expect("understood");
    assert_eq!((report.arms.len(), report.rule.min_days), (2, 1));
    let memory = state.get(impulso::actors::alert::MEMORY_KEY).expect("read").expect("there");
    serde_json::from_str::<impulso::domain::alert::PolicyMemory>(&memory).expect("understood");
    for file in ["model.json", "profile.toml", "previous/model.json"] {
        assert!(dir.path().join("state").join(file).is_file(), "{file}");
    }
}

#[actix_rt::test]
async fn the_history_loses_nothing() {
    let dir = restored();
    let store = SqliteHistory::open(&dir.path().join("state/history.db")).expect("opened");
    let rows: BTreeMap<String, u64> =
        store.stats().await.expect("read").tables.into_iter().map(|t| (t.table, t.rows)).collect();
    let expected = [
        ("alerts", 9),
        ("candles", 21_905),
        ("deliveries", 34),
        ("ledger_days", 0),
        ("outcomes", 278),
        ("predictions", 329),
        ("scores", 1_701),
        ("universe", 15),
    ];
    assert_eq!(rows, expected.map(|(table, rows)| (table.to_owned(), rows)).into());
    let pairs = store.candle_pairs(Interval::M1).await.expect("read");
    let mut candles = 0;
    for (pair, ..) in &pairs {
        candles += store.candles(pair, Interval::M1, Span::ALL).await.expect("read").len();
        candles += store.candles(pair, Interval::M15, Span::ALL).await.expect("read").len();
        candles += store.candles(pair, Interval::H1, Span::ALL).await.expect("read").len();
    }
    assert_eq!((pairs.len(), candles), (5, 21_905));
    let scores = store.scores(Some(&Symbol::new("币安人生USDT")), Span::ALL).await.expect("read");
    assert!(scores.len() > 300 && scores.iter().all(|s| s.price > 0.0));
    assert_eq!(store.alerts(Span::ALL).await.expect("read").len(), 9);
    assert_eq!(store.deliveries(Span::ALL).await.expect("read").len(), 34);
    let own = store.predictions(None, Span::ALL).await.expect("read");
    let shadow = store.shadow_predictions(Span::ALL).await.expect("read");
    let hits = own.iter().chain(&shadow).filter_map(|(_, o)| o.as_ref()).filter(|o| o.hit_24h == Some(true));
    assert_eq!((own.len() + shadow.len(), hits.count()), (329, 17));
    let alerts = store.predictions(Some(PredictionKind::Alert), Span::ALL).await.expect("read");
    let outcome = alerts[0].1.as_ref().expect("judged");
    assert_eq!((outcome.minutes_to_hit, outcome.greatest_rise_pct), (Some(228), 8.093337135253309));
    assert_eq!(store.universe(Span::ALL).await.expect("read").len(), 15);
}

fn config(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(program());
    command.current_dir(dir).args(["--lang", "en", "config"]).args(args);
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("IMPULSO__")) {
        command.env_remove(key);
    }
    let Output { status, stdout, stderr } = command.output().expect("runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// Key and value of each line of `config show`, by the names of today.
fn values(shown: &str, renamed: &BTreeMap<&str, &str>) -> BTreeMap<String, String> {
    let mut section = "";
    let mut values = BTreeMap::new();
    for line in shown.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some((name, rest)) = line.split_once(" = ") {
            let key = format!("{section}.{name}");
            let value = rest.split("  # ").next().unwrap_or_default();
            values.insert((*renamed.get(key.as_str()).unwrap_or(&key.as_str())).to_owned(), value.to_owned());
        }
    }
    values
}

#[test]
fn the_settings_lose_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("settings.toml");
    let old = std::fs::read_to_string(fixture("settings.toml")).expect("there");
    std::fs::write(&file, &old).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("set");
    let (code, _, error) = config(dir.path(), &["check", "--config", "settings.toml"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("is called '") && error.contains("impulso config migrate"), "{error}");

    let (code, printed, error) = config(dir.path(), &["migrate", "settings.toml", "--dry-run"]);
    assert_eq!((code, std::fs::read_to_string(&file).unwrap() == old), (Some(0), true), "{error}");
    let (code, told, error) = config(dir.path(), &["migrate", "settings.toml"]);
    assert_eq!(code, Some(0), "{error}");
    let new = std::fs::read_to_string(&file).expect("there");
    assert_eq!(
        (printed.trim_end(), std::fs::metadata(&file).unwrap().permissions().mode() & 0o777),
        (new.trim_end(), 0o640)
    );
    assert_eq!(std::fs::read_to_string(dir.path().join("settings.toml.bak")).expect("the backup"), old);
    let renamed: BTreeMap<&str, &str> = told.lines().filter_map(|line| line.split_once(" -> ")).collect();
    assert_eq!(renamed.len(), 12, "{told}");
    // Nothing but those names is another: comments, order and values stand where they stood.
    let back = renamed.iter().fold(new, |text, (old, new)| {
        let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
        text.replace(&format!("\n{} =", last(new)), &format!("\n{} =", last(old)))
    });
    assert_eq!(back, old);

    let (code, shown, error) = config(dir.path(), &["show", "--config", "settings.toml"]);
    assert_eq!(code, Some(0), "{error}");
    let before = std::fs::read_to_string(fixture("settings.shown.toml")).expect("there");
    // Settings that came since stand beside them.
    let (mut now, before) = (values(&shown, &BTreeMap::new()), values(&before, &renamed));
    now.retain(|key, _| before.contains_key(key));
    assert_eq!(now, before);

    let (code, told, _) = config(dir.path(), &["migrate", "settings.toml"]);
    assert_eq!((code, told.trim()), (Some(0), "settings.toml needs no change"));
    assert_eq!(std::fs::read_dir(dir.path()).expect("there").count(), 2, "one backup");
}
