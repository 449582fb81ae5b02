//! `GET /openapi.json`: the document comes from the code.

use crate::web::api::{
    alerts, candles, chart, experiments, explain, model, performance, predictions, ranking, service_levels,
    sparklines, status, symbols,
};
use crate::web::lists::LISTS;
use actix_web::HttpResponse;
use serde_json::{Value, json};
use std::sync::LazyLock;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// All routes that give data.
#[derive(OpenApi)]
#[openapi(
    info(title = "Impulso", description = "Momentum scanner for USDT pairs. Reading needs a token only where the server \
                                                listens beyond loopback; changes always need one.", license(name = "MIT")),
    paths(
        ranking::ranking,
        symbols::symbols,
        symbols::symbol,
        candles::candles,
        chart::indicators,
        chart::scores,
        explain::explanation,
        alerts::alerts,
        alerts::mutes,
        alerts::mute,
        alerts::unmute,
        alerts::watchlist,
        alerts::watch,
        alerts::unwatch,
        alerts::channels,
        alerts::test,
        experiments::experiments,
        experiments::promote,
        experiments::rollback,
        service_levels::measures,
        model::model,
        performance::performance,
        predictions::predictions,
        sparklines::sparklines,
        status::status,
        status::healthz,
        status::readyz,
        status::metrics,
        document,
    ),
    modifiers(&Token),
    security((), ("token" = []))
)]
pub(crate) struct ApiDoc;

/// How changes are authorised.
struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("token", scheme);
    }
}

/// Routes beside those of the data: path, what there is, the kind of the answer.
const OTHERS: [(&str, &str, &str); 10] = [
    ("/", "The market view.", "text/html"),
    ("/s/{symbol}", "The view of one pair.", "text/html"),
    ("/alerts", "The view of the alerts.", "text/html"),
    ("/track", "What became of the predictions.", "text/html"),
    ("/experiments", "Other profiles and models in the shadow.", "text/html"),
    ("/status", "The view of the scanner's state.", "text/html"),
    ("/login", "The sign-in with a token.", "text/html"),
    ("/docs", "This description as a page.", "text/html"),
    ("/asyncapi.json", "The protocol of the live socket as AsyncAPI 3.", "application/json"),
    ("/ws", "The live socket; see /asyncapi.json.", "application/json"),
];

fn problem(why: &str) -> Value {
    let schema = json!({"$ref": "#/components/schemas/Problem"});
    json!({"description": why, "content": {"application/problem+json": {"schema": schema}}})
}

fn other(path: &str, what: &str, kind: &str) -> Value {
    let ok = json!({"description": what, "content": {kind: {"schema": {"type": "string"}}}});
    let mut responses = json!({"400": problem("a parameter is wrong"), "200": ok});
    if kind == "application/json" {
        responses["200"]["content"][kind]["schema"] = json!({"type": "object"});
    }
    let mut parameters = Vec::new();
    if path == "/ws" {
        responses = json!({"101": {"description": what}, "400": problem("no WebSocket handshake"),
            "403": problem("a foreign Origin"), "503": problem("all places are taken")});
    } else if path.contains("{symbol}") {
        parameters
            .push(json!({"name": "symbol", "in": "path", "required": true, "schema": {"type": "string"}}));
        responses["404"] =
            json!({"description": "an unknown pair", "content": {kind: {"schema": {"type": "string"}}}});
    }
    json!({"get": {"tags": ["pages"], "summary": what, "parameters": parameters, "responses": responses}})
}

