//! The webhook: a real server that verifies the signature, and receivers that misbehave.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::receiver::{FakeReceiver, Play};
use super::fixture::{LANGUAGES, alert, all_kinds, assert_no_secret, deliver, outcome, parcel, with_chart};
use crate::support::places::free_port;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use impulso::adapters::notify::HttpTimes;
use impulso::adapters::notify::webhook::{Webhook, WebhookSettings};
use impulso::domain::alert::message::{Message, Notice};
use impulso::domain::moment::MachineTime;
use impulso::i18n::Language;
use ring::hmac;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const KEY: &str = "signing-Secret";
const PATH_SECRET: &str = "path-Secret";

fn settings(base_url: &str) -> WebhookSettings {
    WebhookSettings {
        secret: Some(KEY.into()),
        dashboard_url: Some("https://impulso.example/".to_owned()),
        ..WebhookSettings::new(format!("{base_url}/in/{PATH_SECRET}?k={PATH_SECRET}").into())
    }
}

fn hasty(settings: WebhookSettings) -> Webhook {
    let times = HttpTimes { connect: Duration::from_millis(800), response: Duration::from_millis(1_500) };
    Webhook::with_times(settings, times)
}

/// What a receiver would write: verifies, refuses old ones, and takes every key once.
#[derive(Default)]
struct Inbox {
    seen: Mutex<HashSet<String>>,
    taken: Mutex<Vec<Value>>,
}

async fn receive(request: HttpRequest, body: web::Bytes, inbox: web::Data<Inbox>) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
    let signed = [header("x-impulso-timestamp").as_bytes(), b".", &body].concat();
    let mark = header("x-impulso-signature").strip_prefix("sha256=").and_then(|m| hex::decode(m).ok());
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
    if mark.is_none_or(|mark| hmac::verify(&key, &signed, &mark).is_err()) {
        return HttpResponse::Unauthorized().finish();
    }
    let Ok(json) = serde_json::from_slice::<Value>(&body) else { return HttpResponse::BadRequest().finish() };
    if json["sent_at"].as_i64() != header("x-impulso-timestamp").parse().ok()
        || header("content-type") != "application/json"
    {
        return HttpResponse::BadRequest().finish();
    }
    if inbox.seen.lock().unwrap().insert(header("idempotency-key").to_owned()) {
        inbox.taken.lock().unwrap().push(json);
    }
    HttpResponse::NoContent().finish()
}

fn server(inbox: &web::Data<Inbox>) -> String {
    let inbox = inbox.clone();
    let app = move || App::new().app_data(inbox.clone()).route("/in/{secret}", web::post().to(receive));
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    actix_rt::spawn(server.run());
    url
}

#[actix_rt::test]
async fn a_real_server_verifies_and_takes_each_message_once() {
    let inbox = web::Data::from(Arc::new(Inbox::default()));
    let url = server(&inbox);
    for parcel in all_kinds() {
        for _ in 0..2 {
            let result = deliver(&hasty(settings(&url)), parcel.clone()).await;
            assert_eq!(outcome(&result), "ok", "{result:?}");
        }
    }
    assert_eq!(inbox.taken.lock().unwrap().len(), 7);
    let wrong = WebhookSettings { secret: Some("another".into()), ..settings(&url) };
    assert_eq!(outcome(&deliver(&hasty(wrong), alert("XUSDT")).await), "mend WebhookAddress");
    let unsigned = WebhookSettings { secret: None, ..settings(&url) };
    assert_eq!(outcome(&deliver(&hasty(unsigned), alert("XUSDT")).await), "mend WebhookAddress");
    assert_eq!(inbox.taken.lock().unwrap().len(), 7);
}

