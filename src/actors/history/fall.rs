//! What the history holds of a market time that was wrong and came down, in this run or while none ran.

use super::HistoryWriter;
use crate::actors::ports::history::{HistoryBatch, HistoryError, Span, Voided};
use crate::domain::moment::MarketTime;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};

/// An earlier run may have ended while market time was wrong, however far.
const ANY: MarketTime = MarketTime::MAX;

impl HistoryWriter {
    /// A cycle came. They come in order, so an earlier cut than the one before is of a market time that came down.
    pub(super) fn follow(&mut self, as_of: MarketTime) {
        if self.newest == MarketTime::MIN {
            self.ahead_to = Some(ANY);
        } else if as_of < self.newest {
            // What was judged meanwhile may be of a later moment than the last cut.
            let from = self.common.clocks.fall().map_or(self.newest, |fall| fall.from.max(self.newest));
            self.ahead_to = self.ahead_to.max(Some(from + 1));
        }
        self.newest = as_of;
    }

    /// Removes what lies ahead, from the rows that wait and from the store. Before anything else is written: nothing that
    /// comes after it is ahead.
    pub(super) fn void_ahead(&mut self, to: MarketTime, ctx: &mut Context<Self>) {
        let clocks = &self.common.clocks;
        // Nobody saw the time come down that an earlier run had: it may be this one that is wrong, and behind.
        let now = if to == ANY { clocks.later() } else { clocks.now() };
        let span = Span { from: now + 1, to };
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
                if scores + candles + outcomes > 0 {
                    tracing::warn!(
                        scores,
                        candles,
                        outcomes,
                        "market time came down: scores and candles ahead of it are removed, outcomes are void"
                    );
                }
                self.write(ctx);
            }
            Err(error) => self.failed(&error),
        }
    }
}
