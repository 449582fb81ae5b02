//! Recorded candles: every pair of the shared folder loads, and a start outside the data is refused.

use crate::support::places::shared;
use impulso::domain::moment::MarketTime;
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
    let refused =
        Simulator::start(SimulatorConfig { start: Some(MarketTime::EPOCH), ..config }).await.unwrap_err();
    assert!(matches!(refused, SimulatorError::StartOutside { .. }), "{refused}");
}

#[actix_rt::test]
async fn the_admin_routes_are_closed_to_web_pages() {
    let market = MarketSource::Synthetic { symbols: 5, seed: 1 };
    let config = SimulatorConfig {
        market,
        start: Some(MarketTime::from_ms(1_750_000_000_000)),
        ..SimulatorConfig::default()
    };
    let simulator = Simulator::start(config).await.unwrap();
    let order = r#"{"fault":"stall","target":"all","seconds":1}"#;
    let ask = async |headers: &[(&str, &str)]| {
        let mut request = awc::Client::default().post(format!("http://{}/admin/faults", simulator.addr()));
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        request.send_body(order).await.unwrap().status().as_u16()
    };
    assert_eq!(ask(&[]).await, 200);
    for page in [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Host", "evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        assert_eq!(ask(&[page]).await, 403, "{page:?}");
    }
    simulator.stop().await;
}
