//! A model from the ledger itself: hourly samples as the scanner has put them down, and the schedule that learns from them.

use crate::support::program;
use impulso::actors::ports::experiment::RunResult;
use impulso::actors::ports::history::{
    CandleRow, HistoryBatch, HistoryStore, OutcomeRow, PredictionKind, PredictionRow,
};
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::history::sqlite::SqliteHistory;
use impulso::adapters::state::StateDb;
use impulso::app::learning::schedule::{RUNS_KEY, kept, look};
use impulso::domain::candle::Candle;
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::domain::report::Level;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{DAY_MS, HOUR_MS, Interval};
use impulso::learning::features::{FEATURES, index_of};
use impulso::learning::model::Model;
use impulso::settings::{Settings, Sources};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::json;
use std::path::Path;
use std::process::Command;

const START: MarketTime = MarketTime::from_ms(1_750_204_800_000);

fn impulso(args: &[&str]) -> (bool, String) {
    let out = Command::new(program()).args(args).env("LC_ALL", "C").output().expect("the program runs");
    let text = [out.stdout, out.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat();
    (out.status.success(), text)
}

/// The chance grows with one feature.
fn by_range(features: &[f32]) -> f64 {
    0.1 + 0.3 * f64::from(features[index_of("atr_pct").expect("a feature")])
}

/// Hourly samples of some pairs; `chance`: of a hit. Every tenth has none or is void.
fn samples(days: i64, pairs: usize, chance: impl Fn(&[f32]) -> f64) -> HistoryBatch {
    let mut random = Pcg64::seed_from_u64(3);
    let column = index_of("atr_pct").expect("a feature");
    let mut batch = HistoryBatch::default();
    for hour in 0..days * 24 {
        for pair in 0..pairs {
            let symbol = Symbol::new(&format!("P{pair:02}USDT"));
            let at = START + hour * HOUR_MS;
            let mut features: Vec<f32> =
                (0..FEATURES.len()).map(|_| random.random_range(-1.0..1.0)).collect();
            features[column] = random.random_range(0.0..2.0);
            let hit = random.random_bool(chance(&features));
            let key = format!("sample-{symbol}-{at}-BAJA");
            let void = (hour + pair as i64) % 10 == 0;
            if void && pair % 2 == 0 {
                features.clear();
            }
            batch.outcomes.push(OutcomeRow {
                key: key.clone(),
                symbol: symbol.clone(),
                opened_at: at,
                resolved_at: at + DAY_MS,
                hit_4h: (!void).then_some(false),
                hit_24h: (!void).then_some(hit),
                minutes_to_hit: (hit && !void).then_some(300),
                greatest_rise_pct: 3.0,
                deepest_fall_pct: -2.0,
                void: void.then(|| "candles are missing".to_owned()),
            });
            batch.predictions.push(PredictionRow {
                arm: String::new(),
                key,
                kind: PredictionKind::Sample,
                symbol,
                opened_at: at,
                level: Level::Baja,
                ladder: LevelBasis::Calibrated,
                price: 1.0,
                total_score: 40.0,
                probability_7_5: 30.0,
                calibrated_7_5: Some(20.0),
                profile: "base".to_owned(),
                model: "impulso".to_owned(),
                features,
            });
        }
    }
    let candle = |at: MarketTime| Candle {
        open_time: at,
        open: 1.0,
        high: 1.0,
        low: 1.0,
        close: 1.0,
        volume: 1.0,
        quote_volume: 1.0,
        closed: true,
        filled: false,
    };
    let ends = [START, START + days * DAY_MS];
    let row = |at| CandleRow { symbol: Symbol::new("P00USDT"), interval: Interval::M1, candle: candle(at) };
    batch.candles = ends.map(row).to_vec();
    batch
}

async fn keep(state: &Path, batch: HistoryBatch) {
    let store = SqliteHistory::open(&state.join("history.db")).expect("a store");
    store.write(batch).await.expect("written");
}

fn settings(state: &Path) -> Settings {
    let flags = vec![
        ("state.dir".to_owned(), state.display().to_string()),
        ("experiment.min_resolved".to_owned(), "5000".to_owned()),
    ];
    Settings::load(&Sources { flags, ..Sources::default() }).expect("settings")
}

#[actix::test]
async fn heavy_a_model_is_trained_on_the_ledger() {
    let dir = tempfile::tempdir().expect("a folder");
    let (state, out) = (dir.path().join("state"), dir.path().join("mine.json"));
    std::fs::create_dir_all(&state).expect("made");
    keep(&state, samples(26, 20, by_range)).await;
    let (state, out) = (state.display().to_string(), out.display().to_string());
    let args = ["train", "--state-dir", &state, "--out", &out, "--rounds", "6"];
    let (well, text) = impulso(&args);
    assert!(well && text.contains("20 pairs") && text.contains("walk_forward"), "{text}");
    let (_, shown) = impulso(&["model", "show", &out]);
    assert!(shown.contains("ledger of a running scanner"), "{shown}");
    let points = 26 * 24 * 20;
    let used: u64 =
        shown.split(" pairs, ").nth(1).and_then(|t| t.split(' ').next()?.parse().ok()).expect("points");
    assert!(used < points && used > points * 8 / 10, "void ones and those without features stay out: {used}");
    let (well, text) = impulso(&["train", "--state-dir", &state, "--out", &out, "--to", "2025-06-25"]);
    assert!(!well && text.contains("too few"), "{text}");
}

#[actix::test]
async fn the_schedule_waits_says_why_not_and_remembers() {
    let dir = tempfile::tempdir().expect("a folder");
    keep(dir.path(), samples(3, 4, by_range)).await;
    let state = StateDb::open(dir.path()).expect("a state");
    let settings = settings(dir.path());
    let now = MachineTime::from_ms((START + 4 * DAY_MS).ms());
    let at = |days: i64| {
        let (settings, folder) = (settings.clone(), dir.path().to_owned());
        move || {
            look(&settings, &StateDb::open(&folder).expect("a state"), now + days * DAY_MS);
        }
    };
    actix_web::web::block(at(0)).await.expect("it ran");
    let waiting = kept(&state);
    assert!(
        waiting.retrain.as_ref().is_some_and(|r| r.result == RunResult::Waiting && r.at == now),
        "{waiting:?}"
    );
    actix_web::web::block(at(6)).await.expect("it ran");
    assert_eq!(kept(&state), waiting, "not yet due");
    actix_web::web::block(at(7)).await.expect("it ran");
    let runs = kept(&state);
    let (retrain, retune) = (runs.retrain.expect("ran"), runs.retune.expect("ran"));
    assert_eq!((retrain.result, retrain.at), (RunResult::Refused, now + 7 * DAY_MS));
    assert!(
        retrain.detail.contains("3 days") && retrain.detail.contains("training_min_days"),
        "{}",
        retrain.detail
    );
    assert!(matches!(retune.result, RunResult::Refused | RunResult::Failed), "{retune:?}");
    assert!(state.get(RUNS_KEY).expect("read").is_some());
    assert!(!dir.path().join("challenger/model.json").exists());
}

/// What the second look says: the first one only begins to count the days.
async fn learnt(folder: &Path, days: i64) -> (RunResult, String) {
    let (settings, folder) = (settings(folder), folder.to_owned());
    let looked = move || {
        let state = StateDb::open(&folder).expect("a state");
        let now = MachineTime::from_ms((START + 100 * DAY_MS).ms());
        for days in [0, days] {
            look(&settings, &state, now + days * DAY_MS);
        }
        kept(&state).retrain.expect("it ran")
    };
    let run = actix_web::web::block(looked).await.expect("it ran");
    (run.result, run.detail)
}

#[actix::test]
async fn heavy_the_schedule_corrects_the_shipped_model_by_what_is_better_for_certain() {
    let (other, alike) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    keep(other.path(), samples(90, 12, by_range)).await;
    let shipped = Model::read(include_str!("../../config/model.json")).expect("the shipped model");
    let as_said = |features: &[f32]| 1.0 / (1.0 + (-shipped.log_odds(features).expect("a row")).exp());
    keep(alike.path(), samples(90, 12, as_said)).await;
    let challenger = other.path().join("challenger/model.json");
    let (result, detail) = learnt(other.path(), 7).await;
    assert_eq!(result, RunResult::Made, "{detail}");
    let (_, shown) = impulso(&["model", "show", &challenger.display().to_string()]);
    assert!(shown.contains("Corrects the model default") && shown.contains("walk_forward"), "{shown}");
    assert!(!other.path().join("model.json").exists(), "nothing is put in force");
    let (result, detail) = learnt(alike.path(), 7).await;
    assert!(
        result == RunResult::Refused && detail.contains("not better for certain than default"),
        "{detail}"
    );
    assert!(!alike.path().join("challenger/model.json").exists());
    // While it is too young to be judged nothing takes its place.
    let made = std::fs::read(&challenger).expect("made");
    let arm = json!({"name": "challenger-model", "profile": "base", "model": "ledger", "since": 0, "open": 0, "levels": [],
        "against": {"baseline": "", "by": "brier", "days": 6, "resolved": 1, "fuerte": {"judged": 0, "hits": 0},
            "base_fuerte": {"judged": 0, "hits": 0}, "standing": "needs_days"}});
    let rule = json!({"min_days": 14, "min_resolved": 1, "min_fuerte": 1, "tolerance": 0.05});
    let report = json!({"at": 0, "rule": rule, "rollback_min_days": 7, "automatic": false, "arms": [arm]});
    StateDb::open(other.path())
        .expect("a state")
        .put("experiment_report", &report.to_string())
        .expect("kept");
    let (result, detail) = learnt(other.path(), 14).await;
    assert!(result == RunResult::Refused && detail.contains("6 days in the shadow"), "{detail}");
    assert_eq!(std::fs::read(&challenger).expect("there"), made);
}
