//! The history in one local SQLite file: one thread writes, a few read, so that a long read never holds up the
//! writer. Commands in other processes may read and write the same file meanwhile.

mod ahead;
mod aside;
mod candles;
mod codec;
mod fault;
mod imported;
mod keys;
mod ledger_days;
mod mending;
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
    ImportedRow, LedgerDay, LedgerPage, LedgerRow, PredictionKind, Retention, ScoreRow, Span, UniverseRow,
    Voided,
};
use crate::adapters::sqlite_file;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::i18n::{Text, io_in_words};
use crate::learning::evaluation::tally::Tally;
use fault::{Fault, patiently};
use mending::{Follower, Mending};
use pool::Pool;
pub use pool::Workers;
use retention::{Limits, Part};
use rusqlite::Connection;
pub(crate) use schema::SCHEMA;
use schema::Writer;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Connections that read: page, API and learning side by side; more would only share two cores.
const READERS: usize = 3;

/// The open file. When it is dropped, its threads end after the jobs that wait.
#[derive(Debug)]
pub struct SqliteHistory {
    place: Arc<Path>,
    mending: Arc<Mending>,
    writer: Pool<Writer>,
    readers: Pool<Follower>,
    /// Rows may wait in files beside. Relaxed does: only jobs of the one writer act on it.
    set_aside: Arc<AtomicBool>,
    workers: Workers,
}

impl SqliteHistory {
    /// Opens the file and makes it and its folders where they are missing.
    ///
    /// # Errors
    /// When the folder cannot be made or written, or the file is damaged or of a newer version; the text names it.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        Self::open_as(path, false, Workers::Threads)
    }

    /// The same for the scanner: a file that is damaged or emptied, now or later, is moved aside and a new one begun.
    pub fn open_mending(path: &Path) -> Result<Self, HistoryError> {
        Self::open_mending_with(path, Workers::Threads)
    }

    /// The same, with a choice of who does the work.
    pub fn open_mending_with(path: &Path, workers: Workers) -> Result<Self, HistoryError> {
        Self::open_as(path, true, workers)
    }

    fn open_as(path: &Path, mends: bool, workers: Workers) -> Result<Self, HistoryError> {
        let place: Arc<Path> = Arc::from(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| unusable(path, e))?;
        }
        // Looked at first: whoever opens such a file takes it for a new one.
        let emptied = mends && sqlite_file::is_emptied(path);
        let mut writing = schema::writing(path);
        let damage = match &writing {
            _ if emptied => Some("it is empty".to_owned()),
            Err(fault) if mends && fault.is_damage() => Some(fault.why().in_english()),
            _ => None,
        };
        if let Some(why) = damage {
            drop(writing);
            mending::put_aside(path, &why).map_err(|e| unusable(path, e))?;
            writing = schema::writing(path);
        }
        let named = |fault: Fault| fault.named(path);
        let mending = Mending::new(&place, mends);
        let writer = Writer::new(Follower::new(writing.map_err(named)?, &mending, schema::writing));
        let reader = |_| Ok(Follower::new(schema::reading(path)?, &mending, schema::reading));
        let (writer, readers) = match workers {
            Workers::Caller => (Pool::here(&place, writer), Pool::here(&place, reader(0).map_err(named)?)),
            Workers::Threads => {
                let readers = (0..READERS).map(reader).collect::<Result<Vec<_>, Fault>>().map_err(named)?;
                let started = Pool::start("history-writer", &place, vec![writer], true)
                    .and_then(|writer| Ok((writer, Pool::start("history-reader", &place, readers, false)?)));
                started.map_err(|e| unusable(path, e))?
            }
        };
        let set_aside = Arc::new(AtomicBool::new(aside::any(path)));
        Ok(Self { mending, writer, readers, set_aside, workers, place })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.place
    }

    /// A job of the writer's, behind the rows that an earlier run had set aside: they are older than what it does.
    fn behind_set_aside<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writer) -> Result<T, Fault> + Send + 'static,
    ) -> HistoryFuture<T> {
        let (place, set_aside) = (Arc::clone(&self.place), Arc::clone(&self.set_aside));
        self.writer.run(move |writer| {
            if set_aside.load(Ordering::Relaxed) {
                aside::replay(writer, &place)?;
                set_aside.store(false, Ordering::Relaxed);
            }
            job(writer)
        })
    }

    /// Reads in one transaction: rows that move meanwhile are seen once.
    fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> HistoryFuture<T> {
        self.readers.run(move |reader| {
            let done = patiently(|| {
                let (connection, _) = reader.current()?;
                let transaction = connection.transaction()?;
                work(&transaction)
            });
            done.inspect_err(|fault| reader.failed(fault))
        })
    }
}

