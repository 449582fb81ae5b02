//! Decoding of one kline frame and of one mini ticker list.

use criterion::{Criterion, criterion_group, criterion_main};
use impulso::exchange::stream::frame::decode_frame;
use std::hint::black_box;

const KLINE: &str = r#"{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1700000002010,"s":"BTCUSDT","k":{"t":1699999980000,"T":1700000039999,"s":"BTCUSDT","i":"1m","f":3278123456,"L":3278123999,"o":"37012.45000000","c":"37020.01000000","h":"37025.00000000","l":"37010.11000000","v":"12.34567000","n":543,"x":false,"q":"457012.98765432","V":"6.12345000","Q":"226712.12345678","B":"0"}}}"#;

fn mini_tickers(count: usize) -> String {
    let one = |i: usize| {
        format!(
            r#"{{"e":"24hrMiniTicker","E":1700000002010,"s":"S{i}USDT","c":"1.23450000","o":"1.20000000","h":"1.30000000","l":"1.10000000","v":"123456.70000000","q":"150000.12345678"}}"#
        )
    };
    let list: Vec<String> = (0..count).map(one).collect();
    format!(r#"{{"stream":"!miniTicker@arr","data":[{}]}}"#, list.join(","))
}

fn decode(criterion: &mut Criterion) {
    let minis = mini_tickers(300);
    for (name, frame) in [("decode/kline", KLINE), ("decode/mini_tickers_300", minis.as_str())] {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| decode_frame(black_box(frame.as_bytes())).is_ok());
        });
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);