/// What the filters around the routes add: CSV, 304, 401, 429.
fn filtered(path: &str, operation: &mut Value, method: &str) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        // What may be left out of an address is never null in it.
        let schema = &mut parameter["schema"];
        let value = |either: &Value| {
            either.as_array()?.iter().find(|one| **one != "null" && one["type"] != "null").cloned()
        };
        if let Some(kind) = value(&schema["type"]) {
            schema["type"] = kind;
        }
        if let Some(one) = value(&schema["oneOf"]) {
            *schema = one;
        }
    }
    let asked = method == "get" || operation.get("requestBody").is_some();
    let responses = &mut operation["responses"];
    for response in responses.as_object_mut().into_iter().flat_map(|r| r.values_mut()) {
        let json = &response["content"]["application/json"];
        if json["schema"]["$ref"] == "#/components/schemas/Problem" {
            response["content"] = json!({"application/problem+json": json});
        }
    }
    if method == "get" && responses["200"].is_object() && path != "/ws" {
        responses["304"] = json!({"description": "what If-None-Match names is the newest"});
    }
    if !["/healthz", "/readyz"].contains(&path) {
        responses["429"] = problem("too many requests: Retry-After says when to come again");
        if responses["401"].is_null() {
            responses["401"] = problem("a token is needed (beyond loopback, or by web.require_token)");
        }
        responses["421"] = problem("without a token: a Host that is no name of this server");
        if responses["503"].is_null() {
            responses["503"] = problem("too many answers wait to be read");
        }
    }
    if method != "get" {
        responses["408"] = problem("the body did not come in time");
        responses["403"] = problem("this token may not");
    }
    if path.contains('{') && responses["404"].is_null() {
        responses["404"] = problem("there is no such thing");
    }
    if method == "post" {
        responses["413"] = problem("the body is too large");
        responses["415"] = problem("the body is packed, or of another kind");
    }
    if responses["400"].is_null() && asked {
        responses["400"] = problem("a parameter or the body is wrong");
    }
    if method == "get" && LISTS.iter().any(|list| list.route == path) {
        responses["200"]["content"]["text/csv"] = json!({"schema": {"type": "string"}});
        let format = json!({"name": "format", "in": "query", "required": false,
            "description": "csv for lines; so does Accept: text/csv", "schema": {"type": "string", "enum": ["json", "csv"]}});
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(format),
            None => operation["parameters"] = json!([format]),
        }
    }
}

pub(crate) fn complete() -> Value {
    let mut document = serde_json::to_value(ApiDoc::openapi()).unwrap_or_default();
    let Some(paths) = document["paths"].as_object_mut() else { return document };
    for (path, what, kind) in OTHERS {
        paths.entry(path).or_insert_with(|| other(path, what, kind));
    }
    if let Some(login) = paths.get_mut("/login") {
        let text = json!({"type": "string"});
        login["get"]["parameters"] = json!([
            {"name": "next", "in": "query", "required": false, "schema": text, "description": "where to go afterwards"},
            {"name": "code", "in": "query", "required": false, "schema": text, "description": "of this run, good once"},
        ]);
        login["get"]["responses"]["303"] = json!({"description": "signed in by the code"});
        login["get"]["responses"]["401"] = json!({"description": "the code was used",
            "content": {"text/html": {"schema": {"type": "string"}}}});
        let form = json!({"type": "object", "required": ["token"],
            "properties": {"token": {"type": "string"}, "next": {"type": "string"}}});
        let page = json!({"description": "the form again", "content": {"text/html": {"schema": {"type": "string"}}}});
        login["post"] = json!({"tags": ["pages"], "summary": "Signs in, or out with an empty token.",
            "requestBody": {"required": true, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
            "responses": {"303": {"description": "signed in"}, "401": page, "400": problem("no form"),
                "403": problem("a foreign Origin"), "503": problem("tokens cannot be read")}});
    }
    for (path, item) in paths.iter_mut() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            filtered(path, operation, method);
        }
    }
    document
}

/// Made once: nothing in it changes while the program runs.
static DOCUMENT: LazyLock<Value> = LazyLock::new(complete);

/// The OpenAPI 3.1 document.
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, body = Object)))]
pub async fn document() -> HttpResponse {
    HttpResponse::Ok().json(&*DOCUMENT)
}
