//! Recorded payloads of the real exchange, read from the shared folder where it is there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use crate::support::places::shared;
use impulso::domain::moment::MarketTime;
use impulso::domain::time::{Interval, MINUTE_MS};
use impulso::domain::universe::{PairStatus, Universe, UniverseRules};
use impulso::exchange::archive;
use impulso::exchange::left_out::{Decoded, LeftOut};
use impulso::exchange::rest::klines::decode_klines;
use impulso::exchange::rest::model::decode_exchange_info;
use impulso::exchange::stream::event::StreamEvent;
use impulso::exchange::stream::frame::decode_frame;

/// A file of the shared fixtures, or `None` where they are absent.
fn fixture(name: &str) -> Option<Vec<u8>> {
    let path = shared("fixtures/binance")?.join(name);
    let bytes = std::fs::read(&path).unwrap();
    let zstd = path.extension().is_some_and(|e| e == "zst");
    Some(if zstd { zstd::decode_all(bytes.as_slice()).unwrap() } else { bytes })
}

#[test]
fn a_whole_exchange_info_of_2023() {
    let Some(body) = fixture("exchangeInfo-spot-2023-09-08.json.zst") else { return };
    let Decoded { value: info, left_out } = decode_exchange_info(&body).unwrap();
    assert_eq!((info.pairs.len(), left_out.count), (2_292, 0));
    let usdt: Vec<_> = info.pairs.iter().filter(|p| p.quote_asset == "USDT").collect();
    assert_eq!(usdt.len(), 456);
    let trading: Vec<_> = usdt.iter().filter(|p| p.status == PairStatus::Trading).collect();
    assert_eq!(trading.len(), 359);
    // NOTIONAL stands at index 6: a decoder that counts positions finds nothing.
    assert!(trading.iter().all(|p| p.min_notional.is_some_and(|n| n > 0.0)));
    assert!(info.limits.request_weight_1m.is_some_and(|l| l > 0));
    let mut universe = Universe::new(UniverseRules::default());
    let change = universe.update(&info.pairs, MarketTime::from_ms(1));
    let expected =
        trading.iter().filter(|p| p.spot_allowed && p.min_notional.is_none_or(|n| n <= 20.0)).count();
    assert_eq!((change.joined.len(), universe.len()), (expected, expected));
    assert!(expected > 300, "{expected}");
}

#[test]
fn a_whole_exchange_info_of_the_newer_schema() {
    let Some(body) = fixture("exchangeInfo-spot-testnet-2024-09-08.json.zst") else { return };
    let Decoded { value: info, left_out } = decode_exchange_info(&body).unwrap();
    assert_eq!((info.pairs.len(), left_out.count), (1_248, 0));
    assert!(info.limits.request_weight_1m.is_some());
    assert!(info.pairs.iter().filter(|p| p.min_notional.is_some()).count() > 1_000);
}

#[test]
fn a_captured_stream() {
    let Some(bytes) = fixture("stream-capture-2021-10-12.txt") else { return };
    let text = String::from_utf8(bytes).unwrap();
    let (mut klines, mut others) = (0, 0);
    for line in text.lines() {
        let Some((_, frame)) = line.split_once(": ").filter(|(_, f)| f.starts_with('{')) else { continue };
        match decode_frame(frame.as_bytes()).unwrap_or_else(|e| panic!("{e}: {frame}")) {
            StreamEvent::Kline(event) => {
                klines += 1;
                assert_eq!(event.interval, Interval::M1);
                let age = event.event_time - event.candle.open_time;
                assert!((0..=2 * MINUTE_MS).contains(&age), "{age}");
                // The same frame read without types says the same.
                let value: serde_json::Value = serde_json::from_str(frame).unwrap();
                let k = &value["data"]["k"];
                assert_eq!(k["s"], event.symbol.as_ref());
                assert_eq!(k["c"].as_str().unwrap().parse::<f64>().unwrap(), event.candle.close);
                assert_eq!(k["q"].as_str().unwrap().parse::<f64>().unwrap(), event.candle.quote_volume);
                assert_eq!(k["x"], event.candle.closed);
            }
            StreamEvent::Other(name) => {
                others += 1;
                let known = name.as_ref();
                assert!(
                    known == "aggTrade" || known == "depthUpdate" || known.contains("@bookTicker"),
                    "{known}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
    // Every line is one or the other, as counted in the text itself.
    assert_eq!(klines, text.matches(r#""e":"kline""#).count());
    assert!(klines > 0 && others > 100, "{klines} {others}");
}

#[test]
fn klines_by_archive_row_and_by_rest_are_the_same() {
    for name in ["klines-BTCUSDT-1m-2022-11-08.csv", "klines-CHZUSDT-1m-2022-11-08.csv"] {
        let Some(bytes) = fixture(name) else { return };
        let text = String::from_utf8(bytes).unwrap();
        let mut rows = Vec::new();
        let mut candles = Vec::new();
        for line in text.lines().skip(1) {
            let columns: Vec<&str> = line.split(',').skip(1).collect();
            candles.push(archive::parse_row(columns.iter().copied(), Interval::M1).unwrap().unwrap());
            let (time, close_time) = (columns[0], columns[6]);
            let quoted: Vec<String> = columns.iter().map(|c| format!("\"{c}\"")).collect();
            let (prices, rest) = (quoted[1..6].join(","), quoted[7..].join(","));
            rows.push(format!("[{time},{prices},{close_time},{rest}]"));
        }
        assert_eq!(candles.len(), 1_000);
        let body = format!("[{}]", rows.join(","));
        let decoded = decode_klines(body.as_bytes(), Interval::M1, MarketTime::MAX).unwrap();
        assert_eq!((decoded.value, decoded.left_out), (candles.clone(), LeftOut::default()));
        assert!(candles.windows(2).all(|w| w[1].open_time - w[0].open_time == MINUTE_MS));
    }
}
