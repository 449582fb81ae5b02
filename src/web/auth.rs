//! Who may change something: a bearer token with the scope `operate`, or the local page by its session.
//!
//! The session is a random value of this run in a strict, HTTP-only cookie. It is given only to a page that this
//! machine opens under a name of this machine (so that no foreign name that points here gets it), and it counts only
//! with an Origin that is this server. A page elsewhere signs in with a token, which then stands in such a cookie.
//!
//! Reading is free on this machine. Beyond loopback it needs a token of any scope, unless `web.public_read` says
//! otherwise.

use crate::actors::ports::state::{Scope, TokenInfo};
use crate::domain::percent::percent_encoded;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause};
use crate::web::security::check_origin;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use std::net::IpAddr;

/// Name of the cookie of the local page.
pub(crate) const COOKIE: &str = "impulso_session";
/// Name of the cookie of a sign-in.
pub(crate) const TOKEN_COOKIE: &str = "impulso_token";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operator {
    /// A token, by name.
    Token(String),
    /// The page on this machine.
    Page,
}

impl Operator {
    /// What is put down as the author of a change.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Token(name) => format!("token:{name}"),
            Self::Page => "page".to_owned(),
        }
    }
}

/// How the token came.
enum Way {
    /// In the header: no page of another site can send it for the user.
    Header,
    /// In the cookie of the sign-in: it counts for changes only with an Origin that is this server.
    Cookie,
}

fn presented(req: &HttpRequest) -> Option<(String, Way)> {
    if let Some(token) = bearer(req) {
        return Some((token.to_owned(), Way::Header));
    }
    req.cookie(TOKEN_COOKIE).map(|c| (c.value().to_owned(), Way::Cookie))
}

/// Lets an operator pass.
///
/// # Errors
/// 401 without a token or session, 403 for a token that may only read or a foreign origin, 503 when tokens cannot be
/// read.
pub(crate) fn operator(req: &HttpRequest, state: &WebState) -> Result<Operator, ApiError> {
    check_origin(req.headers(), &state.config.cors_origins)?;
    let own = req.headers().contains_key(header::ORIGIN) && check_origin(req.headers(), &[]).is_ok();
    let cookie = req.cookie(COOKIE);
    if bearer(req).is_none()
        && own
        && is_local(req)
        && cookie.is_some_and(|c| same(c.value(), &state.session))
    {
        return Ok(Operator::Page);
    }
    let token = match presented(req) {
        Some((token, Way::Header)) => find(&token, state)?,
        Some((token, Way::Cookie)) if own => find(&token, state)?,
        _ => {
            return Err(Cause::TokenNeeded.into());
        }
    };
    let name = token.name;
    if token.scope == Scope::Operate {
        return Ok(Operator::Token(name));
    }
    Err(Cause::MayOnlyRead { name }.into())
}

/// Lets a reader pass: a token of any scope, in the header or in the cookie of the sign-in.
///
/// # Errors
/// 401 without a known token, 503 when tokens cannot be read.
pub(crate) fn reader(req: &HttpRequest, state: &WebState) -> Result<(), ApiError> {
    match presented(req) {
        Some((token, _)) => find(&token, state).map(|_| ()),
        None => Err(Cause::ReadingNeedsToken.into()),
    }
}

/// May the visitor of a page change something.
pub(crate) fn operates(req: &HttpRequest, state: &WebState) -> bool {
    let signed_in = || {
        let token = req.cookie(TOKEN_COOKIE).and_then(|c| find(c.value(), state).ok());
        token.is_some_and(|t| t.scope == Scope::Operate)
    };
    state.handles.operator.is_some() && (session_cookie(req, state).is_some() || signed_in())
}

fn bearer(req: &HttpRequest) -> Option<&str> {
    let value = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The token of this text.
///
/// # Errors
/// 401 for one that is not known, 503 when tokens cannot be read.
pub(crate) fn find(token: &str, state: &WebState) -> Result<TokenInfo, ApiError> {
    let Some(tokens) = &state.handles.tokens else {
        return Err(read_only());
    };
    let found = tokens.find_token(token, state.handles.machine.machine_time()).map_err(|e| {
        tracing::error!(error = %e, "tokens cannot be read");
        Cause::TokensUnreadable
    })?;
    Ok(found.ok_or(Cause::TokenUnknown)?)
}

/// 503: a node that serves from Redis changes nothing.
pub(crate) fn read_only() -> ApiError {
    Cause::ReadOnly.into()
}

/// The cookie of a sign-in: the token itself, out of reach of scripts, so that revoking it ends the session.
pub(crate) fn sign_in_cookie(req: &HttpRequest, token: String) -> Cookie<'static> {
    let secure = req.connection_info().scheme() == "https";
    let cookie = Cookie::build(TOKEN_COOKIE, token).path("/").http_only(true).same_site(SameSite::Strict);
    cookie.secure(secure).max_age(Duration::days(30)).finish()
}

/// Compares without telling by the time it takes how much was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |d, (x, y)| d | (x ^ y)) == 0
}

/// From this machine, and under a name of this machine.
fn is_local(req: &HttpRequest) -> bool {
    let peer = req.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let host = req.headers().get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("");
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let local =
        name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    peer && local
}

/// The cookie for a page that this machine opens; `None` for others and on read-only nodes.
pub(crate) fn session_cookie(req: &HttpRequest, state: &WebState) -> Option<Cookie<'static>> {
    (is_local(req) && state.handles.operator.is_some()).then(|| {
        Cookie::build(COOKIE, state.session.clone())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Strict)
            .finish()
    })
}

/// What stays open beyond loopback: health, the sign-in, embedded files and the description of the API.
fn open(path: &str) -> bool {
    let open = ["/healthz", "/readyz", "/login", "/favicon.ico", "/docs", "/openapi.json", "/asyncapi.json"];
    open.contains(&path) || path.starts_with("/assets/") || path.starts_with("/docs/")
}

/// Lets only readers with a token pass where the server listens beyond loopback; pages are led to the sign-in.
pub(crate) async fn guard(
    state: Data<WebState>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let refused = match state.config.guards_reads() && !open(req.path()) {
        true => reader(req.request(), &state).err(),
        false => None,
    };
    let Some(refused) = refused else { return Ok(next.call(req).await?.map_into_boxed_body()) };
    let accept = req.headers().get(header::ACCEPT).and_then(|a| a.to_str().ok()).unwrap_or("");
    if refused.status_code() == StatusCode::UNAUTHORIZED
        && req.method() == Method::GET
        && accept.contains("text/html")
    {
        let target = req.uri().path_and_query().map_or("/", |p| p.as_str());
        let to = format!("/login?next={}", percent_encoded(target));
        return Ok(req.into_response(HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()));
    }
    Ok(req.into_response(refused.error_response()))
}
