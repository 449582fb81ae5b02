//! The track record and the measures, over HTTP, from a real ledger and a real state.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::{Site, row};
use super::snapshots::pages::kept;
use impulso::actors::ports::Clock;
use impulso::actors::ports::history::{
    HistoryBatch, HistoryStore, OutcomeRow, PredictionKind, PredictionRow,
};
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::clock::SystemClock;
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::domain::report::Level;
use impulso::domain::service_levels::CycleMinute;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use impulso::web::WebConfig;
use serde_json::Value;

/// The cut of the first snapshot of the fixture.
const NOW: MarketTime = MarketTime::from_ms(1_750_000_030_000);

async fn get(site: &Site, path: &str) -> (u16, String) {
    let mut answer = awc::Client::default().get(site.url(path)).send().await.unwrap();
    let body = answer.body().limit(1 << 24).await.unwrap();
    (answer.status().as_u16(), String::from_utf8_lossy(&body).into_owned())
}

async fn json(site: &Site, path: &str) -> Value {
    let (status, body) = get(site, path).await;
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

/// The `n`th prediction of a level, opened `n` minutes before 26 h ago.
fn prediction(kind: PredictionKind, level: Level, n: i64) -> PredictionRow {
    let (symbol, opened_at) = (Symbol::new("PUMPUSDT"), NOW - 26 * HOUR_MS - n * MINUTE_MS);
    PredictionRow {
        arm: String::new(),
        key: format!("{}-{symbol}-{opened_at}-{level}", kind.as_str()),
        kind,
        symbol,
        opened_at,
        level,
        ladder: LevelBasis::Rule,
        price: 0.5,
        total_score: 88.0,
        probability_7_5: 10.0 + (n % 50) as f64,
        calibrated_7_5: None,
        profile: "base".to_owned(),
        model: String::new(),
        features: Vec::new(),
    }
}

fn judged(p: &PredictionRow, hit: bool) -> OutcomeRow {
    OutcomeRow {
        key: p.key.clone(),
        symbol: p.symbol.clone(),
        opened_at: p.opened_at,
        resolved_at: p.opened_at + 25 * HOUR_MS,
        hit_4h: Some(false),
        hit_24h: Some(hit),
        minutes_to_hit: hit.then_some(300),
        greatest_rise_pct: if hit { 8.0 } else { 2.5 },
        deepest_fall_pct: -3.25,
        void: None,
    }
}

/// Writes `count` predictions of a level, the first `hits` of which came true.
async fn fill(site: &Site, kind: PredictionKind, level: Level, hits: i64, count: i64) {
    write(site, (0..count).map(|n| prediction(kind, level, n)).collect(), hits).await;
}

async fn write(site: &Site, predictions: Vec<PredictionRow>, hits: i64) {
    let outcomes = predictions.iter().zip(0..).map(|(p, n)| judged(p, n < hits)).collect();
    let batch = HistoryBatch { predictions, outcomes, ..HistoryBatch::default() };
    site.store.as_ref().unwrap().write(batch).await.unwrap();
}

#[actix_rt::test]
async fn the_track_record_shows_misses_and_warns_of_levels_that_mean_nothing() {
    let site = Site::with_history(WebConfig::default());
    site.publish(1, vec![row("PUMPUSDT", 90.0, 2e6)]);
    kept(&site, "track-empty", "/track?days=7").await;
    fill(&site, PredictionKind::Episode, Level::Fuerte, 5, 30).await;
    fill(&site, PredictionKind::Episode, Level::Alta, 20, 30).await;
    fill(&site, PredictionKind::Sample, Level::Media, 10, 100).await;
    kept(&site, "track-untrusted", "/track?days=30").await;
    let (_, page) = get(&site, "/track?days=30").await;
    let older = page.split("href=\"/track?").find(|p| p.contains("before=")).unwrap();
    let older = older.split('"').next().unwrap().replace("&amp;", "&");
    let (_, second) = get(&site, &format!("/track?{older}")).await;
    assert_eq!((page.matches("class=\"pill\"").count(), second.matches("class=\"pill\"").count()), (50, 10));
    assert_eq!(get(&site, "/track?kind=guess").await.0, 400);
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn predictions_of_a_former_definition_are_marked_and_not_counted() {
    let site = Site::with_history(WebConfig::default());
    site.publish(1, vec![row("PUMPUSDT", 90.0, 2e6)]);
    fill(&site, PredictionKind::Episode, Level::Fuerte, 5, 30).await;
    let since = (NOW - 26 * HOUR_MS).floor(DAY_MS) + DAY_MS;
    site.state.put("levels_since", &since.to_string()).unwrap();
    let body = json(&site, "/api/v1/performance?days=30").await;
    assert_eq!((&body["levels"][0]["opened"], &body["levels_since"]), (&0.into(), &since.ms().into()));
    let rows = json(&site, "/api/v1/predictions?limit=1000").await;
    let rows = rows["predictions"].as_array().unwrap();
    assert!(rows.len() == 30 && rows.iter().all(|p| p["former_definition"] == true));
    let (_, page) = get(&site, "/track?days=30&lang=en").await;
    assert!(page.contains("Counted from 2025-06-15 (UTC) on") && page.contains(">former</abbr>"), "{page}");
    let measures = json(&site, "/api/v1/measures").await;
    assert_eq!(measures["spans"][2]["fuerte"]["judged"], 0);
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn behind_a_chance_stands_how_many_such_cases_came_true() {
    for (own, said) in [(19, "507 de 1200 casos así se cumplieron"), (20, "8 de 20 casos así se cumplieron")]
    {
        let site = Site::with_model(WebConfig::default());
        let mut likely = row("AUSDT", 90.0, 2e6);
        likely.calibrated_7_5 = Some(42.5);
        let mut unlikely = row("BUSDT", 90.0, 2e6);
        unlikely.calibrated_7_5 = Some(33.0);
        site.publish(1, vec![likely, unlikely]);
        let sample = |n| PredictionRow {
            calibrated_7_5: Some(40.0 + (n % 50) as f64 / 10.0),
            ..prediction(PredictionKind::Sample, Level::Media, n)
        };
        write(&site, (0..own).map(sample).collect(), 8).await;
        let market = get(&site, "/?view=all").await.1;
        assert!(market.contains(&format!("<span title=\"{said}")), "{said}: as a hint");
        assert!(market.contains("<span title=\"Sin recuento de casos así"), "none at 33 %");
        let script = market.split("data-cases=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(script.contains(said) && script.starts_with("[[0.0,"), "{script}");
        let pair = get(&site, "/s/AUSDT").await.1;
        assert!(pair.contains(&format!(": {said}")), "{said}: in words");
        assert!(get(&site, "/s/BUSDT").await.1.contains(": Sin recuento de casos así"));
        let cases = &json(&site, "/api/v1/performance").await["cases"][0];
        assert_eq!(
            (&cases["from"], &cases["judged"], &cases["hits"]),
            (&40.0.into(), &own.into(), &8.into())
        );
        site.server.stop(false).await;
    }
}

#[actix_rt::test]
async fn predictions_are_paged_and_come_as_csv() {
    let site = Site::with_history(WebConfig::default());
    site.publish(1, vec![row("PUMPUSDT", 90.0, 2e6)]);
    fill(&site, PredictionKind::Episode, Level::Fuerte, 5, 30).await;
    fill(&site, PredictionKind::Alert, Level::Fuerte, 5, 10).await;
    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let page = json(&site, &format!("/api/v1/predictions?limit=7{before}")).await;
        let rows = page["predictions"].as_array().unwrap();
        seen.extend(rows.iter().map(|p| (p["opened_at"].as_i64().unwrap(), p["key"].to_string())));
        match page["next_before"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 40);
    assert!(seen.windows(2).all(|w| w[0] > w[1]), "newest first, none twice");
    let (_, csv) = get(&site, "/api/v1/predictions?kind=alert&format=csv").await;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 11);
    assert!(
        lines[0].starts_with("key,kind,symbol,opened_at,level")
            && lines[1].contains(",hit,false,true,300,8.0,-3.25")
    );
    let repeated = vec!["alert"; 60].join(",");
    let page = json(&site, &format!("/api/v1/predictions?limit=1000&kind={repeated}")).await;
    assert_eq!(
        page["predictions"].as_array().unwrap().len(),
        10,
        "each once, however often its kind is named"
    );
    let both = json(&site, "/api/v1/predictions?kind=alert,episode&symbol=PUMPUSDT&limit=1000").await;
    assert_eq!(both["predictions"].as_array().unwrap().len(), 40);
    let (status, body) = get(&site, "/api/v1/predictions?before=x-X-9223372036854775807-FUERTE").await;
    assert_eq!(status, 200, "{body}");
    for bad in ["kind=x", "format=xml", "before=abc", "limit=0", "page=2"] {
        assert_eq!(get(&site, &format!("/api/v1/predictions?{bad}")).await.0, 400, "{bad}");
    }
    let bare = Site::start(WebConfig::default());
    assert_eq!(get(&bare, "/api/v1/predictions").await.0, 503);
    assert!(get(&bare, "/track").await.1.contains("no se guarda historial"));
    bare.server.stop(false).await;
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn measures_count_the_hours_that_were_missed() {
    let site = Site::with_history(WebConfig::default());
    site.publish(1, vec![row("PUMPUSDT", 90.0, 2e6)]);
    fill(&site, PredictionKind::Episode, Level::Fuerte, 18, 30).await;
    let now = SystemClock::new().machine_time();
    site.state.first_start(now - 10 * DAY_MS).unwrap();
    // Half of the last day, and nothing before.
    let slot = |minute: i64| {
        let mut slot = CycleMinute::at(now - minute * MINUTE_MS);
        (0..2).for_each(|_| slot.take(0.99, 520, 4.2));
        slot
    };
    site.state.add_cycles(&(0..720).map(slot).collect::<Vec<_>>(), MachineTime::from_ms(0)).unwrap();
    let body = json(&site, "/api/v1/measures").await;
    let [live, day, month] = [0, 1, 2].map(|i| &body["spans"][i]);
    assert_eq!((&live["due"], &live["availability"]), (&20.into(), &1.0.into()));
    let share = |s: &Value| s["availability"].as_f64().unwrap();
    assert!((share(day) - 0.5).abs() < 0.01 && (share(month) - 0.05).abs() < 0.001, "{body}");
    assert_eq!((&day["latency_p99_ms"], &day["pairs_min"]), (&4.2.into(), &520.into()));
    assert_eq!((&day["fuerte"]["judged"], &month["fuerte"]["precision"]), (&30.into(), &0.6.into()));
    let (_, page) = get(&site, "/status").await;
    for part in [
        "Disponibilidad",
        "✗ 49,",
        "✓ 100,00 %",
        "✓ 520",
        "✓ 60,0 % (18/30)",
        "✗ 100",
        "Retraso de los cierres",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let node = Site::read_only(WebConfig::default());
    assert_eq!(get(&node, "/api/v1/measures").await.0, 503);
    assert!(get(&node, "/status").await.1.contains("no guarda medidas"));
    node.server.stop(false).await;
    site.server.stop(false).await;
}
