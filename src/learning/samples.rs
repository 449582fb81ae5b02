//! Hourly samples on their way to an outcome: what the adaptation learns from.

use super::model::Model;
use super::scorer::Scorer;
use crate::domain::moment::MarketTime;
use crate::domain::time::DAY_MS;
use std::collections::BTreeMap;

/// A sample that has no outcome by then is forgotten, ms. Outcomes come a day after the cut, and late ones within hours.
const FORGET_MS: i64 = 3 * DAY_MS;

/// Samples without an outcome, by their key in the ledger.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples {
    open: BTreeMap<String, (MarketTime, f64)>,
}

impl Samples {
    /// A sample was opened. One without features (of the rule's days, or of another model) teaches nothing.
    pub(crate) fn opened(&mut self, key: &str, as_of: MarketTime, features: &[f32], model: &Model) {
        if let Some(log_odds) = model.log_odds(features) {
            self.open.insert(key.to_owned(), (as_of, log_odds));
        }
    }

    /// Its outcome is known.
    pub(crate) fn resolved(&mut self, key: &str, hit: bool, scorer: &mut Scorer) {
        if let Some((as_of, log_odds)) = self.open.remove(key) {
            scorer.learn_said(as_of, log_odds, hit);
        }
    }

    /// Forgets what will not be resolved any more.
    pub(crate) fn forget(&mut self, now: MarketTime) {
        self.open.retain(|_, (as_of, _)| now - *as_of < FORGET_MS);
    }
}
