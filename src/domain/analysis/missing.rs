//! What a pair's candles lack, and what REST must be asked for it.

use super::pending::Held;
use super::{SymbolAnalysis, Wanted};
use crate::domain::duration::Millis;
use crate::domain::time::UtcMs;

/// A longer hole is answered by a new warm-up, base candles: from here on filling costs as many requests as starting anew.
const MAX_RANGE: i64 = 500;

impl SymbolAnalysis {
    /// The first hole or lost close before the live candle of `visible`: last known good open time, first known after.
    /// A lost close counts once its grace has passed at `now`; `missing_late` holds missing candles to the same.
    pub(super) fn hole(&self, visible: &[Held], now: UtcMs, missing_late: bool) -> Option<(UtcMs, UtcMs)> {
        let base = self.config.base.ms();
        let late = |open: UtcMs| now >= open + base + self.config.close_grace.ms();
        let mut next = self.window.next_open();
        for (at, held) in visible.iter().enumerate() {
            let open = held.candle.open_time;
            if let Some(next) = next
                && next != open
                && (!missing_late || late(open - base))
            {
                return Some((next - base, open));
            }
            let after = visible.get(at + 1);
            if !held.candle.closed
                && late(open)
                && let Some(after) = after
            {
                return Some((open, after.candle.open_time));
            }
            next = Some(open + base);
        }
        None
    }

    /// What REST must be asked at market time `now`; `None` when nothing, or when the pair is not TRADING.
    pub fn wanted(&self, now: UtcMs) -> Option<Wanted> {
        if !self.trading {
            return None;
        }
        if !self.loaded {
            return Some(Wanted::Warmup);
        }
        let longest = MAX_RANGE * self.config.base.ms();
        if let Some((from, to)) = self.hole(self.pending.held(), now, true) {
            return Some(if to - from > longest { Wanted::Warmup } else { Wanted::Range { from, to } });
        }
        let silent = self.news.is_none_or(|news| now - news >= self.config.rest_refresh_after.ms());
        let Some(from) = self.last_open_time() else { return silent.then_some(Wanted::Warmup) };
        silent.then_some(if now - from > longest { Wanted::Warmup } else { Wanted::Tail { from } })
    }
}
