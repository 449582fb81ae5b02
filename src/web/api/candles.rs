//! `GET /api/v1/symbols/{symbol}/candles`.

use crate::domain::candle::Candle;
use crate::domain::time::Interval;
use crate::web::api::dto::CandleBody;
use crate::web::api::query;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Path};

const DEFAULT_LIMIT: usize = 500;
const SERVED: [Interval; 4] = [Interval::M1, Interval::M5, Interval::M15, Interval::H1];

fn interval(text: Option<&String>, base: Interval) -> Result<Interval, ApiError> {
    let allowed: Vec<&str> = SERVED.iter().filter(|i| **i >= base).map(|i| i.as_str()).collect();
    let Some(text) = text else { return Ok(base) };
    let known = SERVED.into_iter().find(|i| i.as_str() == text.as_str());
    match known {
        Some(i) if i >= base => Ok(i),
        Some(_) => {
            Err(Cause::IntervalTooShort { interval: text.clone(), base: base.to_string() }.allowed(&allowed))
        }
        None => Err(Cause::IntervalNotServed { interval: text.clone() }.allowed(&allowed)),
    }
}

/// `GET /api/v1/symbols/{symbol}/candles`.
///
/// # Errors
/// 400 for a wrong query, 404 for an unknown pair, 503 when the pair does not answer.
#[utoipa::path(get, path = "/api/v1/symbols/{symbol}/candles", params(
    ("symbol" = String, Path),
    ("interval" = Option<String>, Query, description = "1m, 5m, 15m or 1h; the base interval without it", pattern = "^(1m|5m|15m|1h)$"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000)),
    responses((status = 200, body = Vec<CandleBody>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn candles(
    req: HttpRequest,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<Json<Vec<CandleBody>>, ApiError> {
    let map = query::parse(req.query_string(), &["interval", "limit"])?;
    let interval = interval(map.get("interval"), state.config.base_interval)?;
    let limit = query::limit(map.get("limit"))?.unwrap_or(DEFAULT_LIMIT);
    let queries = &state.handles.queries;
    if !queries.knows(&path) {
        return Err(Cause::UnknownSymbol { name: path.into_inner() }.into());
    }
    let candles = queries
        .candles(&path, interval, limit)
        .await
        .ok_or_else(|| Cause::NoAnswer { symbol: path.to_string() })?;
    Ok(Json(candles.iter().map(CandleBody::from).collect()))
}

impl From<&Candle> for CandleBody {
    fn from(c: &Candle) -> Self {
        Self {
            open_time: c.open_time,
            open: c.open,
            high: c.high,
            low: c.low,
            close: c.close,
            volume: c.volume,
            quote_volume: c.quote_volume,
            closed: c.closed,
        }
    }
}
