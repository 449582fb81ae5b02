//! Older scores: the first of each pair and 5 minutes and every change of level stay, in a table of their own, so
//! that whole pages of the table of all cuts become free.

use super::fault::Fault;
use super::keys;
use super::scores::{LEVELS, THINNED, mark};
use crate::actors::ports::history::Compacted;
use crate::domain::moment::MarketTime;
use crate::domain::time::MINUTE_MS;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

/// Charts of days show no more than a score in 5 minutes.
const SLOT_MS: i64 = 5 * MINUTE_MS;
/// Market time thinned in one step: whole slots, so that no slot is judged in two halves.
const STEP_MS: i64 = 2 * SLOT_MS;
/// Expired rows removed in one step: writes come in between.
const EXPIRED_ROWS: i64 = 20_000;

/// A compaction step's result: what it removed, and from where the part goes on, if it does.
pub(super) type Step = (Compacted, Option<i64>);

/// Thins the oldest part of the full scores before `to`. Every row before `to` leaves their table: a row that comes
/// later is judged again with those of its 5 minutes that stayed.
pub(super) fn thin(connection: &Connection, to: MarketTime) -> Result<Step, Fault> {
    let sql = "SELECT id FROM scores WHERE id < ?1 ORDER BY id LIMIT 1";
    let oldest: Option<i64> =
        connection.prepare_cached(sql)?.query_row([keys::edge(to)], |row| row.get(0)).optional()?;
    let Some(oldest) = oldest else { return Ok((Compacted::default(), None)) };
    let from = keys::moment_of(oldest).floor(SLOT_MS);
    let end = to.min(from + STEP_MS);
    let removed = thin_window(connection, from, end)?;
    let reach = mark(connection, THINNED)?.map_or(end, |former| former.max(end));
    let sql = "INSERT OR REPLACE INTO marks (name, value) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute(params![THINNED, reach])?;
    Ok((Compacted { scores: removed, ..Compacted::default() }, (end < to).then_some(0)))
}

/// How many scores thinning to `to` and expiry to `expired` would remove.
pub(super) fn doomed(connection: &Connection, to: MarketTime, expired: MarketTime) -> Result<u64, Fault> {
    let sql = "SELECT id, marks FROM scores WHERE id < ?1 UNION ALL SELECT id, marks FROM scores_thin WHERE id < ?1 ORDER BY id";
    let mut rows = connection.prepare_cached(sql)?;
    let rows = rows.query_map([keys::edge(to.max(expired))], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (mut stays, mut doomed) = (Stays::default(), 0);
    let thinned = mark(connection, THINNED)?.unwrap_or(MarketTime::MIN);
    for row in rows {
        let (id, marks): (i64, i64) = row?;
        let moment = keys::moment_of(id);
        // What was thinned before is not judged again.
        let goes = moment >= thinned && moment < to && !stays.judge(id, marks);
        doomed += u64::from(goes || moment < expired);
    }
    Ok(doomed)
}

/// Whether a row stays: the first of its pair and slot, and a change of level. Rows come in order of time.
#[derive(Default)]
struct Stays(HashMap<i64, (i64, i64)>);

impl Stays {
    fn judge(&mut self, id: i64, marks: i64) -> bool {
        let state = (keys::moment_of(id).index(SLOT_MS), marks & LEVELS);
        self.0.insert(keys::low_of(id), state) != Some(state)
    }
}

fn thin_window(connection: &Connection, from: MarketTime, to: MarketTime) -> Result<u64, Fault> {
    let (from, to) = (keys::edge(from), keys::edge(to));
    let sql = "SELECT id, marks, 0 AS thin FROM scores WHERE id >= ?1 AND id < ?2 \
               UNION ALL SELECT id, marks, 1 FROM scores_thin WHERE id >= ?1 AND id < ?2 ORDER BY id";
    let mut rows = connection.prepare_cached(sql)?;
    let rows = rows.query_map([from, to], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows = rows.collect::<rusqlite::Result<Vec<(i64, i64, bool)>>>()?;
    let mut keep = connection.prepare_cached("INSERT INTO scores_thin SELECT * FROM scores WHERE id = ?1")?;
    let mut drop = connection.prepare_cached("DELETE FROM scores_thin WHERE id = ?1")?;
    let (mut judge, mut removed) = (Stays::default(), 0);
    for (id, marks, thin) in rows {
        let stays = judge.judge(id, marks);
        removed += u64::from(!stays);
        match (stays, thin) {
            (true, false) => keep.execute([id])?,
            (false, true) => drop.execute([id])?,
            _ => 0,
        };
    }
    connection.prepare_cached("DELETE FROM scores WHERE id >= ?1 AND id < ?2")?.execute([from, to])?;
    Ok(removed)
}

/// Removes some of the scores before `to`.
pub(super) fn expire(connection: &Connection, to: MarketTime) -> Result<Step, Fault> {
    let mut gone = 0;
    for table in ["scores", "scores_thin"] {
        let sql = format!(
            "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE id < ?1 ORDER BY id LIMIT ?2)"
        );
        gone += connection.prepare_cached(&sql)?.execute([keys::edge(to), EXPIRED_ROWS])?;
    }
    Ok((Compacted { scores: gone as u64, ..Compacted::default() }, (gone > 0).then_some(0)))
}
