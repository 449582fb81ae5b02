//! Alerts on their way out, from outside: kill -9 in the middle of a send, a storm of 429s, a dead channel, secrets.

use crate::support::http_server::{Asked, HttpServer};
use crate::support::{Program, get, pause, program, request, wait_until};
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::state::StateDb;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(40);

type Heard = Arc<Mutex<Vec<Asked>>>;

fn heard(all: &Heard) -> Vec<Asked> {
    all.lock().expect("heard").clone()
}

/// A scanner on a small simulated exchange, with these settings.
struct Scanner {
    _exchange: Program,
    url: String,
    file: String,
    state: String,
}

impl Scanner {
    fn new(dir: &Path, settings: &str) -> Self {
        let args = ["exchange", "--synthetic", "10", "--listen", "127.0.0.1:0"];
        let mut exchange = Program::start(&args);
        let url = exchange.wait_for_url("http://", SOON);
        let file = dir.join("settings.toml");
        std::fs::write(&file, settings).expect("written");
        let (file, state) = (file.display().to_string(), dir.join("state").display().to_string());
        Self { _exchange: exchange, url, file, state }
    }

    fn start(&self) -> (Program, String) {
        let more = ["--cycle-interval", "5", "--config", &self.file];
        let mut scan = Program::scan(&self.url, &self.state, &more);
        let page = scan.wait_for_url("http://127.0.0.1", SOON);
        (scan, page)
    }
}

fn run(args: &[&str]) -> (bool, String) {
    let out = Command::new(program()).args(args).output().expect("the program runs");
    let text = [out.stdout, out.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat();
    (out.status.success(), text)
}

/// Asks the API for a test message.
fn send_test(page: &str, state: &Path, channel: &str) {
    let state = state.display().to_string();
    let out = Command::new(program())
        .args(["token", "create", &channel.replace(':', "-"), "--scope", "operate", "--state-dir", &state])
        .output()
        .expect("the program runs");
    let token = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    assert!(token.starts_with("impulso_"), "{out:?}");
    let rest = page.strip_prefix("http://").expect("an address");
    let head = format!(
        "POST /api/v1/channels/{channel}/test HTTP/1.1\r\nHost: {rest}\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n"
    );
    let mut socket = std::net::TcpStream::connect(rest).expect("connected");
    std::io::Write::write_all(&mut socket, head.as_bytes()).expect("sent");
    let mut answer = String::new();
    let _ = std::io::Read::read_to_string(&mut socket, &mut answer);
    assert!(answer.contains(" 202 "), "{answer}");
}

fn counts(state: &Path, channel: &str) -> [u64; 5] {
    StateDb::open(state).expect("a state").counts(channel).expect("read")
}

#[test]
fn a_kill_in_the_middle_of_a_send_gives_no_second_message() {
    let dir = tempfile::tempdir().expect("a folder");
    let all = Heard::default();
    let (seen, silent) = (Arc::clone(&all), Arc::new(Mutex::new(true)));
    let quiet = Arc::clone(&silent);
    let receiver = HttpServer::start(move |asked| {
        seen.lock().expect("heard").push(asked);
        (!*quiet.lock().expect("a switch")).then(|| (200, String::new(), Vec::new()))
    });
    let settings =
        format!("[channels.webhook]\nenabled = true\nurl = \"{}\"\nsecret = \"k\"\n", receiver.url("/hook"));
    let scanner = Scanner::new(dir.path(), &settings);
    let state = dir.path().join("state");
    let (mut scan, page) = scanner.start();
    send_test(&page, &state, "webhook");
    wait_until("the receiver has it", SOON, || (!heard(&all).is_empty()).then_some(()));
    scan.signal("KILL", SOON);
    assert_eq!(counts(&state, "webhook"), [0, 1, 0, 0, 0], "marked as being sent");

    *silent.lock().expect("a switch") = false;
    let (_scan, _) = scanner.start();
    wait_until("delivered at last", SOON, || (counts(&state, "webhook") == [0, 0, 1, 0, 0]).then_some(()));
    let all = heard(&all);
    let keys: Vec<&str> = all.iter().filter_map(|a| a.header("idempotency-key")).collect();
    assert_eq!((keys.len(), keys[0]), (2, keys[1]), "the receiver can tell that it is the same");
    assert!(all[0].header("x-impulso-signature").is_some_and(|s| s.starts_with("sha256=")));
}

#[test]
fn a_storm_of_429_delays_and_loses_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let all = Heard::default();
    let seen = Arc::clone(&all);
    let receiver = HttpServer::start(move |asked| {
        let mut seen = seen.lock().expect("heard");
        seen.push(asked);
        let status = if seen.len() <= 4 { 429 } else { 200 };
        Some((status, "Retry-After: 1\r\n".to_owned(), Vec::new()))
    });
    let settings = format!("[channels.webhook]\nenabled = true\nurl = \"{}\"\n", receiver.url("/hook"));
    let scanner = Scanner::new(dir.path(), &settings);
    let (_scan, page) = scanner.start();
    send_test(&page, &dir.path().join("state"), "webhook");
    wait_until("delivered", SOON, || (heard(&all).len() == 5).then_some(()));
    pause(1_500);
    assert_eq!(heard(&all).len(), 5, "taken once");
    let status = get(&format!("{page}/api/v1/status")).expect("a status");
    let channel = status["channels"].as_array().expect("channels").iter().find(|c| c["name"] == "webhook");
    assert_eq!(channel.expect("the webhook")["state"], "ok", "a pause that is asked for is no death");
}

