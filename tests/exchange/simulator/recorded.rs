//! Recorded candles: every pair of the shared folder loads, and a start outside the data is refused.

use impulso::simulator::{MarketSource, Simulator, SimulatorConfig, SimulatorError};
use std::path::PathBuf;

#[actix_rt::test]
async fn a_recorded_folder_loads_and_names_its_range() {
    let near = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder =
        std::env::var_os("IMPULSO_SHARED").map_or_else(near, PathBuf::from).join("data/spot-1m-2021-04");
    if !folder.exists() {
        #[expect(clippy::print_stderr, reason = "says that the data is absent")]
        {
            eprintln!("recorded candles are absent ({}): nothing tested", folder.display());
        }
        return;
    }
    let market = MarketSource::Recorded { folders_or_zips: vec![folder] };
    let config = SimulatorConfig { market, ..SimulatorConfig::default() };
    let simulator = Simulator::start(config.clone()).await.unwrap();
    let url = format!("http://{}/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1000", simulator.addr());
    let mut answer = awc::Client::default().get(url).send().await.unwrap();
    let rows: serde_json::Value = serde_json::from_slice(&answer.body().await.unwrap()).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1_000);
    simulator.stop().await;
    let refused = Simulator::start(SimulatorConfig { start: Some(0), ..config }).await.unwrap_err();
    assert!(matches!(refused, SimulatorError::StartOutside { .. }), "{refused}");
}
