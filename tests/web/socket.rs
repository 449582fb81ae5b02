//! The live socket over real connections: pace, slow and foreign clients, bounds.

use super::fixture::{Site, row};
use awc::ws::{Frame, Message};
use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use impulso::actors::ports::state::Scope;
use impulso::domain::moment::MachineTime;
use impulso::web::WebConfig;
use serde_json::Value;
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

/// Waits until the server counts so many live clients.
async fn clients(site: &Site, count: u32) {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let told = site.get("/api/v1/status", &[]).await.json()["ws_clients"].as_u64();
        if told == Some(u64::from(count)) {
            return;
        }
        assert!(Instant::now() < end, "{told:?} clients, not {count}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[actix_rt::test]
async fn a_snapshot_on_connect_then_one_a_publish_as_documented() {
    let site = Site::start(WebConfig::default());
    let mut wire = connect!(site);
    assert_eq!(next!(wire)["type"], "waiting");
    site.publish(1, vec![row("AUSDT", 90.0, 2e6)]);
    let first = next!(wire);
    assert_eq!((&first["type"], &first["seq"]), (&"snapshot".into(), &1.into()));
    assert_eq!(first["levels"]["FUERTE"][0]["symbol"], "AUSDT");
    let mut second = connect!(site);
    assert_eq!(next!(second)["seq"], 1, "at once on connect");
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
    // Far more than the buffers of a TCP connection take.
    let many: Vec<_> = (0..20_000).map(|n| row(&format!("COIN{n}USDT"), 90.0, 2e6)).collect();
    site.publish(1, many);
    let mut stuck = std::net::TcpStream::connect(site.server.addr()).unwrap();
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        site.server.addr()
    );
    std::io::Write::write_all(&mut stuck, head.as_bytes()).unwrap();
    clients(&site, 1).await;
    (2..30).for_each(|seq| site.publish(seq, vec![]));
    clients(&site, 0).await;
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn five_hundred_clients_that_connect_at_once_are_all_served() {
    const CLIENTS: u32 = 500;
    let site = Site::start(WebConfig::default());
    site.publish(1, vec![row("AUSDT", 90.0, 2e6)]);
    let wires = join_all((0..CLIENTS).map(|_| async { connect!(site) })).await;
    clients(&site, CLIENTS).await;
    let followed = wires.into_iter().enumerate().map(|(n, mut wire)| async move {
        if n % 2 == 0 {
            let subscribe = r#"{"op":"subscribe","diff":true}"#;
            wire.send(Message::Text(subscribe.into())).await.unwrap();
        }
        loop {
            let message = next!(wire);
            if message["seq"] == 3 {
                return message["type"].as_str().unwrap().to_owned();
            }
        }
    });
    let cycles = async {
        for seq in 2..=3 {
            tokio::time::sleep(Duration::from_millis(1_000)).await;
            site.publish(seq, vec![row("AUSDT", 90.0 + seq as f64, 2e6)]);
        }
    };
    let (kinds, ()) = futures_util::future::join(join_all(followed), cycles).await;
    let diffs = kinds.iter().filter(|kind| *kind == "diff").count();
    assert_eq!((kinds.len(), diffs), (500, 250), "nobody is deaf");
    clients(&site, 0).await;
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
    clients(&site, 0).await;
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn a_revoked_token_ends_its_live_clients() {
    let site = Site::start(WebConfig { require_token: true, ..WebConfig::default() });
    let token = |name| site.state.create_token(name, Scope::Read, MachineTime::from_ms(1)).unwrap().secret;
    let (gone, stays) = (token("gone"), token("stays"));
    let open = async |secret: &str| {
        let bearer = format!("Bearer {secret}");
        awc::Client::default()
            .ws(site.url("/ws"))
            .set_header("Authorization", bearer)
            .connect()
            .await
            .unwrap()
            .1
    };
    let (mut gone, mut stays) = (open(&gone).await, open(&stays).await);
    assert_eq!((&next!(gone)["type"], &next!(stays)["type"]), (&"waiting".into(), &"waiting".into()));
    site.state.revoke_token("gone").unwrap();
    let ended = async {
        loop {
            match gone.next().await {
                Some(Ok(Frame::Close(reason))) => break reason.map(|r| u16::from(r.code)),
                Some(Ok(Frame::Ping(payload))) => gone.send(Message::Pong(payload)).await.unwrap(),
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(6), ended).await.unwrap(), Some(1008));
    site.publish(1, vec![row("AUSDT", 90.0, 2e6)]);
    assert_eq!(next!(stays)["seq"], 1);
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn one_client_does_not_take_the_places_of_all() {
    let site = Site::start(WebConfig { max_clients: 10, max_clients_each: 3, ..WebConfig::default() });
    let secret = site.state.create_token("desk", Scope::Read, MachineTime::from_ms(1)).unwrap().secret;
    let bearer = format!("Bearer {secret}");
    let mut own = Vec::new();
    for _ in 0..3 {
        own.push(connect!(site));
    }
    let more = awc::Client::default().ws(site.url("/ws")).connect().await.map(|_| ());
    assert!(format!("{more:?}").contains("503"), "{more:?}");
    let other = awc::Client::default().ws(site.url("/ws")).set_header("Authorization", bearer).connect();
    let mut other = other.await.unwrap().1;
    assert_eq!(next!(other)["type"], "waiting");
    own.pop();
    clients(&site, 3).await;
    let mut again = connect!(site);
    assert_eq!(next!(again)["type"], "waiting");
    site.server.stop(false).await;
}
