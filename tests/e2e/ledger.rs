//! Predictions are opened, survive a kill, and are judged by what the market did.

use crate::support::{Program, get, pause, wait_until};
use impulso::actors::ports::history::{
    HistoryBatch, HistoryStore as _, OutcomeRow, PredictionKind, PredictionRow, Span,
};
use impulso::adapters::history::sqlite::SqliteHistory;
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::moment::MarketTime;
use impulso::domain::report::Level;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::DAY_MS;
use std::collections::BTreeSet;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(120);

#[test]
fn heavy_predictions_survive_a_kill_and_are_judged() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut exchange =
        Program::start(&["exchange", "--synthetic", "10", "--speed", "900", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", SOON);
    let state = dir.path().display().to_string();
    let start = || Program::scan(&url, &state, &["--market-speed", "900", "--cycle-interval", "300"]);
    let performance = |page: &str| get(&format!("{page}/api/v1/performance"));
    let opened = |page: &str| {
        let levels = performance(page)?["levels"].as_array()?.clone();
        levels.iter().map(|l| l["opened"].as_u64()).sum::<Option<u64>>()
    };
    let mut first = start();
    let page = first.wait_for_url("page:", SOON);
    let before = wait_until("predictions", SOON, || opened(&page).filter(|n| *n >= 3));
    // Killed while the history is locked: what is known by then stands in the state alone.
    let of = |file: &str| rusqlite::Connection::open(dir.path().join(file)).expect("opens");
    let history = of("history.db");
    history.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let names = |file: &str, sql: &str| -> BTreeSet<String> {
        let connection = of(file);
        let mut statement = connection.prepare(sql).expect("a query");
        let names = statement.query_map([], |row| row.get(0)).expect("read");
        names.collect::<Result<_, _>>().expect("read")
    };
    wait_until("predictions that the history is owed", SOON, || {
        let stored = names("history.db", "SELECT key FROM predictions");
        (!names("state.db", "SELECT key FROM open_predictions").is_subset(&stored)).then_some(())
    });
    first.signal("KILL", SOON);
    history.execute_batch("ROLLBACK").expect("free again");
    let known = names("state.db", "SELECT key FROM open_predictions");
    let alerts = names("state.db", "SELECT id FROM alerts");
    assert!(!known.is_subset(&names("history.db", "SELECT key FROM predictions")), "some are owed");

    let mut second = start();
    let page = second.wait_for_url("page:", SOON);
    wait_until("every prediction and alert is in the history", SOON, || {
        let stored = names("history.db", "SELECT key FROM predictions");
        (known.is_subset(&stored) && alerts.is_subset(&names("history.db", "SELECT id FROM alerts")))
            .then_some(())
    });
    let judged = wait_until("judged after 4 h of market time", SOON, || {
        performance(&page).filter(|p| p["base_rate_4h"]["judged"].as_u64() >= Some(3))
    });
    assert!(opened(&page) >= Some(before), "what was opened before the kill is still there");
    assert!(judged["base_rate_4h"]["interval_90"].is_null(), "a day or two say nothing of days: {judged}");
    assert!(judged["note"].as_str().is_some_and(|n| n.len() > 20));
    assert!(judged["calibration"].as_array().is_some_and(|c| c.len() == 2));
}

/// The market's hour is a second: a scanner that is away for two days finds candles again that neither its window nor its
/// history has.
#[test]
fn heavy_predictions_of_before_an_outage_of_days_are_judged_and_none_is_void() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut exchange =
        Program::start(&["exchange", "--synthetic", "10", "--speed", "3600", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", SOON);
    let state = dir.path().display().to_string();
    let market_ms = || get(&format!("{url}/api/v3/time"))?["serverTime"].as_i64();
    let start = || Program::scan(&url, &state, &["--market-speed", "3600", "--cycle-interval", "900"]);
    let samples = |page: &str, before: i64| -> Option<Vec<serde_json::Value>> {
        let rows = get(&format!("{page}/api/v1/predictions?kind=sample,episode&limit=1000"))?;
        let all = rows["predictions"].as_array()?.clone();
        Some(all.into_iter().filter(|p| p["opened_at"].as_i64().is_some_and(|at| at <= before)).collect())
    };
    let mut first = start();
    let page = first.wait_for_url("page:", SOON);
    wait_until("hourly samples", SOON, || samples(&page, i64::MAX).filter(|all| all.len() >= 10));
    first.signal("TERM", SOON);
    let away = wait_until("the time", SOON, market_ms);
    wait_until("two days without the scanner", SOON, || {
        market_ms().filter(|now| now - away > 50 * 3_600_000)
    });

    let mut second = start();
    let page = second.wait_for_url("page:", SOON);
    let judged = wait_until("all of before are judged", SOON, || {
        samples(&page, away).filter(|all| all.iter().all(|p| p["outcome"] != "open"))
    });
    assert!(judged.len() >= 10, "{}", judged.len());
    let void: Vec<_> = judged.iter().filter(|p| p["outcome"] == "void").collect();
    assert!(void.is_empty(), "{void:?}");
    let asked = crate::support::request("GET", &format!("{page}/metrics"), "").1;
    assert!(asked.contains("impulso_outage_backfills_total"), "the exchange was asked");
}

/// Days that leave the ledger leave their sums behind: each row is counted once, wherever the program is killed.
#[test]
fn heavy_a_kill_while_days_are_folded_counts_nothing_twice() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("history.db");
    let now = MarketTime::from_ms(jiff::Timestamp::now().as_millisecond());
    let first = (now - 500 * DAY_MS).floor(DAY_MS);
    let days: Vec<MarketTime> = (0..15).map(|day| first + day * DAY_MS).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let sums = || {
        let store = SqliteHistory::open(&file).expect("opens");
        runtime.block_on(async {
            let mut sums = Vec::new();
            for day in &days {
                sums.push(store.tally(*day).await.expect("read"));
            }
            let folded = store.folded(Span::ALL).await.expect("read").len();
            (sums, folded)
        })
    };
    let store = SqliteHistory::open(&file).expect("opens");
    for day in &days {
        runtime.block_on(store.write(judged_day(*day))).expect("written");
    }
    drop(store);
    let (before, _) = sums();
    let store = format!("sqlite:{}", file.display());
    let (mut in_the_middle, mut pause_ms) = (0, 100);
    loop {
        let mut vacuum = Program::start(&["history", "vacuum", "--store", &store]);
        pause(pause_ms);
        vacuum.signal("KILL", SOON);
        let (after, folded) = sums();
        assert!(after == before, "{folded} days are folded");
        in_the_middle += u32::from((1..days.len()).contains(&folded));
        if folded == days.len() {
            break;
        }
        pause_ms += 100;
    }
    assert!(in_the_middle > 0, "no kill came between two days");
}

/// 1,000 predictions that are judged; a tenth came true.
fn judged_day(day: MarketTime) -> HistoryBatch {
    let opened = |n: i64| PredictionRow {
        arm: String::new(),
        key: format!("sample-K{n}USDT-{day}"),
        kind: PredictionKind::Sample,
        symbol: Symbol::new(&format!("K{n}USDT")),
        opened_at: day + n * 86_000,
        level: Level::Alta,
        ladder: LevelBasis::Calibrated,
        price: 1.0,
        total_score: 70.0,
        probability_7_5: 40.0,
        calibrated_7_5: Some(20.0 + n as f64 / 100.0),
        profile: "default".to_owned(),
        model: "model".to_owned(),
        features: Vec::new(),
    };
    let predictions: Vec<PredictionRow> = (0..1_000).map(opened).collect();
    let judged = |(n, p): (usize, &PredictionRow)| OutcomeRow {
        key: p.key.clone(),
        symbol: p.symbol.clone(),
        opened_at: p.opened_at,
        resolved_at: p.opened_at + DAY_MS,
        hit_4h: Some(false),
        hit_24h: Some(n % 10 == 0),
        minutes_to_hit: (n % 10 == 0).then_some(600),
        greatest_rise_pct: n as f64 / 300.0,
        deepest_fall_pct: -(n as f64) / 300.0,
        void: None,
    };
    let outcomes = predictions.iter().enumerate().map(judged).collect();
    HistoryBatch { predictions, outcomes, ..HistoryBatch::default() }
}
