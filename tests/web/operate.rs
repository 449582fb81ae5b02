//! Changing something needs a token that may operate, or the page of this machine.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::{Site, row};
use impulso::actors::ports::alerts::Outgoing;
use impulso::actors::ports::state::OperationalState;
use impulso::actors::ports::state::Scope;
use impulso::domain::alert::{AlertCard, Message};
use impulso::domain::level_rules::LevelRules;
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::web::WebConfig;
use serde_json::Value;

struct Call<'a> {
    method: &'a str,
    path: &'a str,
    body: &'a str,
    headers: &'a [(&'a str, &'a str)],
}

async fn call(site: &Site, call: Call<'_>) -> (u16, Value, awc::http::header::HeaderMap) {
    let method = call.method.parse::<actix_web::http::Method>().unwrap();
    let mut request = awc::Client::default().request(method, site.url(call.path));
    for (name, value) in call.headers {
        request = request.insert_header((*name, *value));
    }
    let mut answer = request.send_body(call.body.to_owned()).await.unwrap();
    let body = answer.body().await.unwrap();
    let headers = answer.headers().clone();
    (answer.status().as_u16(), serde_json::from_slice(&body).unwrap_or(Value::Null), headers)
}

async fn with(site: &Site, method: &str, path: &str, body: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let (status, json, _) = call(site, Call { method, path, body, headers }).await;
    (status, json)
}

fn site() -> Site {
    let site = Site::start(WebConfig::default());
    site.publish(1, vec![row("BTCUSDT", 90.0, 2e6), row("币安USDT", 75.0, 3e6)]);
    site
}

