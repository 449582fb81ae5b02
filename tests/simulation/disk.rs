//! The disk and Redis: real files behind ports that fail.

use super::plan::Kind;
use super::world::World;
use futures_util::FutureExt;
use impulso::actors::ports::history::{
    AlertRow, CandleRow, Compacted, DeliveryRow, HistoryBatch, HistoryError, HistoryFuture, HistoryStats,
    HistoryStore, ImportedRow, LedgerDay, LedgerPage, LedgerRow, PredictionKind, Retention, ScoreRow, Span,
    UniverseRow, Voided,
};
use impulso::actors::ports::redis::{Bundle, PublishError, PublishFuture, SnapshotCache};
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::state::faulty::{Call, Fault, FaultyState};
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::Interval;
use impulso::i18n::Text;
use impulso::learning::evaluation::tally::Tally;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// For so long SQLite's history goes on trying while another process has the file.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn state(world: &Arc<World>, real: Arc<dyn OperationalState>) -> FaultyState {
    let world = Arc::clone(world);
    FaultyState::new(
        real,
        |_| {},
        move |call: Call| {
            let fault = if world.fault(Kind::StateLocked).is_some() && call.name != "set_aside" {
                Fault::Locked
            } else if world.fault(Kind::StateFull).is_some() && call.writes {
                Fault::DiskFull
            } else if world.fault(Kind::StateTorn).is_some() && call.writes && world.one_of(3) {
                Fault::Torn
            } else {
                return None;
            };
            world.count(match fault {
                Fault::Locked => "StateLocked",
                Fault::DiskFull => "StateFull",
                _ => "StateTorn",
            });
            Some(fault)
        },
    )
}

/// The history, as the disk has it.
pub(crate) struct History {
    pub(crate) world: Arc<World>,
    pub(crate) real: Arc<dyn HistoryStore>,
}

impl History {
    fn fails(&self, what: &str) -> HistoryError {
        HistoryError::Unavailable(Text::verbatim(format!("history.db: {what}")))
    }

    fn reads<T: Send + 'static>(&self, read: HistoryFuture<T>) -> HistoryFuture<T> {
        if self.world.fault(Kind::HistoryErrors).is_some() && self.world.one_of(3) {
            self.world.count("HistoryErrors");
            let error = self.fails("disk I/O error");
            return async { Err(error) }.boxed();
        }
        read
    }

    fn changes<T: Send + 'static>(&self, change: HistoryFuture<T>) -> HistoryFuture<T> {
        let (world, locked) = (Arc::clone(&self.world), self.fails("another process has been writing"));
        if world.fault(Kind::HistoryFull).is_some() {
            world.count("HistoryFull");
            let error = self.fails("the disk is full");
            return async { Err(error) }.boxed();
        }
        if world.fault(Kind::HistoryErrors).is_some() && world.one_of(3) {
            world.count("HistoryErrors");
            let error = self.fails("disk I/O error after the commit");
            return async { change.await.and(Err(error)) }.boxed();
        }
        async move {
            let began = tokio::time::Instant::now();
            while world.fault(Kind::HistoryLocked).is_some() {
                world.count("HistoryLocked");
                if began.elapsed() >= PATIENCE {
                    return Err(locked);
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            change.await
        }
        .boxed()
    }
}

/// Hands questions on.
macro_rules! reads {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&self $(, $arg: $kind)*) -> HistoryFuture<$answer> {
            self.reads(self.real.$name($($arg),*))
        })*
    };
}

