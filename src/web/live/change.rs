//! The state of a topic as fields and rows, and what changed between two of them.

use crate::web::live::messages::Change;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A topic's state: its fields, and its rows by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct TopicState {
    /// Everything but the rows.
    pub fields: Map<String, Value>,
    /// By pair or id.
    pub rows: BTreeMap<String, Map<String, Value>>,
}

/// The fields of a body.
pub fn fields(body: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(body) {
        Ok(Value::Object(map)) => map,
        other => {
            tracing::error!(?other, "a body of a live topic is no object");
            Map::new()
        }
    }
}

/// Fields of `newer` that are not so in `older`.
fn changed(older: &Map<String, Value>, newer: &Map<String, Value>) -> Map<String, Value> {
    newer.iter().filter(|(k, v)| older.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())).collect()
}

impl TopicState {
    /// What a client that has this state must change to have `newer`.
    pub(crate) fn until(&self, newer: &Self) -> Change {
        let none = Map::new();
        let rows = newer
            .rows
            .iter()
            .map(|(name, row)| (name.clone(), changed(self.rows.get(name).unwrap_or(&none), row)));
        Change {
            set: changed(&self.fields, &newer.fields),
            unset: self.fields.keys().filter(|k| !newer.fields.contains_key(*k)).cloned().collect(),
            rows: rows.filter(|(_, row)| !row.is_empty()).collect(),
            gone: self.rows.keys().filter(|name| !newer.rows.contains_key(*name)).cloned().collect(),
        }
    }
}

impl Change {
    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.unset.is_empty() && self.rows.is_empty() && self.gone.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a client does, as docs/WEBSOCKET.md says.
    fn apply(state: &mut TopicState, change: &Change) {
        state.fields.extend(change.set.clone());
        for key in &change.unset {
            state.fields.remove(key);
        }
        for (name, row) in &change.rows {
            state.rows.entry(name.clone()).or_default().extend(row.clone());
        }
        for name in &change.gone {
            state.rows.remove(name);
        }
    }

    fn map() -> impl Strategy<Value = Map<String, Value>> {
        let value = prop_oneof![Just(Value::Null), any::<i8>().prop_map(Value::from), Just(Value::from("x"))];
        prop::collection::btree_map("[a-d]", value, 0..4).prop_map(|m| m.into_iter().collect())
    }

    fn state() -> impl Strategy<Value = TopicState> {
        let row = prop::array::uniform3(any::<i8>())
            .prop_map(|v| ["a", "b", "c"].iter().zip(v).map(|(k, v)| ((*k).to_owned(), v.into())).collect());
        (map(), prop::collection::btree_map("[A-E]", row, 0..5))
            .prop_map(|(fields, rows)| TopicState { fields, rows })
    }

    proptest! {
        #[test]
        fn a_client_that_applies_changes_has_the_newest(states in prop::collection::vec(state(), 2..6)) {
            let mut mine = states[0].clone();
            for pair in states.windows(2) {
                let change = pair[0].until(&pair[1]);
                prop_assert_eq!(change.is_empty(), pair[0] == pair[1]);
                apply(&mut mine, &change);
                prop_assert_eq!(&mine, &pair[1]);
            }
        }
    }
}
