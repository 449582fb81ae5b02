//! Lists as CSV and page by page, answers that the client has already, errors in two languages.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::{Site, row};
use impulso::domain::moment::MachineTime;
use impulso::web::WebConfig;
use impulso::web::lists::LISTS;
use serde_json::Value;
use std::collections::BTreeSet;

fn filled() -> Site {
    let site = Site::start(WebConfig::default());
    let rows = [("AUSDT", 90.0, 2e6), ("=BUSDT", 75.0, 3e6), ("币安USDT", 35.0, 9e6)];
    site.publish(1, rows.iter().map(|(s, score, volume)| row(s, *score, *volume)).collect());
    site.alert("AUSDT", 1_750_000_000_000);
    site
}

fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The names of all values, nested ones joined by a dot; lists count as values, numbered pairs excepted.
fn names(value: &Value, path: &str, into: &mut BTreeSet<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, v)| names(v, &below(key), into)),
        Value::Array(pair) if path.ends_with("interval_90") => {
            pair.iter().enumerate().for_each(|(i, v)| names(v, &below(&i.to_string()), into));
        }
        Value::Null if path.ends_with("interval_90") => into.extend([below("0"), below("1")]),
        _ => {
            into.insert(path.to_owned());
        }
    }
}

#[actix_rt::test]
async fn every_list_is_csv_with_the_fields_of_its_json() {
    let site = filled();
    let token = site
        .state
        .create_token("t", impulso::actors::ports::state::Scope::Operate, MachineTime::from_ms(1))
        .unwrap()
        .secret;
    let bearer = format!("Bearer {token}");
    let operate = [("Authorization", bearer.as_str())];
    let muted = site.ask("POST", "/api/v1/mutes", &operate, r#"{"symbol":"AUSDT","for":"1h"}"#).await;
    assert_eq!(muted.status, 200, "{}", muted.text);
    assert_eq!(site.ask("PUT", "/api/v1/watchlist/AUSDT", &operate, "").await.status, 204);
    let mut seen = 0;
    for list in &LISTS {
        let path = list.route.replace("{symbol}", "AUSDT");
        let json = site.get(&path, &[]).await;
        // Routes of other parts, or without a history store here.
        if json.status != 200 {
            continue;
        }
        seen += 1;
        let answer = site.get(&path, &[("Accept", "text/csv")]).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "text/csv; charset=utf-8; header=present")
        );
        let lines = records(&answer.text);
        assert_eq!(lines[0], list.columns(), "{path}");
        assert_eq!(site.get(&format!("{path}?format=csv"), &[]).await.text, answer.text, "{path}");
        let body = json.json();
        let rows = match list.route {
            "/api/v1/alerts" => body["alerts"].clone(),
            "/api/v1/ranking" => body["levels"]["FUERTE"].clone(),
            _ => body,
        };
        let Some(first) = rows.as_array().unwrap().first().filter(|r| r.is_object()) else { continue };
        let mut found = BTreeSet::new();
        names(first, "", &mut found);
        let missing: Vec<_> = found
            .iter()
            .filter(|name| !list.columns().iter().any(|c| c == *name || c.starts_with(&format!("{name}."))))
            .collect();
        assert!(missing.is_empty(), "{path} leaves out {missing:?}");
    }
    assert!(seen >= 6, "{seen}");
    site.server.stop(false).await;
}

