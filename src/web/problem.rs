//! Errors as `application/problem+json` (RFC 9457).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of every error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{status} {title}: {detail}")]
pub struct Problem {
    /// Names the kind of problem, `urn:impulso:problem:<kind>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is wrong here and what to do.
    pub detail: String,
    /// Values that are allowed, where they can be listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<String>>,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &str, detail: String) -> Self {
        Self {
            kind: format!("urn:impulso:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail,
            allowed: None,
        }
    }

    /// 400: a query parameter is wrong.
    #[must_use]
    pub fn query(detail: String, allowed: &[&str]) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "bad-query", "Bad query parameter", detail);
        problem.allowed = Some(allowed.iter().map(|a| (*a).to_owned()).collect());
        problem
    }

    /// 404: no such pair.
    #[must_use]
    pub fn symbol(name: &str) -> Self {
        let detail = format!("'{name}' is not in the universe; GET /api/v1/symbols lists all pairs");
        Self::new(StatusCode::NOT_FOUND, "unknown-symbol", "Unknown symbol", detail)
    }

    /// 404: no such route.
    #[must_use]
    pub fn route(path: &str) -> Self {
        let detail = format!("there is nothing at '{path}'; GET /openapi.json lists all routes");
        Self::new(StatusCode::NOT_FOUND, "unknown-route", "Unknown route", detail)
    }

    /// 405: the route takes other methods.
    #[must_use]
    pub fn method(method: &str, allowed: &[&str]) -> Self {
        let detail = format!("{method} is not possible here: use {}", allowed.join(" or "));
        let mut p = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Method not allowed", detail);
        p.allowed = Some(allowed.iter().map(|m| (*m).to_owned()).collect());
        p
    }

    /// 401: who are you.
    #[must_use]
    pub fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Token needed", detail.to_owned())
    }

    /// 403: you may not.
    #[must_use]
    pub fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail.to_owned())
    }

    /// 404: no such thing.
    #[must_use]
    pub fn missing(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail.to_owned())
    }

    /// 403: the page that asks is not ours.
    #[must_use]
    pub fn origin(detail: String) -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign-origin", "Foreign origin", detail)
    }

    /// 503: not yet, or not now.
    #[must_use]
    pub fn unavailable(kind: &str, title: &str, detail: String) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, kind, title, detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        if self.status == 405 {
            let allowed = self.allowed.as_ref().map_or_else(String::new, |methods| methods.join(", "));
            answer.insert_header((header::ALLOW, allowed));
        }
        if self.status == 401 {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"impulso\""));
        }
        if self.status == 503 {
            answer.insert_header((header::RETRY_AFTER, "5"));
        }
        answer.body(serde_json::to_string(self).unwrap_or_default())
    }
}

/// Answers what no route takes.
///
/// # Errors
/// Always: the problem that says so.
pub async fn no_route(req: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::route(req.path()))
}

/// Answers a method that a route does not take.
///
/// # Errors
/// Always: the problem that says so.
pub async fn no_method(req: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::method(req.method().as_str(), &["GET", "HEAD"]))
}

/// The same for routes that take changes.
///
/// # Errors
/// Always: the problem that says so.
pub async fn no_change(req: HttpRequest) -> Result<HttpResponse, Problem> {
    let allowed: &[&str] = match req.match_pattern().as_deref() {
        Some("/api/v1/mutes") => &["GET", "HEAD", "POST"],
        Some("/api/v1/mutes/{symbol}") => &["DELETE"],
        Some("/api/v1/watchlist/{symbol}") => &["PUT", "DELETE"],
        _ => &["POST"],
    };
    Err(Problem::method(req.method().as_str(), allowed))
}