fn unusable(path: &Path, error: io::Error) -> HistoryError {
    let place = path.display().to_string();
    HistoryError::Unusable(Text::new(move |t| t.history_not_opened(&place, io_in_words(&error, t))))
}

impl HistoryStore for SqliteHistory {
    fn write(&self, batch: HistoryBatch) -> HistoryFuture<()> {
        self.behind_set_aside(move |writer| write::batch(writer, &batch))
    }

    fn check(&self) -> HistoryFuture<()> {
        self.readers.run(Follower::check)
    }

    fn put_aside(&self) -> Vec<String> {
        self.mending.asides.there()
    }

    fn set_aside(&self, batch: HistoryBatch) -> HistoryFuture<()> {
        let (place, set_aside, workers) =
            (Arc::clone(&self.place), Arc::clone(&self.set_aside), self.workers);
        Box::pin(async move {
            let kept = move || {
                let kept = aside::keep(&place, batch);
                set_aside.store(true, Ordering::Relaxed);
                kept.map_err(|e| {
                    let place = place.display().to_string();
                    HistoryError::Unavailable(Text::new(move |t| {
                        t.history_not_set_aside(&place, io_in_words(&e, t))
                    }))
                })
            };
            if workers == Workers::Caller {
                return kept();
            }
            // Not by the writer's thread: that is where the write hangs.
            let kept = tokio::task::spawn_blocking(kept).await;
            kept.unwrap_or_else(|e| Err(HistoryError::Unavailable(Text::verbatim(e.to_string()))))
        })
    }

    fn candles(&self, symbol: &Symbol, interval: Interval, span: Span) -> HistoryFuture<Vec<Candle>> {
        let symbol = symbol.clone();
        self.read(move |connection| candles::read(connection, &symbol, interval, span))
    }

    fn all_candles(&self, interval: Interval, from: MarketTime) -> HistoryFuture<Vec<(Symbol, Vec<Candle>)>> {
        self.read(move |connection| candles::read_all(connection, interval, from))
    }

    fn candle_pairs(&self, interval: Interval) -> HistoryFuture<Vec<(Symbol, MarketTime, MarketTime)>> {
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

    fn tally(&self, day: MarketTime) -> HistoryFuture<Tally> {
        self.read(move |connection| ledger_days::tally(connection, day))
    }

    fn folded(&self, span: Span) -> HistoryFuture<Vec<LedgerDay>> {
        self.read(move |connection| ledger_days::folded(connection, span))
    }

    fn shadow_predictions(&self, span: Span) -> HistoryFuture<Vec<LedgerRow>> {
        self.read(move |connection| predictions::shadow(connection, span))
    }

    fn universe(&self, span: Span) -> HistoryFuture<Vec<UniverseRow>> {
        self.read(move |connection| records::universe(connection, span))
    }

    fn expiring(&self, retention: Retention, now: MarketTime) -> HistoryFuture<Compacted> {
        let limits = Limits::new(retention, now);
        self.read(move |connection| retention::expiring(connection, &limits))
    }

    fn imported(&self) -> HistoryFuture<Vec<ImportedRow>> {
        self.read(imported::read)
    }

    fn remove(&self, symbol: &Symbol, interval: Interval, span: Span) -> HistoryFuture<u64> {
        let symbol = symbol.clone();
        self.writer.run(move |writer| writer.change(|tx, _| imported::remove(tx, &symbol, interval, span)))
    }

    fn void_ahead(&self, span: Span) -> HistoryFuture<Voided> {
        // What an earlier run had set aside may lie ahead, too.
        self.behind_set_aside(move |writer| writer.change(|tx, _| ahead::void(tx, span)))
    }

    /// Every step is a job of its own: writes that wait come between. When the answer is no longer wanted, it ends
    /// after the step at hand.
    fn compact(&self, retention: Retention, now: MarketTime) -> HistoryFuture<Compacted> {
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
                    done.predictions += removed.predictions;
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
                Ok(writer.connection()?.execute_batch(sql)?)
            })
        })
    }

    fn stats(&self) -> HistoryFuture<HistoryStats> {
        let place = Arc::clone(&self.place);
        self.read(move |connection| stats::read(connection, &place))
    }
}
