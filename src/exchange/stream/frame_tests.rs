//! Small frames written from the documented field lists.

use super::*;
use proptest::prelude::*;

fn kline(close: &str, open_time: i64) -> String {
    format!(
        r#"{{"e":"kline","E":{},"s":"BTCUSDT","k":{{"t":{open_time},"T":{},"s":"BTCUSDT","i":"1m","f":100,"L":200,
        "o":"10.0","c":"{close}","h":"12.0","l":"9.0","v":"3.5","n":100,"x":false,"q":"35.25","V":"1","Q":"10","B":"0"}}}}"#,
        open_time + 2_000,
        open_time + 59_999
    )
}

#[test]
fn klines_raw_and_combined() {
    let raw = kline("11.5", 60_000);
    let combined = format!(r#"{{"stream":"btcusdt@kline_1m","data":{raw}}}"#);
    let turned = format!(r#"{{"data":{raw},"stream":"btcusdt@kline_1m"}}"#);
    for text in [&raw, &combined, &turned] {
        let StreamEvent::Kline(event) = decode_frame(text.as_bytes()).unwrap() else { panic!("{text}") };
        assert!(matches!(event.symbol, Cow::Borrowed("BTCUSDT")), "the name must not be copied");
        assert_eq!((event.event_time, event.interval), (MarketTime::from_ms(62_000), Interval::M1));
        let c = event.candle;
        assert_eq!(
            (c.open_time, c.open, c.high, c.low, c.close),
            (MarketTime::from_ms(60_000), 10.0, 12.0, 9.0, 11.5)
        );
        assert_eq!((c.volume, c.quote_volume, c.closed, c.filled), (3.5, 35.25, false, false));
    }
}

#[test]
fn mini_tickers_raw_and_combined() {
    let list = r#"[{"e":"24hrMiniTicker","E":5,"s":"币安人生USDT","c":"1.5","o":"1","h":"2","l":"1","v":"10","q":"15"},
      {"e":"somethingElse","E":5,"s":"X"}]"#;
    let combined = format!(r#"{{"stream":"!miniTicker@arr","data":{list}}}"#);
    for text in [list, &combined] {
        let StreamEvent::MiniTickers(minis, left_out) = decode_frame(text.as_bytes()).unwrap() else {
            panic!("{text}")
        };
        assert_eq!((minis.len(), left_out.count), (1, 0), "another kind of event is no bad ticker");
        assert_eq!((minis[0].symbol.as_ref(), minis[0].close), ("币安人生USDT", 1.5));
        assert_eq!((minis[0].volume, minis[0].quote_volume), (10.0, 15.0));
    }
    let empty = decode_frame(br#"{"stream":"!miniTicker@arr","data":[]}"#).unwrap();
    assert_eq!(empty, StreamEvent::MiniTickers(Vec::new(), LeftOut::default()));
}

/// A bad entry is left out and named, wherever it stands and whatever is wrong with it; the others come.
#[test]
fn one_bad_mini_ticker_does_not_take_the_others_along() {
    let good = |name: &str| {
        format!(
            r#"{{"e":"24hrMiniTicker","E":5,"s":"{name}","c":"1.5","o":"1","h":"2","l":"1","v":"10","q":"15"}}"#
        )
    };
    let bad = good("BADUSDT");
    for (entry, name) in [
        ("null".to_owned(), "unnamed entry"),
        ("7".to_owned(), "unnamed entry"),
        ("[]".to_owned(), "unnamed entry"),
        ("{}".to_owned(), "unnamed entry"),
        (bad.replace("\"1.5\"", "null"), "BADUSDT"),
        (bad.replace("\"1.5\"", "{}"), "BADUSDT"),
        (bad.replace("\"1.5\"", "\"NaN\""), "BADUSDT"),
        (bad.replace("\"1.5\"", "\"-1\""), "BADUSDT"),
        (bad.replace("\"15\"", "\"1e308\""), "BADUSDT"),
        (bad.replace("\"E\":5", "\"E\":\"soon\""), "BADUSDT"),
        (bad.replace("\"E\":5,", ""), "BADUSDT"),
        (bad.replace("\"BADUSDT\"", "9"), "unnamed entry"),
    ] {
        let list = format!("[{},{entry},{}]", good("AUSDT"), good("币安人生USDT"));
        for text in [list.clone(), format!(r#"{{"stream":"!miniTicker@arr","data":{list}}}"#)] {
            let Ok(StreamEvent::MiniTickers(minis, left_out)) = decode_frame(text.as_bytes()) else {
                panic!("{text}")
            };
            let names: Vec<&str> = minis.iter().map(|m| m.symbol.as_ref()).collect();
            assert_eq!(names, ["AUSDT", "币安人生USDT"], "{entry}");
            assert_eq!((left_out.count, left_out.named[0].0.as_str()), (1, name), "{entry}");
        }
    }
}

#[test]
fn a_bad_kline_names_its_pair() {
    for bad in [
        kline("NaN", 60_000),
        kline("99", 60_000),
        kline("11.5", 60_000).replace("\"3.5\"", "\"1e308\""),
        kline("11.5", 60_000).replace("\"10.0\"", "null"),
        kline("11.5", 60_000).replace("\"x\":false", "\"x\":\"no\""),
    ] {
        for text in [bad.clone(), format!(r#"{{"stream":"btcusdt@kline_1m","data":{bad}}}"#)] {
            let Err(DecodeError::Invalid(why)) = decode_frame(text.as_bytes()) else { panic!("{text}") };
            assert!(why.contains("BTCUSDT"), "{why}");
        }
    }
}

#[test]
fn control_answers() {
    let answer = |text: &'static str| match decode_frame(text.as_bytes()).unwrap() {
        StreamEvent::ControlAnswer { id, result } => (id, result),
        other => panic!("{other:?}"),
    };
    assert_eq!(answer(r#"{"result":null,"id":7}"#), (Some(7), ControlResult::Done));
    let list = ControlResult::List(vec!["a@kline_1m".into()]);
    assert_eq!(answer(r#"{"result":["a@kline_1m"],"id":8}"#), (Some(8), list));
    let refused = ControlResult::Refused { code: 2, message: "bad".into() };
    assert_eq!(answer(r#"{"code":2,"msg":"bad","id":null}"#), (None, refused.clone()));
    assert_eq!(answer(r#"{"error":{"code":2,"msg":"bad"},"id":9}"#), (Some(9), refused));
}

#[test]
fn shutdown_and_strangers() {
    let shutdown = StreamEvent::ServerShutdown { event_time: MarketTime::from_ms(9) };
    assert_eq!(decode_frame(br#"{"e":"serverShutdown","E":9}"#).unwrap(), shutdown);
    let combined = br#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":9}}"#;
    assert_eq!(decode_frame(combined).unwrap(), shutdown);
    let trade = br#"{"stream":"a@aggTrade","data":{"e":"aggTrade","E":1,"s":"A","a":1,"p":"1","q":"2","f":1,"l":2,"T":1,"m":true,"M":true}}"#;
    assert_eq!(decode_frame(trade).unwrap(), StreamEvent::Other("aggTrade".into()));
    let book = br#"{"stream":"a@bookTicker","data":{"u":1,"s":"A","b":"1","B":"2","a":"3","A":"4"}}"#;
    assert_eq!(decode_frame(book).unwrap(), StreamEvent::Other("a@bookTicker".into()));
    let second = kline("11", 60_000).replace("\"1m\"", "\"1s\"");
    assert_eq!(decode_frame(second.as_bytes()).unwrap(), StreamEvent::Other("kline_1s".into()));
}

#[test]
fn nonsense_is_an_error() {
    let off_grid = kline("11", 60_001);
    let negative = kline("-1", 60_000);
    let nan = kline("NaN", 60_000);
    for text in ["", "{"] {
        assert!(matches!(decode_frame(text.as_bytes()), Err(DecodeError::Malformed(_))), "{text}");
    }
    for text in ["null", "3", "\"x\"", "{}", r#"{"e":"kline","E":1,"s":"A"}"#, &off_grid, &negative, &nan] {
        assert!(matches!(decode_frame(text.as_bytes()), Err(DecodeError::Invalid(_))), "{text}");
    }
}

proptest! {
    /// A frame cut or changed anywhere is an answer or an error, never a panic; a sound value round-trips.
    #[test]
    fn any_damage_is_survived(at in 0usize..400, byte: u8, cut: bool) {
        let mut frame = format!(r#"{{"stream":"btcusdt@kline_1m","data":{}}}"#, kline("11.5", 60_000)).into_bytes();
        let at = at % frame.len();
        if cut { frame.truncate(at); prop_assert!(matches!(decode_frame(&frame), Err(DecodeError::Malformed(_)))); }
        else {
            frame[at] = byte;
            if let Ok(StreamEvent::Kline(e)) = decode_frame(&frame) {
                prop_assert!(check_candle(&e.candle, e.interval).is_ok());
            }
        }
    }

    #[test]
    fn prices_are_read_exactly(close in 9.0f64..12.0) {
        let text = kline(&format!("{close}"), 60_000);
        let StreamEvent::Kline(event) = decode_frame(text.as_bytes()).unwrap() else { panic!() };
        prop_assert_eq!(event.candle.close, close);
    }
}
