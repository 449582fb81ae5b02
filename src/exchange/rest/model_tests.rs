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
    let Decoded { value: info, left_out } = decode_exchange_info(INFO.as_bytes()).unwrap();
    assert_eq!(info.server_time, Some(MarketTime::from_ms(1_700_000_000_000)));
    assert_eq!(info.limits.request_weight_1m, Some(6_000));
    assert_eq!(info.limits.raw_requests, Some((300_000, 300_000)));
    assert_eq!((info.pairs.len(), left_out.count), (3, 2));
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

#[test]
fn time_and_tickers() {
    assert_eq!(decode_server_time(br#"{"serverTime":5}"#).unwrap().value, MarketTime::from_ms(5));
    assert!(matches!(decode_server_time(b"{}"), Err(RestError::Malformed(_))));
    let body = br#"[{"symbol":"BTCUSDT","openPrice":"1","highPrice":"2","lowPrice":"1","lastPrice":"1.5",
      "volume":"100","quoteVolume":"150","openTime":1,"closeTime":2,"firstId":0,"lastId":1,"count":2},{"symbol":"X"},null,
      {"symbol":"YUSDT","lastPrice":"1","volume":"1","quoteVolume":"1e308","closeTime":2}]"#;
    let Decoded { value: tickers, left_out } = decode_mini_tickers(body).unwrap();
    let named: Vec<&str> = left_out.named.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((tickers.len(), left_out.count, named), (1, 3, vec!["X", "unnamed entry", "YUSDT"]));
    assert_eq!(
        (tickers[0].last_price, tickers[0].quote_volume, tickers[0].close_time),
        (1.5, 150.0, MarketTime::from_ms(2))
    );
}

#[test]
fn limits_and_time_that_cannot_be_read_do_not_cost_the_pairs() {
    for odd in [r#""rateLimits":null"#, r#""rateLimits":{}"#, r#""serverTime":"soon""#] {
        let body = format!(
            r#"{{{odd},"symbols":[{{"symbol":"AUSDT","status":"TRADING","baseAsset":"A","quoteAsset":"USDT"}},
            {{"symbol":"BUSDT","status":7,"baseAsset":"B","quoteAsset":"USDT"}}]}}"#
        );
        let info = decode_exchange_info(body.as_bytes()).unwrap();
        assert_eq!((info.value.pairs.len(), info.left_out.named[0].0.as_str()), (1, "BUSDT"), "{odd}");
    }
    let nothing = INFO.replace("\"limit\":6000", "\"limit\":0");
    assert_eq!(decode_exchange_info(nothing.as_bytes()).unwrap().value.limits.request_weight_1m, None);
}
