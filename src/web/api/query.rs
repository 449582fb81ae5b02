//! Strict query strings: unknown, repeated and out-of-range parameters are errors that say what is allowed.

use crate::web::problem::Problem;
use crate::web::said::said;
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Query;
use std::collections::BTreeMap;

/// Least and greatest `limit`.
pub(crate) const LIMITS: std::ops::RangeInclusive<usize> = 1..=1000;

/// Header that tells how many rows there are in all.
pub(crate) const TOTAL: &str = "X-Total-Count";

/// Reads a query string that may hold only `keys`, each once.
///
/// # Errors
/// 400 that names the wrong key and the allowed ones.
pub(crate) fn parse(text: &str, keys: &[&str]) -> Result<BTreeMap<String, String>, Problem> {
    let pairs = Query::<Vec<(String, String)>>::from_query(text).map_err(|e| {
        let detail = said!("la consulta no se puede leer: {e}", "the query string cannot be read: {e}");
        Problem::query(detail, keys)
    })?;
    let mut out = BTreeMap::new();
    for (key, value) in pairs.into_inner() {
        if !keys.contains(&key.as_str()) {
            let detail =
                said!("el parámetro '{key}' no se conoce aquí", "parameter '{key}' is not known here");
            return Err(Problem::query(detail, keys));
        }
        if out.contains_key(&key) {
            let detail = said!(
                "el parámetro '{key}' está dos veces; ponlo una vez",
                "parameter '{key}' stands twice; give it once"
            );
            return Err(Problem::query(detail, keys));
        }
        out.insert(key, value);
    }
    Ok(out)
}

/// Reads `limit`.
///
/// # Errors
/// 400 when it is no whole number from 1 to 1000.
pub(crate) fn limit(text: Option<&String>) -> Result<Option<usize>, Problem> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(n) if LIMITS.contains(&n) => Ok(Some(n)),
        _ => {
            let detail = said!(
                "limit '{text}' no es un número entero de 1 a 1000",
                "limit '{text}' is not a whole number from 1 to 1000"
            );
            Err(Problem::query(detail, &["1..=1000"]))
        }
    }
}

/// Reads `offset`: how many rows are passed over.
///
/// # Errors
/// 400 when it is no whole number from 0 on.
pub(crate) fn offset(text: Option<&String>) -> Result<usize, Problem> {
    let Some(text) = text else { return Ok(0) };
    text.parse::<u32>().map(|n| n as usize).map_err(|_| {
        let detail = said!(
            "offset '{text}' no es un número entero desde 0",
            "offset '{text}' is not a whole number from 0 on"
        );
        Problem::query(detail, &["0..=4294967295"])
    })
}

/// The header `Link` to the next page: this address with some parameters changed.
pub fn next(
    req: &HttpRequest,
    map: &BTreeMap<String, String>,
    changes: &[(&str, &str)],
) -> (header::HeaderName, String) {
    let mut map = map.clone();
    map.extend(changes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    let parts: Vec<String> = map.iter().map(|(k, v)| format!("{k}={}", encode(v))).collect();
    (header::LINK, format!("<{}?{}>; rel=\"next\"", req.path(), parts.join("&")))
}

/// Percent-encodes all but letters, digits and what never needs it.
pub fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
