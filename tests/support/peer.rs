//! Programs of others that a test speaks with.

use super::places::{free_port, node_folder};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A child process that says something on standard output; killed when dropped.
pub(crate) struct Peer {
    child: Child,
    lines: Receiver<String>,
}

impl Peer {
    /// Starts it and waits for the line `up`.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let peer = Self { child, lines };
        assert_eq!(peer.line(), "up");
        peer
    }

    /// Its next line.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(30)).expect("the peer says something")
    }

    /// Its next line, if there is one already.
    pub(crate) fn line_so_far(&self) -> Option<String> {
        self.lines.recv_timeout(Duration::from_millis(100)).ok()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A foreign emulation of Telegram's Bot API; its address.
pub(crate) fn telegram() -> (Peer, String) {
    let port = free_port();
    let script = node_folder("emulators").join("telegram.cjs");
    let peer = Peer::start(Command::new("node").arg(script).arg(port.to_string()));
    (peer, format!("http://127.0.0.1:{port}"))
}