const CHANGES: [(&str, &str, &str); 6] = [
    ("POST", "/api/v1/mutes", r#"{"symbol":"BTCUSDT","for":"1h"}"#),
    ("DELETE", "/api/v1/mutes/BTCUSDT", ""),
    ("PUT", "/api/v1/watchlist/BTCUSDT", ""),
    ("DELETE", "/api/v1/watchlist/BTCUSDT", ""),
    ("POST", "/api/v1/channels/console/test", ""),
    ("POST", "/api/v1/mutes", r#"{"symbol":"*"}"#),
];

#[actix_rt::test]
async fn nobody_changes_anything_without_a_token() {
    let site = site();
    let read = site.state.create_token("reader", Scope::Read, MachineTime::from_ms(1)).unwrap().secret;
    let reader = format!("Bearer {read}");
    for (method, path, body) in CHANGES {
        for (headers, expected) in [
            (&[][..], 401),
            (&[("Authorization", "Bearer impulso_wrong")][..], 401),
            (&[("Authorization", reader.as_str())][..], 403),
            (&[("Authorization", reader.as_str()), ("Origin", "http://evil.example")][..], 403),
            (&[("Cookie", "impulso_token=guess"), ("Origin", site.url("").as_str())][..], 401),
        ] {
            let (status, problem) = with(&site, method, path, body, headers).await;
            assert_eq!(status, expected, "{method} {path} {headers:?} {problem}");
            assert!(problem["detail"].as_str().unwrap().len() > 10);
        }
    }
    assert_eq!(with(&site, "GET", "/api/v1/mutes", "", &[]).await.1, serde_json::json!([]));
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn a_token_that_may_operate_does() {
    let site = site();
    let secret = site.state.create_token("laptop", Scope::Operate, MachineTime::from_ms(1)).unwrap().secret;
    let bearer = format!("Bearer {secret}");
    let headers = [("Authorization", bearer.as_str())];
    let statuses = [200, 204, 204, 204, 202, 200];
    for ((method, path, body), expected) in CHANGES.into_iter().zip(statuses) {
        let (status, answer) = with(&site, method, path, body, &headers).await;
        assert_eq!(status, expected, "{method} {path} {answer}");
    }
    let (_, mutes) = with(&site, "GET", "/api/v1/mutes", "", &[]).await;
    assert_eq!((&mutes[0]["symbol"], &mutes[0]["by"]), (&"*".into(), &"token:laptop".into()));
    assert!(mutes[0]["until"].is_null());
    for (method, path, body, expected) in [
        ("POST", "/api/v1/mutes", r#"{"symbol":"NOPEUSDT"}"#, 404),
        ("POST", "/api/v1/mutes", r#"{"symbol":"BTCUSDT","for":"soon"}"#, 400),
        ("POST", "/api/v1/mutes", r#"{"pair":"BTCUSDT"}"#, 400),
        ("DELETE", "/api/v1/mutes/BTCUSDT", "", 404),
        ("POST", "/api/v1/channels/telegram/test", "", 404),
        ("PATCH", "/api/v1/mutes", "", 405),
        ("GET", "/api/v1/channels/console/test", "", 405),
    ] {
        let (status, answer) = with(&site, method, path, body, &headers).await;
        assert_eq!(status, expected, "{method} {path} {answer}");
    }
    assert!(site.state.tokens().unwrap()[0].last_used_at.is_some());
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn nothing_follows_from_the_address_that_a_request_comes_from() {
    let site = site();
    let origin = site.url("");
    for path in ["/", "/alerts", "/login"] {
        let (_, _, headers) = call(&site, Call { method: "GET", path, body: "", headers: &[] }).await;
        assert!(headers.get("set-cookie").is_none(), "a page gets nothing for where it was opened: {path}");
    }
    let (_, alerts, _) = call(&site, Call { method: "GET", path: "/alerts", body: "", headers: &[] }).await;
    assert!(!alerts.to_string().contains("data-operates"));
    for (method, path, body) in CHANGES {
        let page = [("Origin", origin.as_str()), ("Host", "127.0.0.1:8080")];
        assert_eq!(with(&site, method, path, body, &page[..1]).await.0, 401, "{method} {path}");
        assert_ne!(with(&site, method, path, body, &page).await.0, 200, "{method} {path}");
    }
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn the_code_of_this_run_signs_a_page_in_once() {
    let site = site();
    let code = site.entry.code();
    let guess = format!("/login?code={}", "0".repeat(code.len()));
    let refused = site.get(&guess, &[]).await;
    assert_eq!((refused.status, refused.headers.get("set-cookie").is_none()), (401, true));
    let path = format!("/login?code={code}&next=%2Falerts");
    assert_eq!(site.ask("HEAD", &path, &[], "").await.status, 200, "looked at, not used");
    let entered = site.get(&path, &[]).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/alerts"));
    let cookie = entered.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert_eq!(site.get(&path, &[]).await.status, 401, "used");
    assert_ne!(site.entry.code(), code);
    let pair = cookie.split(';').next().unwrap();
    assert!(site.get("/alerts", &[("Cookie", pair)]).await.text.contains("data-operates"));
    let (origin, change) = (site.url(""), r#"{"symbol":"BTCUSDT","for":"30m"}"#);
    let own = [("Cookie", pair), ("Origin", origin.as_str())];
    let (status, mute) = with(&site, "POST", "/api/v1/mutes", change, &own).await;
    assert_eq!((status, &mute["by"]), (200, &"token:page-0".into()));
    assert_eq!(with(&site, "POST", "/api/v1/mutes", change, &own[..1]).await.0, 401);
    let foreign = [("Cookie", pair), ("Origin", "http://evil.example")];
    assert_eq!(with(&site, "POST", "/api/v1/mutes", change, &foreign).await.0, 403);
    site.state.revoke_token("page-0").unwrap();
    assert_eq!(with(&site, "POST", "/api/v1/mutes", change, &own).await.0, 401, "revoked");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn alerts_come_with_their_deliveries_page_by_page() {
    let site = site();
    let row = row("BTCUSDT", 90.0, 2e6);
    for cycle in 1..=5 {
        let alert = AlertCard::new(&row, None, MarketTime::from_ms(cycle * 30_000), &LevelRules::default());
        let messages = vec![(Message::Alert { alert }, vec!["console".to_owned()])];
        site.state
            .enqueue(&Outgoing { messages, now: MachineTime::from_ms(cycle), ..Outgoing::default() })
            .unwrap();
    }
    let (_, first) = with(&site, "GET", "/api/v1/alerts?limit=2", "", &[]).await;
    assert_eq!(first["alerts"][0]["alert"]["as_of"], 150_000);
    assert_eq!(first["alerts"][0]["deliveries"][0]["state"], "pending");
    assert_eq!(first["alerts"][0]["deliveries"][0]["channel"], "console");
    let next = first["next_before"].as_i64().unwrap();
    let (_, second) = with(&site, "GET", &format!("/api/v1/alerts?before={next}"), "", &[]).await;
    assert_eq!(second["alerts"].as_array().unwrap().len(), 3);
    assert!(second["next_before"].is_null());
    let (_, none) = with(&site, "GET", "/api/v1/alerts?symbol=ETHUSDT", "", &[]).await;
    assert_eq!(none["alerts"], serde_json::json!([]));
    assert_eq!(with(&site, "GET", "/api/v1/alerts?before=x", "", &[]).await.0, 400);
    site.server.stop(false).await;
}
