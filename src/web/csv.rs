//! Every list as CSV: `Accept: text/csv` or `?format=csv` turns the JSON of a list into lines.
//!
//! The header names are the JSON field names, nested ones joined by a dot, and they stand also where there is no row.
//! Text that a spreadsheet would run as a formula is neutralised: symbols and reasons come from outside.

use crate::web::problem::{ApiError, Cause};
use actix_web::ResponseError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use serde_json::Value;

/// A route that gives a list.
#[derive(Debug)]
pub struct List {
    pub route: &'static str,
    /// The columns, in order.
    pub columns: &'static [&'static str],
    /// Where the rows are in its body.
    rows: fn(Value) -> Vec<Value>,
}

/// All lists but those that write CSV by themselves.
pub const LISTS: [List; 10] = [
    List { route: "/api/v1/ranking", columns: &RANKING, rows: of_levels },
    List { route: "/api/v1/symbols", columns: &SYMBOLS, rows: whole },
    List { route: "/api/v1/symbols/{symbol}/candles", columns: &CANDLES, rows: whole },
    List { route: "/api/v1/symbols/{symbol}/indicators", columns: &INDICATORS, rows: whole },
    List { route: "/api/v1/symbols/{symbol}/scores", columns: &SCORES, rows: whole },
    List { route: "/api/v1/alerts", columns: &ALERTS, rows: of_alerts },
    List { route: "/api/v1/mutes", columns: &["symbol", "until", "by"], rows: whole },
    List { route: "/api/v1/watchlist", columns: &["symbol"], rows: of_names },
    List { route: "/api/v1/channels", columns: &CHANNELS, rows: whole },
    List { route: "/api/v1/performance", columns: &PERFORMANCE, rows: of_performance },
];

const RANKING: [&str; 24] = [
    "symbol",
    "timestamp",
    "current_price",
    "volume_24h",
    "composite_score",
    "confidence_level",
    "momentum_score.total_score",
    "momentum_score.component_scores.rsi",
    "momentum_score.component_scores.macd",
    "momentum_score.component_scores.volume",
    "momentum_score.component_scores.velocity",
    "momentum_score.component_scores.breakout",
    "probability_7_5.probability_7_5",
    "probability_7_5.factors.volatility",
    "probability_7_5.factors.momentum",
    "probability_7_5.factors.resistance",
    "probability_7_5.factors.btc_correlation",
    "probability_7_5.factors.liquidity",
    "calibrated_7_5",
    "alert_level",
    "model_inputs",
    "velocity_1h",
    "data_age_ms",
    "refilled",
];
const SYMBOLS: [&str; 6] = ["symbol", "state", "reason", "data_age_ms", "ready_candles", "needed_candles"];
const CANDLES: [&str; 8] = ["open_time", "open", "high", "low", "close", "volume", "quote_volume", "closed"];
const INDICATORS: [&str; 13] = [
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "quote_volume",
    "closed",
    "rsi_14",
    "rsi_21",
    "macd",
    "macd_signal",
    "macd_histogram",
    "breakout_high",
];
const SCORES: [&str; 9] = [
    "as_of",
    "price",
    "total_score",
    "composite_score",
    "probability_7_5",
    "calibrated_7_5",
    "confidence_level",
    "alert_level",
    "listed",
];
const ALERTS: [&str; 25] = [
    "alert.id",
    "alert.symbol",
    "alert.level",
    "alert.ladder",
    "alert.value",
    "alert.escalated_from.level",
    "alert.escalated_from.value",
    "alert.as_of",
    "alert.price",
    "alert.volume_24h",
    "alert.total_score",
    "alert.components.rsi",
    "alert.components.macd",
    "alert.components.volume",
    "alert.components.velocity",
    "alert.components.breakout",
    "alert.probability_7_5",
    "alert.calibrated_7_5",
    "alert.composite_score",
    "alert.velocity_1h",
    "alert.volume_ratio",
    "alert.rsi_14",
    "alert.resistance",
    "alert.reason",
    "deliveries",
];
const CHANNELS: [&str; 8] =
    ["name", "state", "pending", "sent", "uncertain", "dead", "last_error", "last_sent_at"];
const PERFORMANCE: [&str; 17] = [
    "level",
    "kind",
    "opened",
    "void",
    "within_4h.count",
    "within_4h.hits",
    "within_4h.precision",
    "within_4h.interval_95.0",
    "within_4h.interval_95.1",
    "within_24h.count",
    "within_24h.hits",
    "within_24h.precision",
    "within_24h.interval_95.0",
    "within_24h.interval_95.1",
    "minutes_to_hit",
    "mean_rise_pct",
    "mean_fall_pct",
];

fn list(value: Value) -> Vec<Value> {
    if let Value::Array(rows) = value { rows } else { Vec::new() }
}

fn whole(body: Value) -> Vec<Value> {
    list(body)
}

fn of_levels(mut body: Value) -> Vec<Value> {
    ["FUERTE", "ALTA", "MEDIA", "BAJA"].iter().flat_map(|l| list(body["levels"][*l].take())).collect()
}

fn of_alerts(mut body: Value) -> Vec<Value> {
    list(body["alerts"].take())
}

fn of_performance(mut body: Value) -> Vec<Value> {
    list(body["levels"].take())
}

fn of_names(body: Value) -> Vec<Value> {
    list(body).into_iter().map(|name| serde_json::json!({"symbol": name})).collect()
}

/// A cell that no spreadsheet takes for a formula.
fn tame(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn cell(row: &Value, column: &str) -> String {
    match row.pointer(&format!("/{}", column.replace('.', "/"))) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => tame(text),
        Some(other) => other.to_string(),
    }
}

impl List {
    /// The CSV of a JSON body of this list.
    ///
    /// # Errors
    /// When the body is no JSON.
    pub(crate) fn text(&self, body: &[u8]) -> Result<Vec<u8>, csv::Error> {
        let body: Value = serde_json::from_slice(body).map_err(std::io::Error::other)?;
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns)?;
        for row in (self.rows)(body) {
            writer.write_record(self.columns.iter().map(|column| cell(&row, column)))?;
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
            Err(Cause::UnknownValue { key: "format", value: found }.allowed(&["json", "csv"]))
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
        assert_eq!(lines.next(), Some("name,state,pending,sent,uncertain,dead,last_error,last_sent_at"));
        assert_eq!(lines.next(), Some("'=cmd,ok,-3,,,,\"'-1, \"\"a\"\"\","));
        assert_eq!(
            list.text(b"[]").unwrap(),
            b"name,state,pending,sent,uncertain,dead,last_error,last_sent_at\n"
        );
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
