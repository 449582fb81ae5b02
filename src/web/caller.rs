//! Who asks: the address (behind trusted proxies the one that they forward), and the token. Found out once, before
//! anything else is decided about a request.

use crate::actors::ports::state::{Scope, TokenInfo};
use crate::web::config::WebState;
use crate::web::network::{Client, Network};
use crate::web::problem::{ApiError, Cause};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

/// Name of the cookie of a sign-in.
pub(crate) const TOKEN_COOKIE: &str = "impulso_token";
/// Name of the header in which proxies write who asked them.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// How a token came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// In the header: no page of another site can send it for the user.
    Header,
    /// In the cookie of the sign-in: it counts for changes only with an Origin that is this server.
    Cookie,
}

#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) address: IpAddr,
    /// The token, where a known one was shown.
    pub(crate) token: Option<(TokenInfo, Way)>,
    /// Why the token that was shown does not count.
    pub(crate) refused: Option<ApiError>,
}

impl Caller {
    /// Whom limits are counted for: the token, else the address.
    pub(crate) fn client(&self) -> Client {
        self.token.as_ref().map_or_else(|| Client::at(self.address), |(t, _)| Client::of_token(&t.name))
    }

    pub(crate) fn operates(&self) -> bool {
        self.token.as_ref().is_some_and(|(token, _)| token.scope == Scope::Operate)
    }
}

/// Who asks, as `identify` found it.
pub(crate) fn caller(req: &HttpRequest) -> Rc<Caller> {
    let known = req.extensions().get::<Rc<Caller>>().cloned();
    known.unwrap_or_else(|| Rc::new(Caller { address: peer(req), token: None, refused: None }))
}

fn peer(req: &HttpRequest) -> IpAddr {
    req.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical())
}

/// The address that asked the outermost trusted proxy: each writes the one that it saw behind those before. What stands
/// farther left anyone may have invented.
fn forwarded(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(*ip));
    if !is_trusted(&peer) {
        return peer;
    }
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).filter_map(|v| v.to_str().ok()).collect();
    let mut last = peer;
    for part in lines.join(",").rsplit(',') {
        let Ok(ip) = part.trim().trim_matches(['[', ']']).parse::<IpAddr>() else { return last };
        last = ip.to_canonical();
        if !is_trusted(&last) {
            return last;
        }
    }
    last
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The token of this text.
///
/// # Errors
/// 401 for one that is not known, 503 when tokens cannot be read.
pub(crate) fn find(token: &str, state: &WebState) -> Result<TokenInfo, ApiError> {
    let Some(tokens) = &state.handles.tokens else {
        return Err(Cause::ReadOnly.into());
    };
    let found = tokens.find_token(token, state.handles.machine.machine_time()).map_err(|e| {
        tracing::error!(error = %e, "tokens cannot be read");
        Cause::TokensUnreadable
    })?;
    Ok(found.ok_or(Cause::TokenUnknown)?)
}

fn of(req: &HttpRequest, state: &WebState) -> Caller {
    let address = forwarded(peer(req), req.headers(), &state.config.trusted_proxies);
    let shown = bearer(req.headers()).map(|token| (token.to_owned(), Way::Header));
    let shown = shown.or_else(|| req.cookie(TOKEN_COOKIE).map(|c| (c.value().to_owned(), Way::Cookie)));
    let (token, refused) = match shown.map(|(token, way)| (find(&token, state), way)) {
        Some((Ok(token), way)) => (Some((token, way)), None),
        Some((Err(refused), _)) => (None, Some(refused)),
        None => (None, None),
    };
    Caller { address, token, refused }
}

/// Finds out who asks, for all that comes after.
pub(crate) async fn identify(
    state: Data<WebState>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let caller = Rc::new(of(req.request(), &state));
    req.extensions_mut().insert(caller);
    Ok(next.call(req).await?.map_into_boxed_body())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_trusted_proxies_say_who_asked_them() {
        let trusted: Vec<Network> = vec!["127.0.0.1".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let seen = |peer: &str, lines: &[&'static str]| {
            let mut req = TestRequest::default();
            for line in lines {
                req = req.append_header((FORWARDED_FOR, *line));
            }
            let req = req.to_http_request();
            forwarded(peer.parse().unwrap(), req.headers(), &trusted).to_string()
        };
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "a stranger's word");
        assert_eq!(seen("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("127.0.0.1", &["6.6.6.6, 198.51.100.1, 10.1.1.1"]), "198.51.100.1", "invented");
        assert_eq!(seen("127.0.0.1", &["6.6.6.6", "2001:db8::1"]), "2001:db8::1");
        assert_eq!(seen("127.0.0.1", &["127.0.0.1, unknown, 10.1.1.1"]), "10.1.1.1");
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
    }
}
