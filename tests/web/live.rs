//! Subscriptions of the live socket: topics, diffs, holes, bad operations, slow clients, packed frames, schemas.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::{Site, row};
use awc::ws::{Frame, Message};
use futures_util::{SinkExt, StreamExt};
use impulso::actors::problems::{PresentProblem, SystemProblem};
use impulso::actors::view::SystemStatus;
use impulso::domain::moment::MachineTime;
use impulso::domain::ranking::Row;
use impulso::web::WebConfig;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Read;
use std::time::{Duration, Instant};

macro_rules! connect {
    ($site:expr) => {
        awc::Client::default().ws($site.url("/ws")).max_frame_size(1 << 24).connect().await.unwrap().1
    };
}

/// The next JSON message, packed or not; pings are answered.
macro_rules! next {
    ($wire:expr) => {
        loop {
            match tokio::time::timeout(Duration::from_secs(5), $wire.next()).await.unwrap().unwrap().unwrap()
            {
                Frame::Text(text) => break serde_json::from_slice::<Value>(&text).unwrap(),
                Frame::Binary(packed) => break unpacked(&packed),
                Frame::Ping(payload) => $wire.send(Message::Pong(payload)).await.unwrap(),
                other => panic!("{other:?}"),
            }
        }
    };
}

macro_rules! say {
    ($wire:expr, $($json:tt)+) => {
        $wire.send(Message::Text(json!($($json)+).to_string().into())).await.unwrap()
    };
}

