//! What is too old goes; hours are made of the minutes that go.

use super::*;
use impulso::domain::time::HOUR_MS;

pub(super) async fn scores_expire(store: &dyn HistoryStore, at: MarketTime) {
    let rows: Vec<ScoreRow> = (0..10).map(|n| score("OLDUSDT", at + n * DAY_MS, n)).collect();
    put_scores(store, rows.clone()).await;
    let keep = Retention { full_scores: after(DAY_MS), scores: after(4 * DAY_MS), ..FOREVER };
    let before = store.scores(None, Span::ALL).await.unwrap().len();
    let removed = store.compact(keep, at + 9 * DAY_MS).await.unwrap();
    let left = store.scores(None, Span::ALL).await.unwrap();
    assert_eq!(left, rows[5..]);
    assert_eq!(removed.scores, (before - left.len()) as u64);
    assert_eq!(store.compact(keep, at + 9 * DAY_MS).await.unwrap(), Default::default());
}

fn keep(candles_ms: i64, hour_candles_ms: i64) -> Retention {
    Retention { candles: after(candles_ms), hour_candles: after(hour_candles_ms), ..FOREVER }
}

/// `count` candles of an interval from `from` on.
fn run(symbol: &str, interval: Interval, from: MarketTime, count: i64, seed: i64) -> Vec<CandleRow> {
    (0..count).map(|n| row(symbol, interval, candle(from + n * interval.ms(), seed + n))).collect()
}

/// One hour of its candles.
fn sum_up(rows: &[CandleRow]) -> Candle {
    let candles: Vec<Candle> = rows.iter().map(|r| r.candle).collect();
    Candle {
        open_time: candles[0].open_time,
        open: candles[0].open,
        high: candles.iter().map(|c| c.high).fold(0.0, f64::max),
        low: candles.iter().map(|c| c.low).fold(f64::MAX, f64::min),
        close: candles[candles.len() - 1].close,
        volume: candles.iter().map(|c| c.volume).sum(),
        quote_volume: candles.iter().map(|c| c.quote_volume).sum(),
        closed: true,
        filled: candles.iter().all(|c| c.filled),
    }
}

pub(super) async fn hours_outlive_minutes(store: &dyn HistoryStore, at: MarketTime) {
    let hour = |n: i64| at + n * HOUR_MS;
    let name = "HOURUSDT";
    let minutes = |n: i64, count: i64| run(name, Interval::M1, hour(n), count, n * 100);
    let fives = |n: i64, count: i64| run(name, Interval::M5, hour(n), count, n * 1_000);
    let quiet: Vec<CandleRow> =
        (0..60).map(|n| row(name, Interval::M1, Candle::flat(hour(5) + n * MINUTE_MS, 3.0))).collect();
    let own = row(name, Interval::H1, candle(hour(4), 77));
    let parts = [
        minutes(0, 60), // whole
        minutes(1, 59), // a minute is missing
        fives(2, 12),   // whole of fives,
        minutes(2, 30), // where minutes are missing
        [minutes(3, 60), fives(3, 12)].concat(),
        [minutes(4, 60), vec![own.clone()]].concat(),
        quiet.clone(),
        minutes(6, 60), // half of it expires
        minutes(7, 60), // stays
    ];
    put_candles(store, parts.concat()).await;
    let now = hour(1_000);
    let short = hour(6) + 30 * MINUTE_MS;
    let keep = keep(now - short, 2_000 * HOUR_MS);
    let symbol = Symbol::new(name);
    let removed = store.compact(keep, now).await.unwrap();
    let hours = vec![
        sum_up(&minutes(0, 60)),
        sum_up(&fives(2, 12)),
        sum_up(&minutes(3, 60)),
        own.candle,
        sum_up(&quiet),
        sum_up(&minutes(6, 60)),
    ];
    assert!(hours[4].filled && !hours[0].filled);
    let read = async |interval| store.candles(&symbol, interval, Span::ALL).await.unwrap();
    assert_eq!(read(Interval::H1).await, hours);
    let left = [minutes(6, 60)[30..].to_vec(), minutes(7, 60)].concat();
    assert_eq!(read(Interval::M1).await, left.iter().map(|r| r.candle).collect::<Vec<_>>());
    assert!(read(Interval::M5).await.is_empty());
    assert!(removed.candles >= 60 * 4 + 59 + 30 + 24 + 30 && removed.scores == 0, "{removed:?}");
    assert_eq!(store.compact(keep, now).await.unwrap(), Default::default());
    assert_eq!(read(Interval::H1).await, hours);
    // What the exchange says of the hour stands above what was made.
    put_candles(store, vec![row(name, Interval::H1, candle(hour(0), 555))]).await;
    put_candles(store, minutes(0, 60)).await;
    assert_eq!(store.compact(keep, now).await.unwrap().candles, 60);
    assert_eq!(read(Interval::H1).await[0], candle(hour(0), 555));
    assert_eq!(read(Interval::H1).await[1..], hours[1..]);
}

