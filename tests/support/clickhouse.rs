//! The real engine behind its HTTP interface, as a child process that ends with the test.

use super::places::{below_tests, python};
use impulso::adapters::history::clickhouse::{ClickHouseHistory, ClickHouseSettings};
use secrecy::SecretString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Password of the user `scanner`.
pub(crate) const PASSWORD: &str = "s3cret";

/// A server with its own folders.
pub(crate) struct Server {
    child: Option<Child>,
    pub(crate) port: u16,
    pub(crate) dir: TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        let mut server = Self { child: None, port: 0, dir: tempfile::tempdir().unwrap() };
        server.restart();
        server
    }

    /// Starts it on the same port over the same data; the first time on a free port.
    pub(crate) fn restart(&mut self) {
        let mut child = Command::new(python("python"))
            .arg(below_tests("support/clickhouse_front.py"))
            .arg(self.port.to_string())
            .arg(self.dir.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the engine starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().and_then(|text| text.parse().ok());
        self.port = port.unwrap_or_else(|| panic!("the engine did not start: '{line}'"));
        self.child = Some(child);
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn spill_dir(&self) -> PathBuf {
        self.dir.path().join("spill")
    }

    pub(crate) fn settings(&self) -> ClickHouseSettings {
        settings(self.port, &self.spill_dir())
    }

    pub(crate) async fn open(&self) -> ClickHouseHistory {
        ClickHouseHistory::open(self.settings()).await.unwrap()
    }

    /// The answer to a query, one value.
    pub(crate) async fn ask<T>(&self, sql: &str) -> T
    where
        T: clickhouse::RowOwned + clickhouse::RowRead,
    {
        self.client().query(sql).fetch_one().await.unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    /// The answer to a query of one column.
    pub(crate) async fn all(&self, sql: &str) -> Vec<String> {
        self.client().query(sql).fetch_all().await.unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.client().query(sql).execute().await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    fn client(&self) -> clickhouse::Client {
        clickhouse::Client::default()
            .with_url(format!("http://127.0.0.1:{}", self.port))
            .with_database("market")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn settings(port: u16, spill: &Path) -> ClickHouseSettings {
    ClickHouseSettings {
        url: format!("http://127.0.0.1:{port}"),
        database: "market".to_owned(),
        user: "scanner".to_owned(),
        password: Some(SecretString::from(PASSWORD)),
        cluster: String::new(),
        validation: true,
        ttl: false,
        spill_dir: spill.to_owned(),
        spill_max_bytes: 64 * 1024 * 1024,
        timeout: std::time::Duration::from_secs(20),
    }
}
