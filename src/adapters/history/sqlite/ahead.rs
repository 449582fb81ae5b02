//! Rows of a market time that was wrong.

use super::candles::put_chunk;
use super::codec;
use super::fault::Fault;
use super::imported;
use super::keys;
use crate::actors::ports::history::{MARKET_TIME_FELL, Span, Voided};
use rusqlite::{Connection, params};

/// See the port.
pub(super) fn void(connection: &Connection, span: Span) -> Result<Voided, Fault> {
    let (from, to) = keys::edges(span);
    let mut scores = 0;
    for table in ["scores", "scores_thin"] {
        let sql = format!("DELETE FROM {table} WHERE id >= ?1 AND id < ?2");
        scores += connection.prepare_cached(&sql)?.execute([from, to])? as u64;
    }
    let sql = "UPDATE outcomes SET hit_4h = NULL, hit_24h = NULL, minutes_to_hit = NULL, void = ?3 \
               WHERE resolved_at >= ?1 AND resolved_at < ?2";
    let outcomes = connection.prepare_cached(sql)?.execute(params![span.from, span.to, MARKET_TIME_FELL])?;
    Ok(Voided { scores, candles: candles(connection, span)?, outcomes: outcomes as u64 })
}

fn candles(connection: &Connection, span: Span) -> Result<u64, Fault> {
    // An hour before: candles of any interval that began earlier are over by then.
    let from = span.from - crate::domain::time::HOUR_MS;
    let sql = "SELECT DISTINCT pair FROM candles WHERE id >= ?1 AND id < ?2 \
               UNION SELECT pair FROM candle_chunks WHERE first < ?4 AND last >= ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let pairs = statement
        .query_map(params![keys::edge(from), keys::edge(span.to), from, span.to], |row| {
            row.get::<_, i64>(0)
        })?;
    let mut gone = 0;
    for pair in pairs.collect::<rusqlite::Result<Vec<_>>>()? {
        gone += of_pair(connection, pair, span)?;
    }
    Ok(gone)
}

fn of_pair(connection: &Connection, pair: i64, span: Span) -> Result<u64, Fault> {
    let interval = keys::interval_of(pair)?;
    // What began before and ends within is not over either.
    let span = Span { from: span.from - interval.ms(), to: span.to };
    let imported = imported::of(connection, pair)?;
    let doomed = |open_time: i64| {
        let kept = imported.iter().any(|(first, last)| (*first..=*last).contains(&open_time));
        (span.from..span.to).contains(&open_time) && !kept
    };
    let (from, to) = keys::edges(span);
    let sql = "SELECT id FROM candles INDEXED BY candles_pair WHERE pair = ?1 AND id >= ?2 AND id < ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map([pair, from, to], |row| row.get(0))?;
    let mut gone = 0;
    for id in found.collect::<rusqlite::Result<Vec<i64>>>()? {
        if doomed(keys::moment_of(id)) {
            gone += connection.prepare_cached("DELETE FROM candles WHERE id = ?1")?.execute([id])? as u64;
        }
    }
    let sql = "SELECT slot, data FROM candle_chunks WHERE pair = ?1 AND first < ?2 AND last >= ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let chunks = statement
        .query_map([pair, span.to, span.from], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    for (slot, data) in chunks.collect::<rusqlite::Result<Vec<(i64, _)>>>()? {
        let mut candles = codec::readable(&data, interval, pair);
        let before = candles.len();
        candles.retain(|c| !doomed(c.open_time));
        if candles.len() < before {
            put_chunk(connection, pair, slot, &candles)?;
        }
        gone += (before - candles.len()) as u64;
    }
    Ok(gone)
}