pub(super) async fn imported_ranges_stay(store: &dyn HistoryStore, at: MarketTime) {
    let (name, interval) = (Symbol::new("IMPORTEDUSDT"), Interval::M1);
    store.compact(keep(0, 0), at).await.unwrap();
    let day = |n: i64| run(name.as_str(), interval, at + n * DAY_MS, 1_440, n);
    let range =
        |first: MarketTime, last: MarketTime| ImportedRow { symbol: name.clone(), interval, first, last };
    // In two parts that touch, out of order, and one of them twice.
    let middle = at + 700 * MINUTE_MS;
    let imported = vec![range(middle, at + DAY_MS - MINUTE_MS), range(at, middle - MINUTE_MS)];
    put(store, HistoryBatch { candles: day(0), imported, ..HistoryBatch::default() }).await;
    put_candles(store, [day(1), day(8)].concat()).await;
    let whole = range(at, at + DAY_MS - MINUTE_MS);
    assert_eq!(store.imported().await.unwrap(), [whole]);
    // Nobody has noted that this was imported, but it lies before the first start.
    let before = run("BEFOREUSDT", interval, at, 100, 3);
    put_candles(store, before.clone()).await;
    let now = at + 9 * DAY_MS;
    let keep = Retention { recorded_from: Some(at + 200 * MINUTE_MS), ..keep(5 * DAY_MS, 300 * DAY_MS) };
    let expiring = store.expiring(keep, now).await.unwrap();
    assert_eq!((expiring, expiring.candles), (store.compact(keep, now).await.unwrap(), 1_440));
    let read = async |symbol: &Symbol, interval| store.candles(symbol, interval, Span::ALL).await.unwrap();
    let candles = |rows: Vec<CandleRow>| rows.into_iter().map(|r| r.candle).collect::<Vec<_>>();
    assert_eq!(read(&name, interval).await, candles([day(0), day(8)].concat()));
    assert_eq!(read(&Symbol::new("BEFOREUSDT"), interval).await, candles(before));
    assert_eq!(read(&name, Interval::H1).await.len(), 24, "of the day that went");
    assert_eq!(store.expiring(keep, now).await.unwrap(), Compacted::default());
    assert_eq!(store.compact(keep, now).await.unwrap(), Compacted::default());
    // By name they go, and what is left of the range stays.
    let cut = Span { from: at + 100 * MINUTE_MS, to: at + 300 * MINUTE_MS };
    assert_eq!(store.remove(&name, interval, cut).await.unwrap(), 200);
    let rest = [range(at, at + 99 * MINUTE_MS), range(at + 300 * MINUTE_MS, at + DAY_MS - MINUTE_MS)];
    assert_eq!(store.imported().await.unwrap(), rest);
    assert_eq!(store.compact(keep, now).await.unwrap(), Compacted::default());
    assert_eq!(store.remove(&name, interval, Span::ALL).await.unwrap(), 1_240 + 1_440);
    assert_eq!(store.imported().await.unwrap(), []);
    assert!(read(&name, interval).await.is_empty());
    assert_eq!(store.remove(&Symbol::new("NOBODYUSDT"), interval, Span::ALL).await.unwrap(), 0);
}

