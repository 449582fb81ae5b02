//! `GET /api/v1/alerts`, `/api/v1/mutes`, `/api/v1/watchlist`, `/api/v1/channels`: what was sent, and what an operator
//! changes. Reading is free like the rest of the API; changes need a token or the local page.

use crate::actors::operator::OperatorService;
use crate::actors::ports::alerts::AlertRecord;
use crate::actors::ports::state::Mute;
use crate::domain::moment::MarketTime;
use crate::domain::time::parse_span_ms;
use crate::web::auth::{operator, read_only};
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::{self, NoParams, Params};
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use std::io;
use std::str::FromStr;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// More alerts than this never have the same cut: there are not so many pairs.
const SAME_CUT: usize = 1_000;
/// Alerts of an answer, unless `limit` says otherwise: some days of a usual market.
const ALERTS: usize = 100;

/// `GET /api/v1/alerts`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertsBody {
    /// Alerts with their deliveries, newest first.
    pub(crate) alerts: Vec<AlertRecord>,
    /// Give it as `before` to get older ones; null when there are none.
    pub next_before: Option<i64>,
}

/// `POST /api/v1/mutes`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MuteRequest {
    /// The pair, or `*` for all.
    pub symbol: String,
    /// How long, such as 30m, 1h, 2d; left out for good.
    #[serde(rename = "for")]
    #[schema(pattern = "^[1-9][0-9]{0,3}[smhd]$")]
    pub span: Option<String>,
}

/// One channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelBody {
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
    /// Its short name, the same in every language.
    pub(crate) last_error_code: Option<String>,
    /// ms UTC, machine clock.
    pub(crate) last_sent_at: Option<i64>,
}

/// A test message was written to the outbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestBody {
    /// The channel.
    pub channel: String,
    /// Key of the message.
    pub key: String,
}

/// The channels as the status shows them.
pub(crate) fn channel_bodies(state: &WebState) -> Vec<ChannelBody> {
    let body = |c: crate::actors::view::ChannelStatus| ChannelBody {
        state: if c.dead_channel { "dead" } else { "ok" },
        name: c.name,
        pending: c.pending,
        sent: c.sent,
        uncertain: c.uncertain,
        dead: c.dead,
        last_error: c.last_error.as_ref().map(|reason| reason.in_english().to_owned()),
        last_error_code: c.last_error.as_ref().map(|reason| reason.code().to_owned()),
        last_sent_at: c.last_sent_at.map(|at| at.ms()),
    };
    state.handles.view.channels().into_iter().map(body).collect()
}

fn service(state: &WebState) -> Result<&Arc<OperatorService>, ApiError> {
    state.handles.operator.as_ref().ok_or_else(read_only)
}

fn failed(error: &io::Error) -> ApiError {
    tracing::error!(%error, "the state could not be used");
    Cause::State.into()
}

/// A pair of the universe, or `*`.
fn known(symbol: &str, state: &WebState) -> Result<(), ApiError> {
    let known = symbol == "*" || state.handles.queries.knows(symbol);
    if known { Ok(()) } else { Err(Cause::UnknownSymbol { name: symbol.to_owned() }.into()) }
}

/// Where a page of alerts begins: `before` as a moment, or as the id of the last alert of the page before.
#[derive(Debug)]
struct Cursor {
    before: MarketTime,
    after_id: Option<String>,
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(before) = text.parse() {
            return Ok(Self { before: MarketTime::from_ms(before), after_id: None });
        }
        let moment = text.rsplit('-').nth(1).and_then(|m| m.parse::<i64>().ok());
        let at = moment
            .filter(|at| *at < i64::MAX)
            .ok_or("ms since 1970 UTC, a whole number; the id of an alert")?;
        Ok(Self { before: MarketTime::from_ms(at) + 1, after_id: Some(text.to_owned()) })
    }
}

/// A page of alerts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AlertPage {
    symbol: Option<String>,
    /// Only those before it: ms UTC, or the id of an alert.
    #[serde(deserialize_with = "query::parsed")]
    #[param(value_type = Option<String>, pattern = "^(-?[0-9]{1,18}|[^&]{1,30}-[0-9]{1,15}-(FUERTE|ALTA))$")]
    before: Option<Cursor>,
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

impl Cursor {
    /// Alerts of one cut go by id, and a page may end among them.
    fn read(
        &self,
        operator: &OperatorService,
        symbol: Option<&str>,
        limit: usize,
    ) -> io::Result<Vec<AlertRecord>> {
        let Some(last) = &self.after_id else { return operator.alerts(symbol, self.before, limit) };
        let shown = |a: &AlertRecord| a.alert.as_of + 1 == self.before && a.alert.id <= *last;
        let mut found = operator.alerts(symbol, self.before, limit + SAME_CUT)?;
        found.retain(|a| !shown(a));
        found.truncate(limit);
        Ok(found)
    }
}

/// Alerts with the state of their deliveries.
#[utoipa::path(get, path = "/api/v1/alerts",
    params(AlertPage),
    responses((status = 200, body = AlertsBody, headers(("Link" = String, description = "rel=next: the next page"))),
        (status = 503, body = Problem)))]
