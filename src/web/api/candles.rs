//! `GET /api/v1/symbols/{symbol}/candles`.

use crate::domain::candle::Candle;
use crate::domain::time::Interval;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::Params;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{IntoParams, ToSchema};

/// As the exchange's own klines, so that clients can take over what they know.
const DEFAULT_LIMIT: u32 = 500;
/// The intervals that the store keeps or makes of minutes.
const SERVED: [Interval; 4] = [Interval::M1, Interval::M5, Interval::M15, Interval::H1];

/// One candle.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CandleBody {
    /// First ms of the interval, UTC.
    pub(crate) open_time: i64,
    /// USDT.
    pub(crate) open: f64,
    /// USDT.
    pub(crate) high: f64,
    /// USDT.
    pub(crate) low: f64,
    /// USDT.
    pub(crate) close: f64,
    /// Base asset.
    pub(crate) volume: f64,
    /// USDT.
    pub(crate) quote_volume: f64,
    /// Will not change any more.
    pub(crate) closed: bool,
}

impl From<&Candle> for CandleBody {
    fn from(c: &Candle) -> Self {
        let Candle { open_time, open, high, low, close, volume, quote_volume, closed, filled: _ } = *c;
        Self { open_time: open_time.ms(), open, high, low, close, volume, quote_volume, closed }
    }
}

/// Which candles.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct CandleParams {
    /// The base interval without it, and none below it.
    #[param(schema_with = served)]
    interval: Option<Interval>,
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

fn served() -> RefOr<Schema> {
    let names = SERVED.map(Interval::as_str);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
}

/// The newest candles of a pair, oldest first, the live one included.
#[utoipa::path(get, path = "/api/v1/symbols/{symbol}/candles", params(("symbol" = String, Path), CandleParams),
    responses((status = 200, body = Vec<CandleBody>), (status = 503, body = Problem)))]
pub(crate) async fn candles(
    Params(asked): Params<CandleParams>,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<Json<Vec<CandleBody>>, ApiError> {
    let base = state.config.base_interval;
    let interval = asked.interval.unwrap_or(base);
    if interval < base {
        let allowed: Vec<&str> = SERVED.into_iter().filter(|i| *i >= base).map(Interval::as_str).collect();
        return Err(Cause::IntervalNotServed { interval: interval.to_string() }.allowed(&allowed));
    }
    let queries = &state.handles.queries;
    if !queries.knows(&path) {
        return Err(Cause::UnknownSymbol { name: path.into_inner() }.into());
    }
    let limit = asked.limit.unwrap_or(DEFAULT_LIMIT) as usize;
    let candles = queries
        .candles(&path, interval, limit)
        .await
        .ok_or_else(|| Cause::NoAnswer { symbol: path.to_string() })?;
    Ok(Json(candles.iter().map(CandleBody::from).collect()))
}
