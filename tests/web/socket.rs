//! The live socket over real connections: pace, slow and foreign clients, bounds.

use super::fixture::{Site, row, snapshot};
use awc::ws::{Frame, Message};
use bytestring::ByteString;
use futures_util::{SinkExt, StreamExt};
use impulso::actors::view::Published;
use impulso::web::WebConfig;
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Connects to `/ws`; the type of the framed socket has no name of its own in the client crate.
macro_rules! connect {
    ($site:expr) => {
        awc::Client::default().ws($site.url("/ws")).connect().await.unwrap().1
    };
}

/// The next JSON message; pings are answered unless `$pong` is false.
macro_rules! next {
    ($wire:expr) => {
        loop {
            match tokio::time::timeout(Duration::from_secs(5), $wire.next()).await.unwrap().unwrap().unwrap()
            {
                Frame::Text(text) => break serde_json::from_slice::<Value>(&text).unwrap(),
                Frame::Ping(payload) => $wire.send(Message::Pong(payload)).await.unwrap(),
                other => panic!("{other:?}"),
            }
        }
    };
}

async fn until(what: &str, seconds: u64, done: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !done() {
        assert!(Instant::now() < end, "not within {seconds} s: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[actix_rt::test]
async fn a_snapshot_on_connect_then_one_a_publish_as_documented() {
    let site = Site::start(WebConfig::default());
    let mut wire = connect!(site);
    assert_eq!(next!(wire)["type"], "waiting");
    let clients = Arc::clone(&site.clients);
    until("subscribed", 5, || !clients.lock().unwrap().is_empty()).await;
    site.publish(1, vec![row("AUSDT", 90.0, 2e6)]);
    let first = next!(wire);
    assert_eq!((&first["type"], &first["seq"]), (&"snapshot".into(), &1.into()));
    assert_eq!(first["levels"]["FUERTE"][0]["symbol"], "AUSDT");
    let mut second = connect!(site);
    assert_eq!(next!(second)["seq"], 1, "at once on connect");
    let clients = Arc::clone(&site.clients);
    until("both subscribed", 5, || clients.lock().unwrap().len() == 2).await;
    site.publish(2, vec![]);
    assert_eq!((&next!(wire)["seq"], &next!(second)["seq"]), (&2.into(), &2.into()));
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/WEBSOCKET.md")).unwrap();
    let schema = text.split("```json schema").nth(1).expect("a schema").split("```").next().unwrap();
    let schema: Value = serde_json::from_str(schema).unwrap();
    let mut keys: Vec<&str> = first.as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted: Vec<&str> =
        schema["required"].as_array().unwrap().iter().map(|k| k.as_str().unwrap()).collect();
    keys.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(keys, wanted, "docs/WEBSOCKET.md names the keys of a real message");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn at_most_four_a_second_and_the_newest_wins() {
    let site = Site::start(WebConfig::default());
    let mut wire = connect!(site);
    assert_eq!(next!(wire)["type"], "waiting");
    let clients = Arc::clone(&site.clients);
    until("subscribed", 5, || clients.lock().unwrap().len() == 1).await;
    for seq in 1..=9 {
        site.publish(seq, vec![]);
    }
    let (first, began) = (next!(wire)["seq"].as_u64().unwrap(), Instant::now());
    let last = if first == 9 { 9 } else { next!(wire)["seq"].as_u64().unwrap() };
    assert_eq!(last, 9, "nothing between the first and the newest");
    assert!(first == 9 || began.elapsed() >= Duration::from_millis(200), "{:?}", began.elapsed());
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn a_client_that_reads_nothing_is_gone_and_holds_one_message_at_most() {
    let client_timeout = Duration::from_secs(1);
    let site = Site::start(WebConfig { client_timeout, ..WebConfig::default() });
    let huge = ByteString::from("x".repeat(32 << 20));
    let publish =
        |seq| site.push(Published { seq, snapshot: Arc::new(snapshot(seq, vec![])), message: huge.clone() });
    publish(1);
    let mut stuck = std::net::TcpStream::connect(site.server.addr()).unwrap();
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        site.server.addr()
    );
    std::io::Write::write_all(&mut stuck, head.as_bytes()).unwrap();
    let clients = Arc::clone(&site.clients);
    until("subscribed", 5, || clients.lock().unwrap().len() == 1).await;
    (2..30).for_each(publish);
    until("the subscription is gone", 5, || clients.lock().unwrap().is_empty()).await;
    let status =
        awc::Client::default().get(site.url("/api/v1/status")).send().await.unwrap().json::<Value>().await;
    assert_eq!(status.unwrap()["ws_clients"], 0);
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn foreign_pages_big_frames_and_too_many_clients_are_refused() {
    let site = Site::start(WebConfig { max_clients: 1, ..WebConfig::default() });
    let answer = awc::Client::default()
        .ws(site.url("/ws"))
        .set_header("Origin", "http://evil.example")
        .connect()
        .await
        .map(|_| ());
    assert!(format!("{answer:?}").contains("403"), "{answer:?}");
    let mut wire = connect!(site);
    assert_eq!(next!(wire)["type"], "waiting");
    let answer = awc::Client::default().ws(site.url("/ws")).connect().await.map(|_| ());
    assert!(format!("{answer:?}").contains("503"), "{answer:?}");
    wire.send(Message::Text("hello".into())).await.unwrap();
    assert_eq!(next!(wire)["type"], "error");
    wire.send(Message::Binary(vec![0; 5000].into())).await.unwrap();
    let end = tokio::time::timeout(Duration::from_secs(5), wire.next()).await.unwrap();
    assert!(matches!(end, Some(Ok(Frame::Close(Some(ref r)))) if u16::from(r.code) == 1009), "{end:?}");
    let clients = Arc::clone(&site.clients);
    until("the place is free again", 5, || clients.lock().unwrap().is_empty()).await;
    site.server.stop(false).await;
}
