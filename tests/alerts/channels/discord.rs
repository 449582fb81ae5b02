//! Discord: its OpenAPI document, its rate limits, and receivers that misbehave.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::receiver::{FakeReceiver, Play, json};
use super::fixture::{
    LANGUAGES, PNG, alert, all_kinds, assert_no_secret, deliver, outcome, timed, with_chart,
};
use crate::support::places::{below_tests, free_port, python, shared};
use impulso::adapters::notify::HttpTimes;
use impulso::adapters::notify::discord::{Discord, DiscordLimits, DiscordSettings};
use serde_json::{Value, json as value};
use std::sync::Arc;
use std::time::Duration;

const SECRET: &str = "hook-Secret_token";

fn settings(base_url: &str) -> DiscordSettings {
    let url = format!("{base_url}/api/webhooks/77/{SECRET}");
    DiscordSettings {
        dashboard_url: Some("https://impulso.example".to_owned()),
        ..DiscordSettings::new(url.into())
    }
}

fn hasty(settings: DiscordSettings, limits: &Arc<DiscordLimits>) -> Discord {
    let times = HttpTimes { connect: Duration::from_millis(800), response: Duration::from_millis(1_500) };
    Discord::with_times(settings, limits, times)
}

fn fresh(base_url: &str) -> Discord {
    hasty(settings(base_url), &Arc::new(DiscordLimits::new()))
}

fn taken() -> Play {
    json(200, &value!({ "id": "1234567890" }))
}

/// 429 as Discord writes it, with the seconds of the header and of the body.
fn slow_down(header: Option<&str>, body: f64, global: bool) -> Play {
    let mut headers = vec![("x-ratelimit-global", global.to_string())];
    headers.extend(header.map(|seconds| ("retry-after", seconds.to_owned())));
    let text = value!({ "message": "You are being rate limited.", "retry_after": body, "global": global });
    Play::Answer(429, headers, text.to_string())
}

/// The payload of a request, and whether the chart came with it.
fn payload(request: &super::fixture::receiver::Request) -> (Value, bool) {
    if request.header("content-type") == Some("application/json") {
        return (request.json(), false);
    }
    let form = request.form();
    assert!(form[0].0.contains("name=\"payload_json\"") && form[1].0.contains("name=\"files[0]\""));
    assert!(form[1].0.contains("filename=\"chart.png\"") && form[1].1 == PNG);
    (serde_json::from_slice(&form[0].1).unwrap(), true)
}

/// All characters that Discord counts in the embeds.
fn counted(payload: &Value) -> usize {
    let length = |v: &Value| v.as_str().map_or(0, |s| s.encode_utf16().count());
    let field = |f: &Value| length(&f["name"]) + length(&f["value"]);
    let embed = |e: &Value| {
        let fields: usize = e["fields"].as_array().into_iter().flatten().map(field).sum();
        length(&e["title"]) + length(&e["description"]) + length(&e["footer"]["text"]) + fields
    };
    payload["embeds"].as_array().unwrap().iter().map(embed).sum()
}

#[actix_rt::test]
async fn every_payload_is_as_the_document_describes_it() {
    let receiver = FakeReceiver::start(taken());
    for language in LANGUAGES {
        for parcel in all_kinds() {
            let own = DiscordSettings { language, ..settings(&receiver.url()) };
            let limits = Arc::new(DiscordLimits::new());
            let receipt = deliver(&hasty(own, &limits), parcel).await.unwrap();
            assert_eq!(receipt.id.as_deref(), Some("1234567890"));
        }
    }
    let requests = receiver.take();
    assert!(requests.iter().all(|r| r.path == format!("/api/webhooks/77/{SECRET}?wait=true")));
    let payloads: Vec<(Value, bool)> = requests.iter().map(payload).collect();
    assert_eq!(payloads.iter().filter(|(_, chart)| *chart).count(), 2);
    for (payload, chart) in &payloads {
        assert_eq!(payload["allowed_mentions"], value!({ "parse": [] }));
        assert!(counted(payload) <= 6_000, "{payload}");
        let image = &payload["embeds"][0]["image"]["url"];
        assert_eq!(image == "attachment://chart.png", *chart);
    }
    let flood = payloads.iter().find(|(p, _)| p["embeds"].as_array().unwrap().len() == 10).unwrap();
    assert!(flood.0["content"].as_str().unwrap().ends_with("… +140"), "{flood:?}");
    let Some(document) = shared("specs/discord-openapi.json.zst") else { return };
    let folder = tempfile::tempdir().unwrap();
    let plain = zstd::decode_all(std::fs::File::open(document).unwrap()).unwrap();
    std::fs::write(folder.path().join("openapi.json"), plain).unwrap();
    let all: Vec<&Value> = payloads.iter().map(|(p, _)| p).collect();
    std::fs::write(folder.path().join("payloads.json"), serde_json::to_vec(&all).unwrap()).unwrap();
    let mut check = std::process::Command::new(python("python"));
    let output = check.arg(below_tests("clients/discord_check.py")).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "14 payloads");
}

#[actix_rt::test]
async fn a_link_that_discord_may_refuse_is_left_out() {
    let receiver = FakeReceiver::start(taken());
    for (dashboard, linked) in [("http://localhost:8080", false), ("http://192.168.1.9:8080/i", true)] {
        let own = DiscordSettings { dashboard_url: Some(dashboard.to_owned()), ..settings(&receiver.url()) };
        deliver(&hasty(own, &Arc::new(DiscordLimits::new())), alert("BTCUSDT")).await.unwrap();
        assert_eq!(receiver.take()[0].json()["embeds"][0]["url"].is_string(), linked, "{dashboard}");
    }
}

