//! `GET /asyncapi.json`: the protocol of the live socket as AsyncAPI 3, its schemas made from the code.

use crate::actors::ports::alerts::AlertRecord;
use crate::web::api::ranking::RankingBody;
use crate::web::api::status::StatusBody;
use crate::web::api::symbols::SymbolDetail;
use crate::web::live::messages::{
    ClientMessage, DiffMessage, ErrorMessage, OPS, SubscribedMessage, WaitingMessage,
};
use actix_web::HttpResponse;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

/// Collects the schemas, those inside others included.
#[derive(OpenApi)]
#[openapi(components(schemas(
    RankingBody,
    AlertRecord,
    StatusBody,
    SymbolDetail,
    DiffMessage,
    WaitingMessage,
    SubscribedMessage,
    ErrorMessage,
    ClientMessage,
)))]
struct Schemas;

/// Messages of the server: name, summary.
const SENT: [(&str, &str); 8] = [
    (
        "RankingSnapshot",
        "The whole ranking; every client gets it on connect and once a cycle until it subscribes.",
    ),
    ("AlertsSnapshot", "The newest alerts with their deliveries."),
    ("StatusSnapshot", "The state of the system, every two seconds at most."),
    ("SymbolSnapshot", "One pair, once a cycle."),
    ("DiffMessage", "What changed since the message of the topic with prev_seq."),
    ("WaitingMessage", "No cycle has been published so far."),
    ("SubscribedMessage", "The subscription in force."),
    ("ErrorMessage", "What the client said cannot be done, and what can."),
];

/// The schema of a topic's snapshot: the head of every one, and what REST answers.
fn snapshot(topic: &str, body: &Value) -> Value {
    let head = json!({
        "type": "object",
        "required": ["type", "topic", "seq"],
        "properties": {
            "type": {"const": "snapshot"},
            "topic": {"type": "string", "pattern": topic},
            "seq": {"type": "integer", "minimum": 1, "description": "Grows from message to message."},
        },
    });
    json!({"allOf": [head, body]})
}

fn snapshots() -> Vec<(&'static str, Value)> {
    let body = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let list = json!({"type": "array", "items": body("AlertRecord"), "description": "The newest 100, newest first."});
    let alerts = json!({"type": "object", "required": ["alerts"], "properties": {"alerts": list}});
    vec![
        ("RankingSnapshot", snapshot("^ranking$", &body("RankingBody"))),
        ("AlertsSnapshot", snapshot("^alerts$", &alerts)),
        ("StatusSnapshot", snapshot("^status$", &body("StatusBody"))),
        ("SymbolSnapshot", snapshot("^symbol:", &body("SymbolDetail"))),
    ]
}

fn message(name: &str, summary: &str) -> Value {
    let payload = json!({"$ref": format!("#/components/schemas/{name}")});
    json!({"name": name, "summary": summary, "contentType": "application/json", "payload": payload})
}

fn references(names: &[&str]) -> Vec<Value> {
    names.iter().map(|n| json!({"$ref": format!("#/channels/live/messages/{n}")})).collect()
}

pub fn document() -> Value {
    let mut schemas = serde_json::to_value(Schemas::openapi()).unwrap_or_default();
    let mut schemas = schemas["components"]["schemas"].take();
    for (name, schema) in snapshots() {
        schemas[name] = schema;
    }
    let sent: Vec<&str> = SENT.iter().map(|(name, _)| *name).collect();
    let all = SENT.iter().copied().chain([("ClientMessage", "What a client may say.")]);
    let channel: Map<String, Value> = all
        .clone()
        .map(|(n, _)| (n.to_owned(), json!({"$ref": format!("#/components/messages/{n}")})))
        .collect();
    let mut messages: Map<String, Value> = all.map(|(n, s)| (n.to_owned(), message(n, s))).collect();
    let examples: Vec<Value> = OPS
        .iter()
        .filter_map(|op| Some(json!({"payload": serde_json::from_str::<Value>(op).ok()?})))
        .collect();
    messages["ClientMessage"]["examples"] = Value::Array(examples);
    json!({
        "asyncapi": "3.0.0",
        "info": {"title": "Impulso, live", "version": env!("CARGO_PKG_VERSION"),
            "description": "JSON over a WebSocket; docs/WEBSOCKET.md says how diffs are applied."},
        "defaultContentType": "application/json",
        "channels": {"live": {"address": "/ws", "messages": channel}},
        "operations": {
            "send": {"action": "send", "channel": {"$ref": "#/channels/live"}, "messages": references(&sent)},
            "receive": {"action": "receive", "channel": {"$ref": "#/channels/live"},
                "messages": references(&["ClientMessage"])},
        },
        "components": {"messages": messages, "schemas": schemas},
    })
}

/// `GET /asyncapi.json`.
pub(crate) async fn asyncapi() -> HttpResponse {
    HttpResponse::Ok().json(document())
}
