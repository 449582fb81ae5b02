//! The page in a real Chromium: rows change by themselves, colours are right, nothing overflows.
mod web_fixture;

use impulso::web::WebConfig;
use serde_json::Value;
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
    let mut command = Command::new("node");
    command.arg("page.mjs").arg(site.url("")).arg(chromium).current_dir(folder);
    if let Ok(pictures) = std::env::var("IMPULSO_PICTURES") {
        command.arg(pictures);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("node runs");
    let end = Instant::now() + Duration::from_secs(40);
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
    assert_ne!(facts["before"], facts["after"]);
    assert_eq!(facts["fuerte"], "rgb(144, 238, 144)");
    assert_eq!(facts["alta"], "rgb(255, 228, 181)");
    assert_eq!((&facts["link"], &facts["overflow"]), (&"en vivo".into(), &false.into()));
    assert_eq!(facts["errors"], Value::Array(vec![]));
    site.server.stop(false).await;
}
