//! The settings in force, with where each comes from.

use super::channels::SECRET_KEYS;
use super::stores::masked;
use config::{Map, Value, ValueKind};
use std::collections::BTreeMap;

/// Name of a key, its value and origin.
type Entry<'a> = (&'a str, &'a (String, String));

pub(super) fn under(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Each value that is no table, with its key.
pub(super) fn leaves(tree: &Map<String, Value>) -> BTreeMap<String, &Value> {
    let mut found = BTreeMap::new();
    for (key, value) in tree {
        match &value.kind {
            ValueKind::Table(inner) => {
                found.extend(self::leaves(inner).into_iter().map(|(k, v)| (under(key, &k), v)));
            }
            _ => {
                found.insert(key.clone(), value);
            }
        }
    }
    found
}

/// Each key with its value as TOML and its origin. Later places go over earlier ones.
pub(super) fn origins(
    merged: &Map<String, Value>,
    places: &[(String, Map<String, Value>)],
) -> BTreeMap<String, (String, String)> {
    let keys: Vec<_> = places.iter().map(|(place, own)| (place, leaves(own))).collect();
    let origin = |key: &String| {
        let place =
            keys.iter().rev().find(|(_, own)| own.contains_key(key)).map(|(place, _)| (*place).clone());
        place.unwrap_or_else(|| "default".to_owned())
    };
    leaves(merged).into_iter().map(|(key, value)| (key.clone(), (shown(&key, value), origin(&key)))).collect()
}

/// A value as TOML, nothing of a secret in it.
pub(super) fn shown(key: &str, value: &Value) -> String {
    let text = literal(value);
    let secret = SECRET_KEYS.contains(&key) && !["\"\"", "[]"].contains(&text.as_str());
    if secret { "\"[redacted]\"".to_owned() } else { masked(&text) }
}

fn literal(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::Float(number) => format!("{number:?}"),
        ValueKind::Array(items) => {
            format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        ValueKind::Table(table) => {
            let ordered: BTreeMap<_, _> = table.iter().collect();
            let fields: Vec<String> = ordered.iter().map(|(k, v)| format!("{k} = {}", literal(v))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

/// TOML with sections in order and origins as comments.
pub(super) fn toml(origins: &BTreeMap<String, (String, String)>) -> String {
    let mut sections: BTreeMap<&str, Vec<Entry<'_>>> = BTreeMap::new();
    for (key, entry) in origins {
        let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
        sections.entry(section).or_default().push((name, entry));
    }
    let mut text = String::new();
    for (section, entries) in sections {
        if !section.is_empty() {
            text.push_str(&format!("[{section}]\n"));
        }
        for (name, (value, origin)) in entries {
            text.push_str(&format!("{name} = {value}  # {origin}\n"));
        }
        text.push('\n');
    }
    text
}
