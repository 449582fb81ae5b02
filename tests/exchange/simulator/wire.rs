//! The simulated exchange's streams on the wire: every fault shows, and the rules for connections hold.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use futures_util::{SinkExt, StreamExt};
use impulso::domain::moment::MarketTime;
use impulso::simulator::{MarketSource, Simulator, SimulatorConfig, Timings};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn started(faults: &[&str], timings: Timings) -> Simulator {
    let config = SimulatorConfig {
        market: MarketSource::Synthetic { symbols: 8, seed: 3 },
        start: Some(MarketTime::from_ms(1_750_200_000_000)),
        speed: 20.0,
        faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
        timings,
        ..SimulatorConfig::default()
    };
    Simulator::start(config).await.unwrap()
}

async fn open(simulator: &Simulator) -> Socket {
    let url = format!("ws://{}/stream?streams=btcusdt@kline_1m/!miniTicker@arr", simulator.addr());
    connect_async(url).await.unwrap().0
}

/// Texts that arrive within `ms`, and whether the connection ended.
async fn listen(socket: &mut Socket, ms: u64) -> (Vec<String>, bool) {
    let end = Instant::now() + Duration::from_millis(ms);
    let mut texts = Vec::new();
    loop {
        match timeout_at(end, socket.next()).await {
            Err(_) => return (texts, false),
            Ok(Some(Ok(Message::Text(text)))) => texts.push(text.to_string()),
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return (texts, true),
            Ok(Some(Ok(_))) => {}
        }
    }
}

fn event_times(texts: &[String]) -> Vec<i64> {
    let klines = texts.iter().filter_map(|t| serde_json::from_str::<Value>(t).ok());
    klines.filter(|v| v["data"]["e"] == "kline").filter_map(|v| v["data"]["E"].as_i64()).collect()
}

#[actix_rt::test]
async fn without_a_fault_events_are_whole_in_order_and_single() {
    let simulator = started(&[], Timings::default()).await;
    let (texts, ended) = listen(&mut open(&simulator).await, 1_500).await;
    assert!(!ended && texts.len() > 10, "{} frames", texts.len());
    assert!(texts.iter().all(|t| serde_json::from_str::<Value>(t).is_ok()));
    let times = event_times(&texts);
    assert!(times.windows(2).all(|w| w[0] <= w[1]), "{times:?}");
    let mut unique = texts.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), texts.len());
    simulator.stop().await;
}

#[actix_rt::test]
async fn stall_keeps_the_connection_open_and_silent() {
    let simulator = started(&["stall:all:60"], Timings::default()).await;
    let (texts, ended) = listen(&mut open(&simulator).await, 1_500).await;
    assert!(texts.is_empty() && !ended, "{texts:?}, ended: {ended}");
    simulator.stop().await;
}

#[actix_rt::test]
async fn cut_ends_connections_and_refuses_new_ones_while_it_lasts() {
    let simulator = started(&["cut:all:2@1"], Timings::default()).await;
    let mut socket = open(&simulator).await;
    let (_, ended) = listen(&mut socket, 2_500).await;
    assert!(ended);
    let url = format!("ws://{}/stream", simulator.addr());
    let refused = connect_async(&url).await.unwrap_err();
    assert!(matches!(&refused, Error::Http(answer) if answer.status() == 503), "{refused}");
    actix_rt::time::sleep(Duration::from_millis(2_500)).await;
    assert!(connect_async(&url).await.is_ok());
    simulator.stop().await;
}

#[actix_rt::test]
async fn spoiled_frames_show() {
    let count = |texts: &[String]| texts.iter().filter(|t| serde_json::from_str::<Value>(t).is_err()).count();
    let simulator = started(&["malformed:all:60"], Timings::default()).await;
    let (texts, _) = listen(&mut open(&simulator).await, 1_000).await;
    assert!(texts.len() > 3 && count(&texts) == texts.len(), "{texts:?}");
    simulator.stop().await;
    let simulator = started(&["duplicate:all:60"], Timings::default()).await;
    let (texts, _) = listen(&mut open(&simulator).await, 1_000).await;
    let pairs = texts.windows(2).filter(|w| w[0] == w[1]).count();
    assert!(texts.len() > 6 && pairs >= texts.len() / 2 - 1, "{pairs} of {}", texts.len());
    simulator.stop().await;
    let simulator = started(&["reorder:all:60"], Timings::default()).await;
    let (texts, _) = listen(&mut open(&simulator).await, 2_000).await;
    let stamps: Vec<i64> = texts
        .iter()
        .filter_map(|t| serde_json::from_str::<Value>(t).ok())
        .filter_map(|v| v["data"]["E"].as_i64().or_else(|| v["data"][0]["E"].as_i64()))
        .collect();
    assert!(stamps.windows(2).any(|w| w[0] > w[1]), "{stamps:?}");
    simulator.stop().await;
}

