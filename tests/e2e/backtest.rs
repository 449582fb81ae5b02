//! `impulso backtest`, `train` and `model` from outside.

use crate::support::places::shared;
use crate::support::{Program, get, program, rows, wait_until};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

pub(super) fn impulso(args: &[&str], state: &Path) -> Output {
    let mut command = Command::new(program());
    command
        .args(args)
        .args(["--state-dir", &state.to_string_lossy(), "--log-level", "warn"])
        .env("LC_ALL", "C");
    command.output().expect("it runs")
}

pub(super) fn well(args: &[&str], state: &Path) -> String {
    let out = impulso(args, state);
    let text = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
    assert!(out.status.success(), "{args:?}: {text}");
    text
}

const START: i64 = 1_700_006_400_000;

/// Seeded walks as SYMBOL.csv files: 5m candles, some pairs wilder than others.
pub(super) fn market(folder: &Path, pairs: u64, days: i64) {
    market_from(folder, pairs, days, START);
}

fn market_from(folder: &Path, pairs: u64, days: i64, start: i64) {
    for number in 0..pairs {
        let mut state = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        let name = if number == 0 { "BTCUSDT".to_owned() } else { format!("P{number}USDT") };
        let mut text = "open_time,open,high,low,close,volume,quote_volume\n".to_owned();
        let mut price = 20.0;
        for at in 0..days * 288 {
            let wild =
                0.004 * (1.0 + number as f64 / 3.0) * (1.2 + (at as f64 / 700.0 + number as f64).sin());
            let open = price;
            price *= 1.0 + wild * next();
            let (high, low) = (open.max(price) * 1.0005, open.min(price) * 0.9995);
            let volume = 40_000.0 * (1.0 + next());
            let open_time = start + at * 300_000;
            text += &format!("{open_time},{open},{high},{low},{price},{volume},{}\n", volume * price);
        }
        std::fs::write(folder.join(format!("{name}.csv")), text).expect("written");
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a report")).expect("JSON")
}

/// Everything that a report promises.
fn whole(first: &Value) {
    assert!(
        first["points"].as_u64() > Some(3_000) && first["ladder"] == "calibrated" && first["model"] == "mine"
    );
    for key in ["base_rate", "auc", "brier", "ece"] {
        assert!((0.0..=1.0).contains(&first[key].as_f64().expect("a share")), "{key}");
    }
    for level in ["FUERTE", "ALTA", "MEDIA", "BAJA"] {
        for ladder in ["levels", "rule_levels"] {
            let own = &first[ladder][level];
            let (episodes, hits) =
                (own["episodes"].as_u64().expect("a count"), own["hits"].as_u64().expect("a count"));
            assert!(
                hits <= episodes && own["precision"].is_null() == (episodes == 0),
                "{ladder} {level} {own}"
            );
        }
    }
    let month = &first["by_month"][0];
    assert!(
        ["month", "points", "base_rate", "ece", "fuerte_episodes", "fuerte_precision"]
            .iter()
            .all(|k| month.get(k).is_some())
    );
    assert!(first["alerts_per_day"]["FUERTE"].is_number() && first["alerts_per_day"]["ALTA"].is_number());
    assert_eq!(
        (first["runs"].as_array().map(Vec::len), first["comparisons"].as_array().map(Vec::len)),
        (Some(2), Some(1))
    );
}

/// The same candles out of a history store give the same report.
fn from_the_store(data: &str, model: &str, state: &Path, expected: &Value) {
    let store = format!("sqlite:{}", state.join("history.db").display());
    well(&["history", "import", data, "--store", &store], state);
    let kept = state.join("kept.json");
    let kept_arg = kept.to_string_lossy();
    let args =
        ["backtest", "--store", &store, "--base-interval", "5m", "--model", model, "--json", &kept_arg];
    well(&args, state);
    let found = json(&kept);
    for key in ["points", "auc", "levels", "alerts_per_day"] {
        assert_eq!(found[key], expected[key], "{key}");
    }
}

/// Prices that walk at random have no rule: the search says so, writes no profile and fails.
fn no_rule_of_a_walk_holds(data: &str, state: &Path, folder: &Path) {
    let (out, report) = (folder.join("challenger.toml"), folder.join("tuned.json"));
    let (out_arg, report_arg) = (out.to_string_lossy(), report.to_string_lossy());
    let args = ["tune", "--data", data, "--candidates", "16", "--out", &out_arg, "--json", &report_arg];
    let ran = impulso(&args, state);
    let text = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert_eq!(ran.status.code(), Some(1), "{text}");
    assert!(text.contains("nothing is written") && !out.exists(), "{text}");
    let found = json(&report);
    assert_eq!((found["holds"].as_bool(), found["folds"].as_array().map(Vec::len)), (Some(false), Some(4)));
    let few = impulso(&["tune", "--data", data, "--folds", "40"], state);
    let told = String::from_utf8_lossy(&few.stderr).into_owned();
    assert!(!few.status.success() && told.contains("take fewer --folds"), "{told}");
}

#[test]
fn heavy_train_and_backtest_from_a_folder_of_candles() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, state) = (folder.path().join("data"), folder.path().join("state"));
    std::fs::create_dir_all(&data).expect("made");
    market(&data, 8, 60);
    let (data, model) = (data.to_string_lossy().into_owned(), folder.path().join("mine.json"));
    let model = model.to_string_lossy().into_owned();
    let said = well(&["train", "--data", &data, "--out", &model, "--step", "60m", "--rounds", "8"], &state);
    assert!(said.contains("walk_forward") && said.contains("8 pairs"), "{said}");
    let report = folder.path().join("report.json");
    let page = folder.path().join("report.html");
    let (report_arg, page_arg) = (report.to_string_lossy(), page.to_string_lossy());
    let args = [
        "backtest",
        "--data",
        &data,
        "--model",
        &model,
        "--model",
        "none",
        "--json",
        &report_arg,
        "--html",
        &page_arg,
    ];
    well(&args, &state);
    let first = json(&report);
    whole(&first);
    assert_eq!(first["runs"][1]["ladder"], "rule");
    let html = std::fs::read_to_string(&page).expect("a page");
    assert!(
        html.contains("<svg") && !html.contains("<script") && !html.contains("src="),
        "one file, no script"
    );
    let again = folder.path().join("again.json");
    well(
        &[
            "backtest",
            "--data",
            &data,
            "--model",
            &model,
            "--model",
            "none",
            "--json",
            &again.to_string_lossy(),
        ],
        &state,
    );
    assert_eq!(first, json(&again), "the same candles give the same report");
    assert!(
        well(&["backtest", "lookahead-check", "--data", &data, "--moments", "4"], &state)
            .contains("nothing looks ahead")
    );
    from_the_store(&data, &model, &state, &first);
    no_rule_of_a_walk_holds(&data, &state, folder.path());
    let active = state.join("model.json");
    well(&["model", "activate", &model], &state);
    assert!(std::fs::read_to_string(&active).expect("activated").contains("\"name\":\"mine\""));
    well(&["model", "activate", "default"], &state);
    assert!(!active.exists());
}

