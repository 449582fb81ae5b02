//! Settings as a tree of values, before they have types: unknown keys, and values of the wrong kind.

use super::error::SettingsError;
use super::renamed::new_name;
use super::show::{shown, under};
use crate::i18n::{Text, text};
use config::{Config, Map, Source, Value, ValueKind};

pub(super) fn of(source: impl Source + Send + Sync + 'static) -> Result<Map<String, Value>, SettingsError> {
    Ok(Config::builder().add_source(source).build()?.collect()?)
}

/// Every key of `own` must be one of the defaults'.
pub(super) fn known(
    own: &Map<String, Value>,
    defaults: &Map<String, Value>,
    path: &str,
    place: &Text,
) -> Result<(), SettingsError> {
    // Arms have names of their own; their keys are checked when they are read.
    if path == "experiment.arms" {
        return Ok(());
    }
    for (key, value) in own {
        let full = under(path, key);
        match (defaults.get(key).map(|d| &d.kind), &value.kind) {
            (None, _) => {
                return Err(match new_name(&full) {
                    Some(new) => SettingsError::Renamed { key: full, place: place.clone(), new },
                    None => SettingsError::unknown(&full, place, defaults.keys()),
                });
            }
            (Some(ValueKind::Table(inner)), ValueKind::Table(own)) => known(own, inner, &full, place)?,
            (Some(ValueKind::Table(inner)), _) => {
                return Err(SettingsError::unknown(&full, place, inner.keys()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Gives every value the kind that its default has: flags and the environment have only texts (a list's parts separated by
/// commas), and a file may say 5 for 5.0. Flattened structs take a value only as the kind that it has.
///
/// # Errors
/// A value of another kind.
pub(super) fn conform(
    tree: &mut Map<String, Value>,
    defaults: &Map<String, Value>,
    path: &str,
) -> Result<(), SettingsError> {
    for (key, value) in tree {
        let Some(default) = defaults.get(key) else { continue };
        let full = under(path, key);
        if let (ValueKind::Table(inner), ValueKind::Table(defaults)) = (&mut value.kind, &default.kind) {
            conform(inner, defaults, &full)?;
            continue;
        }
        let (kind, allowed) = match default.kind {
            ValueKind::Boolean(_) => {
                (value.clone().into_bool().map(ValueKind::Boolean).ok(), Text::verbatim("true, false"))
            }
            ValueKind::Float(_) => {
                (value.clone().into_float().map(ValueKind::Float).ok(), text!(allowed_decimal))
            }
            ValueKind::I64(_) => (whole(value).map(ValueKind::I64), text!(allowed_whole)),
            ValueKind::Array(_) => (list(value).map(ValueKind::Array), text!(allowed_list)),
            _ => (value.clone().into_string().map(ValueKind::String).ok(), text!(allowed_text)),
        };
        value.kind = kind.ok_or_else(|| SettingsError::value(&full, shown(&full, value), allowed))?;
    }
    Ok(())
}

/// `into_int` would round 7.6 to 8 without a word.
fn whole(value: &Value) -> Option<i64> {
    match value.kind {
        ValueKind::Float(number) if number.fract() != 0.0 => None,
        _ => value.clone().into_int().ok(),
    }
}

fn list(value: &Value) -> Option<Vec<Value>> {
    match &value.kind {
        ValueKind::Array(items) => Some(items.clone()),
        ValueKind::String(text) => {
            Some(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect())
        }
        _ => None,
    }
}
