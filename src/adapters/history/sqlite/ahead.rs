//! Rows of a market time that was wrong.

use super::candles;
use super::fault::Fault;
use super::imported;
use super::keys;
use crate::actors::ports::history::{MARKET_TIME_FELL, Span, Voided};
use crate::domain::moment::MarketTime;
use crate::domain::time::HOUR_MS;
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
    Ok(Voided { scores, candles: recorded(connection, span)?, outcomes: outcomes as u64 })
}

fn recorded(connection: &Connection, span: Span) -> Result<u64, Fault> {
    // An hour before: candles of any interval that began earlier are over by then.
    let from = span.from - HOUR_MS;
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
    let kept =
        |open_time: MarketTime| imported.iter().any(|(first, last)| (*first..=*last).contains(&open_time));
    candles::remove(connection, pair, span, |open_time| !kept(open_time))
}
