//! Predictions that wait for their outcome.

use super::StateDb;
use crate::actors::ports::ledger::{OpenPrediction, OpenPredictions};
use crate::domain::symbol::Symbol;
use crate::domain::time::UtcMs;
use rusqlite::{Transaction, params};
use std::io;

fn each(t: &Transaction<'_>, sql: &str, keys: &[String]) -> rusqlite::Result<()> {
    let mut statement = t.prepare_cached(sql)?;
    keys.iter().try_for_each(|key| statement.execute([key]).map(|_| ()))
}

impl OpenPredictions for StateDb {
    fn open(&self, predictions: &[OpenPrediction]) -> io::Result<()> {
        self.in_transaction("predictions cannot be written", |t| {
            let sql = "INSERT OR IGNORE INTO open_predictions (key, symbol, opened_at, price, judged_4h) \
                       VALUES (?1, ?2, ?3, ?4, ?5)";
            let mut statement = t.prepare_cached(sql)?;
            for p in predictions {
                statement.execute(params![p.key, p.symbol.as_str(), p.opened_at, p.price, p.judged_4h])?;
            }
            Ok(())
        })
    }

    fn due(&self, short: UtcMs, long: UtcMs, limit: usize) -> io::Result<Vec<OpenPrediction>> {
        let read = || {
            let connection = self.lock();
            let sql = "SELECT key, symbol, opened_at, price, judged_4h FROM open_predictions \
                       WHERE opened_at <= ?1 AND (NOT judged_4h OR opened_at <= ?2) ORDER BY opened_at, key LIMIT ?3";
            let mut statement = connection.prepare_cached(sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![short, long, limit], |r| {
                let symbol: String = r.get(1)?;
                Ok(OpenPrediction {
                    key: r.get(0)?,
                    symbol: Symbol::new(&symbol),
                    opened_at: r.get(2)?,
                    price: r.get(3)?,
                    judged_4h: r.get(4)?,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| self.failed("predictions cannot be read", &e))
    }

    fn judged_4h(&self, keys: &[String]) -> io::Result<()> {
        self.in_transaction("predictions cannot be written", |t| {
            each(t, "UPDATE open_predictions SET judged_4h = 1 WHERE key = ?1", keys)
        })
    }

    fn close(&self, keys: &[String]) -> io::Result<()> {
        self.in_transaction("predictions cannot be written", |t| {
            each(t, "DELETE FROM open_predictions WHERE key = ?1", keys)
        })
    }

    fn open_count(&self) -> io::Result<u64> {
        let count =
            self.lock().query_row("SELECT count(*) FROM open_predictions", [], |r| r.get::<_, i64>(0));
        count.map(i64::unsigned_abs).map_err(|e| self.failed("predictions cannot be read", &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_twice_then_gone() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        let one = |key: &str, opened_at| OpenPrediction {
            key: key.into(),
            symbol: Symbol::new("币安人生USDT"),
            opened_at,
            price: 9.3e-6,
            judged_4h: false,
        };
        db.open(&[one("b", 10), one("a", 10), one("c", 90)]).unwrap();
        db.open(&[one("a", 10)]).unwrap();
        let keys =
            |short, long| db.due(short, long, 9).unwrap().into_iter().map(|p| p.key).collect::<Vec<_>>();
        assert_eq!((keys(50, 0), keys(9, 0)), (vec!["a".to_owned(), "b".to_owned()], vec![]));
        db.judged_4h(&["a".to_owned()]).unwrap();
        assert_eq!((keys(50, 0), keys(50, 10)), (vec!["b".to_owned()], vec!["a".to_owned(), "b".to_owned()]));
        db.close(&["a".to_owned(), "b".to_owned()]).unwrap();
        drop(db);
        let db = StateDb::open(dir.path()).unwrap();
        assert_eq!((db.open_count().unwrap(), db.due(99, 99, 9).unwrap()), (1, vec![one("c", 90)]));
    }
}
