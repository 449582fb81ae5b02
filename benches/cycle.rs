//! A whole cycle without sockets: every pair scored (with and without the learned chance), the market ranked, the message
//! serialised; for 500 and 5,000 pairs. Beside it the way of one kline message: bare decoding, and decoding with routing and update.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use impulso::app::learning::models;
use impulso::domain::analysis::{AnalysisConfig, BtcContext, SymbolAnalysis};
use impulso::domain::candle::Candle;
use impulso::domain::level_book::LevelBook;
use impulso::domain::level_rules::{LevelBasis, LevelRules};
use impulso::domain::moment::MarketTime;
use impulso::domain::ranking::{RankingFilters, rank};

use impulso::domain::symbol::Symbol;
use impulso::domain::time::{Interval, MINUTE_MS};
use impulso::exchange::stream::event::StreamEvent;
use impulso::exchange::stream::frame::decode_frame;
use impulso::learning::scorer::Scorer;
use impulso::web::encode_snapshot;
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

const START: MarketTime = MarketTime::from_ms(1_750_000_020_000).floor(MINUTE_MS);

/// A random walk that repeats for the same `seed`.
fn walk(seed: u64, count: i64, end: MarketTime, interval: Interval) -> Vec<Candle> {
    let mut state = seed.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
    let mut price = 1.0 + (seed % 97) as f64;
    (0..count)
        .map(|i| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let step = ((state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5) * 0.004;
            let open = price;
            price *= 1.0 + step;
            Candle {
                open_time: end - (count - i) * interval.ms(),
                open,
                high: open.max(price) * 1.0005,
                low: open.min(price) * 0.9995,
                close: price,
                volume: 1_000.0 + (state % 1_000) as f64,
                quote_volume: (1_000.0 + (state % 1_000) as f64) * price,
                closed: true,
                filled: false,
            }
        })
        .collect()
}

fn market(count: usize) -> Vec<SymbolAnalysis> {
    let profile = Arc::default();
    let config = Arc::new(
        AnalysisConfig::new(Interval::M1, Interval::M15, profile).expect("the default intervals fit"),
    );
    (0..count)
        .map(|i| {
            let mut pair = SymbolAnalysis::new(Symbol::new(&format!("S{i}USDT")), Arc::clone(&config));
            let bars = walk(i as u64, 1_000, Interval::M15.floor(START), Interval::M15);
            pair.load(&bars, &walk(i as u64, 1_560, START, Interval::M1), START);
            pair
        })
        .collect()
}

fn cycle(c: &mut Criterion) {
    let mut group = c.benchmark_group("cycle");
    group.sample_size(20);
    for count in [500, 5_000] {
        let mut pairs = market(count);
        let mut levels = LevelBook::empty(LevelRules::default());
        let filters = RankingFilters::default();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("score_rank_serialise", count), |b| {
            b.iter(|| {
                let reports = pairs.iter_mut().map(|p| p.report(START, START, &BtcContext::unavailable()));
                let mut snapshot = rank(1, START, reports.collect(), &filters);
                levels.apply(&mut snapshot, LevelBasis::Rule);
                black_box(encode_snapshot(&snapshot, 1))
            });
        });
        let model = models::open("default").expect("the model in the program").expect("a model");
        let mut scorer = Scorer::new(model, None);
        group.bench_function(BenchmarkId::new("score_learn_rank_serialise", count), |b| {
            b.iter(|| {
                let reports = pairs.iter_mut().map(|p| p.report(START, START, &BtcContext::unavailable()));
                let mut snapshot = rank(1, START, reports.collect(), &filters);
                scorer.score(&mut snapshot, &filters);
                levels.apply(&mut snapshot, LevelBasis::Calibrated);
                black_box(encode_snapshot(&snapshot, 1))
            });
        });
    }
    group.finish();
}

fn frame(symbol: &str, volume: u32) -> String {
    format!(
        r#"{{"stream":"{}@kline_1m","data":{{"e":"kline","E":{},"s":"{symbol}","k":{{"t":{START},"T":{},"s":"{symbol}","i":"1m","f":100,"L":200,"o":"0.51230000","c":"0.51310000","h":"0.51420000","l":"0.51200000","v":"{volume}.70000000","n":101,"x":false,"q":"63512.10210000","V":"61200.20000000","Q":"31400.55120000","B":"0"}}}}}}"#,
        symbol.to_lowercase(),
        START + 2_000,
        START + 59_999
    )
}

fn kline_message(c: &mut Criterion) {
    let mut pairs: HashMap<String, SymbolAnalysis> =
        market(500).into_iter().enumerate().map(|(i, pair)| (format!("S{i}USDT"), pair)).collect();
    let frames: Vec<String> = (0..500).map(|i| frame(&format!("S{i}USDT"), 1_000 + i)).collect();
    let mut group = c.benchmark_group("kline_message");
    group.throughput(Throughput::Elements(frames.len() as u64));
    group.bench_function("bare_decode_500", |b| {
        b.iter(|| {
            for text in &frames {
                black_box(decode_frame(text.as_bytes()).expect("a kline"));
            }
        });
    });
    group.bench_function("decode_route_update_500", |b| {
        b.iter(|| {
            for text in &frames {
                if let Ok(StreamEvent::Kline(kline)) = decode_frame(text.as_bytes())
                    && let Some(pair) = pairs.get_mut(&*kline.symbol)
                {
                    black_box(pair.apply(kline.candle, kline.event_time));
                }
            }
        });
    });
    group.finish();
}

criterion_group!(benches, cycle, kline_message);
criterion_main!(benches);
