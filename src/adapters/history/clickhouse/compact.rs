//! Retention, done by the server: hours out of expiring candles, thinning, deletion.

use super::ledger_days;
use super::link::{Failure, Link};
use super::read::TABLES;
use crate::actors::ports::history::{Compacted, ImportedRow, Retention, SHADOW_MS, Span};
use crate::domain::duration::Millis;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, HOUR_MS, Interval};

/// Hours whose first short candle expires, where all 60 minutes are there and no hour is yet. Of several intervals
/// the shortest is taken. Version 0: whatever is written for that hour later stands above it.
const HOURS: &str = "
    INSERT INTO candles (symbol, `interval`, open_time, open, high, low, close, volume, quote_volume, closed,
        filled, version)
    SELECT symbol, '1h', hour, first_open, top, bottom, last_close, base, quote, true, empty, 0
    FROM (
        SELECT c.symbol AS symbol, c.hour AS hour, c.step AS step, argMin(c.open, c.open_time) AS first_open,
            max(c.high) AS top, min(c.low) AS bottom, argMax(c.close, c.open_time) AS last_close,
            sumKahan(c.volume) AS base, sumKahan(c.quote_volume) AS quote, min(c.filled) AS empty,
            count() AS candles
        FROM (
            SELECT *, open_time - positiveModulo(open_time, 3600000) AS hour,
                transform(toString(`interval`), ['1m', '3m', '5m', '15m', '30m'], [1, 3, 5, 15, 30], 0) AS step
            FROM candles FINAL
            WHERE `interval` != '1h' AND open_time >= {from:Int64} AND open_time < {to:Int64}
                AND open_time >= {recorded:Int64} AND (symbol, `interval`, open_time) NOT IN (IMPORTED)
        ) AS c
        GROUP BY symbol, hour, step
        HAVING candles * step = 60
    )
    WHERE (symbol, hour) NOT IN (
        SELECT symbol, open_time FROM candles FINAL
        WHERE `interval` = '1h' AND open_time >= {from:Int64} AND open_time < {to:Int64}
    )
    ORDER BY step LIMIT 1 BY symbol, hour";

/// What expires: of what the scanner recorded, what nobody has imported.
const EXPIRED: &str = "((`interval` != '1h' AND open_time < {short:Int64})
    OR (`interval` = '1h' AND open_time < {long:Int64})) AND open_time >= {recorded:Int64}
    AND (symbol, `interval`, open_time) NOT IN (IMPORTED)";

/// Keys of imported candles that are old enough to expire.
const IMPORTED: &str = "SELECT kept.symbol, kept.`interval`, kept.open_time FROM candles AS kept
    INNER JOIN imported AS ranges ON kept.symbol = ranges.symbol AND kept.`interval` = ranges.`interval`
    WHERE kept.open_time >= ranges.first AND kept.open_time <= ranges.last
        AND kept.open_time < greatest({short:Int64}, {long:Int64})";

