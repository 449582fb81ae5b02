//! `GET /api/v1/symbols` and `GET /api/v1/symbols/{symbol}`.

use crate::actors::view::Published;
use crate::domain::level_rules::LevelBasis;
use crate::domain::ranking::{ModelInputs, Row};
use crate::domain::report::{Indicators, Level, NotReady, Readiness, Report};
use crate::domain::symbol::Symbol;
use crate::web::api::ranking::Scores;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::{self, NoParams, Params};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

/// One line of `GET /api/v1/symbols`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SymbolBody {
    pub(crate) symbol: Symbol,
    /// `analyzable` or `not_analyzable`.
    pub(crate) state: &'static str,
    /// Null when analyzable.
    pub(crate) reason: Option<NotReady>,
    /// Market time since the newest news, ms.
    pub(crate) data_age_ms: Option<i64>,
    /// Candles in the window without a gap.
    pub(crate) ready_candles: u32,
    /// Candles that are needed.
    pub(crate) needed_candles: u32,
}

impl From<&Report> for SymbolBody {
    fn from(report: &Report) -> Self {
        let r = &report.readiness;
        Self {
            symbol: report.symbol.clone(),
            state: state(r),
            reason: r.reason,
            data_age_ms: r.data_age_ms,
            ready_candles: r.ready_candles,
            needed_candles: r.needed_candles,
        }
    }
}

const fn state(readiness: &Readiness) -> &'static str {
    if readiness.reason.is_none() { "analyzable" } else { "not_analyzable" }
}

/// How far a pair is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ReadinessBody {
    /// `analyzable` or `not_analyzable`.
    pub(crate) state: &'static str,
    /// Null when analyzable.
    pub(crate) reason: Option<NotReady>,
    /// Candles in the window without a gap.
    pub(crate) ready_candles: u32,
    /// Candles that are needed.
    pub(crate) needed_candles: u32,
}

/// Why a pair is not in the ranking.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct NotListed {
    /// `not_analyzable`, `min_volume_24h`, `min_price`, `max_price`, `no_chance` or `discarded`.
    pub(crate) reason: &'static str,
    /// In words.
    pub(crate) detail: String,
    /// The limit that it misses.
    pub(crate) limit: Option<f64>,
    /// Its value.
    pub(crate) value: Option<f64>,
}

/// `GET /api/v1/symbols/{symbol}`; the score fields stand only when the pair is analyzable.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SymbolDetail {
    pub(crate) symbol: Symbol,
    /// As in the ranking.
    #[serde(flatten)]
    #[schema(schema_with = scores_or_nothing)]
    pub(crate) scores: Option<Scores>,
    /// Values behind the points; null when not analyzable.
    pub(crate) indicators: Option<Indicators>,
    pub(crate) readiness: ReadinessBody,
    /// Market time since the newest news, ms.
    pub(crate) data_age_ms: Option<i64>,
    /// Whether it is in the ranking by its own values.
    pub(crate) listed: bool,
    /// Why not; null when listed.
    pub(crate) not_listed: Option<NotListed>,
}

fn scores_or_nothing() -> RefOr<Schema> {
    let mut schema = Scores::schema();
    if let RefOr::T(Schema::Object(scores)) = &mut schema {
        scores.required.clear();
    }
    schema
}

/// A page of all pairs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Page {
    /// All without it.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Pairs passed over.
    #[param(minimum = 0, maximum = 4_294_967_295_u64)]
    offset: u64,
}

/// All pairs with their readiness, or a page of them.
#[utoipa::path(get, path = "/api/v1/symbols", params(Page),
    responses((status = 200, body = Vec<SymbolBody>, headers(
            ("X-Total-Count" = u64, description = "pairs in all"),
            ("Link" = String, description = "rel=next: the next page")))))]
