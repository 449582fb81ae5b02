//! Errors as `application/problem+json` (RFC 9457), in English or in the reader's language.

mod cause;

pub(crate) use cause::Cause;

use crate::i18n::{Language, Texts};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// The body of every error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem, `urn:impulso:problem:<kind>`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The kind in words.
    pub(crate) title: String,
    /// HTTP status.
    pub(crate) status: u16,
    /// What is wrong here and what to do.
    pub(crate) detail: String,
    /// Values that are allowed, where they can be listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) allowed: Option<Vec<String>>,
}

/// When to ask again for what is not there yet, s. A cycle of a scanner that is set to be fast.
const NOT_YET_S: u64 = 5;

/// Why a request is refused; a [`Problem`] once it is put into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    cause: Cause,
    allowed: Option<Vec<String>>,
}

impl From<Cause> for ApiError {
    fn from(cause: Cause) -> Self {
        let allowed = match &cause {
            Cause::Method { allowed, .. } => Some(allowed.iter().map(|&method| method.to_owned()).collect()),
            _ => None,
        };
        Self { cause, allowed }
    }
}

impl ApiError {
    pub(crate) fn problem(&self, t: &Texts) -> Problem {
        let (kind, detail) = self.cause.in_words(t);
        Problem {
            kind: format!("urn:impulso:problem:{}", kind.name),
            title: (kind.title)(t),
            status: kind.status.as_u16(),
            detail,
            allowed: self.allowed.clone(),
        }
    }

    pub(crate) fn answer(&self, t: &Texts) -> HttpResponse {
        let problem = self.problem(t);
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        let retry_after_s = match (&self.cause, problem.status) {
            (Cause::TooManyRequests { after_s }, _) => Some(*after_s),
            (_, 503) => Some(NOT_YET_S),
            _ => None,
        };
        if let Some(seconds) = retry_after_s {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        match problem.status {
            // What else waits on this connection would get the same, and keep others waiting meanwhile.
            429 => {
                answer.force_close();
            }
            405 => {
                let allowed = self.allowed.as_ref().map_or_else(String::new, |methods| methods.join(", "));
                answer.insert_header((header::ALLOW, allowed));
            }
            401 => {
                answer.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"impulso\""));
            }
            _ => {}
        }
        answer.json(problem)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { title, status, detail, .. } = self.problem(Language::En.texts());
        write!(f, "{status} {title}: {detail}")
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.cause.in_words(Language::En.texts()).0.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = self.answer(Language::En.texts());
        // The language filter, which knows the request, may put it into other words.
        answer.extensions_mut().insert(self.clone());
        answer
    }
}

/// Answers what no route takes.
pub(crate) async fn no_route(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(Cause::UnknownRoute { path: req.path().to_owned() }.into())
}

fn refused(req: &HttpRequest, allowed: &'static [&'static str]) -> Result<HttpResponse, ApiError> {
    Err(Cause::Method { method: req.method().to_string(), allowed }.into())
}

/// Answers a method that a route does not take.
pub(crate) async fn no_method(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    refused(&req, &["GET", "HEAD"])
}

/// The same for routes that take changes.
pub(crate) async fn no_change(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    let allowed: &[&str] = match req.match_pattern().as_deref() {
        Some("/api/v1/mutes") => &["GET", "HEAD", "POST"],
        Some("/api/v1/mutes/{symbol}") => &["DELETE"],
        Some("/api/v1/watchlist/{symbol}") => &["PUT", "DELETE"],
        _ => &["POST"],
    };
    refused(&req, allowed)
}

/// The same for the sign-in.
pub(crate) async fn no_login(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    refused(&req, &["GET", "HEAD", "POST"])
}
