//! Judges requests by the machine-readable description of Telegram's Bot API.

use super::PNG;
use super::receiver::{Play, json};
use serde_json::{Value, json as value};

/// Finds what breaks the description of a method or type: unknown and missing fields, wrong types.
pub(crate) fn breaches(spec: &Value, fields: &Value, given: &Value, at: &str) -> Vec<String> {
    let known = fields.as_array().unwrap();
    let object = given.as_object().unwrap();
    let mut found: Vec<String> = known
        .iter()
        .filter(|f| f["required"] == true && !object.contains_key(f["name"].as_str().unwrap()))
        .map(|f| format!("{at}: {} is missing", f["name"]))
        .collect();
    for (name, value) in object {
        let at = format!("{at}.{name}");
        match known.iter().find(|f| f["name"] == name.as_str()) {
            None => found.push(format!("{at} is unknown")),
            Some(field) => {
                let types = field["types"].as_array().unwrap();
                let fits = types.iter().map(|t| misfit(spec, t.as_str().unwrap(), value, &at));
                let misfits: Vec<Vec<String>> = fits.collect();
                if misfits.iter().all(|m| !m.is_empty()) {
                    found.extend(misfits.concat());
                }
            }
        }
    }
    found
}

fn misfit(spec: &Value, kind: &str, value: &Value, at: &str) -> Vec<String> {
    let fits = match kind {
        "String" => value.is_string(),
        "Integer" => value.is_i64(),
        "Boolean" => value.is_boolean(),
        "InputFile" => value == "\u{0}file",
        list if list.starts_with("Array of ") => {
            let Some(all) = value.as_array() else { return vec![format!("{at} is no list")] };
            return all.iter().flat_map(|v| misfit(spec, &list["Array of ".len()..], v, at)).collect();
        }
        named if value.is_object() => return breaches(spec, &spec["types"][named]["fields"], value, at),
        _ => false,
    };
    if fits { Vec::new() } else { vec![format!("{at} is no {kind}: {value}")] }
}

/// Telegram's HTML: only the tags that the messages use, each closed, within the length.
pub(crate) fn assert_html(text: &str) {
    assert!(text.encode_utf16().count() <= 4_096 && !text.is_empty());
    let mut open = None;
    for piece in text.split('<').skip(1) {
        let (tag, words) = piece.split_once('>').unwrap_or_else(|| panic!("open tag in {text}"));
        match (tag.split(' ').next().unwrap(), open) {
            (name @ ("b" | "a"), None) => open = Some(name),
            ("/b", Some("b")) | ("/a", Some("a")) => open = None,
            _ => panic!("<{tag}> in {text}"),
        }
        assert!(!words.contains('>'), "{text}");
    }
    assert_eq!(open, None, "{text}");
    for entity in text.split('&').skip(1) {
        assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|e| entity.starts_with(e)), "{text}");
    }
}

/// A form as the description has it: lists, objects, numbers and truth values are written as JSON.
pub(crate) fn photo(form: &[(String, Vec<u8>)]) -> Value {
    let mut body = value!({});
    for (head, content) in form {
        let name = head.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
        body[name] = if name == "photo" {
            assert!(head.contains("filename=\"chart.png\"") && head.contains("Content-Type: image/png"));
            assert_eq!(content, PNG);
            value!("\u{0}file")
        } else {
            let text = String::from_utf8(content.clone()).unwrap();
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
    }
    assert_eq!(
        (&body["reply_parameters"]["message_id"], &body["disable_notification"]),
        (&value!(41), &value!(true))
    );
    body
}

/// A message that Telegram took.
pub(crate) fn sent(message_id: i64) -> Play {
    json(200, &value!({ "ok": true, "result": { "message_id": message_id } }))
}

/// A call that Telegram refused.
pub(crate) fn failed(code: u16, description: &str, parameters: &Value) -> Play {
    let body =
        value!({ "ok": false, "error_code": code, "description": description, "parameters": parameters });
    json(code, &body)
}

/// Makes sure that the check bites: a method with everything wrong has five breaches.
pub(crate) fn assert_bites(spec: &Value) {
    let bad = value!({ "chat_id": true, "txt": "x", "link_preview_options": { "is_disabled": 1 } });
    let found = breaches(spec, &spec["methods"]["sendMessage"]["fields"], &bad, "m");
    assert_eq!(found.len(), 5, "{found:?}");
}
