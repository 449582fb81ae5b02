//! What the tests of the channels share: alerts, a receiver that can misbehave, and child processes.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "test code")]

pub(crate) mod bot_api;
pub(crate) mod receiver;

use bytes::Bytes;
use impulso::actors::ports::alerts::{AlertChannel, DeliveryError, Language, Parcel, Receipt};
use impulso::domain::alert::message::{AlertCard, LadderKind, Message, Notice};
use impulso::domain::alert::policy::Escalation;
use impulso::domain::report::{Components, Level};
use impulso::domain::symbol::Symbol;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// An alert of a pair.
pub(crate) fn card(symbol: &str, level: Level) -> AlertCard {
    AlertCard {
        id: format!("{symbol}-1750000000000-{level}"),
        symbol: Symbol::new(symbol),
        level,
        ladder: LadderKind::Calibrated,
        value: 91.5,
        escalated_from: Some(Escalation { level: Level::Alta, value: 74.0 }),
        as_of: 1_750_000_000_000,
        price: 0.001_234,
        volume_24h: 3_456_789.0,
        total_score: 91.5,
        components: Components { rsi: 20.0, macd: 20.0, volume: 25.0, velocity: 15.0, breakout: 11.5 },
        probability_7_5: 71.25,
        calibrated_7_5: Some(40.4),
        composite_score: 83.4,
        velocity_1h: 4.2,
        volume_ratio: 610.0,
        rsi_14: 66.0,
        resistance: Some(0.0013),
        reason: String::new(),
    }
}

/// A message without chart.
pub(crate) fn parcel(message: Message) -> Parcel {
    Parcel { key: message.key(), message, chart: None, maybe_repeated: false }
}

/// One alert.
pub(crate) fn alert(symbol: &str) -> Parcel {
    parcel(Message::Alert { alert: card(symbol, Level::Fuerte) })
}

/// One alert with a chart.
pub(crate) fn with_chart(symbol: &str) -> Parcel {
    Parcel { chart: Some(Bytes::from_static(PNG)), maybe_repeated: true, ..alert(symbol) }
}

/// A PNG of one pixel, with a byte sequence that looks like a line of a form.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\r\n--impulso--\r\n\0\xff";

/// Every kind of message, names with dangerous letters and floods of alerts included.
pub(crate) fn all_kinds() -> Vec<Parcel> {
    let many: Vec<AlertCard> = (0..150).map(|i| card(&format!("COIN{i}USDT"), Level::Alta)).collect();
    let reason = "<b>&\"\u{7}".repeat(400);
    vec![
        alert("BTCUSDT"),
        alert("币安<i>&\"USDT"),
        with_chart("ETHUSDT"),
        parcel(Message::Digest { as_of: 1_750_000_000_000, alerts: many[..3].to_vec() }),
        parcel(Message::Summary { as_of: 1_750_000_000_000, alerts: many }),
        parcel(Message::Notice {
            at: 1,
            notice: Notice::ChannelDead { channel: "discord:<x>".into(), reason },
        }),
        parcel(Message::Test { at: 1 }),
    ]
}

/// Delivers with everything that a test wants to see in it.
pub(crate) async fn deliver(channel: &impl AlertChannel, parcel: Parcel) -> Result<Receipt, DeliveryError> {
    let within = Duration::from_secs(60);
    tokio::time::timeout(within, channel.deliver(parcel)).await.expect("a delivery ends")
}

/// Short name of a result, with the wish of the receiver.
pub(crate) fn outcome(result: &Result<Receipt, DeliveryError>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(DeliveryError::Retry { after_ms, throttled, .. }) => {
            let wish = after_ms.map_or_else(String::new, |ms| format!(" {ms}"));
            format!("{}{wish}", if *throttled { "throttled" } else { "retry" })
        }
        Err(DeliveryError::Uncertain { .. }) => "uncertain".into(),
        Err(DeliveryError::Rejected { .. }) => "rejected".into(),
    }
}

/// Fails when a secret shows in a result.
pub(crate) fn assert_no_secret(result: &Result<Receipt, DeliveryError>, secrets: &[&str]) {
    let shown = match result {
        Ok(receipt) => format!("{receipt:?}"),
        Err(error) => format!("{error} {error:?}"),
    };
    for secret in secrets {
        assert!(!shown.contains(secret), "a secret shows in {shown}");
    }
}

/// Both languages.
pub(crate) const LANGUAGES: [Language; 2] = [Language::Es, Language::En];

/// A free port, and the only one who knows it.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A file below `tests/`.
pub(crate) fn below_tests(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)
}

/// The interpreter with the packages of the tests.
pub(crate) fn python() -> PathBuf {
    let python = std::env::var_os("IMPULSO_TEST_PYTHON")
        .map_or_else(|| below_tests(".venv/bin/python"), PathBuf::from);
    assert!(
        python.exists(),
        "no interpreter at {}: make tests/.venv and pip install -r tests/clients/requirements.txt, or set IMPULSO_TEST_PYTHON",
        python.display()
    );
    python
}

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

/// How long something took.
pub(crate) async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let started = Instant::now();
    let result = work.await;
    (result, started.elapsed())
}
