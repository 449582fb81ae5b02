//! Files under `web/`, embedded, served under names that change with their content.

use crate::web::problem::Problem;
use actix_web::HttpResponse;
use actix_web::web::Path;
use std::hash::{DefaultHasher, Hash, Hasher};

const FILES: [(&str, &str, &str); 3] = [
    ("page.css", "text/css; charset=utf-8", include_str!("../../web/page.css")),
    ("live.js", "text/javascript; charset=utf-8", include_str!("../../web/live.js")),
    ("icon.svg", "image/svg+xml", include_str!("../../web/icon.svg")),
];

/// Address of an embedded file, with the hash of its content.
#[must_use]
pub fn url(name: &str) -> String {
    let content = FILES.iter().find(|f| f.0 == name).map_or("", |f| f.2);
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("/assets/{:016x}-{name}", hasher.finish())
}

/// `GET /assets/{name}`.
///
/// # Errors
/// 404 for a name, or a hash, that is not embedded.
pub async fn asset(name: Path<String>) -> Result<HttpResponse, Problem> {
    let path = format!("/assets/{name}");
    let (_, kind, content) = FILES.iter().find(|f| url(f.0) == path).ok_or_else(|| Problem::route(&path))?;
    let forever = ("Cache-Control", "public, max-age=31536000, immutable");
    Ok(HttpResponse::Ok().content_type(*kind).insert_header(forever).body(*content))
}

/// `GET /favicon.ico`: the same icon for clients that do not read the page.
pub async fn favicon() -> HttpResponse {
    HttpResponse::Ok().content_type(FILES[2].1).body(FILES[2].2)
}
