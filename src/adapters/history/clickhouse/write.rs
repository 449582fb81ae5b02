//! Writing: one insert a table and batch; what the server does not take goes to the spill and from there, in
//! order, to the server before anything newer does.

use super::ledger_days;
use super::link::{Failure, Link};
use super::rows::{Table, Versioned};
use crate::actors::ports::history::{HistoryBatch, HistoryError};
use crate::adapters::history::spill::{Frame, Spill};
use crate::i18n::{Text, io_in_words};
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;

/// Version of a row that the newest moment wins, and among equal moments the row written last.
fn newest_wins(moment: i64, version: u64) -> u128 {
    (u128::from(moment.max(0).unsigned_abs()) << 64) | u128::from(version)
}

/// The rows of one table, each with the version that is made of that of its batch and of its place in it.
fn rows<'a, T: Table>(
    batches: &[(u64, &'a HistoryBatch)],
    table: fn(&'a HistoryBatch) -> &'a Vec<T>,
    version: fn(&T, u64, u64) -> T::Version,
) -> Vec<Versioned<'a, T>> {
    let placed = batches.iter().flat_map(|(own, batch)| table(batch).iter().zip(0..).map(move |r| (*own, r)));
    placed.map(|(own, (row, at))| Versioned { row, version: version(row, own, at) }).collect()
}

/// Writes batches that stand together. The same batches always have the same token: what the server took before it
/// went down is not taken twice, neither by the tables nor by the views behind them.
pub(super) async fn insert(link: &Link, batches: &[(u64, &HistoryBatch)]) -> Result<(), Failure> {
    let (Some((first, _)), Some((last, _))) = (batches.first(), batches.last()) else { return Ok(()) };
    let token = &format!("{first}-{last}");
    // What can never be had again goes first: the server may fail between two tables.
    link.insert(&rows(batches, |b| &b.alerts, |_, own, _| own), token).await?;
    link.insert(
        &rows(batches, |b| &b.deliveries, |r, own, at| newest_wins(r.updated_at.ms(), own + at)),
        token,
    )
    .await?;
    for (_, batch) in batches {
        ledger_days::adopt(link, &batch.ledger_days).await?;
    }
    link.insert(&rows(batches, |b| &b.predictions, |_, own, at| own + at), token).await?;
    link.insert(
        &rows(batches, |b| &b.outcomes, |r, own, at| newest_wins(r.resolved_at.ms(), own + at)),
        token,
    )
    .await?;
    link.insert(&rows(batches, |b| &b.universe, |_, own, _| own), token).await?;
    // Before the candles: those must not expire in between.
    link.insert(&rows(batches, |b| &b.imported, |_, own, _| own), token).await?;
    link.insert(&rows(batches, |b| &b.candles, |_, own, _| own), token).await?;
    link.insert(&rows(batches, |b| &b.scores, |_, own, _| own), token).await
}

/// The spill behind a lock, worked on where blocking is allowed.
/// A lock of the standard library: it is taken on a blocking thread alone, where files are written under it.
#[derive(Clone)]
pub(super) struct SharedSpill(Arc<Mutex<Spill>>);

impl SharedSpill {
    pub(super) fn new(spill: Spill) -> Self {
        Self(Arc::new(Mutex::new(spill)))
    }

    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Spill) -> io::Result<T> + Send + 'static,
    ) -> Result<T, HistoryError> {
        let spill = Arc::clone(&self.0);
        let run = move || work(&mut spill.lock());
        let done = tokio::task::spawn_blocking(run).await.unwrap_or_else(|e| Err(io::Error::other(e)));
        done.map_err(|e| {
            HistoryError::Unavailable(Text::new(move |t| t.history_spill_unusable(io_in_words(&e, t))))
        })
    }

    /// Writes every spilled batch to the server, oldest first.
    pub(super) async fn replay(&self, link: &Link) -> Result<u64, Failure> {
        let local = |error| Failure { error, gone: false, slow: false };
        let mut rows = 0;
        while let Some(pending) = self.work(Spill::next).await.map_err(local)? {
            let batches: Vec<_> = pending.frames.iter().map(|f| (f.version, &f.batch)).collect();
            // Removed only behind the server's answer; what it took twice over a crash is one row by its token.
            insert(link, &batches).await?;
            rows += pending.frames.iter().map(|f| f.batch.len() as u64).sum::<u64>();
            self.work(move |spill| spill.done(&pending)).await.map_err(local)?;
        }
        Ok(rows)
    }

    /// Puts a batch behind the others.
    pub(super) async fn append(&self, frame: Frame, alone: bool) -> Result<(), HistoryError> {
        self.work(move |spill| spill.append(frame, alone)).await
    }
}