#[test]
fn a_dead_channel_is_told_on_another_and_in_the_status() {
    let dir = tempfile::tempdir().expect("a folder");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let settings = format!("[channels.webhook]\nenabled = true\nurl = \"http://{closed}/SECRETPATH\"\n");
    let scanner = Scanner::new(dir.path(), &settings);
    let (mut scan, page) = scanner.start();
    send_test(&page, &dir.path().join("state"), "webhook");
    let line = scan.wait_for_line("El canal webhook no funciona", Duration::from_secs(60));
    assert!(!line.contains("SECRETPATH"), "{line}");
    let state = || {
        get(&format!("{page}/api/v1/channels"))?.as_array()?.iter().find(|c| c["name"] == "webhook").cloned()
    };
    wait_until("shown", SOON, || state().filter(|c| c["state"] == "dead"));
    assert!(!scan.output().contains("SECRETPATH"), "{}", scan.output());
}

#[test]
fn no_secret_shows_anywhere() {
    let dir = tempfile::tempdir().expect("a folder");
    let secrets =
        ["777:TELEGRAMSECRET", "DISCORDSECRET", "MAILSECRET", "HOOKSECRET", "SIGNSECRET", "REDISSECRET"];
    let settings = "[channels.telegram]\nenabled = true\ntoken = \"777:TELEGRAMSECRET\"\nchats = [\"-1001\"]\n\
         base_url = \"http://127.0.0.1:9\"\n\
         [channels.discord]\nenabled = true\nwebhook_urls = [\"http://127.0.0.1:9/api/webhooks/1/DISCORDSECRET\"]\n\
         [channels.email]\nenabled = true\nhost = \"127.0.0.1\"\nport = 9\nusername = \"u\"\npassword = \"MAILSECRET\"\n\
         from = \"a@example.org\"\nto = [\"b@example.org\"]\n\
         [channels.webhook]\nenabled = true\nurl = \"http://127.0.0.1:9/HOOKSECRET\"\nsecret = \"SIGNSECRET\"\n\
         [redis]\nurl = \"redis://u:REDISSECRET@127.0.0.1:9\"\n\
         [log]\nlevel = \"debug\"\n";
    let scanner = Scanner::new(dir.path(), settings);
    let (mut scan, page) = scanner.start();
    let state = dir.path().join("state");
    for channel in ["telegram:-1001", "discord:1", "email", "webhook"] {
        send_test(&page, &state, channel);
    }
    wait_until("each was tried", SOON, || {
        let channels = get(&format!("{page}/api/v1/channels"))?;
        let failed = channels.as_array()?.iter().filter(|c| !c["last_error"].is_null()).count();
        (failed == 4).then_some(())
    });
    let file = dir.path().join("settings.toml").display().to_string();
    let mut seen: Vec<String> = ["metrics", "api/v1/status", "api/v1/channels", "api/v1/alerts"]
        .iter()
        .map(|path| request("GET", &format!("{page}/{path}"), "").1)
        .collect();
    seen.push(run(&["config", "show", "--config", &file]).1);
    let state = state.display().to_string();
    for channel in ["telegram:-1001", "discord:1", "email", "webhook"] {
        let (well, text) =
            run(&["alerts", "test", "--channel", channel, "--config", &file, "--state-dir", &state]);
        assert!(!well && text.contains("did not take it"), "{text}");
        seen.push(text);
    }
    assert_eq!(scan.signal("TERM", Duration::from_secs(12)).code(), Some(0));
    seen.push(scan.output());
    assert!(seen[4].contains("[redacted]"), "{}", seen[4]);
    for text in seen {
        for secret in secrets {
            let at = text.find(secret);
            assert!(at.is_none(), "{secret} shows: {}", &text[at.unwrap_or(0).saturating_sub(200)..]);
        }
    }
}
