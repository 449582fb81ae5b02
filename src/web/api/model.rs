//! `GET /api/v1/model`: the model in force, where its calibration stands, and when it was learned last.

use crate::actors::ports::experiment::{Calibration, Run};
use crate::learning::model::TrainedOn;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::{NoParams, Params};
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

/// The model in force.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ModelInForceBody {
    /// Its name.
    pub name: String,
    /// What it predicts.
    pub target: String,
    /// Features.
    pub features: usize,
    /// Trees.
    pub trees: usize,
    /// What it was trained on.
    pub trained_on: Vec<TrainedOn>,
    /// Added to the log odds of low chances now.
    pub shift_log_odds: f64,
    /// How far low chances lie apart now, against what was trained; 1 leaves them.
    pub slope: f64,
    /// What would be added without bounds and prior.
    pub shift_seen: f64,
    /// Weight of the resolved hours behind it, days; 0 while the calibration is as trained.
    pub resolved_days: f64,
    /// The market has left what the model was trained on.
    pub drift: bool,
}

/// The learned chance.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ModelBody {
    /// The model in force; null where the rule decides alone.
    pub model: Option<ModelInForceBody>,
    /// Newest versions of the calibration, newest first.
    pub calibrations: Vec<Calibration>,
    /// Last training on the ledger; null before the first start of the schedule.
    pub retrain: Option<Run>,
    /// Last tuning of the rule.
    pub retune: Option<Run>,
}

/// The answer, or why there is none.
pub(crate) fn body(state: &WebState) -> Result<ModelBody, ApiError> {
    let Some(tell) = &state.handles.model else {
        return Err(Cause::ReadOnlyModel.into());
    };
    tell().map_err(|error| {
        tracing::warn!(%error, "the calibrations cannot be read");
        Cause::State.into()
    })
}

/// The model in force, its calibration and its versions, and when it was learned last.
#[utoipa::path(get, path = "/api/v1/model", responses((status = 200, body = ModelBody), (status = 503, body = Problem)))]
pub(crate) async fn model(_: Params<NoParams>, state: Data<WebState>) -> Result<Json<ModelBody>, ApiError> {
    Ok(Json(body(&state)?))
}