#[test]
fn heavy_periods_left_out_stand_in_the_card() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let periods = [("2023", START), ("2024", START + 120 * 86_400_000)].map(|(name, start)| {
        let data = folder.path().join(name);
        std::fs::create_dir_all(&data).expect("made");
        market_from(&data, 5, 33, start);
        data.to_string_lossy().into_owned()
    });
    let out = folder.path().join("mine.json").to_string_lossy().into_owned();
    let args = ["train", "--data", &periods[0], &periods[1], "--out", &out, "--rounds", "4", "--step", "60m"];
    let weighed = ["--day-weights", "trees", "calibration"];
    let said = well(&[&args[..], &weighed].concat(), &state);
    assert!(said.contains("left out of the training") && said.contains("all periods"), "{said}");
    let told = ["Seen to hold", "Seen to break", "Too few FUERTE to say"];
    assert!(told.iter().any(|sentence| said.contains(sentence)), "{said}");
    let model = json(Path::new(&out));
    let left_out = model["model"]["card"]["left_out"].as_array().expect("a list");
    let [first, second, all] = left_out.as_slice() else { panic!("{left_out:?}") };
    assert!(first["span"][0].as_str() < second["span"][0].as_str() && all["span"].is_null());
    let sum = |of: fn(&Value) -> &Value| {
        let [first, second, all] = [first, second, all].map(|period| of(period).as_u64().expect("a count"));
        assert_eq!(first + second, all, "{left_out:?}");
        all
    };
    assert!(sum(|period| &period["points"]) > 3_000);
    sum(|period| &period["fuerte"]["judged"]);
    // Walks whose swings come and go by the clock of their candles: what one period teaches holds in the other.
    assert!(all["auc"].as_f64() > Some(0.6), "{all}");
}

#[test]
fn what_cannot_be_done_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let (empty, broken) = (folder.path().join("empty"), folder.path().join("broken"));
    std::fs::create_dir_all(&empty).expect("made");
    std::fs::create_dir_all(&broken).expect("made");
    market(&broken, 2, 3);
    let file = broken.join("P1USDT.csv");
    let text = std::fs::read_to_string(&file).expect("there");
    std::fs::write(&file, text.replacen("\n17000", "\noops,17000", 2)).expect("written");
    let (empty, broken) = (empty.to_string_lossy().into_owned(), broken.to_string_lossy().into_owned());
    let model = folder.path().join("model.json");
    std::fs::write(&model, "{}").expect("written");
    let model = model.to_string_lossy().into_owned();
    let cases: [(&[&str], &str); 6] = [
        (&["backtest", "--data", &empty], "SYMBOL.csv.zst"),
        (&["backtest", "--data", "no/such/folder"], "no/such/folder"),
        (&["backtest", "--data", &broken], "line 2"),
        (&["backtest", "--data", &broken, "--step", "7m"], "divides a day"),
        (&["backtest", "--data", &broken, "--model", &model], "impulso train"),
        (&["train", "--data", &empty, "--out", &model], "no candles found"),
    ];
    for (args, expected) in cases {
        let out = impulso(args, folder.path());
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!out.status.success() && text.contains(expected), "{args:?}: {text}");
    }
}

