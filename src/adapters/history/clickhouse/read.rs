//! Queries: filters, order and aggregation are the server's work; values are bound, never written into the text.

use super::link::{Failure, Link};
use super::rows::{Judged, Stored, Table};
use crate::actors::ports::history::{
    CandleRow, ImportedRow, LedgerPage, LedgerRow, OutcomeRow, PredictionKind, PredictionRow, ScoreRow, Span,
    TableStats,
};
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, Interval};
use clickhouse::Row;
use clickhouse::query::Query;
use serde::Deserialize;
use std::collections::HashMap;

/// Each table and its column of time.
pub(super) const TABLES: [(&str, &str); 8] = [
    ("candles", "open_time"),
    ("scores", "as_of"),
    ("alerts", "as_of"),
    ("deliveries", "created_at"),
    ("predictions", "opened_at"),
    ("outcomes", "opened_at"),
    ("universe", "day"),
    ("ledger_days", "day"),
];

fn spanned(link: &Link, sql: &str, span: Span) -> Query {
    link.query(sql).param("from", span.from).param("to", span.to)
}

async fn rows<T: Table + for<'de> Deserialize<'de>>(link: &Link, query: Query) -> Result<Vec<T>, Failure> {
    Ok(link.rows::<Stored<T>>(query).await?.into_iter().map(|row| row.0).collect())
}

/// All rows of a table whose `time` lies in `span`, in an order.
pub(super) async fn table<T: Table + for<'de> Deserialize<'de>>(
    link: &Link,
    time: &str,
    order: &str,
    span: Span,
) -> Result<Vec<T>, Failure> {
    let sql = format!(
        "SELECT ?fields FROM {} FINAL WHERE {time} >= {{from:Int64}} AND {time} < {{to:Int64}} ORDER BY {order}",
        T::NAME
    );
    rows(link, spanned(link, &sql, span)).await
}

/// Imported ranges; those that overlap or touch are one.
pub(super) async fn imported(link: &Link) -> Result<Vec<ImportedRow>, Failure> {
    let sql = "SELECT ?fields FROM imported FINAL ORDER BY symbol, `interval`, first";
    let mut merged: Vec<ImportedRow> = Vec::new();
    for row in rows::<ImportedRow>(link, link.query(sql)).await? {
        match merged.last_mut() {
            Some(last)
                if (&last.symbol, last.interval) == (&row.symbol, row.interval)
                    && row.first <= last.last + row.interval.ms() =>
            {
                last.last = last.last.max(row.last);
            }
            _ => merged.push(row),
        }
    }
    merged.sort_by_key(|row| (row.symbol.clone(), row.interval.ms(), row.first));
    Ok(merged)
}

pub(super) async fn candles(
    link: &Link,
    symbol: &Symbol,
    interval: Interval,
    span: Span,
) -> Result<Vec<Candle>, Failure> {
    let sql = "
        SELECT ?fields FROM candles FINAL
        WHERE symbol = {symbol:String} AND `interval` = {interval:String}
            AND open_time >= {from:Int64} AND open_time < {to:Int64}
        ORDER BY open_time";
    let query = spanned(link, sql, span).param("symbol", symbol).param("interval", interval.as_str());
    let found: Vec<CandleRow> = rows(link, query).await?;
    Ok(found.into_iter().map(|row| row.candle).collect())
}

pub(super) async fn all_candles(
    link: &Link,
    interval: Interval,
    from: MarketTime,
) -> Result<Vec<(Symbol, Vec<Candle>)>, Failure> {
    let sql = "
        SELECT ?fields FROM candles FINAL WHERE `interval` = {interval:String} AND open_time >= {from:Int64}
        ORDER BY symbol, open_time";
    let query = link.query(sql).param("interval", interval.as_str()).param("from", from);
    let mut pairs: Vec<(Symbol, Vec<Candle>)> = Vec::new();
    for row in rows::<CandleRow>(link, query).await? {
        match pairs.last_mut() {
            Some((symbol, candles)) if *symbol == row.symbol => candles.push(row.candle),
            _ => pairs.push((row.symbol, vec![row.candle])),
        }
    }
    Ok(pairs)
}

