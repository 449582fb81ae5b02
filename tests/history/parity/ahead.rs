//! What lies ahead of a market time that came down.

use super::judged::{outcome, prediction};
use super::*;
use impulso::actors::ports::history::{LedgerRow, PredictionKind};
use impulso::domain::time::HOUR_MS;

/// It came down from an hour ahead to 90 s after `at`.
pub(super) async fn what_has_not_happened_is_void(store: &dyn HistoryStore, at: MarketTime) {
    let (now, from) = (at + 90_000, at + HOUR_MS);
    let scores: Vec<ScoreRow> = (0..8).map(|n| score("AHEADUSDT", at + n * 30_000, n)).collect();
    let minutes = |pair: &str| -> Vec<CandleRow> {
        let minute = |n: i64| row(pair, Interval::M1, candle(at + n * MINUTE_MS, n));
        (0..30).map(minute).collect()
    };
    let (own, brought) = (minutes("AHEADUSDT"), minutes("BROUGHTUSDT"));
    let quarter = row("AHEADUSDT", Interval::M15, candle(at, 1));
    let hour = row("AHEADUSDT", Interval::H1, candle(at - HOUR_MS, 1));
    let candles = [own.clone(), brought.clone(), vec![quarter, hour.clone()]].concat();
    let imported = vec![ImportedRow {
        symbol: Symbol::new("BROUGHTUSDT"),
        interval: Interval::M1,
        first: at,
        last: at + 29 * MINUTE_MS,
    }];
    let predictions = vec![
        prediction(PredictionKind::Episode, "AHEADUSDT", at - 3 * DAY_MS),
        prediction(PredictionKind::Episode, "AHEADUSDT", at - 2 * DAY_MS),
    ];
    let outcomes = vec![outcome(&predictions[0], now), outcome(&predictions[1], now + 1)];
    let batch = HistoryBatch {
        candles,
        scores: scores.clone(),
        predictions,
        outcomes,
        imported,
        ..HistoryBatch::default()
    };
    store.write(batch).await.unwrap();

    let ahead = Span { from: now + 1, to: from };
    let voided = store.void_ahead(ahead).await.unwrap();
    // Of the minutes the first alone is over; the quarter is not.
    assert_eq!((voided.scores, voided.candles, voided.outcomes), (4, 30, 1));
    let left = store.scores(Some(&Symbol::new("AHEADUSDT")), span(at, DAY_MS)).await.unwrap();
    assert_eq!(left, scores[..4]);
    let of =
        |pair: &str, interval| store.candles(&Symbol::new(pair), interval, span(at - DAY_MS, 2 * DAY_MS));
    let wanted = |rows: &[CandleRow]| rows.iter().map(|r| r.candle).collect::<Vec<_>>();
    assert_eq!(of("AHEADUSDT", Interval::M1).await.unwrap(), wanted(&own[..1]));
    assert_eq!(of("AHEADUSDT", Interval::M15).await.unwrap(), []);
    assert_eq!(of("AHEADUSDT", Interval::H1).await.unwrap(), wanted(&[hour]));
    assert_eq!(of("BROUGHTUSDT", Interval::M1).await.unwrap(), wanted(&brought), "imported ones stay");
    let known: Vec<LedgerRow> = store.predictions(None, span(at - 4 * DAY_MS, 3 * DAY_MS)).await.unwrap();
    let results: Vec<_> =
        known.iter().filter_map(|(_, o)| o.as_ref()).map(|o| (o.hit_24h, o.void.is_some())).collect();
    assert_eq!(results, [(Some(true), false), (None, true)]);
    assert_eq!(store.void_ahead(ahead).await.unwrap().candles, 0, "and once more it is nothing");
}
