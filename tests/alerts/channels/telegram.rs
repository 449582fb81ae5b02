//! Telegram: a foreign emulation of the Bot API, its machine-readable description, and receivers that misbehave.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::bot_api::{assert_bites, assert_html, breaches, failed, photo, sent};
use super::fixture::receiver::{FakeReceiver, Play, Request, json};
use super::fixture::{LANGUAGES, alert, all_kinds, assert_no_secret, deliver, outcome, timed, with_chart};
use crate::support::peer;
use crate::support::places::{free_port, shared};
use impulso::actors::alert::command::Command;
use impulso::actors::ports::alerts::DeliveryError;
use impulso::adapters::notify::HttpTimes;
use impulso::adapters::notify::telegram::{
    ChatMoves, Telegram, TelegramLimits, TelegramSettings, TelegramUpdates, escape_html,
};
use serde_json::{Value, json as value};
use std::sync::Arc;
use std::time::Duration;

const TOKEN: &str = "123456:AAE-secret_part";

fn settings(base_url: &str, chat: &str) -> TelegramSettings {
    TelegramSettings {
        base_url: base_url.to_owned(),
        dashboard_url: Some("https://impulso.example/".to_owned()),
        ..TelegramSettings::new(TOKEN.into(), chat)
    }
}

fn hasty(settings: TelegramSettings) -> Telegram {
    let times = HttpTimes { connect: Duration::from_millis(800), response: Duration::from_millis(1_500) };
    Telegram::with_times(settings, &Arc::new(TelegramLimits::new()), &Arc::default(), times)
}

#[actix_rt::test]
async fn a_foreign_emulation_takes_messages_and_gives_commands() {
    let (_peer, url) = peer::telegram();
    let limits = Arc::new(TelegramLimits::new());
    let channel = Telegram::new(settings(&url, "7"), &limits, &Arc::default());
    let receipt = deliver(&channel, with_chart("币<i>USDT")).await.expect("taken, though it knows no photos");
    assert!(receipt.id.is_some());

    let updates = TelegramUpdates::with_poll(&url, &TOKEN.into(), &limits, 1);
    let text = "/mute@impulso_bot btcusdt 30m";
    let command = value!({
        "botToken": TOKEN, "text": text, "chat": { "id": 7, "type": "private" }, "from": { "id": 3 },
        "date": 1, "entities": [{ "type": "bot_command", "offset": 0, "length": 17 }],
    });
    let posted = crate::support::request("POST", &format!("{url}/sendCommand"), &command.to_string());
    assert_eq!(posted.0, 200);
    let got = updates.poll(0).await.unwrap();
    assert_eq!((got[0].chat_id.as_str(), got[0].text.as_str(), got[0].topic), ("7", text, None));
    let parsed = Command::parse(&got[0].text).unwrap().unwrap();
    assert_eq!(parsed, Command::Mute { symbol: "BTCUSDT".into(), for_ms: 1_800_000 });
    assert!(updates.poll(got[0].update_id + 1).await.unwrap().is_empty());
    updates.reply("7", None, &format!("<b>{}</b>", escape_html("a<b"))).await.unwrap();

    let asked = value!({ "token": TOKEN }).to_string();
    let (_, history) = crate::support::request("POST", &format!("{url}/getUpdatesHistory"), &asked);
    let history: Value = serde_json::from_str(&history).unwrap();
    let texts: Vec<&str> =
        history["result"].as_array().unwrap().iter().filter_map(|m| m["message"]["text"].as_str()).collect();
    assert!(
        texts.iter().any(|t| t.starts_with("<b>FUERTE 币&lt;i&gt;USDT ▲ (puede ser repetido)</b>")),
        "{texts:?}"
    );
    assert!(texts.contains(&"<b>a&lt;b</b>"), "{texts:?}");
}

