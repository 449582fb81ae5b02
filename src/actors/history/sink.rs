//! Where rows for the history go, and candles for read-only nodes.

use crate::actors::mailbox::Outlet;
use crate::actors::messages::HistoryRows;
use crate::actors::ports::history::HistoryBatch;

/// The takers of rows; `None` where nothing is kept or published.
#[derive(Clone, Default)]
pub(crate) struct RowSink {
    pub(crate) history: Option<Outlet<HistoryRows>>,
    pub(crate) redis: Option<Outlet<HistoryRows>>,
}

impl RowSink {
    pub(crate) fn keep(&self, batch: HistoryBatch) {
        if let Some(redis) = self.redis.as_ref().filter(|_| !batch.candles.is_empty()) {
            let candles = HistoryBatch { candles: batch.candles.clone(), ..HistoryBatch::default() };
            redis.send(HistoryRows(candles));
        }
        if let Some(history) = self.history.as_ref().filter(|_| !batch.is_empty()) {
            history.send(HistoryRows(batch));
        }
    }

    /// Does anybody want final candles.
    pub(crate) const fn wants_candles(&self) -> bool {
        self.history.is_some() || self.redis.is_some()
    }
}
