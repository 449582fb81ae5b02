//! Security headers, the origin check, CORS, bodies of requests, request metrics.

use crate::web::problem::{ApiError, Cause};
use actix_cors::Cors;
use actix_web::ResponseError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::{Condition, DefaultHeaders, Next};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Nothing from elsewhere, nothing inline.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Headers of every answer.
pub fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "no-referrer"))
        .add(("X-Frame-Options", "DENY"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
}

/// The name of an authority, without its port.
fn name_of(authority: &str) -> &str {
    let port = |(_, port): &(&str, &str)| port.bytes().all(|b| b.is_ascii_digit());
    authority.rsplit_once(':').filter(port).map_or(authority, |(name, _)| name)
}

/// Is it one of these names; one with a port stands for itself alone.
fn is_among(authority: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|h| h.eq_ignore_ascii_case(authority) || h.eq_ignore_ascii_case(name_of(authority)))
}

/// Refuses a name that is none of this server: it may be one of elsewhere that was made to point here, so that a page of
/// it could read what this machine may read. An address cannot be made to point elsewhere.
///
/// # Errors
/// 421 when the Host header is no address, not `localhost` and not among `hosts`.
pub(crate) fn check_host(headers: &HeaderMap, hosts: &[String]) -> Result<(), ApiError> {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("");
    let name = name_of(host);
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if address || name.eq_ignore_ascii_case("localhost") || is_among(host, hosts) {
        return Ok(());
    }
    Err(Cause::ForeignHost { host: host.to_owned() }.into())
}

/// Refuses what a page of another host asks for, unless its origin is among `others`; tools send no Origin and may
/// pass. `hosts` are names of this server: a proxy may pass another Host on than the page was asked for under.
///
/// # Errors
/// 403 when the Origin names another host than the Host header.
pub(crate) fn check_origin(headers: &HeaderMap, hosts: &[String], others: &[String]) -> Result<(), ApiError> {
    let Some(origin) = headers.get("origin") else { return Ok(()) };
    let origin = origin.to_str().unwrap_or("");
    let host = headers.get("host").and_then(|h| h.to_str().ok()).unwrap_or("");
    let authority = origin.split_once("://").map_or("", |(_, rest)| rest);
    let own = (!host.is_empty() && authority.eq_ignore_ascii_case(host)) || is_among(authority, hosts);
    if own || others.iter().any(|other| other.eq_ignore_ascii_case(origin)) {
        return Ok(());
    }
    Err(Cause::ForeignOrigin { origin: origin.to_owned(), host: host.to_owned() }.into())
}

/// Takes bodies only as they are: a few kilobytes that unpack to gigabytes would be unpacked before anyone is asked who
/// they are. Nobody who operates this needs to pack a line of JSON.
pub(crate) async fn plain_bodies(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let plain = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    let encodings = req.headers().get_all(header::CONTENT_ENCODING);
    let packed = encodings.into_iter().find(|value| !plain(value));
    let packed = packed.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    match packed {
        Some(encoding) => {
            Ok(req.into_response(ApiError::from(Cause::EncodedBody { encoding }).error_response()))
        }
        None => Ok(next.call(req).await?.map_into_boxed_body()),
    }
}

/// Longest that a change may take, its body included: a line of JSON takes no second, whoever sends it byte by byte holds a
/// connection and what belongs to it.
const CHANGE_WITHIN: Duration = Duration::from_secs(15);

/// Gives up on a request whose body does not come.
pub(crate) async fn bodies_in_time(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if [Method::GET, Method::HEAD].contains(req.method()) {
        return Ok(next.call(req).await?.map_into_boxed_body());
    }
    // The request went along: what remains is to say so, and the server closes a connection whose body did not come.
    let answer = actix_web::rt::time::timeout(CHANGE_WITHIN, next.call(req)).await;
    Ok(answer.map_err(|_| ApiError::from(Cause::BodyLate))??.map_into_boxed_body())
}

/// Lets pages of these origins read and, with a token in the header, operate; never with cookies.
pub(crate) fn cors(origins: &[String]) -> Condition<Cors> {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "DELETE"])
        .allowed_headers(["Authorization", "Content-Type", "Accept", "Accept-Language", "If-None-Match"])
        .expose_headers(["ETag", "Link", "X-Total-Count", "Retry-After"])
        .max_age(600);
    let cors = origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin));
    Condition::new(!origins.is_empty(), cors)
}

/// Counts requests and their duration by route pattern, never by the path as typed (that has no bound).
pub async fn measure(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let answer = next.call(req).await?;
    let route = answer.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = answer.status().as_str().to_owned();
    metrics::counter!("impulso_http_requests_total", "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!("impulso_http_duration_seconds", "route" => route)
        .record(began.elapsed().as_secs_f64());
    Ok(answer)
}