/// The description, where it is there.
fn description() -> Option<Value> {
    let path = shared("specs/telegram-bot-api.min.json")?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

#[actix_rt::test]
async fn every_request_is_as_the_bot_api_describes_it() {
    let spec = description();
    let receiver = FakeReceiver::start(sent(41));
    for language in LANGUAGES {
        for (index, parcel) in all_kinds().into_iter().enumerate() {
            let topic = (index % 2 == 0).then_some(9);
            // A chat of its own each: the limits of one chat are for another test.
            let chat = format!("{index}");
            let own = TelegramSettings { language, topic, ..settings(&receiver.url(), &chat) };
            deliver(&hasty(own), parcel).await.unwrap();
        }
    }
    let mut methods = Vec::new();
    for request in receiver.take() {
        let method = request.path.strip_prefix(&format!("/bot{TOKEN}/")).unwrap().to_owned();
        let body = if method == "sendPhoto" { photo(&request.form()) } else { request.json() };
        if method == "sendMessage" {
            assert_html(body["text"].as_str().unwrap());
            assert_eq!(body["link_preview_options"]["is_disabled"], true);
        }
        if let Some(spec) = &spec {
            let found = breaches(spec, &spec["methods"][&method]["fields"], &body, &method);
            assert!(found.is_empty(), "{found:?}");
        }
        methods.push(method);
    }
    assert_eq!(methods.iter().filter(|m| *m == "sendPhoto").count(), 2);
    assert_eq!(methods.len(), 16);
    spec.iter().for_each(assert_bites);
}

#[actix_rt::test]
async fn a_flood_is_cut_at_whole_lines() {
    let receiver = FakeReceiver::start(sent(1));
    let summary = all_kinds().into_iter().find(|p| p.message.alerts().len() == 150).unwrap();
    deliver(&hasty(settings(&receiver.url(), "1")), summary).await.unwrap();
    let text = receiver.take()[0].json()["text"].as_str().unwrap().to_owned();
    let (shown, left) = text.rsplit_once("\n… +").expect("it says how many are left out");
    assert_eq!(shown.lines().count() - 1 + left.parse::<usize>().unwrap(), 150);
}

#[actix_rt::test]
async fn every_failure_has_its_meaning_and_no_secret() {
    let cases = [
        (failed(429, "Too Many Requests: retry after 7", &value!({ "retry_after": 7 })), "throttled 7000"),
        (failed(400, "Bad Request: chat not found", &Value::Null), "mend TelegramChat"),
        (failed(400, "Bad Request: message text is empty", &Value::Null), "rejected"),
        (
            failed(400, "Bad Request: not enough rights to send text messages", &Value::Null),
            "mend TelegramRights",
        ),
        (Play::Answer(403, vec![], "<html>blocked".into()), "retry"),
        (Play::Answer(404, vec![], "<html>not here".into()), "retry"),
        (failed(401, &format!("Unauthorized {TOKEN}"), &Value::Null), "mend TelegramToken"),
        (failed(403, "Forbidden: bot was blocked by the user", &Value::Null), "mend TelegramChat"),
        (failed(404, "Not Found", &Value::Null), "mend TelegramToken"),
        (failed(502, "Bad Gateway", &Value::Null), "retry"),
        (Play::Answer(502, vec![], "<html>".into()), "retry"),
        (Play::Answer(200, vec![], "<html>log in</html>".into()), "uncertain"),
        (Play::HalfBody(500), "retry"),
        (Play::HalfBody(200), "uncertain"),
        (Play::HalfHead, "uncertain"),
        (Play::HangUp, "uncertain"),
        (Play::Silent, "uncertain"),
    ];
    let receiver = FakeReceiver::start(sent(1));
    for (index, (play, expected)) in cases.into_iter().enumerate() {
        receiver.next(play.clone());
        let result = deliver(&hasty(settings(&receiver.url(), &index.to_string())), alert("BTCUSDT")).await;
        assert_eq!(outcome(&result), expected, "{play:?}: {result:?}");
        assert_no_secret(&result, &["secret_part"]);
        assert_eq!(receiver.take().len(), 1, "one try is one request: {play:?}");
    }
    let url = |port| format!("http://127.0.0.1:{port}");
    for (base, expected) in [
        (url(free_port()), "retry"),
        ("http://nowhere.invalid".to_owned(), "retry"),
        ("no address".to_owned(), "rejected"),
    ] {
        let result = deliver(&hasty(settings(&base, "1")), alert("BTCUSDT")).await;
        assert_eq!(outcome(&result), expected, "{base}: {result:?}");
        assert_no_secret(&result, &["secret_part"]);
    }
}

fn chats(asked: &[Request]) -> Vec<Value> {
    let body = Request::json;
    asked.iter().map(|asked| value!([body(asked)["chat_id"], body(asked)["message_thread_id"]])).collect()
}

#[actix_rt::test]
async fn a_group_that_became_a_supergroup_is_followed_and_remembered() {
    let receiver = FakeReceiver::start(sent(1));
    let kept = Arc::new(std::sync::Mutex::new(String::new()));
    let keep = Arc::clone(&kept);
    let moves = ChatMoves::kept(None, move |text| text.clone_into(&mut keep.lock().unwrap()));
    let limits = Arc::new(TelegramLimits::new());
    let channel = Telegram::new(settings(&receiver.url(), "-5"), &limits, &Arc::new(moves));
    let moved = value!({ "migrate_to_chat_id": -1009 });
    receiver.next(failed(400, "Bad Request: group chat was upgraded to a supergroup chat", &moved));
    assert_eq!(outcome(&deliver(&channel, alert("BTCUSDT")).await), "ok");
    assert_eq!(chats(&receiver.take()), [value!([-5, null]), value!([-1009, null])]);
    let text = kept.lock().unwrap().clone();
    let moves = Arc::new(ChatMoves::kept(Some(&text), |_| {}));
    let after_a_start = Telegram::new(settings(&receiver.url(), "-5"), &limits, &moves);
    assert_eq!(outcome(&deliver(&after_a_start, alert("BTCUSDT")).await), "ok");
    assert_eq!(chats(&receiver.take()), [value!([-1009, null])]);
    assert_eq!((moves.current("-5").as_str(), moves.current("-6").as_str()), ("-1009", "-6"));
}

#[actix_rt::test]
async fn a_message_whose_topic_is_gone_goes_to_the_chat() {
    let receiver = FakeReceiver::start(sent(1));
    let in_topic = TelegramSettings { topic: Some(7), ..settings(&receiver.url(), "-5") };
    receiver.next(failed(400, "Bad Request: message thread not found", &Value::Null));
    assert_eq!(outcome(&deliver(&hasty(in_topic), alert("BTCUSDT")).await), "ok");
    assert_eq!(chats(&receiver.take()), [value!([-5, 7]), value!([-5, null])]);
}

#[actix_rt::test]
async fn a_chart_that_fails_does_not_matter() {
    let receiver = FakeReceiver::start(sent(1));
    for (chat, play) in
        [("1", failed(400, "Bad Request: IMAGE_PROCESS_FAILED", &Value::Null)), ("2", Play::HangUp)]
    {
        receiver.next(sent(77));
        receiver.next(play);
        let result = deliver(&hasty(settings(&receiver.url(), chat)), with_chart("BTCUSDT")).await;
        assert_eq!(result.unwrap().id.as_deref(), Some("77"));
        assert_eq!(receiver.take().len(), 2);
    }
    receiver.next(failed(403, "Forbidden", &Value::Null));
    let result = deliver(&hasty(settings(&receiver.url(), "3")), with_chart("BTCUSDT")).await;
    assert_eq!(
        (outcome(&result).as_str(), receiver.take().len()),
        ("mend TelegramChat", 1),
        "no chart without its text"
    );
}

#[actix_rt::test]
async fn a_storm_of_429_is_passed_on_and_ends() {
    let receiver = FakeReceiver::start(sent(1));
    let channel = hasty(settings(&receiver.url(), "1"));
    for wish in 1..=4 {
        receiver.next(failed(429, "Too Many Requests", &value!({ "retry_after": wish })));
        let result = deliver(&channel, alert("BTCUSDT")).await;
        assert_eq!(outcome(&result), format!("throttled {}", wish * 1_000));
    }
    assert_eq!(outcome(&deliver(&channel, alert("BTCUSDT")).await), "ok");
    assert_eq!(receiver.take().len(), 5);
}

#[actix_rt::test]
async fn channels_of_one_bot_share_its_limits() {
    let receiver = FakeReceiver::start(sent(1));
    let limits = Arc::new(TelegramLimits::new());
    let make = |chat: &str| Telegram::new(settings(&receiver.url(), chat), &limits, &Arc::default());
    let (one, twin, other) = (make("1"), make("1"), make("2"));
    let (_, took) = timed(async {
        for channel in [&one, &other, &twin, &one] {
            deliver(channel, alert("BTCUSDT")).await.unwrap();
        }
    })
    .await;
    assert!(took >= Duration::from_millis(1_900) && took < Duration::from_secs(6), "{took:?}");
    // A group: 5 at most at once, though a second apart, then one in 4 s.
    let group = make("-100");
    let (_, took) = timed(async {
        for _ in 0..7 {
            deliver(&group, alert("BTCUSDT")).await.unwrap();
        }
    })
    .await;
    assert!(took >= Duration::from_millis(7_500) && took < Duration::from_secs(20), "{took:?}");
}

#[actix_rt::test]
async fn polling_asks_for_messages_only_and_never_is_uncertain() {
    let message = value!({ "update_id": 12, "message": { "message_id": 1, "date": 1, "chat": { "id": -9 },
        "text": "/top", "message_thread_id": 4, "is_topic_message": true } });
    let receiver = FakeReceiver::start(json(200, &value!({ "ok": true, "result": [message] })));
    let updates = TelegramUpdates::new(&receiver.url(), &TOKEN.into(), &Arc::new(TelegramLimits::new()));
    let got = updates.poll(12).await.unwrap();
    assert_eq!((got[0].update_id, got[0].chat_id.as_str(), got[0].topic), (12, "-9", Some(4)));
    let asked = receiver.take()[0].json();
    assert_eq!(asked, value!({ "offset": 12, "timeout": 25, "allowed_updates": ["message"] }));
    if let Some(spec) = description() {
        assert_eq!(
            breaches(&spec, &spec["methods"]["getUpdates"]["fields"], &asked, "poll"),
            Vec::<String>::new()
        );
    }
    for (play, retried) in [
        (Play::HangUp, true),
        (Play::HalfBody(200), true),
        (failed(409, "Conflict: terminated by other getUpdates request", &Value::Null), true),
        (failed(401, "Unauthorized", &Value::Null), false),
    ] {
        receiver.next(play.clone());
        let error = updates.poll(0).await.unwrap_err();
        assert_eq!(matches!(error, DeliveryError::Retry { .. }), retried, "{play:?}: {error:?}");
        assert!(!format!("{error:?}").contains(TOKEN));
    }
    updates.reply("-9", Some(4), "<b>x</b>").await.unwrap();
    assert_eq!(receiver.take().last().unwrap().json()["message_thread_id"], 4);
}

#[actix_rt::test]
async fn nothing_that_can_be_printed_holds_the_token() {
    let (settings, limits) = (settings("https://t.example", "1"), Arc::new(TelegramLimits::new()));
    settings.check().unwrap();
    let wrong = TelegramSettings { token: "secret_part".into(), ..settings.clone() };
    let told = wrong.check().unwrap_err();
    let updates = TelegramUpdates::new("https://t.example", &TOKEN.into(), &limits);
    let shown = format!(
        "{settings:?} {:?} {updates:?} {limits:?} {told}",
        Telegram::new(settings.clone(), &limits, &Arc::default())
    );
    assert!(!shown.contains("secret_part"), "{shown}");
    let wrong =
        TelegramSettings { chat: "group".into(), ..settings.clone() }.check().unwrap_err().to_string();
    assert!(wrong.contains("group"), "{wrong}");
    TelegramSettings { chat: "@channel".into(), ..settings }.check().unwrap();
}
