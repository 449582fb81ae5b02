//! Errors as `application/problem+json` (RFC 9457), in English or in the reader's language.

use crate::web::said::{Said, said};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU16;
use utoipa::ToSchema;

/// The body of every error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{status} {title}: {detail}")]
pub(crate) struct Problem {
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
    #[schema(nullable = false)]
    pub allowed: Option<Vec<String>>,
    /// The detail in Spanish, where it was said.
    #[serde(skip)]
    #[schema(ignore)]
    spanish: Option<Box<str>>,
    /// Seconds after which it may be tried again.
    #[serde(skip)]
    #[schema(ignore)]
    retry_after: Option<NonZeroU16>,
}

/// When to ask again for what is not there yet, s.
const NOT_YET_S: NonZeroU16 = NonZeroU16::new(5).unwrap();

/// Titles in Spanish, by the kind of problem.
const TITLES: [(&str, &str); 21] = [
    ("bad-query", "Parámetro de consulta incorrecto"),
    ("bad-body", "Cuerpo de la petición incorrecto"),
    ("unknown-symbol", "Par desconocido"),
    ("unknown-route", "Ruta desconocida"),
    ("method", "Método no permitido"),
    ("unauthorized", "Hace falta un token"),
    ("forbidden", "No permitido"),
    ("not-found", "No encontrado"),
    ("foreign-origin", "Origen ajeno"),
    ("too-many-requests", "Demasiadas peticiones"),
    ("read-only", "Nodo de solo lectura"),
    ("state", "Estado no utilizable"),
    ("no-snapshot", "Aún no hay ranking"),
    ("not-ready", "Aún no está listo"),
    ("no-answer", "Sin respuesta"),
    ("no-history", "Sin historial"),
    ("history", "Historial no legible"),
    ("too-large", "Cuerpo demasiado grande"),
    ("media-type", "Tipo de cuerpo no entendido"),
    ("bad-request", "Petición no entendida"),
    ("clients-full", "Demasiados clientes en vivo"),
];

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &str, detail: impl Into<Said>) -> Self {
        let Said { en, es } = detail.into();
        Self {
            kind: format!("urn:impulso:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: en,
            allowed: None,
            spanish: es.map(String::into_boxed_str),
            retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(NOT_YET_S),
        }
    }

    /// The same in Spanish; what was said in English alone stays English.
    pub(crate) fn in_spanish(mut self) -> Self {
        let title = TITLES.iter().find(|(kind, _)| self.kind.rsplit(':').next() == Some(kind));
        if let Some((_, title)) = title {
            (*title).clone_into(&mut self.title);
        }
        if let Some(detail) = self.spanish.take() {
            self.detail = detail.into();
        }
        self
    }

    /// 400: a query parameter is wrong.
    pub(crate) fn query(detail: impl Into<Said>, allowed: &[&str]) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "bad-query", "Bad query parameter", detail);
        problem.allowed = Some(allowed.iter().map(|a| (*a).to_owned()).collect());
        problem
    }

    /// 400: the body is wrong.
    pub(crate) fn body(detail: impl Into<Said>, allowed: &[&str]) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "bad-body", "Bad request body", detail);
        problem.allowed = Some(allowed.iter().map(|a| (*a).to_owned()).collect());
        problem
    }

    /// What the HTTP framework refuses by itself.
    pub(crate) fn refused(status: StatusCode, detail: &str) -> Self {
        let (kind, title) = match status {
            StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "Body too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("media-type", "Kind of body not understood"),
            _ => ("bad-request", "Request not understood"),
        };
        Self::new(status, kind, title, detail)
    }

    /// 429: too many requests from one address.
    pub(crate) fn too_many(after_s: u64) -> Self {
        let detail = said!(
            "demasiadas peticiones desde esta dirección; inténtalo de nuevo dentro de {after_s} s",
            "too many requests from this address; try again in {after_s} s"
        );
        let problem =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests", detail);
        let wait = u16::try_from(after_s).ok().and_then(NonZeroU16::new);
        Self { retry_after: Some(wait.unwrap_or(NonZeroU16::MAX)), ..problem }
    }

    /// 503: the pair's actor says nothing.
    pub(crate) fn silent(symbol: &str) -> Self {
        let detail = said!("{symbol} no responde en este momento", "{symbol} does not answer just now");
        Self::unavailable("no-answer", "No answer", detail)
    }

    /// 404: no such pair.
    pub(crate) fn symbol(name: &str) -> Self {
        let detail = said!(
            "'{name}' no está en el universo; GET /api/v1/symbols lista todos los pares",
            "'{name}' is not in the universe; GET /api/v1/symbols lists all pairs"
        );
        Self::new(StatusCode::NOT_FOUND, "unknown-symbol", "Unknown symbol", detail)
    }

    /// 404: the pair has no learned chance.
    pub(crate) fn no_chance(name: &str) -> Self {
        let detail = said!(
            "'{name}' no tiene probabilidad ahora mismo: no hay modelo, no se puede analizar o queda fuera de los límites",
            "'{name}' has no chance just now: no model, not analyzable, or outside the limits"
        );
        Self::new(StatusCode::NOT_FOUND, "no-chance", "No chance", detail)
    }

    /// 404: no such route.
    pub(crate) fn route(path: &str) -> Self {
        let detail = said!(
            "no hay nada en '{path}'; GET /openapi.json lista todas las rutas",
            "there is nothing at '{path}'; GET /openapi.json lists all routes"
        );
        Self::new(StatusCode::NOT_FOUND, "unknown-route", "Unknown route", detail)
    }

    /// 405: the route takes other methods.
    pub(crate) fn method(method: &str, allowed: &[&str]) -> Self {
        let (o, or) = (allowed.join(" o "), allowed.join(" or "));
        let detail = said!("{method} no es posible aquí: usa {o}", "{method} is not possible here: use {or}");
        let mut p = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Method not allowed", detail);
        p.allowed = Some(allowed.iter().map(|m| (*m).to_owned()).collect());
        p
    }

    /// 401: who are you.
    pub(crate) fn unauthorized(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Token needed", detail)
    }

    /// 403: you may not.
    pub(crate) fn forbidden(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 404: no such thing.
    pub(crate) fn missing(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// 403: the page that asks is not ours.
    pub(crate) fn origin(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign-origin", "Foreign origin", detail)
    }

    /// 503: not yet, or not now.
    pub(crate) fn unavailable(kind: &str, title: &str, detail: impl Into<Said>) -> Self {
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
        if let Some(seconds) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, u32::from(seconds.get())));
        }
        // Kept for the language filter, which may say it in another language.
        answer.extensions_mut().insert(self.clone());
        answer.body(serde_json::to_string(self).unwrap_or_default())
    }
}

/// Answers what no route takes.
pub(crate) async fn no_route(req: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::route(req.path()))
}

/// Answers a method that a route does not take.
pub(crate) async fn no_method(req: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::method(req.method().as_str(), &["GET", "HEAD"]))
}

/// The same for routes that take changes.
pub(crate) async fn no_change(req: HttpRequest) -> Result<HttpResponse, Problem> {
    let allowed: &[&str] = match req.match_pattern().as_deref() {
        Some("/api/v1/mutes") => &["GET", "HEAD", "POST"],
        Some("/api/v1/mutes/{symbol}") => &["DELETE"],
        Some("/api/v1/watchlist/{symbol}") => &["PUT", "DELETE"],
        _ => &["POST"],
    };
    Err(Problem::method(req.method().as_str(), allowed))
}

/// The same for the sign-in.
pub(crate) async fn no_login(req: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::method(req.method().as_str(), &["GET", "HEAD", "POST"]))
}
