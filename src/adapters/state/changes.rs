//! Changes of the state that another scanner follows: triggers log them while this one leads (see `schema`), and they are put in
//! place where it follows.
//!
//! Rows are told by what tells them apart on both machines: numbers are each machine's own.

use super::schema::VALUE;
use super::{StateDb, at_most, outbox, owed, put, rows};
use crate::actors::ports::alerts::Outgoing;
use crate::actors::ports::failover::{Change, DECIDED_KEY, Field, ReplicatedState};
use crate::domain::alert::message::Message;
use crate::domain::moment::{MachineTime, MarketTime};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Result, Row, ToSql, params_from_iter};
use std::collections::BTreeSet;
use std::io;

/// Its presence in `kv` turns the log on.
const LOGGED: &str = "changes_logged";
/// The greatest fencing number that was seen.
const FENCE: &str = "failover_fence";
/// Columns of the log that hold a row: the widest table that is followed has so many.
const WIDTH: usize = 13;

/// A table that is followed, its columns as the log has them, and how many of them are its key.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    key: usize,
}

const TABLES: [Table; 7] = [
    Table { name: "kv", columns: &["key", "value"], key: 1 },
    Table { name: "alerts", columns: &["id", "symbol", "as_of", "created_at", "card"], key: 1 },
    Table {
        name: "outbox",
        columns: &[
            "key",
            "channel",
            "urgent",
            "has_alerts",
            "message",
            "state",
            "attempts",
            "maybe_repeated",
            "next_attempt_at",
            "created_at",
            "updated_at",
            "reason",
            "receipt",
        ],
        key: 2,
    },
    Table { name: "mutes", columns: &["symbol", "until", "by", "created_at"], key: 1 },
    Table { name: "watchlist", columns: &["symbol"], key: 1 },
    Table {
        name: "open_predictions",
        columns: &["key", "symbol", "opened_at", "price", "judged_4h"],
        key: 1,
    },
    // Of a prediction its own row and those of its outcomes may wait.
    Table { name: "ledger", columns: &["key", "kind", "row", "spare"], key: 2 },
];

impl Table {
    fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }

    fn put(&self) -> String {
        let Self { name, columns, key } = self;
        let marks = vec!["?"; columns.len()].join(", ");
        let insert = format!("INSERT INTO {name} ({}) ", columns.join(", "));
        if *name == "ledger" {
            // Without a key of its own: what is there already is passed over.
            let marks = "?1, ?2, ?3, ?4";
            return format!(
                "{insert}SELECT {marks} WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE key = ?1 AND kind = ?2 AND row = ?3)"
            );
        }
        let set: Vec<String> = columns[*key..].iter().map(|c| format!("{c} = excluded.{c}")).collect();
        let changed =
            if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", set.join(", ")) };
        format!("{insert}VALUES ({marks}) ON CONFLICT ({}) DO {changed}", columns[..*key].join(", "))
    }

    fn delete(&self) -> String {
        let key: Vec<String> = self.columns[..self.key].iter().map(|c| format!("{c} = ?")).collect();
        format!("DELETE FROM {} WHERE {}", self.name, key.join(" AND "))
    }
}

