//! Two scanners of which one sends: the built program twice, a real redis-server, a webhook receiver that keeps what it is sent.

mod faults;
mod kills;

use crate::support::http_server::HttpServer;
use crate::support::redis::Redis;
use crate::support::{Program, get, request, wait_until};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(60);
/// The market's minute takes 3 s: each cycle stands on closed candles alone, so that two scanners see the same.
const SPEED: &str = "20";
const CYCLE_S: &str = "60";
const CYCLE: Duration = Duration::from_secs(3);

/// A message as the receiver has it.
#[derive(Debug, Clone)]
struct Received {
    key: String,
    alerts: Vec<String>,
    maybe_repeated: bool,
    /// Which machine sent it, and when it came.
    from: String,
    at: Instant,
}

type Heard = Arc<Mutex<Vec<Received>>>;

/// Low levels and short pauses: a lively market has some alerts a cycle. Closing events are waited for as long as can be set: half a
/// second at this speed, so that a busy machine does not cut one scanner's cycle without them, and a value beside a line leads elsewhere.
fn settings(url: &str, machine: &str) -> String {
    format!(
        "[model]\nfile = \"none\"\n\
         [analysis.profile.levels]\nfuerte = 55.0\nalta = 45.0\nmedia = 20.0\nbaja = 10.0\n\
         [cycle]\nclose_grace_ms = 10000\n\
         [alert]\ncooldown_s = 60\ndigest_s = 120\ndashboard_url = \"http://{machine}\"\nlanguage = \"en\"\n\
         [channels.webhook]\nenabled = {}\nurl = \"{url}\"\n",
        machine != "alone"
    )
}

/// What both machines share.
struct Pair {
    dir: TempDir,
    _exchange: Program,
    exchange_url: String,
    redis_url: String,
    heard: Heard,
    _receiver: HttpServer,
}

impl Pair {
    /// `delay`: how long the receiver takes over the n-th message.
    fn new(redis: &Redis, delay: impl Fn(usize) -> Duration + Send + Sync + 'static) -> Self {
        let heard = Heard::default();
        let kept = Arc::clone(&heard);
        let receiver = HttpServer::start(move |asked| {
            let body: Value = serde_json::from_slice(&asked.body).expect("JSON");
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let alerts = body["alerts"].as_array().expect("alerts").iter();
            let marked = body["text"].as_str().is_some_and(|text| text.contains("may be a repetition"));
            let maybe_repeated = body["maybe_repeated"] == true;
            assert_eq!(marked, maybe_repeated, "{body}");
            let received = Received {
                key: text(&body["id"]),
                alerts: alerts.map(|alert| text(&alert["id"])).collect(),
                maybe_repeated,
                from: text(&body["dashboard_url"]),
                at: Instant::now(),
            };
            let mut all = kept.lock().expect("heard");
            all.push(received);
            let wait = delay(all.len());
            drop(all);
            crate::support::pause(u64::try_from(wait.as_millis()).expect("short"));
            Some((200, String::new(), Vec::new()))
        });
        // A lively hour: at some others the market of eighty pairs has no alert in a minute.
        let (start, listen) = ("2026-11-21T14:07", "127.0.0.1:0");
        let args = ["exchange", "--synthetic", "80", "--speed", SPEED, "--start", start, "--listen", listen];
        let mut exchange = Program::start(&args);
        let exchange_url = exchange.wait_for_url("http://", SOON);
        let dir = tempfile::tempdir().expect("a folder");
        for machine in ["a", "b", "alone"] {
            let file = dir.path().join(format!("{machine}.toml"));
            std::fs::write(file, settings(&receiver.url("/hook"), machine)).expect("written");
        }
        let redis_url = redis.url();
        Self { dir, _exchange: exchange, exchange_url, redis_url, heard, _receiver: receiver }
    }

