//! Which language a request asks for, and errors put into it.

use crate::i18n::Language;
use crate::web::problem::{ApiError, Cause};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;

/// The first language of `Accept-Language`, by its weight, that there are texts in.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Language> {
    let texts = headers.get_all(header::ACCEPT_LANGUAGE).filter_map(|v| v.to_str().ok());
    let mut best: Option<(f32, Language)> = None;
    for part in texts.flat_map(|text| text.split(',')) {
        let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
        let weight = rest.trim().strip_prefix("q=").map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let Some(language) = Language::from_code(&primary) else { continue };
        if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// What the framework itself refuses: a body too large, of the wrong kind, not readable.
fn framework(answer: &ServiceResponse<BoxBody>) -> Option<ApiError> {
    let error = answer.response().error()?.to_string();
    Some(Cause::Framework { status: answer.status(), error }.into())
}

/// Puts errors into the language that the request asks for; without one, into English.
pub(crate) async fn localise(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let language = accepted(req.headers()).unwrap_or(Language::En);
    let answer = next.call(req).await?.map_into_boxed_body();
    let own = answer.response().extensions().get::<ApiError>().cloned();
    let in_english = own.is_some();
    let Some(error) = own.or_else(|| framework(&answer)) else { return Ok(answer) };
    // The first words of an error are English, and filters below may have added headers to them.
    let mut answer = if language == Language::En && in_english {
        answer
    } else {
        answer.into_response(error.answer(language.texts()))
    };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &'static str) -> Option<Language> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(text));
        accepted(&headers)
    }

    #[test]
    fn the_heaviest_known_language_wins() {
        for es in ["es", "es-MX,es;q=0.9,en;q=0.8", "fr, en;q=0.2, ES-es;q=0.3"] {
            assert_eq!(asked(es), Some(Language::Es), "{es}");
        }
        assert_eq!(asked("en-GB,es;q=0.9"), Some(Language::En));
        for none in ["fr", "es;q=0", ",;=", "*"] {
            assert_eq!(asked(none), None, "{none}");
        }
        assert_eq!(accepted(&HeaderMap::new()), None);
    }
}
