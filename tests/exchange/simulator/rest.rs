//! The simulator over real sockets: shapes, errors, faults, parity of /klines with the closing events.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use futures_util::{SinkExt, StreamExt};
use impulso::domain::moment::MarketTime;
use impulso::simulator::{MarketSource, Simulator, SimulatorConfig};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

async fn started(speed: f64, faults: &[&str]) -> Simulator {
    let config = SimulatorConfig {
        market: MarketSource::Synthetic { symbols: 8, seed: 3 },
        start: Some(MarketTime::from_ms(1_750_200_000_000)),
        speed,
        script: true,
        faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
        ..SimulatorConfig::default()
    };
    Simulator::start(config).await.unwrap()
}

async fn get(simulator: &Simulator, path: &str) -> (u16, Value) {
    let url = format!("http://{}{path}", simulator.addr());
    let mut answer = awc::Client::default().get(url).send().await.unwrap();
    let body = answer.body().limit(10_000_000).await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[actix_rt::test]
async fn shapes_and_errors() {
    let simulator = started(1.0, &[]).await;
    let (_, info) = get(&simulator, "/api/v3/exchangeInfo").await;
    assert!(info["symbols"].as_array().unwrap().iter().any(|s| s["symbol"] == "币安人生USDT"));
    let (_, rows) = get(&simulator, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1000").await;
    assert_eq!(rows.as_array().unwrap().len(), 1_000);
    assert_eq!(rows[0].as_array().unwrap().len(), 12);
    for (query, code) in
        [("symbol=NOPE&interval=1m", -1121), ("symbol=BTCUSDT&interval=7m", -1120), ("interval=1m", -1102)]
    {
        let (status, body) = get(&simulator, &format!("/api/v3/klines?{query}")).await;
        assert_eq!((status, body["code"].as_i64()), (400, Some(code)));
    }
    simulator.stop().await;
}

/// The demo: whoever starts it at whatever hour sees the same moves.
#[actix_rt::test]
async fn a_market_can_move_alike_whenever_it_starts() {
    let day_ms = 86_400_000;
    let mut seen = Vec::new();
    for later_ms in [0, 5 * 3_600_000 + 13 * 60_000, 9 * day_ms] {
        let config = SimulatorConfig {
            market: MarketSource::Synthetic { symbols: 8, seed: 3 },
            start: Some(MarketTime::from_ms(1_750_200_000_000 + later_ms)),
            moves_as_from: Some(MarketTime::from_ms(1_740_000_000_000)),
            ..SimulatorConfig::default()
        };
        let simulator = Simulator::start(config).await.unwrap();
        let end = 1_750_200_000_000_i64 + later_ms - 1;
        let query = format!("/api/v3/klines?symbol=ETHUSDT&interval=1m&limit=500&endTime={end}");
        let (_, rows) = get(&simulator, &query).await;
        let closes: Vec<String> = rows.as_array().unwrap().iter().map(|k| k[4].to_string()).collect();
        assert_eq!(closes.len(), 500);
        seen.push(closes);
        simulator.stop().await;
    }
    assert!(seen[0] == seen[1] && seen[1] == seen[2]);
    assert!(seen[0].iter().any(|close| *close != seen[0][0]), "it moves");
}

#[actix_rt::test]
async fn rest_faults_show() {
    for (fault, status) in [("5xx:all:60", 503), ("429:all:60", 429), ("418:all:60", 418)] {
        let simulator = started(1.0, &[fault]).await;
        assert_eq!(get(&simulator, "/api/v3/ping").await.0, status);
        simulator.stop().await;
    }
}

#[actix_rt::test]
async fn closing_events_equal_the_klines() {
    let simulator = started(60.0, &[]).await;
    let url = format!("ws://{}/stream", simulator.addr());
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    let ask = r#"{"method":"SUBSCRIBE","params":["btcusdt@kline_1m","pumpusdt@kline_1m"],"id":"a"}"#;
    socket.send(Message::text(ask)).await.unwrap();
    let mut closed = 0;
    while closed < 4 {
        let Some(Ok(Message::Text(text))) = socket.next().await else { panic!("stream ended") };
        let event: Value = serde_json::from_str(&text).unwrap();
        let k = &event["data"]["k"];
        if k["x"] == true {
            closed += 1;
            let (symbol, open) = (k["s"].as_str().unwrap(), &k["t"]);
            let path = format!("/api/v3/klines?symbol={symbol}&interval=1m&startTime={open}&limit=1");
            let (_, rows) = get(&simulator, &path).await;
            for (at, key) in [(1, "o"), (2, "h"), (3, "l"), (4, "c"), (5, "v"), (7, "q"), (8, "n")] {
                assert_eq!(rows[0][at], k[key], "{symbol} {key}");
            }
        }
    }
    simulator.stop().await;
}
