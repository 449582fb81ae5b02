//! The page of the API and the sign-in, in a real Chromium; the OpenAPI document names every route.

use super::fixture::{Site, row};
use crate::support::places::{chromium, node_folder};
use impulso::actors::ports::state::Scope;
use impulso::domain::moment::MachineTime;
use impulso::web::WebConfig;
use serde_json::{Value, json};
use std::process::Stdio;

#[actix_rt::test]
async fn docs_and_sign_in_in_a_real_browser() {
    let open = Site::start(WebConfig::default());
    let guarded = Site::start(WebConfig { bind: "0.0.0.0:0".parse().unwrap(), ..WebConfig::default() });
    for site in [&open, &guarded] {
        site.publish(1, vec![row("BTCUSDT", 90.0, 2e6)]);
    }
    let token =
        guarded.state.create_token("operator", Scope::Operate, MachineTime::from_ms(1)).unwrap().secret;
    let mut command = tokio::process::Command::new("node");
    command.arg("docs.mjs").args([open.url(""), guarded.url(""), token, chromium()]);
    command.current_dir(node_folder("browser"));
    if let Ok(pictures) = std::env::var("IMPULSO_PICTURES") {
        command.arg(pictures);
    }
    let run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).output();
    let output =
        tokio::time::timeout(std::time::Duration::from_secs(90), run).await.expect("in time").unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {error}"));
    assert_eq!((&facts["errors"], &facts["foreign"]), (&json!([]), &json!([])), "{facts}");
    assert!(facts["operations"].as_u64().is_some_and(|n| n >= 20), "{facts}");
    assert_eq!(
        (&facts["tried"], &facts["led"], &facts["wrong"]),
        (&json!("200"), &json!("/login"), &json!(1))
    );
    assert!(facts["title"].as_str().is_some_and(|t| t.starts_with("BTCUSDT")), "{facts}");
    assert!(!facts["cookie"].as_str().unwrap().contains("impulso_token"), "out of reach of scripts");
    assert_eq!(facts["stars"], 204, "the page operates with its own origin");
    open.server.stop(false).await;
    guarded.server.stop(false).await;
}

#[actix_rt::test]
async fn every_route_is_in_the_document() {
    let site = Site::start(WebConfig::default());
    let doc = site.get("/openapi.json", &[]).await.json();
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/server.rs")).unwrap();
    let marks = ["read!(\"", "web::resource(\""];
    let routes: Vec<&str> = marks
        .iter()
        .flat_map(|mark| source.split(mark).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .filter(|path| {
            path.starts_with('/') && !["/favicon.ico", "/assets/{name}", "/docs/{name}"].contains(path)
        })
        .collect();
    assert!(routes.len() > 20, "{routes:?}");
    for route in routes {
        assert!(doc["paths"][route].is_object(), "{route} is not described");
    }
    for (path, item) in doc["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["responses"].as_object().is_some_and(|r| !r.is_empty()), "{method} {path}");
        }
    }
    let text = doc.to_string();
    for part in text.split("\"$ref\":\"#/").skip(1) {
        let pointer = format!("/{}", part.split('"').next().unwrap());
        assert!(doc.pointer(&pointer).is_some(), "{pointer} leads nowhere");
    }
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn the_library_is_served_packed_or_not_and_only_there() {
    let site = Site::start(WebConfig::default());
    let page = site.get("/docs", &[]).await;
    assert!(page.header("content-security-policy").contains("script-src 'self';"));
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
    let plain = site.get("/docs/swagger-ui.css", &[]).await;
    assert!(plain.text.contains(".swagger-ui") && plain.header("content-encoding").is_empty());
    let packed = site.get("/docs/swagger-ui.css", &[("Accept-Encoding", "br, gzip")]).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.text.len() < plain.text.len());
    assert!(site.get("/docs/LICENSE", &[]).await.text.contains("Apache License"));
    assert_eq!(site.get("/docs/other.js", &[]).await.status, 404);
    assert!(!site.get("/", &[]).await.text.contains("swagger"));
    site.server.stop(false).await;
}
