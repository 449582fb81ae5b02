//! Proxies, an own certificate authority, Redis behind TLS: the built program against real ones.

use super::cli::run;
use crate::support::peer::Peer;
use crate::support::places::{below_tests, free_port, python};
use crate::support::{Program, get, request, wait_until};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

fn way_out(ports: [u16; 3], upstream: &str, folder: &Path) -> Peer {
    let upstream = upstream.trim_end_matches('/').rsplit(':').next().expect("a port");
    let mut command = Command::new(python("python"));
    command.arg(below_tests("support/way_out.py")).args(ports.map(|p| p.to_string()));
    Peer::start(command.arg(upstream).arg(folder))
}

#[test]
fn the_exchange_is_reached_through_proxies_and_by_an_own_authority() {
    let mut exchange = Program::start(&["exchange", "--synthetic", "60", "--listen", "127.0.0.1:0"]);
    let (url, folder) = (exchange.wait_for_url("http://", SOON), tempfile::tempdir().expect("a folder"));
    let [tls, http, socks] = std::array::from_fn(|_| free_port());
    let way = way_out([tls, http, socks], &url, folder.path());
    let (rest, streams) = (format!("https://exchange.test:{tls}"), format!("wss://exchange.test:{tls}"));
    let authority = folder.path().join("ca.pem").to_string_lossy().into_owned();
    let doctor = |proxy: &str, ca_file: &str| {
        let environment = [("IMPULSO__NETWORK__PROXY", proxy), ("IMPULSO__NETWORK__CA_FILE", ca_file)];
        run(&["doctor", "--rest-url", &rest, "--stream-url", &streams], &environment)
    };
    for (kind, proxy) in [
        ("http", format!("http://user:pass@127.0.0.1:{http}")),
        ("socks", format!("socks5h://user:pass@127.0.0.1:{socks}")),
    ] {
        let (code, out, error) = doctor(&proxy, &authority);
        assert_eq!(code, Some(0), "{kind}: {out}{error}");
        assert!(out.contains("ok      rest") && out.contains("ok      streams"), "{out}");
        let mut made = Vec::new();
        while let Some(line) = way.line_so_far() {
            made.push(line);
        }
        assert!(
            made.len() >= 2 && made.iter().all(|m| *m == format!("{kind} exchange.test:{tls}")),
            "{made:?}"
        );
    }
    let (code, out, _) = doctor(&format!("http://user:pass@127.0.0.1:{http}"), "");
    assert!(code == Some(1) && out.contains("failed  rest"), "an unknown authority: {out}");
    let (code, out, _) = doctor(&format!("http://user:wrong@127.0.0.1:{http}"), &authority);
    assert!(
        code == Some(1) && out.contains("failed  rest") && !out.contains("wrong"),
        "a wrong password: {out}"
    );
    let (code, _, error) = doctor("ftp://x", &authority);
    assert!(code == Some(1) && error.contains("socks5h://"), "{error}");
}

struct Redis(Child);

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn redis_is_spoken_with_over_tls() {
    let mut exchange = Program::start(&["exchange", "--synthetic", "60", "--listen", "127.0.0.1:0"]);
    let (url, folder) = (exchange.wait_for_url("http://", SOON), tempfile::tempdir().expect("a folder"));
    let way = way_out(std::array::from_fn(|_| free_port()), &url, folder.path());
    let (port, place) = (free_port().to_string(), |name: &str| folder.path().join(name).into_os_string());
    let mut command = Command::new("redis-server");
    command.args([
        "--port",
        "0",
        "--tls-port",
        &port,
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--tls-auth-clients",
        "no",
    ]);
    command.arg("--tls-cert-file").arg(place("srv.pem")).arg("--tls-key-file").arg(place("srv.key"));
    command.arg("--tls-ca-cert-file").arg(place("ca.pem")).stdin(Stdio::null()).stdout(Stdio::null());
    let _redis =
        Redis(command.spawn().expect("redis-server is needed (Debian: apt-get install redis-server)"));
    let redis = format!("rediss://localhost:{port}");
    let (authority, state) = (place("ca.pem").into_string().expect("UTF-8"), place("state"));
    let settings = folder.path().join("own.toml");
    std::fs::write(&settings, format!("[network]\nca_file = \"{authority}\"\n")).expect("written");
    let (settings, state) = (settings.to_string_lossy(), state.to_string_lossy().into_owned());
    let mut scan =
        Program::scan(&url, &state, &["--config", &settings, "--cycle-interval", "5", "--redis", &redis]);
    let page = scan.wait_for_url("http://127.0.0.1", SOON);
    let mut node = Program::start(&["web", "--config", &settings, "--redis", &redis, "--port", "0"]);
    let node_page = node.wait_for_url("http://127.0.0.1", SOON);
    wait_until("the node shows the ranking", SOON, || {
        (request("GET", &format!("{node_page}/api/v1/ranking"), "").0 == 200).then_some(())
    });
    let problems = get(&format!("{page}/api/v1/status")).expect("a status")["problems"].clone();
    assert!(!problems.to_string().contains("redis"), "{problems}");
    drop(way);
}
