//! The port's trait over the parts of this folder.

use super::link::Failure;
use super::{ClickHouseHistory, Shared, ahead, compact, ledger_days, read};
use crate::actors::ports::history::{
    AlertRow, Compacted, DeliveryRow, HistoryBatch, HistoryError, HistoryFuture, HistoryStats, HistoryStore,
    ImportedRow, LedgerDay, LedgerPage, LedgerRow, PredictionKind, Retention, ScoreRow, Span, UniverseRow,
    Voided,
};
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::learning::evaluation::tally::Tally;
use std::sync::Arc;

impl ClickHouseHistory {
    /// A query on the tables, once they are there.
    fn query<T, E, F>(&self, ask: impl FnOnce(Arc<Shared>) -> F + Send + 'static) -> HistoryFuture<T>
    where
        T: Send + 'static,
        E: Into<HistoryError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            shared.ready().await?;
            ask(shared).await.map_err(Into::into)
        })
    }
}

impl HistoryStore for ClickHouseHistory {
    fn write(&self, batch: HistoryBatch) -> HistoryFuture<()> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move { shared.write(batch).await })
    }

    /// The server looks after its own parts.
    fn check(&self) -> HistoryFuture<()> {
        Box::pin(async { Ok(()) })
    }

    fn put_aside(&self) -> Vec<String> {
        Vec::new()
    }

    fn set_aside(&self, batch: HistoryBatch) -> HistoryFuture<()> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move { shared.set_aside(batch).await })
    }

    fn candles(&self, symbol: &Symbol, interval: Interval, span: Span) -> HistoryFuture<Vec<Candle>> {
        let symbol = symbol.clone();
        self.query(move |s| async move { read::candles(&s.link, &symbol, interval, span).await })
    }

    fn all_candles(&self, interval: Interval, from: MarketTime) -> HistoryFuture<Vec<(Symbol, Vec<Candle>)>> {
        self.query(move |s| async move { read::all_candles(&s.link, interval, from).await })
    }

    fn candle_pairs(&self, interval: Interval) -> HistoryFuture<Vec<(Symbol, MarketTime, MarketTime)>> {
        self.query(move |s| async move { read::candle_pairs(&s.link, interval).await })
    }

    fn scores(&self, symbol: Option<&Symbol>, span: Span) -> HistoryFuture<Vec<ScoreRow>> {
        let symbol = symbol.cloned();
        self.query(move |s| async move { read::scores(&s.link, symbol.as_ref(), span).await })
    }

    fn alerts(&self, span: Span) -> HistoryFuture<Vec<AlertRow>> {
        self.query(move |s| async move { read::table(&s.link, "as_of", "as_of, id", span).await })
    }

    fn deliveries(&self, span: Span) -> HistoryFuture<Vec<DeliveryRow>> {
        self.query(move |s| async move {
            read::table(&s.link, "created_at", "created_at, key, channel", span).await
        })
    }

    fn predictions(&self, kind: Option<PredictionKind>, span: Span) -> HistoryFuture<Vec<LedgerRow>> {
        self.query(move |s| async move { read::predictions(&s.link, kind, true, span).await })
    }

    fn ledger_page(&self, asked: LedgerPage) -> HistoryFuture<Vec<LedgerRow>> {
        self.query(move |s| async move { read::ledger_page(&s.link, asked).await })
    }

    fn tally(&self, day: MarketTime) -> HistoryFuture<Tally> {
        self.query(move |s| async move { ledger_days::tally(&s.link, day).await })
    }

    fn folded(&self, span: Span) -> HistoryFuture<Vec<LedgerDay>> {
        self.query(move |s| async move { ledger_days::folded(&s.link, span).await })
    }

    fn shadow_predictions(&self, span: Span) -> HistoryFuture<Vec<LedgerRow>> {
        self.query(move |s| async move { read::predictions(&s.link, None, false, span).await })
    }

    fn universe(&self, span: Span) -> HistoryFuture<Vec<UniverseRow>> {
        self.query(move |s| async move { read::table(&s.link, "day", "day, symbol", span).await })
    }

    fn expiring(&self, retention: Retention, now: MarketTime) -> HistoryFuture<Compacted> {
        self.query(move |s| async move { compact::expiring(&s.link, retention, now).await })
    }

    fn imported(&self) -> HistoryFuture<Vec<ImportedRow>> {
        self.query(move |s| async move { read::imported(&s.link).await })
    }

    fn remove(&self, symbol: &Symbol, interval: Interval, span: Span) -> HistoryFuture<u64> {
        let (symbol, shared) = (symbol.clone(), Arc::clone(&self.0));
        Box::pin(async move {
            shared.ready().await?;
            let (rows, imported) = compact::remove(&shared.link, &symbol, interval, span).await?;
            shared.write(HistoryBatch { imported, ..HistoryBatch::default() }).await?;
            Ok(rows)
        })
    }

    fn void_ahead(&self, span: Span) -> HistoryFuture<Voided> {
        self.query(move |s| async move {
            let _turn = s.tidying.lock().await;
            // What waits in the spill may lie ahead, too: written behind the removal it would stay.
            let writer = s.writer.lock().await;
            s.replay().await?;
            drop(writer);
            ahead::void(&s.link, span).await
        })
    }

    fn compact(&self, retention: Retention, now: MarketTime) -> HistoryFuture<Compacted> {
        self.query(move |s| async move {
            // Batches are written meanwhile: it may take minutes, and they are newer than what is removed.
            let _turn = s.tidying.lock().await;
            let done = compact::compact(&s.link, retention, now).await?;
            compact::apply_retention(&s.link, retention, s.ttl).await?;
            Ok::<_, Failure>(done)
        })
    }

    fn vacuum(&self) -> HistoryFuture<()> {
        self.query(move |s| async move {
            let _turn = s.tidying.lock().await;
            compact::vacuum(&s.link).await
        })
    }

    fn stats(&self) -> HistoryFuture<HistoryStats> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move { shared.stats().await })
    }
}
