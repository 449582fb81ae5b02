//! `GET /api/v1/symbols` and `GET /api/v1/symbols/{symbol}`.

use crate::actors::view::Published;
use crate::domain::ranking::ModelInputs;
use crate::domain::report::{Analysis, Level, NotReady, Report};
use crate::web::api::dto::{NotListed, ReadinessBody, RowBody, SymbolBody, SymbolDetail};
use crate::web::api::query;
use crate::web::config::{ListingLimits, WebState};
use crate::web::problem::{ApiError, Cause, Problem};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};

/// All pairs with their readiness, or a page of them.
///
/// # Errors
/// 400 for a wrong parameter.
#[utoipa::path(get, path = "/api/v1/symbols",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "all without it"),
        ("offset" = Option<u64>, Query, minimum = 0, maximum = 4294967295_u64, description = "pairs passed over")),
    responses((status = 200, body = Vec<SymbolBody>, headers(
            ("X-Total-Count" = u64, description = "pairs in all"),
            ("Link" = String, description = "rel=next: the next page"))),
        (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn symbols(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    let map = query::parse(req.query_string(), &["limit", "offset"])?;
    let reports = state.handles.view.reports();
    let limit = query::limit(map.get("limit"))?.unwrap_or(usize::MAX);
    let offset = query::offset(map.get("offset"))?;
    let page: Vec<SymbolBody> = reports.iter().skip(offset).take(limit).map(SymbolBody::from).collect();
    let mut answer = HttpResponse::Ok();
    answer.insert_header((query::TOTAL, reports.len()));
    let end = offset.saturating_add(page.len());
    if !page.is_empty() && end < reports.len() {
        answer.insert_header(query::next(&req, &map, &[("offset", &end.to_string())]));
    }
    Ok(answer.json(page))
}

fn missed(reason: &'static str, what: &str, limit: f64, value: f64) -> NotListed {
    let detail = format!("{what}: it is {value}, the limit is {limit}");
    NotListed { reason, detail, limit: Some(limit), value: Some(value) }
}

fn by_scores(a: &Analysis, limits: &ListingLimits) -> Option<NotListed> {
    if a.volume_24h < limits.min_volume_24h {
        let what = "its 24 h volume in USDT is too small";
        return Some(missed("min_volume_24h", what, limits.min_volume_24h, a.volume_24h));
    }
    if a.current_price < limits.min_price {
        return Some(missed("min_price", "its price is too low", limits.min_price, a.current_price));
    }
    if a.current_price > limits.max_price {
        return Some(missed("max_price", "its price is too high", limits.max_price, a.current_price));
    }
    (a.confidence_level == Level::Descartada).then(|| {
        missed("discarded", "its momentum score is below the level BAJA", limits.min_score, a.total_score)
    })
}

/// Why a pair is not in the ranking, by its own values; `None` when it is.
pub(crate) fn not_listed(report: &Report, limits: &ListingLimits) -> Option<NotListed> {
    match &report.analysis {
        Some(analysis) => by_scores(analysis, limits),
        None => Some(NotListed {
            reason: "not_analyzable",
            detail: format!(
                "it cannot be analysed: {}; {} of {} candles",
                report.readiness.reason.map_or("no scores", NotReady::as_str),
                report.readiness.ready_candles,
                report.readiness.needed_candles
            ),
            limit: None,
            value: None,
        }),
    }
}

/// One pair, listed or not.
///
/// # Errors
/// 400 for any query parameter, 404 for an unknown pair, 503 when the pair does not answer.
#[utoipa::path(get, path = "/api/v1/symbols/{symbol}", params(("symbol" = String, Path)),
    responses((status = 200, body = SymbolDetail),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn symbol(
    req: HttpRequest,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<Json<SymbolDetail>, ApiError> {
    query::parse(req.query_string(), &[])?;
    let queries = &state.handles.queries;
    if !queries.knows(&path) {
        return Err(Cause::UnknownSymbol { name: path.into_inner() }.into());
    }
    let report = queries.report(&path).await.ok_or_else(|| Cause::NoAnswer { symbol: path.to_string() })?;
    let published = state.handles.view.published();
    Ok(Json(detail(&report, published.as_deref(), &state.limits())))
}

/// All that is known of one pair.
pub(crate) fn detail(report: &Report, published: Option<&Published>, limits: &ListingLimits) -> SymbolDetail {
    let row = published.and_then(|p| p.snapshot.candidate(report.symbol.as_str()));
    let (calibrated, alert) = row.map_or((None, None), |r| (r.calibrated_7_5, r.alert_level));
    let inputs = row.and_then(|r| r.model_inputs).map(ModelInputs::as_str);
    let line = SymbolBody::from(report);
    let not_listed = not_listed(report, limits);
    SymbolDetail {
        row: report
            .analysis
            .as_ref()
            .map(|a| {
                RowBody { model_inputs: inputs, ..RowBody::new(&line.symbol, a, calibrated, alert) }.into()
            })
            .unwrap_or_default(),
        indicators: report.analysis.as_ref().map(|a| a.indicators.into()),
        readiness: ReadinessBody {
            state: line.state,
            reason: line.reason,
            ready_candles: line.ready_candles,
            needed_candles: line.needed_candles,
        },
        symbol: line.symbol,
        data_age_ms: line.data_age_ms,
        listed: not_listed.is_none(),
        not_listed,
    }
}
