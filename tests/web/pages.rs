//! The pages as they are served, without JavaScript: both languages, one pair, alerts, status, read-only nodes.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::{Site, row};
use impulso::actors::view::ChannelStatus;
use impulso::web::WebConfig;
use std::collections::BTreeSet;

async fn page(site: &Site, path: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
    let mut request = awc::Client::default().get(site.url(path));
    for (name, value) in headers {
        request = request.insert_header((*name, *value));
    }
    let mut answer = request.send().await.unwrap();
    let cookies = answer.headers().get_all("set-cookie").map(|v| v.to_str().unwrap().to_owned());
    let cookies = cookies.collect::<Vec<_>>().join("\n");
    let body = answer.body().limit(1 << 24).await.unwrap();
    (answer.status().as_u16(), String::from_utf8_lossy(&body).into_owned(), cookies)
}

async fn text(site: &Site, path: &str) -> String {
    let (status, body, _) = page(site, path, &[]).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

fn filled(site: &Site) {
    let mut rows = vec![row("AUSDT", 90.0, 2e6), row("BUSDT", 72.0, 3e7), row("CUSDT", 35.0, 9e6)];
    rows.extend((0..12).map(|i| row(&format!("M{i:02}USDT"), 55.0, 5e6)));
    site.publish(1, rows);
}

/// Names of the rows, in order.
fn rows(body: &str) -> Vec<&str> {
    let table = body.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
    table.split("data-symbol=\"").skip(1).map(|p| p.split('"').next().unwrap()).collect()
}

#[actix_rt::test]
async fn the_market_is_sorted_and_filtered_by_its_address() {
    let site = Site::start(WebConfig::default());
    filled(&site);
    let top = text(&site, "/").await;
    assert_eq!(
        (rows(&top).len(), &rows(&top)[..2]),
        (12, &["AUSDT", "BUSDT"][..]),
        "ten of MEDIA, none of BAJA"
    );
    assert_eq!(rows(&text(&site, "/?view=all").await).len(), 15);
    assert_eq!(rows(&text(&site, "/?view=all&sort=score&dir=asc").await)[0], "CUSDT");
    assert_eq!(rows(&text(&site, "/?level=BAJA").await), ["CUSDT"]);
    assert_eq!(rows(&text(&site, "/?vol=20").await), ["BUSDT"]);
    assert_eq!(rows(&text(&site, "/?q=m11").await), ["M11USDT"]);
    assert_eq!(page(&site, "/?sort=name", &[]).await.0, 400);
    assert!(top.contains("aria-sort=\"descending\"") && !top.contains("style="), "no inline style");
    assert!(top.contains("RSI 20,0 + MACD 18,9 + volumen 23,1 + velocidad 14,0 + ruptura 14,0"), "adds up");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn the_language_is_kept_over_pages() {
    let site = Site::start(WebConfig::default());
    filled(&site);
    let (_, english, cookies) = page(&site, "/?lang=en", &[]).await;
    assert!(english.contains("<html lang=\"en\">") && cookies.contains("impulso_lang=en"), "{cookies}");
    for path in ["/", "/alerts", "/track", "/status", "/s/AUSDT"] {
        let (_, body, _) = page(&site, path, &[("Cookie", "impulso_lang=en")]).await;
        assert!(body.contains("<html lang=\"en\">") && body.contains(">Market<"), "{path}");
        assert!(text(&site, path).await.contains(">Mercado<"), "{path}");
    }
    assert_eq!(page(&site, "/status?lang=fr", &[]).await.0, 400);
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn alerts_mutes_and_channels_are_shown_with_buttons_for_who_signed_in() {
    let site = Site::start(WebConfig::default());
    filled(&site);
    assert!(text(&site, "/alerts").await.contains("Todavía no hay alertas"));
    (0..60).for_each(|i| site.alert("AUSDT", 1_750_000_000_000 + i * 30_000));
    site.view.set_channel(ChannelStatus {
        name: "console".to_owned(),
        dead_channel: true,
        ..ChannelStatus::default()
    });
    let cookie = site.page_cookie().await;
    let (_, alerts, _) = page(&site, "/alerts", &[("Cookie", &cookie)]).await;
    assert!(alerts.contains("console: en espera") && alerts.contains("no funciona"));
    assert!(alerts.contains("data-test=\"console\"") && alerts.contains("mute-all"));
    let from = alerts.find("/alerts?before=").unwrap();
    let older: String = alerts[from..].chars().take_while(|c| *c != '"').collect();
    assert_eq!(text(&site, &older).await.matches("console: en espera").count(), 10);
    let others = text(&site, "/alerts").await;
    assert!(!others.contains("data-test") && !others.contains("mute-all") && others.contains("impulso open"));
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn a_read_only_node_shows_the_pages_without_the_operating_parts() {
    let site = Site::read_only(WebConfig::default());
    filled(&site);
    for path in ["/", "/alerts", "/track", "/status", "/s/AUSDT"] {
        let body = text(&site, path).await;
        let parts = ["class=\"icon star", "data-unmute", "data-test", "mute-all", "data-operates"];
        assert!(parts.iter().all(|part| !body.contains(part)), "{path}");
    }
    assert!(text(&site, "/alerts").await.contains("solo muestra"));
    site.server.stop(false).await;
}

/// Bytes of an answer as they go over the wire.
async fn weight(site: &Site, path: &str) -> usize {
    let request = awc::Client::default().get(site.url(path)).insert_header(("Accept-Encoding", "gzip"));
    let mut answer = request.no_decompress().send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers().get("content-encoding").map(|v| v.to_str().unwrap()), Some("gzip"), "{path}");
    answer.body().limit(1 << 24).await.unwrap().len()
}

#[actix_rt::test]
async fn every_asset_of_every_page_is_there_and_small() {
    let site = Site::start(WebConfig::default());
    site.publish(
        1,
        (0..600).map(|i| row(&format!("P{i:03}USDT"), 31.0 + f64::from(i) / 10.0, 5e6)).collect(),
    );
    for path in ["/?view=all", "/alerts", "/track", "/status", "/s/P001USDT"] {
        let (mut seen, mut total) = (BTreeSet::new(), weight(&site, path).await);
        let body = text(&site, path).await;
        let mut open = hashed(&body);
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let asset = format!("/assets/{name}");
            if name.contains("lightweight-charts") {
                assert!(path.starts_with("/s/"), "{path} loads the chart library");
                let weight = weight(&site, &asset).await;
                assert!(weight < 100_000, "{name} weighs {weight}");
                continue;
            }
            total += weight(&site, &asset).await;
            let source = text(&site, &asset).await;
            for word in words(&source) {
                assert!(
                    body.contains(&format!("&quot;{word}&quot;:")),
                    "{path} does not give {word} to {name}"
                );
            }
            open.extend(hashed(&source));
        }
        assert!(seen.len() > 8 && total < 200_000, "{path} weighs {total}: {seen:?}");
        assert_eq!(
            path.starts_with("/s/"),
            seen.iter().any(|n| n.contains("lightweight-charts.js")),
            "{path}"
        );
    }
    site.server.stop(false).await;
}

/// Texts of the page that a module names, as in `words.chart_open`.
fn words(source: &str) -> Vec<&str> {
    let is_part = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let names =
        source.split("words.").skip(1).map(|rest| rest.split(|c| !is_part(c)).next().unwrap_or_default());
    names.filter(|name| !name.is_empty()).collect()
}

/// Names like `0123456789abcdef-page.css` in a text.
fn hashed(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.');
    let is = |w: &&str| {
        w.split_once('-')
            .is_some_and(|(hash, _)| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    words.filter(is).map(str::to_owned).collect()
}