/// Rows older than `to` that are not the first of their pair and 5 minutes and whose levels are those of the
/// pair's row before.
const DOOMED: &str = "
    INSERT INTO scores_doomed (symbol, as_of)
    SELECT symbol, as_of FROM (
        SELECT symbol, as_of, (toString(level), ifNull(toString(alert_level), '')) AS levels,
            lagInFrame(levels) OVER pair AS levels_before,
            lagInFrame(as_of, 1, as_of - 300000) OVER pair AS before
        FROM scores FINAL WHERE as_of < {to:Int64}
        WINDOW pair AS (PARTITION BY symbol ORDER BY as_of ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
    WHERE as_of - positiveModulo(as_of, 300000) = before - positiveModulo(before, 300000)
        AND levels = levels_before";

/// Applies the retention; gives the rows removed.
pub(super) async fn compact(link: &Link, keep: Retention, now: MarketTime) -> Result<Compacted, Failure> {
    let thinned = thin(link, now - keep.full_scores.ms()).await?;
    let expired = expire_scores(link, now - keep.scores.ms()).await?;
    let candles = expire_candles(link, keep, now).await?;
    expire_shadow(link, now - SHADOW_MS).await?;
    let predictions = ledger_days::fold(link, now - keep.predictions.ms()).await?;
    Ok(Compacted { scores: thinned + expired, candles, predictions })
}

async fn thin(link: &Link, to: MarketTime) -> Result<u64, Failure> {
    link.run(link.query("TRUNCATE TABLE scores_doomed")).await?;
    link.run(link.query(DOOMED).param("to", to)).await?;
    let days = "SELECT as_of - positiveModulo(as_of, 86400000) AS day, count() FROM scores_doomed
        GROUP BY day ORDER BY day";
    let days = link.rows::<(i64, u64)>(link.query(days)).await?;
    // A day at a time, so that the set of keys fits in the server's memory.
    for (day, _) in &days {
        let sql = "
            DELETE FROM scores WHERE as_of >= {from:Int64} AND as_of < {to:Int64} AND (symbol, as_of) IN (
                SELECT symbol, as_of FROM scores_doomed WHERE as_of >= {from:Int64} AND as_of < {to:Int64})";
        link.run(link.query(sql).param("from", *day).param("to", day + DAY_MS)).await?;
    }
    if !days.is_empty() {
        link.run(link.query("TRUNCATE TABLE scores_doomed")).await?;
    }
    Ok(days.iter().map(|(_, rows)| rows).sum())
}

async fn expire_scores(link: &Link, to: MarketTime) -> Result<u64, Failure> {
    let count = link.query("SELECT count() FROM scores FINAL WHERE as_of < {to:Int64}").param("to", to);
    let rows: u64 = link.one(count).await?;
    if rows > 0 {
        link.run(link.query("DELETE FROM scores WHERE as_of < {to:Int64}").param("to", to)).await?;
    }
    Ok(rows)
}

/// Predictions of arms in the shadow with their outcomes.
async fn expire_shadow(link: &Link, to: MarketTime) -> Result<(), Failure> {
    let expired = "FROM predictions WHERE notEmpty(arm) AND opened_at < {to:Int64}";
    let rows: u64 = link.one(link.query(&format!("SELECT count() {expired}")).param("to", to)).await?;
    if rows > 0 {
        let outcomes =
            format!("DELETE FROM outcomes WHERE opened_at < {{to:Int64}} AND key IN (SELECT key {expired})");
        link.run(link.query(&outcomes).param("to", to)).await?;
        link.run(link.query(&format!("DELETE {expired}")).param("to", to)).await?;
    }
    Ok(())
}

async fn expire_candles(link: &Link, keep: Retention, now: MarketTime) -> Result<u64, Failure> {
    let short = now - keep.candles.ms();
    let long = now - keep.hour_candles.ms();
    let bound = |sql: &str| {
        let recorded = keep.recorded_from.unwrap_or(Span::ALL.from);
        let query = link.query(&sql.replace("IMPORTED", IMPORTED));
        query.param("short", short).param("long", long).param("recorded", recorded)
    };
    link.run(bound(HOURS).param("from", long.ceil(HOUR_MS)).param("to", short.ceil(HOUR_MS))).await?;
    let rows: u64 = link.one(bound(&format!("SELECT count() FROM candles FINAL WHERE {EXPIRED}"))).await?;
    if rows > 0 {
        link.run(bound(&format!("DELETE FROM candles WHERE {EXPIRED}"))).await?;
    }
    Ok(rows)
}

/// What `compact` would remove.
pub(super) async fn expiring(link: &Link, keep: Retention, now: MarketTime) -> Result<Compacted, Failure> {
    let (full, expired) = (now - keep.full_scores.ms(), now - keep.scores.ms());
    let doomed = DOOMED.split_once("SELECT").map_or("", |(_, select)| select);
    let sql = format!("SELECT countIf(as_of >= {{expired:Int64}}) FROM (SELECT{doomed})");
    let thinned: u64 = link.one(link.query(&sql).param("to", full).param("expired", expired)).await?;
    let sql = "SELECT count() FROM scores FINAL WHERE as_of < {to:Int64}";
    let gone: u64 = link.one(link.query(sql).param("to", expired)).await?;
    let (short, long) = (now - keep.candles.ms(), now - keep.hour_candles.ms());
    let sql = format!("SELECT count() FROM candles FINAL WHERE {EXPIRED}").replace("IMPORTED", IMPORTED);
    let query = link.query(&sql).param("short", short).param("long", long);
    let recorded = keep.recorded_from.unwrap_or(Span::ALL.from);
    let candles: u64 = link.one(query.param("recorded", recorded)).await?;
    let predictions = ledger_days::doomed(link, now - keep.predictions.ms()).await?;
    Ok(Compacted { scores: thinned + gone, candles, predictions })
}

/// Removes candles; the answer is how many, and what is left of the imported ranges that were cut.
pub(super) async fn remove(
    link: &Link,
    symbol: &Symbol,
    interval: Interval,
    span: Span,
) -> Result<(u64, Vec<ImportedRow>), Failure> {
    let pair = |sql: &str| link.query(sql).param("symbol", symbol).param("interval", interval.as_str());
    let of = |sql: &str| pair(sql).param("from", span.from).param("to", span.to);
    let mut left = Vec::new();
    let mine = |row: &ImportedRow| row.symbol == *symbol && row.interval == interval;
    for row in super::read::imported(link).await?.into_iter().filter(mine) {
        let before = (row.first, interval.floor(span.from - 1).min(row.last));
        let after = ((interval.floor(span.to - 1) + interval.ms()).max(row.first), row.last);
        let rest = [before, after].into_iter().filter(|(first, last)| first <= last);
        left.extend(rest.map(|(first, last)| ImportedRow { first, last, ..row.clone() }));
    }
    link.run(pair("DELETE FROM imported WHERE symbol = {symbol:String} AND `interval` = {interval:String}"))
        .await?;
    let candles = "FROM candles FINAL WHERE symbol = {symbol:String} AND `interval` = {interval:String}
        AND open_time >= {from:Int64} AND open_time < {to:Int64}";
    let rows: u64 = link.one(of(&format!("SELECT count() {candles}"))).await?;
    if rows > 0 {
        link.run(of(&format!("DELETE {}", candles.replace(" FINAL", "")))).await?;
    }
    Ok((rows, left))
}

/// Sets or takes away the server's own limits. They count from the server's clock and leave a day more than the
/// retention: they are for a server whose scanner is gone. Short candles have none, as their hours would be lost.
pub(super) async fn apply_retention(link: &Link, keep: Retention, wanted: bool) -> Result<(), Failure> {
    let limits = [
        ("scores", "as_of", keep.scores.ms(), ""),
        ("candles", "open_time", keep.hour_candles.ms(), " DELETE WHERE `interval` = '1h'"),
        ("scores_hourly_state", "hour", keep.hour_candles.ms(), ""),
        ("candles_hourly_state", "hour", keep.hour_candles.ms(), ""),
    ];
    for (table, time, kept_ms, filter) in limits {
        let sql = "SELECT create_table_query FROM system.tables
            WHERE database = {database:String} AND name = {table:String}";
        let query = link.query(sql).param("database", &link.database).param("table", link.holds(table));
        let made: String = link.one(query).await?;
        let seconds = kept_ms.saturating_add(DAY_MS) / 1000;
        let limit = format!(
            "toDateTime(fromUnixTimestamp64Milli({time}, 'UTC')) + toIntervalSecond({seconds}){filter}"
        );
        let change = match (wanted, made.contains(" TTL ")) {
            (true, _) if !made.contains(&format!("toIntervalSecond({seconds})")) => {
                format!("ALTER TABLE {table} MODIFY TTL {limit}")
            }
            (false, true) => format!("ALTER TABLE {table} REMOVE TTL"),
            _ => continue,
        };
        link.run(link.query(&change).with_setting("materialize_ttl_after_modify", "0")).await?;
    }
    Ok(())
}

/// Merges the parts of every table, so that replaced and deleted rows leave the disk.
pub(super) async fn vacuum(link: &Link) -> Result<(), Failure> {
    let states = ["scores_hourly_state", "candles_hourly_state"];
    for table in TABLES.iter().map(|(table, _)| *table).chain(states) {
        link.run(link.query(&format!("OPTIMIZE TABLE {table} FINAL"))).await?;
    }
    Ok(())
}
