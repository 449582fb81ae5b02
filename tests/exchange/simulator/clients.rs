//! Real exchange clients, unchanged but for the address, against the simulator.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use crate::support::places::{below_tests, python};
use impulso::domain::moment::MarketTime;
use impulso::simulator::{MarketSource, Simulator, SimulatorConfig};

async fn check(script: &str) {
    let config = SimulatorConfig {
        market: MarketSource::Synthetic { symbols: 20, seed: 3 },
        start: Some(MarketTime::from_ms(1_750_200_000_000)),
        ..SimulatorConfig::default()
    };
    let simulator = Simulator::start(config).await.unwrap();
    let (file, addr) = (below_tests("clients").join(script), simulator.addr().to_string());
    let output = tokio::task::spawn_blocking(move || {
        std::process::Command::new(python("python")).arg(file).arg(addr).output()
    })
    .await
    .unwrap()
    .unwrap();
    simulator.stop().await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[actix_rt::test]
async fn ccxt() {
    check("ccxt_check.py").await;
}

#[actix_rt::test]
async fn python_binance() {
    check("python_binance_check.py").await;
}
