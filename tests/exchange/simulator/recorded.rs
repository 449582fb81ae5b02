//! Recorded candles: every pair of the shared folder loads, and a start outside the data is refused.

use crate::support::places::shared;
use impulso::simulator::{MarketSource, Simulator, SimulatorConfig, SimulatorError};

#[actix_rt::test]
async fn a_recorded_folder_loads_and_names_its_range() {
    let Some(folder) = shared("data/spot-1m-2021-04") else { return };
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