#[actix_rt::test]
async fn the_body_holds_the_whole_alert() {
    let inbox = web::Data::from(Arc::new(Inbox::default()));
    let url = server(&inbox);
    for language in LANGUAGES {
        let symbol = if language == Language::Es { "ESUSDT" } else { "ENUSDT" };
        deliver(&hasty(WebhookSettings { language, ..settings(&url) }), with_chart(symbol)).await.unwrap();
    }
    let notice = Notice::DailyCap { channel: "console".into(), cap: 9 };
    deliver(&hasty(settings(&url)), parcel(Message::Notice { at: MachineTime::from_ms(5), notice }))
        .await
        .unwrap();
    let taken = inbox.taken.lock().unwrap().clone();
    let (es, en) = (&taken[0], &taken[1]);
    assert_eq!(es["id"], "ESUSDT-1750000000000-FUERTE");
    assert_eq!(
        (&es["kind"], &es["language"], &en["language"]),
        (&"alert".into(), &"es".into(), &"en".into())
    );
    assert_eq!(
        (&es["maybe_repeated"], &es["dashboard_url"]),
        (&true.into(), &"https://impulso.example/".into())
    );
    let alert = &es["alerts"][0];
    assert_eq!(alert["url"], "https://impulso.example/s/ESUSDT");
    assert_eq!(
        (alert["price"].as_f64(), alert["components"]["breakout"].as_f64()),
        (Some(0.001_234), Some(11.5))
    );
    assert_eq!(alert["escalated_from"]["value"].as_f64(), Some(74.0));
    assert!(
        es["text"].as_str().unwrap().contains("puntos") && en["text"].as_str().unwrap().contains("score")
    );
    assert_eq!(
        (&taken[2]["notice"]["about"], taken[2]["alerts"].as_array().unwrap().len()),
        (&"daily_cap".into(), 0)
    );
}

#[actix_rt::test]
async fn every_failure_has_its_meaning_and_no_secret() {
    let wish =
        |status, text: &str| Play::Answer(status, vec![("retry-after", text.into())], PATH_SECRET.into());
    let plain = |status| Play::Answer(status, vec![], format!("{KEY} {PATH_SECRET}"));
    let cases = [
        (plain(200), "ok"),
        (plain(204), "ok"),
        (Play::HalfBody(202), "ok"),
        (wish(429, "12"), "throttled 12000"),
        (wish(429, "soon"), "throttled"),
        (wish(503, "3"), "retry 3000"),
        (wish(503, "Mon, 01 Jan 2024 00:00:00 GMT"), "retry 0"),
        (plain(500), "retry"),
        (Play::HalfBody(500), "retry"),
        (plain(301), "mend WebhookAddress"),
        (plain(400), "rejected"),
        (plain(410), "mend WebhookAddress"),
        (Play::HalfHead, "uncertain"),
        (Play::HangUp, "uncertain"),
        (Play::Silent, "uncertain"),
    ];
    let receiver = FakeReceiver::start(plain(200));
    for (play, expected) in cases {
        receiver.next(play.clone());
        let result = deliver(&hasty(settings(&receiver.url())), alert("BTCUSDT")).await;
        assert_eq!(outcome(&result), expected, "{play:?}: {result:?}");
        assert_no_secret(&result, &[KEY, PATH_SECRET]);
        assert_eq!(receiver.take().len(), 1, "one try is one request: {play:?}");
    }
    let dead = format!("http://127.0.0.1:{}", free_port());
    for (base, expected) in
        [(dead.as_str(), "retry"), ("http://nowhere.invalid", "retry"), ("/x", "rejected")]
    {
        let result = deliver(&hasty(settings(base)), alert("BTCUSDT")).await;
        assert_eq!(outcome(&result), expected, "{base}: {result:?}");
        assert_no_secret(&result, &[KEY, PATH_SECRET]);
    }
}

#[actix_rt::test]
async fn a_storm_of_429_is_passed_on_and_ends() {
    let receiver = FakeReceiver::start(Play::Answer(200, vec![], String::new()));
    let channel = hasty(settings(&receiver.url()));
    for wish in 1..=5 {
        receiver.next(Play::Answer(429, vec![("retry-after", wish.to_string())], String::new()));
        assert_eq!(
            outcome(&deliver(&channel, alert("BTCUSDT")).await),
            format!("throttled {}", wish * 1_000)
        );
    }
    assert_eq!(outcome(&deliver(&channel, alert("BTCUSDT")).await), "ok");
    let requests = receiver.take();
    let keys: HashSet<Option<&str>> = requests.iter().map(|r| r.header("idempotency-key")).collect();
    assert_eq!((requests.len(), keys.len()), (6, 1), "every try has the same key");
}

#[actix_rt::test]
async fn nothing_that_can_be_printed_holds_a_secret() {
    let settings = settings("https://hook.example");
    settings.check().unwrap();
    let wrong = WebhookSettings::new(PATH_SECRET.into()).check().unwrap_err();
    let shown = format!("{settings:?} {:?} {wrong}", Webhook::new(settings.clone()));
    assert!(!shown.contains(KEY) && !shown.contains(PATH_SECRET), "{shown}");
}
