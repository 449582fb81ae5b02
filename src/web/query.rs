//! Parameters of a request. A struct declares them once: serde reads it, and from `IntoParams` come both the entry in
//! the API description and what an error names as allowed.

use crate::domain::percent::percent_encoded;
use crate::domain::time::parse_span_ms;
use crate::i18n::Language;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause};
use actix_web::dev::Payload;
use actix_web::error::QueryPayloadError;
use actix_web::http::header;
use actix_web::web::{Data, Query};
use actix_web::{FromRequest, HttpRequest};
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::future::{Ready, ready};
use std::str::FromStr;
use utoipa::IntoParams;
use utoipa::openapi::path::ParameterIn;

/// Most rows of an answer, as the parameter `limit` says it. As the exchange's klines have it.
pub(crate) const MOST_ROWS: usize = 1_000;
/// Header that tells how many rows there are in all.
pub(crate) const TOTAL: &str = "X-Total-Count";

/// The parameters of a request, for a handler.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned + IntoParams> FromRequest for Params<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(req.query_string()).map(Self))
    }
}

/// A route without parameters.
#[derive(Debug, serde::Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NoParams {}

/// Reads a query string. Every parameter of `T` may be left out, so that each can be tried on its own: only so is it
/// known which one serde refuses.
///
/// # Errors
/// 400 that names the unknown, repeated or wrong parameter and what is allowed.
pub(crate) fn read<T: DeserializeOwned + IntoParams>(text: &str) -> Result<T, ApiError> {
    let declared = T::into_params(|| Some(ParameterIn::Query));
    let names: Vec<&str> = declared.iter().map(|parameter| parameter.name.as_str()).collect();
    let unreadable = |e: QueryPayloadError| Cause::QueryUnreadable { error: e.to_string() }.allowed(&names);
    let mut seen = Vec::new();
    for part in text.split('&').filter(|part| !part.is_empty()) {
        let pair = Query::<Vec<(String, String)>>::from_query(part).map_err(unreadable)?.into_inner();
        let Some((name, value)) = pair.into_iter().next() else { continue };
        let Some(parameter) = declared.iter().find(|p| p.name == name) else {
            return Err(Cause::UnknownParameter { key: name }.allowed(&names));
        };
        if seen.contains(&name) {
            return Err(Cause::RepeatedParameter { key: name }.allowed(&names));
        }
        let schema = serde_json::to_value(&parameter.schema).unwrap_or_default();
        let wrong = Query::<T>::from_query(part).err().map(|e| match e {
            QueryPayloadError::Deserialize(e) => e.to_string(),
            other => other.to_string(),
        });
        if wrong.is_some() || !possible(&schema, &value) {
            return Err(refused(name, value, &schema, &wrong.unwrap_or_default()));
        }
        seen.push(name);
    }
    Query::<T>::from_query(text).map(Query::into_inner).map_err(unreadable)
}

/// The first value under a key of a schema or of those inside it.
fn found<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    match schema {
        Value::Object(map) => map.get(key).or_else(|| map.values().find_map(|inner| found(inner, key))),
        Value::Array(list) => list.iter().find_map(|inner| found(inner, key)),
        _ => None,
    }
}

/// Is a value (each of a list) one of the names of its schema, and a number within its bounds?
fn possible(schema: &Value, text: &str) -> bool {
    let list = found(schema, "items").is_some();
    let values = text.split(|c| list && c == ',').filter(|value| !(list && value.is_empty()));
    let names = found(schema, "enum").and_then(Value::as_array);
    let bound = |key| text.parse::<f64>().ok().zip(found(schema, key).and_then(Value::as_f64));
    names.is_none_or(|names| values.into_iter().all(|value| names.iter().any(|name| name == value)))
        && bound("minimum").is_none_or(|(number, least)| number >= least)
        && bound("maximum").is_none_or(|(number, most)| number <= most)
}

/// What is allowed instead: the names or the bounds of the schema; without any, what the type itself says.
fn refused(key: String, value: String, schema: &Value, otherwise: &str) -> ApiError {
    if let Some(names) = found(schema, "enum").and_then(Value::as_array) {
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        return Cause::UnknownValue { key, value }.allowed(&names);
    }
    let bound = |name| found(schema, name).and_then(Value::as_u64);
    if let (Some(least), Some(most)) = (bound("minimum"), bound("maximum")) {
        return Cause::NotWhole { key, value, least, most }.allowed(&[format!("{least}..={most}")]);
    }
    Cause::NotUnderstood { key, value }.allowed(&otherwise.split("; ").collect::<Vec<_>>())
}

/// For serde: values with commas between them.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.split(',').map(str::parse).collect::<Result<_, _>>().map(Some).map_err(de::Error::custom)
}

/// For serde: a value that reads itself; its error names what is allowed, with `; ` between.
pub(crate) fn parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(deserializer)?.parse().map(Some).map_err(de::Error::custom)
}

/// For serde: a moment.
pub(crate) fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let moment = String::deserialize(deserializer)?.parse();
    moment.map(Some).map_err(|_| de::Error::custom("ms since 1970 UTC, a whole number"))
}

/// For serde: a span of time such as 5m, as ms.
pub(crate) fn span_ms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let span = parse_span_ms(&String::deserialize(deserializer)?);
    span.map(Some).ok_or_else(|| de::Error::custom("30s; 5m; 1h"))
}

/// Reads `lang`.
pub(crate) fn language(code: &str) -> Result<Language, ApiError> {
    let unknown =
        || Cause::UnknownValue { key: "lang".to_owned(), value: code.to_owned() }.allowed(&["es", "en"]);
    Language::from_code(code).ok_or_else(unknown)
}

/// The parameters as they came.
pub(crate) fn map(text: &str) -> BTreeMap<String, String> {
    Query::from_query(text).map(Query::into_inner).unwrap_or_default()
}

/// The header `Link` to the next page: this address with some parameters changed.
pub(crate) fn next(req: &HttpRequest, changes: &[(&str, &str)]) -> (header::HeaderName, String) {
    let mut map = map(req.query_string());
    map.extend(changes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    let base = req.app_data::<Data<WebState>>().map_or("", |state| &state.config.base_path);
    (header::LINK, format!("<{base}{}?{}>; rel=\"next\"", req.path(), pairs(&map)))
}

/// Parameters as they stand in an address.
pub(crate) fn pairs(map: &BTreeMap<String, String>) -> String {
    let parts: Vec<String> = map.iter().map(|(k, v)| format!("{k}={}", percent_encoded(v))).collect();
    parts.join("&")
}
