//! Predictions as rows of the ledger.

use super::Tracker;
use crate::actors::ports::history::{PredictionKind, PredictionRow};
use crate::domain::alert::message::AlertCard;
use crate::domain::prediction::Opened;

impl Tracker {
    pub(super) fn row(&self, opened: &Opened) -> PredictionRow {
        let (a, kind) = (
            &opened.row.analysis,
            if opened.sample { PredictionKind::Sample } else { PredictionKind::Episode },
        );
        PredictionRow {
            arm: String::new(),
            key: opened.key(""),
            kind,
            symbol: opened.row.symbol.clone(),
            opened_at: opened.as_of,
            level: opened.level,
            ladder: opened.ladder,
            price: a.current_price,
            total_score: a.total_score,
            probability_7_5: a.probability_7_5,
            calibrated_7_5: opened.row.calibrated_7_5,
            profile: self.setup.profile.clone(),
            model: self.model(opened.row.calibrated_7_5),
            features: opened.row.features.as_deref().unwrap_or_default().to_vec(),
        }
    }

    /// Name of the model behind a chance; empty for the rule.
    fn model(&self, calibrated: Option<f64>) -> String {
        let scorer = self.wiring.scorer();
        let name = scorer.as_ref().filter(|_| calibrated.is_some()).map(|s| s.model().card.name.clone());
        name.unwrap_or_default()
    }

    pub(super) fn alert_row(&self, alert: &AlertCard) -> PredictionRow {
        let same_cut = self.newest.as_ref().filter(|p| p.snapshot.as_of == alert.as_of);
        let row = same_cut.and_then(|p| p.snapshot.candidate(alert.symbol.as_str()));
        let features = row.and_then(|r| r.features.as_deref());
        PredictionRow {
            arm: String::new(),
            key: format!("{}-{}", PredictionKind::Alert.as_str(), alert.id),
            kind: PredictionKind::Alert,
            symbol: alert.symbol.clone(),
            opened_at: alert.as_of,
            level: alert.level,
            ladder: alert.ladder,
            price: alert.price,
            total_score: alert.total_score,
            probability_7_5: alert.probability_7_5,
            calibrated_7_5: alert.calibrated_7_5,
            profile: self.setup.profile.clone(),
            model: self.model(alert.calibrated_7_5),
            features: features.unwrap_or_default().to_vec(),
        }
    }
}
