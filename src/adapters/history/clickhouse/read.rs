//! Queries: filters, order and aggregation are the server's work; values are bound, never written into the text.

use super::link::{Failure, Link};
use super::predictions::{JUDGED, JudgedDb};
use super::rows::{AlertDb, CandleDb, DeliveryDb, ScoreDb, UniverseDb};
use crate::actors::ports::history::{
    AlertRow, DeliveryRow, HistoryError, OutcomeRow, PredictionKind, PredictionRow, ScoreRow, Span,
    TableStats, UniverseRow,
};
use crate::domain::candle::Candle;
use crate::domain::symbol::Symbol;
use crate::domain::time::{Interval, UtcMs};
use clickhouse::Row;
use clickhouse::query::Query;
use serde::Deserialize;

/// Each table and its column of time.
pub(super) const TABLES: [(&str, &str); 7] = [
    ("candles", "open_time"),
    ("scores", "as_of"),
    ("alerts", "as_of"),
    ("deliveries", "created_at"),
    ("predictions", "opened_at"),
    ("outcomes", "opened_at"),
    ("universe", "day"),
];

fn spanned(link: &Link, sql: &str, span: Span) -> Query {
    link.query(sql).param("from", span.from).param("to", span.to)
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
    Ok(link.rows::<CandleDb>(query).await?.iter().map(CandleDb::candle).collect())
}

pub(super) async fn all_candles(
    link: &Link,
    interval: Interval,
    from: UtcMs,
) -> Result<Vec<(Symbol, Vec<Candle>)>, Failure> {
    let sql = "
        SELECT ?fields FROM candles FINAL WHERE `interval` = {interval:String} AND open_time >= {from:Int64}
        ORDER BY symbol, open_time";
    let query = link.query(sql).param("interval", interval.as_str()).param("from", from);
    let mut pairs: Vec<(Symbol, Vec<Candle>)> = Vec::new();
    for row in link.rows::<CandleDb>(query).await? {
        match pairs.last_mut() {
            Some((symbol, candles)) if *symbol == row.symbol => candles.push(row.candle()),
            _ => {
                let first = vec![row.candle()];
                pairs.push((row.symbol, first));
            }
        }
    }
    Ok(pairs)
}

#[derive(Debug, Row, Deserialize)]
struct ReachDb {
    symbol: Symbol,
    first: i64,
    last: i64,
}

pub(super) async fn candle_pairs(
    link: &Link,
    interval: Interval,
) -> Result<Vec<(Symbol, UtcMs, UtcMs)>, Failure> {
    let sql = "
        SELECT symbol, min(open_time) AS first, max(open_time) AS last FROM candles
        WHERE `interval` = {interval:String} GROUP BY symbol ORDER BY symbol";
    let rows = link.rows::<ReachDb>(link.query(sql).param("interval", interval.as_str())).await?;
    Ok(rows.into_iter().map(|r| (r.symbol, r.first, r.last)).collect())
}

pub(super) async fn scores(
    link: &Link,
    symbol: Option<&Symbol>,
    span: Span,
) -> Result<Vec<ScoreRow>, HistoryError> {
    let query = match symbol {
        Some(symbol) => {
            let sql = "
                SELECT ?fields FROM scores FINAL
                WHERE symbol = {symbol:String} AND as_of >= {from:Int64} AND as_of < {to:Int64}
                ORDER BY as_of";
            spanned(link, sql, span).param("symbol", symbol)
        }
        None => {
            let sql = "
                SELECT ?fields FROM scores FINAL WHERE as_of >= {from:Int64} AND as_of < {to:Int64}
                ORDER BY as_of, symbol";
            spanned(link, sql, span)
        }
    };
    link.rows::<ScoreDb>(query).await?.into_iter().map(ScoreDb::record).collect()
}

pub(super) async fn alerts(link: &Link, span: Span) -> Result<Vec<AlertRow>, HistoryError> {
    let sql = "
        SELECT ?fields FROM alerts FINAL WHERE as_of >= {from:Int64} AND as_of < {to:Int64}
        ORDER BY as_of, id";
    let rows = link.rows::<AlertDb>(spanned(link, sql, span)).await?;
    rows.into_iter().map(AlertDb::record).collect()
}

pub(super) async fn deliveries(link: &Link, span: Span) -> Result<Vec<DeliveryRow>, Failure> {
    let sql = "
        SELECT ?fields FROM deliveries FINAL WHERE created_at >= {from:Int64} AND created_at < {to:Int64}
        ORDER BY created_at, key, channel";
    let rows = link.rows::<DeliveryDb>(spanned(link, sql, span)).await?;
    Ok(rows.into_iter().map(DeliveryDb::record).collect())
}

pub(super) async fn predictions(
    link: &Link,
    kind: Option<PredictionKind>,
    live: bool,
    span: Span,
) -> Result<Vec<(PredictionRow, Option<OutcomeRow>)>, HistoryError> {
    let kind = kind.map_or("", PredictionKind::as_str);
    let query = spanned(link, JUDGED, span).param("kind", kind).param("live", live);
    let rows = link.rows::<JudgedDb>(query).await?;
    rows.into_iter().map(JudgedDb::record).collect()
}

pub(super) async fn universe(link: &Link, span: Span) -> Result<Vec<UniverseRow>, Failure> {
    let sql = "
        SELECT ?fields FROM universe FINAL WHERE day >= {from:Int64} AND day < {to:Int64}
        ORDER BY day, symbol";
    let rows = link.rows::<UniverseDb>(spanned(link, sql, span)).await?;
    Ok(rows.into_iter().map(UniverseDb::record).collect())
}

#[derive(Debug, Row, Deserialize)]
struct SizeDb {
    place: u8,
    rows: u64,
    first: i64,
    last: i64,
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
    let mut rows = link.rows::<SizeDb>(link.query(&parts.join(" UNION ALL "))).await?;
    rows.sort_by_key(|row| row.place);
    let named = rows.into_iter().zip(TABLES).map(|(row, (table, _))| TableStats {
        table: table.to_owned(),
        rows: row.rows,
        from: (row.rows > 0).then_some(row.first),
        to: (row.rows > 0).then_some(row.last),
    });
    Ok(named.collect())
}

/// Bytes of the database on the server's disk.
pub(super) async fn bytes(link: &Link) -> Result<u64, Failure> {
    let sql = "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = {database:String}";
    link.one(link.query(sql).param("database", &link.database)).await
}
