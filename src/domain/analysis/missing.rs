//! What a pair's candles lack, and what REST must be asked for it.

use super::pending::Held;
use super::{SymbolAnalysis, Wanted};
use crate::domain::duration::Millis;
use crate::domain::moment::MarketTime;

/// A longer hole is answered by a new warm-up, base candles: from here on filling costs as many requests as starting anew.
const MAX_RANGE: i64 = 500;

impl SymbolAnalysis {
    /// The first hole or lost close of `visible`: last known good open time, first known after, which is the same where
    /// nothing came after. A lost close counts once its grace has passed at `now`; `missing_late` holds missing candles to the
    /// same. The newest candle has lost its close if REST alone knows it: the stream began after its end.
    pub(super) fn hole(
        &self,
        visible: &[Held],
        now: MarketTime,
        missing_late: bool,
    ) -> Option<(MarketTime, MarketTime)> {
        let base = self.config.base.ms();
        let late = |open: MarketTime| now >= open + base + self.config.close_grace.ms();
        let mut next = self.window.next_open();
        for (at, held) in visible.iter().enumerate() {
            let open = held.candle.open_time;
            if let Some(next) = next
                && next != open
                && (!missing_late || late(open - base))
            {
                return Some((next - base, open));
            }
            if !held.candle.closed && late(open) {
                match visible.get(at + 1) {
                    Some(after) => return Some((open, after.candle.open_time)),
                    None if !held.streamed && held.candle.volume > 0.0 => return Some((open, open)),
                    None => {}
                }
            }
            next = Some(open + base);
        }
        None
    }

    /// Open time of a candle that may not have been whole when REST gave it, once something newer is known that REST can be asked
    /// for with it.
    pub(crate) fn doubted(&self) -> Option<MarketTime> {
        self.doubted.filter(|doubted| self.last_open_time().is_some_and(|newest| newest > *doubted))
    }

    /// What REST must be asked at market time `now`; `None` when nothing, or when the pair is not TRADING.
    pub fn wanted(&self, now: MarketTime) -> Option<Wanted> {
        if !self.trading {
            return None;
        }
        if !self.loaded {
            return Some(Wanted::Warmup);
        }
        let longest = MAX_RANGE * self.config.base.ms();
        if let Some((from, to)) = self.hole(self.pending.held(), now, true) {
            return Some(match to - from {
                // What follows is asked for with it: a newer candle is what shows the last one to be final.
                0 => Wanted::Tail { from },
                length if length > longest => Wanted::Warmup,
                _ => Wanted::Range { from, to },
            });
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

    const fn at(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    #[test]
    fn a_close_before_the_stream_began_is_lost_and_asked_for() {
        let row = |minute: i64, volume, closed| Candle {
            volume,
            closed,
            filled: false,
            ..Candle::flat(at(minute * MINUTE_MS), 1.0)
        };
        let mut analysis = SymbolAnalysis::new(Symbol::new("AUSDT"), std::sync::Arc::default());
        let (end, late) = (2 * MINUTE_MS, 2 * MINUTE_MS + 2_000);
        analysis.load(&[], &[row(0, 3.0, true), row(1, 1.0, false)], at(end - 300));
        let gap = |a: &SymbolAnalysis, now| {
            a.readiness(at(end), now).reason == Some(crate::domain::report::NotReady::Gap)
        };
        assert_eq!((analysis.awaits_close(), analysis.wanted(at(end))), (Some(at(MINUTE_MS)), None));
        assert!(!gap(&analysis, at(late - 1)) && gap(&analysis, at(late)));
        let tail = Wanted::Tail { from: at(MINUTE_MS) };
        assert_eq!(analysis.wanted(at(late)), Some(tail));
        // Nothing traded: no close is to come, and none is lost.
        let mut quiet = SymbolAnalysis::new(Symbol::new("AUSDT"), std::sync::Arc::default());
        quiet.load(&[], &[row(0, 3.0, true), row(1, 0.0, false)], at(end - 300));
        assert!(quiet.awaits_close().is_none() && !gap(&quiet, at(late)) && quiet.wanted(at(late)).is_none());
        // The stream spoke in time: its close is on the way.
        let mut heard = analysis.clone();
        heard.apply(row(1, 1.0, false), at(end - 400));
        assert!(!gap(&heard, at(late)) && heard.wanted(at(late)).is_none());
        analysis.fill(tail, &[row(1, 2.0, true), row(2, 0.0, false)], at(late + 100));
        assert!(!gap(&analysis, at(late + 200)) && analysis.wanted(at(late + 200)).is_none());
    }

    #[test]
    fn a_record_that_differs_is_wanted_anew_and_one_without_a_word_is_not() {
        let candle =
            |minute: i64| Candle { volume: 1.0, filled: false, ..Candle::flat(at(minute * MINUTE_MS), 1.0) };
        let candles: Vec<Candle> = (0..10).map(candle).collect();
        let now = 10 * MINUTE_MS;
        let mut analysis = SymbolAnalysis::new(Symbol::new("AUSDT"), std::sync::Arc::default());
        analysis.load(&[], &candles, at(now));
        let tail = Wanted::Tail { from: at(2 * MINUTE_MS) };
        assert!(analysis.fill(tail, &candles[2..], at(now)) && analysis.wanted(at(now)).is_none());
        // Its row made no sense: an empty minute stands there.
        let mut left_out = candles[2..].to_vec();
        left_out[1] = Candle::flat(at(3 * MINUTE_MS), 1.0);
        assert!(analysis.fill(tail, &left_out, at(now)) && analysis.wanted(at(now)).is_none());
        let mut other = candles[2..].to_vec();
        other[1].volume = 2.0;
        assert!(!analysis.fill(tail, &other, at(now)));
        assert_eq!(analysis.wanted(at(now)), Some(Wanted::Warmup));
    }
}
