//! The page in a real Chromium: rows change by themselves, colours are right, nothing overflows.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::{Site, row, snapshot};
use crate::support::places::{chromium, node_folder};
use impulso::actors::ports::history::{
    HistoryBatch, HistoryStore, OutcomeRow, PredictionKind, PredictionRow,
};
use impulso::actors::view::ChannelStatus;
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::moment::MarketTime;
use impulso::domain::report::Level;
use impulso::domain::symbol::Symbol;
use impulso::web::WebConfig;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A script of `tests/browser` for a site.
fn browser(script: &str, site: &Site) -> Command {
    let mut command = Command::new("node");
    command.arg(script).arg(site.url("")).arg(chromium()).current_dir(node_folder("browser"));
    command.env("IMPULSO_SIGN_IN", site.sign_in());
    command
}

#[actix_rt::test]
async fn the_page_comes_back_after_a_restart_and_tells_of_new_alerts() {
    let mut site = Site::start(WebConfig::default());
    let port = site.server.addr().port();
    site.alert("OLDUSDT", 1_750_000_000_000);
    let mut child = browser("steps.mjs", &site).stdout(Stdio::piped()).spawn().expect("node runs");
    let (line, heard) = std::sync::mpsc::channel();
    let output = child.stdout.take().expect("piped");
    std::thread::spawn(move || {
        BufReader::new(output).lines().map_while(Result::ok).try_for_each(|text| line.send(text))
    });
    let end = Instant::now() + Duration::from_secs(150);
    let (mut seq, mut facts, mut name) = (0, Value::Null, "PUMPUSDT");
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > end {
            child.kill().unwrap();
        }
        match heard.try_recv().as_deref() {
            Ok("stop") => site.server.stop(false).await,
            Ok("start") => {
                site = Site::start_on(port);
                site.alert("OLDUSDT", 1_750_000_000_000);
                (seq, name) = (0, "BACKUSDT");
            }
            Ok("alert") => site.alert("NEWSUSDT", 1_750_000_300_000),
            Ok(text) => facts = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}")),
            Err(_) => {}
        }
        seq += 1;
        site.publish(seq, vec![row(name, 88.0, 2e6)]);
        actix_rt::time::sleep(Duration::from_millis(200)).await;
    }
    facts = heard.try_iter().last().map_or(facts, |text| serde_json::from_str(&text).unwrap());
    assert_eq!(facts["news"], "Conexión recuperada");
    let told = &facts["notify"];
    assert_eq!((&told["before"], &told["state"]), (&json!([0, null]), &json!("true")));
    assert_eq!((&told["told"], &facts["forged"]), (&json!(["FUERTE NEWSUSDT"]), &json!("refused")));
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn the_page_speaks_the_documented_protocol_and_says_when_it_hears_nothing() {
    let site = Site::start(WebConfig { cycle_interval_ms: 2_000, ..WebConfig::default() });
    let facts = follow(&site, browser("live.mjs", &site)).await;
    let ranking =
        json!({"op": "subscribe", "topics": ["status", "ranking"], "diff": true, "compress": "gzip"});
    assert_eq!((&facts["asked"], &facts["packed"]), (&json!([ranking]), &json!(true)));
    assert_eq!(facts["lost"], json!([{"op": "resync", "topics": ["ranking"]}]));
    let told = "Lo que ves no está al día. Edad de los datos: N s";
    assert_eq!(
        facts["silence"],
        json!({"told": told, "dimmed": true, "bright": true, "again": true, "deaf": "reconectando", "feed": "no se sabe", "red": 2})
    );
    assert_eq!(facts["plain"], json!({"asked": "none", "binary": 0}), "a browser that cannot unpack");
    site.server.stop(false).await;
}

/// Publishes cycles while a script runs; what it tells.
async fn follow(site: &Site, mut script: Command) -> Value {
    if let Ok(pictures) = std::env::var("IMPULSO_PICTURES") {
        script.arg(pictures);
    }
    let mut child = script.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("node runs");
    let end = Instant::now() + Duration::from_secs(240);
    let mut seq = 0;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > end {
            child.kill().unwrap();
        }
        seq += 1;
        let score = 86.0 + f64::from(u32::try_from(seq % 100).unwrap()) / 10.0;
        let mut rows =
            vec![row("PUMPUSDT", score, 2e6), row("UPUSDT", 75.0, 3e7), row("币安USDT", 55.0, 9e6)];
        // Under a line and far from one, in turns.
        rows[1].calibrated_7_5 = Some(if seq % 8 < 4 { 59.7 } else { 52.6 });
        site.publish(seq, rows);
        actix_rt::time::sleep(Duration::from_millis(300)).await;
    }
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {error}"))
}

