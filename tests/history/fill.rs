//! How fast a store takes what 500 pairs give, and how much room it needs. Not a test: it asserts nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use super::parity::{BASE, Dice, FOREVER, after, candle, row, score};
use impulso::actors::ports::history::{CandleRow, HistoryBatch, HistoryStore, Retention, ScoreRow};
use impulso::domain::moment::MarketTime;
use impulso::domain::report::Level;
use impulso::domain::time::{DAY_MS, Interval, MINUTE_MS};
use std::time::Instant;

const PAIRS: i64 = 500;
/// Hours of scores that are written.
const HOURS: i64 = 12;
/// Minutes that come one by one.
const LIVE: i64 = 1_440;

fn name(pair: i64) -> String {
    format!("PAIR{pair:03}USDT")
}

/// Random walks with the exchange's decimals: prices of five and six digits, volumes of two to five decimals.
fn walk(pair: i64, from: MarketTime, count: i64) -> Vec<CandleRow> {
    let mut dice = Dice(pair as u64 * 7_919 + from.ms() as u64);
    let (scale, lot) = [(1e2, 1e5), (1e4, 1e2), (1e5, 1e1), (1e8, 1.0)][pair as usize % 4];
    let mut price = 20_000 + dice.below(200_000);
    let mut rows = Vec::new();
    for n in 0..count {
        let step = (price / 2_000).max(2);
        let open = price + dice.below(3) - 1;
        let close = (open + dice.below(2 * step + 1) - step).max(1_000);
        let high = open.max(close) + dice.below(step);
        let low = open.min(close) - dice.below(step);
        let mean = (open + high + low + close) as f64 / 4.0 + dice.below(step) as f64 - step as f64 / 2.0;
        let mut made = candle(from + n * MINUTE_MS, 1);
        let value = |v: i64| v as f64 / scale;
        (made.open, made.high, made.low, made.close) = (value(open), value(high), value(low), value(close));
        made.volume = ((dice.below(1 << 20) * dice.below(1 << 8)) as f64 / 64.0).round() / lot;
        made.quote_volume = (made.volume * mean / scale * 1e6).round() / 1e6;
        rows.push(row(&name(pair), Interval::M1, made));
        price = close;
    }
    rows
}

/// A cut whose numbers take as much room as real ones; levels change every half hour.
fn cut(dice: &mut Dice, pair: i64, at: MarketTime) -> ScoreRow {
    let mut unit = || dice.below(1 << 30) as f64 / (1_i64 << 30) as f64;
    let mut made = score(&name(pair), at, (unit() * 1e6) as i64);
    let c = &mut made.components;
    (c.rsi, c.macd, c.volume) = (25.0 * unit(), 20.0 * unit(), 25.0 * unit());
    (c.velocity, c.breakout) = (15.0 * unit(), if unit() < 0.7 { 0.0 } else { 15.0 });
    made.total_score = c.rsi + c.macd + c.volume + c.velocity + c.breakout;
    made.probability_7_5 = (unit() * 10_000.0).round() / 100.0;
    made.composite_score = 0.6 * made.total_score + 0.4 * made.probability_7_5;
    made.volume_24h = 1e7 * unit();
    made.calibrated_7_5 = Some(100.0 * unit());
    made.level = Level::LISTED[(at.index(30 * MINUTE_MS) + pair) as usize % 4];
    made.level_in_force = None;
    made
}

/// Bytes once nothing is unused.
async fn bytes(store: &dyn HistoryStore) -> f64 {
    store.vacuum().await.unwrap();
    store.stats().await.unwrap().bytes as f64
}

