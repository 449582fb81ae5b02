//! Writing: one insert a table and batch; what the server does not take goes to the spill and from there, in
//! order, to the server before anything newer does.

use super::frames::Frame;
use super::link::{Failure, Link};
use super::predictions::{OutcomeDb, PredictionDb};
use super::rows::{AlertDb, CandleDb, DeliveryDb, ScoreDb, UniverseDb};
use super::spill::Spill;
use crate::actors::ports::history::{HistoryBatch, HistoryError};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows of some batches, by table.
#[derive(Default)]
struct Tables {
    candles: Vec<CandleDb>,
    scores: Vec<ScoreDb>,
    alerts: Vec<AlertDb>,
    deliveries: Vec<DeliveryDb>,
    predictions: Vec<PredictionDb>,
    outcomes: Vec<OutcomeDb>,
    universe: Vec<UniverseDb>,
}

/// Version of a row that the first of its key keeps: the earlier, the greater.
const fn first_wins(version: u64) -> u64 {
    u64::MAX - version
}

/// Version of a row that the newest moment wins, and among equal moments the row written last.
fn newest_wins(moment: i64, version: u64) -> u128 {
    (u128::from(moment.max(0).unsigned_abs()) << 64) | u128::from(version)
}

impl Tables {
    fn add(&mut self, version: u64, batch: &HistoryBatch) {
        let each = || version..;
        self.candles.extend(batch.candles.iter().map(|row| CandleDb::new(row, version)));
        self.scores.extend(batch.scores.iter().map(|row| ScoreDb::new(row, version)));
        self.alerts.extend(batch.alerts.iter().map(|row| AlertDb::new(row, version)));
        self.universe.extend(batch.universe.iter().map(|row| UniverseDb::new(row, version)));
        let numbered = batch.predictions.iter().zip(each());
        self.predictions.extend(numbered.map(|(row, v)| PredictionDb::new(row, first_wins(v))));
        let numbered = batch.deliveries.iter().zip(each());
        self.deliveries.extend(numbered.map(|(r, v)| DeliveryDb::new(r, newest_wins(r.updated_at, v))));
        let numbered = batch.outcomes.iter().zip(each());
        self.outcomes.extend(numbered.map(|(r, v)| OutcomeDb::new(r, newest_wins(r.resolved_at, v))));
    }

    async fn insert(&self, link: &Link, token: &str) -> Result<(), Failure> {
        link.insert("alerts", &self.alerts, token).await?;
        link.insert("deliveries", &self.deliveries, token).await?;
        link.insert("predictions", &self.predictions, token).await?;
        link.insert("outcomes", &self.outcomes, token).await?;
        link.insert("universe", &self.universe, token).await?;
        link.insert("candles", &self.candles, token).await?;
        link.insert("scores", &self.scores, token).await
    }
}

/// Writes batches that stand together. The same batches always have the same token: what the server took before it
/// went down is not taken twice, neither by the tables nor by the views behind them.
pub(super) async fn insert<'a>(
    link: &Link,
    batches: impl Iterator<Item = (u64, &'a HistoryBatch)>,
) -> Result<(), Failure> {
    let mut tables = Tables::default();
    let (mut first, mut last) = (None, 0);
    for (version, batch) in batches {
        tables.add(version, batch);
        first.get_or_insert(version);
        last = version;
    }
    tables.insert(link, &format!("{}-{last}", first.unwrap_or(last))).await
}

/// The spill behind a lock, worked on where blocking is allowed.
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
        let run = move || work(&mut spill.lock().unwrap_or_else(PoisonError::into_inner));
        let done = tokio::task::spawn_blocking(run).await.unwrap_or_else(|e| Err(io::Error::other(e)));
        done.map_err(|e| HistoryError::Unavailable(format!("the history spill cannot be worked on: {e}")))
    }

    /// Writes every spilled batch to the server, oldest first.
    pub(super) async fn replay(&self, link: &Link) -> Result<u64, Failure> {
        let local = |error| Failure { error, gone: false, slow: false };
        let mut rows = 0;
        while let Some(pending) = self.work(Spill::next).await.map_err(local)? {
            insert(link, pending.frames.iter().map(|f| (f.version, &f.batch))).await?;
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
