//! Who may change something: a bearer token with the scope `operate`, or the local page by its session.
//!
//! The session is a random value of this run in a strict, HTTP-only cookie. It is given only to a page that this
//! machine opens under a name of this machine (so that no foreign name that points here gets it), and it counts only
//! with an Origin that is this server.

use crate::actors::ports::alerts::Scope;
use crate::web::config::WebState;
use crate::web::problem::Problem;
use crate::web::security::check_origin;
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use std::net::IpAddr;

/// Name of the cookie.
pub const COOKIE: &str = "impulso_session";

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operator {
    /// A token, by name.
    Token(String),
    /// The page on this machine.
    Page,
}

impl Operator {
    /// What is put down as the author of a change.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Token(name) => format!("token:{name}"),
            Self::Page => "page".to_owned(),
        }
    }
}

/// Lets an operator pass.
///
/// # Errors
/// 401 without a token or session, 403 for a token that may only read or a foreign origin, 503 when tokens cannot be
/// read.
pub fn operator(req: &HttpRequest, state: &WebState) -> Result<Operator, Problem> {
    check_origin(req.headers())?;
    if let Some(token) = bearer(req) {
        return by_token(token, state);
    }
    let same_origin = req.headers().contains_key(header::ORIGIN);
    let cookie = req.cookie(COOKIE);
    if same_origin && is_local(req) && cookie.is_some_and(|c| same(c.value(), &state.session)) {
        return Ok(Operator::Page);
    }
    Err(Problem::unauthorized(
        "this route needs 'Authorization: Bearer TOKEN'; make one with `impulso token create NAME --scope operate`",
    ))
}

fn bearer(req: &HttpRequest) -> Option<&str> {
    let value = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn by_token(token: &str, state: &WebState) -> Result<Operator, Problem> {
    let Some(tokens) = &state.handles.tokens else {
        return Err(Problem::unavailable("read-only", "Read-only node", READ_ONLY.to_owned()));
    };
    let found = tokens.find(token, state.handles.machine.utc_ms()).map_err(|e| {
        tracing::error!(error = %e, "tokens cannot be read");
        Problem::unavailable("state", "State not readable", "tokens cannot be read just now".to_owned())
    })?;
    match found {
        Some(token) if token.scope == Scope::Operate => Ok(Operator::Token(token.name)),
        Some(token) => Err(Problem::forbidden(&format!("token '{}' may only read", token.name))),
        None => {
            Err(Problem::unauthorized("this token is not known; `impulso token list` shows those that are"))
        }
    }
}

/// What a node that serves from Redis says to changes.
pub const READ_ONLY: &str = "this node only shows what a scanner publishes; ask the scanner itself";

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
#[must_use]
pub fn session_cookie(req: &HttpRequest, state: &WebState) -> Option<Cookie<'static>> {
    (is_local(req) && state.handles.desk.is_some()).then(|| {
        Cookie::build(COOKIE, state.session.clone())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Strict)
            .finish()
    })
}
