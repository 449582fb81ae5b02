//! Everything that comes from outside, each decoder behind one name: what `tests/fuzz` throws bytes at. A decoder may refuse
//! anything and must survive it; what it lets through has to make sense, which is asserted here.

use crate::actors::alert::command::Command;
use crate::adapters::notify::telegram::updates::updates;
use crate::domain::candle::Candle;
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::time::Interval;
use crate::exchange::archive::{TableLines, parse_checksum, parse_row, parse_table, table_row, table_text};
use crate::exchange::rest::error::RestError;
use crate::exchange::rest::klines::{check_candle, decode_klines};
use crate::exchange::rest::model::{decode_exchange_info, decode_mini_tickers, decode_server_time};
use crate::exchange::stream::event::StreamEvent;
use crate::exchange::stream::frame::decode_frame;
use crate::learning::features::FEATURES;
use crate::learning::model::Model;
use crate::settings::{Settings, Sources};
use crate::web::api::{alerts, candles, chart, performance, predictions, ranking, status, symbols};
use crate::web::live::messages::ClientMessage;
use crate::web::query::read;
use std::hint::black_box;
use std::io::{BufReader, Cursor, Read};
use std::path::PathBuf;

/// A decoder: it must not panic, whatever the bytes, nor take much more memory than they are long. True for what it accepts.
pub type Decoder = fn(&[u8]) -> bool;

/// The decoders by name; each has a folder of examples of that name.
pub const DECODERS: [(&str, Decoder); 10] = [
    ("stream_frame", stream_frame),
    ("klines", klines),
    ("rest_lists", rest_lists),
    ("rest_error", rest_error),
    ("table", table),
    ("packed_table", packed_table),
    ("model", model),
    ("settings", settings),
    ("query", query),
    ("socket_and_chat", socket_and_chat),
];

fn stream_frame(bytes: &[u8]) -> bool {
    let Ok(event) = decode_frame(bytes) else { return false };
    if let StreamEvent::Kline(kline) = &event {
        sound(&kline.candle, kline.interval);
    }
    true
}

fn sound(candle: &Candle, interval: Interval) {
    assert!(check_candle(candle, interval).is_ok(), "let through: {candle:?}");
}

fn klines(bytes: &[u8]) -> bool {
    [Interval::M1, Interval::H1].into_iter().any(|interval| {
        let said = MarketTime::from_ms(1_750_000_000_000);
        let Ok(decoded) = decode_klines(bytes, interval, said) else { return false };
        for pair in decoded.value.windows(2) {
            assert!(pair[0].open_time < pair[1].open_time, "in their order, each once");
        }
        decoded.value.iter().filter(|c| !c.filled).for_each(|c| sound(c, interval));
        true
    })
}

fn rest_lists(bytes: &[u8]) -> bool {
    let tickers = decode_mini_tickers(bytes).map(|decoded| decoded.value);
    for ticker in tickers.iter().flatten() {
        assert!(ticker.quote_volume.is_finite(), "let through: {ticker:?}");
    }
    decode_exchange_info(bytes).is_ok() | decode_server_time(bytes).is_ok() | tickers.is_ok()
}

/// The first two bytes are the status, the next ones up to a zero the header `Retry-After`.
fn rest_error(bytes: &[u8]) -> bool {
    let Some((status, rest)) = bytes.split_first_chunk::<2>() else { return false };
    let mut parts = rest.splitn(2, |b| *b == 0);
    let retry_after = parts.next().and_then(|text| std::str::from_utf8(text).ok());
    let body = parts.next().unwrap_or_default();
    let now = MachineTime::from_ms(1_750_000_000_000);
    let error = RestError::from_answer(u16::from_le_bytes(*status), retry_after, body, now);
    black_box(error.what_to_do());
    assert!(!error.to_string().is_empty());
    RestError::is_told_by(body)
}

fn table(bytes: &[u8]) -> bool {
    let mut lines = TableLines::new(bytes);
    while let Ok(Some((_, line))) = lines.following() {
        if let Some(c) = table_row(line) {
            let numbers = [c.open, c.high, c.low, c.close, c.volume, c.quote_volume];
            assert!(numbers.iter().all(|v| v.is_finite()), "let through: {c:?}");
        }
        if let Ok(Some(candle)) = parse_row(line.split(','), Interval::M1) {
            sound(&candle, Interval::M1);
        }
    }
    std::str::from_utf8(bytes).is_ok_and(|text| parse_table(text).is_ok() | parse_checksum(text).is_ok())
}

fn packed_table(bytes: &[u8]) -> bool {
    let mut zipped = false;
    if let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes))
        && let Ok(member) = archive.by_index(0)
    {
        zipped = table_text(member).is_ok();
    }
    let mut rows = 0;
    if let Ok(unpacked) = zstd::Decoder::new(bytes) {
        let mut lines = TableLines::new(BufReader::new(unpacked.take(1 << 20)));
        while let Ok(Some((_, line))) = lines.following() {
            rows += u32::from(table_row(line).is_some());
        }
    }
    zipped || rows > 0
}

/// As a file, and as what is in one whose checksum is right.
fn model(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    if Model::read(text).is_ok() {
        return true;
    }
    let Ok(model) = serde_json::from_str::<Model>(text) else { return false };
    let Ok(model) = model.assembled() else { return false };
    for value in [0.0, -1e30, f32::NAN] {
        let row = model.own_row(&vec![value; FEATURES.len()]);
        let (log_odds, (start, parts)) = (model.predict(&row), model.explain(&row));
        assert!(
            log_odds.is_finite() && start.is_finite() && parts.iter().all(|p| p.is_finite()),
            "{log_odds}"
        );
    }
    true
}

/// What is accepted can be shown, and is accepted again as it is shown.
fn settings(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let of = |text: &str| {
        let file = Some((PathBuf::from("settings.toml"), text.to_owned()));
        Settings::load(&Sources { file, ..Sources::default() })
    };
    match of(text) {
        Ok(settings) => {
            let shown = settings.to_toml();
            assert!(of(&shown).is_ok(), "not accepted as it is shown:\n{shown}");
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

fn query(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    read::<alerts::AlertPage>(text).is_ok()
        | read::<symbols::Page>(text).is_ok()
        | read::<predictions::Asked>(text).is_ok()
        | read::<ranking::Selection>(text).is_ok()
        | read::<candles::CandleParams>(text).is_ok()
        | read::<chart::BarParams>(text).is_ok()
        | read::<chart::ScoreParams>(text).is_ok()
        | read::<status::StatusParams>(text).is_ok()
        | read::<performance::PerformanceParams>(text).is_ok()
}

/// What people write: over the live socket, and to the bot.
fn socket_and_chat(bytes: &[u8]) -> bool {
    let heard = serde_json::from_slice(bytes).map(|json| updates(&json)).unwrap_or_default();
    let commands = heard.iter().filter_map(|update| Command::parse(&update.text)).count();
    serde_json::from_slice::<ClientMessage>(bytes).is_ok() || commands > 0
}
