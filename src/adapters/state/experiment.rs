//! Orders to the experiment and the book of what was done.

use super::StateDb;
use crate::actors::ports::StateStore;
use crate::actors::ports::experiment::{Entry, ExperimentBook, Order, REPORT_KEY};
use crate::domain::time::UtcMs;
use rusqlite::{OptionalExtension, params};
use std::io;

/// Changes of the schema that belong here.
pub(super) const TABLES: &str = "
    CREATE TABLE experiment_orders (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, wanted TEXT NOT NULL, by TEXT NOT NULL
    );
    CREATE TABLE experiment_book (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, what TEXT NOT NULL, arm TEXT NOT NULL,
        by TEXT NOT NULL, detail TEXT NOT NULL
    );
";

impl ExperimentBook for StateDb {
    fn order(&self, order: &Order, by: &str, at: UtcMs) -> io::Result<()> {
        let wanted = serde_json::to_string(order)?;
        self.in_transaction("an order cannot be written", |t| {
            let sql = "INSERT INTO experiment_orders (at, wanted, by) VALUES (?1, ?2, ?3)";
            t.execute(sql, params![at, wanted, by]).map(|_| ())
        })
    }

    fn next_order(&self) -> io::Result<Option<(Order, String)>> {
        let mut found: Option<(String, String)> = None;
        self.in_transaction("orders cannot be read", |t| {
            let sql = "DELETE FROM experiment_orders WHERE id = (SELECT min(id) FROM experiment_orders) \
                       RETURNING wanted, by";
            found = t.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
            Ok(())
        })?;
        found.map(|(wanted, by)| Ok((serde_json::from_str(&wanted)?, by))).transpose()
    }

    fn note(&self, entry: &Entry) -> io::Result<()> {
        self.in_transaction("the book of the experiment cannot be written", |t| {
            let sql = "INSERT INTO experiment_book (at, what, arm, by, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
            let Entry { at, what, arm, by, detail, .. } = entry;
            t.execute(sql, params![at, what, arm, by, detail]).map(|_| ())
        })
    }

    fn entries(&self, limit: usize) -> io::Result<Vec<Entry>> {
        let read = || {
            let connection = self.lock();
            let sql = "SELECT id, at, what, arm, by, detail FROM experiment_book ORDER BY id DESC LIMIT ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |r| {
                Ok(Entry {
                    id: r.get(0)?,
                    at: r.get(1)?,
                    what: r.get(2)?,
                    arm: r.get(3)?,
                    by: r.get(4)?,
                    detail: r.get(5)?,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| self.failed("the book of the experiment cannot be read", &e))
    }

    fn report(&self) -> io::Result<Option<String>> {
        self.get(REPORT_KEY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_taken_once_and_the_book_grows() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        assert_eq!(db.next_order().unwrap(), None);
        let promote = Order::Promote { arm: "uno".into() };
        db.order(&promote, "command line", 5).unwrap();
        db.order(&Order::Rollback, "api", 6).unwrap();
        assert_eq!(db.next_order().unwrap(), Some((promote, "command line".to_owned())));
        assert_eq!(db.next_order().unwrap(), Some((Order::Rollback, "api".to_owned())));
        assert_eq!(db.next_order().unwrap(), None);
        let line = |what: &str| Entry {
            id: 0,
            at: 7,
            what: what.into(),
            arm: "uno".into(),
            by: "rule".into(),
            detail: "x".into(),
        };
        db.note(&line("promoted")).unwrap();
        db.note(&line("rolled_back")).unwrap();
        let newest = db.entries(1).unwrap();
        assert_eq!((newest.len(), newest[0].what.as_str(), newest[0].id), (1, "rolled_back", 2));
        assert_eq!(db.report().unwrap(), None);
    }
}
