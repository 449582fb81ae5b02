//! Predictions and outcomes.

use super::*;
use impulso::actors::ports::history::{LedgerPage, OutcomeRow, PredictionKind, PredictionRow};
use impulso::domain::level_rules::LevelBasis;

pub(super) fn prediction(kind: PredictionKind, symbol: &str, opened_at: MarketTime) -> PredictionRow {
    PredictionRow {
        arm: String::new(),
        key: format!("{}-{symbol}-{opened_at}-ALTA", kind.as_str()),
        kind,
        symbol: Symbol::new(symbol),
        opened_at,
        level: Level::Alta,
        ladder: LevelBasis::Calibrated,
        price: 0.000_009_3,
        total_score: 66.666_666_666_666_67,
        probability_7_5: 12.34,
        calibrated_7_5: Some(1.0 / 3.0),
        profile: "por defecto \"1\"".to_owned(),
        model: "impulso-model v2".to_owned(),
        features: vec![0.1, -1.5e-30, f32::MAX, f32::MIN_POSITIVE, 0.0],
    }
}

pub(super) fn outcome(of: &PredictionRow, resolved_at: MarketTime) -> OutcomeRow {
    OutcomeRow {
        key: of.key.clone(),
        symbol: of.symbol.clone(),
        opened_at: of.opened_at,
        resolved_at,
        hit_4h: Some(false),
        hit_24h: Some(true),
        minutes_to_hit: Some(1_439),
        greatest_rise_pct: 7.500_000_000_000_001,
        deepest_fall_pct: -12.345_678_901_234_567,
        void: None,
    }
}

pub(super) async fn the_later_prediction_of_a_key_stands(store: &dyn HistoryStore, at: MarketTime) {
    let plain = PredictionRow {
        level: Level::Descartada,
        ladder: LevelBasis::Rule,
        calibrated_7_5: None,
        model: String::new(),
        features: Vec::new(),
        ..prediction(PredictionKind::Sample, FAR, at)
    };
    let rows = vec![
        prediction(PredictionKind::Alert, "AUSDT", at),
        prediction(PredictionKind::Episode, "AUSDT", at),
        plain,
        prediction(PredictionKind::Sample, "AUSDT", at + 1),
    ];
    let mut shuffled = rows.clone();
    shuffled.rotate_left(2);
    let shadow = PredictionRow {
        arm: "brazo uno".to_owned(),
        key: "brazo uno/sample".to_owned(),
        ..prediction(PredictionKind::Sample, "AUSDT", at)
    };
    shuffled.push(shadow.clone());
    // Made of a market time that was wrong: these moments come once more.
    let former = rows.iter().map(|r| PredictionRow { price: 1.0, features: vec![1.0], ..r.clone() });
    put(store, HistoryBatch { predictions: former.collect(), ..HistoryBatch::default() }).await;
    put(store, HistoryBatch { predictions: shuffled, ..HistoryBatch::default() }).await;
    let open: Vec<_> = rows.iter().map(|r| (r.clone(), None)).collect();
    assert_eq!(store.predictions(None, span(at, 2)).await.unwrap(), open);
    assert_eq!(store.predictions(None, span(at, 1)).await.unwrap(), open[..3]);
    assert_eq!(store.predictions(None, span(at + 1, 1)).await.unwrap(), open[3..]);
    let sample = Some(PredictionKind::Sample);
    assert_eq!(store.predictions(sample, span(at, 2)).await.unwrap(), open[2..]);
    let alert = Some(PredictionKind::Alert);
    assert_eq!(store.predictions(alert, span(at, 2)).await.unwrap(), open[..1]);
    assert_eq!(store.shadow_predictions(span(at, 2)).await.unwrap(), [(shadow, None)], "kept apart");
    // Newest first, without features.
    let bare = |n: usize| (PredictionRow { features: Vec::new(), ..rows[n].clone() }, None);
    let page = async |kinds: &[PredictionKind], symbol: Option<&str>, before: (MarketTime, &str), limit| {
        let symbol = symbol.map(Symbol::new);
        let before = (before.0, before.1.to_owned());
        store.ledger_page(LedgerPage { kinds: kinds.to_vec(), symbol, before, limit }).await.unwrap()
    };
    let end = (at + 2, "");
    let newest: Vec<_> = [3, 2, 1, 0].map(bare).into_iter().filter(|(p, _)| p.opened_at >= at).collect();
    assert_eq!(page(&[], None, end, 4).await, newest);
    assert_eq!(page(&[], None, end, 2).await, newest[..2]);
    assert_eq!(page(&[], None, (at, &rows[2].key), 2).await, newest[2..]);
    assert_eq!(page(&[PredictionKind::Alert, PredictionKind::Alert], None, end, 1).await, newest[3..]);
    assert_eq!(page(&[PredictionKind::Sample], Some("AUSDT"), end, 1).await, newest[..1]);
}

pub(super) async fn newest_outcomes_stand(store: &dyn HistoryStore, at: MarketTime) {
    let rows = store.predictions(None, span(at, 2)).await.unwrap();
    let of = |n: usize| &rows[n].0;
    let open = OutcomeRow { hit_4h: None, hit_24h: None, minutes_to_hit: None, ..outcome(of(0), at + 10) };
    let closed = outcome(of(0), at + 20);
    let void = OutcomeRow {
        hit_4h: None,
        hit_24h: None,
        minutes_to_hit: None,
        greatest_rise_pct: 0.0,
        void: Some("delisted\nwithin 'the' \"day\"".to_owned()),
        ..outcome(of(2), at + 30)
    };
    let put = async |outcomes: Vec<OutcomeRow>| {
        super::put(store, HistoryBatch { outcomes, ..HistoryBatch::default() }).await;
    };
    put(vec![open.clone(), void.clone()]).await;
    let read = async || store.predictions(None, span(at, 2)).await.unwrap();
    assert_eq!(read().await[0].1, Some(open.clone()));
    put(vec![closed.clone()]).await;
    put(vec![open]).await;
    let judged = read().await;
    let outcomes: Vec<_> = judged.iter().map(|(_, outcome)| outcome.clone()).collect();
    assert_eq!(outcomes, [Some(closed), None, Some(void), None]);
    assert!(judged.iter().zip(&rows).all(|(a, b)| a.0 == b.0));
}

/// Shadows are forgotten after 150 days, with their outcomes; what was in force is not.
pub(super) async fn shadows_expire(store: &dyn HistoryStore, at: MarketTime) {
    let live = prediction(PredictionKind::Sample, "AUSDT", at);
    let shadow = PredictionRow { arm: "uno".to_owned(), key: "uno/sample".to_owned(), ..live.clone() };
    let outcomes = vec![outcome(&live, at + DAY_MS), outcome(&shadow, at + DAY_MS)];
    let predictions = vec![live.clone(), shadow.clone()];
    put(store, HistoryBatch { predictions, outcomes: outcomes.clone(), ..HistoryBatch::default() }).await;
    store.compact(FOREVER, at + 149 * DAY_MS).await.unwrap();
    let kept = store.shadow_predictions(span(at, 1)).await.unwrap();
    assert_eq!(kept, [(shadow, Some(outcomes[1].clone()))]);
    store.compact(FOREVER, at + 151 * DAY_MS).await.unwrap();
    assert_eq!(store.shadow_predictions(Span::ALL).await.unwrap(), []);
    let live = [(live, Some(outcomes[0].clone()))];
    assert_eq!(store.predictions(None, span(at, 1)).await.unwrap(), live);
}
