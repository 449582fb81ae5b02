//! `GET /api/v1/status`, `/healthz`, `/readyz`, `/metrics`.

use crate::actors::failover::status::FailoverStatus;
use crate::actors::failover::status::Role;
use crate::actors::problems::PresentProblem;
use crate::actors::view::{ConnectionStatus, WeightStatus};
use crate::i18n::{Language, Texts};
use crate::web::api::alerts::{ChannelBody, channel_bodies};
use crate::web::config::WebState;
use crate::web::language::accepted;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::{self, Params};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

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

/// A problem that is there, in the language of `lang`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// Its short name, the same in every language.
    pub(crate) kind: &'static str,
    /// ms UTC, machine clock.
    pub(crate) since: i64,
    /// What is wrong.
    pub(crate) what: String,
    /// What it means for the user.
    pub(crate) meaning: String,
    /// What to do about it.
    pub(crate) remedy: String,
}

/// What is wrong just now.
pub(crate) fn problems(state: &WebState, t: &Texts) -> Vec<ProblemBody> {
    let present = &state.handles.view.status().problems;
    let body = |p: &PresentProblem| ProblemBody {
        kind: p.problem.kind(),
        since: p.since.ms(),
        what: p.problem.in_words(t),
        meaning: p.problem.meaning(t),
        remedy: p.problem.remedy(t),
    };
    present.iter().map(body).collect()
}

/// State of one stream connection.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ConnectionBody {
    /// Stable name: `1`, `2`, ...
    pub(crate) name: String,
    /// `connecting`, `live`, `silent`, `replacing`, `waiting`.
    pub(crate) state: String,
    pub(crate) streams: u32,
    /// Age of the connection, ms of machine time.
    pub(crate) age_ms: i64,
    /// Machine time since the last frame, ms.
    pub(crate) silent_ms: i64,
    /// Frames received since the start.
    pub(crate) frames: u64,
    /// Times it was opened anew after a failure.
    pub(crate) reconnects: u64,
    /// Last failure, in English; null while the connection works.
    pub(crate) last_error: Option<String>,
    /// The same by its short name: `silent`, `subscription_missing`, `control_refused`, `no_answer`, `malformed`, `closed`, `address`,
    /// `handshake_refused`, `connect_timeout` or `no_connection`.
    pub(crate) last_error_code: Option<String>,
}

impl From<&ConnectionStatus> for ConnectionBody {
    fn from(c: &ConnectionStatus) -> Self {
        Self {
            name: c.name.clone(),
            state: c.state.clone(),
            streams: c.streams,
            age_ms: c.age_ms,
            silent_ms: c.silent_ms,
            frames: c.frames,
            reconnects: c.reconnects,
            last_error: c.last_error.as_ref().map(|reason| reason.in_english().to_owned()),
            last_error_code: c.last_error.as_ref().map(|reason| reason.code().to_owned()),
        }
    }
}

/// `GET /api/v1/status`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusBody {
    /// connecting, live or frozen.
    pub feed: &'static str,
    /// From the first full ranking on, while rankings come and are full.
    pub ready: bool,
    /// The first of the problems in words, with what to do; null when all is well. In the language of `lang`.
    pub problem: Option<String>,
    /// What is wrong just now, causes first.
    pub(crate) problems: Vec<ProblemBody>,
    /// First day (00:00 UTC, ms) whose predictions are all of the level in force as it is now; null where all are.
    pub(crate) levels_since: Option<i64>,
    /// Of one of two scanners: whose turn it is to send; null for one that is alone.
    pub(crate) failover: Option<FailoverStatus>,
    /// ms UTC.
    pub market_time: i64,
    /// Market time since the newest cut, ms.
    pub data_age_ms: Option<i64>,
    /// Channels of alerts.
    pub channels: Vec<ChannelBody>,
    /// Connections.
    pub(crate) connections: Vec<ConnectionBody>,
    /// Weight.
    pub weight: WeightStatus,
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

/// How the status is told.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct StatusParams {
    /// Language of the problem, en or es; that of Accept-Language without it.
    #[param(pattern = "^(es|en)$")]
    lang: Option<String>,
}

/// State of the whole system.
#[utoipa::path(get, path = "/api/v1/status", params(StatusParams), responses((status = 200, body = StatusBody)))]
pub(crate) async fn status(
    req: HttpRequest,
    Params(asked): Params<StatusParams>,
    state: Data<WebState>,
) -> Result<Json<StatusBody>, ApiError> {
    let t = language(asked.lang.as_deref(), &req)?.texts();
    Ok(Json(body(&state, t)))
}

/// The state of the whole system, its problem in the language of the texts.
pub(crate) fn body(state: &WebState, t: &Texts) -> StatusBody {
    let (s, published) = (state.handles.view.status(), state.handles.view.published());
    let newest = published.as_ref().map(|p| &p.snapshot);
    StatusBody {
        feed: s.feed.as_str(),
        ready: state.handles.view.ready(),
        problem: s.problems.first().map(|p| format!("{}. {}", p.problem.in_words(t), p.problem.remedy(t))),
        problems: problems(state, t),
        levels_since: s.levels_since.map(|since| since.ms()),
        failover: s.failover.clone(),
        market_time: s.market_time.ms(),
        data_age_ms: newest.map(|n| (s.market_time - n.as_of).max(0)),
        channels: channel_bodies(state),
        connections: s.connections.iter().map(ConnectionBody::from).collect(),
        weight: s.weight.clone(),
        cycle: CycleBody {
            interval_ms: state.config.cycle_interval_ms,
            published: s.cycles_published,
            missed: s.cycles_missed,
            latency_ms: newest.map(|n| n.latency_ms),
            as_of: newest.map(|n| n.as_of.ms()),
        },
        restarts: s.restarts,
        drops: s.drops.clone(),
        ws_clients: state.admission.clients(),
        rest_url: s.rest_url.clone(),
        stream_url: s.stream_url.clone(),
        admin_url: state.config.admin_url.clone(),
        version: env!("CARGO_PKG_VERSION"),
        started_at: s.started_at.ms(),
        uptime_ms: s.uptime_ms,
    }
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// Rankings come and are full; whether this scanner is on standby, and the problems that are there all the same, one a line.
#[utoipa::path(get, path = "/readyz", responses((status = 200, body = String, content_type = "text/plain"),
    (status = 503, body = Problem)))]
pub(crate) async fn readyz(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    let problems = problems(&state, language(None, &req)?.texts());
    if !state.handles.view.ready() {
        let problems = problems.into_iter().map(|p| p.what).collect();
        return Err(Cause::NotReady { problems }.into());
    }
    let told = problems.iter().map(|p| format!("{}: {}. {} {}\n", p.kind, p.what, p.meaning, p.remedy));
    let role = state.handles.view.status().failover.as_ref().map_or(Role::Active, |failover| failover.role);
    let ready = if role == Role::Active { "ready\n".to_owned() } else { format!("ready: {role}\n") };
    let text: String = std::iter::once(ready).chain(told).collect();
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}

/// Prometheus metrics.
#[utoipa::path(get, path = "/metrics", responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(state: Data<WebState>) -> HttpResponse {
    let text = state.handles.metrics.render();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}