pub(crate) async fn symbols(
    req: HttpRequest,
    Params(asked): Params<Page>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    let reports = state.handles.view.reports();
    let (limit, offset) = (asked.limit.map_or(usize::MAX, |n| n as usize), asked.offset as usize);
    let page: Vec<SymbolBody> = reports.iter().skip(offset).take(limit).map(SymbolBody::from).collect();
    let mut answer = HttpResponse::Ok();
    answer.insert_header((query::TOTAL, reports.len()));
    let end = offset.saturating_add(page.len());
    if !page.is_empty() && end < reports.len() {
        answer.insert_header(query::next(&req, &[("offset", &end.to_string())]));
    }
    Ok(answer.json(page))
}

/// Why a pair is not in the ranking, by its own values; `None` when it is.
pub(crate) fn not_listed(report: &Report, row: Option<&Row>, state: &WebState) -> Option<NotListed> {
    let Some(a) = &report.analysis else {
        let r = &report.readiness;
        let why = r.reason.map_or("no scores", NotReady::as_str);
        let detail =
            format!("it cannot be analysed: {why}; {} of {} candles", r.ready_candles, r.needed_candles);
        return Some(NotListed { reason: "not_analyzable", detail, limit: None, value: None });
    };
    let missed = |reason: &'static str, what: &str, limit: f64, value: f64| {
        let detail = format!("{what}: it is {value}, the limit is {limit}");
        Some(NotListed { reason, detail, limit: Some(limit), value: Some(value) })
    };
    if let Some(m) = state.config.limits.missed(a) {
        let what = match m.name {
            "min_volume_24h" => "its 24 h volume in USDT is too small",
            "min_price" => "its price is too low",
            _ => "its price is too high",
        };
        return missed(m.name, what, m.limit, m.value);
    }
    // Of the ranking, not of the report: a level is made once a cycle.
    let row = row.filter(|row| row.level == Level::Descartada)?;
    if row.model_inputs == Some(ModelInputs::Unusable) {
        let detail = "what the model says of it is no number: it has no chance and no level".to_owned();
        return Some(NotListed { reason: "no_chance", detail, limit: None, value: None });
    }
    let (what, least) = match row.basis() {
        LevelBasis::Rule => ("its momentum score is below the level BAJA", state.profile().levels.baja),
        LevelBasis::Calibrated => {
            ("its learned chance is below the level BAJA", state.config.calibrated.baja)
        }
    };
    missed("discarded", what, least, row.level_value)
}

/// One pair, listed or not.
#[utoipa::path(get, path = "/api/v1/symbols/{symbol}", params(("symbol" = String, Path)),
    responses((status = 200, body = SymbolDetail), (status = 503, body = Problem)))]
pub(crate) async fn symbol(
    _: Params<NoParams>,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<Json<SymbolDetail>, ApiError> {
    let queries = &state.handles.queries;
    if !queries.knows(&path) {
        return Err(Cause::UnknownSymbol { name: path.into_inner() }.into());
    }
    let report = queries.report(&path).await.ok_or_else(|| Cause::NoAnswer { symbol: path.to_string() })?;
    let published = state.handles.view.published();
    Ok(Json(detail(&report, published.as_deref(), &state)))
}

/// All that is known of one pair.
pub(crate) fn detail(report: &Report, published: Option<&Published>, web: &WebState) -> SymbolDetail {
    let row = published.and_then(|p| p.snapshot.row(report.symbol.as_str()));
    let (r, not_listed) = (&report.readiness, not_listed(report, row, web));
    SymbolDetail {
        symbol: report.symbol.clone(),
        scores: report.analysis.as_ref().map(|a| Scores::new(a, row)),
        indicators: report.analysis.as_ref().map(|a| a.indicators),
        readiness: ReadinessBody {
            state: state(r),
            reason: r.reason,
            ready_candles: r.ready_candles,
            needed_candles: r.needed_candles,
        },
        data_age_ms: r.data_age_ms,
        listed: not_listed.is_none(),
        not_listed,
    }
}