fn unpacked(packed: &[u8]) -> Value {
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn rows(scores: &[(&str, f64)]) -> Vec<Row> {
    scores.iter().map(|(symbol, score)| row(symbol, *score, 2e6)).collect()
}

type Table = BTreeMap<String, Map<String, Value>>;

fn table(snapshot: &Value) -> Table {
    let levels = snapshot["levels"].as_object().unwrap().values().filter_map(Value::as_array).flatten();
    levels.map(|r| (r["symbol"].as_str().unwrap().to_owned(), r.as_object().unwrap().clone())).collect()
}

fn apply(table: &mut Table, diff: &Value) {
    for (name, change) in diff["rows"].as_object().unwrap() {
        table.entry(name.clone()).or_default().extend(change.as_object().unwrap().clone());
    }
    for name in diff["gone"].as_array().unwrap() {
        table.remove(name.as_str().unwrap());
    }
}

#[actix_rt::test]
async fn diffs_lead_from_a_snapshot_to_the_newest_ranking() {
    let site = Site::start(WebConfig::default());
    site.publish(1, rows(&[("AUSDT", 90.0), ("BUSDT", 75.0), ("CUSDT", 55.0)]));
    let mut wire = connect!(site);
    assert_eq!(next!(wire)["type"], "snapshot");
    say!(wire, {"op": "subscribe", "diff": true});
    let told = next!(wire);
    assert_eq!(
        (&told["type"], &told["diff"], &told["full"]),
        (&json!("subscribed"), &json!(["ranking"]), &json!([]))
    );
    let full = next!(wire);
    assert_eq!(
        (&full["type"], &full["topic"], &full["seq"]),
        (&json!("snapshot"), &json!("ranking"), &json!(1))
    );
    let (mut mine, mut seq) = (table(&full), 1);
    let steps = [
        rows(&[("AUSDT", 91.0), ("BUSDT", 75.0), ("CUSDT", 55.0)]),
        rows(&[("BUSDT", 75.0), ("DUSDT", 40.0)]),
        rows(&[]),
        rows(&[("CUSDT", 86.0)]),
    ];
    for (n, step) in (2..).zip(steps) {
        site.publish(n, step);
        let diff = next!(wire);
        assert_eq!(
            (&diff["type"], diff["prev_seq"].as_u64(), diff["seq"].as_u64()),
            (&json!("diff"), Some(seq), Some(n))
        );
        if n == 2 {
            let changed: Vec<&String> = diff["rows"].as_object().unwrap().keys().collect();
            assert_eq!(changed, ["AUSDT"], "only what changed");
            assert!(diff["rows"]["AUSDT"].get("symbol").is_none() && diff["set"]["cycle"] == 2);
        }
        seq = n;
        apply(&mut mine, &diff);
        let truth = site.get("/api/v1/ranking", &[]).await.json();
        assert_eq!(mine, table(&truth), "after {n}");
    }
    say!(wire, {"op": "resync"});
    let again = next!(wire);
    assert_eq!((&again["type"], table(&again)), (&json!("snapshot"), mine), "a whole snapshot after a hole");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn a_slow_client_gets_one_diff_to_the_newest() {
    let site = Site::start(WebConfig::default());
    site.publish(1, rows(&[("AUSDT", 90.0)]));
    let mut wire = connect!(site);
    assert_eq!(next!(wire)["seq"], 1);
    say!(wire, {"op": "subscribe", "diff": true});
    assert_eq!((&next!(wire)["type"], &next!(wire)["seq"]), (&json!("subscribed"), &json!(1)));
    // The client does not read, so it confirms nothing, while thirty cycles pass.
    for seq in 2..=31 {
        site.publish(seq, rows(&[("AUSDT", 50.0 + f64::from(u32::try_from(seq).unwrap()))]));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (mut messages, mut seq) = (0, 1);
    while seq < 31 {
        let diff = next!(wire);
        assert_eq!(diff["prev_seq"].as_u64(), Some(seq), "no hole");
        seq = diff["seq"].as_u64().unwrap();
        messages += 1;
    }
    assert!(messages <= 2, "{messages} messages for 30 cycles");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn other_topics_come_alone_and_end() {
    let site = Site::start(WebConfig::default());
    site.publish(1, rows(&[("AUSDT", 90.0), ("BUSDT", 75.0)]));
    site.alert("AUSDT", 1_750_000_000_000);
    let mut wire = connect!(site);
    assert_eq!(next!(wire)["topic"], "ranking");
    say!(wire, {"op": "subscribe", "diff": true, "topics": ["alerts", "status", "symbol:AUSDT"]});
    assert_eq!(next!(wire)["diff"], json!(["alerts", "status", "symbol:AUSDT"]));
    let mut first = BTreeMap::new();
    for _ in 0..3 {
        let message = next!(wire);
        assert_eq!(message["type"], "snapshot", "{message}");
        first.insert(message["topic"].as_str().unwrap().to_owned(), message);
    }
    assert_eq!(first["alerts"]["alerts"][0]["alert"]["symbol"], "AUSDT");
    assert_eq!((&first["status"]["feed"], &first["symbol:AUSDT"]["listed"]), (&json!("live"), &json!(true)));
    site.alert("BUSDT", 1_750_000_030_000);
    site.publish(2, rows(&[("AUSDT", 91.0), ("BUSDT", 75.0)]));
    let (mut seen, end) = (BTreeMap::new(), Instant::now() + Duration::from_secs(6));
    while seen.len() < 3 && Instant::now() < end {
        let message = next!(wire);
        assert_eq!(message["type"], "diff", "{message}");
        seen.entry(message["topic"].as_str().unwrap().to_owned()).or_insert(message);
    }
    assert_eq!(seen["alerts"]["rows"]["BUSDT-1750000030000-FUERTE"]["alert"]["level"], "FUERTE");
    assert_eq!(seen["alerts"]["rows"].as_object().unwrap().len(), 1, "only the new one");
    assert_eq!(seen["symbol:AUSDT"]["set"]["momentum_score"]["total_score"], 91.0);
    assert!(seen["status"]["set"].get("rest_url").is_none(), "only what changed");
    say!(wire, {"op": "unsubscribe"});
    loop {
        let message = next!(wire);
        if message["type"] == "subscribed" {
            assert_eq!((&message["diff"], &message["full"]), (&json!([]), &json!([])));
            break;
        }
    }
    site.publish(3, rows(&[("AUSDT", 92.0)]));
    let silence = tokio::time::timeout(Duration::from_millis(700), async { next!(wire) }).await;
    assert!(silence.is_err(), "{silence:?}");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn bad_operations_are_told_what_is_allowed() {
    let site = Site::read_only(WebConfig::default());
    site.publish(1, rows(&[("AUSDT", 90.0)]));
    let mut wire = connect!(site);
    assert_eq!(next!(wire)["seq"], 1);
    let cases = [
        (json!({"op": "dance"}), "resync"),
        (json!({"op": "subscribe", "topics": "ranking"}), "subscribe"),
        (json!({"op": "subscribe", "topics": ["weather"]}), "symbol:PAIR"),
        (json!({"op": "subscribe", "topics": ["symbol:NOPE"]}), "symbol:PAIR"),
        (json!({"op": "subscribe", "topics": ["alerts"]}), "status"),
        (json!({"op": "subscribe", "compress": "zstd"}), "subscribe"),
        (json!({"op": "subscribe", "extra": 1}), "subscribe"),
        (json!({"op": "resync", "topics": ["status"]}), "subscribe"),
        (json!([1]), "resync"),
    ];
    for (said, allowed) in &cases {
        wire.send(Message::Text(said.to_string().into())).await.unwrap();
        let error = next!(wire);
        assert_eq!((&error["type"], &error["seq"]), (&json!("error"), &json!(1)), "{said}");
        assert!(error["allowed"].to_string().contains(allowed), "{said}: {error}");
        assert!(error["detail"].as_str().is_some_and(|d| d.len() > 10), "{error}");
    }
    site.publish(2, rows(&[]));
    assert_eq!(next!(wire)["seq"], 2, "what was refused changed nothing");
    let many: Vec<String> = (0..30).map(|_| "symbol:POORUSDT".to_owned()).collect();
    say!(wire, {"op": "subscribe", "topics": many});
    assert_eq!(next!(wire)["type"], "error");
    for _ in 0..20 {
        if wire.send(Message::Text("x".into())).await.is_err() {
            break;
        }
    }
    let end = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            if let Some(Ok(Frame::Close(why))) = wire.next().await {
                break why.map(|w| u16::from(w.code));
            }
        }
    });
    assert_eq!(end.await.unwrap(), Some(1008));
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn frames_are_packed_on_request() {
    let site = Site::start(WebConfig::default());
    site.publish(1, rows(&[("AUSDT", 90.0), ("BUSDT", 75.0)]));
    let mut wire = connect!(site);
    let plain = next!(wire);
    say!(wire, {"op": "subscribe", "diff": true, "compress": "gzip"});
    let (mut binary, mut last) = (0, Value::Null);
    while binary < 2 {
        match tokio::time::timeout(Duration::from_secs(5), wire.next()).await.unwrap().unwrap().unwrap() {
            Frame::Binary(packed) => {
                binary += 1;
                last = unpacked(&packed);
            }
            Frame::Ping(payload) => wire.send(Message::Pong(payload)).await.unwrap(),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(last, plain);
    site.server.stop(false).await;
}

/// Asked at once, as the page does: no whole ranking that is thrown away, the status in the language of the page.
#[actix_rt::test]
async fn a_client_that_asks_at_once_gets_that_alone() {
    let site = Site::start(WebConfig::default());
    site.publish(1, rows(&[("AUSDT", 90.0)]));
    let problem = SystemProblem::QuietScanner { seconds: 70 };
    let problems = vec![PresentProblem { problem, since: MachineTime::from_ms(5) }];
    site.view.set_status(SystemStatus { problems, ..SystemStatus::default() });
    let mut wire = awc::Client::default().ws(site.url("/ws?lang=es")).connect().await.unwrap().1;
    say!(wire, {"op": "subscribe", "diff": true, "topics": ["status"]});
    assert_eq!(next!(wire)["diff"], json!(["status"]));
    let first = next!(wire);
    assert_eq!((&first["type"], &first["topic"]), (&json!("snapshot"), &json!("status")));
    assert_eq!(first["problems"][0]["what"], "el escáner no publica nada desde hace 70 s");
    assert_eq!(
        (&first["problems"][0]["kind"], &first["problems"][0]["since"]),
        (&json!("quiet_scanner"), &json!(5))
    );
    // A sign of life also while nothing changes.
    let second = next!(wire);
    assert_eq!((&second["type"], &second["prev_seq"]), (&json!("diff"), &first["seq"]));
    let unknown = awc::Client::default().ws(site.url("/ws?lang=fr")).connect().await.map(|_| ());
    assert!(format!("{unknown:?}").contains("400"), "{unknown:?}");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn the_protocol_is_described_by_the_code() {
    let site = Site::start(WebConfig::default());
    let served = site.get("/asyncapi.json", &[]).await.json();
    assert_eq!(
        (&served["asyncapi"], &served["channels"]["live"]["address"]),
        (&json!("3.0.0"), &json!("/ws"))
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/asyncapi.json");
    let pretty = serde_json::to_string_pretty(&served).unwrap() + "\n";
    if std::env::var_os("IMPULSO_WRITE_DOCS").is_some() {
        std::fs::write(path, &pretty).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(kept, pretty, "docs/asyncapi.json is old: run this test with IMPULSO_WRITE_DOCS=1");
    let text = served.to_string();
    for part in text.split("\"$ref\":\"#/").skip(1) {
        let pointer = format!("/{}", part.split('"').next().unwrap());
        assert!(served.pointer(&pointer).is_some(), "{pointer} leads nowhere");
    }
    site.server.stop(false).await;
}