impl ToSql for Field {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(n) => ToSqlOutput::Owned(Value::Integer(*n)),
            Self::Real(x) => ToSqlOutput::Owned(Value::Real(*x)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

fn field(value: ValueRef<'_>) -> Field {
    match value {
        ValueRef::Integer(n) => Field::Integer(n),
        ValueRef::Real(x) => Field::Real(x),
        ValueRef::Text(text) => Field::Text(String::from_utf8_lossy(text).into_owned()),
        // No table that is followed has blobs.
        ValueRef::Null | ValueRef::Blob(_) => Field::Null,
    }
}

fn fields(row: &Row<'_>, from: usize, count: usize) -> Result<Vec<Field>> {
    (from..from + count).map(|at| row.get_ref(at).map(field)).collect()
}

fn logged(c: &Connection, limit: usize) -> Result<(Vec<Change>, i64)> {
    let columns: Vec<String> = (0..WIDTH).map(|n| format!("v{n}")).collect();
    let sql = format!("SELECT seq, tbl, gone, {} FROM changes ORDER BY seq LIMIT ?1", columns.join(", "));
    let mut last = 0;
    let found = rows(c, &sql, [at_most(limit)], |row| {
        last = row.get(0)?;
        let (name, gone): (String, bool) = (row.get(1)?, row.get(2)?);
        let width = Table::named(&name).map_or(0, |t| if gone { t.key } else { t.columns.len() });
        Ok(Change { table: name, gone, fields: fields(row, 3, width)? })
    })?;
    Ok((found, last))
}

fn apply(t: &Connection, changes: &[Change]) -> Result<()> {
    for change in changes {
        // A newer program on the other machine may follow more.
        let Some(table) = Table::named(&change.table) else { continue };
        let wanted = if change.gone { table.key } else { table.columns.len() };
        if change.fields.len() != wanted {
            continue;
        }
        let sql = if change.gone { table.delete() } else { table.put() };
        t.prepare_cached(&sql)?.execute(params_from_iter(&change.fields))?;
        if table.name == "outbox" {
            outbox::link_alerts(t, &change.fields[0], &change.fields[1])?;
        }
    }
    // A history that is away here holds up no more rows than on a scanner that is alone.
    owed::make_room(t)
}

/// All rows of a table that fulfil the condition.
fn all(c: &Connection, name: &str, wanted: &str, since: MachineTime) -> Result<Vec<Change>> {
    let Some(table) = Table::named(name) else { return Ok(Vec::new()) };
    let sql = format!("SELECT {} FROM {name} WHERE {wanted}", table.columns.join(", "));
    let with = if wanted.contains("?1") { vec![since] } else { Vec::new() };
    rows(c, &sql, params_from_iter(with), |row| {
        Ok(Change { table: name.to_owned(), gone: false, fields: fields(row, 0, table.columns.len())? })
    })
}

/// What is to be sent, or may have been.
const UNFINISHED: &str = "state IN ('pending', 'sending') OR next_attempt_at IS NOT NULL";

fn snapshot(c: &Connection, since: MachineTime) -> Result<Vec<Change>> {
    let outbox = format!("updated_at >= ?1 OR {UNFINISHED}");
    let wanted = [
        ("kv", "key IN (SELECT key FROM followed_keys)"),
        ("mutes", "1"),
        ("watchlist", "1"),
        ("open_predictions", "1"),
        ("alerts", "created_at >= ?1"),
        ("outbox", outbox.as_str()),
    ];
    let mut changes = Vec::new();
    for (name, wanted) in wanted {
        changes.append(&mut all(c, name, wanted, since)?);
    }
    Ok(changes)
}

/// Whatever waits to be sent here and stands in none of these changes.
fn unknown(c: &Connection, changes: &[Change]) -> Result<Vec<Outgoing>> {
    let known: BTreeSet<(&str, &str)> = changes
        .iter()
        .filter_map(|change| match (change.table.as_str(), change.fields.as_slice()) {
            ("outbox", [Field::Text(key), Field::Text(channel), ..]) => {
                Some((key.as_str(), channel.as_str()))
            }
            _ => None,
        })
        .collect();
    let sql =
        format!("SELECT key, channel, message, state, created_at FROM outbox WHERE {UNFINISHED} ORDER BY id");
    let waiting = rows(c, &sql, [], |r| {
        let (key, channel): (String, String) = (r.get(0)?, r.get(1)?);
        let (message, state): (String, String) = (r.get(2)?, r.get(3)?);
        Ok((key, channel, message, state, r.get::<_, MachineTime>(4)?))
    })?;
    let unknown = waiting.into_iter().filter(|(key, channel, ..)| !known.contains(&(key, channel)));
    let outgoing = unknown.filter_map(|(_, channel, message, state, now)| {
        let message: Message = serde_json::from_str(&message).ok()?;
        let maybe_repeated = state != "pending";
        Some(Outgoing {
            messages: vec![(message, vec![channel])],
            maybe_repeated,
            now,
            ..Outgoing::default()
        })
    });
    Ok(outgoing.collect())
}

fn value(c: &Connection, key: &str) -> Result<Option<String>> {
    c.prepare_cached(VALUE)?.query_row([key], |row| row.get(0)).optional()
}

impl ReplicatedState for StateDb {
    fn follow(&self) -> io::Result<()> {
        let any = "SELECT EXISTS (SELECT 1 FROM kv WHERE key = ?1) OR EXISTS (SELECT 1 FROM changes)";
        // Mostly there is nothing to end, and a scanner starts with a disk that is full.
        if !self.read(|c| c.query_row(any, [LOGGED], |row| row.get::<_, bool>(0)))? {
            return Ok(());
        }
        self.write(|t| {
            t.execute("DELETE FROM kv WHERE key = ?1", [LOGGED])?;
            t.execute("DELETE FROM changes", []).map(|_| ())
        })
    }

    fn lead(&self, channels: &[String], unsure: bool, now: MachineTime) -> io::Result<usize> {
        self.write(|t| {
            t.execute("DELETE FROM changes", [])?;
            put(t, LOGGED, &now.to_string())?;
            let under_way = outbox::interrupted(t)?;
            let interrupted = under_way
                .iter()
                .map(|channel| outbox::recover(t, channel, now, true))
                .sum::<Result<usize>>()?;
            outbox::abandon_others(t, channels, now)?;
            let doubt = "UPDATE outbox SET maybe_repeated = 1 WHERE ?1 AND state = 'pending'";
            t.execute(doubt, [unsure])?;
            Ok(interrupted)
        })
    }

    fn seen_fence(&self) -> io::Result<u64> {
        let kept = self.read(|c| value(c, FENCE))?;
        Ok(kept.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    fn see_fence(&self, fence: u64) -> io::Result<()> {
        self.write(|t| put(t, FENCE, &fence.to_string()))
    }

    fn changes(&self, limit: usize) -> io::Result<(Vec<Change>, i64)> {
        self.read(|c| logged(c, limit))
    }

    fn newest_change(&self) -> io::Result<i64> {
        self.read(|c| c.query_row("SELECT ifnull(max(seq), 0) FROM changes", [], |row| row.get(0)))
    }

    fn forget_changes(&self, until: i64) -> io::Result<()> {
        self.write(|t| t.execute("DELETE FROM changes WHERE seq <= ?1", [until]).map(|_| ()))
    }

    fn snapshot(&self, since: MachineTime) -> io::Result<Vec<Change>> {
        self.read(|c| snapshot(c, since))
    }

    fn apply(&self, changes: &[Change]) -> io::Result<()> {
        self.write(|t| apply(t, changes))
    }

    fn adopt(&self, changes: &[Change]) -> io::Result<Vec<Outgoing>> {
        self.write(|t| {
            // What the user has taken back is told by its absence.
            t.execute("DELETE FROM mutes", [])?;
            t.execute("DELETE FROM watchlist", [])?;
            apply(t, changes)?;
            unknown(t, changes)
        })
    }

    fn decided(&self) -> io::Result<MarketTime> {
        let kept = self.read(|c| value(c, DECIDED_KEY))?;
        Ok(kept.and_then(|text| text.parse().ok()).map_or(MarketTime::MIN, MarketTime::from_ms))
    }
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;
