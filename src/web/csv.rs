//! Every list as CSV: `Accept: text/csv` or `?format=csv` turns the JSON of a list into lines.
//!
//! The header names are the JSON field names, nested ones joined by a dot, and they stand also where there is no row:
//! they come from the API description.
//! Text that a spreadsheet would run as a formula is neutralised: symbols and reasons come from outside.

use crate::web::lists::{LISTS, List};
use crate::web::openapi::ApiDoc;
use crate::web::problem::{ApiError, Cause};
use actix_web::ResponseError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use serde_json::Value;
use std::sync::LazyLock;
use utoipa::OpenApi as _;
use utoipa::openapi::schema::{Array, ArrayItems};
use utoipa::openapi::{OpenApi, RefOr, Schema};

/// The column of a list of plain values.
const PLAIN: &str = "symbol";

/// The columns of each list in the order of `LISTS`, as the API description declares its rows.
static COLUMNS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let api = ApiDoc::openapi();
    LISTS.iter().map(|list| columns(list, &api).unwrap_or_default()).collect()
});

/// `None` for a list that is not described.
fn columns(list: &List, api: &OpenApi) -> Option<Vec<String>> {
    let operation = api.paths.paths.get(list.route)?.get.as_ref()?;
    let RefOr::T(answer) = operation.responses.responses.get("200")? else { return None };
    let RefOr::T(content) = answer.content.values().next()? else { return None };
    let mut schema = resolved(content.schema.as_ref()?, api)?;
    for name in list.rows.first()?.split('/').skip(1) {
        let Schema::Object(object) = schema else { return None };
        schema = resolved(object.properties.get(name)?, api)?;
    }
    let Schema::Array(Array { items: ArrayItems::RefOrSchema(row), .. }) = schema else { return None };
    let mut columns = Vec::new();
    leaves(row, api, "", &mut columns);
    Some(columns)
}

fn resolved<'a>(schema: &'a RefOr<Schema>, api: &'a OpenApi) -> Option<&'a Schema> {
    match schema {
        RefOr::T(schema) => Some(schema),
        RefOr::Ref(there) => {
            resolved(api.components.as_ref()?.schemas.get(there.ref_location.rsplit('/').next()?)?, api)
        }
    }
}

/// The names of all values of a row, nested ones joined by a dot. A list within a row is one value, but for one of a
/// known length.
fn leaves(schema: &RefOr<Schema>, api: &OpenApi, name: &str, into: &mut Vec<String>) {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match resolved(schema, api) {
        Some(Schema::Object(object)) if !object.properties.is_empty() => {
            object.properties.iter().for_each(|(key, value)| leaves(value, api, &below(key), into));
        }
        Some(Schema::AllOf(parts)) => {
            parts.items.iter().for_each(|part| leaves(part, api, name, into));
            // A schema names flattened parts before the fields beside them; a line begins with its pair.
            into.sort_by_key(|column| column != PLAIN);
        }
        // A value, or null.
        Some(Schema::OneOf(either)) if either.items.len() == 2 => leaves(&either.items[0], api, name, into),
        Some(Schema::Array(Array { max_items: Some(length), .. })) => {
            into.extend((0..*length).map(|at| below(&at.to_string())));
        }
        _ => into.push(if name.is_empty() { PLAIN.to_owned() } else { name.to_owned() }),
    }
}

/// A cell that no spreadsheet takes for a formula.
fn tame(text: &str) -> String {
    // Blanks before it are passed over by some, and the wide forms of the signs count in some languages.
    let first = text.trim_start().chars().next();
    let formula = first.is_some_and(|c| "=+-@|%\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(c));
    if formula || text.starts_with(['\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

fn cell(row: &Value, column: &str) -> String {
    let value =
        if row.is_object() { row.pointer(&format!("/{}", column.replace('.', "/"))) } else { Some(row) };
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => tame(text),
        Some(other @ (Value::Array(_) | Value::Object(_))) => tame(&other.to_string()),
        Some(other) => other.to_string(),
    }
}

impl List {
    /// The columns, in order.
    pub fn columns(&self) -> &'static [String] {
        let at = LISTS.iter().position(|list| list.route == self.route);
        at.and_then(|at| COLUMNS.get(at)).map_or(&[], Vec::as_slice)
    }

    /// The CSV of a JSON body of this list.
    ///
    /// # Errors
    /// When the body is no JSON.
    pub(crate) fn text(&self, body: &[u8]) -> Result<Vec<u8>, csv::Error> {
        let body: Value = serde_json::from_slice(body).map_err(std::io::Error::other)?;
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns())?;
        let rows = self.rows.iter().filter_map(|place| body.pointer(place)?.as_array());
        for row in rows.flatten() {
            writer.write_record(self.columns().iter().map(|column| cell(row, column)))?;
        }
        writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))
    }

    fn file(&self) -> String {
        let name = self.route.rsplit('/').next().unwrap_or("list");
        format!("attachment; filename=\"{name}.csv\"")
    }
}

