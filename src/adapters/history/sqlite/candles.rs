//! Candles: newest ones as rows, older ones in chunks. A row never lies within the span of its pair's chunk, so
//! that every candle is in one place only.

use super::codec;
use super::fault::Fault;
use super::keys;
use super::schema::{Ids, find, symbols};
use super::values::real;
use crate::actors::ports::history::{CandleRow, Span};
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::{BTreeMap, HashMap};

/// So many candles of one pair in one batch go straight into its chunk. A chunk is unpacked and packed anew for it, which
/// the one candle of a minute is not worth.
const MANY: usize = 32;

/// Writes candles; later ones of the same pair and open time stand.
pub(super) fn write(connection: &Connection, ids: &mut Ids, rows: &[&CandleRow]) -> Result<(), Fault> {
    let mut groups: BTreeMap<(i64, i64), Vec<Candle>> = BTreeMap::new();
    for row in rows {
        let pair = keys::pair(ids.number(connection, &row.symbol)?, row.interval);
        keys::key(row.candle.open_time, pair)?;
        groups.entry((pair, keys::slot(row.candle.open_time, row.interval))).or_default().push(row.candle);
    }
    let mut single = Vec::new();
    for ((pair, slot), candles) in groups {
        if candles.len() >= MANY {
            absorb(connection, pair, slot, &candles, None)?;
            continue;
        }
        let (within, beside): (Vec<Candle>, Vec<Candle>) = match chunk_span(connection, pair, slot)? {
            Some((first, last)) => candles.into_iter().partition(|c| (first..=last).contains(&c.open_time)),
            None => (Vec::new(), candles),
        };
        if !within.is_empty() {
            absorb(connection, pair, slot, &within, None)?;
        }
        for candle in beside {
            single.push((keys::key(candle.open_time, pair)?, pair, candle));
        }
    }
    // In the order of the table: each page is touched once.
    single.sort_by_key(|(key, ..)| *key);
    write_rows(connection, &single)
}

fn write_rows(connection: &Connection, rows: &[(i64, i64, Candle)]) -> Result<(), Fault> {
    let sql = "INSERT INTO candles (id, pair, open, high, low, close, volume, quote_volume, flags) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO UPDATE SET open = excluded.open, \
               high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume, \
               quote_volume = excluded.quote_volume, flags = excluded.flags";
    let mut statement = connection.prepare_cached(sql)?;
    for (key, pair, c) in rows {
        let flags = codec::flags(c);
        statement.execute(params![
            key,
            pair,
            c.open,
            c.high,
            c.low,
            c.close,
            c.volume,
            c.quote_volume,
            flags
        ])?;
    }
    Ok(())
}

fn chunk_span(
    connection: &Connection,
    pair: i64,
    slot: i64,
) -> Result<Option<(MarketTime, MarketTime)>, Fault> {
    let sql = "SELECT first, last FROM candle_chunks WHERE pair = ?1 AND slot = ?2";
    let span = connection.prepare_cached(sql)?.query_row([pair, slot], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(span.optional()?)
}

/// Brings candles into the chunk, and with them the rows that then lie within its span; of the same open time the
/// chunk's own give way to rows, and both to `new`. `reach` widens the span.
pub(super) fn absorb(
    connection: &Connection,
    pair: i64,
    slot: i64,
    new: &[Candle],
    reach: Option<(MarketTime, MarketTime)>,
) -> Result<(), Fault> {
    let interval = keys::interval_of(pair)?;
    let sql = "SELECT data FROM candle_chunks WHERE pair = ?1 AND slot = ?2";
    let data: Option<Vec<u8>> =
        connection.prepare_cached(sql)?.query_row([pair, slot], |row| row.get(0)).optional()?;
    let own = data.map_or_else(Vec::new, |data| codec::readable(&data, interval, pair));
    let mut merged: BTreeMap<MarketTime, Candle> = own.into_iter().map(|c| (c.open_time, c)).collect();
    let reach = reach.into_iter().flat_map(|(first, last)| [first, last]);
    let times = || new.iter().map(|c| c.open_time).chain(merged.keys().copied()).chain(reach.clone());
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return Ok(()) };
    let span = Span { from: first, to: last + 1 };
    merged.extend(rows_of(connection, pair, span)?.into_iter().map(|c| (c.open_time, c)));
    merged.extend(new.iter().map(|c| (c.open_time, *c)));
    let sql = "DELETE FROM candles INDEXED BY candles_pair WHERE pair = ?1 AND id >= ?2 AND id < ?3";
    let (from, to) = keys::edges(span);
    connection.prepare_cached(sql)?.execute([pair, from, to])?;
    put_chunk(connection, pair, slot, &merged.into_values().collect::<Vec<_>>())
}

