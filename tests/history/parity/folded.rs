//! Sums of the ledger: the same from rows, from what is kept beside them and from what is kept in their place.

use super::judged::prediction;
use super::*;
use impulso::actors::ports::history::{
    JudgedRow, LedgerDay, LedgerRow, OutcomeRow, PredictionKind, PredictionRow,
};
use impulso::domain::time::HOUR_MS;
use impulso::learning::evaluation::tally::Tally;

const DAYS: i64 = 4;

fn keep(days: i64) -> Retention {
    Retention { predictions: after(days * DAY_MS), ..FOREVER }
}

fn opened(dice: &mut Dice, at: MarketTime, n: i64) -> PredictionRow {
    let kind = PredictionKind::ALL[dice.below(3) as usize];
    let opened_at = at + dice.below(DAYS * 24) * HOUR_MS + dice.below(2) * dice.below(HOUR_MS);
    let level = Level::LISTED[dice.below(Level::LISTED.len() as i64) as usize];
    let chance = |dice: &mut Dice| dice.below(100_001) as f64 / 1_000.0 + 1.0 / 3.0;
    PredictionRow {
        key: format!("{}-F{n}USDT-{opened_at}-{level}", kind.as_str()),
        level,
        probability_7_5: chance(dice),
        calibrated_7_5: (dice.below(3) > 0).then(|| chance(dice)),
        ..prediction(kind, &format!("F{n}USDT"), opened_at)
    }
}

/// In any state of judgement; `n` of four is final.
fn came(dice: &mut Dice, p: &PredictionRow, finally: i64) -> Option<OutcomeRow> {
    let hit = (dice.below(4) < finally).then(|| dice.below(3) == 0);
    let void = hit.is_some() && dice.below(5) == 0;
    let minutes = hit.filter(|hit| *hit && !void).map(|_| 1 + dice.below(1_440) as u32);
    if hit.is_none() && dice.below(2) == 0 {
        return None;
    }
    Some(OutcomeRow {
        key: p.key.clone(),
        symbol: p.symbol.clone(),
        opened_at: p.opened_at,
        resolved_at: p.opened_at + if hit.is_some() { DAY_MS } else { 4 * HOUR_MS },
        hit_4h: (!void).then(|| minutes.is_some_and(|m| m <= 240)),
        hit_24h: hit.filter(|_| !void),
        minutes_to_hit: minutes,
        greatest_rise_pct: dice.below(1_000_000) as f64 / 70_001.0,
        deepest_fall_pct: -dice.below(1_000_000) as f64 / 70_001.0,
        void: void.then(|| "delisted".to_owned()),
    })
}

fn sums<'a>(rows: impl IntoIterator<Item = &'a LedgerRow>) -> Tally {
    let rows: Vec<JudgedRow> = rows.into_iter().map(JudgedRow::from).collect();
    rows.iter().collect()
}

fn is_final((_, outcome): &&LedgerRow) -> bool {
    outcome.as_ref().is_some_and(|o| o.void.is_some() || o.hit_24h.is_some())
}

async fn write(store: &dyn HistoryStore, rows: &[LedgerRow]) {
    let predictions = rows.iter().map(|(p, _)| p.clone()).collect();
    let outcomes = rows.iter().filter_map(|(_, o)| o.clone()).collect();
    put(store, HistoryBatch { predictions, outcomes, ..HistoryBatch::default() }).await;
}

/// Every day's sums are those of `rows`.
async fn same(store: &dyn HistoryStore, at: MarketTime, rows: &[LedgerRow], when: &str) {
    for day in (0..DAYS).map(|day| at + day * DAY_MS) {
        let own = rows.iter().filter(|(p, _)| (day..day + DAY_MS).contains(&p.opened_at));
        assert_eq!(store.tally(day).await.unwrap(), sums(own), "{when}, the day {}", (day - at) / DAY_MS);
    }
}

