//! Rows of the history made of what the actors have: pure.

use crate::actors::ports::alerts::Delivery;
use crate::actors::ports::history::{AlertRow, CandleRow, DeliveryRow, HistoryBatch, ScoreRow};
use crate::actors::ports::state::Owed;
use crate::domain::alert::message::AlertCard;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::{Row, Snapshot};
use crate::domain::report::{Level, NotReady, Readiness, Report};
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use std::collections::HashMap;
use std::sync::Arc;

/// The scores of every analyzable pair of a snapshot.
pub fn scores(snapshot: &Snapshot) -> Vec<ScoreRow> {
    let row = |row: &Row, listed| {
        let a = &row.analysis;
        ScoreRow {
            symbol: row.symbol.clone(),
            as_of: snapshot.as_of,
            price: a.current_price,
            volume_24h: a.volume_24h,
            total_score: a.total_score,
            components: a.components,
            probability_7_5: a.probability_7_5,
            calibrated_7_5: row.calibrated_7_5,
            composite_score: a.composite_score,
            level: a.confidence_level,
            level_in_force: Some(row.level),
            listed,
            pause_jump: a.pause_jump,
            indicators: a.indicators,
            factors: a.factors,
        }
    };
    let listed = snapshot.rows.iter().map(|r| row(r, true));
    let others = snapshot.discarded_rows.iter().chain(&snapshot.outside_rows).map(|r| row(r, false));
    let mut scores: Vec<ScoreRow> = listed.chain(others).collect();
    // By pair, as the stores keep them.
    scores.sort_by(|a, b| a.symbol.cmp(&b.symbol));
    scores
}

/// Stored scores of one cut as the snapshot that they were: for replays. Pairs without a row are not analyzable.
pub fn snapshot(cycle: u64, as_of: MarketTime, scores: &[ScoreRow], universe: &[Symbol]) -> Snapshot {
    let analysis = |s: &ScoreRow| crate::domain::report::Analysis {
        timestamp: s.as_of,
        current_price: s.price,
        volume_24h: s.volume_24h,
        total_score: s.total_score,
        components: s.components,
        indicators: s.indicators,
        probability_7_5: s.probability_7_5,
        factors: s.factors,
        composite_score: s.composite_score,
        confidence_level: s.level,
        btc_analyzable: true,
        resistance: None,
        pause_jump: s.pause_jump,
        inputs: crate::domain::inputs::Inputs::default(),
    };
    let by_pair: HashMap<&Symbol, &ScoreRow> = scores.iter().map(|s| (&s.symbol, s)).collect();
    let report = |symbol: &Symbol| {
        let found = by_pair.get(symbol);
        let reason = found.is_none().then_some(NotReady::Gap);
        Report {
            symbol: symbol.clone(),
            readiness: Readiness { reason, data_age_ms: Some(0), ..Readiness::default() },
            analysis: found.map(|s| Arc::new(analysis(s))),
        }
    };
    let reports: Vec<Report> = universe.iter().map(report).collect();
    let (mut rows, mut discarded_rows, mut outside_rows) = (Vec::new(), Vec::new(), Vec::new());
    for report in &reports {
        let (Some(score), Some(analysis)) = (by_pair.get(&report.symbol), &report.analysis) else { continue };
        let level = score.level_in_force.unwrap_or(score.level);
        let row = Row {
            symbol: report.symbol.clone(),
            analysis: Arc::clone(analysis),
            calibrated_7_5: score.calibrated_7_5,
            level,
            level_value: score.calibrated_7_5.unwrap_or(score.total_score),
            episode: None,
            model_inputs: None,
            features: None,
            log_odds: None,
            data_age_ms: 0,
        };
        // Whether a DESCARTADA pair was within the limits is not kept, and nothing depends on it.
        match (score.listed, level) {
            (true, _) => rows.push(row),
            (false, Level::Descartada) => discarded_rows.push(row),
            (false, _) => outside_rows.push(row),
        }
    }
    Snapshot {
        cycle,
        as_of,
        coverage: crate::domain::ranking::Coverage::default(),
        latency_ms: 0.0,
        rows,
        discarded_rows,
        outside_rows,
        reports: Arc::new(reports),
        market_move: None,
        levels: Arc::default(),
    }
}

/// Candles of one pair.
pub fn candles(symbol: &Symbol, interval: Interval, candles: Vec<Candle>) -> Vec<CandleRow> {
    let row = |candle| CandleRow { symbol: symbol.clone(), interval, candle };
    candles.into_iter().map(row).collect()
}

/// What the state owes the history.
pub(crate) fn owed(owed: Owed) -> HistoryBatch {
    HistoryBatch {
        alerts: alerts(&owed.alerts),
        deliveries: deliveries(&owed.deliveries),
        predictions: owed.predictions,
        outcomes: owed.outcomes,
        ..HistoryBatch::default()
    }
}

fn alerts(cards: &[AlertCard]) -> Vec<AlertRow> {
    let row = |a: &AlertCard| AlertRow {
        id: a.id.clone(),
        symbol: a.symbol.clone(),
        as_of: a.as_of,
        level: a.level,
        payload: serde_json::to_string(a).unwrap_or_default(),
    };
    cards.iter().map(row).collect()
}

/// Deliveries in their newest state.
fn deliveries(changed: &[Delivery]) -> Vec<DeliveryRow> {
    let row = |d: &Delivery| DeliveryRow {
        key: d.key.clone(),
        channel: d.channel.clone(),
        created_at: d.created_at,
        updated_at: d.updated_at,
        state: d.state.as_str().to_owned(),
        attempts: d.attempts,
        reason: d.reason.as_ref().map(|reason| reason.in_english().to_owned()),
    };
    changed.iter().map(row).collect()
}
