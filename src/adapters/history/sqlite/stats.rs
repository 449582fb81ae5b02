//! The size of the file and of its tables.

use super::aside;
use super::fault::Fault;
use super::keys;
use crate::actors::ports::history::{HistoryStats, TableStats};
use crate::domain::moment::MarketTime;
use rusqlite::Connection;
use rusqlite::types::FromSql;
use std::path::{Path, PathBuf};

type Size<T = MarketTime> = (u64, Option<T>, Option<T>);

fn size<T: FromSql>(
    connection: &Connection,
    table: &str,
    rows: &str,
    first: &str,
    last: &str,
) -> Result<Size<T>, Fault> {
    // Each in a query of its own, so that every one finds its index.
    let sql = format!(
        "SELECT (SELECT {rows} FROM {table}), (SELECT min({first}) FROM {table}), (SELECT max({last}) FROM {table})"
    );
    Ok(connection.query_row(&sql, [], |row| {
        let rows: Option<i64> = row.get(0)?;
        Ok((rows.map_or(0, i64::unsigned_abs), row.get(1)?, row.get(2)?))
    })?)
}

fn by_key(connection: &Connection, table: &str) -> Result<Size, Fault> {
    let (rows, first, last) = size(connection, table, "count(*)", "id", "id")?;
    Ok((rows, first.map(keys::moment_of), last.map(keys::moment_of)))
}

fn joined(a: Size, b: Size) -> Size {
    (a.0 + b.0, a.1.into_iter().chain(b.1).min(), a.2.into_iter().chain(b.2).max())
}

/// The sizes of the port. The connection must be in a transaction.
pub(super) fn read(connection: &Connection, place: &Path) -> Result<HistoryStats, Fault> {
    let chunks = size(connection, "candle_chunks", "sum(count)", "first", "last")?;
    let thin = by_key(connection, "scores_thin")?;
    let sizes = [
        ("candles", joined(by_key(connection, "candles")?, chunks)),
        ("scores", joined(by_key(connection, "scores")?, thin)),
        ("alerts", size(connection, "alerts", "count(*)", "as_of", "as_of")?),
        ("deliveries", size(connection, "deliveries", "count(*)", "created_at", "created_at")?),
        ("predictions", size(connection, "predictions", "count(*)", "opened_at", "opened_at")?),
        ("outcomes", size(connection, "outcomes", "count(*)", "opened_at", "opened_at")?),
        ("universe", size(connection, "universe", "count(*)", "day", "day")?),
        ("ledger_days", size(connection, "ledger_days WHERE folded", "count(*)", "day", "day")?),
    ];
    let tables =
        sizes.map(|(table, (rows, from, to))| TableStats { table: table.to_owned(), rows, from, to });
    let mut log = place.as_os_str().to_owned();
    log.push("-wal");
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |meta| meta.len());
    Ok(HistoryStats {
        store: format!("sqlite:{}", place.display()),
        bytes: length(place) + length(&PathBuf::from(log)),
        tables: tables.into(),
        spilled_rows: aside::rows(place),
    })
}
