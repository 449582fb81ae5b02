//! Predictions made of a market time that was wrong and came down, in this run or while none ran.

use super::Tracker;
use crate::actors::ports::history::{MARKET_TIME_FELL, OutcomeRow};
use crate::domain::moment::MarketTime;

/// Predictions voided in one transaction: all pairs' of some full hours.
const AT_ONCE: usize = 5_000;

impl Tracker {
    /// Voids open predictions that lie ahead of market time. No true one does, so it is looked for them until market time is
    /// where it had been: some come late from readers that are behind, and the state may take nothing at the moment.
    pub(super) fn void_ahead(&mut self) {
        let clocks = &self.common.clocks;
        let now = clocks.now();
        if now == MarketTime::EPOCH {
            return;
        }
        self.fell = self.falls.take(clocks).or(self.fell);
        self.fell = self.fell.filter(|fall| fall.from > now);
        if let Some(fall) = self.fell {
            self.void_opened(now, fall.from);
        }
        if !self.start_looked {
            // Nobody saw the time come down that an earlier run had: it may be this one that is wrong, and behind.
            let later = self.common.clocks.later();
            self.start_looked = self.void_opened(later, MarketTime::MAX);
        }
    }

    /// True once there is none.
    fn void_opened(&mut self, after: MarketTime, until: MarketTime) -> bool {
        let ahead = match self.setup.state.predictions_opened(after, until, AT_ONCE) {
            Ok(ahead) => ahead,
            Err(error) => {
                self.common.drops.add("predictions_read");
                tracing::warn!(%error, "predictions ahead of market time cannot be read; it is tried again");
                return false;
            }
        };
        if ahead.is_empty() {
            return true;
        }
        let now = self.common.clocks.now();
        let keys: Vec<String> = ahead.iter().map(|p| p.key.clone()).collect();
        let void = ahead.into_iter().map(|p| OutcomeRow {
            key: p.key,
            symbol: p.symbol,
            opened_at: p.opened_at,
            resolved_at: now,
            hit_4h: None,
            hit_24h: None,
            minutes_to_hit: None,
            greatest_rise_pct: 0.0,
            deepest_fall_pct: 0.0,
            void: Some(MARKET_TIME_FELL.to_owned()),
        });
        if self.judged(void.collect(), (&[], &keys), now) {
            tracing::warn!(
                predictions = keys.len(),
                "predictions made of a market time that was wrong are void"
            );
        }
        false
    }
}
