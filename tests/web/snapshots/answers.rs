//! What the API answers: every list and body as JSON, every problem in both languages, and the shape of the OpenAPI
//! document without its prose.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::filled;
use crate::support::snapshots::{json_lines, same_as_kept};
use crate::web::fixture::Site;
use impulso::actors::ports::state::Scope;
use impulso::domain::moment::MachineTime;
use impulso::web::WebConfig;
use serde_json::Value;
use std::fmt::Write as _;

/// Moments of the machine's clock, the port.
const PASSING: [(&str, &str); 2] =
    [(r#""(from|to|first_start)": ?\d{4,}"#, r#""$1":"MOMENT""#), (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT")];

/// The answer as it is kept: status and body, JSON over many lines.
async fn kept(site: &Site, name: &str, path: &str) {
    let answer = site.get(path, &[]).await;
    let body = serde_json::from_str(&answer.text).map_or(answer.text, |body| json_lines(&body));
    same_as_kept("api", name, &format!("{}\n{body}\n", answer.status), &PASSING);
}

#[actix_rt::test]
async fn answers_of_a_filled_scanner() {
    let site = filled::site().await;
    for (name, path) in [
        ("ranking", "ranking"),
        ("ranking-chosen", "ranking?sort=volume_24h&limit=1&level=ALTA,BAJA"),
        ("ranking-csv", "ranking?format=csv"),
        ("status", "status"),
        ("symbols", "symbols"),
        ("symbols-csv", "symbols?format=csv"),
        ("symbol-listed", "symbols/AUSDT"),
        ("symbol-poor", "symbols/POORUSDT"),
        ("symbol-weak", "symbols/WEAKUSDT"),
        ("symbol-new", "symbols/NEWUSDT"),
        ("candles", "symbols/AUSDT/candles?limit=2"),
        ("candles-csv", "symbols/AUSDT/candles?limit=2&format=csv"),
        ("explanation", "symbols/AUSDT/explanation"),
        ("indicators", "symbols/AUSDT/indicators?limit=3"),
        ("scores", "symbols/AUSDT/scores"),
        ("alerts", "alerts"),
        ("alerts-csv", "alerts?format=csv"),
        ("mutes", "mutes"),
        ("channels", "channels"),
        ("channels-csv", "channels?format=csv"),
        ("watchlist", "watchlist"),
        ("predictions", "predictions?limit=5"),
        ("predictions-csv", "predictions?limit=5&format=csv"),
        ("performance", "performance"),
        ("measures", "measures"),
        ("model", "model"),
        ("experiments", "experiments"),
        ("sparklines", "sparklines"),
    ] {
        kept(&site, name, &format!("/api/v1/{path}")).await;
    }
    site.server.stop(false).await;
}

/// Method, path, body, further headers.
type Call<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)]);

