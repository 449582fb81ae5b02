//! Cost of one cycle of the analysis: an event and a report for each pair.

use criterion::{Criterion, criterion_group, criterion_main};
use impulso::domain::analysis::{AnalysisConfig, BtcContext, SymbolAnalysis};
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::score::profile::Profile;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{Interval, MINUTE_MS};
use std::hint::black_box;
use std::sync::Arc;

fn cycle(c: &mut Criterion) {
    let profile = Arc::new(Profile::default());
    let Ok(config) = AnalysisConfig::new(Interval::M1, Interval::M15, profile) else { return };
    let price = |i: i64| 10.0 + (i as f64 * 0.37).sin();
    let candle = |i: i64| Candle {
        volume: 5.0,
        quote_volume: 5e4,
        filled: false,
        ..Candle::flat(MarketTime::from_index(i, MINUTE_MS), price(i))
    };
    let history: Vec<Candle> = (0..1_560).map(candle).collect();
    let mut one = SymbolAnalysis::new(Symbol::new("AUSDT"), Arc::new(config));
    let end = MarketTime::from_index(1_560, MINUTE_MS);
    one.load(&[], &history, end);
    for pairs in [500, 5_000] {
        let mut all = vec![one.clone(); pairs];
        let mut now = end;
        c.bench_function(&format!("apply and report, {pairs} pairs"), |b| {
            b.iter(|| {
                let live = Candle { closed: true, ..candle(now.index(MINUTE_MS)) };
                now += MINUTE_MS;
                for pair in &mut all {
                    pair.apply(live, now - 1);
                    black_box(pair.report(now, now, &BtcContext::unavailable()));
                }
            });
        });
    }
}

criterion_group!(benches, cycle);
criterion_main!(benches);