    fn state(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn start(&self, name: &'static str, more: &[&str]) -> Machine {
        let config = self.dir.path().join(format!("{name}.toml")).display().to_string();
        let own = ["--market-speed", SPEED, "--cycle-interval", CYCLE_S, "--config", &config];
        let state = self.state(name).display().to_string();
        let mut program = Program::scan(&self.exchange_url, &state, &[&own, more].concat());
        let page = program.wait_for_url("page:", SOON);
        Machine { name, program, page }
    }

    /// One of the two.
    fn machine(&self, name: &'static str) -> Machine {
        self.start(name, &["--standby", "--redis", &self.redis_url])
    }

    fn heard(&self) -> Vec<Received> {
        self.heard.lock().expect("heard").clone()
    }
}

struct Machine {
    name: &'static str,
    program: Program,
    page: String,
}

impl Machine {
    fn status(&self) -> Option<Value> {
        get(&format!("{}/api/v1/status", self.page))
    }

    fn role(&self) -> Option<String> {
        self.status()?["failover"]["role"].as_str().map(str::to_owned)
    }

    /// Cycles that it did not come to.
    fn missed(&self) -> u64 {
        self.status().and_then(|status| status["cycle"]["missed"].as_u64()).unwrap_or_default()
    }

    fn fence(&self) -> Option<u64> {
        self.status()?["failover"]["fence"].as_u64()
    }

    fn is(&self, role: &str) -> Option<()> {
        (self.role()? == role).then_some(())
    }

    /// Also a level has to hold for two cycles before it is worth an alert: so long one that was just started needs to know as
    /// much as the other.
    fn is_ready(&self) -> Option<()> {
        let cycles = self.status()?["cycle"]["published"].as_u64()?;
        (cycles >= 2 && request("GET", &format!("{}/readyz", self.page), "").0 == 200).then_some(())
    }

    /// Kinds of the problems that it tells.
    fn problems(&self) -> Option<Vec<String>> {
        let all = self.status()?["problems"].as_array()?.clone();
        Some(all.iter().filter_map(|p| p["kind"].as_str().map(str::to_owned)).collect())
    }
}

/// A column of text of a state file, whoever has it open.
fn column(state: &Path, sql: &str) -> BTreeSet<String> {
    let connection = rusqlite::Connection::open(state.join("state.db")).expect("opens");
    connection.busy_timeout(Duration::from_secs(10)).expect("set");
    let mut statement = connection.prepare(sql).expect("a query");
    let found = statement.query_map([], |row| row.get(0)).expect("read");
    found.collect::<Result<_, _>>().expect("read")
}

/// Alerts that were decided and are to go to the webhook.
fn decided(state: &Path) -> BTreeSet<String> {
    column(
        state,
        "SELECT d.alert_id FROM alert_deliveries d JOIN outbox o ON o.id = d.outbox_id WHERE o.channel = 'webhook'",
    )
}

/// How often each alert came, and those that came again without a word that they may have.
fn counted(heard: &[Received]) -> (BTreeMap<&str, usize>, Vec<&str>) {
    let (mut counts, mut unmarked) = (BTreeMap::new(), Vec::new());
    for received in heard {
        for alert in &received.alerts {
            let count = counts.entry(alert.as_str()).or_insert(0);
            *count += 1;
            if *count > 1 && !received.maybe_repeated {
                unmarked.push(alert.as_str());
            }
        }
    }
    (counts, unmarked)
}

/// Waits until one of the two sends and the other is ready to; gives them in this order.
fn settled(machines: [Machine; 2]) -> [Machine; 2] {
    wait_until("one sends and the other is ready", SOON, || {
        let roles = machines.each_ref().map(Machine::role);
        let mut roles: Vec<String> = roles.into_iter().collect::<Option<_>>()?;
        roles.sort();
        machines.iter().all(|m| m.is_ready().is_some()).then_some(())?;
        (roles == ["active", "standby"]).then_some(())
    });
    let [first, second] = machines;
    if first.is("active").is_some() { [first, second] } else { [second, first] }
}
