//! Behind the proxies of the handbook, as docs/OPERATIONS.md says to set them: real nginx and Caddy.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::{Site, row};
use crate::support::places::{free_port, tool};
use impulso::actors::ports::state::Scope;
use impulso::domain::moment::MachineTime;
use impulso::web::{Rate, WebConfig};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The name that the handbook's settings are for.
const NAME: &str = "scanner.example.org";

/// The block of a kind in the handbook.
fn documented(kind: &str, number: usize) -> String {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATIONS.md")).unwrap();
    let block = text.split(&format!("```{kind}\n")).nth(1 + number).expect("a block");
    block.split("```").next().unwrap().to_owned()
}

struct Proxy {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // By a signal: a master that is killed leaves its workers.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

impl Proxy {
    fn start(program: &str, args: impl Fn(&Path) -> Vec<String>, text: &str, port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("proxy.conf");
        std::fs::write(&file, text.replace("FOLDER", &folder.path().display().to_string())).unwrap();
        let mut command = Command::new(tool(program));
        command.args(args(&file)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("HOME", folder.path());
        let proxy = Self { child: command.spawn().unwrap(), port, _folder: folder };
        let end = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "{program} does not listen");
            std::thread::yield_now();
        }
        proxy
    }

    fn nginx(server: &str, port: u16) -> Self {
        let text = format!(
            "daemon off; pid FOLDER/pid; error_log FOLDER/error.log; worker_processes 1;\n\
             events {{ worker_connections 64; }}\n\
             http {{ access_log off; client_body_temp_path FOLDER/a; proxy_temp_path FOLDER/b;\n\
             fastcgi_temp_path FOLDER/c; uwsgi_temp_path FOLDER/d; scgi_temp_path FOLDER/e;\n{server}\n}}"
        );
        Self::start("nginx", |file| vec!["-c".to_owned(), file.display().to_string()], &text, port)
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        let client = awc::Client::builder().disable_redirects().finish();
        let mut request = client.request(method.parse().unwrap(), self.url(path));
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        request.send_body(body.to_owned()).await.unwrap().status().as_u16()
    }

    async fn live(&self, path: &str) -> u16 {
        let origin = format!("https://{NAME}");
        let client = awc::Client::default().ws(self.url(path)).set_header("Host", NAME);
        match client.set_header("Origin", origin).connect().await {
            Ok(_) => 101,
            Err(awc::error::WsClientError::InvalidResponseStatus(status)) => status.as_u16(),
            Err(other) => panic!("{other}"),
        }
    }
}

fn site(config: WebConfig) -> Site {
    let site = Site::start(WebConfig {
        hosts: vec![NAME.to_owned()],
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..config
    });
    site.publish(1, vec![row("BTCUSDT", 90.0, 2e6)]);
    site
}

const MUTE: (&str, &str) = ("/api/v1/mutes", r#"{"symbol":"*"}"#);

/// What must hold behind any proxy that is set as documented.
async fn stands(site: &Site, proxy: &Proxy, base: &str) {
    let (host, origin) = (("Host", NAME), format!("https://{NAME}"));
    let own = ("Origin", origin.as_str());
    let path = |rest: &str| format!("{base}{rest}");
    for page in ["/", "/api/v1/ranking", "/healthz"] {
        assert_eq!(proxy.ask("GET", &path(page), &[host], "").await, 200, "{page}");
    }
    assert_eq!(proxy.ask("GET", &path("/api/v1/ranking"), &[("Host", "evil.example")], "").await, 421);
    assert_eq!(
        proxy.ask("POST", &path(MUTE.0), &[host, own], MUTE.1).await,
        401,
        "a visitor changes nothing"
    );
    let secret = site.state.create_token("desk", Scope::Operate, MachineTime::from_ms(1)).unwrap().secret;
    let cookie = format!("impulso_token={secret}");
    let signed_in = [host, own, ("Cookie", cookie.as_str())];
    assert_eq!(proxy.ask("POST", &path(MUTE.0), &signed_in, MUTE.1).await, 200);
    let foreign = [host, ("Origin", "https://evil.example"), ("Cookie", cookie.as_str())];
    assert_eq!(proxy.ask("POST", &path(MUTE.0), &foreign, MUTE.1).await, 403);
    assert_eq!(proxy.live(&path("/ws")).await, 101);
    // Each visitor has a limit of their own, and cannot invent another address.
    let mut last = 0;
    for n in 0..12 {
        let invented = format!("198.51.100.{n}");
        let headers = [host, ("X-Forwarded-For", invented.as_str())];
        last = proxy.ask("GET", &path("/api/v1/ranking"), &headers, "").await;
    }
    assert_eq!(last, 429, "all of them are one visitor");
}

fn limited() -> WebConfig {
    WebConfig { rate: Rate { per_second: 1, burst: 10, loopback: true }, ..WebConfig::default() }
}

#[actix_rt::test]
async fn behind_nginx_as_documented() {
    let (site, port) = (site(limited()), free_port());
    let upstream = site.server.addr().to_string();
    let server = documented("nginx", 0).replace("443 ssl", &format!("127.0.0.1:{port}"));
    let proxy = Proxy::nginx(&server.replace("127.0.0.1:8080", &upstream), port);
    stands(&site, &proxy, "").await;
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn behind_nginx_under_a_sub_path() {
    let (site, port) = (site(WebConfig { base_path: "/impulso".to_owned(), ..limited() }), free_port());
    let upstream = site.server.addr().to_string();
    let location = documented("nginx", 1).replace("127.0.0.1:8080", &upstream);
    let server = format!("server {{ listen 127.0.0.1:{port}; {location} }}");
    let proxy = Proxy::nginx(&server, port);
    stands(&site, &proxy, "/impulso").await;
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn behind_nginx_as_it_comes_nobody_is_an_operator() {
    let site = Site::start(WebConfig::default());
    site.publish(1, vec![row("BTCUSDT", 90.0, 2e6)]);
    let port = free_port();
    let location = format!("location / {{ proxy_pass http://{}; }}", site.server.addr());
    let proxy = Proxy::nginx(&format!("server {{ listen 127.0.0.1:{port}; {location} }}"), port);
    let origin = format!("http://{NAME}");
    let upstream = format!("http://{}", site.server.addr());
    for origin in [origin.as_str(), upstream.as_str()] {
        let visitor = [("Host", NAME), ("Origin", origin)];
        let refused = proxy.ask("POST", MUTE.0, &visitor, MUTE.1).await;
        assert!([401, 403].contains(&refused), "{origin}: {refused}");
    }
    assert_eq!(proxy.ask("POST", MUTE.0, &[], MUTE.1).await, 401);
    assert_eq!(site.get("/api/v1/mutes", &[]).await.text, "[]");
    site.server.stop(false).await;
}

#[actix_rt::test]
async fn behind_caddy_as_documented() {
    let (site, port) = (site(limited()), free_port());
    let upstream = site.server.addr().to_string();
    let text = documented("caddy", 0).replace("127.0.0.1:8080", &upstream);
    let text = format!("{{\n\tadmin off\n}}\n{}", text.replace(NAME, &format!("http://:{port}")));
    let args = |file: &Path| {
        let file = file.display().to_string();
        ["run", "--adapter", "caddyfile", "--config", &file].map(str::to_owned).to_vec()
    };
    let proxy = Proxy::start("caddy", args, &text, port);
    stands(&site, &proxy, "").await;
    site.server.stop(false).await;
}
