//! Answers that cost a read of the whole store are kept for a while.

use crate::domain::moment::MonoTime;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by key, each with the moment it was made.
#[derive(Debug)]
pub(crate) struct Cached<K, T> {
    ttl_ms: i64,
    kept: Mutex<BTreeMap<K, (MonoTime, Arc<T>)>>,
}

impl<K: Ord, T> Cached<K, T> {
    /// Nothing yet; values are good for `ttl_ms`.
    pub(crate) const fn new(ttl_ms: i64) -> Self {
        Self { ttl_ms, kept: Mutex::new(BTreeMap::new()) }
    }

    /// The value of `key` when it is young enough at `now`.
    pub(crate) fn get(&self, key: &K, now: MonoTime) -> Option<Arc<T>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).filter(|(made, _)| now - *made < self.ttl_ms).map(|(_, value)| Arc::clone(value))
    }

    /// Keeps a value made at `now` and forgets those that are too old.
    pub(crate) fn put(&self, key: K, now: MonoTime, value: T) -> Arc<T> {
        let value = Arc::new(value);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (made, _)| now - *made < self.ttl_ms);
        kept.insert(key, (now, Arc::clone(&value)));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    #[test]
    fn values_age() {
        let cached = Cached::new(100);
        cached.put("a", at(0), 1);
        assert_eq!((cached.get(&"a", at(99)).as_deref(), cached.get(&"a", at(100))), (Some(&1), None));
        cached.put("b", at(150), 2);
        assert!(cached.get(&"a", at(10)).is_none() && cached.get(&"b", at(150)).is_some());
    }
}