/// The calls with their problems, in both languages.
async fn problems(site: &Site, name: &str, calls: &[Call<'_>]) {
    for lang in ["es", "en"] {
        let mut text = String::new();
        for (method, path, body, headers) in calls {
            let wish = [("Accept-Language", lang)];
            let answer = site.ask(method, path, &[&wish[..], headers].concat(), body).await;
            let problem = serde_json::from_str(&answer.text).map_or(answer.text, |body| json_lines(&body));
            writeln!(text, "{method} {path} {body}\n{} {problem}\n", answer.status).unwrap();
        }
        same_as_kept("problems", &format!("{name}-{lang}"), &text, &PASSING);
    }
}

#[actix_rt::test]
async fn problems_of_wrong_questions() {
    let site = filled::site().await;
    let get = |path: &'static str| ("GET", path, "", &[][..]);
    let questions = [
        "/nothing",
        "/api/v1/ranking?limit=0",
        "/api/v1/ranking?limit=x",
        "/api/v1/ranking?sort=name",
        "/api/v1/ranking?level=MUCHA",
        "/api/v1/ranking?a=1",
        "/api/v1/ranking?limit=1&limit=2",
        "/api/v1/ranking?format=xml",
        "/api/v1/status?lang=fr",
        "/api/v1/symbols?offset=-1",
        "/api/v1/symbols/NOPE",
        "/api/v1/symbols/MUTEUSDT",
        "/api/v1/symbols/AUSDT/candles?interval=3m",
        "/api/v1/symbols/AUSDT/candles?interval=1s",
        "/api/v1/symbols/MUTEUSDT/candles",
        "/api/v1/symbols/POORUSDT/explanation",
        "/api/v1/symbols/AUSDT/indicators?limit=0",
        "/api/v1/symbols/AUSDT/scores?from=x",
        "/api/v1/alerts?before=x",
        "/api/v1/predictions?kind=x",
        "/api/v1/predictions?before=abc",
        "/api/v1/performance?days=0",
        "/api/v1/sparklines?a=1",
        "/ws",
    ];
    problems(&site, "questions", &questions.map(get)).await;
    let secret = site.state.create_token("operator", Scope::Operate, MachineTime::from_ms(1)).unwrap().secret;
    let reader = site.state.create_token("reader", Scope::Read, MachineTime::from_ms(1)).unwrap().secret;
    let (operate, read) = (format!("Bearer {secret}"), format!("Bearer {reader}"));
    let (own, only_reads) = ([("Authorization", operate.as_str())], [("Authorization", read.as_str())]);
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let large = "x".repeat(300_000);
    let changes: [Call<'_>; 16] = [
        ("POST", "/api/v1/ranking", "", &[]),
        ("PATCH", "/api/v1/mutes", "", &own),
        ("POST", "/api/v1/mutes", r#"{"symbol":"AUSDT"}"#, &[]),
        ("POST", "/api/v1/mutes", r#"{"symbol":"AUSDT"}"#, &only_reads),
        ("POST", "/api/v1/mutes", r#"{"symbol":"AUSDT"}"#, &[("Authorization", "Bearer impulso_wrong")]),
        ("POST", "/api/v1/mutes", r#"{"symbol":"AUSDT"}"#, &[("Origin", "http://evil.example")]),
        ("POST", "/api/v1/mutes", r#"{"symbol":"NOPEUSDT"}"#, &own),
        ("POST", "/api/v1/mutes", r#"{"symbol":"AUSDT","for":"soon"}"#, &own),
        ("POST", "/api/v1/mutes", r#"{"pair":"AUSDT"}"#, &own),
        ("DELETE", "/api/v1/mutes/BUSDT", "", &own),
        ("DELETE", "/api/v1/watchlist/BUSDT", "", &own),
        ("POST", "/api/v1/channels/telegram/test", "", &own),
        ("GET", "/api/v1/channels/console/test", "", &own),
        ("POST", "/api/v1/experiments/nobody/promote", "", &own),
        ("POST", "/login", "next=", &form),
        ("POST", "/login", "{}", &[]),
    ];
    problems(&site, "changes", &changes).await;
    let answer = site.ask("POST", "/api/v1/mutes", &form, &large).await;
    same_as_kept("problems", "too-large", &format!("{}\n{}\n", answer.status, answer.text), &[]);
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn problems_of_sites_that_lack_something() {
    let get = |path: &'static str| ("GET", path, "", &[][..]);
    let lists = [
        "/readyz",
        "/api/v1/ranking",
        "/api/v1/alerts",
        "/api/v1/mutes",
        "/api/v1/channels",
        "/api/v1/watchlist",
        "/api/v1/predictions",
        "/api/v1/performance",
        "/api/v1/measures",
        "/api/v1/model",
        "/api/v1/experiments",
        "/api/v1/symbols/AUSDT/scores",
    ];
    let early = Site::start(WebConfig::default());
    problems(&early, "early", &lists.map(get)).await;
    early.server.stop(false).await;
    let read_only_node = Site::read_only(WebConfig::default());
    problems(&read_only_node, "read-only", &lists.map(get)).await;
    read_only_node.server.stop(false).await;
    let open = WebConfig { bind: "0.0.0.0:0".parse().unwrap(), ..WebConfig::default() };
    let guarded = Site::start(open);
    problems(&guarded, "guarded", &[get("/api/v1/ranking"), get("/")]).await;
    guarded.server.stop(false).await;
}

/// Takes out what is prose, and sorts what has no order.
fn shape(value: &mut Value) {
    match value {
        Value::Object(map) => {
            // A property may have the name of a keyword: prose is a text.
            for key in ["description", "summary", "example", "title"] {
                if map.get(key).is_some_and(Value::is_string) {
                    map.remove(key);
                }
            }
            map.values_mut().for_each(shape);
        }
        Value::Array(all) => all.iter_mut().for_each(shape),
        _ => {}
    }
}

#[actix_rt::test]
async fn the_shape_of_the_openapi_document() {
    let site = Site::start(WebConfig::default());
    let mut document = site.get("/openapi.json", &[]).await.json();
    shape(&mut document);
    same_as_kept("api", "openapi", &json_lines(&document), &[]);
    site.server.stop(false).await;
}