#[actix_rt::test]
async fn drop_loses_half_and_slow_delays() {
    let whole = started(&[], Timings::default()).await;
    let half = started(&["drop:all:60"], Timings::default()).await;
    let (mut a, mut b) = (open(&whole).await, open(&half).await);
    let ((all, _), (some, _)) =
        futures_util::future::join(listen(&mut a, 2_000), listen(&mut b, 2_000)).await;
    assert!(some.len() * 3 < all.len() * 2 && some.len() * 3 > all.len(), "{} of {}", some.len(), all.len());
    whole.stop().await;
    half.stop().await;
    let slow = started(&["slow:all:60"], Timings::default()).await;
    let (texts, _) = listen(&mut open(&slow).await, 1_500).await;
    assert!(!texts.is_empty() && texts.len() <= 15, "at most one frame in 100 ms: {}", texts.len());
    slow.stop().await;
}

#[actix_rt::test]
async fn clock_offset_and_shutdown_are_announced_as_the_exchange_does() {
    let simulator = started(&["clock_offset=600000:all:60"], Timings::default()).await;
    let (texts, _) = listen(&mut open(&simulator).await, 1_000).await;
    let ahead = event_times(&texts).last().unwrap() - simulator.market_now().ms();
    assert!((500_000..700_000).contains(&ahead), "{ahead}");
    simulator.stop().await;
    let simulator = started(&["server_shutdown:all:1@1"], Timings::default()).await;
    let (texts, ended) = listen(&mut open(&simulator).await, 4_000).await;
    assert!(texts.iter().any(|t| t.contains(r#""e":"serverShutdown""#)), "announced");
    assert!(ended, "and cut");
    simulator.stop().await;
}

#[actix_rt::test]
async fn one_symbol_may_be_silent_alone() {
    let simulator = started(&["stall:BTCUSDT:60"], Timings::default()).await;
    let (texts, _) = listen(&mut open(&simulator).await, 1_500).await;
    assert!(event_times(&texts).is_empty(), "no kline of it");
    assert!(texts.iter().any(|t| t.contains("24hrMiniTicker")), "but the mini ticker");
    simulator.stop().await;
}

#[actix_rt::test]
async fn control_messages_are_answered_and_too_many_end_the_connection() {
    let simulator = started(&[], Timings::default()).await;
    let url = format!("ws://{}/ws", simulator.addr());
    let (mut socket, _) = connect_async(&url).await.unwrap();
    let mut ask = async |text: &str| {
        socket.send(Message::text(text)).await.unwrap();
        loop {
            let text = socket.next().await.unwrap().unwrap().into_text().unwrap().to_string();
            let value: Value = serde_json::from_str(&text).unwrap_or_default();
            if value.get("id").is_some() {
                return value;
            }
        }
    };
    let answer = ask(r#"{"method":"SUBSCRIBE","params":["ethusdt@kline_1m"],"id":7}"#).await;
    assert_eq!(answer, serde_json::json!({"result": null, "id": 7}));
    let answer = ask(r#"{"method":"LIST_SUBSCRIPTIONS","id":"x-1"}"#).await;
    assert_eq!(answer, serde_json::json!({"result": ["ethusdt@kline_1m"], "id": "x-1"}));
    let answer = ask(r#"{"method":"UNSUBSCRIBE","params":["ethusdt@kline_1m"],"id":8}"#).await;
    assert_eq!(answer["result"], Value::Null);
    let names: Vec<String> = (0..1_025).map(|i| format!("s{i}usdt@kline_1m")).collect();
    let (mut crowd, _) = connect_async(&url).await.unwrap();
    let many = serde_json::json!({"method": "SUBSCRIBE", "params": names, "id": 1}).to_string();
    crowd.send(Message::text(many)).await.unwrap();
    let (texts, ended) = listen(&mut crowd, 1_000).await;
    assert!(ended || texts.iter().any(|t| t.contains("code")), "more than 1,024 streams: {texts:?}");
    let (mut eager, _) = connect_async(&url).await.unwrap();
    for id in 0..12 {
        let text = format!(r#"{{"method":"LIST_SUBSCRIPTIONS","id":{id}}}"#);
        if eager.send(Message::text(text)).await.is_err() {
            break;
        }
    }
    assert!(listen(&mut eager, 1_500).await.1, "twelve messages in a second");
    simulator.stop().await;
}

#[actix_rt::test]
async fn old_and_mute_connections_are_cut() {
    let short = Timings { max_age: Duration::from_secs(1), ..Timings::default() };
    let simulator = started(&[], short).await;
    assert!(listen(&mut open(&simulator).await, 3_000).await.1, "cut at its greatest age");
    simulator.stop().await;
    let timings = Timings {
        ping_every: Duration::from_millis(300),
        pong_timeout: Duration::from_millis(1_000),
        ..Timings::default()
    };
    let simulator = started(&[], timings).await;
    // This client reads, so its pongs are sent; the other one does not read.
    let (mut reader, mut mute) = (open(&simulator).await, open(&simulator).await);
    assert!(!listen(&mut reader, 2_500).await.1, "answers its pings");
    let (_, ended) = listen(&mut mute, 1_000).await;
    assert!(ended, "was mute too long");
    simulator.stop().await;
}
