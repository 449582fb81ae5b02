//! What opens a prediction: a level that rises, and every full hour.

use super::{PredictionKind, PredictionRow};
use crate::domain::moment::MarketTime;
use crate::domain::ranking::{Row, Snapshot};
use crate::domain::time::HOUR_MS;

/// A prediction to be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The pair with its scores.
    pub row: Row,
    /// A sample of the full hour; else the rise to a level.
    pub sample: bool,
    /// The cut, ms UTC.
    pub as_of: MarketTime,
}

impl Opened {
    /// As the ledger keeps it. `arm`: name of an arm in the shadow, whose features stand with what is in force already;
    /// empty for what is in force. `labels`: names of profile and model.
    pub fn prediction(&self, arm: &str, (profile, model): (&str, &str)) -> PredictionRow {
        let a = &self.row.analysis;
        let kind = if self.sample { PredictionKind::Sample } else { PredictionKind::Episode };
        let own = format!("{}-{}-{}-{}", kind.as_str(), self.row.symbol, self.as_of, self.row.level);
        let features = self.row.features.as_deref().filter(|_| arm.is_empty());
        PredictionRow {
            key: if arm.is_empty() { own } else { format!("{arm}/{own}") },
            arm: arm.to_owned(),
            kind,
            symbol: self.row.symbol.clone(),
            opened_at: self.as_of,
            level: self.row.level,
            ladder: self.row.basis(),
            price: a.current_price,
            total_score: a.total_score,
            probability_7_5: a.probability_7_5,
            calibrated_7_5: self.row.calibrated_7_5,
            profile: profile.to_owned(),
            model: model.to_owned(),
            features: features.unwrap_or_default().to_vec(),
        }
    }
}

/// Finds the episodes that a cycle opens, and makes a sample of every pair within the limits at each full hour.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opener {
    as_of: Option<MarketTime>,
}

impl Opener {
    /// What the snapshot opens.
    pub(crate) fn on_snapshot(&mut self, snapshot: &Snapshot) -> Vec<Opened> {
        let as_of = snapshot.as_of;
        let hour = |at: MarketTime| at.index(HOUR_MS);
        // Market time that came down was wrong: no hour has passed by that.
        let before = self.as_of.replace(as_of).filter(|before| *before <= as_of);
        let full_hour = before.map_or_else(|| as_of.starts(HOUR_MS), |before| hour(before) != hour(as_of));
        let mut opened = Vec::new();
        for row in snapshot.candidates() {
            let one = |sample| Opened { row: row.clone(), sample, as_of };
            if row.episode == Some(as_of) {
                opened.push(one(false));
            }
            if full_hour {
                opened.push(one(true));
            }
        }
        opened
    }
}
