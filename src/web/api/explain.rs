//! `GET /api/v1/symbols/{symbol}/explanation`: why the model gives a pair its chance.

use crate::web::config::WebState;
use crate::web::model_in_force::ExplanationBody;
use crate::web::problem::{ApiError, Cause};
use crate::web::query::{NoParams, Params};
use actix_web::web::{Data, Json, Path};

/// Why a pair has its chance; 404 for one without: no model, not analyzable, or outside the price and volume limits.
#[utoipa::path(get, path = "/api/v1/symbols/{symbol}/explanation", params(("symbol" = String, Path)),
    responses((status = 200, body = ExplanationBody)))]
pub(crate) async fn explanation(
    _: Params<NoParams>,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<Json<ExplanationBody>, ApiError> {
    if !state.handles.queries.knows(&path) {
        return Err(Cause::UnknownSymbol { name: path.into_inner() }.into());
    }
    let explained = state.handles.explained(&path);
    explained.map(Json).ok_or_else(|| Cause::NoChance { name: path.into_inner() }.into())
}
