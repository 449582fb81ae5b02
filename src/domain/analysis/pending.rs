//! Candles that are not committed yet: the live one, those without a close, and those behind a hole.

use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;

/// Most candles that wait: two hours of minutes, far more than REST takes to fill a hole. When full, the oldest leaves and is
/// counted: the hole before it grows and is asked for again.
pub(crate) const MAX_PENDING: usize = 128;

/// A candle and the event time it came with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Held {
    pub(crate) candle: Candle,
    /// Event time of its newest update.
    pub(crate) event_time: MarketTime,
    /// The stream spoke of it, so that its close will come there, too.
    pub(crate) streamed: bool,
}

/// What became of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merged {
    Taken,
    /// The candle was final already.
    Duplicate,
    /// Older than what is known.
    Older,
}

/// Candles by open time, each once, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pending {
    held: Vec<Held>,
}

impl Pending {
    pub(crate) fn held(&self) -> &[Held] {
        &self.held
    }

    /// Puts a candle in its place. A final candle stays as it is; an open one yields to a newer event or its close.
    pub(crate) fn merge(&mut self, new: Held) -> Merged {
        let open_time = new.candle.open_time;
        match self.held.binary_search_by_key(&open_time, |h| h.candle.open_time) {
            Err(at) => self.held.insert(at, new),
            Ok(at) => {
                let old = &mut self.held[at];
                old.streamed |= new.streamed;
                // What the exchange sent beats what its REST answer left out.
                let guessed = old.candle.filled && !new.candle.filled;
                if old.candle.closed && !guessed {
                    return Merged::Duplicate;
                }
                // An unfinished candle of a minute whose close was lost would keep the pair waiting for as long as REST has
                // no sound entry of it.
                if guessed && !new.candle.closed {
                    return Merged::Older;
                }
                if !new.candle.closed {
                    // Volume only grows. An answer of REST has the time of its arrival, and may still be older than an
                    // event that came while it was under way.
                    if new.event_time < old.event_time && new.candle.volume <= old.candle.volume {
                        return Merged::Older;
                    }
                    if new == *old {
                        return Merged::Duplicate;
                    }
                }
                let (event_time, streamed) = (new.event_time.max(old.event_time), old.streamed);
                *old = Held { event_time, streamed, ..new };
            }
        }
        Merged::Taken
    }

    /// Has the stream brought the close of this candle.
    pub(crate) fn has_close_of(&self, open_time: MarketTime) -> bool {
        let close = |h: &Held| h.streamed && h.candle.closed && !h.candle.filled;
        self.held.iter().any(|h| h.candle.open_time == open_time && close(h))
    }

    pub(crate) fn drop_one(&mut self, open_time: MarketTime) {
        self.held.retain(|h| h.candle.open_time != open_time);
    }

    /// Lets go of the oldest `count`, all at once: one by one a long history would be moved as often as it has candles. Its
    /// room goes with it: 26 hours of each of 500 pairs are 60 MB.
    pub(crate) fn drop_first(&mut self, count: usize) {
        self.held.drain(..count.min(self.held.len()));
        self.held.shrink_to(MAX_PENDING);
    }

    pub(crate) fn drop_before(&mut self, open_time: MarketTime) {
        self.held.retain(|h| h.candle.open_time >= open_time);
    }

    pub(crate) fn extend_sorted(&mut self, held: Vec<Held>) {
        self.held.extend(held);
    }

    pub(crate) fn take_all(&mut self) -> Vec<Held> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::analysis::{Applied, SymbolAnalysis};
    use crate::domain::symbol::Symbol;
    use crate::domain::time::MINUTE_MS;

    const fn market(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    #[test]
    fn the_room_of_a_long_history_is_given_back() {
        let mut analysis = SymbolAnalysis::new(Symbol::new("AUSDT"), std::sync::Arc::default());
        let candles: Vec<Candle> =
            (0..1_560).map(|minute| Candle::flat(market(minute * MINUTE_MS), 1.0)).collect();
        analysis.load(&[], &candles, market(1_560 * MINUTE_MS));
        assert!((1..=MAX_PENDING).contains(&analysis.pending.held.capacity()));
    }

    #[test]
    fn an_answer_that_was_under_way_does_not_take_back_what_the_stream_brought_since() {
        let minute =
            |volume, closed| Candle { volume, closed, filled: false, ..Candle::flat(market(0), 1.0) };
        let mut analysis = SymbolAnalysis::new(Symbol::new("AUSDT"), std::sync::Arc::default());
        assert_eq!(analysis.apply(minute(5.0, false), market(20_000)), Applied::Updated);
        // Asked for at 10 s, it arrives at 25 s.
        analysis.load(&[], &[minute(2.0, false)], market(25_000));
        let volume = |a: &SymbolAnalysis| a.pending.held()[0].candle.volume;
        assert_eq!(volume(&analysis), 5.0);
        // REST may know more, too: the stream speaks every two seconds only.
        analysis.load(&[], &[minute(6.0, false)], market(26_000));
        assert_eq!(volume(&analysis), 6.0);
        assert_eq!(analysis.apply(minute(5.5, false), market(24_000)), Applied::Stale, "out of order");
        assert_eq!(analysis.apply(minute(7.0, true), market(60_000)), Applied::Closed);
        analysis.load(&[], &[minute(6.5, false)], market(60_100));
        assert_eq!((volume(&analysis), analysis.awaits_close()), (7.0, None));
    }

    #[test]
    fn a_lost_close_of_which_rest_makes_no_sense_keeps_no_pair_waiting() {
        let candle = |minute: i64, volume, closed| Candle {
            volume,
            closed,
            filled: false,
            ..Candle::flat(market(minute * MINUTE_MS), 1.0)
        };
        let mut analysis = SymbolAnalysis::new(Symbol::new("AUSDT"), std::sync::Arc::default());
        analysis.load(&[], &[candle(0, 1.0, true)], market(MINUTE_MS));
        analysis.apply(candle(1, 2.0, false), market(MINUTE_MS + 50_000));
        analysis.apply(candle(2, 1.0, false), market(2 * MINUTE_MS + 10_000));
        let now = market(2 * MINUTE_MS + 11_000);
        let wanted = analysis.wanted(now).unwrap();
        // The entry of minute 1 made no sense.
        let answer = [candle(0, 1.0, true), Candle::flat(market(MINUTE_MS), 1.0), candle(2, 1.0, false)];
        analysis.fill(wanted, &answer, now);
        assert_eq!(analysis.wanted(now), None);
        // Its close is the better word whenever it comes.
        assert_eq!(analysis.apply(candle(1, 3.0, true), market(2 * MINUTE_MS + 12_000)), Applied::Closed);
    }

    #[test]
    fn behind_a_hole_the_oldest_leave_and_are_counted() {
        let mut analysis = SymbolAnalysis::new(Symbol::new("AUSDT"), std::sync::Arc::default());
        analysis.load(&[], &[Candle::flat(market(0), 1.0)], market(MINUTE_MS));
        let beyond = 5;
        // The candle of minute 1 never comes.
        for minute in 2..2 + MAX_PENDING as i64 + beyond {
            let candle = Candle::flat(market(minute * MINUTE_MS), 1.0);
            let applied = analysis.apply(candle, candle.open_time + MINUTE_MS);
            assert!(matches!(applied, Applied::Gap | Applied::Closed), "{applied:?}");
        }
        assert_eq!((analysis.take_dropped(), analysis.take_dropped()), (beyond as u64, 0));
    }
}
