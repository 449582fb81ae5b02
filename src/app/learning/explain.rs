//! Why a pair has its chance, from the newest snapshot and the model in force.

use crate::actors::common::Common;
use crate::actors::ports::state::OperationalState;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::ModelInputs;
use crate::learning::scorer::Scorer;
use crate::web::model_in_force::ExplanationBody;
use crate::web::model_in_force::{Explainer, ModelTeller};
use crate::web::model_in_force::{ModelBody, ModelInForceBody};
use std::sync::Arc;

/// Explains from what the actors share.
pub(crate) fn explainer(common: Common) -> Explainer {
    Arc::new(move |symbol| {
        let published = common.view.published()?;
        let snapshot = &published.snapshot;
        let row = snapshot.row(symbol)?;
        let features = row.features.as_ref()?;
        // Held for one row alone: a cycle waits for it.
        let mut scorer = common.model.lock();
        let scorer = scorer.as_mut()?;
        let explanation = scorer.explain(snapshot.as_of, features)?;
        let card = &scorer.model().card;
        let (first, last) = (card.trained_on.first(), card.trained_on.last());
        Some(ExplanationBody {
            symbol: row.symbol.clone(),
            as_of: snapshot.as_of.ms(),
            model: card.name.clone(),
            trained_from: first.map(|first| first.from.clone()),
            trained_to: last.map(|last| last.to.clone()),
            calibrated_7_5: row.calibrated_7_5?,
            model_inputs: row.model_inputs.unwrap_or(ModelInputs::Full),
            explanation,
        })
    })
}

/// Newest versions of the calibration that are told: a day of hourly ones.
const VERSIONS: usize = 24;

/// Tells the model in force from what the actors share and what the state has kept.
pub(crate) fn teller(common: Common, state: Arc<dyn OperationalState>) -> ModelTeller {
    Arc::new(move || {
        let now = common.clocks.now();
        // Let go of before the state is read: cycles wait for the lock, and the disk may be slow.
        let model = common.model.lock().as_mut().map(|scorer| in_force(scorer, now));
        let runs = super::schedule::kept(&*state);
        Ok(ModelBody {
            model,
            calibrations: state.calibrations(VERSIONS)?,
            retrain: runs.retrain,
            retune: runs.retune,
        })
    })
}

fn in_force(scorer: &mut Scorer, now: MarketTime) -> ModelInForceBody {
    let shift = scorer.shift(now);
    let model = scorer.model();
    ModelInForceBody {
        name: model.card.name.clone(),
        target: model.card.target.clone(),
        features: model.features.len(),
        trees: model.boosted.trees.len(),
        trained_on: model.card.trained_on.clone(),
        shift_log_odds: shift.log_odds,
        slope: shift.slope,
        shift_seen: shift.seen,
        resolved_days: shift.days,
        drift: shift.drift,
    }
}
