//! Variables of the environment that look like settings and are none, as `IMPULSO_WEB_BIND`: passed over in silence they would
//! leave somebody with a default that he believes to have changed.

use super::error::{SettingsError, distance};
use super::show::under;
use config::{Map, Value, ValueKind};
use std::collections::BTreeMap;

/// What all that concerns this program begins with.
const OWN: &str = "IMPULSO_";

/// # Errors
/// The first variable with one underscore that has the name of a setting, a part of one, or of a section in it.
pub(super) fn check(
    env: &BTreeMap<String, String>,
    prefix: &str,
    defaults: &Map<String, Value>,
) -> Result<(), SettingsError> {
    let mut keys = Vec::new();
    let mut sections = Vec::new();
    collect(defaults, "", &mut keys, &mut sections);
    // Of two keys that fit the same is named each time.
    keys.sort_unstable();
    for name in env.keys() {
        let upper = name.to_ascii_uppercase();
        let Some(rest) = upper.strip_prefix(OWN).filter(|_| !upper.starts_with(prefix)) else { continue };
        if of_a_cluster(rest) {
            continue;
        }
        let meant = rest.to_ascii_lowercase().replace("__", "_");
        if let Some(right) = right(&meant, &keys) {
            let right = format!("{prefix}{}", right.replace('.', "__").to_ascii_uppercase());
            return Err(SettingsError::Variable { name: name.clone(), right: Some(right) });
        }
        let in_section = |section: &String| {
            meant.strip_prefix(section.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        if sections.iter().any(in_section) {
            return Err(SettingsError::Variable { name: name.clone(), right: None });
        }
    }
    Ok(())
}

/// Kubernetes gives every container the addresses of its services: one that is called `impulso` makes `IMPULSO_PORT`,
/// `IMPULSO_SERVICE_HOST` and the like.
fn of_a_cluster(rest: &str) -> bool {
    rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_")
}

/// The key with that name, that ends in it, or that differs by a slip.
fn right<'a>(meant: &str, keys: &'a [String]) -> Option<&'a String> {
    let flat = |key: &String| key.replace('.', "_");
    let ends = |key: &&String| flat(key).strip_suffix(meant).is_some_and(|rest| rest.ends_with('_'));
    let near = |key: &&String| distance(&flat(key), meant);
    keys.iter()
        .find(|key| flat(key) == meant)
        .or_else(|| keys.iter().find(ends))
        .or_else(|| keys.iter().min_by_key(near).filter(|key| near(key) <= 2))
}

fn collect(tree: &Map<String, Value>, path: &str, keys: &mut Vec<String>, sections: &mut Vec<String>) {
    for (key, value) in tree {
        let full = under(path, key);
        match &value.kind {
            ValueKind::Table(inner) => {
                sections.push(key.clone());
                collect(inner, &full, keys, sections);
            }
            _ => keys.push(full),
        }
    }
}