/// What readers of the files count on. The columns come from the types of the rows: a field that is moved shows here.
#[test]
fn columns_keep_their_order() {
    let columns = |route: &str| LISTS.iter().find(|l| l.route == route).unwrap().columns().join(" ");
    assert_eq!(
        columns("/api/v1/ranking"),
        "symbol timestamp current_price volume_24h composite_score confidence_level level_value momentum_score.total_score \
         momentum_score.confidence_level momentum_score.component_scores.rsi momentum_score.component_scores.macd \
         momentum_score.component_scores.volume momentum_score.component_scores.velocity \
         momentum_score.component_scores.breakout probability_7_5.probability_7_5 \
         probability_7_5.factors.volatility probability_7_5.factors.momentum probability_7_5.factors.resistance \
         probability_7_5.factors.btc_correlation probability_7_5.factors.liquidity calibrated_7_5 \
         model_inputs velocity_1h data_age_ms refilled"
    );
    let symbols = "symbol state reason data_age_ms ready_candles needed_candles";
    assert_eq!(columns("/api/v1/symbols"), symbols);
    let candles = "open_time open high low close volume quote_volume closed";
    assert_eq!(columns("/api/v1/symbols/{symbol}/candles"), candles);
    assert_eq!(
        columns("/api/v1/symbols/{symbol}/indicators"),
        "open_time open high low close quote_volume closed rsi_14 rsi_21 macd macd_signal macd_histogram \
         breakout_high"
    );
    assert_eq!(
        columns("/api/v1/symbols/{symbol}/scores"),
        "as_of price total_score composite_score probability_7_5 calibrated_7_5 confidence_level listed"
    );
    assert_eq!(
        columns("/api/v1/alerts"),
        "alert.id alert.symbol alert.level alert.ladder alert.value alert.episode alert.escalated_from.level \
         alert.escalated_from.value alert.as_of alert.price alert.volume_24h alert.total_score \
         alert.components.rsi alert.components.macd alert.components.volume alert.components.velocity \
         alert.components.breakout alert.probability_7_5 alert.calibrated_7_5 alert.composite_score \
         alert.velocity_1h alert.volume_ratio alert.rsi_14 alert.resistance alert.reason alert.lines.fuerte \
         alert.lines.alta alert.lines.media alert.lines.baja alert.left_below deliveries"
    );
    assert_eq!(columns("/api/v1/mutes"), "symbol until by");
    assert_eq!(columns("/api/v1/watchlist"), "symbol");
    let channels = "name state pending sent uncertain dead last_error last_error_code last_sent_at";
    assert_eq!(columns("/api/v1/channels"), channels);
    assert_eq!(
        columns("/api/v1/performance"),
        "level kind opened void open within_4h.judged within_4h.hits within_4h.precision within_4h.interval_90.0 \
         within_4h.interval_90.1 within_24h.judged within_24h.hits within_24h.precision within_24h.interval_90.0 \
         within_24h.interval_90.1 minutes_to_hit mean_rise_pct mean_fall_pct"
    );
    assert_eq!(
        columns("/api/v1/predictions"),
        "key kind symbol opened_at level ladder price total_score probability_7_5 calibrated_7_5 profile model \
         outcome hit_4h hit_24h minutes_to_hit greatest_rise_pct deepest_fall_pct resolved_at void former_definition"
    );
}

#[actix_rt::test]
async fn a_cell_is_no_formula_and_only_lists_have_a_format() {
    let site = filled();
    let text = site.get("/api/v1/ranking?format=csv&level=ALTA", &[]).await.text;
    let lines = records(&text);
    assert_eq!((lines.len(), lines[1][0].as_str(), lines[1][5].as_str()), (2, "'=BUSDT", "ALTA"));
    let json = site.get("/api/v1/ranking?format=json", &[("Accept", "text/csv")]).await;
    assert_eq!(json.json()["cycle"], 1);
    for (path, allowed) in [
        ("ranking?format=xml", "csv"),
        ("ranking?format=csv&format=csv", "csv"),
        ("status?format=csv", "lang"),
    ] {
        let answer = site.get(&format!("/api/v1/{path}"), &[]).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.json()["allowed"].as_array().unwrap().iter().any(|a| a == allowed), "{}", answer.text);
    }
    let head = site.ask("HEAD", "/api/v1/symbols?format=csv", &[], "").await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn pages_follow_one_another_and_lose_nothing() {
    let site = filled();
    let (mut path, mut all) = ("/api/v1/symbols?limit=4".to_owned(), Vec::new());
    while !path.is_empty() {
        let page = site.get(&path, &[]).await;
        assert_eq!(page.header("x-total-count"), "6", "{path}");
        all.extend(page.json().as_array().unwrap().iter().map(|s| s["symbol"].as_str().unwrap().to_owned()));
        path = next(page.header("link"));
    }
    assert_eq!(all.len(), 6);
    assert_eq!(site.get("/api/v1/symbols?offset=9", &[]).await.json(), serde_json::json!([]));
    assert_eq!(site.get("/api/v1/symbols?offset=-1", &[]).await.status, 400);
    // Three alerts of one cut, and pages of two.
    site.alert("BUSDT", 1_750_000_000_000);
    site.alert("币安USDT", 1_750_000_000_000);
    site.alert("AUSDT", 1_749_000_000_000);
    let (mut path, mut ids) = ("/api/v1/alerts?limit=2".to_owned(), Vec::new());
    while !path.is_empty() {
        let page = site.get(&path, &[]).await;
        assert_eq!(page.status, 200, "{path} {}", page.text);
        let body = page.json();
        ids.extend(
            body["alerts"].as_array().unwrap().iter().map(|a| a["alert"]["id"].as_str().unwrap().to_owned()),
        );
        path = next(page.header("link"));
    }
    assert_eq!(ids.len(), 4, "{ids:?}");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 4, "{ids:?}");
    site.server.stop(false).await;
}

