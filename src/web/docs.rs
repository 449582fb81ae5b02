//! `/docs`: the API's description as a page to try it from. Swagger UI is embedded compressed and loaded only here.

use crate::web::encoding::Encoding;
use crate::web::problem::{ApiError, Cause};
use crate::web::security::CONTENT_SECURITY_POLICY;
use actix_web::http::header;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use maud::{DOCTYPE, html};
use std::io::Read;

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// Name, kind, content in gzip.
const PACKED: [(&str, &str, &[u8]); 2] = [
    ("swagger-ui.css", CSS, include_bytes!("../../web/docs/swagger-ui.css.gz")),
    ("swagger-ui-bundle.js", JS, include_bytes!("../../web/docs/swagger-ui-bundle.js.gz")),
];
const SCRIPT: &str = include_str!("../../web/docs/docs.js");
const LICENSE: &str = include_str!("../../web/docs/swagger-ui.LICENSE");

/// `GET /docs`.
pub async fn page() -> HttpResponse {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "API · Impulso" }
                link rel="stylesheet" href="docs/swagger-ui.css";
                script src="docs/swagger-ui-bundle.js" defer {}
                script src="docs/docs.js" defer {}
            }
            body {
                p { a href="." { "Impulso" } " · " a href="openapi.json" { "OpenAPI" } " · "
                    a href="asyncapi.json" { "AsyncAPI" } " · " a href="docs/LICENSE" { "Swagger UI" } }
                main id="docs" { noscript { "This page needs JavaScript; /openapi.json does not." } }
            }
        }
    };
    // The icons of the library stand in its style sheet.
    let policy = CONTENT_SECURITY_POLICY.replace("img-src 'self'", "img-src 'self' data:");
    HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .content_type("text/html; charset=utf-8")
        .body(markup.into_string())
}

/// `GET /docs/{name}`.
///
/// # Errors
/// 404 for a name that is not embedded.
pub(crate) async fn file(req: HttpRequest, name: Path<String>) -> Result<HttpResponse, ApiError> {
    let mut answer = HttpResponse::Ok();
    match name.as_str() {
        "docs.js" => return Ok(answer.content_type(JS).body(SCRIPT)),
        "LICENSE" => return Ok(answer.content_type("text/plain; charset=utf-8").body(LICENSE)),
        _ => {}
    }
    let (_, kind, packed) = PACKED
        .into_iter()
        .find(|(n, ..)| *n == name.as_str())
        .ok_or_else(|| Cause::UnknownRoute { path: req.path().to_owned() })?;
    answer.content_type(kind);
    if Encoding::Gzip.is_taken(req.headers()) {
        return Ok(answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(packed));
    }
    let mut plain = Vec::new();
    if let Err(error) = flate2::read::GzDecoder::new(packed).read_to_end(&mut plain) {
        tracing::error!(%error, %name, "an embedded file is damaged");
    }
    Ok(answer.body(plain))
}
