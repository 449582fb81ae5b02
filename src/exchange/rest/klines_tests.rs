//! Small answers written from the documented field list, sound and not.

use super::*;

const fn moment(ms: i64) -> MarketTime {
    MarketTime::from_ms(ms)
}

/// Minutes that are all over.
const NOW: MarketTime = moment(6_000_000);

fn row(open_time: i64, close: &str) -> String {
    format!(
        r#"[{open_time},"1.0","2.0","0.5","{close}","10.5",{},"12.25",7,"1","2","0"]"#,
        open_time + 59_999
    )
}

fn read(rows: &[String], now: MarketTime) -> Result<Decoded<Vec<Candle>>, RestError> {
    decode_klines(format!("[{}]", rows.join(",")).as_bytes(), Interval::M1, now)
}

#[test]
fn klines_close_by_the_exchanges_time() {
    let rows = [row(60_000, "1.5"), row(120_000, "1.25")];
    let candles = read(&rows, moment(130_000)).unwrap().value;
    assert_eq!(candles.len(), 2);
    assert!(candles[0].closed, "a newer one is there");
    assert!(!candles[1].closed);
    assert_eq!((candles[0].close, candles[0].volume, candles[0].quote_volume), (1.5, 10.5, 12.25));
    assert!(!read(&rows, moment(184_999)).unwrap().value[1].closed, "its server may be behind");
    assert!(read(&rows, moment(185_000)).unwrap().value[1].closed);
    assert!(!read(&rows, moment(30_000)).unwrap().value[0].closed, "one that is far ahead ends no other");
    assert!(read(&[], moment(0)).unwrap().value.is_empty());
}

#[test]
fn a_bad_candle_is_left_out_and_named_and_its_neighbours_live() {
    let good = |minute: i64| row(minute * 60_000, "1.5");
    let with = |from: &str, to: &str| good(2).replacen(from, to, 1);
    for (bad, why) in [
        (row(120_000, "3.0"), "low the least and high the greatest"),
        (row(120_000, "NaN"), "not a finite number"),
        (row(120_000, "-1"), "positive"),
        (with("\"10.5\"", "\"-10.5\""), "negative"),
        (with("\"10.5\"", "\"1e308\""), "beyond any market"),
        (with("\"10.5\"", "1e17"), "does not fit"),
        (with("\"12.25\"", "\"1e9\""), "does not fit"),
        (with("\"10.5\"", "null"), "invalid type: null"),
        (with("\"10.5\"", "[]"), "invalid type"),
        (r#"[120000,"1"]"#.to_owned(), "at least 8 elements"),
    ] {
        let read = read(&[good(1), bad.clone(), good(3)], NOW).unwrap();
        assert_eq!(read.left_out.count, 1, "{bad}");
        let (entry, told) = &read.left_out.named[0];
        assert!(entry == "120000" && told.contains(why), "{bad}: {entry}: {told}");
        let [one, flat, three] = read.value[..] else { panic!("{bad}: {:?}", read.value) };
        assert_eq!((one.open_time, three.open_time), (moment(60_000), moment(180_000)));
        assert_eq!(
            flat,
            Candle::flat(moment(120_000), one.close),
            "{bad}: an empty minute, told from a real one"
        );
    }
}

#[test]
fn one_without_a_place_of_its_own_leaves_nothing() {
    let good = [row(60_000, "1.5"), row(120_000, "1.5")];
    for bad in
        [row(60_001, "1"), row((NOW + 7_200_000).ms(), "1"), "null".to_owned(), r#"{"code":0}"#.to_owned()]
    {
        let read = read(&[good[0].clone(), bad.clone(), good[1].clone()], NOW).unwrap();
        let times: Vec<i64> = read.value.iter().map(|c| c.open_time.ms()).collect();
        assert_eq!((times, read.left_out.count), (vec![60_000, 120_000], 1), "{bad}");
    }
    // The live candle is no empty minute: the stream brings it.
    let live = read(&[good[0].clone(), row(120_000, "3.0")], moment(125_000)).unwrap();
    assert_eq!((live.value.len(), live.left_out.count), (1, 1));
}

#[test]
fn a_bad_first_candle_stands_at_the_next_open() {
    let read = read(&[row(60_000, "3.0"), row(120_000, "1.5")], NOW).unwrap();
    assert_eq!(read.value[0], Candle::flat(moment(60_000), 1.0));
}

#[test]
fn order_is_put_right_and_twins_are_counted() {
    let turned = read(&[row(120_000, "1"), row(60_000, "1")], NOW).unwrap();
    assert_eq!(turned.left_out, LeftOut::default());
    assert!(turned.value[0].open_time < turned.value[1].open_time);
    let twins = read(&[row(60_000, "1"), row(60_000, "1.5")], NOW).unwrap();
    assert_eq!((twins.value.len(), twins.value[0].close, twins.left_out.count), (1, 1.5, 1));
    for pair in [[row(60_000, "1.5"), row(60_000, "9")], [row(60_000, "9"), row(60_000, "1.5")]] {
        let read = read(&pair, NOW).unwrap();
        assert_eq!((read.value.len(), read.value[0].close, read.left_out.count), (1, 1.5, 1));
    }
}

#[test]
fn what_holds_no_candle_is_no_answer() {
    for body in [r#"[[60000,"1","1","1","1","1"]]"#, r#"{"code":0}"#, "[null]", "<html>", "[["] {
        let answer = decode_klines(body.as_bytes(), Interval::M1, NOW);
        assert!(matches!(answer, Err(RestError::Malformed(_))), "{body}: {answer:?}");
    }
}

#[test]
fn turnover_of_the_smallest_and_of_the_cheapest_is_possible() {
    let candle = |price: f64, volume: f64, quote_volume: f64| Candle {
        volume,
        quote_volume,
        ..Candle::flat(moment(60_000), price)
    };
    // A trade worth less than the last decimal, and a day's volume of a pair priced at a millionth.
    for c in [candle(1e-8, 1.0, 0.0), candle(100_000.0, 1e-8, 0.001), candle(1e-6, 1e13, 1e7)] {
        assert_eq!(check_candle(&c, Interval::M1), Ok(()), "{c:?}");
    }
}
