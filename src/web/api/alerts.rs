//! `GET /api/v1/alerts`, `/api/v1/mutes`, `/api/v1/watchlist`, `/api/v1/channels`: what was sent, and what an operator
//! changes. Reading is free like the rest of the API; changes need a token or the local page.

use crate::actors::ports::alerts::{AlertDesk, AlertRecord, Mute};
use crate::domain::time::parse_span_ms;
use crate::web::api::query;
use crate::web::auth::{READ_ONLY, operator};
use crate::web::config::WebState;
use crate::web::problem::Problem;
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::Arc;
use utoipa::ToSchema;

/// Alerts of an answer, unless `limit` says otherwise.
const ALERTS: usize = 100;

/// `GET /api/v1/alerts`.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertsBody {
    /// Alerts with their deliveries, newest first.
    #[schema(value_type = Vec<Object>)]
    pub alerts: Vec<AlertRecord>,
    /// Give it as `before` to get older ones; null when there are none.
    pub next_before: Option<i64>,
}

/// `POST /api/v1/mutes`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MuteRequest {
    /// The pair, or `*` for all.
    pub symbol: String,
    /// How long, such as 30m, 1h, 2d; left out for good.
    #[serde(rename = "for")]
    pub span: Option<String>,
}

/// One mute.
#[derive(Debug, Serialize, ToSchema)]
pub struct MuteBody {
    /// The pair, or `*` for all.
    pub symbol: String,
    /// Until then, ms UTC of market time; null for good.
    pub until: Option<i64>,
    /// Who asked.
    pub by: String,
}

/// One channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelBody {
    /// Its name.
    pub name: String,
    /// ok or dead.
    pub state: &'static str,
    /// Deliveries that wait.
    pub pending: u64,
    /// Delivered.
    pub sent: u64,
    /// May have been delivered.
    pub uncertain: u64,
    /// Given up.
    pub dead: u64,
    /// Newest failure.
    pub last_error: Option<String>,
    /// ms UTC, machine clock.
    pub last_sent_at: Option<i64>,
}

/// A test message was written to the outbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestBody {
    /// The channel.
    pub channel: String,
    /// Key of the message.
    pub key: String,
}

impl From<Mute> for MuteBody {
    fn from(mute: Mute) -> Self {
        Self { symbol: mute.symbol, until: mute.until, by: mute.by }
    }
}

/// The channels as the status shows them.
#[must_use]
pub fn channel_bodies(state: &WebState) -> Vec<ChannelBody> {
    let body = |c: crate::actors::view::ChannelStatus| ChannelBody {
        state: if c.dead_channel { "dead" } else { "ok" },
        name: c.name,
        pending: c.pending,
        sent: c.sent,
        uncertain: c.uncertain,
        dead: c.dead,
        last_error: c.last_error,
        last_sent_at: c.last_sent_at,
    };
    state.handles.view.channels().into_iter().map(body).collect()
}

fn desk(state: &WebState) -> Result<&Arc<dyn AlertDesk>, Problem> {
    let read_only = || Problem::unavailable("read-only", "Read-only node", READ_ONLY.to_owned());
    state.handles.desk.as_ref().ok_or_else(read_only)
}

fn failed(error: &io::Error) -> Problem {
    tracing::error!(%error, "the state could not be used");
    Problem::unavailable(
        "state",
        "State not usable",
        "the state cannot be used just now; see the log".to_owned(),
    )
}

/// A pair of the universe, or `*`.
fn known(symbol: &str, state: &WebState) -> Result<(), Problem> {
    if symbol == "*" || state.handles.queries.knows(symbol) { Ok(()) } else { Err(Problem::symbol(symbol)) }
}

/// Alerts with the state of their deliveries.
///
/// # Errors
/// 400 for a wrong parameter, 503 when they cannot be read.
#[utoipa::path(get, path = "/api/v1/alerts",
    params(("symbol" = Option<String>, Query), ("before" = Option<i64>, Query), ("limit" = Option<usize>, Query)),
    responses((status = 200, body = AlertsBody), (status = 400, body = Problem), (status = 503, body = Problem)))]
pub async fn alerts(req: HttpRequest, state: Data<WebState>) -> Result<Json<AlertsBody>, Problem> {
    let map = query::parse(req.query_string(), &["symbol", "before", "limit"])?;
    let limit = query::limit(map.get("limit"))?.unwrap_or(ALERTS);
    let before = match map.get("before") {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| {
            Problem::query(format!("before '{text}' is no moment"), &["ms since 1970 UTC, a whole number"])
        })?,
    };
    let symbol = map.get("symbol").map(String::as_str);
    let alerts = desk(&state)?.alerts(symbol, before, limit).map_err(|e| failed(&e))?;
    let next_before = (alerts.len() == limit).then(|| alerts.last().map(|a| a.alert.as_of)).flatten();
    Ok(Json(AlertsBody { alerts, next_before }))
}

