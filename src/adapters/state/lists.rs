//! Mutes and the watchlist.

use super::{put, rows};
use crate::actors::ports::state::Mute;
use crate::domain::moment::{MachineTime, MarketTime};
use rusqlite::{Connection, Result, params};

pub(super) fn mutes(c: &Connection, now: MarketTime) -> Result<Vec<Mute>> {
    let sql =
        "SELECT symbol, until, by, created_at FROM mutes WHERE until IS NULL OR until > ?1 ORDER BY symbol";
    rows(c, sql, [now], |r| {
        Ok(Mute { symbol: r.get(0)?, until: r.get(1)?, by: r.get(2)?, created_at: r.get(3)? })
    })
}

pub(super) fn mute(t: &Connection, mute: &Mute) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO mutes (symbol, until, by, created_at) VALUES (?1, ?2, ?3, ?4)";
    t.execute(sql, params![mute.symbol, mute.until, mute.by, mute.created_at]).map(|_| ())
}

/// The newest fall of market time that the mutes have been moved for.
const REBASED: &str = "mutes_rebased";

pub(super) fn rebase_mutes(
    t: &Connection,
    since: MachineTime,
    from: MarketTime,
    to: MarketTime,
) -> Result<()> {
    let fall = format!("{from} {to}");
    let known = "SELECT 1 FROM kv WHERE key = ?1 AND value = ?2";
    // An answer may be lost behind the commit, and the caller tries again.
    if t.prepare_cached(known)?.exists([REBASED, &fall])? {
        return Ok(());
    }
    let moved = "UPDATE mutes SET until = until - ?2 WHERE created_at >= ?1";
    t.execute(moved, params![since, from - to])?;
    put(t, REBASED, &fall)
}

pub(super) fn watchlist(c: &Connection) -> Result<Vec<String>> {
    rows(c, "SELECT symbol FROM watchlist ORDER BY symbol", [], |r| r.get(0))
}

pub(super) fn watch(t: &Connection, symbol: &str, watched: bool) -> Result<bool> {
    let sql = if watched {
        "INSERT OR IGNORE INTO watchlist (symbol) VALUES (?1)"
    } else {
        "DELETE FROM watchlist WHERE symbol = ?1"
    };
    t.execute(sql, [symbol]).map(|n| n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::ports::state::OperationalState;
    use crate::adapters::state::StateDb;

    const fn market(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    #[test]
    fn mutes_made_under_a_wrong_market_time_end_as_they_would_have() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        let made = |symbol: &str, until, at| {
            let created_at = MachineTime::from_ms(at);
            db.mute(&Mute { symbol: symbol.into(), until, by: "api".into(), created_at }).unwrap();
        };
        made("BEFOREUSDT", Some(market(500)), 9);
        made("MEANWHILEUSDT", Some(market(3_600_500)), 10);
        made("FORGOODUSDT", None, 11);
        for _ in 0..2 {
            db.rebase_mutes(MachineTime::from_ms(10), market(3_600_900), market(900)).unwrap();
        }
        let ends: Vec<_> = db.mutes(market(0)).unwrap().into_iter().map(|m| (m.symbol, m.until)).collect();
        let wanted =
            [("BEFOREUSDT", Some(market(500))), ("FORGOODUSDT", None), ("MEANWHILEUSDT", Some(market(500)))];
        assert_eq!(ends, wanted.map(|(symbol, until)| (symbol.to_owned(), until)));
    }

    #[test]
    fn mutes_end_and_the_watchlist_stays() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        let mute = |symbol: &str, until| Mute {
            symbol: symbol.into(),
            until,
            by: "api".into(),
            created_at: MachineTime::from_ms(1),
        };
        db.mute(&mute("BTCUSDT", Some(market(100)))).unwrap();
        db.mute(&mute("ETHUSDT", None)).unwrap();
        let names = |now| db.mutes(now).unwrap().into_iter().map(|m| m.symbol).collect::<Vec<_>>();
        assert_eq!(names(market(99)), ["BTCUSDT", "ETHUSDT"]);
        assert_eq!(names(market(100)), ["ETHUSDT"]);
        db.mute(&mute("ETHUSDT", Some(market(50)))).unwrap();
        assert!(names(market(100)).is_empty());
        assert!(db.unmute("ETHUSDT").unwrap() && !db.unmute("ETHUSDT").unwrap());
        assert!(db.watch("币安人生USDT", true).unwrap() && !db.watch("币安人生USDT", true).unwrap());
        drop(db);
        let db = StateDb::open(dir.path()).unwrap();
        assert_eq!(db.watchlist().unwrap(), ["币安人生USDT"]);
        assert!(db.watch("币安人生USDT", false).unwrap() && db.watchlist().unwrap().is_empty());
    }
}
