//! A real redis-server.

use super::places::tool;
use super::wait_until;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// A server that keeps nothing on the disk; killed when dropped.
pub(crate) struct Redis {
    child: Child,
    pub(crate) port: u16,
}

impl Redis {
    pub(crate) fn start(port: u16) -> Self {
        let args = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let mut command = Command::new(tool("redis-server"));
        command.args(args).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().expect("redis-server starts");
        wait_until("redis-server listens", SOON, || {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok().then_some(())
        });
        Self { child, port }
    }

    pub(crate) fn kill(mut self) -> u16 {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn ask(&self, command: &[&str]) -> String {
        let port = self.port.to_string();
        let out = Command::new(tool("redis-cli"))
            .args(["-p", &port])
            .args(command)
            .output()
            .expect("redis-cli runs");
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