/// Bytes of a packed candle.
async fn packed_candles(store: &dyn HistoryStore) -> f64 {
    let (empty, begun) = (bytes(store).await, Instant::now());
    for pair in 0..PAIRS {
        let candles = walk(pair, BASE, 1_440);
        store.write(HistoryBatch { candles, ..HistoryBatch::default() }).await.unwrap();
    }
    let took = begun.elapsed();
    let each = (bytes(store).await - empty) / (PAIRS * 1_440) as f64;
    println!("a day of minutes at once: {each:.1} B a candle, {took:.1?}");
    let begun = Instant::now();
    let pairs = store.all_candles(Interval::M1, BASE).await.unwrap().len();
    println!("read again, {pairs} pairs: {:.2?}", begun.elapsed());
    each
}

/// Bytes of a full and of a thinned row of scores.
async fn scores(store: &dyn HistoryStore) -> (f64, f64) {
    let empty = bytes(store).await;
    let mut dice = Dice(5);
    let batches: Vec<HistoryBatch> = (0..HOURS * 120)
        .map(|n| HistoryBatch {
            scores: (0..PAIRS).map(|pair| cut(&mut dice, pair, BASE + n * 30_000)).collect(),
            ..HistoryBatch::default()
        })
        .collect();
    let (rows, begun) = ((HOURS * 120 * PAIRS) as f64, Instant::now());
    for batch in batches {
        store.write(batch).await.unwrap();
    }
    println!("scores in batches of {PAIRS}: {:.0} rows/s", rows / begun.elapsed().as_secs_f64());
    let written = (store.stats().await.unwrap().bytes as f64 - empty) / rows;
    let full = (bytes(store).await - empty) / rows;
    println!("full scores: {written:.1} B a row as written, {full:.1} after vacuum");
    let begun = Instant::now();
    let keep = Retention { full_scores: after(0), ..FOREVER };
    let removed = store.compact(keep, BASE + DAY_MS).await.unwrap().scores as f64;
    let took = begun.elapsed();
    let thin = (bytes(store).await - empty) / (rows - removed);
    println!("thinned in {took:.1?}: {:.0} rows left, {thin:.1} B a row", rows - removed);
    (written, thin)
}

/// Bytes of a candle that came by itself and is not packed yet.
async fn live_candles(store: &dyn HistoryStore) -> f64 {
    let (empty, from) = (bytes(store).await, BASE + 5 * DAY_MS);
    let batches: Vec<HistoryBatch> = (0..LIVE)
        .map(|n| HistoryBatch {
            candles: (0..PAIRS).flat_map(|pair| walk(pair, from + n * MINUTE_MS, 1)).collect(),
            ..HistoryBatch::default()
        })
        .collect();
    let (rows, begun) = ((LIVE * PAIRS) as f64, Instant::now());
    for batch in batches {
        store.write(batch).await.unwrap();
    }
    println!("live minutes in batches of {PAIRS}: {:.0} rows/s", rows / begun.elapsed().as_secs_f64());
    let each = (store.stats().await.unwrap().bytes as f64 - empty) / rows;
    let begun = Instant::now();
    store.compact(FOREVER, BASE + 6 * DAY_MS).await.unwrap();
    println!("live minutes: {each:.1} B a candle; {LIVE} minutes packed in {:.1?}", begun.elapsed());
    each
}

/// Writes, thins, packs and says what it took; then what the default retention takes.
pub(crate) async fn measure(store: &dyn HistoryStore) {
    let packed = packed_candles(store).await;
    let (full, thin) = scores(store).await;
    let live = live_candles(store).await;
    let a_day = |each: f64, rows: i64| each * (rows * PAIRS) as f64 / 1_048_576.0;
    let parts = [
        30.0 * a_day(packed, 1_440),
        2.0 * a_day(live, 1_440),
        2.0 * a_day(full, 2_880),
        28.0 * a_day(thin, 288 + 40),
    ];
    println!(
        "MiB, 30 days of minutes packed; rows of 2 days; 2 days of scores; 28 days thinned, 40 changes a day:"
    );
    println!("{parts:.0?}, sum {:.0}", parts.iter().sum::<f64>());
}
