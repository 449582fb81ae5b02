//! What every history store must do, whatever it is made of. The store that is given must be empty.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod ahead;
mod candles;
mod folded;
mod judged;
mod random;
mod records;
mod retention;
mod scores;
mod thinning;

use impulso::actors::ports::history::{
    CandleRow, Compacted, HistoryBatch, HistoryStore, ImportedRow, Retention, ScoreRow, Span,
};
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::report::{Components, Factors, Indicators, Level};
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{DAY_MS, Interval, MINUTE_MS};
use std::sync::Arc;
use std::time::Duration;

/// 00:00 UTC of a day; each part of the suite has days of its own behind it.
pub(crate) const BASE: MarketTime = MarketTime::from_ms(1_750_032_000_000);
/// A name that is not ASCII.
pub(crate) const FAR: &str = "币安人生USDT";
/// A span of whole milliseconds.
pub(crate) const fn after(ms: i64) -> Duration {
    Duration::from_millis(ms.unsigned_abs())
}

/// Keeps everything.
pub(crate) const FOREVER: Retention = Retention {
    full_scores: after(i64::MAX / 4),
    scores: after(i64::MAX / 4),
    candles: after(i64::MAX / 4),
    hour_candles: after(i64::MAX / 4),
    predictions: after(i64::MAX / 4),
    recorded_from: None,
};

/// Everything, in an order in which the parts do not disturb each other.
pub(crate) async fn whole_suite(store: Arc<dyn HistoryStore>) {
    let store = &*store;
    records::an_empty_store_answers(store).await;
    records::alerts(store, BASE).await;
    records::deliveries(store, BASE).await;
    records::universe(store, BASE).await;
    judged::the_later_prediction_of_a_key_stands(store, BASE).await;
    judged::newest_outcomes_stand(store, BASE).await;
    candles::round_trip(store, BASE + 10 * DAY_MS).await;
    candles::later_writes_stand(store, BASE + 20 * DAY_MS).await;
    candles::every_pair(store, BASE + 30 * DAY_MS).await;
    scores::round_trip(store, BASE + 40 * DAY_MS).await;
    scores::later_writes_stand(store, BASE + 41 * DAY_MS).await;
    random::candles_as_in_a_model(store, BASE + 50 * DAY_MS).await;
    random::scores_as_in_a_model(store, BASE + 60 * DAY_MS).await;
    records::one_batch_of_everything_twice(store, BASE + 70 * DAY_MS).await;
    records::stats_count_everything(store).await;
    judged::shadows_expire(store, BASE + 90 * DAY_MS).await;
    thinning::as_the_reference(store, BASE + 100 * DAY_MS).await;
    thinning::late_rows_are_thinned_too(store, BASE + 110 * DAY_MS).await;
    retention::scores_expire(store, BASE + 150 * DAY_MS).await;
    retention::hours_outlive_minutes(store, BASE + 200 * DAY_MS).await;
    retention::as_the_reference(store, BASE + 260 * DAY_MS).await;
    retention::imported_ranges_stay(store, BASE + 300 * DAY_MS).await;
    retention::precious_rows_stay(store).await;
    ahead::what_has_not_happened_is_void(store, BASE + 320 * DAY_MS).await;
    folded::as_the_rows(store, BASE + 1_100 * DAY_MS).await;
    folded::adopted_once(store, BASE + 1_200 * DAY_MS).await;
}

/// Writes a batch twice: the second time changes nothing.
pub(crate) async fn put(store: &dyn HistoryStore, batch: HistoryBatch) {
    store.write(batch.clone()).await.unwrap();
    store.write(batch).await.unwrap();
}

/// Writes candles.
pub(crate) async fn put_candles(store: &dyn HistoryStore, candles: Vec<CandleRow>) {
    put(store, HistoryBatch { candles, ..HistoryBatch::default() }).await;
}

/// Writes scores.
pub(crate) async fn put_scores(store: &dyn HistoryStore, scores: Vec<ScoreRow>) {
    put(store, HistoryBatch { scores, ..HistoryBatch::default() }).await;
}

/// A span of `len` ms.
pub(crate) fn span(from: MarketTime, len: i64) -> Span {
    Span { from, to: from + len }
}

/// A candle whose values tell what it is; volumes add up without rounding.
pub(crate) fn candle(open_time: MarketTime, seed: i64) -> Candle {
    let open = 100.0 + (seed % 977) as f64 * 0.25;
    Candle {
        open_time,
        open,
        high: open + 1.5,
        low: open - 0.75,
        close: open + 0.5,
        volume: (seed % 4096) as f64 / 8.0,
        quote_volume: (seed % 8191) as f64 / 4.0,
        closed: true,
        filled: seed % 7 == 0,
    }
}

/// The candle as a row.
pub(crate) fn row(symbol: &str, interval: Interval, candle: Candle) -> CandleRow {
    CandleRow { symbol: Symbol::new(symbol), interval, candle }
}

/// Minutes in a row from `from` on.
pub(crate) fn minutes(symbol: &str, from: MarketTime, count: i64) -> Vec<CandleRow> {
    (0..count).map(|n| row(symbol, Interval::M1, candle(from + n * MINUTE_MS, n + 1))).collect()
}

/// A score whose values tell what it is.
pub(crate) fn score(symbol: &str, as_of: MarketTime, seed: i64) -> ScoreRow {
    let x = seed as f64 * 0.37 + 0.1;
    let short = |n: f64| f64::from((x * n) as f32);
    ScoreRow {
        symbol: Symbol::new(symbol),
        as_of,
        price: 0.000_009_3 * x,
        volume_24h: 1e9 / x,
        total_score: x % 100.0,
        components: Components { rsi: x, macd: x / 3.0, volume: 25.0, velocity: 0.0, breakout: -x / 7.0 },
        probability_7_5: (x * 100.0).round() / 100.0,
        calibrated_7_5: (seed % 2 == 0).then_some(x / 11.0),
        composite_score: x / 13.0,
        level: [Level::Descartada, Level::Baja, Level::Media, Level::Alta, Level::Fuerte]
            [seed.unsigned_abs() as usize % 5],
        level_in_force: [None, Some(Level::Alta), Some(Level::Descartada)][seed.unsigned_abs() as usize % 3],
        listed: seed % 2 == 0,
        pause_jump: seed % 5 == 0,
        indicators: Indicators {
            rsi_14: short(1.1),
            rsi_21: short(1.2),
            macd: short(-1.3e-6),
            macd_signal: short(1.4e-9),
            macd_histogram: short(-1.5),
            volume_ratio: short(1.6e5),
            velocity_1h: short(-1.7),
            atr_14: short(1.8e-7),
            volatility_24h: short(1.9),
        },
        factors: Factors {
            volatility: short(0.1),
            momentum: short(0.2),
            resistance: short(0.3),
            btc_correlation: short(0.4),
            liquidity: short(0.5),
        },
    }
}

/// A seeded source of numbers.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from 0 to `below`, excluded.
    pub(crate) fn below(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64).rem_euclid(below)
    }
}