pub(super) async fn candle_pairs(
    link: &Link,
    interval: Interval,
) -> Result<Vec<(Symbol, MarketTime, MarketTime)>, Failure> {
    let sql = "
        SELECT symbol, min(open_time) AS first, max(open_time) AS last FROM candles
        WHERE `interval` = {interval:String} GROUP BY symbol ORDER BY symbol";
    let rows = link.rows::<(String, i64, i64)>(link.query(sql).param("interval", interval.as_str())).await?;
    let reach = |(symbol, first, last): (String, _, _)| {
        (Symbol::new(&symbol), MarketTime::from_ms(first), MarketTime::from_ms(last))
    };
    Ok(rows.into_iter().map(reach).collect())
}

pub(super) async fn scores(
    link: &Link,
    symbol: Option<&Symbol>,
    span: Span,
) -> Result<Vec<ScoreRow>, Failure> {
    let Some(symbol) = symbol else { return table(link, "as_of", "as_of, symbol", span).await };
    let sql = "
        SELECT ?fields FROM scores FINAL
        WHERE symbol = {symbol:String} AND as_of >= {from:Int64} AND as_of < {to:Int64}
        ORDER BY as_of";
    rows(link, spanned(link, sql, span).param("symbol", symbol)).await
}

const NO_FEATURES: &str = "CAST([], 'Array(Float32)')";

fn column(name: &&str) -> String {
    match name.strip_prefix("outcome_") {
        Some(own) => format!("o.{own} AS {name}"),
        None => format!("p.{name} AS {name}"),
    }
}

/// Predictions of a kind or of all, of what was in force or of the shadow, with their outcomes, by time, then key.
pub(super) async fn predictions(
    link: &Link,
    kind: Option<PredictionKind>,
    live: bool,
    span: Span,
) -> Result<Vec<LedgerRow>, Failure> {
    let columns = Judged::COLUMN_NAMES.iter().map(column).collect::<Vec<_>>().join(", ");
    joined(link, &columns, kind, live, span).await
}

/// Those of what was in force without their features, which are most of them, for sums.
pub(super) async fn bare(link: &Link, span: Span) -> Result<Vec<LedgerRow>, Failure> {
    let columns = Judged::COLUMN_NAMES.iter().map(column).collect::<Vec<_>>().join(", ");
    joined(link, &columns.replace("p.features", NO_FEATURES), None, true, span).await
}

async fn joined(
    link: &Link,
    columns: &str,
    kind: Option<PredictionKind>,
    live: bool,
    span: Span,
) -> Result<Vec<LedgerRow>, Failure> {
    let sql = format!(
        "SELECT {columns} FROM (
            SELECT * FROM predictions FINAL
            WHERE opened_at >= {{from:Int64}} AND opened_at < {{to:Int64}}
                AND ({{kind:String}} = '' OR kind = {{kind:String}}) AND empty(arm) = {{live:Bool}}
        ) AS p
        LEFT JOIN (
            SELECT * FROM outcomes FINAL WHERE opened_at >= {{from:Int64}} AND opened_at < {{to:Int64}}
        ) AS o ON o.key = p.key
        ORDER BY opened_at, key
        SETTINGS join_use_nulls = 0"
    );
    let kind = kind.map_or("", PredictionKind::as_str);
    let found =
        link.rows::<Judged>(spanned(link, &sql, span).param("kind", kind).param("live", live)).await?;
    Ok(found.into_iter().map(|j| (j.prediction, Some(j.outcome).filter(|o| !o.key.is_empty()))).collect())
}

/// How far back a page is looked for at first, ms, and how many times farther while it is not full: the server sorts all that it
/// looks through.
const PAGE_MS: i64 = 2 * DAY_MS;
const FARTHER: i64 = 8;

