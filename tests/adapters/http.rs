//! The REST client against a small real server: limits, compression, slowness, nonsense.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use actix_web::http::header;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use impulso::actors::ports::{Clock, MarketRest, RestFailure};
use impulso::adapters::binance::http::{BinanceHttp, HttpSettings, Pace};
use impulso::adapters::clock::SystemClock;
use impulso::adapters::net;
use impulso::domain::moment::MarketTime;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::Interval;
use impulso::exchange::rest::error::{Action, RestError};
use impulso::exchange::rest::request::KlinesRequest;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

const INFO: &str = r#"{"serverTime":5,"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE",
 "intervalNum":1,"limit":1200}],"symbols":[{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC",
 "quoteAsset":"USDT","isSpotTradingAllowed":true,"filters":[]}]}"#;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn rows(count: i64) -> String {
    let row = |i: i64| {
        let open = i * 60_000;
        format!(r#"[{open},"1.0","2.0","0.5","1.5","10",{},"15",3,"1","1","0"]"#, open + 59_999)
    };
    format!("[{}]", (1..=count).map(row).collect::<Vec<_>>().join(","))
}

/// The symbol asked for chooses how the server behaves.
async fn klines(request: HttpRequest) -> HttpResponse {
    let query = web::Query::<std::collections::HashMap<String, String>>::from_query(request.query_string());
    let symbol = query.unwrap().get("symbol").cloned().unwrap_or_default();
    let used = ("x-mbx-used-weight-1m", "37");
    match symbol.as_str() {
        "GZIPUSDT" => {
            let asked = request.headers().get(header::ACCEPT_ENCODING).unwrap();
            assert_eq!(asked, "gzip");
            let body = gzip(&rows(500));
            HttpResponse::Ok()
                .insert_header((header::CONTENT_ENCODING, "gzip"))
                .insert_header(used)
                .body(body)
        }
        "LIMITUSDT" => HttpResponse::TooManyRequests()
            .insert_header(("retry-after", "7"))
            .insert_header(("x-mbx-used-weight-1m", "6001"))
            .body(r#"{"code":-1003,"msg":"Too much request weight used."}"#),
        "BANUSDT" => HttpResponse::build(actix_web::http::StatusCode::IM_A_TEAPOT)
            .insert_header(("retry-after", "300"))
            .finish(),
        "SOFTLIMITUSDT" => HttpResponse::Ok().body(r#"{"code":-1003,"msg":"Too many requests; current limit is 6000."}"#),
        "SOFTBANUSDT" => HttpResponse::build(actix_web::http::StatusCode::IM_A_TEAPOT).body(format!(
            r#"{{"code":-1003,"msg":"Way too much request weight used; IP banned until {}. Please use WebSocket."}}"#,
            SystemClock::new().machine_time().ms() + 400_000
        )),
        "MOVEDUSDT" => HttpResponse::Found()
            .insert_header((header::LOCATION, "http://portal.example/login"))
            .body("<html>Found</html>"),
        "BADROWUSDT" => HttpResponse::Ok().body(rows(3).replacen("\"2.0\"", "\"0.1\"", 1)),
        "HTMLUSDT" => HttpResponse::Ok().insert_header(used).body("<html>hello</html>"),
        "SLOWUSDT" => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            HttpResponse::Ok().finish()
        }
        "HUGEUSDT" => HttpResponse::Ok().body("[".repeat(300_000)),
        "BOMBUSDT" => HttpResponse::Ok()
            .insert_header((header::CONTENT_ENCODING, "gzip"))
            .body(gzip(&" ".repeat(5_000_000))),
        "TORNUSDT" => {
            let mut body = gzip(&rows(50));
            body.truncate(40);
            HttpResponse::Ok().insert_header((header::CONTENT_ENCODING, "gzip")).body(body)
        }
        "币USDT" => HttpResponse::Ok().insert_header(used).body(rows(2)),
        "DOWNUSDT" => HttpResponse::BadGateway().body("<html>502</html>"),
        _ => HttpResponse::BadRequest().body(r#"{"code":-1121,"msg":"Invalid symbol."}"#),
    }
}

struct Server {
    handle: actix_web::dev::ServerHandle,
    url: String,
}

async fn server() -> Server {
    net::install();
    let app = || {
        App::new()
            .route("/api/v3/klines", web::get().to(klines))
            .route("/api/v3/exchangeInfo", web::get().to(async || HttpResponse::Ok().body(INFO)))
            .route("/api/v3/time", web::get().to(async || HttpResponse::Ok().body(r#"{"serverTime":123}"#)))
            .route("/api/v3/ticker/24hr", web::get().to(async || HttpResponse::Ok().body("[]")))
    };
    let bound = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/", bound.addrs()[0]);
    let running = bound.run();
    let handle = running.handle();
    actix_rt::spawn(running);
    Server { handle, url }
}

fn client(url: &str) -> BinanceHttp {
    patient_client(url, Duration::from_secs(20))
}

fn patient_client(url: &str, response_timeout: Duration) -> BinanceHttp {
    let settings = HttpSettings { response_timeout, max_body_bytes: 200_000, ..HttpSettings::new(url) };
    BinanceHttp::new(&Arc::new(settings), Pace::new(6_000))
}

fn ask(symbol: &str) -> KlinesRequest {
    KlinesRequest::newest(Symbol::new(symbol), Interval::M1, 500)
}

async fn failure(client: &BinanceHttp, symbol: &str) -> RestFailure {
    client.klines(ask(symbol), MarketTime::EPOCH).await.unwrap_err()
}

#[actix_rt::test]
async fn answers_are_decoded_and_measured() {
    let server = server().await;
    let client = client(&server.url);
    let answer = client.klines(ask("GZIPUSDT"), MarketTime::MAX).await.unwrap();
    assert_eq!((answer.value.len(), answer.used_weight_1m), (500, Some(37)));
    assert_eq!(answer.body_bytes, rows(500).len() as u64);
    assert_eq!(answer.wire_bytes, gzip(&rows(500)).len() as u64);
    assert!(answer.wire_bytes * 4 < answer.body_bytes);
    assert!(answer.value.iter().all(|c| c.closed));
    let plain = client.klines(ask("币USDT"), MarketTime::MAX).await.unwrap();
    assert_eq!((plain.value.len(), plain.wire_bytes), (2, plain.body_bytes));
    let with_a_bad_row = client.klines(ask("BADROWUSDT"), MarketTime::MAX).await.unwrap();
    assert_eq!((with_a_bad_row.value.len(), with_a_bad_row.left_out.count), (3, 1));
    let info = client.exchange_info().await.unwrap().value;
    assert_eq!(info.limits.request_weight_1m, Some(1_200));
    assert_eq!(client.server_time().await.unwrap().value, MarketTime::from_ms(123));
    assert!(client.mini_tickers().await.unwrap().value.is_empty());
    server.handle.stop(false).await;
}

#[actix_rt::test]
async fn failures_say_what_to_do() {
    let server = server().await;
    let client = client(&server.url);
    let limit = failure(&client, "LIMITUSDT").await;
    assert_eq!(limit.error, RestError::RateLimited { retry_after_ms: 7_000 });
    assert_eq!(limit.used_weight_1m, Some(6_001));
    let ban = failure(&client, "BANUSDT").await;
    assert_eq!(ban.error, RestError::Banned { retry_after_ms: 300_000 });
    let limit = RestError::RateLimited { retry_after_ms: 60_000 };
    assert_eq!(failure(&client, "SOFTLIMITUSDT").await.error, limit, "although the status is 200");
    match failure(&client, "SOFTBANUSDT").await.error {
        RestError::Banned { retry_after_ms } => assert!((390_000..=400_000).contains(&retry_after_ms)),
        other => panic!("{other:?}"),
    }
    let moved = failure(&client, "MOVEDUSDT").await.error;
    assert!(
        moved.to_string().contains("302") && moved.to_string().contains("http://portal.example/login"),
        "{moved}"
    );
    assert_eq!(moved.what_to_do(), Action::Retry);
    assert!(failure(&client, "NOSUCHUSDT").await.error.is_invalid_symbol());
    assert_eq!(failure(&client, "DOWNUSDT").await.error.what_to_do(), Action::Retry);
    let html = failure(&client, "HTMLUSDT").await;
    assert!(matches!(html.error, RestError::Malformed(_)) && html.used_weight_1m == Some(37));
    assert!(matches!(failure(&client, "TORNUSDT").await.error, RestError::Malformed(_)));
    server.handle.stop(false).await;
}

#[actix_rt::test]
async fn time_and_size_are_bounded() {
    let server = server().await;
    let client = client(&server.url);
    let started = Instant::now();
    let hasty = patient_client(&server.url, Duration::from_millis(700));
    assert_eq!(failure(&hasty, "SLOWUSDT").await.error, RestError::Timeout { after_ms: 700 });
    assert!(started.elapsed() < Duration::from_secs(5));
    for symbol in ["HUGEUSDT", "BOMBUSDT"] {
        assert_eq!(failure(&client, symbol).await.error, RestError::TooLarge { limit_bytes: 200_000 });
    }
    server.handle.stop(false).await;
}

#[actix_rt::test]
async fn unreachable_and_wrong_addresses_are_named() {
    net::install();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let gone = client(&format!("http://127.0.0.1:{port}")).server_time().await.unwrap_err();
    assert_eq!(gone.error.what_to_do(), Action::Retry);
    assert!(gone.to_string().contains(&port.to_string()), "{gone}");
    let wrong = client("ftp://nowhere").server_time().await.unwrap_err();
    assert!(wrong.to_string().contains("https://"), "{wrong}");
}

#[actix_rt::test]
async fn the_pace_allows_a_burst_and_then_holds() {
    let server = server().await;
    let settings = Arc::new(HttpSettings::new(&server.url));
    // 600 a minute: ten weight a second flow back.
    let client = BinanceHttp::new(&settings, Pace::new(600));
    let started = Instant::now();
    // Six lists of tickers, 80 each, and five exchangeInfos, 20 each, fit the burst of 600.
    for _ in 0..6 {
        client.mini_tickers().await.unwrap();
    }
    for _ in 0..5 {
        client.exchange_info().await.unwrap();
    }
    let burst = started.elapsed();
    client.exchange_info().await.unwrap();
    client.exchange_info().await.unwrap();
    let after = started.elapsed();
    assert!(after >= Duration::from_millis(1_800), "{burst:?} {after:?}");
    client.set_weight_limit(60_000);
    let started = Instant::now();
    for _ in 0..10 {
        client.exchange_info().await.unwrap();
    }
    assert!(started.elapsed() < Duration::from_secs(10));
    server.handle.stop(false).await;
}
