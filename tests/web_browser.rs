//! The page in a real Chromium: rows change by themselves, colours are right, nothing overflows.
mod web_fixture;

use impulso::actors::view::ChannelStatus;
use impulso::web::WebConfig;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use web_fixture::{Site, row};

#[actix_rt::test]
async fn rows_change_in_a_real_browser() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser");
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let modules = Path::new(folder).join("node_modules");
    assert!(modules.exists(), "{} is absent: run `npm ci` in tests/browser", modules.display());
    assert!(Path::new(&chromium).exists(), "{chromium} is absent: install Chromium or set CHROMIUM to it");
    let site = Site::start(WebConfig::default());
    site.alert("PUMPUSDT", 1_750_000_000_000);
    site.view.set_channel(ChannelStatus { name: "console".to_owned(), ..ChannelStatus::default() });
    let mut command = Command::new("node");
    command.arg("page.mjs").arg(site.url("")).arg(chromium).current_dir(folder);
    if let Ok(pictures) = std::env::var("IMPULSO_PICTURES") {
        command.arg(pictures);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("node runs");
    let end = Instant::now() + Duration::from_secs(90);
    let mut seq = 0;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > end {
            child.kill().unwrap();
        }
        seq += 1;
        let score = 86.0 + f64::from(u32::try_from(seq % 100).unwrap()) / 10.0;
        site.publish(
            seq,
            vec![row("PUMPUSDT", score, 2e6), row("UPUSDT", 75.0, 3e7), row("币安USDT", 55.0, 9e6)],
        );
        actix_rt::time::sleep(Duration::from_millis(300)).await;
    }
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {error}"));
    assert_eq!((&facts["errors"], &facts["foreign"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    check_market(&facts["market"]);
    let symbol = &facts["pages"]["symbol"];
    assert_eq!((&symbol["candles"], &symbol["fits"]), (&json!(96), &json!(true)));
    assert!(symbol["label"].as_str().is_some_and(|l| l.starts_with("apertura 1,5")), "{symbol}");
    let rest = &facts["pages"];
    assert_eq!((&rest["missing"], &rest["alerts"]), (&json!(404), &json!({"rows": 1, "fits": true})));
    assert_eq!(rest["status"], json!({"fits": true, "verdict": "Todo funciona."}));
    site.server.stop(false).await;
}

fn check_market(market: &Value) {
    let live = &market["live"];
    assert_ne!(live["before"], live["after"]);
    assert_eq!(
        (&live["fuerte"], &live["alta"]),
        (&json!("rgb(144, 238, 144)"), &json!("rgb(255, 228, 181)"))
    );
    assert_eq!(live["link"], "en vivo");
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
