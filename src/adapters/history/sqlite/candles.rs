//! Candles: the newest as rows, older ones and whole warm-ups as blocks. A row goes over a block.

use super::blocks::{CANDLES, pack, unpack};
use crate::actors::ports::history::{CandleRow, Span};
use crate::domain::candle::Candle;
use crate::domain::symbol::Symbol;
use crate::domain::time::{Interval, MINUTE_MS, UtcMs};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use std::collections::BTreeMap;

/// So many candles of one pair in one batch go straight into blocks.
const STRAIGHT: usize = 200;

/// The number of a pair, made where it is new.
pub(super) fn symbol_id(t: &Connection, name: &str) -> rusqlite::Result<i64> {
    let found = find_symbol(t, name)?;
    if let Some(id) = found {
        return Ok(id);
    }
    t.prepare_cached("INSERT INTO symbols (name) VALUES (?1)")?.execute([name])?;
    Ok(t.last_insert_rowid())
}

pub(super) fn find_symbol(t: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    t.prepare_cached("SELECT id FROM symbols WHERE name = ?1")?.query_row([name], |r| r.get(0)).optional()
}

pub(super) fn write(t: &Transaction<'_>, rows: &[CandleRow]) -> rusqlite::Result<()> {
    let mut groups: BTreeMap<(&str, i64), Vec<Candle>> = BTreeMap::new();
    for row in rows {
        groups.entry((row.symbol.as_str(), row.interval.minutes())).or_default().push(row.candle);
    }
    for ((name, minutes), mut candles) in groups {
        let symbol = symbol_id(t, name)?;
        if candles.len() < STRAIGHT {
            for candle in &candles {
                insert(t, symbol, minutes, candle)?;
            }
            continue;
        }
        // Of two candles with one open time the later one in the batch counts.
        candles.reverse();
        candles.sort_by_key(|c| c.open_time);
        candles.dedup_by_key(|c| c.open_time);
        merge(t, symbol, minutes, &candles)?;
        let sql = "DELETE FROM candles WHERE symbol = ?1 AND minutes = ?2 AND open_time = ?3";
        for candle in &candles {
            t.prepare_cached(sql)?.execute(params![symbol, minutes, candle.open_time])?;
        }
    }
    Ok(())
}

fn insert(t: &Transaction<'_>, symbol: i64, minutes: i64, c: &Candle) -> rusqlite::Result<()> {
    let sql = "INSERT INTO candles (symbol, minutes, open_time, open, high, low, close, volume, quote_volume, \
               filled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
               ON CONFLICT (symbol, minutes, open_time) DO UPDATE SET open = excluded.open, \
               high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume, \
               quote_volume = excluded.quote_volume, filled = excluded.filled";
    t.prepare_cached(sql)?.execute(params![
        symbol,
        minutes,
        c.open_time,
        c.open,
        c.high,
        c.low,
        c.close,
        c.volume,
        c.quote_volume,
        c.filled
    ])?;
    Ok(())
}

const fn block_of(open_time: UtcMs, minutes: i64) -> i64 {
    open_time.div_euclid(minutes * MINUTE_MS * CANDLES)
}

/// Puts candles (oldest first) into their blocks, over those that are there.
pub(super) fn merge(
    t: &Transaction<'_>,
    symbol: i64,
    minutes: i64,
    candles: &[Candle],
) -> rusqlite::Result<()> {
    for part in candles.chunk_by(|a, b| block_of(a.open_time, minutes) == block_of(b.open_time, minutes)) {
        let block = block_of(part[0].open_time, minutes);
        let mut all: BTreeMap<UtcMs, Candle> =
            block_candles(t, symbol, minutes, block)?.into_iter().map(|c| (c.open_time, c)).collect();
        all.extend(part.iter().map(|c| (c.open_time, *c)));
        let all: Vec<Candle> = all.into_values().collect();
        put_block(t, symbol, minutes, block, &all)?;
    }
    Ok(())
}

fn block_candles(t: &Connection, symbol: i64, minutes: i64, block: i64) -> rusqlite::Result<Vec<Candle>> {
    let sql = "SELECT packed FROM candle_blocks WHERE symbol = ?1 AND minutes = ?2 AND block = ?3";
    let packed: Option<Vec<u8>> =
        t.prepare_cached(sql)?.query_row(params![symbol, minutes, block], |r| r.get(0)).optional()?;
    packed.map_or(Ok(Vec::new()), |packed| opened(&packed, minutes))
}

fn opened(packed: &[u8], minutes: i64) -> rusqlite::Result<Vec<Candle>> {
    unpack(packed, minutes * MINUTE_MS).ok_or(rusqlite::Error::InvalidQuery)
}