impl HistoryStore for History {
    reads! {
        check() -> ();
        candles(symbol: &Symbol, interval: Interval, span: Span) -> Vec<Candle>;
        all_candles(interval: Interval, from: MarketTime) -> Vec<(Symbol, Vec<Candle>)>;
        candle_pairs(interval: Interval) -> Vec<(Symbol, MarketTime, MarketTime)>;
        scores(symbol: Option<&Symbol>, span: Span) -> Vec<ScoreRow>;
        alerts(span: Span) -> Vec<AlertRow>;
        deliveries(span: Span) -> Vec<DeliveryRow>;
        predictions(kind: Option<PredictionKind>, span: Span) -> Vec<LedgerRow>;
        ledger_page(asked: LedgerPage) -> Vec<LedgerRow>;
        tally(day: MarketTime) -> Tally;
        folded(span: Span) -> Vec<LedgerDay>;
        shadow_predictions(span: Span) -> Vec<LedgerRow>;
        universe(span: Span) -> Vec<UniverseRow>;
        expiring(retention: Retention, now: MarketTime) -> Compacted;
        imported() -> Vec<ImportedRow>;
        stats() -> HistoryStats;
    }

    fn write(&self, batch: HistoryBatch) -> HistoryFuture<()> {
        self.changes(self.real.write(batch))
    }

    fn set_aside(&self, batch: HistoryBatch) -> HistoryFuture<()> {
        // Files of their own: no lock of the history is in their way.
        self.real.set_aside(batch)
    }

    fn put_aside(&self) -> Vec<String> {
        self.real.put_aside()
    }

    fn remove(&self, symbol: &Symbol, interval: Interval, span: Span) -> HistoryFuture<u64> {
        self.changes(self.real.remove(symbol, interval, span))
    }

    fn void_ahead(&self, span: Span) -> HistoryFuture<Voided> {
        self.changes(self.real.void_ahead(span))
    }

    fn compact(&self, retention: Retention, now: MarketTime) -> HistoryFuture<Compacted> {
        self.changes(self.real.compact(retention, now))
    }

    fn vacuum(&self) -> HistoryFuture<()> {
        self.changes(self.real.vacuum())
    }
}

/// A Redis that is there or not; what it would hold is not looked at.
pub(crate) struct Cache(pub(crate) Arc<World>);

impl Cache {
    fn answer<T: Send + Default + 'static>(&self) -> PublishFuture<T> {
        let world = Arc::clone(&self.0);
        async move {
            tokio::time::sleep(Duration::from_millis(2)).await;
            if world.fault(Kind::RedisDown).is_some() {
                world.count("RedisDown");
                return Err(PublishError(Text::verbatim("connection refused")));
            }
            Ok(T::default())
        }
        .boxed()
    }
}

impl SnapshotCache for Cache {
    fn publish(&self, _: Arc<Bundle>) -> PublishFuture<()> {
        self.answer()
    }

    fn append(&self, _: Vec<CandleRow>) -> PublishFuture<()> {
        self.answer()
    }

    fn replace(&self, _: &Symbol, _: Interval, _: Vec<Candle>) -> PublishFuture<()> {
        self.answer()
    }

    fn note_alerts(&self, _: Vec<(Symbol, MarketTime)>, _: u64) -> PublishFuture<()> {
        self.answer()
    }

    fn noted_alerts(&self) -> PublishFuture<Vec<(Symbol, MarketTime)>> {
        self.answer()
    }
}

/// What a machine that loses its power leaves behind the end of a log: a change that was not committed, and bytes of anything.
pub(crate) fn tear(world: &World, folder: &Path) {
    for name in ["state.db-wal", "history.db-wal"] {
        let place = folder.join(name);
        let Ok(mut bytes) = std::fs::read(&place) else { continue };
        if bytes.len() < 32 || world.one_of(2) {
            continue;
        }
        world.count("torn logs");
        // Frames of old, as they lie behind the end of a log that was begun anew, then noise.
        let old = bytes.len().min(world.between(1, 9_000).unsigned_abs() as usize);
        let tail = bytes[bytes.len() - old..].to_vec();
        bytes.extend(tail);
        bytes.extend((0..world.between(1, 3_000)).map(|_| world.random() as u8));
        std::fs::write(&place, bytes).expect("written");
    }
}
