//! What a pair's chart is drawn from: `GET /api/v1/symbols/{symbol}/indicators` and `.../scores`.

use crate::actors::ports::history::{ScoreRow, Span};
use crate::domain::candle::Candle;
use crate::domain::indicator::lines::{Point, lines};
use crate::domain::report::Level;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, Interval, UtcMs, parse_span_ms};
use crate::web::api::performance::store;
use crate::web::api::query;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Bars in front of those that are asked for, so that the recursive indicators have settled.
const BEFORE: i64 = 500;
/// Bars of an answer, unless `limit` says otherwise.
const LIMIT: usize = 192;
/// Most scores of an answer.
const SCORES: usize = 5_000;

/// One bar with its indicators.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub(crate) struct BarBody {
    /// First ms of the bar, UTC.
    pub open_time: i64,
    /// USDT.
    pub open: f64,
    /// USDT.
    pub high: f64,
    /// USDT.
    pub low: f64,
    /// USDT.
    pub close: f64,
    /// USDT.
    pub quote_volume: f64,
    /// Will not change any more.
    pub closed: bool,
    /// 0-100; null before 14 changes.
    pub rsi_14: Option<f64>,
    /// 0-100; null before 21 changes.
    pub rsi_21: Option<f64>,
    /// Price units.
    pub macd: Option<f64>,
    /// Price units.
    pub macd_signal: Option<f64>,
    /// Price units.
    pub macd_histogram: Option<f64>,
    /// Highest high of the 20 bars before.
    pub breakout_high: Option<f64>,
}

impl From<(&Candle, &Point)> for BarBody {
    fn from((c, p): (&Candle, &Point)) -> Self {
        Self {
            open_time: c.open_time,
            open: c.open,
            high: c.high,
            low: c.low,
            close: c.close,
            quote_volume: c.quote_volume,
            closed: c.closed,
            rsi_14: p.rsi[0],
            rsi_21: p.rsi[1],
            macd: p.macd.map(|m| m.line),
            macd_signal: p.macd.map(|m| m.signal),
            macd_histogram: p.macd.map(|m| m.histogram),
            breakout_high: p.breakout_high,
        }
    }
}

/// The scores of one cut.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ScoreBody {
    /// The cut, ms UTC.
    pub as_of: i64,
    /// USDT.
    pub price: f64,
    /// 0-100.
    pub total_score: f64,
    /// 0.6 score + 0.4 probability.
    pub composite_score: f64,
    /// Rule probability, 0-100.
    pub probability_7_5: f64,
    /// Calibrated chance, 0-100; null without a model.
    pub calibrated_7_5: Option<f64>,
    /// FUERTE, ALTA, MEDIA, BAJA or DESCARTADA.
    pub confidence_level: &'static str,
    /// Level of the learned ladder; null without a model.
    pub alert_level: Option<&'static str>,
    /// Passed the price and volume limits of the ranking.
    pub listed: bool,
}

impl From<&ScoreRow> for ScoreBody {
    fn from(s: &ScoreRow) -> Self {
        Self {
            as_of: s.as_of,
            price: s.price,
            total_score: s.total_score,
            composite_score: s.composite_score,
            probability_7_5: s.probability_7_5,
            calibrated_7_5: s.calibrated_7_5,
            confidence_level: s.level.as_str(),
            alert_level: s.alert_level.map(Level::as_str),
            listed: s.listed,
        }
    }
}

/// Stored bars with those of the pair's own window over them; the store may be down or absent.
async fn bars(symbol: &str, bar: Interval, wanted: usize, state: &WebState) -> Option<Vec<Candle>> {
    let live = state.handles.queries.candles(symbol, bar, *query::LIMITS.end()).await?;
    let mut all = BTreeMap::new();
    if let Some(store) = &state.handles.history {
        let from = state.now() - (wanted as i64 + BEFORE) * bar.ms();
        let span = Span { from, to: Span::ALL.to };
        let stored = store.candles(&Symbol::new(symbol), bar, span).await.unwrap_or_default();
        all.extend(stored.into_iter().map(|c| (c.open_time, c)));
    }
    all.extend(live.into_iter().map(|c| (c.open_time, c)));
    Some(all.into_values().collect())
}

