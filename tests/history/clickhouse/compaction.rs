//! Retention: thinning, hours out of short candles, deletion.

use super::super::parity::after;
use super::samples::{T0, candle, candles, score, scores};
use crate::support::clickhouse::Server;
use impulso::actors::ports::history::{Compacted, HistoryStore, Retention, Span};
use impulso::domain::report::Level::{Alta, Baja, Media};
use impulso::domain::time::{DAY_MS, HOUR_MS, Interval, MINUTE_MS};

const KEEP: Retention = Retention {
    full_scores: after(HOUR_MS),
    scores: after(DAY_MS),
    candles: after(DAY_MS),
    hour_candles: after(4 * DAY_MS),
    predictions: after(i64::MAX / 4),
    recorded_from: None,
};

#[tokio::test]
async fn scores_are_thinned_to_slots_and_changes_of_level() {
    let server = Server::start();
    let store = server.open().await;
    let now = T0 + 2 * HOUR_MS;
    let at = |minutes: i64| T0 + minutes * MINUTE_MS;
    let levels = [
        (0, Baja, None), // first of its slot
        (1, Baja, None),
        (2, Media, None),        // changed
        (3, Media, Some(Media)), // changed in the ladder in force
        (4, Media, Some(Media)),
        (5, Media, Some(Media)), // first of its slot
        (6, Media, None),        // changed
        (7, Media, None),
        (12, Media, None), // first of its slot, though not at its start
        (13, Alta, None),  // changed
        (60, Alta, None),  // within the full span from here on
        (61, Alta, None),
        (62, Alta, None),
    ];
    // One row a batch, so that the rule is seen across parts; another pair between them changes nothing.
    for (minute, level, level_in_force) in levels {
        let mut rows = vec![score("A", at(minute), level, level_in_force)];
        rows.push(score("B", at(minute), if minute % 2 == 0 { Baja } else { Media }, None));
        store.write(scores(rows)).await.unwrap();
    }
    store.write(scores(vec![score("A", T0 - 2 * DAY_MS, Alta, None)])).await.unwrap();
    let done = store.compact(KEEP, now).await.unwrap();
    assert_eq!(done, Compacted { scores: 4, ..Compacted::default() });
    let kept = store.scores(Some(&"A".into()), Span::ALL).await.unwrap();
    let minutes: Vec<i64> = kept.iter().map(|row| (row.as_of - T0) / MINUTE_MS).collect();
    assert_eq!(minutes, [0, 2, 3, 5, 6, 12, 13, 60, 61, 62]);
    assert_eq!(store.scores(Some(&"B".into()), Span::ALL).await.unwrap().len(), levels.len());
    assert_eq!(store.compact(KEEP, now).await.unwrap(), Compacted::default());
    store.vacuum().await.unwrap();
    assert_eq!(store.scores(None, Span::ALL).await.unwrap().len(), 23);
    // What was removed may be written again.
    store.write(scores(vec![score("A", at(1), Baja, None)])).await.unwrap();
    assert_eq!(store.scores(None, Span::ALL).await.unwrap().len(), 24);
}

#[tokio::test]
async fn expiring_candles_leave_their_hours_and_no_hour_is_overwritten() {
    let server = Server::start();
    let store = server.open().await;
    let hours = |n: i64| T0 + n * HOUR_MS;
    let mut rows = Vec::new();
    for minute in 0..180 {
        rows.push(candle("A", Interval::M1, T0 + minute * MINUTE_MS, 100.0 + minute as f64));
    }
    for quarter in 0..8 {
        rows.push(candle("B", Interval::M15, T0 + quarter * 15 * MINUTE_MS, 10.0));
    }
    rows.retain(|r| r.candle.open_time != T0 + 75 * MINUTE_MS || r.symbol.as_str() != "B");
    rows.push(candle("A", Interval::H1, hours(1), 5.0));
    rows.push(candle("A", Interval::H1, T0 - 4 * DAY_MS, 6.0));
    store.write(candles(rows)).await.unwrap();

    let now = hours(2) + 30 * MINUTE_MS + DAY_MS;
    let done = store.compact(KEEP, now).await.unwrap();
    assert_eq!(done, Compacted { candles: 150 + 7 + 1, ..Compacted::default() });
    let kept = store.candles(&"A".into(), Interval::H1, Span::ALL).await.unwrap();
    assert_eq!(kept.iter().map(|c| c.open_time).collect::<Vec<_>>(), [hours(0), hours(1), hours(2)]);
    let first = kept[0];
    assert_eq!((first.open, first.close), (100.0 * 0.99, 159.0));
    assert_eq!((first.high, first.low), (159.0 * 1.02, 100.0 * 0.97));
    assert_eq!((first.volume, first.closed, first.filled), (1234.5 * 60.0, true, false));
    assert!((first.quote_volume - 18.0).abs() < 1e-9);
    assert_eq!(kept[1].close, 5.0);
    assert_eq!(kept[2].close, 279.0);
    let short = store.candles(&"A".into(), Interval::M1, Span::ALL).await.unwrap();
    assert_eq!((short.len(), short[0].open_time), (30, hours(2) + 30 * MINUTE_MS));
    // An hour of which a quarter is missing is none.
    let other = store.candles(&"B".into(), Interval::H1, Span::ALL).await.unwrap();
    assert_eq!(other.iter().map(|c| c.open_time).collect::<Vec<_>>(), [hours(0)]);

    assert_eq!(store.compact(KEEP, now).await.unwrap(), Compacted::default());
    let later = store.compact(KEEP, now + HOUR_MS).await.unwrap();
    assert_eq!(later, Compacted { candles: 30, ..Compacted::default() });
    assert_eq!(store.candles(&"A".into(), Interval::H1, Span::ALL).await.unwrap(), kept);
    // The exchange's own hour stands above the one that was made.
    store.write(candles(vec![candle("A", Interval::H1, hours(0), 7.0)])).await.unwrap();
    assert_eq!(store.candles(&"A".into(), Interval::H1, Span::ALL).await.unwrap()[0].close, 7.0);
    // The server's own aggregate has every minute once.
    let sums: (u64, f64, f64) = server
        .ask("SELECT candles, volume, close FROM candles_hourly WHERE symbol = 'A' AND `interval` = '1m' ORDER BY hour LIMIT 1")
        .await;
    assert_eq!(sums, (60, 1234.5 * 60.0, 159.0));
}
