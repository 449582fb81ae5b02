//! Answers that cost a read of the whole store are kept for a while.

use crate::domain::moment::MonoTime;
use parking_lot::Mutex;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

/// How long an answer is good, ms: a cycle, so that nobody sees older figures than the ranking beside them.
pub(crate) const KEPT_MS: i64 = 30_000;
/// Answers of one kind differ by a number (days looked back); more of them than questions that make sense are not kept.
const MOST: usize = 64;

struct Kept {
    made: MonoTime,
    value: Arc<dyn Any + Send + Sync>,
}

/// The newest answers, by their type and a number that tells those of one type apart.
/// The lock is not held while an answer is made: that takes seconds, and other answers must be had meanwhile.
#[derive(Default)]
pub(crate) struct Cached(Mutex<HashMap<(TypeId, i64), Kept>>);

impl Cached {
    /// The value of `key` when it was made less than `ttl_ms` before `now`.
    pub(crate) fn get<T: Any + Send + Sync>(&self, key: i64, now: MonoTime, ttl_ms: i64) -> Option<Arc<T>> {
        let kept = self.0.lock();
        let found = kept.get(&(TypeId::of::<T>(), key)).filter(|kept| now - kept.made < ttl_ms)?;
        Arc::clone(&found.value).downcast().ok()
    }

    /// Keeps a value made at `now`; the oldest goes where there are too many.
    pub(crate) fn put<T: Any + Send + Sync>(&self, key: i64, now: MonoTime, value: T) -> Arc<T> {
        let value = Arc::new(value);
        let mut kept = self.0.lock();
        if kept.len() >= MOST
            && let Some(oldest) = kept.iter().min_by_key(|(_, kept)| kept.made).map(|(key, _)| *key)
        {
            kept.remove(&oldest);
        }
        kept.insert((TypeId::of::<T>(), key), Kept { made: now, value: Arc::clone(&value) as _ });
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
    fn values_age_and_are_told_apart_by_type() {
        let cached = Cached::default();
        cached.put(7, at(0), 1_u8);
        cached.put(7, at(50), "text");
        assert_eq!(cached.get::<u8>(7, at(99), 100).as_deref(), Some(&1));
        assert_eq!(cached.get::<&str>(7, at(99), 100).as_deref(), Some(&"text"));
        assert!(cached.get::<u8>(7, at(100), 100).is_none() && cached.get::<u8>(8, at(0), 100).is_none());
    }

    #[test]
    fn the_oldest_goes() {
        let cached = Cached::default();
        for key in 0..100 {
            cached.put(key, at(key), key);
        }
        let there = |key| cached.get::<i64>(key, at(100), 1_000).is_some();
        assert!(!there(35) && there(36) && there(99));
    }
}
