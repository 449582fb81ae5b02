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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::candle::Candle;
    use crate::domain::symbol::Symbol;
    use crate::domain::time::MINUTE_MS;

    #[test]
    fn a_record_that_differs_is_wanted_anew_and_one_without_a_word_is_not() {
        let candle =
            |minute: i64| Candle { volume: 1.0, filled: false, ..Candle::flat(minute * MINUTE_MS, 1.0) };
        let candles: Vec<Candle> = (0..10).map(candle).collect();
        let now = 10 * MINUTE_MS;
        let mut analysis = SymbolAnalysis::new(Symbol::new("AUSDT"), std::sync::Arc::default());
        analysis.load(&[], &candles, now);
        let tail = Wanted::Tail { from: 2 * MINUTE_MS };
        assert!(analysis.fill(tail, &candles[2..], now) && analysis.wanted(now).is_none());
        // Its row made no sense: an empty minute stands there.
        let mut left_out = candles[2..].to_vec();
        left_out[1] = Candle::flat(3 * MINUTE_MS, 1.0);
        assert!(analysis.fill(tail, &left_out, now) && analysis.wanted(now).is_none());
        let mut other = candles[2..].to_vec();
        other[1].volume = 2.0;
        assert!(!analysis.fill(tail, &other, now));
        assert_eq!(analysis.wanted(now), Some(Wanted::Warmup));
    }
}
