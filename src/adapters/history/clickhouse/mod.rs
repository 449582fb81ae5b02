//! The history in ClickHouse, 23.3 or newer. A batch is one insert a table; while the server is away batches wait in
//! local files.

mod ahead;
mod cluster;
mod compact;
mod ledger_days;
mod link;
mod read;
mod rows;
mod schema;
mod store;
mod views;
mod write;

use crate::actors::ports::Clock;
use crate::actors::ports::history::{HistoryBatch, HistoryError, HistoryStats};
use crate::adapters::clock::SystemClock;
use crate::adapters::history::spill::{Frame, Spill};
use crate::domain::moment::MonoTime;
use crate::i18n::{Text, io_in_words, text};
pub use link::ClickHouseSettings;
use link::{Failure, Link};
pub use schema::cluster_tables;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex;
use write::SharedSpill;

#[derive(Clone)]
pub struct ClickHouseHistory(Arc<Shared>);

struct Shared {
    link: Link,
    /// `None` while another process (the scanner, beside a command) holds the folder.
    spill: Option<SharedSpill>,
    /// Release and Acquire: who reads `true` without the lock sees the tables that `migrating` made.
    ready: AtomicBool,
    /// Held over the server's answers, so that ten readers at the start make the tables once.
    migrating: Mutex<()>,
    /// Compaction and vacuum both rewrite parts: side by side each would wait for the other's mutations.
    tidying: Mutex<()>,
    /// Held over the insert: batches reach the server, or the spill, in the order of their versions.
    writer: Mutex<Writer>,
    clock: SystemClock,
    ttl: bool,
}

/// What the turn of writing carries from one batch to the next.
#[derive(Debug, Default)]
struct Writer {
    last_version: u64,
    down: bool,
    not_before: Option<MonoTime>,
}

impl fmt::Debug for ClickHouseHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClickHouseHistory").field(&self.0.link.place).finish()
    }
}

impl ClickHouseHistory {
    /// Opens the store, brings the tables up to date and writes what waits in the spill. A server that cannot be
    /// reached is no error: batches wait in the spill and the tables are made when it is there.
    ///
    /// # Errors
    /// `Unusable` for a wrong password, missing rights, a newer schema, an address that is none; `Unavailable`
    /// when the spill folder cannot be used.
    pub async fn open(settings: ClickHouseSettings) -> Result<Self, HistoryError> {
        let link = Link::new(&settings)?;
        let (dir, max) = (settings.spill_dir.clone(), settings.spill_max_bytes);
        let spill = tokio::task::spawn_blocking(move || Spill::open(&dir, max))
            .await
            .unwrap_or_else(|e| Err(std::io::Error::other(e)))
            .map_err(|e| {
                let spill = Text::new(move |t| t.history_spill_unusable(io_in_words(&e, t)));
                HistoryError::Unavailable(spill.of(&settings.spill_dir.display().to_string()))
            })?;
        let last_version = spill.as_ref().map_or(0, Spill::newest_version);
        let store = Self(Arc::new(Shared {
            link,
            spill: spill.map(SharedSpill::new),
            ready: AtomicBool::new(false),
            migrating: Mutex::new(()),
            tidying: Mutex::new(()),
            writer: Mutex::new(Writer { last_version, ..Writer::default() }),
            clock: SystemClock::new(),
            ttl: settings.ttl,
        }));
        store.0.first_contact().await?;
        Ok(store)
    }

    /// Asks the server whether it is there and the tables are usable.
    ///
    /// # Errors
    /// When it is not, with the reason.
    pub async fn ping(&self) -> Result<(), HistoryError> {
        self.0.ready().await?;
        let _one: u8 = self.0.link.one(self.0.link.query("SELECT toUInt8(1)")).await?;
        Ok(())
    }
}

impl Shared {
    async fn first_contact(&self) -> Result<(), HistoryError> {
        let mut writer = self.writer.lock().await;
        let met = async {
            self.ready().await?;
            // Before the first write: on a machine whose clock went back a smaller version would lose against what is
            // stored.
            let stored = schema::greatest_version(&self.link).await?;
            writer.last_version = writer.last_version.max(stored);
            self.replay().await
        };
        match met.await.map_err(HistoryError::from) {
            Err(error @ HistoryError::Unavailable(_)) => {
                tracing::warn!(%error, "the history store is not there; rows wait in the spill");
                writer.down = true;
                Ok(())
            }
            other => other,
        }
    }

