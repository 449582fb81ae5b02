//! Rows that must never be lost: alerts, deliveries and the universe.

use super::fault::Fault;
use super::values::spanned;
use crate::actors::ports::history::{AlertRow, DeliveryRow, Span, UniverseRow};
use rusqlite::{Connection, params};

/// Writes alerts; the same id replaces the former one.
pub(super) fn write_alerts(connection: &Connection, rows: &[AlertRow]) -> Result<(), Fault> {
    let sql = "INSERT INTO alerts (id, symbol, as_of, level, payload) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (id) DO UPDATE SET symbol = excluded.symbol, as_of = excluded.as_of, \
               level = excluded.level, payload = excluded.payload";
    let mut statement = connection.prepare_cached(sql)?;
    for r in rows {
        statement.execute(params![r.id, r.symbol, r.as_of, r.level, r.payload])?;
    }
    Ok(())
}

/// Alerts of the port.
pub(super) fn alerts(connection: &Connection, span: Span) -> Result<Vec<AlertRow>, Fault> {
    let sql = "SELECT id, symbol, as_of, level, payload FROM alerts WHERE as_of >= ?1 AND as_of < ?2 \
               ORDER BY as_of, id";
    spanned(connection, sql, span, |row| {
        Ok(AlertRow {
            id: row.get(0)?,
            symbol: row.get(1)?,
            as_of: row.get(2)?,
            level: row.get(3)?,
            payload: row.get(4)?,
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
            key: row.get(0)?,
            channel: row.get(1)?,
            created_at: row.get(2)?,
            updated_at: row.get(3)?,
            state: row.get(4)?,
            attempts: row.get(5)?,
            reason: row.get(6)?,
        })
    })
}

/// Writes the universe; the same day and pair replaces the former one.
pub(super) fn write_universe(connection: &Connection, rows: &[UniverseRow]) -> Result<(), Fault> {
    let sql = "INSERT INTO universe (day, symbol, status, event) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (day, symbol) DO UPDATE SET status = excluded.status, event = excluded.event";
    let mut statement = connection.prepare_cached(sql)?;
    for r in rows {
        statement.execute(params![r.day, r.symbol, r.status, r.event])?;
    }
    Ok(())
}

/// The universe of the port.
pub(super) fn universe(connection: &Connection, span: Span) -> Result<Vec<UniverseRow>, Fault> {
    let sql =
        "SELECT day, symbol, status, event FROM universe WHERE day >= ?1 AND day < ?2 ORDER BY day, symbol";
    spanned(connection, sql, span, |row| {
        Ok(UniverseRow { day: row.get(0)?, symbol: row.get(1)?, status: row.get(2)?, event: row.get(3)? })
    })
}
