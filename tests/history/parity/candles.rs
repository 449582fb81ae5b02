//! Candles: round trips, replacement, spans, all pairs.

use super::*;

pub(super) async fn round_trip(store: &dyn HistoryStore, at: MarketTime) {
    let values = [0.000_009_3, 1e-8, 123_456_789.123_456_78, f64::MIN_POSITIVE, 1e300, 0.1 + 0.2, 1.0 / 3.0];
    let far = Symbol::new(FAR);
    for interval in Interval::ALL {
        let made = |n: usize| Candle {
            open: values[n % 7],
            high: values[(n + 1) % 7],
            low: values[(n + 2) % 7],
            close: values[(n + 3) % 7],
            volume: values[(n + 4) % 7],
            quote_volume: values[(n + 5) % 7],
            closed: true,
            filled: n.is_multiple_of(3),
            open_time: at + n as i64 * interval.ms(),
        };
        // A few, and so many that they may be kept in another way.
        for (first, count) in [(0, 7), (20, 150)] {
            let expected: Vec<Candle> = (first..first + count).map(made).collect();
            let rows = expected.iter().rev().map(|c| row(FAR, interval, *c)).collect();
            put_candles(store, rows).await;
            let from = expected[0].open_time;
            let len = count as i64 * interval.ms();
            assert_eq!(store.candles(&far, interval, span(from, len)).await.unwrap(), expected);
            let inner = span(from + interval.ms(), len - 2 * interval.ms());
            assert_eq!(store.candles(&far, interval, inner).await.unwrap(), expected[1..count - 1]);
            let inner = span(from + 1, len - interval.ms());
            assert_eq!(store.candles(&far, interval, inner).await.unwrap(), expected[1..]);
        }
    }
    for interval in Interval::ALL {
        let pairs = store.candle_pairs(interval).await.unwrap();
        let own = pairs.iter().find(|(symbol, ..)| *symbol == far).unwrap();
        assert_eq!((own.1, own.2), (at, at + 169 * interval.ms()));
        assert!(pairs.is_sorted_by(|a, b| a.0 < b.0));
    }
    assert!(store.candles(&Symbol::new("币"), Interval::M1, Span::ALL).await.unwrap().is_empty());
    assert!(store.candles(&far, Interval::M1, span(at, 0)).await.unwrap().is_empty());
    let none = span(at + 7 * MINUTE_MS, 13 * MINUTE_MS);
    assert!(store.candles(&far, Interval::M1, none).await.unwrap().is_empty());
}

pub(super) async fn later_writes_stand(store: &dyn HistoryStore, at: MarketTime) {
    let symbol = Symbol::new("LATERUSDT");
    let all = span(at - DAY_MS, 3 * DAY_MS);
    let read = async || store.candles(&symbol, Interval::M1, all).await.unwrap();
    let time = |n: i64| at + n * MINUTE_MS;
    let made = |n: i64, seed: i64| row("LATERUSDT", Interval::M1, candle(time(n), seed));
    // Within one batch the later row stands.
    let batch = HistoryBatch { candles: vec![made(0, 1), made(0, 2)], ..HistoryBatch::default() };
    store.write(batch).await.unwrap();
    assert_eq!(read().await, [candle(time(0), 2)]);
    // Many over a few, a few over many, packed or not.
    let mut expected: Vec<Candle> = (0..100).map(|n| candle(time(n), n + 50)).collect();
    put_candles(store, (0..100).map(|n| made(n, n + 50)).collect()).await;
    assert_eq!(read().await, expected);
    for round in 0..2 {
        expected[40] = candle(time(40), 1_000 + round);
        expected[99] = candle(time(99), 2_000 + round);
        put_candles(store, vec![made(40, 1_000 + round), made(99, 2_000 + round)]).await;
        assert_eq!(read().await, expected);
        assert_eq!(store.compact(FOREVER, at + 2 * DAY_MS).await.unwrap(), Default::default());
        assert_eq!(read().await, expected);
    }
    // Before and behind what is there.
    put_candles(store, vec![made(-5, 7), made(150, 8), made(-1_441, 9)]).await;
    put_candles(store, vec![made(-5, 70)]).await;
    expected.insert(0, candle(time(-5), 70));
    expected.push(candle(time(150), 8));
    assert_eq!(read().await, expected);
    put_candles(store, (-10..160).map(|n| made(n, n + 500)).collect()).await;
    assert_eq!(read().await, (-10..160).map(|n| candle(time(n), n + 500)).collect::<Vec<_>>());
    assert!(store.candles(&symbol, Interval::M3, Span::ALL).await.unwrap().is_empty());
}

pub(super) async fn every_pair(store: &dyn HistoryStore, at: MarketTime) {
    let names = ["ZUSDT", "AUSDT", FAR, "MUSDT"];
    let count = |n: usize| [40, 1, 70, 5][n];
    for (n, name) in names.iter().enumerate() {
        put_candles(store, minutes(name, at, count(n))).await;
        put_candles(store, vec![row(name, Interval::M5, candle(at, 3))]).await;
    }
    let mut expected: Vec<(Symbol, Vec<Candle>)> = names
        .iter()
        .enumerate()
        .map(|(n, name)| {
            (Symbol::new(name), minutes(name, at, count(n)).into_iter().map(|r| r.candle).collect())
        })
        .collect();
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(store.all_candles(Interval::M1, at).await.unwrap(), expected);
    let from = at + 4 * MINUTE_MS + 1;
    for (_, candles) in &mut expected {
        candles.retain(|c| c.open_time >= from);
    }
    expected.retain(|(_, candles)| !candles.is_empty());
    assert_eq!(expected.len(), 2);
    assert_eq!(store.all_candles(Interval::M1, from).await.unwrap(), expected);
    let fives = store.all_candles(Interval::M5, at).await.unwrap();
    assert!(fives.len() == 4 && fives.iter().all(|(_, candles)| *candles == [candle(at, 3)]));
    assert!(store.all_candles(Interval::M5, at + 1).await.unwrap().is_empty());
}
