//! `GET /api/v1/model`: the model in force, where its calibration stands, and when it was learned last.

use crate::web::api::query;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

/// A period that a model was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TrainedBody {
    /// First moment, ISO, UTC.
    pub from: String,
    /// Last moment.
    pub to: String,
    /// Pairs.
    pub pairs: usize,
    /// Points.
    pub points: usize,
    /// Share of hits, 0-1.
    pub base_rate: f64,
}

/// The calibration as it stood from a moment on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CalibrationVersionBody {
    /// Its number.
    pub version: i64,
    /// From when, ms UTC.
    pub at: i64,
    /// Name of the model.
    pub model: String,
    /// Added to the log odds of low chances.
    pub log_odds: f64,
    /// How far low chances lie apart, against what was trained; 1 leaves them.
    pub slope: f64,
    /// What would be added without bounds and prior.
    pub seen: f64,
    /// Weight of the resolved hours, days.
    pub days: f64,
    /// The market has left what the model was trained on.
    pub drift: bool,
}

/// Learning on a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunBody {
    /// When, ms UTC of the machine; of the first start where it never ran.
    pub at: i64,
    /// `waiting`, `made`, `refused`, `failed`.
    pub result: &'static str,
    /// In words.
    pub detail: String,
}

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
    pub trained_on: Vec<TrainedBody>,
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
    pub calibrations: Vec<CalibrationVersionBody>,
    /// Last training on the ledger; null before the first start of the schedule.
    pub retrain: Option<RunBody>,
    /// Last tuning of the rule.
    pub retune: Option<RunBody>,
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
///
/// # Errors
/// 400 for any parameter, 503 on a read-only node.
#[utoipa::path(get, path = "/api/v1/model", responses((status = 200, body = ModelBody), (status = 503, body = Problem)))]
pub(crate) async fn model(req: HttpRequest, state: Data<WebState>) -> Result<Json<ModelBody>, ApiError> {
    query::parse(req.query_string(), &[])?;
    Ok(Json(body(&state)?))
}
