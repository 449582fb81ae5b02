//! Strict query strings: unknown, repeated and out-of-range parameters are errors that say what is allowed.

use crate::web::problem::Problem;
use actix_web::web::Query;
use std::collections::BTreeMap;

/// Least and greatest `limit`.
pub const LIMITS: std::ops::RangeInclusive<usize> = 1..=1000;

/// Reads a query string that may hold only `keys`, each once.
///
/// # Errors
/// 400 that names the wrong key and the allowed ones.
pub fn parse(text: &str, keys: &[&str]) -> Result<BTreeMap<String, String>, Problem> {
    let pairs = Query::<Vec<(String, String)>>::from_query(text)
        .map_err(|e| Problem::query(format!("the query string cannot be read: {e}"), keys))?;
    let mut out = BTreeMap::new();
    for (key, value) in pairs.into_inner() {
        if !keys.contains(&key.as_str()) {
            return Err(Problem::query(format!("parameter '{key}' is not known here"), keys));
        }
        if out.contains_key(&key) {
            return Err(Problem::query(format!("parameter '{key}' stands twice; give it once"), keys));
        }
        out.insert(key, value);
    }
    Ok(out)
}

/// Reads `limit`.
///
/// # Errors
/// 400 when it is no whole number from 1 to 1000.
pub fn limit(text: Option<&String>) -> Result<Option<usize>, Problem> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(n) if LIMITS.contains(&n) => Ok(Some(n)),
        _ => {
            Err(Problem::query(format!("limit '{text}' is not a whole number from 1 to 1000"), &["1..=1000"]))
        }
    }
}
