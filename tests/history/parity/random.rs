//! Seeded random writes against a model in memory.

use super::*;
use std::collections::BTreeMap;

const NAMES: [&str; 3] = ["RANDUSDT", "随机USDT", "R3USDT"];
const INTERVALS: [Interval; 3] = [Interval::M1, Interval::M15, Interval::H1];

pub(super) async fn candles_as_in_a_model(store: &dyn HistoryStore, at: MarketTime) {
    let mut dice = Dice(7);
    let mut model: BTreeMap<(usize, usize), BTreeMap<MarketTime, Candle>> = BTreeMap::new();
    for round in 0..40 {
        let mut candles = Vec::new();
        for _ in 0..1 + dice.below(4) {
            let (name, interval) = (dice.below(3) as usize, dice.below(3) as usize);
            let count = [1, 3, 31, 32, 90][dice.below(5) as usize];
            let first = at + dice.below(2_000) * MINUTE_MS;
            for n in 0..count {
                let step = INTERVALS[interval];
                let candle = candle(step.floor(first) + n * step.ms(), dice.below(1 << 20));
                candles.push(row(NAMES[name], step, candle));
                model.entry((name, interval)).or_default().insert(candle.open_time, candle);
            }
        }
        put_candles(store, candles).await;
        if round % 5 == 4 {
            let now = at + dice.below(3 * DAY_MS);
            assert_eq!(store.compact(FOREVER, now).await.unwrap(), Default::default());
        }
        for (name, interval) in [(0, 0), (1, 1), (2, 2), (dice.below(3) as usize, 0)] {
            let from = at - DAY_MS + dice.below(3 * DAY_MS);
            let to = from + dice.below(2 * DAY_MS);
            let (symbol, step) = (Symbol::new(NAMES[name]), INTERVALS[interval]);
            let read = store.candles(&symbol, step, Span { from, to }).await.unwrap();
            let told: Option<Vec<Candle>> =
                model.get(&(name, interval)).map(|m| m.range(from..to).map(|(_, c)| *c).collect());
            assert_eq!(read, told.unwrap_or_default(), "round {round} {symbol} {step}");
        }
    }
}

pub(super) async fn scores_as_in_a_model(store: &dyn HistoryStore, at: MarketTime) {
    let mut dice = Dice(11);
    let mut model: BTreeMap<(MarketTime, &str), ScoreRow> = BTreeMap::new();
    for _ in 0..20 {
        let mut scores = Vec::new();
        for _ in 0..dice.below(40) {
            let name = NAMES[dice.below(3) as usize];
            let score = score(name, at + dice.below(100) * 30_000, dice.below(1 << 16));
            model.insert((score.as_of, name), score.clone());
            scores.push(score);
        }
        put_scores(store, scores).await;
        let from = at + dice.below(50) * 30_000;
        let span = span(from, dice.below(50) * 30_000);
        let told: Vec<ScoreRow> =
            model.values().filter(|s| (span.from..span.to).contains(&s.as_of)).cloned().collect();
        assert_eq!(store.scores(None, span).await.unwrap(), told);
        let name = Symbol::new(NAMES[dice.below(3) as usize]);
        let told: Vec<ScoreRow> = told.into_iter().filter(|s| s.symbol == name).collect();
        assert_eq!(store.scores(Some(&name), span).await.unwrap(), told);
    }
}
