//! Markets from zips as data.binance.vision gives them: older ones in milliseconds, newer ones in microseconds.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use impulso::domain::moment::MarketTime;
use impulso::simulator::{MarketSource, Simulator, SimulatorConfig};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

const FIRST: MarketTime = MarketTime::from_ms(1_735_516_800_000);

/// Three days of minutes of one pair; times are multiplied by `unit`.
fn write_zip(folder: &Path, symbol: &str, unit: i64) {
    let mut text = String::new();
    for minute in 0..3 * 1_440 {
        let open_time = FIRST + minute * 60_000;
        let price = 100.0 + (minute % 50) as f64;
        let close_time = (open_time + 60_000).ms() * unit - 1;
        let open_time = open_time.ms() * unit;
        writeln!(
            text,
            "{open_time},{price},{},{},{price},10,{close_time},1000,5,4,400,0",
            price + 1.0,
            price - 1.0
        )
        .unwrap();
    }
    let name = format!("{symbol}-1m-2024-12");
    let file = std::fs::File::create(folder.join(format!("{name}.zip"))).unwrap();
    let mut archive = zip::ZipWriter::new(file);
    archive.start_file(format!("{name}.csv"), zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(text.as_bytes()).unwrap();
    archive.finish().unwrap();
}

#[actix_rt::test]
async fn both_units_give_the_same_market() {
    let folder = tempfile::tempdir().unwrap();
    write_zip(folder.path(), "BTCUSDT", 1);
    write_zip(folder.path(), "ETHUSDT", 1_000);
    let start = FIRST + 2 * 86_400_000;
    let config = SimulatorConfig {
        market: MarketSource::Recorded { folders_or_zips: vec![folder.path().to_owned()] },
        start: Some(start),
        ..SimulatorConfig::default()
    };
    let simulator = Simulator::start(config).await.unwrap();
    let klines = async |symbol: &str| -> Vec<Value> {
        let query = format!("symbol={symbol}&interval=1m&limit=1000&endTime={}", start - 1);
        let url = format!("http://{}/api/v3/klines?{query}", simulator.addr());
        let mut answer = awc::Client::default().get(url).send().await.unwrap();
        serde_json::from_slice(&answer.body().limit(10_000_000).await.unwrap()).unwrap()
    };
    let (old, new) = (klines("BTCUSDT").await, klines("ETHUSDT").await);
    assert_eq!(old.len(), 1_000);
    assert_eq!(old, new);
    assert_eq!(old[999][0], (start - 60_000).ms());
    simulator.stop().await;
}
