//! Commands to the experiment, the log of what was done, and versions of the calibration.

use super::{at_most, rows};
use crate::actors::ports::experiment::{Calibration, Entry};
use crate::domain::moment::{MachineTime, MarketTime};
use rusqlite::{Connection, OptionalExtension, Result, params};

pub(super) fn order(t: &Connection, command: &str, by: &str, at: MachineTime) -> Result<()> {
    let sql = "INSERT INTO experiment_orders (at, wanted, by) VALUES (?1, ?2, ?3)";
    t.execute(sql, params![at, command, by]).map(|_| ())
}

pub(super) fn any_order(c: &Connection) -> Result<bool> {
    c.prepare_cached("SELECT 1 FROM experiment_orders LIMIT 1")?.exists([])
}

/// Takes the oldest out: its JSON text, and who gave it.
pub(super) fn next_order(t: &Connection) -> Result<Option<(String, String)>> {
    let sql = "DELETE FROM experiment_orders WHERE id = (SELECT min(id) FROM experiment_orders) \
               RETURNING wanted, by";
    t.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?))).optional()
}

pub(super) fn note(t: &Connection, Entry { at, what, arm, by, detail, .. }: &Entry) -> Result<()> {
    let sql = "INSERT INTO experiment_book (at, what, arm, by, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
    t.execute(sql, params![at, what, arm, by, detail]).map(|_| ())
}

pub(super) fn entries(c: &Connection, limit: usize) -> Result<Vec<Entry>> {
    let sql = "SELECT id, at, what, arm, by, detail FROM experiment_book ORDER BY id DESC LIMIT ?1";
    rows(c, sql, [at_most(limit)], |r| {
        Ok(Entry {
            id: r.get(0)?,
            at: r.get(1)?,
            what: r.get(2)?,
            arm: r.get(3)?,
            by: r.get(4)?,
            detail: r.get(5)?,
        })
    })
}

pub(super) fn add_calibration(t: &Connection, c: &Calibration, oldest: MarketTime) -> Result<()> {
    t.execute("DELETE FROM calibrations WHERE at < ?1", [oldest])?;
    let sql = "INSERT INTO calibrations (at, model, log_odds, slope, seen, days, drift) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    t.execute(sql, params![c.at, c.model, c.log_odds, c.slope, c.seen, c.days, c.drift]).map(|_| ())
}

pub(super) fn calibrations(c: &Connection, limit: usize) -> Result<Vec<Calibration>> {
    let sql = "SELECT version, at, model, log_odds, slope, seen, days, drift FROM calibrations \
               ORDER BY version DESC LIMIT ?1";
    rows(c, sql, [at_most(limit)], |r| {
        Ok(Calibration {
            version: r.get(0)?,
            at: r.get(1)?,
            model: r.get(2)?,
            log_odds: r.get(3)?,
            slope: r.get(4)?,
            seen: r.get(5)?,
            days: r.get(6)?,
            drift: r.get(7)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::ports::experiment::ExperimentCommand;
    use crate::actors::ports::state::OperationalState;
    use crate::adapters::state::StateDb;

    const fn ms(ms: i64) -> MachineTime {
        MachineTime::from_ms(ms)
    }

    #[test]
    fn calibrations_are_numbered_and_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        let at = |at: i64| Calibration {
            at: MarketTime::from_ms(at),
            model: "m".into(),
            log_odds: -0.2,
            ..Calibration::default()
        };
        for moment in 1..=4 {
            db.add_calibration(&at(moment), MarketTime::from_ms(moment - 2)).unwrap();
        }
        let kept: Vec<_> = db.calibrations(9).unwrap().iter().map(|c| (c.version, c.at.ms())).collect();
        assert_eq!(kept, [(4, 4), (3, 3), (2, 2)]);
        assert_eq!(db.calibrations(1).unwrap()[0].log_odds, -0.2);
    }

    #[test]
    fn orders_are_taken_once_and_the_book_grows() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        assert_eq!(db.next_order().unwrap(), None);
        let promote = ExperimentCommand::Promote { arm: "uno".into() };
        db.order(&promote, "command line", ms(5)).unwrap();
        db.order(&ExperimentCommand::Rollback, "api", ms(6)).unwrap();
        assert_eq!(db.next_order().unwrap(), Some((promote, "command line".to_owned())));
        assert_eq!(db.next_order().unwrap(), Some((ExperimentCommand::Rollback, "api".to_owned())));
        assert_eq!(db.next_order().unwrap(), None);
        let line = |what: &str| Entry {
            id: 0,
            at: ms(7),
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
