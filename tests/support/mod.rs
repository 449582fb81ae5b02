//! What the test programs share: the built program as a child process, HTTP, and waiting with a reason.
//!
//! A module of each program (`mod support;` in `tests/NAME.rs`), not a crate: only a test program is told where the built
//! program is (`CARGO_BIN_EXE_impulso`), and a crate would need the library that in turn needs it for its tests.
#![allow(dead_code, reason = "each program uses a part of it")]
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "test code")]

pub(crate) mod arms_market;
pub(crate) mod clickhouse;
pub(crate) mod http_server;
pub(crate) mod peer;
pub(crate) mod places;
pub(crate) mod redis;
pub(crate) mod snapshots;
pub(crate) mod wire;

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The program under test: the `ci` build that scripts/test makes, else the one cargo built for this test run.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("IMPULSO_BIN")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_impulso")), PathBuf::from)
}

/// Copies a folder as it is while its files are open: what a process that dies leaves behind.
pub(crate) fn left_behind(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            left_behind(&path, &target);
        } else if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// A running program whose output is kept; killed when dropped.
pub(crate) struct Program {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Program {
    /// Starts the program with `args`, its state in `state_dir`, without any setting of the caller's.
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut command = Command::new(program());
        // English, whatever the locale of the caller.
        command.env("LC_ALL", "C.UTF-8");
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("IMPULSO__")) {
            command.env_remove(key);
        }
        // Nor a settings file of theirs; and a test that looks every 50 ms asks faster than a person.
        command.env("XDG_CONFIG_HOME", "/nonexistent").env("IMPULSO__WEB__RATE_LIMIT_LOOPBACK", "false");
        let mut child = command.spawn().expect("the program starts");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let out = child.stdout.take().expect("piped");
        let err = child.stderr.take().expect("piped");
        keep(out, &lines);
        keep(err, &lines);
        Self { child, lines }
    }

    /// A scanner of the exchange at `rest`, with its page on a free port and `more` arguments.
    pub(crate) fn scan(rest: &str, state_dir: &str, more: &[&str]) -> Self {
        let streams = rest.replacen("http", "ws", 1);
        let own =
            ["scan", "--rest-url", rest, "--stream-url", &streams, "--state-dir", state_dir, "--port", "0"];
        Self::start(&[&own, more].concat())
    }

    /// All output so far.
    pub(crate) fn output(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    /// Waits for a line that holds `text`; gives it.
    pub(crate) fn wait_for_line(&mut self, text: &str, within: Duration) -> String {
        let end = Instant::now() + within;
        loop {
            let found = self.lines.lock().unwrap().iter().find(|line| line.contains(text)).cloned();
            if let Some(line) = found {
                return line;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the program ended with {status} before it said '{text}':\n{}", self.output());
            }
            assert!(Instant::now() < end, "no line with '{text}' within {within:?}:\n{}", self.output());
            pause(20);
        }
    }

    /// Waits for the address that stands in the first line holding `text`, without the slash at its end.
    pub(crate) fn wait_for_url(&mut self, text: &str, within: Duration) -> String {
        let line = self.wait_for_line(text, within);
        let from = line.find("http://").unwrap_or_else(|| panic!("no address in '{line}'"));
        let url: String = line[from..].chars().take_while(|c| !c.is_whitespace()).collect();
        url.trim_end_matches('/').to_owned()
    }

    /// Sends a signal.
    pub(crate) fn send(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Sends a signal (TERM, INT, KILL) and waits for the end.
    pub(crate) fn signal(&mut self, name: &str, within: Duration) -> ExitStatus {
        self.send(name);
        let end = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be asked") {
                return status;
            }
            assert!(Instant::now() < end, "still running {within:?} after SIG{name}:\n{}", self.output());
            pause(20);
        }
    }

    /// Resident memory, MiB.
    pub(crate) fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("VmRSS: 0 kB");
        let kib: f64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0.0);
        kib / 1024.0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- output of the program\n{}\n---", self.output());
        }
    }
}

fn keep(stream: impl std::io::Read + Send + 'static, lines: &Arc<Mutex<Vec<String>>>) {
    let lines = Arc::clone(lines);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            lines.lock().unwrap().push(line);
        }
    });
}

/// A short pause between two looks.
#[expect(clippy::disallowed_methods, reason = "a test thread, not an arbiter")]
pub(crate) fn pause(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// One HTTP request over a plain socket; gives status and body.
pub(crate) fn request(method: &str, url: &str, body: &str) -> (u16, String) {
    request_with("", method, url, body)
}

/// The same with a token.
pub(crate) fn request_as(token: &str, method: &str, url: &str, body: &str) -> (u16, String) {
    request_with(&format!("Authorization: Bearer {token}\r\n"), method, url, body)
}

fn request_with(headers: &str, method: &str, url: &str, body: &str) -> (u16, String) {
    use std::io::{Read, Write};
    let rest = url.strip_prefix("http://").expect("http address");
    let (host, path) = rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, p.to_owned()));
    let Ok(mut socket) = std::net::TcpStream::connect(host) else { return (0, String::new()) };
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
    let head = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         {headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    if socket.write_all(head.as_bytes()).is_err() {
        return (0, String::new());
    }
    let mut raw = Vec::new();
    let _ = socket.read_to_end(&mut raw);
    let split = raw.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(raw.len());
    let head = String::from_utf8_lossy(&raw[..split]).into_owned();
    let status = head.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    let rest = raw.get(split + 4..).unwrap_or_default();
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { unchunk(rest) } else { rest.to_vec() };
    (status, String::from_utf8_lossy(&body).into_owned())
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(at) = rest.windows(2).position(|w| w == b"\r\n") {
        let size =
            std::str::from_utf8(&rest[..at]).ok().and_then(|s| usize::from_str_radix(s.trim(), 16).ok());
        let Some(size) = size.filter(|s| *s > 0 && at + 2 + s <= rest.len()) else { break };
        body.extend_from_slice(&rest[at + 2..at + 2 + size]);
        rest = rest.get(at + 4 + size..).unwrap_or_default();
    }
    body
}

/// GET as JSON; `None` unless the answer is 200.
pub(crate) fn get(url: &str) -> Option<Value> {
    let (status, body) = request("GET", url, "");
    (status == 200).then(|| serde_json::from_str(&body).unwrap_or_else(|e| panic!("{url}: {e}: {body}")))
}

/// Asks again and again until `ready` gives something.
pub(crate) fn wait_until<T>(what: &str, within: Duration, mut ready: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + within;
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(Instant::now() < end, "not within {within:?}: {what}");
        pause(50);
    }
}

/// Rows of all levels of a ranking, in the order of the answer.
pub(crate) fn rows(ranking: &Value) -> Vec<Value> {
    ["FUERTE", "ALTA", "MEDIA", "BAJA"]
        .iter()
        .flat_map(|level| ranking["levels"][level].as_array().cloned().unwrap_or_default())
        .collect()
}
