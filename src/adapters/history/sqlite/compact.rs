//! Retention: a pair at a time, so that writing never waits for long.

use super::candles::{joined, merge, plain, put_block};
use super::pool::Pool;
use super::scores::THINNED;
use crate::actors::ports::history::{Compacted, HistoryError, Retention, Span};
use crate::domain::analysis::grouped;
use crate::domain::candle::Candle;
use crate::domain::time::{DAY_MS, HOUR_MS, Interval, MINUTE_MS, UtcMs};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

/// Thinned scores: the first of each slot and every change of level.
const SLOT_MS: i64 = 5 * MINUTE_MS;
/// An hour in minutes.
const HOUR: i64 = 60;

pub(super) async fn run(writer: &Pool, retention: Retention, now: UtcMs) -> Result<Compacted, HistoryError> {
    let mut done = Compacted::default();
    let series = writer.run(series).await?;
    for (symbol, minutes) in series {
        done.candles += writer.run(move |c| candles(c, symbol, minutes, retention, now)).await?;
    }
    let symbols = writer.run(scored).await?;
    let cut = (now - retention.full_scores_ms).div_euclid(SLOT_MS) * SLOT_MS;
    let mark = writer.run(thinned_until).await?;
    for symbol in symbols {
        done.scores += writer.run(move |c| thin(c, symbol, mark, cut)).await?;
    }
    let oldest = now - retention.scores_ms;
    done.scores += writer.run(move |c| expire_scores(c, cut, oldest)).await?;
    Ok(done)
}

fn series(c: &mut Connection) -> rusqlite::Result<Vec<(i64, i64)>> {
    // Longest first, so that hours made of expiring minutes are not looked at in the same run.
    let sql = "SELECT DISTINCT symbol, minutes FROM candles UNION SELECT symbol, minutes FROM candle_blocks \
               ORDER BY 2 DESC, 1";
    c.prepare(sql)?.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect()
}

fn scored(c: &mut Connection) -> rusqlite::Result<Vec<i64>> {
    c.prepare("SELECT id FROM symbols ORDER BY id")?.query_map([], |r| r.get(0))?.collect()
}

fn thinned_until(c: &mut Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT value FROM meta WHERE key = ?1";
    Ok(c.query_row(sql, [THINNED], |r| r.get(0)).optional()?.unwrap_or(i64::MIN / 4))
}

/// Packs what is older than today, keeps the hours of what expires, and lets it go.
fn candles(
    c: &mut Connection,
    symbol: i64,
    minutes: i64,
    keep: Retention,
    now: UtcMs,
) -> rusqlite::Result<u64> {
    let t = c.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let today = now.div_euclid(DAY_MS) * DAY_MS;
    let old = plain(&t, symbol, minutes, Span { from: Span::ALL.from, to: today })?;
    if !old.is_empty() {
        merge(&t, symbol, minutes, &old)?;
        let sql = "DELETE FROM candles WHERE symbol = ?1 AND minutes = ?2 AND open_time < ?3";
        t.prepare_cached(sql)?.execute(params![symbol, minutes, today])?;
    }
    let kept_ms = if minutes >= HOUR { keep.hour_candles_ms } else { keep.candles_ms };
    let cut = now - kept_ms;
    let expired = joined(&t, symbol, minutes, Span { from: Span::ALL.from, to: cut })?;
    if !expired.is_empty() {
        if minutes < HOUR {
            keep_hours(&t, symbol, minutes, &expired)?;
        }
        let_go(&t, symbol, minutes, cut)?;
    }
    t.commit()?;
    Ok(expired.len() as u64)
}

