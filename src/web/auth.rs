//! Who may do what: a token with the scope `operate` changes things, one of any scope reads.
//!
//! Nothing follows from the address that a request comes from. A page signs in with a token, or by the one-time code of
//! this run (`LocalEntry`), and has a token of its own in a strict, HTTP-only cookie from then on, which counts for changes
//! only with an Origin that is this server. A page of a name that merely points here reads nothing: without a token the
//! Host must be an address, `localhost` or a name of `web.hosts`.
//!
//! Reading is free on this machine. Beyond loopback, or with `web.require_token`, it needs a token of any scope, unless
//! `web.public_read` says otherwise.

use crate::actors::failover::status::Role;
use crate::actors::ports::state::{Scope, TokenInfo};
use crate::domain::percent::percent_encoded;
use crate::web::caller::{Caller, TOKEN_COOKIE, Way, caller};
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause};
use crate::web::security::{check_host, check_origin};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};

/// How old the list of tokens may be by which a live client is judged, ms: a revoked one ends that soon.
const TOKENS_KEPT_MS: i64 = 2_000;

/// Lets an operator pass; gives what is put down as the author of the change.
///
/// # Errors
/// 401 without a token, 403 for one that may only read or a foreign origin, 503 when tokens cannot be read, or on standby, whose
/// state is the other machine's.
pub(crate) fn operator(req: &HttpRequest, state: &WebState) -> Result<String, ApiError> {
    let (headers, hosts) = (req.headers(), &state.config.hosts);
    check_origin(headers, hosts, &state.config.cors_origins)?;
    let own = headers.contains_key(header::ORIGIN) && check_origin(headers, hosts, &[]).is_ok();
    let caller = caller(req);
    let token = match &caller.token {
        Some((token, way)) if *way == Way::Header || own => token,
        Some(_) => return Err(Cause::TokenNeeded.into()),
        None => return Err(caller.refused.clone().unwrap_or_else(|| Cause::TokenNeeded.into())),
    };
    if token.scope != Scope::Operate {
        return Err(Cause::MayOnlyRead { name: token.name.clone() }.into());
    }
    if state.handles.view.status().failover.as_ref().is_some_and(|own| own.role != Role::Active) {
        return Err(Cause::Standby.into());
    }
    tracing::info!(
        token = token.name, from = %caller.address, method = %req.method(), path = req.path(),
        "a change was asked for"
    );
    Ok(format!("token:{}", token.name))
}

/// May the visitor of a page change something.
pub(crate) fn operates(req: &HttpRequest, state: &WebState) -> bool {
    state.handles.operator.is_some() && caller(req).operates()
}

/// Is a token that was shown a while ago still one. When the tokens cannot be read just now, it is.
pub(crate) fn still_counts(token: &TokenInfo, state: &WebState) -> bool {
    let mono = state.handles.machine.mono_time();
    let Some(tokens) = &state.handles.tokens else { return true };
    let known = state.cached.get::<Vec<TokenInfo>>(0, mono, TOKENS_KEPT_MS);
    let known = known.or_else(|| Some(state.cached.put(0, mono, tokens.tokens().ok()?)));
    // A new token may have the name of a revoked one.
    known.is_none_or(|all| all.iter().any(|t| (&t.name, t.created_at) == (&token.name, token.created_at)))
}

/// 503: a node that serves from Redis changes nothing.
pub(crate) fn read_only() -> ApiError {
    Cause::ReadOnly.into()
}

/// The cookie of a sign-in: the token itself, out of reach of scripts, so that revoking it ends the session.
pub(crate) fn sign_in_cookie(req: &HttpRequest, state: &WebState, token: String) -> Cookie<'static> {
    let secure = req.connection_info().scheme() == "https";
    let cookie = Cookie::build(TOKEN_COOKIE, token).path(state.config.cookie_path());
    let cookie = cookie.http_only(true).same_site(SameSite::Strict);
    cookie.secure(secure).max_age(Duration::days(30)).finish()
}

/// What must always be had, by monitors that know no token: it tells nothing of the market.
fn is_health(path: &str) -> bool {
    ["/healthz", "/readyz"].contains(&path)
}

/// What stays open where reading needs a token: health, the sign-in, embedded files and the description of the API.
fn open(path: &str) -> bool {
    let open = ["/login", "/favicon.ico", "/docs", "/openapi.json", "/asyncapi.json"];
    is_health(path) || open.contains(&path) || path.starts_with("/assets/") || path.starts_with("/docs/")
}

fn refusal(caller: &Caller, req: &ServiceRequest, state: &WebState) -> Option<ApiError> {
    if caller.token.is_some() || is_health(req.path()) {
        return None;
    }
    if let Err(foreign) = check_host(req.headers(), &state.config.hosts) {
        return Some(foreign);
    }
    if !state.config.guards_reads() || open(req.path()) {
        return None;
    }
    Some(caller.refused.clone().unwrap_or_else(|| Cause::ReadingNeedsToken.into()))
}

/// Lets only those pass who may read; pages are led to the sign-in.
pub(crate) async fn guard(
    state: Data<WebState>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let caller = caller(req.request());
    let Some(refused) = refusal(&caller, &req, &state) else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    let accept = req.headers().get(header::ACCEPT).and_then(|a| a.to_str().ok()).unwrap_or("");
    if refused.status_code() == StatusCode::UNAUTHORIZED
        && req.method() == Method::GET
        && accept.contains("text/html")
    {
        let target = req.uri().path_and_query().map_or("/", |p| p.as_str());
        let to = format!("{}/login?next={}", state.config.base_path, percent_encoded(target));
        return Ok(req.into_response(HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()));
    }
    Ok(req.into_response(refused.error_response()))
}
