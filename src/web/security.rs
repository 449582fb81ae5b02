//! Security headers, the origin check of the WebSocket, request metrics.

use crate::web::problem::Problem;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::middleware::{DefaultHeaders, Next};
use std::time::Instant;

/// Nothing from elsewhere, nothing inline.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Headers of every answer.
#[must_use]
pub fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "no-referrer"))
        .add(("X-Frame-Options", "DENY"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
}

/// Refuses a WebSocket that a page of another host opens; tools send no Origin and may pass.
///
/// # Errors
/// 403 when the Origin names another host than the Host header.
pub fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get("origin") else { return Ok(()) };
    let origin = origin.to_str().unwrap_or("");
    let host = headers.get("host").and_then(|h| h.to_str().ok()).unwrap_or("");
    let authority = origin.split_once("://").map_or("", |(_, rest)| rest);
    if !host.is_empty() && authority.eq_ignore_ascii_case(host) {
        return Ok(());
    }
    Err(Problem::origin(format!("Origin '{origin}' is not this server ('{host}'): open the page from here")))
}

/// Counts requests and their duration by route pattern, never by the path as typed (that has no bound).
///
/// # Errors
/// Those of the service below.
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
