//! Older scores: the first of each pair and 5 minutes, and every change of level.

use super::*;

const SLOT: i64 = 5 * MINUTE_MS;

/// What stays of rows in order of time.
fn reference(rows: &[ScoreRow], before: MarketTime) -> Vec<ScoreRow> {
    let mut kept: Vec<ScoreRow> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let former = rows[..at].iter().rev().find(|r| r.symbol == row.symbol);
        let stays = row.as_of >= before
            || former.is_none_or(|former| {
                former.as_of.index(SLOT) != row.as_of.index(SLOT)
                    || (former.level, former.level_in_force) != (row.level, row.level_in_force)
            });
        if stays {
            kept.push(row.clone());
        }
    }
    kept
}

fn keep(full_scores_ms: i64) -> Retention {
    Retention { full_scores: after(full_scores_ms), ..FOREVER }
}

/// Cuts of three pairs, now and then without one, with levels that seldom change.
fn cuts(at: MarketTime, count: i64) -> Vec<ScoreRow> {
    let mut dice = Dice(23);
    let mut state = [(Level::Baja, None); 3];
    let mut rows = Vec::new();
    for n in 0..count {
        for (pair, name) in ["AUSDT", "ZUSDT", FAR].into_iter().enumerate() {
            match dice.below(30) {
                0 => state[pair].0 = Level::LISTED[dice.below(4) as usize],
                1 => state[pair].1 = [None, Some(Level::Alta), Some(Level::Fuerte)][dice.below(3) as usize],
                2 => continue,
                _ => {}
            }
            let (level, level_in_force) = state[pair];
            rows.push(ScoreRow { level, level_in_force, ..score(name, at + n * 30_000 + 7, n) });
        }
    }
    rows
}

pub(super) async fn as_the_reference(store: &dyn HistoryStore, at: MarketTime) {
    // Everything older is thinned before, so that the numbers are those of these rows.
    store.compact(keep(0), at).await.unwrap();
    let rows = cuts(at, 300);
    put_scores(store, rows.clone()).await;
    let now = at + DAY_MS;
    let span = span(at, DAY_MS);
    assert_eq!(store.compact(keep(DAY_MS), now).await.unwrap(), Default::default());
    let (mut left, mut furthest) = (rows.len(), at);
    for before in [at + 17 * MINUTE_MS, at + 18 * MINUTE_MS, at + 2 * SLOT, at + 101 * MINUTE_MS] {
        let removed = store.compact(keep(now - before), now).await.unwrap();
        furthest = furthest.max(before);
        let expected = reference(&rows, furthest);
        assert_eq!(store.scores(None, span).await.unwrap(), expected);
        assert_eq!((removed.scores, removed.candles), ((left - expected.len()) as u64, 0));
        left = expected.len();
        assert_eq!(store.compact(keep(now - before), now).await.unwrap(), Default::default());
        assert_eq!(store.scores(None, span).await.unwrap(), expected);
        let far = Symbol::new(FAR);
        let of: Vec<ScoreRow> = expected.into_iter().filter(|r| r.symbol == far).collect();
        assert_eq!(store.scores(Some(&far), span).await.unwrap(), of);
    }
    assert!(left < rows.len() / 2, "{left}");
}

pub(super) async fn late_rows_are_thinned_too(store: &dyn HistoryStore, at: MarketTime) {
    let rows = cuts(at, 60);
    put_scores(store, rows.clone()).await;
    let now = at + DAY_MS;
    store.compact(keep(0), now).await.unwrap();
    let mut current = reference(&rows, now);
    let read = async || store.scores(None, span(at, DAY_MS)).await.unwrap();
    assert_eq!(read().await, current);
    // Over rows that stayed, over rows that went, and of a pair that was not there.
    let mut late: Vec<ScoreRow> =
        vec![current[0].clone(), current[7].clone(), rows[1].clone(), rows[20].clone()];
    late.push(score("NEWUSDT", at + 31_000, 4));
    late.push(score("NEWUSDT", at + 32_000, 4));
    for row in &mut late {
        row.price += 1.0;
        current.retain(|r| (r.as_of, &r.symbol) != (row.as_of, &row.symbol));
        current.push(row.clone());
    }
    put_scores(store, late).await;
    current.sort_by(|a, b| a.as_of.cmp(&b.as_of).then_with(|| a.symbol.cmp(&b.symbol)));
    assert_eq!(read().await, current);
    let expected = reference(&current, now);
    let removed = store.compact(keep(0), now).await.unwrap();
    assert_eq!(read().await, expected);
    assert_eq!(removed.scores, (current.len() - expected.len()) as u64);
    assert_eq!(store.compact(keep(0), now).await.unwrap(), Default::default());
}