#[test]
fn heavy_the_backtest_says_what_the_scanner_said() {
    let Some(data) = shared("data/um-1m-2025-06") else { return };
    let state = tempfile::tempdir().expect("a folder");
    let (data, dir) = (data.to_string_lossy(), state.path().to_string_lossy());
    let start = "2025-06-18T06:07:02";
    let mut exchange =
        Program::start(&["exchange", "--data", &data, "--start", start, "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", Duration::from_secs(120));
    let mut scan = Program::scan(&url, &dir, &[]);
    let page = scan.wait_for_url("http://127.0.0.1", Duration::from_secs(60));
    let cut = 1_750_226_880_000_i64;
    let ranking = wait_until("the cut", Duration::from_secs(150), || {
        get(&format!("{page}/api/v1/ranking?limit=1000")).filter(|r| r["as_of"].as_i64() == Some(cut))
    });
    let out = state.path().join("rows.jsonl");
    let span = ["--from", "2025-06-18T06:08", "--to", "2025-06-18T06:09", "--step", "1m", "--adapt", "off"];
    let rows_arg = out.to_string_lossy();
    let mut args = vec!["backtest", "--data", &data, "--rows", &rows_arg];
    args.extend(span);
    well(&args, &state.path().join("other"));
    let text = std::fs::read_to_string(&out).expect("rows");
    let replayed: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    let (mut compared, mut elsewhere) = (0, 0);
    for live in rows(&ranking) {
        let own = replayed.iter().find(|r| r["symbol"] == live["symbol"]).expect("the same pairs");
        assert_eq!(own["as_of"].as_i64(), Some(cut));
        let score = (&own["total_score"], &live["momentum_score"]["total_score"]);
        assert_eq!(score.0.as_f64().map(f64::to_bits), score.1.as_f64().map(f64::to_bits), "{live}");
        assert_eq!(own["current_price"], live["current_price"]);
        assert_eq!(own["probability_7_5"], live["probability_7_5"]["probability_7_5"], "{live}");
        // Levels have a memory, and the scanner began some cycles before: one beside a line may differ, not more.
        elsewhere += u32::from(own["confidence_level"] != live["confidence_level"]);
        assert_eq!(own["level_value"], own["calibrated_7_5"]);
        assert_eq!(live["level_value"], live["calibrated_7_5"]);
        // Volumes on the wire have eight decimals; the archive has all of them.
        let chance = (
            own["calibrated_7_5"].as_f64().expect("a chance"),
            live["calibrated_7_5"].as_f64().expect("a chance"),
        );
        assert!((chance.0 - chance.1).abs() < 1e-3, "{chance:?} {live}");
        compared += 1;
    }
    assert!(compared > 50 && elsewhere * 20 < compared, "{elsewhere} of {compared}");
}

#[test]
fn heavy_the_shipped_model_on_real_candles() {
    let Some(data) = shared("data/spot-5m-2024-01") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.json");
    let span = ["--from", "2024-03-01", "--to", "2024-04-01"];
    let (data, report_arg) = (data.to_string_lossy(), report.to_string_lossy());
    let mut args =
        vec!["backtest", "--data", &data, "--model", "default", "--model", "none", "--json", &report_arg];
    args.extend(span);
    well(&args, folder.path());
    let found = json(&report);
    assert_eq!(found["by_month"].as_array().map(Vec::len), Some(1));
    // Seen in training, so this says nothing of the future: only that file, features and replay belong together.
    assert!(
        found["auc"].as_f64() > Some(0.68) && found["ece"].as_f64() < Some(0.05),
        "{} {}",
        found["auc"],
        found["ece"]
    );
    let (model, rule) = (&found["runs"][0], &found["runs"][1]);
    assert_eq!(model["rule_levels"], rule["rule_levels"], "the rule stays what it is");
    assert!(model["levels"]["FUERTE"]["precision"].as_f64() > rule["levels"]["FUERTE"]["precision"].as_f64());
}

#[test]
fn heavy_a_tuned_rule_holds_on_real_candles_and_can_be_used() {
    let Some(data) = shared("data/spot-5m-2024-01") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (out, report) = (folder.path().join("challenger.toml"), folder.path().join("report.json"));
    let (data, out, report_arg) = (data.to_string_lossy(), out.to_string_lossy(), report.to_string_lossy());
    let ran = impulso(
        &["tune", "--data", &data, "--candidates", "60", "--folds", "3", "--step", "120m", "--out", &out],
        folder.path(),
    );
    let text = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    // Whether it holds is the market's to say; what it says must be whole.
    assert_eq!(text.contains("it holds; written to"), ran.status.success(), "{text}");
    assert!(text.contains("winners, out of sample") && text.contains("in force, the same days"), "{text}");
    if ran.status.success() {
        let used = ["backtest", "--data", &data, "--profile", &out, "--model", "none", "--json", &report_arg];
        well(&[&used[..], &["--from", "2024-03-01", "--to", "2024-03-08"]].concat(), folder.path());
        assert!(json(&report)["points"].as_u64() > Some(5_000));
    }
}
