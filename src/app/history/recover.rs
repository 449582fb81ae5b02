//! What can be read of a damaged history, into the store of the settings: span by span, the unreadable ones halved until what is
//! lost is small.

use crate::actors::ports::history::{
    CandleRow, HistoryBatch, HistoryError, HistoryFuture, HistoryStore, Span,
};
use crate::adapters::history::sqlite::SqliteHistory;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, HOUR_MS, Interval, MINUTE_MS};
use std::path::Path;

/// Read at once, ms of market time: a day of 500 pairs' scores would not fit in memory, one of candles of a pair does easily.
const SCORES_MS: i64 = HOUR_MS;
const CANDLES_MS: i64 = 30 * DAY_MS;
const RECORDS_MS: i64 = DAY_MS;
/// Looked back where the file cannot say how far it reaches: as long as hours are kept by default.
const REACH_MS: i64 = 400 * DAY_MS;

/// What a recovery did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Recovered {
    pub(crate) rows: u64,
    /// Spans that cannot be read; 0 where nothing is missing.
    pub(crate) unreadable: u64,
}

struct Recovery<'a> {
    store: &'a dyn HistoryStore,
    done: Recovered,
}

/// Brings over what can be read.
///
/// # Errors
/// A file of which nothing can be read, a store that fails.
pub(crate) async fn recover(
    file: &Path,
    store: &dyn HistoryStore,
    now: MarketTime,
    mut progress: impl FnMut(usize, usize),
) -> anyhow::Result<Recovered> {
    let old = SqliteHistory::open(file)?;
    let mut recovery = Recovery { store, done: Recovered::default() };
    let pairs = pairs(&old, store).await?;
    for (at, (symbol, interval, span)) in pairs.iter().enumerate() {
        let read = |span| old.candles(symbol, *interval, span);
        let batch = |candles: Vec<_>| HistoryBatch {
            candles: candles
                .into_iter()
                .map(|candle| CandleRow { symbol: symbol.clone(), interval: *interval, candle })
                .collect(),
            ..HistoryBatch::default()
        };
        recovery.all(*span, CANDLES_MS, &read, &batch).await?;
        progress(at + 1, pairs.len() + 1);
    }
    let reach = reach(&old, now).await;
    let empty = HistoryBatch::default;
    recovery
        .all(reach, SCORES_MS, &|span| old.scores(None, span), &|scores| HistoryBatch { scores, ..empty() })
        .await?;
    recovery
        .all(reach, RECORDS_MS, &|span| old.alerts(span), &|alerts| HistoryBatch { alerts, ..empty() })
        .await?;
    let deliveries = |deliveries| HistoryBatch { deliveries, ..empty() };
    recovery.all(reach, RECORDS_MS, &|span| old.deliveries(span), &deliveries).await?;
    let universe = |universe| HistoryBatch { universe, ..empty() };
    recovery.all(reach, RECORDS_MS, &|span| old.universe(span), &universe).await?;
    let folded = |ledger_days| HistoryBatch { ledger_days, ..empty() };
    recovery.all(reach, RECORDS_MS, &|span| old.folded(span), &folded).await?;
    let ledger = |rows: Vec<_>| {
        let (predictions, outcomes): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        HistoryBatch { predictions, outcomes: outcomes.into_iter().flatten().collect(), ..empty() }
    };
    recovery.all(reach, RECORDS_MS, &|span| old.predictions(None, span), &ledger).await?;
    recovery.all(reach, RECORDS_MS, &|span| old.shadow_predictions(span), &ledger).await?;
    match old.imported().await {
        Ok(imported) => store.write(HistoryBatch { imported, ..empty() }).await?,
        Err(_) => recovery.done.unreadable += 1,
    }
    progress(1, 1);
    Ok(recovery.done)
}

impl Recovery<'_> {
    async fn all<T>(
        &mut self,
        span: Span,
        step: i64,
        read: &dyn Fn(Span) -> HistoryFuture<Vec<T>>,
        batch: &dyn Fn(Vec<T>) -> HistoryBatch,
    ) -> Result<(), HistoryError> {
        let mut from = span.from;
        while from < span.to {
            let part = Span { from, to: (from + step).min(span.to) };
            from = part.to;
            // Halves of what cannot be read, the older one first.
            let mut left = vec![part];
            while let Some(Span { from, to }) = left.pop() {
                match read(Span { from, to }).await {
                    Ok(rows) => {
                        let batch = batch(rows);
                        self.done.rows += batch.len() as u64;
                        self.store.write(batch).await?;
                    }
                    Err(_) if to - from > MINUTE_MS => {
                        let middle = from + (to - from) / 2;
                        left.extend([Span { from: middle, to }, Span { from, to: middle }]);
                    }
                    Err(_) => self.done.unreadable += 1,
                }
            }
        }
        Ok(())
    }
}

/// Pairs with the span of their candles; where the file cannot name them, those that the new store knows.
async fn pairs(
    old: &dyn HistoryStore,
    store: &dyn HistoryStore,
) -> Result<Vec<(Symbol, Interval, Span)>, HistoryError> {
    let mut all = Vec::new();
    for interval in Interval::ALL {
        let found = match old.candle_pairs(interval).await {
            Ok(found) => found,
            Err(_) => {
                let known = store.candle_pairs(interval).await?.into_iter();
                known.map(|(symbol, _, last)| (symbol, last - REACH_MS, last)).collect()
            }
        };
        let spanned =
            |(symbol, first, last)| (symbol, interval, Span { from: first, to: last + interval.ms() });
        all.extend(found.into_iter().map(spanned));
    }
    Ok(all)
}

/// From the oldest moment to the newest of all that is no candle.
async fn reach(old: &dyn HistoryStore, now: MarketTime) -> Span {
    let Ok(stats) = old.stats().await else { return Span { from: now - REACH_MS, to: now + DAY_MS } };
    let others = || stats.tables.iter().filter(|t| t.table != "candles");
    let first = others().filter_map(|t| t.from).min().unwrap_or(now);
    let last = others().filter_map(|t| t.to).max().unwrap_or(now);
    Span { from: first, to: last + DAY_MS }
}
