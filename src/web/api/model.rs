//! `GET /api/v1/model`: the model in force, where its calibration stands, and when it was learned last.

use crate::web::config::WebState;
use crate::web::model_in_force::ModelBody;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::{NoParams, Params};
use actix_web::web::{Data, Json};

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
