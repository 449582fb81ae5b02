//! The shapes of questions and answers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Query parameters of a request.
pub(crate) type Params = HashMap<String, String>;
/// Status and body, or the exchange's error code and message.
pub(crate) type Answer = Result<Value, (i64, String)>;

/// A price or volume as the exchange writes it: eight decimals, more where the value needs them.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.8}");
    if value != 0.0 && value.abs() < 1e-4 && text.parse::<f64>() != Ok(value) {
        format!("{value:.12}")
    } else {
        text
    }
}

/// An error in the exchange's shape.
pub(crate) fn error(status: u16, code: i64, msg: &str) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).json(json!({"code": code, "msg": msg}))
}