#[actix_rt::test]
async fn no_more_than_five_in_two_seconds() {
    let receiver = FakeReceiver::start(taken());
    let channel = fresh(&receiver.url());
    let (_, took) = timed(async {
        for _ in 0..6 {
            deliver(&channel, alert("BTCUSDT")).await.unwrap();
        }
    })
    .await;
    assert!(took >= Duration::from_secs(2), "{took:?}");
}

#[actix_rt::test]
async fn an_empty_bucket_is_waited_for() {
    let receiver = FakeReceiver::start(taken());
    let channel = fresh(&receiver.url());
    let empty = |seconds: &str| {
        let headers =
            vec![("x-ratelimit-remaining", "0".into()), ("x-ratelimit-reset-after", seconds.to_owned())];
        Play::Answer(200, headers, "{\"id\":\"1\"}".into())
    };
    receiver.next(empty("1.5"));
    deliver(&channel, alert("BTCUSDT")).await.unwrap();
    let (result, took) = timed(deliver(&channel, alert("BTCUSDT"))).await;
    assert!(result.is_ok() && took >= Duration::from_millis(1_300), "{took:?}");
    receiver.next(empty("60"));
    deliver(&channel, alert("BTCUSDT")).await.unwrap();
    receiver.take();
    let (result, took) = timed(deliver(&channel, alert("BTCUSDT"))).await;
    assert!(outcome(&result).starts_with("throttled 5"), "{result:?}");
    assert!(took < Duration::from_secs(3) && receiver.take().is_empty(), "a long wait is left to the queue");
}

#[actix_rt::test]
async fn a_storm_of_429_is_obeyed() {
    let receiver = FakeReceiver::start(taken());
    let limits = Arc::new(DiscordLimits::new());
    let (one, other) = (hasty(settings(&receiver.url()), &limits), hasty(settings(&receiver.url()), &limits));
    receiver.next(slow_down(Some("1"), 0.25, false));
    assert_eq!(outcome(&deliver(&one, alert("BTCUSDT")).await), "throttled 1000", "the header counts");
    assert_eq!(outcome(&deliver(&other, alert("BTCUSDT")).await), "ok", "another webhook is not held");
    receiver.next(slow_down(None, 0.8, false));
    let (result, took) = timed(deliver(&one, alert("BTCUSDT"))).await;
    assert_eq!(outcome(&result), "throttled 800", "the body counts where there is no header");
    assert!(took >= Duration::from_millis(700), "it waited for the first one: {took:?}");
    receiver.next(slow_down(None, 30.0, true));
    assert_eq!(outcome(&deliver(&one, alert("BTCUSDT")).await), "throttled 30000");
    receiver.take();
    for channel in [&one, &other] {
        assert!(outcome(&deliver(channel, alert("BTCUSDT")).await).starts_with("throttled 2"));
    }
    assert!(receiver.take().is_empty(), "a global limit holds every webhook");
}

#[actix_rt::test]
async fn every_failure_has_its_meaning_and_no_secret() {
    let refused = |code, message: &str| json(code, &value!({ "message": message, "code": 10015 }));
    let cases = [
        (refused(400, "Cannot send an empty message"), "rejected"),
        (refused(401, SECRET), "mend DiscordWebhook"),
        (refused(403, "Missing Access"), "mend DiscordWebhook"),
        (refused(404, "Unknown Webhook"), "mend DiscordWebhook"),
        (json(403, &value!({ "message": "internal network error", "code": 40333 })), "retry"),
        (Play::Answer(403, vec![], "<html>Access denied</html>".into()), "retry"),
        (Play::Answer(429, vec![], "error code: 1015".into()), "throttled"),
        (Play::Answer(502, vec![], "<html>Bad gateway</html>".into()), "retry"),
        (Play::Answer(500, vec![], String::new()), "retry"),
        (Play::Answer(503, vec![("retry-after", "9".into())], String::new()), "retry 9000"),
        (Play::Answer(302, vec![("location", "https://elsewhere".into())], String::new()), "retry"),
        (Play::HalfBody(429), "throttled"),
        (Play::HalfBody(200), "uncertain"),
        (Play::HalfHead, "uncertain"),
        (Play::HangUp, "uncertain"),
        (Play::Silent, "uncertain"),
    ];
    let receiver = FakeReceiver::start(taken());
    for (play, expected) in cases {
        receiver.next(play.clone());
        let result = deliver(&fresh(&receiver.url()), with_chart("BTCUSDT")).await;
        assert_eq!(outcome(&result), expected, "{play:?}: {result:?}");
        assert_no_secret(&result, &[SECRET]);
        assert_eq!(receiver.take().len(), 1, "one try is one request: {play:?}");
    }
    let dead = format!("http://127.0.0.1:{}", free_port());
    for (base, expected) in
        [(dead.as_str(), "retry"), ("http://nowhere.invalid", "retry"), ("discord.com", "rejected")]
    {
        let result = deliver(&fresh(base), alert("BTCUSDT")).await;
        assert_eq!(outcome(&result), expected, "{base}: {result:?}");
        assert_no_secret(&result, &[SECRET]);
    }
}

#[actix_rt::test]
async fn nothing_that_can_be_printed_holds_the_address() {
    let settings = settings("https://discord.example");
    settings.check().unwrap();
    let wrong = DiscordSettings::new(SECRET.into()).check().unwrap_err();
    let channel = Discord::new(settings.clone(), &Arc::new(DiscordLimits::new()));
    let shown = format!("{settings:?} {channel:?} {wrong}");
    assert!(!shown.contains(SECRET), "{shown}");
}
