//! A pair's answers at a cut: its report, and BTC's part of the cycle.

use super::SymbolAnalysis;
use super::btc::{self, BtcContext};
use super::window::Window;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::report::{Analysis, Report};
use std::sync::Arc;

impl SymbolAnalysis {
    /// BTC's part of the cycle, on the analysis of BTCUSDT.
    pub fn btc_context(&mut self, as_of: MarketTime, now: MarketTime) -> BtcContext {
        if self.readiness(as_of, now).reason.is_some() {
            return BtcContext::unavailable();
        }
        let context = self.at_cut(as_of, |window, live, _| BtcContext {
            analyzable: true,
            change_pct: window.change_over(live, btc::CHANGE_MIN),
            returns: window.returns(),
            hours: window.hour_returns(),
        });
        context.unwrap_or_else(BtcContext::unavailable)
    }

    /// The pair's report at the cut `as_of`, at market time `now`. Candles that open at `as_of` or later have no part in it.
    pub fn report(&mut self, as_of: MarketTime, now: MarketTime, btc: &BtcContext) -> Report {
        let readiness = self.readiness(as_of, now);
        let analysis = if readiness.reason.is_none() {
            self.scores(as_of, btc)
        } else {
            // A pair that is too young to be scored has candles all the same, and what it said under a wrong market time must
            // be replaced in the history.
            self.trim();
            None
        };
        Report { symbol: self.symbol.clone(), readiness, analysis: analysis.map(Arc::new) }
    }

    fn scores(&mut self, as_of: MarketTime, btc: &BtcContext) -> Option<Analysis> {
        let config = Arc::clone(&self.config);
        let is_btc = self.symbol.as_str() == btc::BTC;
        self.at_cut(as_of, |window, live, reach| window.analyze(live, reach.min(as_of), &config, is_btc, btc))
    }

    /// Commits up to the live candle of the cut and hands both over, with the moment up to which the pair is known. What may
    /// still change is committed to a copy that is dropped: candles whose close may come, and minutes that are over without
    /// a word. A pair that does not trade sends nothing, while REST names its empty minutes: the windows end at the cut either
    /// way, or the same pair would have another volume in a scanner that was just filled.
    fn at_cut<T>(
        &mut self,
        as_of: MarketTime,
        read: impl FnOnce(&mut Window, &Candle, MarketTime) -> T,
    ) -> Option<T> {
        let base = self.config.base.ms();
        let known = *self.visible(as_of).last()?;
        let Candle { open_time, close, .. } = known.candle;
        let reach = if known.candle.closed { open_time + base } else { known.event_time };
        self.commit_before(open_time);
        let unfinished = self.visible(open_time);
        let over = self.config.base.floor(as_of) - base;
        if unfinished.is_empty() && open_time >= over {
            return Some(read(&mut self.window, &known.candle, reach));
        }
        let mut copy = self.window.clone();
        unfinished.iter().for_each(|held| copy.commit(&held.candle));
        let mut live = known.candle;
        while live.open_time < over {
            copy.commit(&live);
            live = Candle::flat(live.open_time + base, close);
        }
        Some(read(&mut copy, &live, reach))
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::analysis::{BtcContext, SymbolAnalysis};
    use crate::domain::candle::Candle;
    use crate::domain::moment::MarketTime;
    use crate::domain::report::NotReady;
    use crate::domain::symbol::Symbol;
    use crate::domain::time::MINUTE_MS;
    use std::sync::Arc;

    #[test]
    fn a_pair_too_young_to_be_scored_hands_its_candles_over() {
        let candle = |minute: i64| Candle {
            volume: 1.0,
            filled: false,
            ..Candle::flat(MarketTime::from_index(minute, MINUTE_MS), 1.0)
        };
        let mut young = SymbolAnalysis::new(Symbol::new("AUSDT"), Arc::default());
        young.record();
        young.load(&[], &(0..10).map(candle).collect::<Vec<_>>(), MarketTime::from_index(10, MINUTE_MS));
        let handed = |young: &mut SymbolAnalysis| {
            young.take_recorded().0.iter().map(|c| c.open_time.index(MINUTE_MS)).collect::<Vec<_>>()
        };
        assert_eq!(handed(&mut young), (0..7).collect::<Vec<_>>());
        for minute in 10..13 {
            let end = MarketTime::from_index(minute + 1, MINUTE_MS);
            young.apply(candle(minute), end);
            let report = young.report(end, end, &BtcContext::unavailable());
            assert_eq!(report.readiness.reason, Some(NotReady::WarmingUp));
        }
        assert_eq!(handed(&mut young), (7..10).collect::<Vec<_>>());
    }
}
