//! `/login`: a form that takes a token and keeps it in a cookie, for pages that are opened from elsewhere.

use crate::i18n::{Language, Texts};
use crate::web::assets;
use crate::web::auth::sign_in_cookie;
use crate::web::base::rebased;
use crate::web::caller::{TOKEN_COOKIE, find};
use crate::web::config::WebState;
use crate::web::language::accepted;
use crate::web::pages::layout::LANG_COOKIE;
use crate::web::problem::{self, ApiError, Cause};
use crate::web::security::{CONTENT_SECURITY_POLICY, check_origin};
use actix_web::cookie::Cookie;
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Resource, ResponseError};
use maud::{DOCTYPE, html};
use serde::Deserialize;

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    next: Option<String>,
    /// The one-time code of this run.
    code: Option<String>,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct SignIn {
    token: String,
    next: Option<String>,
}

pub(crate) fn resource() -> Resource {
    web::resource("/login")
        .get(form)
        .head(form)
        .post(sign_in)
        .default_service(web::route().to(problem::no_login))
}

/// A place on this server: nothing that a browser would take for another host.
fn local(next: Option<&str>) -> &str {
    let safe =
        |n: &&str| n.starts_with('/') && !n[1..].starts_with(['/', '\\']) && !n.contains(char::is_control);
    next.filter(safe).unwrap_or("/")
}

/// The language of the page's cookie, then the browser's; a browser that asks for none reads Spanish.
fn texts(req: &HttpRequest) -> &'static Texts {
    let kept = || Language::from_code(req.cookie(LANG_COOKIE)?.value());
    let silent = !req.headers().contains_key(header::ACCEPT_LANGUAGE);
    let or_else = if silent { Language::Es } else { Language::En };
    kept().or_else(|| accepted(req.headers())).unwrap_or(or_else).texts()
}

fn page(
    mut answer: HttpResponseBuilder,
    (req, state): (&HttpRequest, &WebState),
    next: &str,
    why: Option<&str>,
) -> HttpResponse {
    let t = texts(req);
    // The form may be sent here, and its request must say where it comes from.
    let policy = CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self'");
    answer.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    answer.insert_header((header::REFERRER_POLICY, "same-origin"));
    answer.insert_header((header::CACHE_CONTROL, "no-store")).content_type("text/html; charset=utf-8");
    let markup = html! {
        (DOCTYPE)
        html lang=(t.language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (t.sign_in()) " · Impulso" }
                link rel="icon" href=(assets::url("icon.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(assets::url("page.css"));
                link rel="stylesheet" href=(assets::url("market.css"));
                script src=(assets::url("theme.js")) {}
            }
            body {
                main id="main" class="sign-in" {
                    h1 { "Impulso · " (t.sign_in()) }
                    p { (t.sign_in_how()) }
                    @if let Some(why) = why { p.box.bad role="alert" { (why) } }
                    form.filters method="post" action="/login" {
                        input type="hidden" name="next" value=(next);
                        label { (t.sign_in_token()) " "
                            input type="password" name="token" autocomplete="current-password" required;
                        }
                        " " button type="submit" { (t.sign_in()) }
                    }
                }
            }
        }
    };
    answer.body(rebased(markup.into_string(), &state.config.base_path))
}

/// Leads on to a place of this server.
fn onward(state: &WebState, next: &str) -> HttpResponseBuilder {
    let mut onward = HttpResponse::SeeOther();
    onward.insert_header((header::LOCATION, format!("{}{next}", state.config.base_path)));
    onward.insert_header((header::CACHE_CONTROL, "no-store"));
    onward
}

/// `GET /login`: the form, or with the code of this run the sign-in itself.
///
/// # Errors
/// 503 when no token can be made for the page.
pub(crate) async fn form(
    req: HttpRequest,
    target: Query<Target>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    let next = local(target.next.as_deref());
    let code = target.code.as_deref().filter(|_| req.method() == Method::GET);
    let Some(code) = code else { return Ok(page(HttpResponse::Ok(), (&req, &state), next, None)) };
    match state.handles.entry.as_ref().and_then(|entry| entry.redeem(code)) {
        Some(Ok(token)) => Ok(onward(&state, next).cookie(sign_in_cookie(&req, &state, token)).finish()),
        Some(Err(error)) => {
            tracing::error!(%error, "no token can be made for the page");
            Err(Cause::State.into())
        }
        None => {
            let why = ApiError::from(Cause::CodeUsed).problem(texts(&req)).detail;
            Ok(page(HttpResponse::Unauthorized(), (&req, &state), next, Some(&why)))
        }
    }
}

/// `POST /login`: an empty token signs out.
///
/// # Errors
/// 403 for a form of another site.
pub(crate) async fn sign_in(
    req: HttpRequest,
    sent: Form<SignIn>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    check_origin(req.headers(), &state.config.hosts, &[])?;
    let (token, next) = (sent.token.trim(), local(sent.next.as_deref()));
    let mut onward = onward(&state, next);
    if token.is_empty() {
        let mut gone = Cookie::build(TOKEN_COOKIE, "").path(state.config.cookie_path()).finish();
        gone.make_removal();
        return Ok(onward.cookie(gone).finish());
    }
    match find(token, &state) {
        Ok(_) => Ok(onward.cookie(sign_in_cookie(&req, &state, token.to_owned())).finish()),
        Err(refused) if refused.status_code() == StatusCode::UNAUTHORIZED => {
            let why = refused.problem(texts(&req)).detail;
            Ok(page(HttpResponse::Unauthorized(), (&req, &state), next, Some(&why)))
        }
        Err(refused) => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn nobody_is_led_elsewhere() {
        assert_eq!(local(Some("/s/BTCUSDT?lang=en")), "/s/BTCUSDT?lang=en");
        for away in ["//evil.example", "/\\evil.example", "https://evil.example", "", "evil", "/a\r\nb: c"] {
            assert_eq!(local(Some(away)), "/", "{away}");
        }
        assert_eq!(local(None), "/");
    }
}
