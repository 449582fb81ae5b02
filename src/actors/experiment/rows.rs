//! Between the ledger's rows and what the shadow_arms of arms works with.

use crate::actors::ports::history::{OutcomeRow, PredictionKind, PredictionRow};
use crate::learning::arms::shadow::{Remembered, Shadow};

/// A shadow's row in the ledger. Features stand with the sample of what is in force alone.
pub(super) fn prediction(shadow: Shadow) -> PredictionRow {
    let Shadow { arm, profile, model, opened } = shadow;
    let a = &opened.row.analysis;
    PredictionRow {
        key: opened.key(&arm),
        arm,
        kind: if opened.sample { PredictionKind::Sample } else { PredictionKind::Episode },
        symbol: opened.row.symbol.clone(),
        opened_at: opened.as_of,
        level: opened.level,
        ladder: opened.ladder,
        price: a.current_price,
        total_score: a.total_score,
        probability_7_5: a.probability_7_5,
        calibrated_7_5: opened.row.calibrated_7_5,
        profile,
        model,
        features: Vec::new(),
    }
}

/// What the shadow_arms wants to know of the ledger's rows; alerts are episodes already.
pub(super) fn remembered(rows: Vec<(PredictionRow, Option<OutcomeRow>)>) -> Vec<Remembered> {
    let own = rows.into_iter().filter(|(p, _)| p.kind != PredictionKind::Alert);
    own.map(|(p, outcome)| {
        let closed = outcome.filter(|o| o.void.is_some() || o.hit_24h.is_some());
        Remembered {
            said: p.calibrated_7_5.unwrap_or(p.probability_7_5) / 100.0,
            sample: p.kind == PredictionKind::Sample,
            outcome: closed.map(|o| o.hit_24h.filter(|_| o.void.is_none())),
            key: p.key,
            arm: p.arm,
            profile: p.profile,
            model: p.model,
            symbol: p.symbol,
            at: p.opened_at,
            level: p.level,
            features: p.features,
        }
    })
    .collect()
}
