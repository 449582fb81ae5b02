//! `GET /api/v1/symbols/{symbol}/explanation`: why the model gives a pair its chance.

use crate::domain::ranking::ModelInputs;
use crate::domain::symbol::Symbol;
use crate::learning::scorer::Explanation;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause};
use crate::web::query::{NoParams, Params};
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;

/// A chance at the newest cut: start, contributions and shift add up to its log odds.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExplanationBody {
    pub symbol: Symbol,
    /// The cut, ms UTC.
    pub as_of: i64,
    /// Name of the model.
    pub model: String,
    /// First moment it was trained on.
    pub trained_from: Option<String>,
    /// Last moment it was trained on.
    pub trained_to: Option<String>,
    /// The chance, 0-100.
    pub calibrated_7_5: f64,
    pub model_inputs: ModelInputs,
    #[serde(flatten)]
    pub explanation: Explanation,
}

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
