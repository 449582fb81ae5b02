//! `GET /api/v1/symbols/{symbol}/explanation`: why the model gives a pair its chance.

use crate::learning::scorer::Explanation;
use crate::web::api::query;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;

/// What is known of a chance at the newest cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The cut, ms UTC.
    pub as_of: i64,
    /// Name of the model.
    pub model: String,
    /// Training period: first and last moment.
    pub trained: Option<(String, String)>,
    /// The chance, 0-100.
    pub calibrated_7_5: f64,
    /// partial or full.
    pub model_inputs: &'static str,
    /// Its parts.
    pub explanation: Explanation,
}

/// What one feature adds.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ContributionBody {
    /// Its name.
    pub feature: String,
    /// movement, record, trend, breakout, volume, momentum or market.
    pub group: &'static str,
    /// Its value; null when missing.
    pub value: Option<f64>,
    /// What it adds, log odds.
    pub log_odds: f64,
}

/// `GET /api/v1/symbols/{symbol}/explanation`: start, contributions and shift add up to the log odds of the chance.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ExplanationBody {
    /// The pair.
    pub symbol: String,
    /// The cut, ms UTC.
    pub as_of: i64,
    /// Name of the model.
    pub model: String,
    /// First moment it was trained on.
    pub(crate) trained_from: Option<String>,
    /// Last moment it was trained on.
    pub(crate) trained_to: Option<String>,
    /// The chance, 0-100.
    pub calibrated_7_5: f64,
    /// partial or full.
    pub model_inputs: &'static str,
    /// Log odds of a pair that is average in everything.
    pub start: f64,
    /// Features, the strongest first.
    pub contributions: Vec<ContributionBody>,
    /// What the adaptation to the market adds.
    pub shift: f64,
    /// Their sum: ln(p / (1 - p)) of the chance.
    pub log_odds: f64,
}

/// Why a pair has its chance.
///
/// # Errors
/// 400 for any query parameter, 404 for an unknown pair, and for one without a chance: no model, not analyzable, or
/// outside the price and volume limits.
#[utoipa::path(get, path = "/api/v1/symbols/{symbol}/explanation", params(("symbol" = String, Path)),
    responses((status = 200, body = ExplanationBody),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn explanation(
    req: HttpRequest,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<Json<ExplanationBody>, ApiError> {
    query::parse(req.query_string(), &[])?;
    if !state.handles.queries.knows(&path) {
        return Err(Cause::UnknownSymbol { name: path.into_inner() }.into());
    }
    let explained =
        state.handles.explained(&path).ok_or_else(|| Cause::NoChance { name: path.to_string() })?;
    let contribution = |c: crate::learning::scorer::Contribution| ContributionBody {
        feature: c.feature,
        group: c.group,
        value: c.value,
        log_odds: c.log_odds,
    };
    let (from, to) = explained.trained.unzip();
    Ok(Json(ExplanationBody {
        symbol: path.into_inner(),
        as_of: explained.as_of,
        model: explained.model,
        trained_from: from,
        trained_to: to,
        calibrated_7_5: explained.calibrated_7_5,
        model_inputs: explained.model_inputs,
        start: explained.explanation.start,
        shift: explained.explanation.shift,
        log_odds: explained.explanation.log_odds,
        contributions: explained.explanation.contributions.into_iter().map(contribution).collect(),
    }))
}