pub(super) async fn as_the_reference(store: &dyn HistoryStore, at: MarketTime) {
    let mut dice = Dice(31);
    let names = ["GONEUSDT", FAR, "ZGONEUSDT"];
    let mut rows = Vec::new();
    for name in names {
        let minutes = run(name, Interval::M1, at, 3 * 1_440, dice.below(1_000));
        rows.extend(minutes.into_iter().filter(|_| dice.below(100) != 0));
        rows.extend(run(name, Interval::M15, at + HOUR_MS, 100, dice.below(1_000)));
        rows.extend(run(name, Interval::H1, at + 7 * HOUR_MS, 40, dice.below(1_000)));
    }
    put_candles(store, rows.clone()).await;
    // Nothing older is left: the numbers are those of these rows.
    store.compact(keep(0, 0), at).await.unwrap();
    for (step, hours) in [(DAY_MS + 17 * MINUTE_MS, 0), (2 * DAY_MS, 8 * HOUR_MS + 1), (4 * DAY_MS, DAY_MS)] {
        let now = at + 10 * DAY_MS;
        let removed = store.compact(keep(now - at - step, now - at - hours), now).await.unwrap();
        let before = rows.len();
        let made = hours_of(&rows, at + hours, at + step);
        let new = made.len();
        rows.extend(made);
        rows.retain(|r| r.candle.open_time >= at + if r.interval == Interval::H1 { hours } else { step });
        assert_eq!(removed.candles as usize, before + new - rows.len());
        for interval in Interval::ALL {
            let mut expected: Vec<(Symbol, Vec<Candle>)> = Vec::new();
            for name in names {
                let of = |r: &&CandleRow| r.symbol.as_str() == name && r.interval == interval;
                let mut candles: Vec<Candle> = rows.iter().filter(of).map(|r| r.candle).collect();
                candles.sort_by_key(|c| c.open_time);
                expected.extend((!candles.is_empty()).then(|| (Symbol::new(name), candles)));
            }
            expected.sort_by(|a, b| a.0.cmp(&b.0));
            assert_eq!(store.all_candles(interval, at - DAY_MS).await.unwrap(), expected, "{interval}");
        }
    }
}

/// Hours that begin from `from` on and before `to`, whose candles of one interval are all there, shortest first.
fn hours_of(rows: &[CandleRow], from: MarketTime, to: MarketTime) -> Vec<CandleRow> {
    let mut made: Vec<CandleRow> = Vec::new();
    let there = |list: &[CandleRow], symbol: &Symbol, hour: MarketTime| {
        list.iter().any(|r| r.interval == Interval::H1 && r.symbol == *symbol && r.candle.open_time == hour)
    };
    for interval in Interval::ALL.into_iter().filter(|i| *i != Interval::H1) {
        let begins = |r: &&CandleRow| {
            let time = r.candle.open_time;
            r.interval == interval && time.starts(HOUR_MS) && time >= from && time < to
        };
        for first in rows.iter().filter(begins) {
            let hour = first.candle.open_time;
            if there(rows, &first.symbol, hour) || there(&made, &first.symbol, hour) {
                continue;
            }
            let within = |r: &&CandleRow| {
                let time = r.candle.open_time;
                r.interval == interval && r.symbol == first.symbol && (hour..hour + HOUR_MS).contains(&time)
            };
            let mut all: Vec<CandleRow> = rows.iter().filter(within).cloned().collect();
            all.sort_by_key(|r| r.candle.open_time);
            if all.len() as i64 * interval.ms() == HOUR_MS {
                made.push(row(first.symbol.as_str(), Interval::H1, sum_up(&all)));
            }
        }
    }
    made
}

pub(super) async fn precious_rows_stay(store: &dyn HistoryStore) {
    let none = Retention {
        full_scores: after(0),
        scores: after(0),
        candles: after(0),
        hour_candles: after(0),
        ..FOREVER
    };
    let before = store.stats().await.unwrap();
    store.compact(none, BASE + 1_000 * DAY_MS).await.unwrap();
    store.vacuum().await.unwrap();
    let after = store.stats().await.unwrap();
    assert_eq!(after.tables[2..], before.tables[2..]);
    assert!(after.tables[..2].iter().all(|t| t.rows == 0 && t.from.is_none() && t.to.is_none()));
}
