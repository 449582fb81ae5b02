//! Files under `web/`, embedded, served under names that change with their content.
//!
//! Modules import each other by file name; what is served names the hashed addresses instead, so that a page never
//! mixes two versions. A file therefore stands after those that it imports.

use crate::web::encoding::Encoding;
use crate::web::problem::{ApiError, Cause};
use actix_web::http::header;
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($name:literal: $kind:expr),+ $(,)?) => {
        [$(($name, $kind, include_str!(concat!("../../web/", $name)))),+]
    };
}

/// Put together once: names depend on contents, and contents on the names of what they import.
static FILES: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let mut ready: Vec<Asset> = Vec::new();
    for (name, kind, source) in files![
        "icon.svg": "image/svg+xml",
        "page.css": CSS,
        "market.css": CSS,
        "sheets.css": CSS,
        "theme.js": JS,
        "format.js": JS,
        "live.js": JS,
        "notify.js": JS,
        "freshness.js": JS,
        "shell.js": JS,
        "operate.js": JS,
        "filters.js": JS,
        "table.js": JS,
        "refresh.js": JS,
        "lightweight-charts.js": JS,
        "lightweight-charts.LICENSE": "text/plain; charset=utf-8",
        "chart.js": JS,
        "symbol.js": JS,
        "alerts.js": JS,
        "status.js": JS,
        "track.js": JS,
        "keys.js": JS,
        "market.js": JS,
    ] {
        let content = ready.iter().fold(source.to_owned(), |text, file| {
            text.replace(
                &format!("\"./{}\"", file.name),
                &format!("\".{}\"", file.url.trim_start_matches("/assets")),
            )
        });
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        let url = format!("/assets/{:016x}-{name}", hasher.finish());
        let gzip = Encoding::Gzip.pack(content.as_bytes()).unwrap_or_default().into();
        ready.push(Asset { name, kind, content, gzip, url });
    }
    ready
});

struct Asset {
    name: &'static str,
    kind: &'static str,
    content: String,
    /// Packed once: it is asked for far more often than there are files. All answers share it.
    gzip: Bytes,
    url: String,
}

/// Address of an embedded file, with the hash of its content.
pub fn url(name: &str) -> &'static str {
    FILES.iter().find(|f| f.name == name).map_or("", |f| f.url.as_str())
}

/// `GET /assets/{name}`.
///
/// # Errors
/// 404 for a name, or a hash, that is not embedded.
pub(crate) async fn asset(req: HttpRequest, name: Path<String>) -> Result<HttpResponse, ApiError> {
    let path = format!("/assets/{name}");
    let file =
        FILES.iter().find(|f| f.url == path).ok_or_else(|| Cause::UnknownRoute { path: path.to_string() })?;
    let forever = ("Cache-Control", "public, max-age=31536000, immutable");
    let mut answer = HttpResponse::Ok();
    answer.content_type(file.kind).insert_header(forever).insert_header((header::VARY, "accept-encoding"));
    if !file.gzip.is_empty() && Encoding::Gzip.is_taken(req.headers()) {
        return Ok(answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(file.gzip.clone()));
    }
    Ok(answer.body(file.content.as_str()))
}

/// `GET /favicon.ico`: the same icon for clients that do not read the page.
pub(crate) async fn favicon() -> HttpResponse {
    HttpResponse::Ok().content_type(FILES[0].kind).body(FILES[0].content.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_import_what_is_served() {
        for file in FILES.iter() {
            for part in file.content.split("from \"./").skip(1) {
                let target = format!("/assets/{}", part.split('"').next().unwrap_or_default());
                assert!(FILES.iter().any(|f| f.url == target), "{} imports {target}", file.name);
            }
        }
    }
}
