//! The demo's scripted pump reaches FUERTE under the scoring rules whatever moment the demo starts at.

use impulso::domain::analysis::{AnalysisConfig, BtcContext, SymbolAnalysis};
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::report::{Analysis, Level};
use impulso::domain::symbol::Symbol;
use impulso::domain::time::Interval;
use impulso::simulator::market::script::{Script, demo};
use proptest::prelude::*;
use std::sync::Arc;

fn candle(script: &Script, interval: Interval, open_time: MarketTime, now: MarketTime) -> Candle {
    let end = open_time + interval.ms();
    let bar = script.bar(open_time, end.min(now));
    Candle {
        open_time,
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
        volume: bar.volume,
        quote_volume: bar.quote_volume,
        closed: end <= now,
        filled: false,
    }
}

fn history(script: &Script, interval: Interval, count: i64, now: MarketTime) -> Vec<Candle> {
    let newest = interval.floor(now);
    (0..count).rev().map(|i| candle(script, interval, newest - i * interval.ms(), now)).collect()
}

/// The scores of each full five seconds of the first `seconds` after the start.
fn scores(script: &Script, start: MarketTime, seconds: i64) -> Vec<(i64, Arc<Analysis>)> {
    let config = AnalysisConfig::new(Interval::M1, Interval::M15, Arc::default()).expect("the intervals fit");
    let mut pair = SymbolAnalysis::new(Symbol::new("PUMPUSDT"), Arc::new(config));
    pair.load(
        &history(script, Interval::M15, 1_000, start),
        &history(script, Interval::M1, 1_560, start),
        start,
    );
    let mut found = Vec::new();
    for second in 1..=seconds {
        let now = start + second * 1_000;
        let live = Interval::M1.floor(now);
        let previous = live - Interval::M1.ms();
        if now - live < 1_000 {
            pair.apply(candle(script, Interval::M1, previous, now), now);
        }
        pair.apply(candle(script, Interval::M1, live, now), now);
        let cut = now.floor(5_000);
        if now - cut < 1_000
            && let Some(analysis) = pair.report(cut, now, &BtcContext::unavailable()).analysis
        {
            found.push((second, analysis));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// From any millisecond of half a year: FUERTE with a breakout of 10 points or more, for two cycles at least, before
    /// two minutes are over, and listed.
    #[test]
    fn the_pump_reaches_fuerte_within_two_minutes(start in 1_735_700_000_000_i64..1_751_000_000_000) {
        let start = MarketTime::from_ms(start);
        let [(name, script), ..] = demo(start, 1.0);
        prop_assert_eq!(name, "PUMPUSDT");
        let scores = scores(&script, start, 130);
        prop_assert!(scores.len() >= 24, "a score every five seconds: {}", scores.len());
        let strong: Vec<i64> = scores
            .iter()
            .filter(|(_, a)| a.confidence_level == Level::Fuerte && a.components.breakout >= 10.0)
            .map(|(second, _)| *second)
            .collect();
        let best = scores.iter().map(|(_, a)| a).max_by(|a, b| a.total_score.total_cmp(&b.total_score));
        prop_assert!(strong.len() >= 2, "{start}: FUERTE at {strong:?}, best {best:?}");
        prop_assert!(strong[0] < 110, "{start}: only after {} s", strong[0]);
        let (_, last) = scores.last().expect("scores");
        prop_assert!(last.volume_24h >= 1e6 && (0.01..=1_000.0).contains(&last.current_price), "{last:?}");
        // Before the rise nothing of it shows.
        prop_assert!(scores[0].1.total_score < 70.0, "{start}: {:?}", scores[0].1);
    }
}
