//! Who may read: tokens beyond loopback, the sign-in of the pages, other origins, clients that ask too fast.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::{Site, row};
use impulso::actors::ports::state::Scope;
use impulso::domain::moment::MachineTime;
use impulso::web::{Rate, WebConfig};

/// Listens on all addresses.
fn open_to_the_world() -> WebConfig {
    WebConfig { bind: "0.0.0.0:0".parse().unwrap(), ..WebConfig::default() }
}

fn guarded(config: WebConfig) -> (Site, String) {
    let site = Site::start(config);
    site.publish(1, vec![row("BTCUSDT", 90.0, 2e6)]);
    let secret = site.state.create_token("reader", Scope::Read, MachineTime::from_ms(1)).unwrap().secret;
    (site, secret)
}

async fn live(site: &Site, headers: &[(&str, &str)]) -> u16 {
    let mut client = awc::Client::default().ws(site.url("/ws"));
    for (name, value) in headers {
        client = client.set_header(*name, *value);
    }
    match client.connect().await {
        Ok(_) => 101,
        Err(awc::error::WsClientError::InvalidResponseStatus(status)) => status.as_u16(),
        Err(other) => panic!("{other}"),
    }
}

#[actix_rt::test]
async fn beyond_loopback_reading_needs_a_token() {
    let (site, secret) = guarded(open_to_the_world());
    let bearer = format!("Bearer {secret}");
    let known = [("Authorization", bearer.as_str())];
    for path in [
        "/api/v1/ranking",
        "/api/v1/symbols",
        "/api/v1/alerts",
        "/api/v1/status",
        "/metrics",
        "/",
        "/s/BTCUSDT",
    ] {
        let refused = site.get(path, &[]).await;
        assert_eq!(
            (refused.status, refused.header("www-authenticate")),
            (401, "Bearer realm=\"impulso\""),
            "{path}"
        );
        assert_eq!(refused.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(site.get(path, &[("Authorization", "Bearer impulso_guess")]).await.status, 401, "{path}");
        assert_eq!(site.get(path, &known).await.status, 200, "{path}");
    }
    for path in ["/healthz", "/readyz", "/openapi.json", "/login"] {
        assert_eq!(site.get(path, &[]).await.status, 200, "{path}");
    }
    assert_eq!((live(&site, &[]).await, live(&site, &known).await), (401, 101));
    // To read is not to operate, and a foreign page gets nothing even so.
    assert_eq!(site.ask("PUT", "/api/v1/watchlist/BTCUSDT", &known, "").await.status, 403);
    let forged = [("Authorization", bearer.as_str()), ("Origin", "http://evil.example")];
    assert_eq!(live(&site, &forged).await, 403);
    site.state.revoke_token("reader").unwrap();
    assert_eq!(site.get("/api/v1/ranking", &known).await.status, 401, "revoked");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn on_loopback_or_by_a_setting_everybody_reads() {
    let (site, _) = guarded(WebConfig::default());
    assert_eq!(site.get("/api/v1/ranking", &[]).await.status, 200);
    site.server.stop(false).await;
    let (site, _) = guarded(WebConfig { public_read: true, ..open_to_the_world() });
    assert_eq!(site.get("/api/v1/ranking", &[]).await.status, 200);
    assert_eq!(
        site.ask("PUT", "/api/v1/watchlist/BTCUSDT", &[], "").await.status,
        401,
        "changes still need one"
    );
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn a_page_signs_in_with_a_token() {
    let (site, _) = guarded(open_to_the_world());
    let secret = site.state.create_token("operator", Scope::Operate, MachineTime::from_ms(1)).unwrap().secret;
    let led = site.get("/s/BTCUSDT?lang=en", &[("Accept", "text/html")]).await;
    assert_eq!((led.status, led.header("location")), (303, "/login?next=%2Fs%2FBTCUSDT%3Flang%3Den"));
    let form = site.get(led.header("location"), &[("Accept-Language", "es")]).await;
    assert!(
        form.text.contains("value=\"/s/BTCUSDT?lang=en\"") && form.text.contains("Entrar"),
        "{}",
        form.text
    );
    assert!(form.header("content-security-policy").contains("form-action 'self'"));
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let wrong = site.ask("POST", "/login", &[kind], "token=impulso_guess&next=%2F").await;
    assert_eq!((wrong.status, wrong.headers.get("set-cookie").is_none()), (401, true));
    let foreign = [kind, ("Origin", "http://evil.example")];
    assert_eq!(site.ask("POST", "/login", &foreign, &format!("token={secret}")).await.status, 403);
    let body = format!("token={secret}&next=%2F%2Fevil.example");
    let done = site.ask("POST", "/login", &[kind], &body).await;
    assert_eq!((done.status, done.header("location")), (303, "/"), "never to another host");
    let cookie = done.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(site.get("/", &[("Cookie", pair)]).await.status, 200);
    assert_eq!(live(&site, &[("Cookie", pair)]).await, 101);
    // With the cookie only the own page operates.
    let origin = site.url("");
    let put = |headers: Vec<(&'static str, String)>| {
        let (site, pair) = (&site, pair.to_owned());
        async move {
            let mut all = vec![("Cookie", pair.as_str())];
            all.extend(headers.iter().map(|(k, v)| (*k, v.as_str())));
            site.ask("PUT", "/api/v1/watchlist/BTCUSDT", &all, "").await.status
        }
    };
    assert_eq!(put(vec![("Origin", origin)]).await, 204);
    assert_eq!(put(vec![]).await, 401);
    assert_eq!(put(vec![("Origin", "http://evil.example".to_owned())]).await, 403);
    let gone = site.ask("POST", "/login", &[kind], "token=").await;
    assert!(gone.header("set-cookie").contains("Max-Age=0"), "{}", gone.header("set-cookie"));
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn other_origins_read_only_when_they_are_named() {
    let own = "https://board.example";
    let (site, _) = guarded(WebConfig { cors_origins: vec![own.to_owned()], ..WebConfig::default() });
    let secret = site.state.create_token("operator", Scope::Operate, MachineTime::from_ms(1)).unwrap().secret;
    let named = site.get("/api/v1/ranking", &[("Origin", own)]).await;
    assert_eq!((named.status, named.header("access-control-allow-origin")), (200, own));
    assert_eq!(named.header("access-control-allow-credentials"), "", "never with cookies");
    let other = site.get("/api/v1/ranking", &[("Origin", "https://evil.example")]).await;
    assert_eq!(other.header("access-control-allow-origin"), "");
    let ask = [
        ("Origin", own),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "authorization"),
    ];
    let flight = site.ask("OPTIONS", "/api/v1/watchlist/BTCUSDT", &ask, "").await;
    assert_eq!((flight.status, flight.header("access-control-allow-origin")), (200, own));
    let bearer = format!("Bearer {secret}");
    let put = [("Origin", own), ("Authorization", bearer.as_str())];
    assert_eq!(site.ask("PUT", "/api/v1/watchlist/BTCUSDT", &put, "").await.status, 204);
    assert_eq!(
        (live(&site, &[("Origin", own)]).await, live(&site, &[("Origin", "https://evil.example")]).await),
        (101, 403)
    );
    site.server.stop(false).await;
    let (site, _) = guarded(WebConfig::default());
    let closed = site.get("/api/v1/ranking", &[("Origin", own)]).await;
    assert_eq!(closed.header("access-control-allow-origin"), "", "none by default");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn who_asks_too_fast_waits() {
    let rate = Rate { per_second: 1, burst: 5, loopback: true };
    let (site, _) = guarded(WebConfig { rate, ..WebConfig::default() });
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(site.get("/api/v1/ranking?limit=1", &[]).await);
    }
    assert!(statuses[..5].iter().all(|a| a.status == 200));
    let refused = statuses.iter().find(|a| a.status == 429).expect("refused");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=2).contains(&wait) && refused.json()["type"] == "urn:impulso:problem:too-many-requests");
    assert_eq!(site.get("/healthz", &[]).await.status, 200, "health is free");
    actix_rt::time::sleep(std::time::Duration::from_secs(wait)).await;
    assert_eq!(site.get("/api/v1/ranking?limit=1", &[]).await.status, 200);
    site.server.stop(false).await;
    let (site, _) = guarded(WebConfig {
        rate: Rate { per_second: 1, burst: 1, loopback: false },
        ..WebConfig::default()
    });
    for _ in 0..10 {
        assert_eq!(site.get("/healthz", &[]).await.status, 200);
        assert_eq!(site.get("/api/v1/ranking?limit=1", &[]).await.status, 200, "this machine is free");
    }
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn packed_bodies_are_refused_before_anything_is_unpacked() {
    let (site, _) = guarded(WebConfig::default());
    let bomb = zstd::encode_all(&*[b"token=".as_slice(), &vec![b'a'; 1 << 20]].concat(), 3).unwrap();
    for (method, path) in [("POST", "/login"), ("POST", "/api/v1/mutes"), ("GET", "/api/v1/ranking")] {
        for encoding in ["zstd", "gzip", "deflate", "br", "identity, gzip", "x"] {
            let client = awc::Client::default().request(method.parse().unwrap(), site.url(path));
            let request = client.insert_header(("Content-Encoding", encoding));
            let request = request.insert_header(("Content-Type", "application/x-www-form-urlencoded"));
            let mut answer = request.send_body(bomb.clone()).await.unwrap();
            assert_eq!(answer.status().as_u16(), 415, "{method} {path} {encoding}");
            let problem: serde_json::Value = serde_json::from_slice(&answer.body().await.unwrap()).unwrap();
            assert!(problem["detail"].as_str().unwrap().contains("Content-Encoding"), "{problem}");
        }
    }
    let plain = [("Content-Encoding", "identity")];
    assert_eq!(site.get("/api/v1/ranking", &plain).await.status, 200, "that is no encoding");
    site.server.stop(false).await;
}
