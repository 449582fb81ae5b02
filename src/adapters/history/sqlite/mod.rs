//! The embedded history store: one SQLite file in WAL mode, one writer thread, a few readers.
//!
//! Reads never wait for the writer, and a second process (a command beside the running scanner) never sees "database
//! is locked": it waits. Old candles are packed: one compressed block for 1,440 candles of a pair and interval.

mod blocks;
mod candles;
mod compact;
mod pool;
mod predictions;
mod rows;
mod schema;
mod scores;

use crate::actors::ports::history::{
    AlertRow, Compacted, DeliveryRow, HistoryBatch, HistoryError, HistoryFuture, HistoryStats, HistoryStore,
    OutcomeRow, PredictionKind, PredictionRow, Retention, ScoreRow, Span, UniverseRow,
};
use crate::domain::candle::Candle;
use crate::domain::symbol::Symbol;
use crate::domain::time::{Interval, UtcMs};
use pool::Pool;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reader threads.
const READERS: usize = 3;

/// The open file.
pub struct SqliteHistory {
    path: PathBuf,
    writer: Arc<Pool>,
    readers: Arc<Pool>,
}

impl SqliteHistory {
    /// Opens the file, and makes it and its folder where they are missing.
    ///
    /// # Errors
    /// `Unusable` for a damaged file or one of a newer version, `Unavailable` where the disk says no.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|e| HistoryError::Unavailable(format!("{}: {e}", folder.display())))?;
        }
        let mut first = schema::connect(path)?;
        schema::migrate(&mut first, path)?;
        let readers = (0..READERS).map(|_| schema::connect(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            writer: Arc::new(Pool::start("history-writer", vec![first])?),
            readers: Arc::new(Pool::start("history-reader", readers)?),
        })
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> HistoryFuture<T> {
        self.readers.run(work)
    }
}

impl HistoryStore for SqliteHistory {
    fn write(&self, batch: HistoryBatch) -> HistoryFuture<()> {
        self.writer.run(move |connection| rows::write(connection, &batch))
    }

    fn candles(&self, symbol: &Symbol, interval: Interval, span: Span) -> HistoryFuture<Vec<Candle>> {
        let symbol = symbol.clone();
        self.read(move |c| candles::of_pair(c, &symbol, interval, span))
    }

    fn all_candles(&self, interval: Interval, from: UtcMs) -> HistoryFuture<Vec<(Symbol, Vec<Candle>)>> {
        self.read(move |c| candles::of_all(c, interval, from))
    }

    fn scores(&self, symbol: Option<&Symbol>, span: Span) -> HistoryFuture<Vec<ScoreRow>> {
        let symbol = symbol.cloned();
        self.read(move |c| scores::read(c, symbol.as_ref(), span))
    }

    fn alerts(&self, span: Span) -> HistoryFuture<Vec<AlertRow>> {
        self.read(move |c| rows::alerts(c, span))
    }

    fn deliveries(&self, span: Span) -> HistoryFuture<Vec<DeliveryRow>> {
        self.read(move |c| rows::deliveries(c, span))
    }

    fn predictions(
        &self,
        kind: Option<PredictionKind>,
        span: Span,
    ) -> HistoryFuture<Vec<(PredictionRow, Option<OutcomeRow>)>> {
        self.read(move |c| predictions::read(c, kind, span))
    }

    fn universe(&self, span: Span) -> HistoryFuture<Vec<UniverseRow>> {
        self.read(move |c| rows::universe(c, span))
    }

    fn compact(&self, retention: Retention, now: UtcMs) -> HistoryFuture<Compacted> {
        let writer = Arc::clone(&self.writer);
        Box::pin(async move { compact::run(&writer, retention, now).await })
    }

    fn vacuum(&self) -> HistoryFuture<()> {
        self.writer.run(|c| c.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);"))
    }

    fn stats(&self) -> HistoryFuture<HistoryStats> {
        let path = self.path.clone();
        self.read(move |c| rows::stats(c, &path))
    }
}
