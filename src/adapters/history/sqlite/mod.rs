//! The history in one local SQLite file: one thread writes, a few read, so that a long read never holds up the
//! writer. Commands in other processes may read and write the same file meanwhile.

mod candles;
mod codec;
mod fault;
mod keys;
mod pool;
mod predictions;
mod records;
mod retention;
mod schema;
mod scores;
mod stats;
mod thinning;
mod values;
mod write;

use crate::actors::ports::history::{
    AlertRow, Compacted, DeliveryRow, HistoryBatch, HistoryError, HistoryFuture, HistoryStats, HistoryStore,
    JudgedRow, LedgerPage, LedgerRow, PredictionKind, Retention, ScoreRow, Span, UniverseRow,
};
use crate::domain::candle::Candle;
use crate::domain::symbol::Symbol;
use crate::domain::time::{Interval, UtcMs};
use fault::{Fault, patiently};
use pool::Pool;
use retention::{Limits, Part};
use rusqlite::Connection;
pub(crate) use schema::SCHEMA;
use schema::Writer;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Connections that read: page, API and learning side by side; more would only share two cores.
const READERS: usize = 3;

/// The open file. When it is dropped, its threads end after the jobs that wait.
#[derive(Debug)]
pub struct SqliteHistory {
    place: Arc<Path>,
    writer: Pool<Writer>,
    readers: Pool<Connection>,
}

impl SqliteHistory {
    /// Opens the file and makes it and its folders where they are missing.
    ///
    /// # Errors
    /// When the folder cannot be made or written, or the file is damaged or of a newer version; the text names it.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        let place: Arc<Path> = Arc::from(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| unusable(path, &e))?;
        }
        let named = |fault: Fault| fault.named(path);
        let writer = Writer::new(schema::writing(path).map_err(named)?);
        let readers: Result<Vec<_>, Fault> = (0..READERS).map(|_| schema::reading(path)).collect();
        let readers = readers.map_err(named)?;
        Ok(Self {
            writer: Pool::start("history-writer", &place, vec![writer], true)
                .map_err(|e| unusable(path, &e))?,
            readers: Pool::start("history-reader", &place, readers, false).map_err(|e| unusable(path, &e))?,
            place,
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.place
    }

    /// Reads in one transaction: rows that move meanwhile are seen once.
    fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> HistoryFuture<T> {
        self.readers.run(move |connection| {
            patiently(|| {
                let transaction = connection.transaction()?;
                work(&transaction)
            })
        })
    }
}

fn unusable(path: &Path, error: &io::Error) -> HistoryError {
    HistoryError::Unusable(format!("{} cannot be opened: {error}", path.display()))
}

impl HistoryStore for SqliteHistory {
    fn write(&self, batch: HistoryBatch) -> HistoryFuture<()> {
        self.writer.run(move |writer| write::batch(writer, &batch))
    }

    fn candles(&self, symbol: &Symbol, interval: Interval, span: Span) -> HistoryFuture<Vec<Candle>> {
        let symbol = symbol.clone();
        self.read(move |connection| candles::read(connection, &symbol, interval, span))
    }

    fn all_candles(&self, interval: Interval, from: UtcMs) -> HistoryFuture<Vec<(Symbol, Vec<Candle>)>> {
        self.read(move |connection| candles::read_all(connection, interval, from))
    }

    fn candle_pairs(&self, interval: Interval) -> HistoryFuture<Vec<(Symbol, UtcMs, UtcMs)>> {
        self.read(move |connection| candles::pairs(connection, interval))
    }

    fn scores(&self, symbol: Option<&Symbol>, span: Span) -> HistoryFuture<Vec<ScoreRow>> {
        let symbol = symbol.cloned();
        self.read(move |connection| scores::read(connection, symbol.as_ref(), span))
    }

    fn alerts(&self, span: Span) -> HistoryFuture<Vec<AlertRow>> {
        self.read(move |connection| records::alerts(connection, span))
    }

    fn deliveries(&self, span: Span) -> HistoryFuture<Vec<DeliveryRow>> {
        self.read(move |connection| records::deliveries(connection, span))
    }

    fn predictions(&self, kind: Option<PredictionKind>, span: Span) -> HistoryFuture<Vec<LedgerRow>> {
        self.read(move |connection| predictions::predictions(connection, kind, span))
    }

    fn ledger_page(&self, asked: LedgerPage) -> HistoryFuture<Vec<LedgerRow>> {
        self.read(move |connection| predictions::page(connection, &asked))
    }

    fn judged(&self, span: Span) -> HistoryFuture<Vec<JudgedRow>> {
        self.read(move |connection| predictions::judged(connection, span))
    }

    fn shadow_predictions(&self, span: Span) -> HistoryFuture<Vec<LedgerRow>> {
        self.read(move |connection| predictions::shadow(connection, span))
    }

    fn universe(&self, span: Span) -> HistoryFuture<Vec<UniverseRow>> {
        self.read(move |connection| records::universe(connection, span))
    }

    /// Every step is a job of its own: writes that wait come between. When the answer is no longer wanted, it ends
    /// after the step at hand.
    fn compact(&self, retention: Retention, now: UtcMs) -> HistoryFuture<Compacted> {
        let (writer, limits) = (self.writer.clone(), Limits::new(retention, now));
        Box::pin(async move {
            let mut done = Compacted::default();
            for part in Part::ALL {
                let mut cursor = Some(0);
                while let Some(from) = cursor {
                    let step = writer.run(move |writer| writer.change(|tx, _| part.step(tx, &limits, from)));
                    let (removed, next) = step.await?;
                    done.scores += removed.scores;
                    done.candles += removed.candles;
                    cursor = next;
                }
            }
            Ok(done)
        })
    }

    /// Needs as much free space as the rows take, and holds up writers until it is done.
    fn vacuum(&self) -> HistoryFuture<()> {
        self.writer.run(|writer| {
            patiently(|| {
                let sql = "VACUUM; PRAGMA wal_checkpoint(TRUNCATE);";
                Ok(writer.connection.execute_batch(sql)?)
            })
        })
    }

    fn stats(&self) -> HistoryFuture<HistoryStats> {
        let place = Arc::clone(&self.place);
        self.read(move |connection| stats::read(connection, &place))
    }
}