/// Takes a pair's candles in `span` out, those that `goes` says of by their open time; gives how many.
pub(super) fn remove(
    connection: &Connection,
    pair: i64,
    span: Span,
    goes: impl Fn(MarketTime) -> bool,
) -> Result<u64, Fault> {
    let goes = |open_time: MarketTime| (span.from..span.to).contains(&open_time) && goes(open_time);
    let (from, to) = keys::edges(span);
    let sql = "SELECT id FROM candles INDEXED BY candles_pair WHERE pair = ?1 AND id >= ?2 AND id < ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([pair, from, to], |row| row.get(0))?;
    let mut gone = 0;
    for id in rows.collect::<rusqlite::Result<Vec<i64>>>()? {
        if goes(keys::moment_of(id)) {
            gone += connection.prepare_cached("DELETE FROM candles WHERE id = ?1")?.execute([id])? as u64;
        }
    }
    let interval = keys::interval_of(pair)?;
    let sql = "SELECT slot, data FROM candle_chunks WHERE pair = ?1 AND first < ?2 AND last >= ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let cut = statement
        .query_map(params![pair, span.to, span.from], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    for (slot, data) in cut.collect::<rusqlite::Result<Vec<(i64, _)>>>()? {
        let mut candles = codec::readable(&data, interval, pair);
        let before = candles.len();
        candles.retain(|c| !goes(c.open_time));
        if candles.len() < before || before == 0 {
            put_chunk(connection, pair, slot, &candles)?;
        }
        gone += (before - candles.len()) as u64;
    }
    Ok(gone)
}

/// Writes a chunk anew; without candles it goes.
pub(super) fn put_chunk(
    connection: &Connection,
    pair: i64,
    slot: i64,
    candles: &[Candle],
) -> Result<(), Fault> {
    let (Some(first), Some(last)) = (candles.first(), candles.last()) else {
        let sql = "DELETE FROM candle_chunks WHERE pair = ?1 AND slot = ?2";
        connection.prepare_cached(sql)?.execute([pair, slot])?;
        return Ok(());
    };
    let data = codec::pack(candles, keys::interval_of(pair)?)?;
    let sql = "INSERT INTO candle_chunks (pair, slot, first, last, count, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT (pair, slot) DO UPDATE SET first = excluded.first, last = excluded.last, \
               count = excluded.count, data = excluded.data";
    let count = candles.len() as i64;
    connection.prepare_cached(sql)?.execute(params![
        pair,
        slot,
        first.open_time,
        last.open_time,
        count,
        data
    ])?;
    Ok(())
}

fn candle(row: &Row<'_>) -> rusqlite::Result<Candle> {
    let (closed, filled) = codec::said(row.get(7)?);
    Ok(Candle {
        open_time: keys::moment_of(row.get(0)?),
        open: real(row, 1)?,
        high: real(row, 2)?,
        low: real(row, 3)?,
        close: real(row, 4)?,
        volume: real(row, 5)?,
        quote_volume: real(row, 6)?,
        closed,
        filled,
    })
}

fn rows_of(connection: &Connection, pair: i64, span: Span) -> Result<Vec<Candle>, Fault> {
    let sql = "SELECT id, open, high, low, close, volume, quote_volume, flags FROM candles \
               INDEXED BY candles_pair WHERE pair = ?1 AND id >= ?2 AND id < ?3";
    let (from, to) = keys::edges(span);
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([pair, from, to], candle)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A pair's candles in `span`, oldest first. The connection must be in a transaction.
pub(super) fn of_pair(connection: &Connection, pair: i64, span: Span) -> Result<Vec<Candle>, Fault> {
    let interval = keys::interval_of(pair)?;
    let sql = "SELECT data FROM candle_chunks WHERE pair = ?1 AND slot >= ?2 AND slot <= ?3 AND last >= ?4 \
               AND first < ?5";
    let mut statement = connection.prepare_cached(sql)?;
    let (from, to) = (keys::slot(span.from, interval), keys::slot(span.to, interval));
    let chunks =
        statement.query_map(params![pair, from, to, span.from, span.to], |row| row.get::<_, Vec<u8>>(0))?;
    let mut candles = rows_of(connection, pair, span)?;
    for data in chunks {
        let within = |c: &Candle| (span.from..span.to).contains(&c.open_time);
        candles.extend(codec::readable(&data?, interval, pair).into_iter().filter(within));
    }
    // Rows first and chunks behind them, each in an order of its own; the port promises the oldest first.
    candles.sort_by_key(|c| c.open_time);
    Ok(candles)
}

/// Candles of one pair, of the port.
pub(super) fn read(
    connection: &Connection,
    symbol: &Symbol,
    interval: Interval,
    span: Span,
) -> Result<Vec<Candle>, Fault> {
    match find(connection, symbol)? {
        Some(id) => of_pair(connection, keys::pair(id, interval), span),
        None => Ok(Vec::new()),
    }
}

/// Candles of every pair, of the port.
pub(super) fn read_all(
    connection: &Connection,
    interval: Interval,
    from: MarketTime,
) -> Result<Vec<(Symbol, Vec<Candle>)>, Fault> {
    let code = keys::code(interval);
    let mut found: HashMap<i64, Vec<Candle>> = HashMap::new();
    let sql =
        "SELECT pair, data FROM candle_chunks INDEXED BY chunks_span WHERE last >= ?1 AND pair & 7 = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let chunks =
        statement.query_map(params![from, code], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    for chunk in chunks {
        let (pair, data) = chunk?;
        let within = |c: &Candle| c.open_time >= from;
        let candles = codec::readable(&data, interval, pair);
        found.entry(pair).or_default().extend(candles.into_iter().filter(within));
    }
    let sql = "SELECT id, open, high, low, close, volume, quote_volume, flags FROM candles WHERE id >= ?1 \
               AND pair & 7 = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map([keys::edge(from), code], |row| Ok((keys::low_of(row.get(0)?), candle(row)?)))?;
    for row in rows {
        let (pair, candle) = row?;
        found.entry(pair).or_default().push(candle);
    }
    let names = symbols(connection)?;
    let named = found.into_iter().filter_map(|(pair, mut candles)| {
        candles.sort_by_key(|c| c.open_time);
        Some((names.get(&keys::symbol_of(pair))?.clone(), candles))
    });
    let mut all: Vec<_> = named.collect();
    // The port promises order by name; the map has none.
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

/// Pairs with candles of one interval, by name, each with its first and last open time.
pub(super) fn pairs(
    connection: &Connection,
    interval: Interval,
) -> Result<Vec<(Symbol, MarketTime, MarketTime)>, Fault> {
    let mut reach: HashMap<i64, (MarketTime, MarketTime)> = HashMap::new();
    let mut note = |pair: i64, first: MarketTime, last: MarketTime| {
        let known = reach.entry(pair).or_insert((first, last));
        *known = (known.0.min(first), known.1.max(last));
    };
    let code = [keys::code(interval)];
    let chunks = "SELECT pair, MIN(first), MAX(last) FROM candle_chunks WHERE pair & 7 = ?1 GROUP BY pair";
    let rows = "SELECT pair, MIN(id), MAX(id) FROM candles WHERE pair & 7 = ?1 GROUP BY pair";
    let mut statement = connection.prepare_cached(chunks)?;
    let found = statement.query_map(code, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for row in found {
        let (pair, first, last) = row?;
        note(pair, first, last);
    }
    let mut statement = connection.prepare_cached(rows)?;
    let found = statement.query_map(code, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for row in found {
        let (pair, first, last) = row?;
        note(pair, keys::moment_of(first), keys::moment_of(last));
    }
    let names = symbols(connection)?;
    let named = reach
        .into_iter()
        .filter_map(|(pair, (first, last))| Some((names.get(&keys::symbol_of(pair))?.clone(), first, last)));
    let mut all: Vec<_> = named.collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}
