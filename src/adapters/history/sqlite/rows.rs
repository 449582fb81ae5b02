//! One batch in one transaction; alerts, deliveries, the universe, and sizes.

use super::scores::level;
use super::{candles, predictions, scores};
use crate::actors::ports::history::{
    AlertRow, DeliveryRow, HistoryBatch, HistoryStats, Span, TableStats, UniverseRow,
};
use crate::domain::symbol::Symbol;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::path::Path;

pub(super) fn write(connection: &mut Connection, batch: &HistoryBatch) -> rusqlite::Result<()> {
    let t = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    candles::write(&t, &batch.candles)?;
    scores::write(&t, &batch.scores)?;
    predictions::write(&t, &batch.predictions, &batch.outcomes)?;
    others(&t, batch)?;
    t.commit()
}

fn others(t: &Transaction<'_>, batch: &HistoryBatch) -> rusqlite::Result<()> {
    let sql = "INSERT INTO alerts (id, symbol, as_of, level, payload) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (id) DO UPDATE SET symbol = excluded.symbol, as_of = excluded.as_of, \
               level = excluded.level, payload = excluded.payload";
    for a in &batch.alerts {
        t.prepare_cached(sql)?.execute(params![
            a.id,
            a.symbol.as_str(),
            a.as_of,
            a.level as i64,
            a.payload
        ])?;
    }
    let sql = "INSERT INTO deliveries (key, channel, created_at, updated_at, state, attempts, reason) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (key, channel) DO UPDATE SET \
               created_at = excluded.created_at, updated_at = excluded.updated_at, state = excluded.state, \
               attempts = excluded.attempts, reason = excluded.reason \
               WHERE excluded.updated_at >= deliveries.updated_at";
    for d in &batch.deliveries {
        t.prepare_cached(sql)?.execute(params![
            d.key,
            d.channel,
            d.created_at,
            d.updated_at,
            d.state,
            d.attempts,
            d.reason
        ])?;
    }
    let sql = "INSERT INTO universe (day, symbol, status, event) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (day, symbol) DO UPDATE SET status = excluded.status, event = excluded.event";
    for u in &batch.universe {
        t.prepare_cached(sql)?.execute(params![u.day, u.symbol.as_str(), u.status, u.event])?;
    }
    Ok(())
}

pub(super) fn alerts(c: &mut Connection, span: Span) -> rusqlite::Result<Vec<AlertRow>> {
    let sql = "SELECT id, symbol, as_of, level, payload FROM alerts WHERE as_of >= ?1 AND as_of < ?2 \
               ORDER BY as_of, id";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map(params![span.from, span.to], |r| {
        let symbol: String = r.get(1)?;
        Ok(AlertRow {
            id: r.get(0)?,
            symbol: Symbol::new(&symbol),
            as_of: r.get(2)?,
            level: level(r.get(3)?),
            payload: r.get(4)?,
        })
    })?;
    rows.collect()
}

pub(super) fn deliveries(c: &mut Connection, span: Span) -> rusqlite::Result<Vec<DeliveryRow>> {
    let sql = "SELECT key, channel, created_at, updated_at, state, attempts, reason FROM deliveries \
               WHERE created_at >= ?1 AND created_at < ?2 ORDER BY created_at, key, channel";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map(params![span.from, span.to], |r| {
        Ok(DeliveryRow {
            key: r.get(0)?,
            channel: r.get(1)?,
            created_at: r.get(2)?,
            updated_at: r.get(3)?,
            state: r.get(4)?,
            attempts: r.get(5)?,
            reason: r.get(6)?,
        })
    })?;
    rows.collect()
}

pub(super) fn universe(c: &mut Connection, span: Span) -> rusqlite::Result<Vec<UniverseRow>> {
    let sql =
        "SELECT day, symbol, status, event FROM universe WHERE day >= ?1 AND day < ?2 ORDER BY day, symbol";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map(params![span.from, span.to], |r| {
        let symbol: String = r.get(1)?;
        Ok(UniverseRow { day: r.get(0)?, symbol: Symbol::new(&symbol), status: r.get(2)?, event: r.get(3)? })
    })?;
    rows.collect()
}

/// Name, rows, oldest and newest moment of each table.
const TABLES: [(&str, &str); 7] = [
    (
        "candles",
        "SELECT (SELECT count(*) FROM candles) + (SELECT coalesce(sum(count), 0) FROM candle_blocks), \
         (SELECT min(t) FROM (SELECT min(open_time) t FROM candles UNION ALL SELECT min(first) FROM candle_blocks)), \
         (SELECT max(t) FROM (SELECT max(open_time) t FROM candles UNION ALL SELECT max(last) FROM candle_blocks))",
    ),
    ("scores", "SELECT count(*), min(as_of), max(as_of) FROM scores"),
    ("alerts", "SELECT count(*), min(as_of), max(as_of) FROM alerts"),
    ("deliveries", "SELECT count(*), min(created_at), max(created_at) FROM deliveries"),
    ("predictions", "SELECT count(*), min(opened_at), max(opened_at) FROM predictions"),
    ("outcomes", "SELECT count(*), min(opened_at), max(opened_at) FROM outcomes"),
    ("universe", "SELECT count(*), min(day), max(day) FROM universe"),
];

pub(super) fn stats(c: &mut Connection, path: &Path) -> rusqlite::Result<HistoryStats> {
    let t = c.transaction()?;
    let mut tables = Vec::with_capacity(TABLES.len());
    for (table, sql) in TABLES {
        let stats = t.query_row(sql, [], |r| {
            let rows: i64 = r.get(0)?;
            Ok(TableStats {
                table: table.to_owned(),
                rows: rows.unsigned_abs(),
                from: r.get(1)?,
                to: r.get(2)?,
            })
        })?;
        tables.push(stats);
    }
    let size = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        std::fs::metadata(name).map_or(0, |m| m.len())
    };
    let bytes = size("") + size("-wal");
    Ok(HistoryStats { store: format!("sqlite:{}", path.display()), bytes, tables, spilled_rows: 0 })
}
