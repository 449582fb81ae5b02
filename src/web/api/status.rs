//! `GET /api/v1/status`, `/healthz`, `/readyz`, `/metrics`.

use crate::i18n::{Language, Texts};
use crate::web::api::alerts::{ChannelBody, channel_bodies};
use crate::web::api::query;
use crate::web::config::WebState;
use crate::web::language::accepted;
use crate::web::problem::{ApiError, Cause, Problem};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One stream connection.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ConnectionBody {
    /// Stable name.
    pub name: String,
    /// connecting, live, silent, replacing, waiting.
    pub state: String,
    /// Streams asked for.
    pub streams: u32,
    /// ms.
    pub(crate) age_ms: i64,
    /// ms since the last frame.
    pub(crate) silent_ms: i64,
    /// Frames received.
    pub frames: u64,
    /// Times opened anew.
    pub reconnects: u64,
    /// Last failure.
    pub last_error: Option<String>,
}

/// REST weight budget.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct WeightBody {
    /// Used in this minute.
    pub used: u32,
    /// Limit a minute.
    pub limit: u32,
    /// No request before, ms UTC.
    pub embargo_until: Option<i64>,
    /// Requests waiting.
    pub(crate) queued: u32,
}

/// Cycles.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct CycleBody {
    /// ms of market time.
    pub interval_ms: i64,
    /// Published.
    pub published: u64,
    /// Missed.
    pub missed: u64,
    /// Latency of the newest, ms.
    pub latency_ms: Option<f64>,
    /// Cut of the newest, ms UTC.
    pub as_of: Option<i64>,
}

/// `GET /api/v1/status`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusBody {
    /// connecting, live or frozen.
    pub feed: &'static str,
    /// From the first full ranking on.
    pub ready: bool,
    /// Why there is no data, with what to do; in the language of `lang`.
    pub problem: Option<String>,
    /// ms UTC.
    pub market_time: i64,
    /// Market time since the newest cut, ms.
    pub data_age_ms: Option<i64>,
    /// Channels of alerts.
    pub channels: Vec<ChannelBody>,
    /// Connections.
    pub connections: Vec<ConnectionBody>,
    /// Weight.
    pub weight: WeightBody,
    /// Cycles.
    pub cycle: CycleBody,
    /// Actors started anew.
    pub restarts: u64,
    /// Losses by cause.
    pub drops: BTreeMap<String, u64>,
    /// Live clients of the WebSocket.
    pub ws_clients: usize,
    /// REST address of the exchange.
    pub rest_url: String,
    /// Stream address of the exchange.
    pub stream_url: String,
    /// Admin route of the simulator, in the demo.
    pub(crate) admin_url: Option<String>,
    /// Version of the program.
    pub version: &'static str,
    /// ms UTC, machine clock.
    pub(crate) started_at: i64,
    /// ms.
    pub(crate) uptime_ms: i64,
}

/// The language of `lang`, else of `Accept-Language`, else English.
pub(crate) fn language(asked: Option<&str>, req: &HttpRequest) -> Result<Language, ApiError> {
    let language = asked.map(query::language).transpose()?.or_else(|| accepted(req.headers()));
    Ok(language.unwrap_or(Language::En))
}

/// State of the whole system.
///
/// # Errors
/// 400 for any query parameter but `lang`.
#[utoipa::path(get, path = "/api/v1/status",
    params(("lang" = Option<String>, Query, description = "language of the problem: en or es; that of Accept-Language without it", pattern = "^(es|en)$")), responses((status = 200, body = StatusBody),
    (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn status(req: HttpRequest, state: Data<WebState>) -> Result<Json<StatusBody>, ApiError> {
    let map = query::parse(req.query_string(), &["lang"])?;
    let t = language(map.get("lang").map(String::as_str), &req)?.texts();
    Ok(Json(body(&state, t)))
}

/// The state of the whole system, its problem in the language of the texts.
pub(crate) fn body(state: &WebState, t: &Texts) -> StatusBody {
    let (s, published) = (state.handles.view.status(), state.handles.view.published());
    let newest = published.as_ref().map(|p| &p.snapshot);
    let connection = |c: &crate::actors::view::ConnectionStatus| ConnectionBody {
        name: c.name.clone(),
        state: c.state.clone(),
        streams: c.streams,
        age_ms: c.age_ms,
        silent_ms: c.silent_ms,
        frames: c.frames,
        reconnects: c.reconnects,
        last_error: c.last_error.clone(),
    };
    StatusBody {
        feed: s.feed.as_str(),
        ready: state.handles.view.ready(),
        problem: s.problem.as_ref().map(|p| p.in_words(t)),
        market_time: s.market_time,
        data_age_ms: newest.map(|n| (s.market_time - n.as_of).max(0)),
        channels: channel_bodies(state),
        connections: s.connections.iter().map(connection).collect(),
        weight: WeightBody {
            used: s.weight.used,
            limit: s.weight.limit,
            embargo_until: s.weight.embargo_until,
            queued: s.weight.queued,
        },
        cycle: CycleBody {
            interval_ms: state.config.cycle_interval_ms,
            published: s.cycles_published,
            missed: s.cycles_missed,
            latency_ms: newest.map(|n| n.latency_ms),
            as_of: newest.map(|n| n.as_of),
        },
        restarts: s.restarts,
        drops: s.drops.clone(),
        ws_clients: state.admission.clients(),
        rest_url: s.rest_url.clone(),
        stream_url: s.stream_url.clone(),
        admin_url: state.config.admin_url.clone(),
        version: env!("CARGO_PKG_VERSION"),
        started_at: s.started_at,
        uptime_ms: s.uptime_ms,
    }
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// The first full ranking is there.
///
/// # Errors
/// 503 before it.
#[utoipa::path(get, path = "/readyz", responses((status = 200, body = String, content_type = "text/plain"),
    (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn readyz(state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    if state.handles.view.ready() {
        return Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"));
    }
    Err(Cause::NotReady.into())
}

/// Prometheus metrics.
#[utoipa::path(get, path = "/metrics", responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(state: Data<WebState>) -> HttpResponse {
    let text = state.handles.metrics.render();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}
