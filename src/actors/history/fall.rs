//! What the history holds of a market time that was wrong and came down.

use super::HistoryWriter;
use crate::actors::ports::history::{HistoryBatch, HistoryError, Span, Voided};
use crate::domain::time::UtcMs;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};

impl HistoryWriter {
    /// A cycle came. They come in order, so an earlier cut than the one before is of a market time that came down.
    pub(super) fn follow(&mut self, as_of: UtcMs) {
        if as_of < self.newest {
            // What was judged meanwhile may be of a later moment than the last cut.
            let from = self.common.clocks.fall().map_or(self.newest, |fall| fall.from.max(self.newest));
            self.ahead_to = self.ahead_to.max(Some(from + 1));
        }
        self.newest = as_of;
    }

    /// Removes what lies ahead, from the rows that wait and from the store. Before anything else is written: nothing that
    /// comes after it is ahead.
    pub(super) fn void_ahead(&mut self, to: UtcMs, ctx: &mut Context<Self>) {
        let span = Span { from: self.common.clocks.now() + 1, to };
        self.waiting.scores.retain(|score| score.as_of < span.from);
        self.waiting.candles.retain(|row| row.candle.open_time + row.interval.ms() < span.from);
        // As a write of nothing: no other one comes beside it.
        self.under_way = Some(HistoryBatch::default());
        self.begun = self.common.clocks.mono_time();
        let voided = self.setup.store.void_ahead(span);
        ctx.spawn(voided.into_actor(self).map(|result, writer, ctx| writer.voided(result, ctx)));
    }

    fn voided(&mut self, result: Result<Voided, HistoryError>, ctx: &mut Context<Self>) {
        self.under_way = None;
        match result {
            Ok(Voided { scores, candles, outcomes }) => {
                self.ahead_to = None;
                tracing::warn!(
                    scores,
                    candles,
                    outcomes,
                    "market time came down: scores and candles ahead of it are removed, outcomes are void"
                );
                self.write(ctx);
            }
            Err(error) => self.failed(&error),
        }
    }
}
