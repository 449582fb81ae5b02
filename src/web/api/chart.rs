//! What a pair's chart is drawn from: `GET /api/v1/symbols/{symbol}/indicators` and `.../scores`.

use crate::actors::ports::history::{ScoreRow, Span};
use crate::domain::candle::Candle;
use crate::domain::indicator::lines::{Point, lines};
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, Interval};
use crate::web::api::performance::store;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::{self, Params};
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Bars in front of those that are asked for, so that the recursive indicators have settled.
const BEFORE: i64 = 500;
/// Bars of an answer, unless `limit` says otherwise: two days of 15 minutes.
const LIMIT: usize = 192;
/// Most scores of an answer: about a megabyte of JSON.
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
        let Candle { open_time, open, high, low, close, quote_volume, closed, .. } = *c;
        let [rsi_14, rsi_21] = p.rsi;
        let [macd, macd_signal, macd_histogram] =
            p.macd.map_or([None; 3], |m| [m.line, m.signal, m.histogram].map(Some));
        let breakout_high = p.breakout_high;
        Self {
            open_time: open_time.ms(),
            open,
            high,
            low,
            close,
            quote_volume,
            closed,
            rsi_14,
            rsi_21,
            macd,
            macd_signal,
            macd_histogram,
            breakout_high,
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
    /// The level in force.
    pub confidence_level: Level,
    /// Within the price and volume limits of the ranking, and not DESCARTADA.
    pub listed: bool,
}

impl From<&ScoreRow> for ScoreBody {
    fn from(s: &ScoreRow) -> Self {
        Self {
            as_of: s.as_of.ms(),
            price: s.price,
            total_score: s.total_score,
            composite_score: s.composite_score,
            probability_7_5: s.probability_7_5,
            calibrated_7_5: s.calibrated_7_5,
            confidence_level: s.level_in_force.unwrap_or(s.level),
            listed: s.listed,
        }
    }
}

/// Stored bars with those of the pair's own window over them; the store may be down or absent.
async fn bars(symbol: &str, bar: Interval, wanted: usize, state: &WebState) -> Option<Vec<Candle>> {
    let live = state.handles.queries.candles(symbol, bar, query::MOST_ROWS).await?;
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

/// How many bars.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct BarParams {
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Bars of the interval that scores, with RSI, MACD and the high to break.
#[utoipa::path(get, path = "/api/v1/symbols/{symbol}/indicators", params(("symbol" = String, Path), BarParams),
    responses((status = 200, body = Vec<BarBody>), (status = 503, body = Problem)))]
pub(crate) async fn indicators(
    Params(asked): Params<BarParams>,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<Json<Vec<BarBody>>, ApiError> {
    let limit = asked.limit.map_or(LIMIT, |n| n as usize);
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

/// The newest row of each step; all rows where the step is 0.
fn thinned(rows: &[ScoreRow], step: i64) -> Vec<ScoreBody> {
    let same = |a: &ScoreRow, b: &ScoreRow| step > 0 && a.as_of.index(step) == b.as_of.index(step);
    let newest = rows.chunk_by(same).filter_map(|part| part.last());
    newest.map(ScoreBody::from).collect()
}

/// Which scores.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ScoreParams {
    /// ms UTC, included; 24 h before `to` without it.
    #[serde(deserialize_with = "query::moment")]
    from: Option<i64>,
    /// ms UTC, excluded; now without it.
    #[serde(deserialize_with = "query::moment")]
    to: Option<i64>,
    /// Only the newest of each span, such as 5m.
    #[serde(deserialize_with = "query::span_ms")]
    #[param(value_type = Option<String>)]
    every: Option<i64>,
}

/// The score history of a pair, oldest first; at most 5,000 rows.
#[utoipa::path(get, path = "/api/v1/symbols/{symbol}/scores", params(("symbol" = String, Path), ScoreParams),
    responses((status = 200, body = Vec<ScoreBody>), (status = 503, body = Problem)))]
pub(crate) async fn scores(
    Params(asked): Params<ScoreParams>,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<Json<Vec<ScoreBody>>, ApiError> {
    let to = asked.to.map_or_else(|| state.now() + 1, MarketTime::from_ms);
    let from = asked.from.map_or(to - DAY_MS, MarketTime::from_ms);
    if !state.handles.queries.knows(&path) {
        return Err(Cause::UnknownSymbol { name: path.into_inner() }.into());
    }
    let read = store(&state)?.scores(Some(&Symbol::new(&path)), Span { from, to }).await;
    let rows = read.map_err(|error| {
        tracing::warn!(%error, "scores cannot be read");
        Cause::History
    })?;
    let scores = thinned(&rows, asked.every.unwrap_or(0));
    if scores.len() > SCORES {
        let much = Cause::TooManyRows { rows: scores.len(), most: SCORES };
        return Err(much.allowed(&["a later from", "every=5m"]));
    }
    Ok(Json(scores))
}