/// Bars of the interval that scores, with RSI, MACD and the high to break.
///
/// # Errors
/// 400 for a wrong query, 404 for an unknown pair, 503 when the pair does not answer.
#[utoipa::path(get, path = "/api/v1/symbols/{symbol}/indicators", params(("symbol" = String, Path),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000)),
    responses((status = 200, body = Vec<BarBody>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn indicators(
    req: HttpRequest,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<Json<Vec<BarBody>>, ApiError> {
    let map = query::parse(req.query_string(), &["limit"])?;
    let limit = query::limit(map.get("limit"))?.unwrap_or(LIMIT);
    if !state.handles.queries.knows(&path) {
        return Err(Cause::UnknownSymbol { name: path.into_inner() }.into());
    }
    let bar = state.config.bar_interval;
    let silent = || Cause::NoAnswer { symbol: path.to_string() };
    let all = bars(&path, bar, limit, &state).await.ok_or_else(silent)?;
    let points = lines(&all);
    let rows = all.iter().zip(&points).skip(all.len().saturating_sub(limit));
    Ok(Json(rows.map(BarBody::from).collect()))
}

fn moment(map: &BTreeMap<String, String>, key: &'static str, without: UtcMs) -> Result<UtcMs, ApiError> {
    let Some(text) = map.get(key) else { return Ok(without) };
    text.parse().map_err(|_| {
        Cause::NoMoment { key, value: text.clone() }.allowed(&["ms since 1970 UTC, a whole number"])
    })
}

/// The newest row of each step; all rows where the step is 0.
fn thinned(rows: &[ScoreRow], step: i64) -> Vec<ScoreBody> {
    let same = |a: &ScoreRow, b: &ScoreRow| step > 0 && a.as_of.div_euclid(step) == b.as_of.div_euclid(step);
    let newest = rows.chunk_by(same).filter_map(|part| part.last());
    newest.map(ScoreBody::from).collect()
}

/// The score history of a pair, oldest first.
///
/// # Errors
/// 400 for a wrong query or more than 5,000 rows, 404 for an unknown pair, 503 without a history store.
#[utoipa::path(get, path = "/api/v1/symbols/{symbol}/scores", params(("symbol" = String, Path),
    ("from" = Option<i64>, Query, description = "ms UTC, included; 24 h before `to` without it"),
    ("to" = Option<i64>, Query, description = "ms UTC, excluded; now without it"),
    ("every" = Option<String>, Query, description = "only the newest of each span, such as 5m")),
    responses((status = 200, body = Vec<ScoreBody>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn scores(
    req: HttpRequest,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<Json<Vec<ScoreBody>>, ApiError> {
    let map = query::parse(req.query_string(), &["from", "to", "every"])?;
    let to = moment(&map, "to", state.now() + 1)?;
    let from = moment(&map, "from", to.saturating_sub(DAY_MS))?;
    let every = map.get("every").map(|text| {
        let wrong =
            || Cause::NoSpanParameter { key: "every", value: text.clone() }.allowed(&["30s", "5m", "1h"]);
        parse_span_ms(text).ok_or_else(wrong)
    });
    if !state.handles.queries.knows(&path) {
        return Err(Cause::UnknownSymbol { name: path.into_inner() }.into());
    }
    let read = store(&state)?.scores(Some(&Symbol::new(&path)), Span { from, to }).await;
    let rows = read.map_err(|error| {
        tracing::warn!(%error, "scores cannot be read");
        Cause::History
    })?;
    let scores = thinned(&rows, every.transpose()?.unwrap_or(0));
    if scores.len() > SCORES {
        let much = Cause::TooManyRows { rows: scores.len(), most: SCORES };
        return Err(much.allowed(&["a later from", "every=5m"]));
    }
    Ok(Json(scores))
}
