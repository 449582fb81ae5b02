//! The sub-path under which a proxy shows the server (`web.base_path`).

use crate::web::config::WebState;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::middleware::Next;
use actix_web::web::Data;

/// The address below the base; `None` where it does not begin with it: a proxy may take the base away itself, and health
/// checks of this machine know none.
fn below(base: &str, uri: &Uri) -> Option<Uri> {
    let rest = uri.path().strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    let path = if rest.is_empty() { "/" } else { rest };
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    format!("{path}{query}").parse().ok()
}

/// Takes the base away, so that nothing behind knows of it.
pub(crate) async fn take_away(
    state: Data<WebState>,
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let base = &state.config.base_path;
    if let Some(uri) = (!base.is_empty()).then(|| below(base, req.uri())).flatten() {
        req.match_info_mut().get_mut().update(&uri);
        req.head_mut().uri = uri;
    }
    next.call(req).await
}

/// The page with the base before each address of this server. Quotes in texts are escaped: only attributes are met.
pub(crate) fn rebased(page: String, base: &str) -> String {
    if base.is_empty() {
        return page;
    }
    let attributes = [" href=\"/", " src=\"/", " action=\"/"];
    attributes.iter().fold(page, |page, attribute| {
        page.replace(attribute, &format!("{}{base}/", attribute.trim_end_matches('/')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::config::is_base_path;

    #[test]
    fn addresses_lose_and_get_the_base() {
        let inner = |uri: &str| below("/impulso", &uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(inner("/impulso/api/v1/ranking?limit=1").as_deref(), Some("/api/v1/ranking?limit=1"));
        assert_eq!(inner("/impulso").as_deref(), Some("/"));
        assert_eq!(inner("/impulso/").as_deref(), Some("/"));
        assert_eq!((inner("/impulsos"), inner("/healthz"), inner("/")), (None, None, None));
        let page = r#"<a href="/">x</a><script src="/assets/a.js"></script><a href="https://a/">"#.to_owned();
        let there = r#"<a href="/b/">x</a><script src="/b/assets/a.js"></script><a href="https://a/">"#;
        assert_eq!((rebased(page.clone(), "/b"), rebased(page.clone(), "")), (there.to_owned(), page));
    }

    #[test]
    fn what_a_base_may_be() {
        for good in ["", "/impulso", "/a/b-c", "/x.y"] {
            assert!(is_base_path(good), "{good}");
        }
        for bad in ["/", "impulso", "/a/", "//a", "/a b", "/a\"", "/..", "/a/../b", "/ñ"] {
            assert!(!is_base_path(bad), "{bad}");
        }
    }
}