fn next(link: &str) -> String {
    let inner = link.strip_prefix('<').and_then(|l| l.split_once(">; rel=\"next\""));
    inner.map_or_else(String::new, |(path, _)| path.to_owned())
}

#[actix_rt::test]
async fn what_the_client_has_is_not_sent_again() {
    let site = filled();
    for path in ["/api/v1/ranking", "/api/v1/ranking?format=csv", "/api/v1/symbols", "/openapi.json"] {
        let first = site.get(path, &[]).await;
        let tag = first.header("etag").to_owned();
        assert!(
            tag.starts_with("W/\"") && first.header("cache-control").contains("no-cache"),
            "{path} {tag}"
        );
        for sent in [tag.as_str(), "*", &format!("\"other\", {tag}")] {
            let again = site.get(path, &[("If-None-Match", sent), ("Accept-Encoding", "gzip")]).await;
            assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
            assert_eq!(again.header("etag"), tag);
        }
        assert_eq!(site.get(path, &[("If-None-Match", "W/\"other\"")]).await.status, 200);
    }
    let tag = site.get("/api/v1/ranking", &[]).await.header("etag").to_owned();
    assert_ne!(tag, site.get("/api/v1/ranking?format=csv", &[]).await.header("etag"));
    site.publish(2, vec![]);
    assert_eq!(site.get("/api/v1/ranking", &[("If-None-Match", &tag)]).await.status, 200);
    let packed = site.get("/api/v1/ranking", &[("Accept-Encoding", "zstd")]).await;
    assert_eq!(packed.header("content-encoding"), "zstd");
    assert_eq!(site.get("/", &[]).await.header("etag"), "", "pages are not kept");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn problems_speak_the_readers_language_their_keys_do_not() {
    let site = filled();
    let cases = [
        ("/api/v1/symbols/NOPE", "Par desconocido", "no está en el universo", "Unknown symbol"),
        (
            "/api/v1/ranking?limit=0",
            "Parámetro de consulta incorrecto",
            "no es un número entero",
            "Bad query parameter",
        ),
        ("/nothing", "Ruta desconocida", "no hay nada en", "Unknown route"),
    ];
    for (path, title, detail, english) in cases {
        let es = site.get(path, &[("Accept-Language", "es-MX,es;q=0.9,en;q=0.5")]).await;
        assert_eq!(
            (es.header("content-language"), es.header("content-type")),
            ("es", "application/problem+json")
        );
        let body = es.json();
        assert_eq!(
            (body["title"].as_str(), body["status"].as_u64()),
            (Some(title), Some(u64::from(es.status)))
        );
        assert!(body["detail"].as_str().unwrap().contains(detail), "{body}");
        let en = site.get(path, &[("Accept-Language", "de, en;q=0.1")]).await;
        assert_eq!((en.json()["title"].as_str(), en.header("content-language")), (Some(english), "en"));
        assert_eq!(en.json()["type"], body["type"]);
        assert_eq!(site.get(path, &[]).await.json()["title"], english);
    }
    let form = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept-Language", "es")];
    let large = "x".repeat(300_000);
    for (path, headers, body, status) in [
        ("/login", &form[..], "next=", 400),
        ("/login", &[][..], "{}", 415),
        ("/api/v1/mutes", &form[..], large.as_str(), 413),
    ] {
        let answer = site.ask("POST", path, headers, body).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, "application/problem+json"),
            "{path}"
        );
        assert_eq!(answer.json()["status"], status);
    }
    let allow = site.ask("POST", "/api/v1/ranking", &[("Accept-Language", "es")], "").await;
    assert_eq!((allow.status, allow.header("allow")), (405, "GET, HEAD"));
    site.server.stop(false).await;
}