pub(super) async fn as_the_rows(store: &dyn HistoryStore, at: MarketTime) {
    let mut dice = Dice(26);
    let mut rows: Vec<LedgerRow> = Vec::new();
    for n in 0..400 {
        let p = opened(&mut dice, at, n);
        rows.push((p.clone(), came(&mut dice, &p, 3)));
    }
    // A day on which everything is judged, whose sums are kept beside its rows.
    for (p, outcome) in rows.iter_mut().filter(|(p, _)| p.opened_at < at + DAY_MS) {
        *outcome = came(&mut dice, p, 4);
    }
    let arm = PredictionRow { arm: "uno".to_owned(), key: "uno/fold".to_owned(), ..rows[0].0.clone() };
    let shadow = vec![(arm.clone(), came(&mut dice, &arm, 4))];
    write(store, &rows).await;
    write(store, &shadow).await;
    same(store, at, &rows, "as rows").await;
    store.compact(FOREVER, at + 20 * DAY_MS).await.unwrap();
    same(store, at, &rows, "summed up").await;

    // What comes late to a day that is summed up counts.
    let late = opened(&mut dice, at - (DAYS - 1) * DAY_MS, 1_000);
    let late = PredictionRow { opened_at: at + late.opened_at.past(DAY_MS), ..late };
    rows.push((late, None));
    write(store, &rows[400..]).await;
    same(store, at, &rows, "one more").await;
    store.compact(FOREVER, at + 20 * DAY_MS).await.unwrap();
    rows[400].1 = came(&mut dice, &rows[400].0, 4);
    write(store, &rows[400..]).await;
    same(store, at, &rows, "judged late").await;

    // Days leave one after the other, at any moment of the day.
    for day in 0..=DAYS {
        let now = at + (10 + day) * DAY_MS + dice.below(DAY_MS);
        let expected = store.expiring(keep(10), now).await.unwrap();
        let done = store.compact(keep(10), now).await.unwrap();
        assert_eq!(done.predictions, expected.predictions);
        same(store, at, &rows, "folded").await;
        let there = store.predictions(None, span(at, DAYS * DAY_MS)).await.unwrap();
        let old = |row: &&LedgerRow| row.0.opened_at < at + day * DAY_MS;
        assert!(!there.iter().any(|row| old(&row) && is_final(&row)), "none that is judged");
        assert_eq!(there.len(), rows.iter().filter(|row| !old(row) || !is_final(row)).count(), "all others");
        assert_eq!(store.folded(span(at, DAYS * DAY_MS)).await.unwrap().len() as i64, day);
    }
    let end = at + 30 * DAY_MS;
    // Rows that a fold has counted and not yet deleted, and those that come once more: counted once.
    write(store, &rows).await;
    same(store, at, &rows, "given again").await;
    store.compact(keep(10), end).await.unwrap();
    same(store, at, &rows, "folded again").await;
    let there = store.predictions(None, span(at, DAYS * DAY_MS)).await.unwrap();
    assert!(there.iter().all(|row| !is_final(&row)), "they are gone again");

    // Those that were open are judged at last.
    for (p, outcome) in rows.iter_mut().filter(|row| !is_final(&&**row)) {
        *outcome = came(&mut dice, p, 4);
    }
    write(store, &rows).await;
    same(store, at, &rows, "all judged").await;
    store.compact(keep(10), end).await.unwrap();
    same(store, at, &rows, "all folded").await;
    assert_eq!(store.predictions(None, span(at, DAYS * DAY_MS)).await.unwrap(), []);
    assert_eq!(store.shadow_predictions(span(at, DAYS * DAY_MS)).await.unwrap(), shadow, "an arm's stay");
}

/// Folded days of another store count where nothing else is known of them.
pub(super) async fn adopted_once(store: &dyn HistoryStore, at: MarketTime) {
    let mut dice = Dice(27);
    let mut rows: Vec<LedgerRow> = (0..50).map(|n| (opened(&mut dice, at, n), None)).collect();
    rows.iter_mut().for_each(|(p, outcome)| *outcome = came(&mut dice, p, 4));
    let day = |n: i64| LedgerDay { day: at + n * DAY_MS, sums: sums(&rows) };
    let known = rows.iter().filter(|(p, _)| p.opened_at < at + DAY_MS).cloned().collect::<Vec<_>>();
    write(store, &known).await;
    let batch = HistoryBatch { ledger_days: vec![day(0), day(1)], ..HistoryBatch::default() };
    put(store, batch.clone()).await;
    assert_eq!(store.folded(span(at, 9 * DAY_MS)).await.unwrap(), [day(1)]);
    assert_eq!(store.tally(at).await.unwrap(), sums(&known));
    store.compact(keep(10), at + 30 * DAY_MS).await.unwrap();
    put(store, batch).await;
    assert_eq!(store.tally(at).await.unwrap(), sums(&known));
    assert_eq!(store.tally(at + DAY_MS).await.unwrap(), sums(&rows));
}
