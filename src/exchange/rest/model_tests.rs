//! Small answers written from the documented field lists.

use super::*;

const INFO: &str = r#"{"timezone":"UTC","serverTime":1700000000000,"news":{},
 "rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},
  {"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100},{"odd":1},
  {"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":300000}],
 "symbols":[
  {"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","isSpotTradingAllowed":true,
   "filters":[{"filterType":"PRICE_FILTER","minPrice":"0.01"},{"filterType":"SOMETHING_NEW","x":[1]},7,
    {"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true}]},
  {"symbol":"OLDUSDT","status":"CANCEL_ONLY","baseAsset":"OLD","quoteAsset":"USDT","isSpotTradingAllowed":false,
   "filters":[{"filterType":"MIN_NOTIONAL","minNotional":10}]},
  {"symbol":"币安人生USDT","status":"NEVER_HEARD","baseAsset":"币安人生","quoteAsset":"USDT"},
  {"symbol":42},"nonsense"]}"#;

#[test]
fn exchange_info_survives_the_unknown() {
    let info = decode_exchange_info(INFO.as_bytes()).unwrap();
    assert_eq!(info.server_time, Some(1_700_000_000_000));
    assert_eq!(info.limits.request_weight_1m, Some(6_000));
    assert_eq!(info.limits.raw_requests, Some((300_000, 300_000)));
    assert_eq!((info.pairs.len(), info.skipped), (3, 2));
    assert_eq!(info.pairs[0].min_notional, Some(5.0));
    assert_eq!(info.pairs[1].min_notional, Some(10.0));
    assert_eq!(info.pairs[1].status, PairStatus::CancelOnly);
    assert!(!info.pairs[1].spot_allowed);
    assert_eq!(info.pairs[2].symbol.as_str(), "币安人生USDT");
    assert_eq!((info.pairs[2].min_notional, info.pairs[2].spot_allowed), (None, true));
}

#[test]
fn an_empty_market_is_no_answer() {
    for body in [r#"{"symbols":[]}"#, r#"{"symbols":[1]}"#, "[]", "<html>", ""] {
        assert!(matches!(decode_exchange_info(body.as_bytes()), Err(RestError::Malformed(_))), "{body}");
    }
}

fn row(open_time: i64, close: &str) -> String {
    format!(
        r#"[{open_time},"1.0","2.0","0.5","{close}","10.5",{},"12.25",7,"1","2","0"]"#,
        open_time + 59_999
    )
}

#[test]
fn klines_close_by_the_exchanges_time() {
    let body = format!("[{},{}]", row(60_000, "1.5"), row(120_000, "1.25"));
    let candles = decode_klines(body.as_bytes(), Interval::M1, 0).unwrap();
    assert_eq!(candles.len(), 2);
    assert!(candles[0].closed, "a newer one is there");
    assert!(!candles[1].closed);
    assert_eq!((candles[0].close, candles[0].volume, candles[0].quote_volume), (1.5, 10.5, 12.25));
    assert!(
        !decode_klines(body.as_bytes(), Interval::M1, 184_999).unwrap()[1].closed,
        "its server may be behind"
    );
    assert!(decode_klines(body.as_bytes(), Interval::M1, 185_000).unwrap()[1].closed);
    assert!(decode_klines(b"[]", Interval::M1, 0).unwrap().is_empty());
}

#[test]
fn klines_that_make_no_sense_are_refused() {
    let good = row(60_000, "1.5");
    for body in [
        format!("[{good},{good}]"),
        format!("[{},{}]", row(120_000, "1"), row(60_000, "1")),
        format!("[{}]", row(60_001, "1")),
        format!("[{}]", row(60_000, "3.0")),
        format!("[{}]", row(60_000, "NaN")),
        format!("[{}]", row(60_000, "-1")),
        r#"[[60000,"1","1","1","1","1"]]"#.to_owned(),
        r#"{"code":0}"#.to_owned(),
    ] {
        let answer = decode_klines(body.as_bytes(), Interval::M1, 0);
        assert!(matches!(answer, Err(RestError::Malformed(_))), "{body}");
    }
}

#[test]
fn time_and_tickers() {
    assert_eq!(decode_server_time(br#"{"serverTime":5}"#), Ok(5));
    assert!(matches!(decode_server_time(b"{}"), Err(RestError::Malformed(_))));
    let body = br#"[{"symbol":"BTCUSDT","openPrice":"1","highPrice":"2","lowPrice":"1","lastPrice":"1.5",
      "volume":"100","quoteVolume":"150","openTime":1,"closeTime":2,"firstId":0,"lastId":1,"count":2},{"symbol":"X"}]"#;
    let tickers = decode_mini_tickers(body).unwrap();
    assert_eq!(tickers.len(), 1);
    assert_eq!((tickers[0].last_price, tickers[0].quote_volume, tickers[0].close_time), (1.5, 150.0, 2));
}