/// Complete hours of expiring candles, where there is no candle of that hour yet.
fn keep_hours(
    t: &rusqlite::Transaction<'_>,
    symbol: i64,
    minutes: i64,
    expired: &[Candle],
) -> rusqlite::Result<()> {
    let whole = |hour: &Candle| {
        let part = expired.iter().filter(|c| Interval::H1.floor(c.open_time) == hour.open_time);
        part.count() as i64 == HOUR / minutes
    };
    let hours: Vec<Candle> = grouped(expired, Interval::H1).into_iter().filter(whole).collect();
    let (Some(first), Some(last)) = (hours.first(), hours.last()) else { return Ok(()) };
    let span = Span { from: first.open_time, to: last.open_time + HOUR_MS };
    let known = joined(t, symbol, HOUR, span)?;
    let new = |hour: &Candle| known.binary_search_by_key(&hour.open_time, |k| k.open_time).is_err();
    let fresh: Vec<Candle> = hours.into_iter().filter(new).map(|c| Candle { closed: true, ..c }).collect();
    merge(t, symbol, HOUR, &fresh)
}

fn let_go(t: &rusqlite::Transaction<'_>, symbol: i64, minutes: i64, cut: UtcMs) -> rusqlite::Result<()> {
    let sql = "DELETE FROM candles WHERE symbol = ?1 AND minutes = ?2 AND open_time < ?3";
    t.prepare_cached(sql)?.execute(params![symbol, minutes, cut])?;
    let sql = "DELETE FROM candle_blocks WHERE symbol = ?1 AND minutes = ?2 AND last < ?3";
    t.prepare_cached(sql)?.execute(params![symbol, minutes, cut])?;
    let sql = "SELECT block FROM candle_blocks WHERE symbol = ?1 AND minutes = ?2 AND first < ?3";
    let parted: Option<i64> = t.query_row(sql, params![symbol, minutes, cut], |r| r.get(0)).optional()?;
    if let Some(block) = parted {
        let step = minutes * MINUTE_MS * super::blocks::CANDLES;
        let span = Span { from: cut, to: (block + 1) * step };
        let left = super::candles::packed(t, symbol, minutes, span)?;
        put_block(t, symbol, minutes, block, &left)?;
    }
    Ok(())
}

/// Thins one pair's scores from the mark up to the cut.
fn thin(c: &mut Connection, symbol: i64, mark: UtcMs, cut: UtcMs) -> rusqlite::Result<u64> {
    let t = c.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from = mark.div_euclid(SLOT_MS) * SLOT_MS;
    let sql = "SELECT as_of, level, alert_level FROM scores WHERE symbol = ?1 AND as_of < ?2 \
               ORDER BY as_of DESC LIMIT 1";
    type State = (i64, i64, Option<i64>);
    let state = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?));
    let mut before: Option<State> =
        t.prepare_cached(sql)?.query_row(params![symbol, from], state).optional()?;
    let sql = "SELECT as_of, level, alert_level FROM scores WHERE symbol = ?1 AND as_of >= ?2 AND as_of < ?3 \
               ORDER BY as_of";
    let rows: Vec<State> = t
        .prepare_cached(sql)?
        .query_map(params![symbol, from, cut], state)?
        .collect::<rusqlite::Result<_>>()?;
    let mut removed = 0;
    for row in rows {
        let slot = |at: i64| at.div_euclid(SLOT_MS);
        let superfluous = before.is_some_and(|b| slot(b.0) == slot(row.0) && (b.1, b.2) == (row.1, row.2));
        if superfluous {
            let sql = "DELETE FROM scores WHERE symbol = ?1 AND as_of = ?2";
            removed += t.prepare_cached(sql)?.execute(params![symbol, row.0])? as u64;
        }
        before = Some(row);
    }
    t.commit()?;
    Ok(removed)
}

fn expire_scores(c: &mut Connection, thinned_until: UtcMs, oldest: UtcMs) -> rusqlite::Result<u64> {
    let t = c.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let removed = t.execute("DELETE FROM scores WHERE as_of < ?1", [oldest])?;
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    t.execute(sql, params![THINNED, thinned_until])?;
    t.commit()?;
    Ok(removed as u64)
}
