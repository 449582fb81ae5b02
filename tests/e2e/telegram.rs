//! The bot answers commands of its chats, from outside: the program against a foreign emulation of the Bot API.

use crate::support::peer::{Peer, telegram};
use crate::support::snapshots::same_as_kept;
use crate::support::{Program, get, request, wait_until};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
const TOKEN: &str = "777:BOTSECRET";

pub(super) struct Emulator {
    _peer: Peer,
    pub(super) url: String,
}

impl Emulator {
    pub(super) fn start() -> Self {
        let (peer, url) = telegram();
        Self { _peer: peer, url }
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

    /// Writes a command and waits for its answer.
    pub(super) fn answer(&self, chat: i64, text: &str) -> (String, String) {
        let before = self.sent().len();
        self.write(chat, text);
        wait_until(&format!("an answer to '{text}'"), SOON, || self.sent().into_iter().nth(before))
    }
}

/// Figures, levels and pairs of the market at that moment.
const PASSING: [(&str, &str); 4] = [
    (r"(FUERTE|ALTA|MEDIA|BAJA|DESCARTADA) <b>\w+</b> .*", "ROW"),
    (r"(ROW\n?)+", "ROWS\n"),
    (r"(?m)^(FUERTE|ALTA|MEDIA|BAJA|-) · ", "LEVEL · "),
    (r"\d+(\.\d+)?( [kMB]\b)?", "N"),
];

/// Of a scanner whose bot is `url`'s and answers chat 42.
pub(super) fn settings(language: &str, url: &str) -> String {
    format!(
        "[alert]\nlanguage = \"{language}\"\n[channels.telegram]\nenabled = true\ntoken = \"{TOKEN}\"\n\
         chats = [\"42\"]\nmin_level = \"FUERTE\"\nbase_url = \"{url}\"\n"
    )
}

fn the_bot_answers(language: &str) {
    let (emulator, dir) = (Emulator::start(), tempfile::tempdir().expect("a folder"));
    // A lively hour: at some others no pair of the ten is listed, and /top would have nothing to show.
    let market = ["exchange", "--synthetic", "10", "--start", "2026-11-21T14:07", "--listen", "127.0.0.1:0"];
    let mut exchange = Program::start(&market);
    let url = exchange.wait_for_url("http://", SOON);
    let file = dir.path().join("settings.toml");
    std::fs::write(&file, settings(language, &emulator.url)).expect("written");
    let (file, state) = (file.display().to_string(), dir.path().join("state").display().to_string());
    let mut scan = Program::scan(&url, &state, &["--cycle-interval", "5", "--config", &file]);
    let page = scan.wait_for_url("page:", SOON);
    // A ranking may be there by REST before the streams are: /status says both.
    wait_until("a full ranking over live streams", SOON, || {
        let ranking = get(&format!("{page}/api/v1/ranking"))?;
        let status = get(&format!("{page}/api/v1/status"))?;
        (ranking["coverage"]["analyzable"] == 10 && status["feed"] == "live").then_some(())
    });

    emulator.write(666, "/mute BTCUSDT 1d");
    let mut talk = Vec::new();
    for text in [
        "/help",
        "/status",
        "/symbol btcusdt",
        "/top",
        "/symbol NOPEUSDT",
        "/mute ETHUSDT 30m",
        "/mute ETHUSDT soon",
        "/unmute ETHUSDT",
        "/unmute ETHUSDT",
        "/mute ETHUSDT 30m",
        "/dance",
    ] {
        let (chat, answer) = emulator.answer(42, text);
        assert_eq!(chat, "42", "strangers get no answer");
        talk.push(format!("{text}\n{answer}\n"));
    }
    assert!(talk[1].contains("10/10"), "{}", talk[1]);
    same_as_kept("messages", &format!("bot-{language}"), &talk.join("\n"), &PASSING);
    let mutes = get(&format!("{page}/api/v1/mutes")).expect("mutes");
    let names: Vec<&str> =
        mutes.as_array().expect("a list").iter().filter_map(|m| m["symbol"].as_str()).collect();
    assert_eq!(names, ["ETHUSDT"], "the stranger's command did nothing");
    assert!(!scan.output().contains("BOTSECRET"), "{}", scan.output());
}

#[test]
fn the_bot_answers_its_chats_and_nobody_else() {
    ["es", "en"].into_iter().for_each(the_bot_answers);
}
