//! Real exchange clients, unchanged but for the address, against the simulator.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use impulso::simulator::{MarketSource, Simulator, SimulatorConfig};
use std::path::PathBuf;

async fn check(script: &str) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let python = std::env::var_os("IMPULSO_TEST_PYTHON")
        .map_or_else(|| root.join("tests/.venv/bin/python"), PathBuf::from);
    assert!(
        python.exists(),
        "no interpreter at {}: make tests/.venv and pip install -r tests/clients/requirements.txt, or set IMPULSO_TEST_PYTHON",
        python.display()
    );
    let config = SimulatorConfig {
        market: MarketSource::Synthetic { symbols: 20, seed: 3 },
        start: Some(1_750_200_000_000),
        ..SimulatorConfig::default()
    };
    let simulator = Simulator::start(config).await.unwrap();
    let (file, addr) = (root.join("tests/clients").join(script), simulator.addr().to_string());
    let output =
        tokio::task::spawn_blocking(move || std::process::Command::new(python).arg(file).arg(addr).output())
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