pub(crate) async fn alerts(
    req: HttpRequest,
    Params(asked): Params<AlertPage>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    let limit = asked.limit.map_or(ALERTS, |n| n as usize);
    let cursor = asked.before.unwrap_or(Cursor { before: MarketTime::MAX, after_id: None });
    let alerts = cursor.read(&**service(&state)?, asked.symbol.as_deref(), limit).map_err(|e| failed(&e))?;
    let last = (alerts.len() == limit).then(|| alerts.last().map(|a| a.alert.clone())).flatten();
    let mut answer = HttpResponse::Ok();
    if let Some(last) = &last {
        answer
            .insert_header(query::next(&req, &[("before", last.id.as_str()), ("limit", &limit.to_string())]));
    }
    Ok(answer.json(AlertsBody { alerts, next_before: last.map(|a| a.as_of.ms()) }))
}

/// Mutes in force.
#[utoipa::path(get, path = "/api/v1/mutes", responses((status = 200, body = Vec<Mute>), (status = 503, body = Problem)))]
pub(crate) async fn mutes(_: Params<NoParams>, state: Data<WebState>) -> Result<Json<Vec<Mute>>, ApiError> {
    let mutes = service(&state)?.mutes().map_err(|e| failed(&e))?;
    Ok(Json(mutes))
}

/// Mutes a pair, or all.
#[utoipa::path(post, path = "/api/v1/mutes", request_body = MuteRequest, security(("token" = [])),
    responses((status = 200, body = Mute), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn mute(
    req: HttpRequest,
    body: Bytes,
    state: Data<WebState>,
) -> Result<Json<Mute>, ApiError> {
    let operator = operator(&req, &state)?;
    let asked: MuteRequest = serde_json::from_slice(&body).map_err(|e| {
        Cause::BodyUnreadable { error: e.to_string() }.allowed(&[r#"{"symbol":"BTCUSDT","for":"1h"}"#])
    })?;
    known(&asked.symbol, &state)?;
    let span = asked.span.as_deref().map(|text| {
        parse_span_ms(text)
            .ok_or_else(|| Cause::NoSpan { value: text.to_owned() }.allowed(&["30s", "30m", "1h", "2d"]))
    });
    let mute = service(&state)?.mute(&asked.symbol, span.transpose()?, &operator).map_err(|e| failed(&e))?;
    Ok(Json(mute))
}

/// Ends a mute.
#[utoipa::path(delete, path = "/api/v1/mutes/{symbol}", params(("symbol" = String, Path)), security(("token" = [])),
    responses((status = 204),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn unmute(
    req: HttpRequest,
    symbol: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    operator(&req, &state)?;
    if service(&state)?.unmute(&symbol).map_err(|e| failed(&e))? {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(Cause::NotMuted { symbol: symbol.into_inner() }.into())
}

/// Watched pairs.
#[utoipa::path(get, path = "/api/v1/watchlist", responses((status = 200, body = Vec<String>), (status = 503, body = Problem)))]
pub(crate) async fn watchlist(
    _: Params<NoParams>,
    state: Data<WebState>,
) -> Result<Json<Vec<String>>, ApiError> {
    Ok(Json(service(&state)?.watchlist().map_err(|e| failed(&e))?))
}

/// Puts a pair on the watchlist.
#[utoipa::path(put, path = "/api/v1/watchlist/{symbol}", params(("symbol" = String, Path)), security(("token" = [])),
    responses((status = 204),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn watch(
    req: HttpRequest,
    symbol: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    operator(&req, &state)?;
    if !state.handles.queries.knows(&symbol) {
        return Err(Cause::UnknownSymbol { name: symbol.into_inner() }.into());
    }
    service(&state)?.watch(&symbol, true).map_err(|e| failed(&e))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a pair off the watchlist.
#[utoipa::path(delete, path = "/api/v1/watchlist/{symbol}", params(("symbol" = String, Path)), security(("token" = [])),
    responses((status = 204),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn unwatch(
    req: HttpRequest,
    symbol: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    operator(&req, &state)?;
    if service(&state)?.watch(&symbol, false).map_err(|e| failed(&e))? {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(Cause::NotWatched { symbol: symbol.into_inner() }.into())
}

/// Channels with what they delivered.
#[utoipa::path(get, path = "/api/v1/channels", responses((status = 200, body = Vec<ChannelBody>)))]
pub(crate) async fn channels(
    _: Params<NoParams>,
    state: Data<WebState>,
) -> Result<Json<Vec<ChannelBody>>, ApiError> {
    Ok(Json(channel_bodies(&state)))
}

/// Sends a test message over a channel.
#[utoipa::path(post, path = "/api/v1/channels/{name}/test", params(("name" = String, Path)), security(("token" = [])),
    responses((status = 202, body = TestBody),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn test(
    req: HttpRequest,
    name: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    operator(&req, &state)?;
    let service = service(&state)?;
    match service.test(&name).map_err(|e| failed(&e))? {
        Some(key) => Ok(HttpResponse::Accepted().json(TestBody { channel: name.into_inner(), key })),
        None => {
            let all = service.channels().join(", ");
            Err(Cause::UnknownChannel { name: name.into_inner(), all }.into())
        }
    }
}
