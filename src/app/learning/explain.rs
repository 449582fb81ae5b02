//! Why a pair has its chance, from the newest snapshot and the model in force.

use crate::actors::common::Common;
use crate::actors::ports::state::OperationalState;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::{ModelInputs, Row, Snapshot};
use crate::learning::calibration::Shift;
use crate::learning::model::Model;
use crate::learning::scorer::{Scorer, explain};
use crate::learning::why::{Average, in_points};
use crate::web::model_in_force::ExplanationBody;
use crate::web::model_in_force::{Explainer, ModelTeller};
use crate::web::model_in_force::{ModelBody, ModelInForceBody};
use parking_lot::Mutex;
use std::sync::Arc;

/// What all pairs of a cut are held against.
struct Cut {
    as_of: MarketTime,
    model: Arc<Model>,
    shift: Shift,
    listed: Average,
}

impl Cut {
    /// Is it of this cut, model and calibration.
    fn is_of(&self, as_of: MarketTime, model: &Arc<Model>, shift: Shift) -> bool {
        self.as_of == as_of && Arc::ptr_eq(&self.model, model) && self.shift == shift
    }

    fn new(snapshot: &Snapshot, model: Arc<Model>, shift: Shift) -> Self {
        let mut listed = Average::default();
        let rows: Vec<&Row> = if snapshot.rows.is_empty() {
            snapshot.analyzable().collect()
        } else {
            snapshot.rows.iter().collect()
        };
        for row in rows {
            let explained = row.features.as_ref().and_then(|features| explain(&model, shift, features));
            if let Some((chance, explained)) = row.calibrated_7_5.zip(explained) {
                listed.add(chance, &explained);
            }
        }
        Self { as_of: snapshot.as_of, model, shift, listed }
    }
}

/// Explains from what the actors share.
pub(crate) fn explainer(common: Common) -> Explainer {
    // A cut's average costs as much as a cycle's chances, and every open page of a pair asks once a cycle.
    let newest: Mutex<Option<Cut>> = Mutex::new(None);
    Arc::new(move |symbol| {
        let published = common.view.published()?;
        let snapshot = &published.snapshot;
        let row = snapshot.row(symbol)?;
        // Let go of before anything is explained: a cycle waits for it.
        let (model, shift) = {
            let mut scorer = common.model.lock();
            let scorer = scorer.as_mut()?;
            (Arc::clone(scorer.model()), scorer.shift(snapshot.as_of))
        };
        let explanation = explain(&model, shift, row.features.as_ref()?)?;
        let calibrated_7_5 = row.calibrated_7_5?;
        let listed = {
            let mut newest = newest.lock();
            let known = newest.take().filter(|cut| cut.is_of(snapshot.as_of, &model, shift));
            newest.insert(known.unwrap_or_else(|| Cut::new(snapshot, Arc::clone(&model), shift))).listed
        };
        let (first, last) = (model.card.trained_on.first(), model.card.trained_on.last());
        Some(ExplanationBody {
            symbol: row.symbol.clone(),
            as_of: snapshot.as_of.ms(),
            model: model.card.name.clone(),
            trained_from: first.map(|first| first.from.clone()),
            trained_to: last.map(|last| last.to.clone()),
            calibrated_7_5,
            model_inputs: row.model_inputs.unwrap_or(ModelInputs::Full),
            points: in_points(calibrated_7_5, &explanation, &listed),
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
        trees: model.trees(),
        trained_on: model.card.trained_on.clone(),
        cases: model.judged_cases(),
        out_of_time: model.card.metrics.iter().filter(|figures| figures.of_whole()).cloned().collect(),
        left_out: model.card.left_out.clone(),
        moves: model.judged_moves(),
        shift_log_odds: shift.log_odds,
        slope: shift.slope,
        shift_seen: shift.seen,
        resolved_days: shift.days,
        drift: shift.drift,
    }
}