async fn page_from(link: &Link, asked: &LedgerPage, from: MarketTime) -> Result<Vec<PredictionRow>, Failure> {
    let columns = Stored::<PredictionRow>::COLUMN_NAMES.join(", ");
    let columns = columns.replace("features", &format!("{NO_FEATURES} AS features"));
    let sql = format!(
        "SELECT {columns} FROM predictions FINAL
        WHERE empty(arm) AND opened_at >= {{from:Int64}} AND opened_at <= {{at:Int64}}
            AND (opened_at, key) < ({{at:Int64}}, {{key:String}})
            AND (empty({{kinds:Array(String)}}) OR has({{kinds:Array(String)}}, toString(kind)))
            AND ({{symbol:String}} = '' OR symbol = {{symbol:String}})
        ORDER BY opened_at DESC, key DESC LIMIT {{limit:UInt64}}"
    );
    let kinds: Vec<&str> = asked.kinds.iter().map(|kind| kind.as_str()).collect();
    let symbol = asked.symbol.as_ref().map_or("", |symbol| symbol.as_str());
    let query =
        link.query(&sql).param("from", from).param("at", asked.before.0).param("key", &asked.before.1);
    let query = query.param("kinds", kinds).param("symbol", symbol).param("limit", asked.limit as u64);
    rows(link, query).await
}

/// One page of the ledger, newest first, without features.
pub(super) async fn ledger_page(link: &Link, asked: LedgerPage) -> Result<Vec<LedgerRow>, Failure> {
    let sql =
        "SELECT min(opened_at), max(opened_at) FROM predictions WHERE empty(arm) AND opened_at <= {at:Int64}";
    let (first, last): (i64, i64) = link.one(link.query(sql).param("at", asked.before.0)).await?;
    let [first, last] = [first, last].map(MarketTime::from_ms);
    let mut reach = PAGE_MS;
    let found = loop {
        let found = page_from(link, &asked, last - reach).await?;
        if found.len() >= asked.limit || last - reach <= first {
            break found;
        }
        reach = reach.saturating_mul(FARTHER);
    };
    let (Some(newest), Some(oldest)) = (found.first(), found.last()) else { return Ok(Vec::new()) };
    let sql = "SELECT ?fields FROM outcomes FINAL
        WHERE opened_at >= {from:Int64} AND opened_at < {to:Int64} AND has({keys:Array(String)}, key)";
    let keys: Vec<&str> = found.iter().map(|p| p.key.as_str()).collect();
    let span = Span { from: oldest.opened_at, to: newest.opened_at + 1 };
    let outcomes: Vec<OutcomeRow> = rows(link, spanned(link, sql, span).param("keys", keys)).await?;
    let mut outcomes: HashMap<String, OutcomeRow> =
        outcomes.into_iter().map(|o| (o.key.clone(), o)).collect();
    Ok(found.into_iter().map(|p| (outcomes.remove(&p.key), p)).map(|(o, p)| (p, o)).collect())
}

/// Sizes of the tables in their order.
pub(super) async fn sizes(link: &Link) -> Result<Vec<TableStats>, Failure> {
    let parts: Vec<String> = TABLES
        .iter()
        .enumerate()
        .map(|(place, (table, time))| {
            format!(
                "SELECT toUInt8({place}) AS place, count() AS rows, min({time}) AS first, max({time}) AS last
                FROM {table} FINAL"
            )
        })
        .collect();
    let mut rows = link.rows::<(u8, u64, i64, i64)>(link.query(&parts.join(" UNION ALL "))).await?;
    // UNION ALL gives the parts in any order; the names are put to them by their place.
    rows.sort_unstable();
    let named = rows.into_iter().zip(TABLES).map(|((_, rows, first, last), (table, _))| TableStats {
        table: table.to_owned(),
        rows,
        from: (rows > 0).then_some(MarketTime::from_ms(first)),
        to: (rows > 0).then_some(MarketTime::from_ms(last)),
    });
    Ok(named.collect())
}

/// Bytes of the database on the server's disk.
pub(super) async fn bytes(link: &Link) -> Result<u64, Failure> {
    let parts = link.system("parts");
    let sql =
        format!("SELECT sum(bytes_on_disk) FROM {parts} WHERE active AND database = {{database:String}}");
    link.one(link.query(&sql).param("database", &link.database)).await
}
