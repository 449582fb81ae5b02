//! Page, API, CSV, WebSocket and the bot show the same pairs at the same levels in the same order: one truth, wherever it is read.

use super::telegram::{Emulator, settings};
use crate::support::{Program, get, request, wait_until};
use awc::ws::Frame;
use futures_util::StreamExt;
use serde_json::Value;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(90);
/// As many as the bot shows.
const TOP: usize = 10;
const LISTED: [&str; 4] = ["FUERTE", "ALTA", "MEDIA", "BAJA"];

/// Pair and level, in order.
type Rows = Vec<(String, String)>;

fn of_json(ranking: &Value) -> Rows {
    let text = |row: &Value, key: &str| row[key].as_str().expect("text").to_owned();
    let level = |level: &str| {
        let rows = ranking["levels"][level].as_array().expect("rows");
        rows.iter().map(|row| (text(row, "symbol"), text(row, "confidence_level"))).collect::<Rows>()
    };
    LISTED.iter().flat_map(|name| level(name)).collect()
}

/// The text between two marks, of each line that has them.
fn between<'a>(line: &'a str, from: &str, to: &str) -> Option<&'a str> {
    line.split_once(from)?.1.split_once(to).map(|(text, _)| text)
}

fn of_page(html: &str) -> Rows {
    let rows = html.split("<tr data-symbol=").skip(1);
    let row = |row: &str| {
        Some((between(row, "\"", "\"")?.to_owned(), between(row, "data-level=\"", "\"")?.to_owned()))
    };
    rows.filter_map(row).collect()
}

fn of_bot(text: &str) -> Rows {
    let row =
        |line: &str| Some((between(line, "<b>", "</b>")?.to_owned(), line.split_once(" <b>")?.0.to_owned()));
    text.lines().filter_map(row).filter(|(_, level)| LISTED.contains(&level.as_str())).collect()
}

fn of_csv(text: &str) -> Rows {
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().expect("a head").split(',').collect();
    let at = |name: &str| head.iter().position(|h| *h == name).expect("a column");
    let (symbol, level) = (at("symbol"), at("confidence_level"));
    let cells = lines.map(|line| line.split(',').collect::<Vec<_>>());
    cells.map(|cells| (cells[symbol].to_owned(), cells[level].to_owned())).collect()
}

/// The first message that a live client gets.
fn of_socket(page: &str) -> (Option<i64>, Rows) {
    let url = format!("{}/ws", page.replacen("http", "ws", 1));
    let message = actix_rt::System::new().block_on(async {
        let (_, mut wire) =
            awc::Client::default().ws(url).max_frame_size(1 << 24).connect().await.expect("a socket");
        loop {
            if let Frame::Text(text) = wire.next().await.expect("a frame").expect("whole") {
                break serde_json::from_slice::<Value>(&text).expect("JSON");
            }
        }
    });
    (message["as_of"].as_i64(), of_json(&message))
}

#[test]
fn whoever_asks_sees_the_same_levels() {
    let (emulator, dir) = (Emulator::start(), tempfile::tempdir().expect("a folder"));
    let market = ["exchange", "--synthetic", "40", "--start", "2026-11-21T14:07", "--listen", "127.0.0.1:0"];
    let mut exchange = Program::start(&market);
    let url = exchange.wait_for_url("http://", SOON);
    let file = dir.path().join("settings.toml");
    std::fs::write(&file, settings("en", &emulator.url)).expect("written");
    let (file, state) = (file.display().to_string(), dir.path().join("state").display().to_string());
    let mut scan = Program::scan(&url, &state, &["--cycle-interval", "15", "--config", &file]);
    let page = scan.wait_for_url("page:", SOON);
    let api = |query: &str| get(&format!("{page}/api/v1/ranking?limit=1000{query}"));
    wait_until("a full ranking", SOON, || (api("")?["coverage"]["analyzable"] == 40).then_some(()));
    let text = |path: &str| {
        let (status, text) = request("GET", &format!("{page}{path}"), "");
        assert_eq!(status, 200, "{path}: {text}");
        text
    };

    // All within one cycle: asked again where one began meanwhile.
    let (wanted, shown) = wait_until("one cycle for all", SOON, || {
        let ranking = api("")?;
        let (socket_as_of, socket) = of_socket(&page);
        let page_rows = of_page(&text("/?view=all"));
        let csv = of_csv(&text("/api/v1/ranking?limit=1000&format=csv"));
        let top = of_bot(&emulator.answer(42, "/top").1);
        let same = api("")?["as_of"] == ranking["as_of"] && socket_as_of == ranking["as_of"].as_i64();
        same.then(|| {
            (of_json(&ranking), [("socket", socket), ("page", page_rows), ("csv", csv), ("/top", top)])
        })
    });
    assert!(wanted.len() > TOP, "{wanted:?}");
    for (place, rows) in shown {
        let as_many = if place == "/top" { TOP } else { wanted.len() };
        assert_eq!(rows, wanted[..as_many], "{place}");
    }
    // A pair's own answer and the discarded ones, on request.
    let (pair, level) = &wanted[0];
    let own = get(&format!("{page}/api/v1/symbols/{pair}")).expect("the pair");
    assert_eq!(own["confidence_level"].as_str(), Some(level.as_str()), "{own}");
    let discarded = api("&level=DESCARTADA").expect("a ranking");
    assert!(discarded["levels"]["DESCARTADA"].is_array(), "{discarded}");
}