/// Writes a block; an empty one is removed.
pub(super) fn put_block(
    t: &Transaction<'_>,
    symbol: i64,
    minutes: i64,
    block: i64,
    candles: &[Candle],
) -> rusqlite::Result<()> {
    let (Some(first), Some(last)) = (candles.first(), candles.last()) else {
        let sql = "DELETE FROM candle_blocks WHERE symbol = ?1 AND minutes = ?2 AND block = ?3";
        t.prepare_cached(sql)?.execute(params![symbol, minutes, block])?;
        return Ok(());
    };
    let packed = pack(candles, minutes * MINUTE_MS)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
    let sql = "INSERT INTO candle_blocks (symbol, minutes, block, first, last, count, packed) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (symbol, minutes, block) DO UPDATE SET \
               first = excluded.first, last = excluded.last, count = excluded.count, packed = excluded.packed";
    t.prepare_cached(sql)?.execute(params![
        symbol,
        minutes,
        block,
        first.open_time,
        last.open_time,
        candles.len() as i64,
        packed
    ])?;
    Ok(())
}

fn candle(row: &Row<'_>) -> rusqlite::Result<Candle> {
    Ok(Candle {
        open_time: row.get(0)?,
        open: row.get(1)?,
        high: row.get(2)?,
        low: row.get(3)?,
        close: row.get(4)?,
        volume: row.get(5)?,
        quote_volume: row.get(6)?,
        closed: true,
        filled: row.get(7)?,
    })
}

/// Candles of one pair as rows.
pub(super) fn plain(c: &Connection, symbol: i64, minutes: i64, span: Span) -> rusqlite::Result<Vec<Candle>> {
    let sql = "SELECT open_time, open, high, low, close, volume, quote_volume, filled FROM candles \
               WHERE symbol = ?1 AND minutes = ?2 AND open_time >= ?3 AND open_time < ?4 ORDER BY open_time";
    let mut statement = c.prepare_cached(sql)?;
    statement.query_map(params![symbol, minutes, span.from, span.to], candle)?.collect()
}

/// Candles of one pair in blocks.
pub(super) fn packed(c: &Connection, symbol: i64, minutes: i64, span: Span) -> rusqlite::Result<Vec<Candle>> {
    let sql = "SELECT packed FROM candle_blocks WHERE symbol = ?1 AND minutes = ?2 AND last >= ?3 \
               AND first < ?4 ORDER BY block";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query(params![symbol, minutes, span.from, span.to])?;
    let mut candles = Vec::new();
    while let Some(row) = rows.next()? {
        let block = opened(row.get_ref(0)?.as_blob()?, minutes)?;
        candles.extend(block.into_iter().filter(|c| c.open_time >= span.from && c.open_time < span.to));
    }
    Ok(candles)
}

/// Both, a row over a block.
pub(super) fn joined(c: &Connection, symbol: i64, minutes: i64, span: Span) -> rusqlite::Result<Vec<Candle>> {
    let (mut all, rows) = (packed(c, symbol, minutes, span)?, plain(c, symbol, minutes, span)?);
    if rows.is_empty() {
        return Ok(all);
    }
    if all.last().is_none_or(|last| last.open_time < rows[0].open_time) {
        all.extend(rows);
        return Ok(all);
    }
    let mut merged: BTreeMap<UtcMs, Candle> = all.into_iter().map(|c| (c.open_time, c)).collect();
    merged.extend(rows.into_iter().map(|c| (c.open_time, c)));
    Ok(merged.into_values().collect())
}

pub(super) fn of_pair(
    c: &mut Connection,
    symbol: &Symbol,
    interval: Interval,
    span: Span,
) -> rusqlite::Result<Vec<Candle>> {
    // One view of rows and blocks, although candles may move from one to the other meanwhile.
    let t = c.transaction()?;
    let Some(id) = find_symbol(&t, symbol.as_str())? else { return Ok(Vec::new()) };
    joined(&t, id, interval.minutes(), span)
}

pub(super) fn of_all(
    c: &mut Connection,
    interval: Interval,
    from: UtcMs,
) -> rusqlite::Result<Vec<(Symbol, Vec<Candle>)>> {
    let t = c.transaction()?;
    let names: Vec<(i64, String)> = t
        .prepare_cached("SELECT id, name FROM symbols ORDER BY name")?
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut all = Vec::with_capacity(names.len());
    for (id, name) in names {
        let candles = joined(&t, id, interval.minutes(), Span { from, to: Span::ALL.to })?;
        if !candles.is_empty() {
            all.push((Symbol::new(&name), candles));
        }
    }
    Ok(all)
}
