//! Cycles by minute. The table has the name that it was made with.

use super::rows;
use crate::actors::ports::state::FIRST_START_KEY;
use crate::domain::moment::MachineTime;
use crate::domain::service_levels::{BOUNDS, CycleMinute, Latencies};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use std::fmt::Write as _;

const COLUMNS: &str =
    "start, published, coverage_sum, coverage_min, pairs_sum, pairs_min, latency_max, latencies";

/// Counts as `bucket:count,..`: most minutes have one bucket or two.
fn text(latencies: &Latencies) -> String {
    let mut out = String::new();
    for (at, count) in latencies.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let comma = if out.is_empty() { "" } else { "," };
        let _ = write!(out, "{comma}{at}:{count}");
    }
    out
}

fn latencies(text: &str, max: f64) -> Latencies {
    let mut out = Latencies { max, ..Latencies::default() };
    for (at, count) in text.split(',').filter_map(|part| part.split_once(':')) {
        if let (Ok(at), Ok(count)) = (at.parse::<usize>(), count.parse::<u64>())
            && at <= BOUNDS.len()
        {
            out.counts[at] += count;
        }
    }
    out
}

fn slot(row: &Row<'_>) -> Result<CycleMinute> {
    let counts: String = row.get(7)?;
    Ok(CycleMinute {
        start: row.get(0)?,
        published: row.get(1)?,
        coverage_sum: row.get(2)?,
        coverage_min: row.get(3)?,
        pairs_sum: row.get::<_, i64>(4)?.unsigned_abs(),
        pairs_min: row.get(5)?,
        latencies: latencies(&counts, row.get(6)?),
    })
}

pub(super) fn add(t: &Connection, new: &CycleMinute) -> Result<()> {
    let read = format!("SELECT {COLUMNS} FROM measures WHERE start = ?1");
    let mut all = new.clone();
    if let Some(kept) = t.prepare_cached(&read)?.query_row([new.start], slot).optional()? {
        all.merge(&kept);
    }
    let write =
        format!("INSERT OR REPLACE INTO measures ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    let pairs_sum = i64::try_from(all.pairs_sum).unwrap_or(i64::MAX);
    t.prepare_cached(&write)?.execute(params![
        all.start,
        all.published,
        all.coverage_sum,
        all.coverage_min,
        pairs_sum,
        all.pairs_min,
        all.latencies.max,
        text(&all.latencies)
    ])?;
    Ok(())
}

pub(super) fn since(c: &Connection, from: MachineTime) -> Result<Vec<CycleMinute>> {
    let sql = format!("SELECT {COLUMNS} FROM measures WHERE start >= ?1 ORDER BY start");
    rows(c, &sql, [from], slot)
}

/// What is kept, once it is.
pub(super) fn first_start(t: &Connection, now: MachineTime) -> Result<MachineTime> {
    let sql = "INSERT OR IGNORE INTO kv (key, value) VALUES (?1, ?2)";
    t.execute(sql, params![FIRST_START_KEY, now.to_string()])?;
    let sql = "SELECT value FROM kv WHERE key = ?1";
    let kept: String = t.query_row(sql, [FIRST_START_KEY], |r| r.get(0))?;
    Ok(kept.parse().map_or(now, MachineTime::from_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::ports::state::OperationalState;
    use crate::adapters::state::StateDb;

    const fn at(ms: i64) -> MachineTime {
        MachineTime::from_ms(ms)
    }

    #[test]
    fn parts_of_a_minute_add_up_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        assert_eq!(
            (db.first_start(at(90_000)).unwrap(), db.first_start(at(500_000)).unwrap()),
            (at(90_000), at(90_000))
        );
        let mut whole = CycleMinute::at(at(90_000));
        for (coverage, pairs, ms) in [(0.99, 412, 3.4), (0.5, 400, 70_000.0)] {
            let mut part = CycleMinute::at(at(90_000));
            part.take(coverage, pairs, ms);
            whole.take(coverage, pairs, ms);
            db.add_cycles(&[part], at(0)).unwrap();
        }
        drop(db);
        let db = StateDb::open(dir.path()).unwrap();
        let kept = db.cycle_minutes(at(0)).unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].published, kept[0].pairs_sum, kept[0].pairs_min), (2, 812, 400));
        assert_eq!((&kept[0].latencies, kept[0].coverage_min), (&whole.latencies, 0.5));
        assert_eq!(
            (db.first_start(at(7)).unwrap(), db.cycle_minutes(at(60_001)).unwrap().len()),
            (at(90_000), 0)
        );
        db.add_cycles(&[CycleMinute::at(at(180_000))], at(120_000)).unwrap();
        assert_eq!(
            db.cycle_minutes(at(0)).unwrap().iter().map(|s| s.start).collect::<Vec<_>>(),
            [at(180_000)]
        );
    }
}
