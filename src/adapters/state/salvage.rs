//! What can be read of a damaged state file, into a new one: each table from its beginning to the damage, then from its end.

use rusqlite::types::Value;
use rusqlite::{Connection, Result, Transaction, params_from_iter};
use std::path::Path;

/// A table of the new file, with its columns and those of them that are its key.
struct Table {
    name: String,
    columns: Vec<String>,
    key: Vec<String>,
}

fn tables(connection: &Connection) -> Result<Vec<String>> {
    let sql =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// Name of each column, and its place in the key (0 for none).
fn columns(connection: &Connection, table: &str) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid";
    connection.prepare(sql)?.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Takes over what can be read of `old`; the answer is the rows, and the tables of which some are missing.
///
/// # Errors
/// When the new file cannot be written.
pub(super) fn bring_over(old: &Path, new: &mut Connection) -> Result<(u64, Vec<String>)> {
    let (mut rows, mut damaged) = (0, Vec::new());
    let names = tables(new)?;
    let Ok(old) = Connection::open(old) else { return Ok((0, names)) };
    for name in names {
        let all = columns(new, &name)?;
        // A file of an older version lacks some: they have their defaults.
        let there = columns(&old, &name).unwrap_or_default();
        let columns: Vec<String> = all
            .iter()
            .filter(|(own, _)| there.iter().any(|(n, _)| n == own))
            .map(|(n, _)| n.clone())
            .collect();
        if columns.is_empty() {
            damaged.push(name);
            continue;
        }
        let mut key: Vec<(String, i64)> = all.into_iter().filter(|(_, pk)| *pk > 0).collect();
        key.sort_by_key(|(_, pk)| *pk);
        let key = key.into_iter().map(|(n, _)| n).collect();
        let table = Table { name, columns, key };
        let transaction = new.transaction()?;
        let forward = copy(&old, &transaction, &table, "ASC")?;
        rows += forward.0;
        if !forward.1 {
            rows += copy(&old, &transaction, &table, "DESC")?.0;
            damaged.push(table.name);
        }
        transaction.commit()?;
    }
    Ok((rows, damaged))
}

/// Rows in the order of the key until one cannot be read; the answer tells how many were new, and whether it came to the end.
fn copy(old: &Connection, new: &Transaction<'_>, table: &Table, order: &str) -> Result<(u64, bool)> {
    let Table { name, columns, key } = table;
    let by: Vec<String> = key.iter().map(|column| format!("{column} {order}")).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    let columns = columns.join(", ");
    let mut insert = new.prepare(&format!("INSERT OR IGNORE INTO {name} ({columns}) VALUES ({marks})"))?;
    let sql = format!("SELECT {columns} FROM {name} ORDER BY {}", by.join(", "));
    let Ok(mut select) = old.prepare(&sql) else { return Ok((0, false)) };
    let width = select.column_count();
    let Ok(mut found) = select.query([]) else { return Ok((0, false)) };
    let mut rows = 0;
    loop {
        let row = match found.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok((rows, true)),
            Err(_) => return Ok((rows, false)),
        };
        let Ok(values) = (0..width).map(|at| row.get::<_, Value>(at)).collect::<Result<Vec<_>>>() else {
            return Ok((rows, false));
        };
        rows += insert.execute(params_from_iter(values))? as u64;
    }
}
