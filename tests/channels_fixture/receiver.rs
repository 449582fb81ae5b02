//! A receiver over real sockets that answers as it is told: fully, by halves, or never.

use serde_json::Value;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What it does with one request.
#[derive(Debug, Clone)]
pub(crate) enum Play {
    /// Status, further headers and body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Takes the request and says nothing until the other side gives up.
    Silent,
    /// Takes the request and hangs up.
    HangUp,
    /// Hangs up within the head of the answer.
    HalfHead,
    /// A head with this status, then half a body.
    HalfBody(u16),
}

/// JSON with a status.
pub(crate) fn json(status: u16, body: &Value) -> Play {
    Play::Answer(status, vec![("content-type", "application/json".into())], body.to_string())
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// The parts of a form: head and content.
    pub(crate) fn form(&self) -> Vec<(String, Vec<u8>)> {
        let kind = self.header("content-type").expect("a content type");
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").expect("a form");
        let (first, mark) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
        let mut rest = self.body.strip_prefix(first.as_bytes()).expect("it begins with the boundary");
        let mut parts = Vec::new();
        loop {
            let end = find(rest, mark.as_bytes()).expect("every part ends");
            let head = find(&rest[..end], b"\r\n\r\n").expect("every part has a head");
            parts.push((
                String::from_utf8(rest[..head].to_vec()).expect("text"),
                rest[head + 4..end].to_vec(),
            ));
            rest = &rest[end + mark.len()..];
            if rest == b"--\r\n" {
                return parts;
            }
            rest = rest.strip_prefix(b"\r\n").expect("a boundary ends its line");
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[derive(Default)]
struct Shared {
    plays: Mutex<VecDeque<Play>>,
    requests: Mutex<Vec<Request>>,
    stop: AtomicBool,
}

/// The receiver; ends when dropped.
pub(crate) struct FakeReceiver {
    addr: SocketAddr,
    usual: Arc<Mutex<Play>>,
    shared: Arc<Shared>,
}

impl FakeReceiver {
    /// Answers with `usual` where nothing else is told.
    pub(crate) fn start(usual: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let addr = listener.local_addr().expect("bound");
        let (usual, shared) = (Arc::new(Mutex::new(usual)), Arc::new(Shared::default()));
        let (usual_too, shared_too) = (Arc::clone(&usual), Arc::clone(&shared));
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                if shared_too.stop.load(Ordering::SeqCst) {
                    return;
                }
                let (usual, shared) = (Arc::clone(&usual_too), Arc::clone(&shared_too));
                std::thread::spawn(move || serve(socket, &usual, &shared));
            }
        });
        Self { addr, usual, shared }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it does next.
    pub(crate) fn next(&self, play: Play) {
        self.shared.plays.lock().expect("lock").push_back(play);
    }

    /// Requests so far; they are forgotten.
    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.shared.requests.lock().expect("lock"))
    }
}

impl Drop for FakeReceiver {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the listener up.
        let _ = TcpStream::connect(self.addr);
    }
}

fn serve(mut socket: TcpStream, usual: &Mutex<Play>, shared: &Shared) {
    let _ = socket.set_read_timeout(Some(Duration::from_secs(20)));
    let Some(request) = read(&mut socket) else { return };
    shared.requests.lock().expect("lock").push(request);
    let told = shared.plays.lock().expect("lock").pop_front();
    let play = told.unwrap_or_else(|| usual.lock().expect("lock").clone());
    let answer = match play {
        Play::Answer(status, headers, body) => {
            let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            format!("HTTP/1.1 {status} Said\r\n{more}content-length: {}\r\n\r\n{body}", body.len())
        }
        Play::Silent => {
            // Ends when the other side hangs up.
            let _ = socket.read(&mut [0; 1]);
            return;
        }
        Play::HangUp => return,
        Play::HalfHead => "HTTP/1.1 200 OK\r\ncontent-le".to_owned(),
        Play::HalfBody(status) => format!("HTTP/1.1 {status} Said\r\ncontent-length: 500\r\n\r\n{{\"ok\":"),
    };
    let _ = socket.write_all(answer.as_bytes());
}

fn read(socket: &mut TcpStream) -> Option<Request> {
    let (mut raw, mut chunk) = (Vec::new(), [0; 4_096]);
    loop {
        if let Some(end) = find(&raw, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&raw[..end]).into_owned();
            let mut lines = head.lines();
            let path = lines.next()?.split(' ').nth(1)?.to_owned();
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
            if raw.len() >= end + 4 + length {
                return Some(Request { path, headers, body: raw[end + 4..].to_vec() });
            }
        }
        match socket.read(&mut chunk) {
            Ok(n) if n > 0 => raw.extend_from_slice(&chunk[..n]),
            _ => return None,
        }
    }
}
