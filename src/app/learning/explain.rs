//! Why a pair has its chance, from the newest snapshot and the model in force.

use crate::actors::wiring::Wiring;
use crate::domain::ranking::ModelInputs;
use crate::web::api::explain::Explained;
use crate::web::config::Explainer;
use std::sync::Arc;

/// Explains from what the actors share.
#[must_use]
pub fn explainer(wiring: Arc<Wiring>) -> Explainer {
    Arc::new(move |symbol| {
        let published = wiring.view.published()?;
        let snapshot = &published.snapshot;
        let row = snapshot.candidate(symbol)?;
        let features = row.features.as_ref()?;
        let mut scorer = wiring.scorer();
        let scorer = scorer.as_mut()?;
        let explanation = scorer.explain(snapshot.as_of, features)?;
        let card = &scorer.model().card;
        let (first, last) = (card.trained_on.first(), card.trained_on.last());
        Some(Explained {
            as_of: snapshot.as_of,
            model: card.name.clone(),
            trained: first.zip(last).map(|(first, last)| (first.from.clone(), last.to.clone())),
            calibrated_7_5: row.calibrated_7_5?,
            model_inputs: row.model_inputs.map_or("full", ModelInputs::as_str),
            explanation,
        })
    })
}
