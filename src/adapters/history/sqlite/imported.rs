//! Which candles were imported, as ranges of open times of a pair that do not touch.

use super::candles;
use super::fault::Fault;
use super::keys;
use super::schema::{Ids, find, symbols};
use crate::actors::ports::history::{ImportedRow, Span};
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use rusqlite::{Connection, params};

/// First and last open time.
pub(super) type Range = (MarketTime, MarketTime);

/// Adds ranges; those that overlap or touch become one.
pub(super) fn write(connection: &Connection, ids: &mut Ids, rows: &[ImportedRow]) -> Result<(), Fault> {
    for row in rows {
        let pair = keys::pair(ids.number(connection, &row.symbol)?, row.interval);
        let step = row.interval.ms();
        let touching = of(connection, pair)?
            .into_iter()
            .filter(|(first, last)| *first <= row.last + step && *last >= row.first - step);
        let (mut first, mut last) = (row.first, row.last);
        for former in touching {
            (first, last) = (first.min(former.0), last.max(former.1));
            take(connection, pair, former)?;
        }
        put(connection, pair, (first, last))?;
    }
    Ok(())
}

fn put(connection: &Connection, pair: i64, (first, last): Range) -> Result<(), Fault> {
    let sql = "INSERT OR REPLACE INTO imported (pair, first, last) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute(params![pair, first, last])?;
    Ok(())
}

fn take(connection: &Connection, pair: i64, (first, _): Range) -> Result<(), Fault> {
    let sql = "DELETE FROM imported WHERE pair = ?1 AND first = ?2";
    connection.prepare_cached(sql)?.execute(params![pair, first])?;
    Ok(())
}

/// Those of one pair and interval, oldest first.
pub(super) fn of(connection: &Connection, pair: i64) -> Result<Vec<Range>, Fault> {
    let sql = "SELECT first, last FROM imported WHERE pair = ?1 ORDER BY first";
    let mut statement = connection.prepare_cached(sql)?;
    let ranges = statement.query_map([pair], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(ranges.collect::<rusqlite::Result<_>>()?)
}

/// All of the port.
pub(super) fn read(connection: &Connection) -> Result<Vec<ImportedRow>, Fault> {
    let names = symbols(connection)?;
    let mut statement = connection.prepare_cached("SELECT pair, first, last FROM imported")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?)))?;
    let mut all = Vec::new();
    for row in rows {
        let (pair, first, last) = row?;
        if let Some(symbol) = names.get(&keys::symbol_of(pair)) {
            all.push(ImportedRow { symbol: symbol.clone(), interval: keys::interval_of(pair)?, first, last });
        }
    }
    let order = |row: &ImportedRow| (row.symbol.clone(), row.interval.ms(), row.first);
    all.sort_by_key(order);
    Ok(all)
}

/// Removes candles of the port, and what was noted of them.
pub(super) fn remove(
    connection: &Connection,
    symbol: &Symbol,
    interval: Interval,
    span: Span,
) -> Result<u64, Fault> {
    let Some(id) = find(connection, symbol)? else { return Ok(0) };
    let pair = keys::pair(id, interval);
    for former in
        of(connection, pair)?.into_iter().filter(|(first, last)| *first < span.to && *last >= span.from)
    {
        take(connection, pair, former)?;
        let step = interval.ms();
        let before = (former.0, interval.floor(span.from - 1).min(former.1));
        let after = ((interval.floor(span.to - 1) + step).max(former.0), former.1);
        for (first, last) in [before, after].into_iter().filter(|(first, last)| first <= last) {
            put(connection, pair, (first, last))?;
        }
    }
    candles::remove(connection, pair, span, |_| true)
}