/// Mutes in force.
///
/// # Errors
/// 400 for any parameter, 503 when they cannot be read.
#[utoipa::path(get, path = "/api/v1/mutes", responses((status = 200, body = Vec<MuteBody>), (status = 503, body = Problem)))]
pub async fn mutes(req: HttpRequest, state: Data<WebState>) -> Result<Json<Vec<MuteBody>>, Problem> {
    query::parse(req.query_string(), &[])?;
    let mutes = desk(&state)?.mutes().map_err(|e| failed(&e))?;
    Ok(Json(mutes.into_iter().map(MuteBody::from).collect()))
}

/// Mutes a pair, or all.
///
/// # Errors
/// 400 for a body that makes no sense, 401, 403, 404 for an unknown pair, 503.
#[utoipa::path(post, path = "/api/v1/mutes", request_body = MuteRequest, security(("token" = [])),
    responses((status = 200, body = MuteBody), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub async fn mute(req: HttpRequest, body: Bytes, state: Data<WebState>) -> Result<Json<MuteBody>, Problem> {
    let operator = operator(&req, &state)?;
    let asked: MuteRequest = serde_json::from_slice(&body).map_err(|e| {
        Problem::query(format!("the body is not understood: {e}"), &[r#"{"symbol":"BTCUSDT","for":"1h"}"#])
    })?;
    known(&asked.symbol, &state)?;
    let span = asked.span.as_deref().map(|text| {
        parse_span_ms(text).ok_or_else(|| {
            Problem::query(format!("'{text}' is no span of time"), &["30s", "30m", "1h", "2d"])
        })
    });
    let mute =
        desk(&state)?.mute(&asked.symbol, span.transpose()?, &operator.name()).map_err(|e| failed(&e))?;
    Ok(Json(mute.into()))
}

/// Ends a mute.
///
/// # Errors
/// 401, 403, 404 when there is none, 503.
#[utoipa::path(delete, path = "/api/v1/mutes/{symbol}", params(("symbol" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub async fn unmute(
    req: HttpRequest,
    symbol: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, Problem> {
    operator(&req, &state)?;
    if desk(&state)?.unmute(&symbol).map_err(|e| failed(&e))? {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(Problem::missing(&format!("'{symbol}' is not muted; GET /api/v1/mutes lists what is")))
}

/// Watched pairs.
///
/// # Errors
/// 400 for any parameter, 503 when they cannot be read.
#[utoipa::path(get, path = "/api/v1/watchlist", responses((status = 200, body = Vec<String>), (status = 503, body = Problem)))]
pub async fn watchlist(req: HttpRequest, state: Data<WebState>) -> Result<Json<Vec<String>>, Problem> {
    query::parse(req.query_string(), &[])?;
    Ok(Json(desk(&state)?.watchlist().map_err(|e| failed(&e))?))
}

/// Puts a pair on the watchlist.
///
/// # Errors
/// 401, 403, 404 for an unknown pair, 503.
#[utoipa::path(put, path = "/api/v1/watchlist/{symbol}", params(("symbol" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub async fn watch(
    req: HttpRequest,
    symbol: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, Problem> {
    operator(&req, &state)?;
    if !state.handles.queries.knows(&symbol) {
        return Err(Problem::symbol(&symbol));
    }
    desk(&state)?.watch(&symbol, true).map_err(|e| failed(&e))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a pair off the watchlist.
///
/// # Errors
/// 401, 403, 404 when it is not on it, 503.
#[utoipa::path(delete, path = "/api/v1/watchlist/{symbol}", params(("symbol" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub async fn unwatch(
    req: HttpRequest,
    symbol: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, Problem> {
    operator(&req, &state)?;
    if desk(&state)?.watch(&symbol, false).map_err(|e| failed(&e))? {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(Problem::missing(&format!("'{symbol}' is not on the watchlist")))
}

/// Channels with what they delivered.
///
/// # Errors
/// 400 for any parameter.
#[utoipa::path(get, path = "/api/v1/channels", responses((status = 200, body = Vec<ChannelBody>)))]
pub async fn channels(req: HttpRequest, state: Data<WebState>) -> Result<Json<Vec<ChannelBody>>, Problem> {
    query::parse(req.query_string(), &[])?;
    Ok(Json(channel_bodies(&state)))
}

/// Sends a test message over a channel.
///
/// # Errors
/// 401, 403, 404 for an unknown channel, 503.
#[utoipa::path(post, path = "/api/v1/channels/{name}/test", params(("name" = String, Path)), security(("token" = [])),
    responses((status = 202, body = TestBody), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub async fn test(
    req: HttpRequest,
    name: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, Problem> {
    operator(&req, &state)?;
    let desk = desk(&state)?;
    match desk.test(&name).map_err(|e| failed(&e))? {
        Some(key) => Ok(HttpResponse::Accepted().json(TestBody { channel: name.into_inner(), key })),
        None => Err(Problem::missing(&format!(
            "there is no channel '{name}'; there are: {}",
            desk.channels().join(", ")
        ))),
    }
}
