//! The state of a topic as fields and rows, and what changed between two of them.

use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Fields by name.
pub(crate) type Object = Map<String, Value>;

/// A topic's state: its fields, and its rows by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct TopicState {
    /// Everything but the rows.
    pub(crate) fields: Object,
    /// By pair or id.
    pub(crate) rows: BTreeMap<String, Object>,
}

/// What changed between two states.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub(crate) struct Change {
    /// Fields with their new values (the rows aside).
    #[schema(value_type = Object)]
    pub(crate) set: Object,
    /// Fields that are gone: a pair that can no longer be analysed has no scores.
    pub(crate) unset: Vec<String>,
    /// Changed fields of rows, all fields of new ones: by pair (ranking) or by id (alerts).
    #[schema(value_type = Object)]
    pub(crate) rows: BTreeMap<String, Object>,
    /// Rows that are gone.
    pub(crate) gone: Vec<String>,
}

/// Fields of `newer` that are not so in `older`.
fn changed(older: &Object, newer: &Object) -> Object {
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

    fn map() -> impl Strategy<Value = Object> {
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
                prop_assert_eq!(change == Change::default(), pair[0] == pair[1]);
                apply(&mut mine, &change);
                prop_assert_eq!(&mine, &pair[1]);
            }
        }
    }
}
