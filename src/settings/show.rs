//! The settings in force, with where each comes from.

use super::channels::SECRET_KEYS;
use super::stores::masked;
use config::{Map, Value, ValueKind};
use std::collections::BTreeMap;

/// Name of a key, its value and origin.
type Entry<'a> = (&'a str, &'a (String, String));

/// Each leaf key with its value as TOML and its origin. Later places go over earlier ones.
pub(super) fn origins(
    merged: &Map<String, Value>,
    places: &[(String, Map<String, Value>)],
) -> BTreeMap<String, (String, String)> {
    let mut leaves = BTreeMap::new();
    collect(merged, "", &mut leaves);
    let mut origins: BTreeMap<String, (String, String)> =
        leaves.into_iter().map(|(key, value)| (key, (value, "default".to_owned()))).collect();
    for (place, own) in places {
        let mut leaves = BTreeMap::new();
        collect(own, "", &mut leaves);
        for key in leaves.keys() {
            if let Some(entry) = origins.get_mut(key) {
                entry.1.clone_from(place);
            }
        }
    }
    origins
}

fn collect(tree: &Map<String, Value>, path: &str, leaves: &mut BTreeMap<String, String>) {
    for (key, value) in tree {
        let full = under(path, key);
        match &value.kind {
            ValueKind::Table(inner) => collect(inner, &full, leaves),
            _ => {
                let value = shown(&full, value);
                leaves.insert(full, value);
            }
        }
    }
}

pub(super) fn under(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
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