    /// The tables are there and of this version.
    async fn ready(&self) -> Result<(), Failure> {
        if self.ready.load(Ordering::Acquire) {
            return Ok(());
        }
        let _turn = self.migrating.lock().await;
        // Again behind the lock: whoever had it before may have made them.
        if !self.ready.load(Ordering::Acquire) {
            self.link.forget().await;
            schema::migrate(&self.link).await?;
            self.ready.store(true, Ordering::Release);
        }
        Ok(())
    }

    async fn replay(&self) -> Result<(), Failure> {
        let Some(spill) = &self.spill else { return Ok(()) };
        let rows = spill.replay(&self.link).await?;
        if rows > 0 {
            tracing::info!(rows, "the history store took what waited in the spill");
        }
        Ok(())
    }

    async fn write(&self, batch: HistoryBatch) -> Result<(), HistoryError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut writer = self.writer.lock().await;
        let version = writer.version(batch.len() as u64, &self.clock);
        if writer.not_before.is_some_and(|moment| self.clock.mono_time() < moment) {
            let waiting = HistoryError::Unavailable(text!(history_no_answer));
            return self.spill(Frame { version, batch }, false, waiting).await;
        }
        let mut begun = false;
        let attempt = async {
            self.ready().await?;
            // What waits goes first: who reads the newest rows must not find a hole before them.
            self.replay().await?;
            begun = true;
            write::insert(&self.link, &[(version, &batch)]).await
        };
        let Err(failure) = attempt.await else {
            if std::mem::take(&mut writer.down) {
                tracing::info!("the history store is back");
            }
            writer.not_before = None;
            return Ok(());
        };
        if failure.gone {
            // Somebody has dropped the tables: they are made anew with the next batch.
            self.ready.store(false, Ordering::Release);
        }
        // Without a pause every batch would first wait for the whole timeout, and more would come than go.
        let pause = failure.slow.then(|| self.clock.mono_time() + self.link.timeout_ms());
        writer.not_before = pause;
        if !std::mem::replace(&mut writer.down, true) {
            tracing::warn!(error = %failure.error, "the history store does not take rows; they wait in the spill");
        }
        self.spill(Frame { version, batch }, begun, failure.error).await
    }

    /// Into the spill at once, beside a write that is under way.
    async fn set_aside(&self, batch: HistoryBatch) -> Result<(), HistoryError> {
        let version = self.clock.machine_time().ms().unsigned_abs().saturating_mul(1000);
        let nobody = HistoryError::Unavailable(text!(history_spill_taken));
        self.spill(Frame { version, batch }, true, nobody).await
    }

    async fn spill(&self, frame: Frame, alone: bool, cause: HistoryError) -> Result<(), HistoryError> {
        match &self.spill {
            Some(spill) => spill.append(frame, alone).await,
            None => Err(cause),
        }
    }

    async fn stats(&self) -> Result<HistoryStats, HistoryError> {
        let (rows, spilled) = match &self.spill {
            Some(spill) => spill.work(|s| Ok((s.rows(), s.bytes()))).await?,
            None => (0, 0),
        };
        let sizes = async {
            self.ready().await?;
            Ok::<_, Failure>((read::sizes(&self.link).await?, read::bytes(&self.link).await?))
        };
        let (tables, bytes) = match sizes.await.map_err(HistoryError::from) {
            Err(HistoryError::Unavailable(_)) => (Vec::new(), 0),
            other => other?,
        };
        let store = self.link.place.clone();
        Ok(HistoryStats { store, bytes: bytes + spilled, tables, spilled_rows: rows })
    }
}

impl Writer {
    /// Versions for `rows` rows: after all before, and near the machine's clock in microseconds.
    fn version(&mut self, rows: u64, clock: &SystemClock) -> u64 {
        // Microseconds, so that up to 1,000 rows a millisecond do not run ahead of the clock for long.
        let now = clock.machine_time().ms().unsigned_abs().saturating_mul(1000);
        let version = now.max(self.last_version + 1);
        self.last_version = version + rows;
        version
    }
}
