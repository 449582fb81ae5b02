//! The real server on a free port, asked over real HTTP.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::{Answer, Site, row};
use impulso::web::WebConfig;
use serde_json::Value;

async fn ask(site: &Site, path: &str) -> Answer {
    site.get(path, &[]).await
}

fn filled() -> Site {
    let site = Site::start(WebConfig::default());
    let rows = [("AUSDT", 90.0, 2e6), ("BUSDT", 75.0, 3e6), ("CUSDT", 75.0, 4e6), ("币安USDT", 35.0, 9e6)];
    site.publish(1, rows.iter().map(|(s, score, volume)| row(s, *score, *volume)).collect());
    site
}

fn symbols(level: &Value) -> Vec<&str> {
    level.as_array().unwrap().iter().map(|r| r["symbol"].as_str().unwrap()).collect()
}

#[actix_rt::test]
async fn before_the_first_snapshot() {
    let site = Site::start(WebConfig::default());
    for (path, status) in [("/healthz", 200), ("/readyz", 503), ("/api/v1/ranking", 503), ("/", 200)] {
        assert_eq!(ask(&site, path).await.status, status, "{path}");
    }
    let answer = ask(&site, "/api/v1/ranking").await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["type"], "urn:impulso:problem:no-snapshot");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn the_ranking_is_filtered_sorted_and_limited() {
    let site = filled();
    let all = ask(&site, "/api/v1/ranking").await.json();
    assert_eq!((&all["discarded"], &all["filtered"], &all["cycle"]), (&7.into(), &3.into(), &1.into()));
    assert_eq!(all["coverage"]["ratio"], 0.99);
    assert_eq!(all["coverage"]["reasons"]["warming_up"], 1);
    assert_eq!(symbols(&all["levels"]["ALTA"]), ["BUSDT", "CUSDT"], "ties by symbol");
    let first = &all["levels"]["FUERTE"][0];
    assert_eq!(first["momentum_score"]["component_scores"]["rsi"], 20.0);
    assert_eq!(first["probability_7_5"]["factors"]["momentum"], 0.9);
    assert!(first["calibrated_7_5"].is_null() && first["level_value"] == 90.0);
    let by_volume = ask(&site, "/api/v1/ranking?sort=volume_24h&limit=1&level=ALTA,BAJA").await.json();
    assert_eq!(symbols(&by_volume["levels"]["ALTA"]), ["CUSDT"]);
    assert_eq!(symbols(&by_volume["levels"]["FUERTE"]), [""; 0]);
    assert_eq!(symbols(&by_volume["levels"]["BAJA"]), ["币安USDT"]);
    assert_eq!(ask(&site, "/readyz").await.status, 200);
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn wrong_questions_are_told_what_is_allowed() {
    let site = filled();
    let bad = [
        "ranking?limit=0",
        "ranking?limit=x",
        "ranking?sort=name",
        "ranking?level=MUCHA",
        "ranking?a=1",
        "ranking?limit=1&limit=2",
        "status?a=1",
        "symbols?a=1",
        "symbols/AUSDT/candles?interval=3m",
    ];
    for path in bad {
        let answer = ask(&site, &format!("/api/v1/{path}")).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (400, "application/problem+json"),
            "{path}"
        );
        assert!(answer.json()["allowed"].is_array(), "{path}: {}", answer.text);
    }
    assert_eq!(ask(&site, "/api/v1/symbols/NOPE").await.status, 404);
    assert_eq!(ask(&site, "/nothing").await.status, 404);
    let post = site.ask("POST", "/api/v1/ranking", &[], "").await;
    assert_eq!((post.status, post.header("allow")), (405, "GET, HEAD"));
    assert_eq!(ask(&site, "/api/v1/symbols/MUTEUSDT/candles").await.status, 503);
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn one_pair_listed_or_not() {
    let site = filled();
    let listed = ask(&site, "/api/v1/symbols/%E5%B8%81%E5%AE%89USDT").await.json();
    assert_eq!((&listed["symbol"], &listed["listed"]), (&"币安USDT".into(), &true.into()));
    assert_eq!(listed["indicators"]["rsi_14"], 61.0);
    assert!(listed["not_listed"].is_null() && listed.get("calibrated_7_5").is_some());
    for (symbol, reason) in [("POOR", "min_volume_24h"), ("WEAK", "discarded"), ("NEW", "not_analyzable")] {
        let body = ask(&site, &format!("/api/v1/symbols/{symbol}USDT")).await.json();
        assert_eq!((&body["not_listed"]["reason"], &body["listed"]), (&reason.into(), &false.into()));
    }
    let new = ask(&site, "/api/v1/symbols/NEWUSDT").await.json();
    assert!(new.get("current_price").is_none() && new["readiness"]["ready_candles"] == 120, "{new}");
    let all = ask(&site, "/api/v1/symbols").await.json();
    let line = all.as_array().unwrap().iter().find(|s| s["symbol"] == "NEWUSDT").unwrap();
    assert_eq!((&line["state"], &line["reason"]), (&"not_analyzable".into(), &"warming_up".into()));
    let candles = ask(&site, "/api/v1/symbols/AUSDT/candles?interval=1h&limit=2").await.json();
    assert_eq!((candles.as_array().unwrap().len(), &candles[0]["close"]), (2, &1.5.into()));
    site.server.stop(false).await;
}

/// The recorder keeps every value of a histogram until it folds them, and not everybody has a Prometheus that asks.
#[cfg(target_os = "linux")]
#[actix_rt::test]
async fn what_is_measured_does_not_pile_up_while_nobody_asks_for_it() {
    const VALUES: usize = 1_000_000;
    let site = Site::start(WebConfig::default());
    let resident_pages = || {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap()
    };
    let measured = metrics::histogram!("impulso_test_seconds");
    tokio::time::pause();
    let mut after = Vec::new();
    for _ in 0..6 {
        (0..VALUES).for_each(|_| measured.record(0.1));
        tokio::time::sleep(std::time::Duration::from_secs(10)).await;
        after.push(resident_pages());
    }
    tokio::time::resume();
    // 8 bytes each; the first rounds may still take memory that later ones use again.
    let grown = after[5].saturating_sub(after[1]) * 4_096;
    assert!(grown < 4 * VALUES * 8 / 2, "{after:?}");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn headers_compression_metrics_and_head() {
    let site = filled();
    let page = ask(&site, "/?lang=en").await;
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert!(page.text.contains("AUSDT") && page.text.contains("Last update"), "{}", page.text);
    let packed = site.get("/api/v1/ranking", &[("Accept-Encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    for path in ["/", "/healthz", "/api/v1/ranking", "/api/v1/status"] {
        let head = site.ask("HEAD", path, &[], "").await;
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
    }
    let metrics = ask(&site, "/metrics").await;
    assert!(metrics.text.contains("impulso_http_requests_total{route=\"/api/v1/ranking\",status=\"200\"}"));
    let status = ask(&site, "/api/v1/status").await.json();
    assert_eq!(
        (&status["feed"], &status["ready"], &status["data_age_ms"]),
        (&"live".into(), &true.into(), &3000.into())
    );
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn the_openapi_document_is_that_of_the_answers() {
    let site = filled();
    let doc = ask(&site, "/openapi.json").await.json();
    for path in [
        "/api/v1/ranking",
        "/api/v1/status",
        "/api/v1/symbols",
        "/api/v1/symbols/{symbol}",
        "/api/v1/symbols/{symbol}/candles",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
    ] {
        assert!(doc["paths"][path]["get"].is_object(), "{path}");
    }
    let schemas = &doc["components"]["schemas"];
    let ranking = ask(&site, "/api/v1/ranking").await.json();
    for key in ranking.as_object().unwrap().keys() {
        assert!(schemas["RankingBody"]["properties"][key].is_object(), "{key}");
    }
    let new = ask(&site, "/api/v1/symbols/NEWUSDT").await.json();
    for part in schemas["SymbolDetail"]["allOf"].as_array().expect("joined of two") {
        let name = part["$ref"].as_str().and_then(|r| r.rsplit('/').next());
        let schema = name.map_or(part, |n| &schemas[n]);
        for key in schema["required"].as_array().into_iter().flatten() {
            assert!(new.get(key.as_str().unwrap()).is_some(), "{key} is required but not always there");
        }
    }
    site.server.stop(false).await;
}
