//! The bot answers commands of its chats, from outside: the program against a foreign emulation of the Bot API.

use crate::support::{Program, get, request, wait_until};
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
const TOKEN: &str = "777:BOTSECRET";

struct Emulator {
    child: Child,
    url: String,
}

impl Emulator {
    fn start() -> Self {
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/emulators/telegram.cjs");
        let modules = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/emulators/node_modules");
        assert!(std::path::Path::new(modules).exists(), "run npm ci in tests/emulators");
        let mut command = Command::new("node");
        command.arg(script).arg(port.to_string()).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().expect("node runs");
        let emulator = Self { child, url: format!("http://127.0.0.1:{port}") };
        wait_until("the emulator listens", SOON, || {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok().then_some(())
        });
        emulator
    }

    /// What a person in `chat` writes.
    fn write(&self, chat: i64, text: &str) {
        let length = text.split(' ').next().unwrap_or_default().len();
        let body = json!({
            "botToken": TOKEN, "text": text, "chat": { "id": chat, "type": "private" }, "from": { "id": 3 },
            "date": 1, "entities": [{ "type": "bot_command", "offset": 0, "length": length }],
        });
        let (status, answer) = request("POST", &format!("{}/sendCommand", self.url), &body.to_string());
        assert_eq!(status, 200, "{answer}");
    }

    /// Texts that the bot sent so far, with their chats.
    fn sent(&self) -> Vec<(String, String)> {
        let body = json!({ "token": TOKEN }).to_string();
        let (status, answer) = request("POST", &format!("{}/getUpdatesHistory", self.url), &body);
        assert_eq!(status, 200, "{answer}");
        let all: Value = serde_json::from_str(&answer).expect("JSON");
        let text = |u: &Value| {
            let message = &u["message"];
            let chat = message["chat_id"]
                .as_str()
                .map(str::to_owned)
                .or_else(|| Some(message["chat_id"].to_string()));
            let bot = message.get("chat_id").is_some();
            bot.then(|| Some((chat?, message["text"].as_str()?.to_owned()))).flatten()
        };
        all["result"].as_array().expect("a list").iter().filter_map(text).collect()
    }

    fn answered(&self, what: &str) -> (String, String) {
        wait_until(&format!("an answer with '{what}'"), SOON, || {
            self.sent().into_iter().find(|(_, text)| text.contains(what))
        })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_bot_answers_its_chats_and_nobody_else() {
    let (emulator, dir) = (Emulator::start(), tempfile::tempdir().expect("a folder"));
    let mut exchange = Program::start(&["exchange", "--synthetic", "10", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", SOON);
    let file = dir.path().join("settings.toml");
    let settings = format!(
        "[alert]\nlanguage = \"en\"\n[channels.telegram]\nenabled = true\ntoken = \"{TOKEN}\"\nchats = [\"42\"]\n\
         base_url = \"{}\"\n",
        emulator.url
    );
    std::fs::write(&file, settings).expect("written");
    let (file, state) = (file.display().to_string(), dir.path().join("state").display().to_string());
    let streams = url.replace("http://", "ws://");
    let mut scan = Program::start(&[
        "scan",
        "--rest-url",
        &url,
        "--stream-url",
        &streams,
        "--port",
        "0",
        "--cycle-interval",
        "5",
        "--config",
        &file,
        "--state-dir",
        &state,
    ]);
    let page = scan.wait_for_url("page:", SOON);
    wait_until("a ranking", SOON, || get(&format!("{page}/api/v1/ranking")));

    emulator.write(666, "/mute BTCUSDT 1d");
    emulator.write(42, "/help");
    assert_eq!(emulator.answered("/unmute").0, "42");
    emulator.write(42, "/status");
    let status = emulator.answered("coverage: ").1;
    assert!(status.contains("10/10"), "{status}");
    emulator.write(42, "/symbol btcusdt");
    assert!(emulator.answered("Prob +7.5%").1.starts_with("<b>BTCUSDT</b>"));
    emulator.write(42, "/top");
    emulator.answered("Top ");
    emulator.write(42, "/symbol NOPEUSDT");
    emulator.answered("is not among the scanned pairs");
    emulator.write(42, "/mute ETHUSDT 30m");
    emulator.answered("muted for 30 min");
    let mutes = get(&format!("{page}/api/v1/mutes")).expect("mutes");
    let names: Vec<&str> =
        mutes.as_array().expect("a list").iter().filter_map(|m| m["symbol"].as_str()).collect();
    assert_eq!(names, ["ETHUSDT"], "the stranger's command did nothing");
    assert!(emulator.sent().iter().all(|(chat, _)| chat == "42"), "strangers get no answer");
    assert!(!scan.output().contains("BOTSECRET"), "{}", scan.output());
}
