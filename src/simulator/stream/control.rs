//! SUBSCRIBE and its relatives: one text message in, one answer out.

use crate::simulator::market::Market;
use crate::simulator::stream::names;
use crate::simulator::stream::registry::Registry;
use serde_json::{Value, json};

/// The answer to a control message of connection `number`, which takes effect in the registry.
pub(crate) fn answer(text: &str, number: u64, registry: &mut Registry, market: &Market) -> Value {
    let Ok(Value::Object(message)) = serde_json::from_str::<Value>(text) else {
        return fault(3, "Invalid JSON: expected value at line 1 column 1", &Value::Null);
    };
    let id = message.get("id").cloned().unwrap_or(Value::Null);
    if !(id.is_null() || id.is_i64() || id.is_u64() || id.is_string()) {
        return fault(2, "Invalid request: request ID must be an unsigned integer or a string", &id);
    }
    let params = message.get("params").and_then(Value::as_array);
    match message.get("method").and_then(Value::as_str) {
        Some(method @ ("SUBSCRIBE" | "UNSUBSCRIBE")) => {
            let names: Option<Vec<&str>> = params.map(|p| p.iter().filter_map(Value::as_str).collect());
            let Some(names) = names.filter(|n| params.is_some_and(|p| p.len() == n.len())) else {
                return fault(2, "Invalid request: params must be an array of stream names", &id);
            };
            for name in names {
                if method == "UNSUBSCRIBE" {
                    registry.unsubscribe(number, name);
                } else if !registry.subscribe(number, name, names::resolve(name, market)) {
                    return fault(2, "Invalid request: at most 1024 streams for each connection", &id);
                }
            }
            json!({"result": null, "id": id})
        }
        Some("LIST_SUBSCRIPTIONS") => {
            let list: Vec<&String> =
                registry.clients.get(&number).map(|c| c.streams.iter().collect()).unwrap_or_default();
            json!({"result": list, "id": id})
        }
        Some("GET_PROPERTY") if first(params) == Some("combined") => {
            json!({"result": registry.clients.get(&number).is_some_and(|c| c.combined), "id": id})
        }
        Some("SET_PROPERTY") if first(params) == Some("combined") => {
            match (params.and_then(|p| p.get(1)).and_then(Value::as_bool), registry.clients.get_mut(&number))
            {
                (Some(value), Some(client)) => {
                    client.combined = value;
                    json!({"result": null, "id": id})
                }
                _ => fault(1, "Invalid value type: expected Boolean", &id),
            }
        }
        Some("GET_PROPERTY" | "SET_PROPERTY") => fault(0, "Unknown property", &id),
        Some(other) => fault(
            2,
            &format!(
                "Invalid request: unknown variant `{other}`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, \
                 `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"
            ),
            &id,
        ),
        None => fault(2, "Invalid request: missing field `method`", &id),
    }
}

fn first(params: Option<&Vec<Value>>) -> Option<&str> {
    params?.first()?.as_str()
}

fn fault(code: i64, msg: &str, id: &Value) -> Value {
    json!({"code": code, "msg": msg, "id": id})
}