/// Is CSV liked better than JSON.
fn accepted(headers: &HeaderMap) -> bool {
    let text = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    let weight = |kind: &str| {
        let found =
            text.split(',').map(str::trim).find(|p| p.split(';').next().map(str::trim) == Some(kind))?;
        let q = found.split(';').skip(1).find_map(|p| p.trim().strip_prefix("q=")).map_or("1", str::trim);
        q.parse::<f32>().ok()
    };
    weight("text/csv").is_some_and(|csv| csv > 0.0 && csv >= weight("application/json").unwrap_or(0.0))
}

/// The address without `format`, and its values.
fn without_format(uri: &Uri) -> Option<(Uri, Vec<String>)> {
    let (formats, rest): (Vec<&str>, Vec<&str>) =
        uri.query()?.split('&').partition(|part| part.split('=').next() == Some("format"));
    let values = formats.iter().map(|part| part.split_once('=').map_or("", |(_, v)| v).to_owned()).collect();
    let target =
        if rest.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), rest.join("&")) };
    Some((target.parse().ok()?, values))
}

/// Takes `format` out of the address; what it or `Accept` asks for.
fn asked(req: &mut ServiceRequest) -> Result<bool, ApiError> {
    let Some((uri, values)) = without_format(req.uri()).filter(|(_, values)| !values.is_empty()) else {
        return Ok(accepted(req.headers()));
    };
    req.head_mut().uri = uri;
    match values.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["csv"] => Ok(true),
        ["json"] => Ok(false),
        _ => {
            let found = values.join(", ");
            Err(Cause::UnknownValue { key: "format".to_owned(), value: found }.allowed(&["json", "csv"]))
        }
    }
}

/// Answers lists as CSV to those who ask for it.
pub(crate) async fn offer(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let reads = [Method::GET, Method::HEAD].contains(req.method());
    let pattern = req.match_pattern();
    let list = LISTS.iter().find(|l| reads && pattern.as_deref() == Some(l.route));
    let Some(list) = list else { return Ok(next.call(req).await?.map_into_boxed_body()) };
    let wanted = match asked(&mut req) {
        Ok(wanted) => wanted,
        Err(problem) => return Ok(req.into_response(problem.error_response())),
    };
    let mut answer = next.call(req).await?.map_into_boxed_body();
    answer.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    if !wanted || answer.status() != StatusCode::OK {
        return Ok(answer);
    }
    let (req, answer) = answer.into_parts();
    let (mut answer, body) = answer.into_parts();
    let body = body.try_into_bytes().map_err(|_| std::io::Error::other("the list is no JSON"))?;
    let text = list.text(&body).map_err(std::io::Error::other)?;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(list.file())?);
    Ok(ServiceResponse::new(req, answer.set_body(BoxBody::new(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_tamed_numbers_are_not() {
        let list = LISTS.iter().find(|l| l.route == "/api/v1/channels").unwrap();
        let body = br#"[{"name":"=cmd","state":"ok","last_error":"-1, \"a\"","pending":-3,"sent":null}]"#;
        let text = String::from_utf8(list.text(body).unwrap()).unwrap();
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some("name,state,pending,sent,uncertain,dead,last_error,last_error_code,last_sent_at")
        );
        assert_eq!(lines.next(), Some("'=cmd,ok,-3,,,,\"'-1, \"\"a\"\"\",,"));
        assert_eq!(
            list.text(b"[]").unwrap(),
            b"name,state,pending,sent,uncertain,dead,last_error,last_error_code,last_sent_at\n"
        );
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_tamed_wherever_it_begins() {
        for text in ["=1", " =1", "\t@x", "\u{a0}+1", "\u{ff1d}1", "-1+1", "\n=1", "|x", "%x"] {
            assert_eq!(tame(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", "BTCUSDT", "sample-BTCUSDT-1-ALTA", "a=1", "币安"] {
            assert_eq!(tame(text), text);
        }
    }

    #[test]
    fn the_heavier_kind_wins_and_format_leaves_the_address() {
        let accept = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(text));
            accepted(&headers)
        };
        assert!(accept("text/csv") && accept("text/csv, application/json;q=0.5"));
        assert!(!accept("application/json, text/csv;q=0.5") && !accept("*/*") && !accept("text/csv;q=0"));
        let uri: Uri = "/a?limit=2&format=csv&x=1".parse().unwrap();
        let (rest, values) = without_format(&uri).unwrap();
        assert_eq!((rest.to_string(), values), ("/a?limit=2&x=1".to_owned(), vec!["csv".to_owned()]));
    }
}
