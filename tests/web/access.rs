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

#[actix_rt::test]
async fn a_name_that_merely_points_here_reads_nothing() {
    let (site, secret) =
        guarded(WebConfig { hosts: vec!["scanner.example".to_owned()], ..WebConfig::default() });
    for host in ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil", ""] {
        for path in ["/", "/api/v1/ranking", "/api/v1/status", "/login", "/openapi.json", "/metrics", "/nope"]
        {
            let refused = site.get(path, &[("Host", host)]).await;
            assert_eq!(refused.status, 421, "{host} {path}");
            assert!(!refused.text.contains("BTCUSDT"));
        }
        for path in ["/healthz", "/readyz"] {
            assert_eq!(site.get(path, &[("Host", host)]).await.status, 200, "{host} {path}");
        }
        assert_eq!(live(&site, &[("Host", host)]).await, 421, "{host}");
        let bearer = format!("Bearer {secret}");
        let known = [("Host", host), ("Authorization", bearer.as_str())];
        assert_eq!(site.get("/api/v1/ranking", &known).await.status, 200, "{host}");
    }
    for host in ["localhost:1", "LOCALHOST", "127.0.0.1", "10.1.2.3:80", "[::1]:8080", "scanner.example:443"]
    {
        assert_eq!(site.get("/api/v1/ranking", &[("Host", host)]).await.status, 200, "{host}");
    }
    // A proxy may ask by an address what a page of that name asks for.
    let page = [("Origin", "https://scanner.example")];
    assert_eq!((live(&site, &page).await, live(&site, &[("Origin", "https://x.example")]).await), (101, 403));
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn reading_may_need_a_token_on_this_machine_too() {
    let (site, secret) = guarded(WebConfig { require_token: true, ..WebConfig::default() });
    assert_eq!(site.get("/api/v1/ranking", &[]).await.status, 401);
    assert_eq!((site.get("/healthz", &[]).await.status, live(&site, &[]).await), (200, 401));
    let bearer = format!("Bearer {secret}");
    assert_eq!(site.get("/api/v1/ranking", &[("Authorization", bearer.as_str())]).await.status, 200);
    let cookie = site.page_cookie().await;
    assert_eq!(site.get("/", &[("Cookie", &cookie)]).await.status, 200);
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn under_a_sub_path_everything_is_there() {
    let (site, _) = guarded(WebConfig { base_path: "/impulso".to_owned(), ..WebConfig::default() });
    let page = site.get("/impulso/s/BTCUSDT?lang=en", &[]).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("data-base=\"/impulso\"") && page.header("set-cookie").contains("Path=/impulso")
    );
    let addresses: Vec<&str> = [" href=\"", " src=\"", " action=\""]
        .iter()
        .flat_map(|mark| page.text.split(mark).skip(1).filter_map(|rest| rest.split('"').next()))
        .filter(|address| address.starts_with('/'))
        .collect();
    assert!(addresses.len() > 12 && addresses.iter().all(|a| a.starts_with("/impulso/")), "{addresses:?}");
    for address in addresses {
        assert_eq!(site.get(address, &[]).await.status, 200, "{address}");
    }
    assert_eq!(site.get("/impulso", &[]).await.status, 200);
    // Health checks of this machine, and a proxy that takes the path away itself.
    for path in ["/healthz", "/api/v1/ranking", "/impulso/healthz", "/impulso/docs"] {
        assert_eq!(site.get(path, &[]).await.status, 200, "{path}");
    }
    assert_eq!(site.get("/impulsos/api/v1/ranking", &[]).await.status, 404);
    let next = site.get("/impulso/api/v1/symbols?limit=1", &[]).await;
    assert!(next.header("link").starts_with("</impulso/api/v1/symbols?"), "{}", next.header("link"));
    let entered = site.get(&format!("/impulso/login?code={}", site.entry.code()), &[]).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/impulso/"));
    assert!(entered.header("set-cookie").contains("Path=/impulso"));
    assert_eq!(awc::Client::default().ws(site.url("/impulso/ws")).connect().await.unwrap().0.status(), 101);
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn limits_go_by_token_else_by_the_address_behind_a_trusted_proxy() {
    let rate = Rate { per_second: 1, burst: 3, loopback: true };
    let (site, secret) = guarded(WebConfig {
        rate,
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..WebConfig::default()
    });
    let bearer = format!("Bearer {secret}");
    let asked = async |from: &str, token: Option<&str>| {
        let mut headers = vec![("X-Forwarded-For", from)];
        headers.extend(token.map(|token| ("Authorization", token)));
        site.get("/api/v1/ranking?limit=1", &headers).await.status
    };
    for n in 0..6 {
        let expected = if n < 3 { 200 } else { 429 };
        assert_eq!(asked("198.51.100.1", Some("Bearer impulso_guess")).await, expected, "{n}");
    }
    assert_eq!(asked("198.51.100.1", None).await, 429, "guesses cost the address");
    assert_eq!(asked("198.51.100.1", Some(&bearer)).await, 200, "not who has a token");
    assert_eq!(asked("198.51.100.2", None).await, 200, "not another address");
    assert_eq!(
        asked("6.6.6.6, 198.51.100.1", None).await,
        429,
        "what the proxy did not write does not count"
    );
    for n in 0..9 {
        let asset = site.get("/assets/x.js", &[("X-Forwarded-For", "198.51.100.9")]).await.status;
        assert_eq!(asset, if n < 3 { 404 } else { 429 }, "files are within the limit, too");
    }
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    use std::io::{Read, Write};
    let (site, _) = guarded(WebConfig::default());
    let addr = site.server.addr();
    let ended = actix_web::web::block(move || {
        let mut socket = std::net::TcpStream::connect(addr).unwrap();
        let head = format!(
            "POST /login HTTP/1.1\r\nHost: {addr}\r\nContent-Length: 100\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\ntok"
        );
        socket.write_all(head.as_bytes()).unwrap();
        socket.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
        let mut answer = String::new();
        let read = socket.read_to_string(&mut answer);
        (read.is_ok(), answer)
    });
    let (closed, answer) = ended.await.unwrap();
    assert!(closed && answer.starts_with("HTTP/1.1 408"), "{answer}");
    site.server.stop(false).await;
}

/// Connects and asks for the largest answer again and again, reads nothing.
fn deaf(addr: std::net::SocketAddr, path: &str) -> std::net::TcpStream {
    use std::io::Write;
    let mut socket = std::net::TcpStream::connect(addr).unwrap();
    let _ = socket.write_all(format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\n\r\n").repeat(10).as_bytes());
    socket
}

#[actix_rt::test]
async fn who_reads_nothing_is_cut_off_and_keeps_nobody_out() {
    use std::io::Read;
    use std::time::{Duration, Instant};
    let site = Site::start(WebConfig {
        client_timeout: Duration::from_secs(2),
        max_connections_each: 60,
        // Enough to fill the sockets' own buffers; more would only cost the time to write them.
        rate: Rate { per_second: 1, burst: 12, loopback: true },
        ..WebConfig::default()
    });
    site.publish(1, (0..1_200).map(|n| row(&format!("COIN{n}USDT"), 90.0, 2e6)).collect());
    let addr = site.server.addr();
    let held: Vec<_> =
        actix_web::web::block(move || (0..200).map(|_| deaf(addr, "/api/v1/ranking")).collect())
            .await
            .unwrap();
    let held: Vec<std::net::TcpStream> = held;
    for _ in 0..20 {
        let began = Instant::now();
        assert_eq!(site.get("/healthz", &[]).await.status, 200);
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
    actix_rt::time::sleep(Duration::from_secs(4)).await;
    let still_open = actix_web::web::block(move || {
        let open = |mut socket: std::net::TcpStream| {
            socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
            let mut rest = Vec::new();
            // To its end, or to where nothing comes any more.
            socket.read_to_end(&mut rest).is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock)
        };
        held.into_iter().map(open).filter(|open| *open).count()
    });
    assert_eq!(still_open.await.unwrap(), 0);
    site.server.stop(false).await;
}
