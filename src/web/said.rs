//! What is said to a reader in two languages, and which one a request asks for.

use crate::web::problem::Problem;
use actix_web::ResponseError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;

/// The same in English and, where it was said so, in Spanish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub en: String,
    pub es: Option<String>,
}

impl From<String> for Said {
    fn from(en: String) -> Self {
        Self { en, es: None }
    }
}

impl From<&str> for Said {
    fn from(en: &str) -> Self {
        en.to_owned().into()
    }
}

/// `said!("en español {x}", "in English {x}")`.
macro_rules! said {
    ($es:literal, $en:literal) => {
        $crate::web::said::Said { en: format!($en), es: Some(format!($es)) }
    };
}
pub(crate) use said;

/// Does the reader want Spanish: the first of es and en in `Accept-Language` by its weight. Without it, English.
pub(crate) fn wants_spanish(headers: &HeaderMap) -> bool {
    let texts = headers.get_all(header::ACCEPT_LANGUAGE).filter_map(|v| v.to_str().ok());
    let mut best: Option<(f32, bool)> = None;
    for part in texts.flat_map(|text| text.split(',')) {
        let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
        let weight = rest.trim().strip_prefix("q=").map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let spanish = match primary.as_str() {
            "es" => true,
            "en" => false,
            _ => continue,
        };
        if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, spanish));
        }
    }
    best.is_some_and(|(_, spanish)| spanish)
}

/// What the framework itself refuses (a body too large, of the wrong kind, not readable) as a problem.
fn bare(answer: &ServiceResponse<BoxBody>) -> Option<Problem> {
    let error = answer.response().error()?;
    Some(Problem::refused(answer.status(), &error.to_string()))
}

/// Says problems in the language that the request asks for.
pub(crate) async fn localise(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let spanish = wants_spanish(req.headers());
    let answer = next.call(req).await?.map_into_boxed_body();
    let known = answer.response().extensions().get::<Problem>().cloned();
    let unsaid = known.is_none();
    let Some(problem) = known.or_else(|| bare(&answer)) else { return Ok(answer) };
    let problem = if spanish { problem.in_spanish() } else { problem };
    let mut said = if spanish || unsaid { answer.into_response(problem.error_response()) } else { answer };
    let headers = said.headers_mut();
    let language = HeaderValue::from_static(if spanish { "es" } else { "en" });
    headers.insert(header::CONTENT_LANGUAGE, language);
    headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(text));
        wants_spanish(&headers)
    }

    #[test]
    fn the_heaviest_known_language_wins() {
        assert!(asked("es") && asked("es-MX,es;q=0.9,en;q=0.8") && asked("fr, en;q=0.2, ES-es;q=0.3"));
        assert!(!asked("en-GB,es;q=0.9") && !asked("fr") && !asked("es;q=0") && !asked(",;=") && !asked("*"));
        assert!(!wants_spanish(&HeaderMap::new()));
    }
}
