//! Mutes and the watchlist.

use super::StateDb;
use crate::actors::ports::alerts::{AlertLists, Mute};
use crate::domain::time::UtcMs;
use rusqlite::params;
use std::io;

impl AlertLists for StateDb {
    fn mutes(&self, now: UtcMs) -> io::Result<Vec<Mute>> {
        let read = || {
            let connection = self.lock();
            let sql = "SELECT symbol, until, by, created_at FROM mutes WHERE until IS NULL OR until > ?1 \
                       ORDER BY symbol";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([now], |r| {
                Ok(Mute { symbol: r.get(0)?, until: r.get(1)?, by: r.get(2)?, created_at: r.get(3)? })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| self.failed("mutes cannot be read", &e))
    }

    fn mute(&self, mute: &Mute) -> io::Result<()> {
        let sql = "INSERT INTO mutes (symbol, until, by, created_at) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (symbol) DO UPDATE SET until = excluded.until, by = excluded.by, \
                   created_at = excluded.created_at";
        self.lock()
            .execute(sql, params![mute.symbol, mute.until, mute.by, mute.created_at])
            .map(|_| ())
            .map_err(|e| self.failed("a mute cannot be written", &e))
    }

    fn unmute(&self, symbol: &str) -> io::Result<bool> {
        self.lock()
            .execute("DELETE FROM mutes WHERE symbol = ?1", [symbol])
            .map(|n| n > 0)
            .map_err(|e| self.failed("a mute cannot be removed", &e))
    }

    fn watchlist(&self) -> io::Result<Vec<String>> {
        let read = || {
            let connection = self.lock();
            let mut statement = connection.prepare_cached("SELECT symbol FROM watchlist ORDER BY symbol")?;
            statement.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| self.failed("the watchlist cannot be read", &e))
    }

    fn watch(&self, symbol: &str, watched: bool) -> io::Result<bool> {
        let sql = if watched {
            "INSERT OR IGNORE INTO watchlist (symbol) VALUES (?1)"
        } else {
            "DELETE FROM watchlist WHERE symbol = ?1"
        };
        self.lock()
            .execute(sql, [symbol])
            .map(|n| n > 0)
            .map_err(|e| self.failed("the watchlist cannot be written", &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutes_end_and_the_watchlist_stays() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        let mute =
            |symbol: &str, until| Mute { symbol: symbol.into(), until, by: "api".into(), created_at: 1 };
        db.mute(&mute("BTCUSDT", Some(100))).unwrap();
        db.mute(&mute("ETHUSDT", None)).unwrap();
        let names = |now| db.mutes(now).unwrap().into_iter().map(|m| m.symbol).collect::<Vec<_>>();
        assert_eq!(names(99), ["BTCUSDT", "ETHUSDT"]);
        assert_eq!(names(100), ["ETHUSDT"]);
        db.mute(&mute("ETHUSDT", Some(50))).unwrap();
        assert!(names(100).is_empty());
        assert!(db.unmute("ETHUSDT").unwrap() && !db.unmute("ETHUSDT").unwrap());
        assert!(db.watch("币安人生USDT", true).unwrap() && !db.watch("币安人生USDT", true).unwrap());
        drop(db);
        let db = StateDb::open(dir.path()).unwrap();
        assert_eq!(db.watchlist().unwrap(), ["币安人生USDT"]);
        assert!(db.watch("币安人生USDT", false).unwrap() && db.watchlist().unwrap().is_empty());
    }
}
