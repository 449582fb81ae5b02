//! Strict query strings: unknown, repeated and out-of-range parameters are errors that say what is allowed.

use crate::i18n::Language;
use crate::web::problem::{ApiError, Cause};
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
pub(crate) fn parse(text: &str, keys: &[&str]) -> Result<BTreeMap<String, String>, ApiError> {
    let pairs = Query::<Vec<(String, String)>>::from_query(text)
        .map_err(|e| Cause::QueryUnreadable { error: e.to_string() }.allowed(keys))?;
    let mut out = BTreeMap::new();
    for (key, value) in pairs.into_inner() {
        if !keys.contains(&key.as_str()) {
            return Err(Cause::UnknownParameter { key }.allowed(keys));
        }
        if out.contains_key(&key) {
            return Err(Cause::RepeatedParameter { key }.allowed(keys));
        }
        out.insert(key, value);
    }
    Ok(out)
}

/// Reads `lang`.
pub(crate) fn language(code: &str) -> Result<Language, ApiError> {
    let unknown = || Cause::UnknownValue { key: "lang", value: code.to_owned() }.allowed(&["es", "en"]);
    Language::from_code(code).ok_or_else(unknown)
}

/// Reads `limit`.
///
/// # Errors
/// 400 when it is no whole number from 1 to 1000.
pub(crate) fn limit(text: Option<&String>) -> Result<Option<usize>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(n) if LIMITS.contains(&n) => Ok(Some(n)),
        _ => {
            let bad = Cause::NotWhole { key: "limit", value: text.clone(), least: 1, most: 1000 };
            Err(bad.allowed(&["1..=1000"]))
        }
    }
}

/// Reads `offset`: how many rows are passed over.
///
/// # Errors
/// 400 when it is no whole number from 0 on.
pub(crate) fn offset(text: Option<&String>) -> Result<usize, ApiError> {
    let Some(text) = text else { return Ok(0) };
    text.parse::<u32>()
        .map(|n| n as usize)
        .map_err(|_| Cause::BadOffset { value: text.clone() }.allowed(&["0..=4294967295"]))
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
