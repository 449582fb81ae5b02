//! Rows that must never be lost: alerts, deliveries and the universe.

use super::fault::Fault;
use crate::actors::ports::history::{AlertRow, DeliveryRow, Span, UniverseRow};
use crate::domain::report::Level;
use crate::domain::symbol::Symbol;
use rusqlite::types::FromSql;
use rusqlite::{Connection, Row, params};

/// A level by its name.
pub(super) fn level(name: &str) -> Result<Level, Fault> {
    [Level::Descartada, Level::Baja, Level::Media, Level::Alta, Level::Fuerte]
        .into_iter()
        .find(|level| level.as_str() == name)
        .ok_or_else(|| Fault::Damaged(format!("level '{name}'")))
}

/// A pair's name in a column.
pub(super) fn symbol(row: &Row<'_>, column: usize) -> rusqlite::Result<Symbol> {
    Ok(Symbol::new(&row.get::<_, String>(column)?))
}

/// A column of any kind.
pub(super) fn get<T: FromSql>(row: &Row<'_>, column: usize) -> Result<T, Fault> {
    Ok(row.get(column)?)
}

/// The rows of a query over a span.
pub(super) fn spanned<T>(
    connection: &Connection,
    sql: &str,
    span: Span,
    make: impl Fn(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([span.from, span.to])?;
    let mut made = Vec::new();
    while let Some(row) = rows.next()? {
        made.push(make(row)?);
    }
    Ok(made)
}

/// Writes alerts; the same id replaces the former one.
pub(super) fn write_alerts(connection: &Connection, rows: &[AlertRow]) -> Result<(), Fault> {
    let sql = "INSERT INTO alerts (id, symbol, as_of, level, payload) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (id) DO UPDATE SET symbol = excluded.symbol, as_of = excluded.as_of, \
               level = excluded.level, payload = excluded.payload";
    let mut statement = connection.prepare_cached(sql)?;
    for r in rows {
        statement.execute(params![r.id, r.symbol.as_str(), r.as_of, r.level.as_str(), r.payload])?;
    }
    Ok(())
}

/// Alerts of the port.
pub(super) fn alerts(connection: &Connection, span: Span) -> Result<Vec<AlertRow>, Fault> {
    let sql = "SELECT id, symbol, as_of, level, payload FROM alerts WHERE as_of >= ?1 AND as_of < ?2 \
               ORDER BY as_of, id";
    spanned(connection, sql, span, |row| {
        let level = level(&get::<String>(row, 3)?)?;
        Ok(AlertRow {
            id: get(row, 0)?,
            symbol: symbol(row, 1)?,
            as_of: get(row, 2)?,
            level,
            payload: get(row, 4)?,
        })
    })
}

/// Writes deliveries; the newer `updated_at` stands, of two equal ones the later write.
pub(super) fn write_deliveries(connection: &Connection, rows: &[DeliveryRow]) -> Result<(), Fault> {
    let sql = "INSERT INTO deliveries (key, channel, created_at, updated_at, state, attempts, reason) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (key, channel) DO UPDATE SET \
               created_at = excluded.created_at, updated_at = excluded.updated_at, state = excluded.state, \
               attempts = excluded.attempts, reason = excluded.reason \
               WHERE excluded.updated_at >= updated_at";
    let mut statement = connection.prepare_cached(sql)?;
    for r in rows {
        let (created, updated) = (r.created_at, r.updated_at);
        statement.execute(params![r.key, r.channel, created, updated, r.state, r.attempts, r.reason])?;
    }
    Ok(())
}

/// Deliveries of the port.
pub(super) fn deliveries(connection: &Connection, span: Span) -> Result<Vec<DeliveryRow>, Fault> {
    let sql = "SELECT key, channel, created_at, updated_at, state, attempts, reason FROM deliveries \
               WHERE created_at >= ?1 AND created_at < ?2 ORDER BY created_at, key, channel";
    spanned(connection, sql, span, |row| {
        Ok(DeliveryRow {
            key: get(row, 0)?,
            channel: get(row, 1)?,
            created_at: get(row, 2)?,
            updated_at: get(row, 3)?,
            state: get(row, 4)?,
            attempts: get(row, 5)?,
            reason: get(row, 6)?,
        })
    })
}

/// Writes the universe; the same day and pair replaces the former one.
pub(super) fn write_universe(connection: &Connection, rows: &[UniverseRow]) -> Result<(), Fault> {
    let sql = "INSERT INTO universe (day, symbol, status, event) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (day, symbol) DO UPDATE SET status = excluded.status, event = excluded.event";
    let mut statement = connection.prepare_cached(sql)?;
    for r in rows {
        statement.execute(params![r.day, r.symbol.as_str(), r.status, r.event])?;
    }
    Ok(())
}

/// The universe of the port.
pub(super) fn universe(connection: &Connection, span: Span) -> Result<Vec<UniverseRow>, Fault> {
    let sql =
        "SELECT day, symbol, status, event FROM universe WHERE day >= ?1 AND day < ?2 ORDER BY day, symbol";
    spanned(connection, sql, span, |row| {
        Ok(UniverseRow {
            day: get(row, 0)?,
            symbol: symbol(row, 1)?,
            status: get(row, 2)?,
            event: get(row, 3)?,
        })
    })
}