#[actix_rt::test]
async fn rows_change_in_a_real_browser() {
    let site = Site::with_history(WebConfig::default());
    remember(&site).await;
    site.alert("PUMPUSDT", 1_750_000_000_000);
    site.view.set_channel(ChannelStatus { name: "console".to_owned(), ..ChannelStatus::default() });
    let facts = follow(&site, browser("page.mjs", &site)).await;
    assert_eq!((&facts["errors"], &facts["foreign"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    check_market(&facts["market"]);
    let room = &facts["market"]["room"];
    assert_eq!(room, &json!({"five": true, "inLine": true, "number": 0}), "of the market page");
    let symbol = &facts["pages"]["symbol"];
    assert_eq!(symbol["whole"], json!(true), "the chart with its axis on a laptop's screen");
    assert_eq!((&symbol["candles"], &symbol["fits"]), (&json!(96), &json!(true)));
    assert_eq!((&symbol["drawn"], &symbol["maker"]), (&json!(true), &json!("https://www.tradingview.com/")));
    assert!(symbol["label"].as_str().is_some_and(|l| l.starts_with("apertura 1,5")), "{symbol}");
    let rest = &facts["pages"];
    assert_eq!((&rest["missing"], &rest["alerts"]), (&json!(404), &json!({"rows": 1, "fits": true})));
    assert_eq!(rest["track"], json!({"fits": true, "rows": 1}));
    let access = &facts["access"];
    assert_eq!((&access["violations"], &access["wide"]), (&json!([]), &json!([])));
    assert!(access["passes"].as_u64().is_some_and(|n| n > 500), "axe looked: {access}");
    assert_eq!(rest["status"], json!({"fits": true, "verdict": "Todo funciona."}));
    site.server.stop(false).await;
}

/// A rise of level that came true, an alert that is open, and the scores of one cut.
async fn remember(site: &Site) {
    let symbol = Symbol::new("PUMPUSDT");
    let at = MarketTime::from_ms(1_750_010_000_000);
    let prediction = |kind: PredictionKind| PredictionRow {
        arm: String::new(),
        key: format!("{}-{symbol}-{at}-FUERTE", kind.as_str()),
        kind,
        symbol: symbol.clone(),
        opened_at: at,
        level: Level::Fuerte,
        ladder: LevelBasis::Rule,
        price: 1.5,
        total_score: 88.0,
        probability_7_5: 30.0,
        calibrated_7_5: None,
        profile: "base".to_owned(),
        model: String::new(),
        features: Vec::new(),
    };
    let episode = prediction(PredictionKind::Episode);
    let outcome = OutcomeRow {
        key: episode.key.clone(),
        symbol: symbol.clone(),
        opened_at: at,
        resolved_at: at + 90_000_000,
        hit_4h: Some(true),
        hit_24h: Some(true),
        minutes_to_hit: Some(70),
        greatest_rise_pct: 9.0,
        deepest_fall_pct: -1.0,
        void: None,
    };
    let card = row("PUMPUSDT", 88.0, 2e6);
    let cut = snapshot(1, vec![card]);
    let scores = impulso::actors::history::rows::scores(&cut);
    let batch = HistoryBatch {
        predictions: vec![episode, prediction(PredictionKind::Alert)],
        outcomes: vec![outcome],
        scores,
        ..HistoryBatch::default()
    };
    site.store.as_ref().expect("history is kept").write(batch).await.expect("written");
}

fn check_market(market: &Value) {
    let live = &market["live"];
    assert_ne!(live["before"], live["after"]);
    assert_eq!(
        (&live["fuerte"], &live["alta"]),
        (&json!("rgb(144, 238, 144)"), &json!("rgb(255, 228, 181)"))
    );
    assert_eq!(live["link"], "en vivo");
    let chances = json!(["53 %", "59 %"]);
    assert_eq!(live["chances"], chances, "60 % would be FUERTE");
    assert!(live["cases"].as_str().is_some_and(|c| c.starts_with("Sin recuento de casos")), "{live}");
    assert!(live["bar"].as_str().is_some_and(|b| b.starts_with("RSI 20,0 + MACD")), "{live}");
    let choice = &market["choice"];
    assert_eq!(choice["sorted"], json!(["PUMPUSDT", "UPUSDT", "币安USDT"]));
    assert_eq!(choice["found"], json!(["PUMPUSDT", "UPUSDT"]));
    assert_eq!((&choice["order"], &choice["volume"]), (&json!("ascending"), &json!(false)));
    assert_eq!(choice["address"], "?sort=symbol&dir=asc&q=p");
    assert_eq!(choice["again"], choice["found"], "kept without an address, too");
    assert_eq!(market["keys"], json!({"search": "q", "help": true, "focus": "PUMPUSDT"}));
    assert_eq!((&market["star"], &market["fits"]), (&json!("Dejar de seguir"), &json!(true)));
    let looks = &market["looks"];
    assert!(looks["light"] != looks["dark"] && looks["dark"] == looks["kept"], "{looks}");
    assert_eq!(market["english"], json!(["Symbol", "en"]));
    assert_eq!(market["plain"]["search"], false);
    assert_eq!(market["plain"]["rows"], json!(["PUMPUSDT", "UPUSDT", "币安USDT"]));
}
