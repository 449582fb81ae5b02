//! Scores: round trips, replacement, order.

use super::*;

pub(super) async fn round_trip(store: &dyn HistoryStore, at: MarketTime) {
    let mut rows: Vec<ScoreRow> =
        (0..30).map(|n| score([FAR, "AUSDT", "BUSDT"][n as usize % 3], at + n / 3 * 30_000, n)).collect();
    rows[4].total_score = rows[4].components.rsi + rows[4].components.macd;
    rows[5].composite_score = 0.6 * rows[5].total_score + 0.4 * rows[5].probability_7_5;
    rows[7] = ScoreRow {
        price: 9.3e-6,
        volume_24h: f64::MAX,
        probability_7_5: 100.0 / 3.0,
        calibrated_7_5: Some(0.0),
        components: Components::default(),
        ..rows[7].clone()
    };
    let mut shuffled = rows.clone();
    shuffled.reverse();
    put_scores(store, shuffled).await;
    rows.sort_by(|a, b| a.as_of.cmp(&b.as_of).then_with(|| a.symbol.cmp(&b.symbol)));
    assert_eq!(store.scores(None, span(at, 300_000)).await.unwrap(), rows);
    assert_eq!(store.scores(None, span(at + 30_000, 30_000)).await.unwrap(), rows[3..6]);
    for name in [FAR, "AUSDT"] {
        let of: Vec<ScoreRow> = rows.iter().filter(|r| r.symbol.as_str() == name).cloned().collect();
        let read = async |span| store.scores(Some(&Symbol::new(name)), span).await.unwrap();
        assert_eq!(read(span(at, 300_000)).await, of);
        assert_eq!(read(span(at + 30_000, 60_000)).await, of[1..3]);
        assert_eq!(read(span(at + 1, 270_000)).await, of[1..]);
    }
    assert!(store.scores(Some(&Symbol::new("NONE")), Span::ALL).await.unwrap().is_empty());
    short_indicators(store, at + 1_000_000).await;
}

/// Indicators and factors are kept with 32 bits.
async fn short_indicators(store: &dyn HistoryStore, at: MarketTime) {
    let mut exact = score("SHORTUSDT", at, 3);
    exact.indicators.rsi_14 = 1.0 / 3.0;
    exact.factors.liquidity = 0.1;
    put_scores(store, vec![exact.clone()]).await;
    exact.indicators.rsi_14 = f64::from(1.0_f32 / 3.0);
    exact.factors.liquidity = f64::from(0.1_f32);
    assert_eq!(store.scores(None, span(at, 1)).await.unwrap(), [exact]);
}

pub(super) async fn later_writes_stand(store: &dyn HistoryStore, at: MarketTime) {
    let batch = HistoryBatch {
        scores: vec![score("AUSDT", at, 1), score("BUSDT", at, 2), score("AUSDT", at, 3)],
        ..HistoryBatch::default()
    };
    store.write(batch).await.unwrap();
    assert_eq!(
        store.scores(None, span(at, 1)).await.unwrap(),
        [score("AUSDT", at, 3), score("BUSDT", at, 2)]
    );
    put_scores(store, vec![score("BUSDT", at, 5)]).await;
    assert_eq!(
        store.scores(None, span(at, 1)).await.unwrap(),
        [score("AUSDT", at, 3), score("BUSDT", at, 5)]
    );
}
