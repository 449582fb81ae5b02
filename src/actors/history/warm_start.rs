//! Candles that an earlier run left in the store: a warm restart asks REST only for what came after them.

use crate::domain::bars::Bars;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::{Interval, MINUTE_MS};
use parking_lot::Mutex;
use std::collections::HashMap;

/// One pair's candles, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct StoredCandles {
    pub bars: Vec<Candle>,
    /// Base candles without a hole.
    pub candles: Vec<Candle>,
}

/// What is needed for a start without a whole warm-up.
#[derive(Debug, Clone, Copy)]
pub struct WarmStartRules {
    pub base: Interval,
    pub bar: Interval,
    /// Base candles that must be there without a hole.
    pub needed_candles: usize,
    /// Bars of a whole warm-up, the live one with them.
    pub whole_bars: i64,
    /// Older newest candles are of no use, base candles: one REST answer must reach from there to now.
    pub max_missing: i64,
}

impl StoredCandles {
    /// The part that a warm start at market time `now` can stand on; `None` when it is too little or too old.
    pub(crate) fn usable(mut self, rules: &WarmStartRules, now: MarketTime) -> Option<Self> {
        let base = rules.base.ms();
        let last = self.candles.last()?.open_time;
        let missing = (now - last).div_euclid(base);
        if !(0..=rules.max_missing).contains(&missing) {
            return None;
        }
        let broken = self.candles.windows(2).rposition(|w| w[1].open_time - w[0].open_time != base);
        let candles = self.candles.split_off(broken.map_or(0, |at| at + 1));
        // The candles that are still to come count as well: they are fetched.
        let enough = candles.len() as i64 + missing >= rules.needed_candles as i64;
        let first = candles.first()?.open_time;
        let before = |bar: &Candle| bar.open_time < first;
        let mut bars: Vec<Candle> = self.bars.into_iter().filter(before).collect();
        let bar = rules.bar.ms();
        let broken = bars.windows(2).rposition(|w| w[1].open_time - w[0].open_time != bar);
        bars.drain(..broken.map_or(0, |at| at + 1));
        let reaches = bars.last().is_some_and(|last| last.open_time + bar >= first - MINUTE_MS * 15);
        // As far back as a whole warm-up, or indicators would begin elsewhere: a retention of few days leaves fewer.
        let live = now.index(bar);
        let begin = Bars::begin(live).max(live + 1 - rules.whole_bars);
        let whole = bars.first().is_some_and(|oldest| oldest.open_time.index(bar) <= begin);
        // Of base candles that are bars themselves a whole warm-up asks no more than what is enough.
        let bars_ok = rules.bar == rules.base || (reaches && whole);
        (enough && bars_ok).then_some(Self { bars, candles })
    }

    /// Joins REST's answer, which begins with the newest kept candle again. `None` when that candle is another one
    /// there: then the store does not hold this market.
    pub(crate) fn join(mut self, answer: &[Candle]) -> Option<Self> {
        // A candle of the answer that was left out says nothing.
        let (kept, first) = (self.candles.last()?, answer.iter().find(|c| !c.filled)?);
        let same = first.open_time == kept.open_time
            && (first.open, first.high, first.low, first.close, first.volume)
                == (kept.open, kept.high, kept.low, kept.close, kept.volume);
        // A minute in which nothing traded may be missing in REST's answer.
        let empty = kept.volume == 0.0 && first.open_time > kept.open_time && first.open > 0.0;
        if !same && !empty {
            return None;
        }
        let newer = answer.iter().filter(|c| c.open_time > kept.open_time).copied().collect::<Vec<_>>();
        self.candles.extend(newer);
        Some(self)
    }
}

/// Filled once, emptied pair by pair.
#[derive(Debug)]
pub struct WarmStart {
    rules: WarmStartRules,
    /// `None` while it is being read. Held for a moment once a pair and start, so that one lock for all is enough.
    pairs: Mutex<Option<HashMap<Symbol, StoredCandles>>>,
}

impl WarmStart {
    pub fn empty(rules: WarmStartRules) -> Self {
        Self { rules, pairs: Mutex::new(Some(HashMap::new())) }
    }

    /// It is being read.
    pub(crate) const fn loading(rules: WarmStartRules) -> Self {
        Self { rules, pairs: Mutex::new(None) }
    }

    /// It was read (or could not be: then nothing was kept).
    pub(crate) fn fill(&self, pairs: HashMap<Symbol, StoredCandles>) {
        *self.pairs.lock() = Some(pairs);
    }

    /// Is it known what was kept.
    pub fn ready(&self) -> bool {
        self.pairs.lock().is_some()
    }

    /// Takes one pair's candles, if a warm start at market time `now` can stand on them. The second time there is
    /// nothing: a pair that lost its window needs the exchange's word.
    pub(crate) fn take(&self, symbol: &Symbol, now: MarketTime) -> Option<StoredCandles> {
        let mut pairs = self.pairs.lock();
        pairs.as_mut()?.remove(symbol)?.usable(&self.rules, now)
    }

    /// The candles were of no use so far: the exchange could not be asked for what came after them.
    pub(crate) fn give_back(&self, symbol: &Symbol, kept: StoredCandles) {
        if let Some(pairs) = self.pairs.lock().as_mut() {
            pairs.insert(symbol.clone(), kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    const RULES: WarmStartRules = WarmStartRules {
        base: Interval::M1,
        bar: Interval::M15,
        needed_candles: 100,
        whole_bars: 1_000,
        max_missing: 900,
    };

    fn candles(interval: Interval, from: i64, count: i64) -> Vec<Candle> {
        let candle = |i| Candle {
            volume: 1.0,
            filled: false,
            ..Candle::flat(MarketTime::from_index(i, interval.ms()), 1.0 + i as f64)
        };
        (from..from + count).map(candle).collect()
    }

    /// Index of the first bar: its minutes are 15 times as many. Another index of values begins there.
    const FIRST: i64 = 1_000;
    /// Beside the bars that are kept.
    const CANDLES: i64 = (FIRST + 510) * 15;
    const NOW: i64 = (CANDLES + 121) * 60_000;

    fn kept() -> StoredCandles {
        StoredCandles {
            bars: candles(Interval::M15, FIRST, 510),
            candles: candles(Interval::M1, CANDLES, 120),
        }
    }

    #[test]
    fn enough_recent_and_without_a_hole() {
        let now = NOW;
        assert_eq!(kept().usable(&RULES, at(now)), Some(kept()));
        assert_eq!(kept().usable(&RULES, at(now + 900 * 60_000)), None, "too old");
        assert_eq!(kept().usable(&RULES, at(NOW - 71 * 60_000)), None, "of the future");
        let mut holed = kept();
        holed.candles.remove(60);
        assert_eq!(holed.usable(&RULES, at(now)), None, "59 candles after the hole");
        let mut early = kept();
        early.candles.remove(5);
        assert_eq!(early.usable(&RULES, at(now)).map(|k| k.candles.len()), Some(114));
        let bare = StoredCandles { bars: Vec::new(), ..kept() };
        assert_eq!(bare.usable(&RULES, at(now)), None);
        let mut few = kept();
        few.bars.remove(0);
        assert_eq!(
            few.usable(&RULES, at(now)),
            None,
            "values would begin a bar later than those of a whole warm-up"
        );
        let mut holed = kept();
        holed.bars.remove(1);
        assert_eq!(holed.usable(&RULES, at(now)), None, "bars behind a hole count alone");
        let alone = WarmStartRules { base: Interval::M15, needed_candles: 97, ..RULES };
        let candles = StoredCandles { bars: Vec::new(), candles: candles(Interval::M15, FIRST, 108) };
        let soon = at((FIRST + 109) * 15 * 60_000);
        assert_eq!(candles.clone().usable(&alone, soon), Some(candles), "bars that are base candles");
        let rules = WarmStartRules { whole_bars: 518, ..RULES };
        let mut few = kept();
        few.bars.remove(0);
        assert!(few.usable(&rules, at(now)).is_some(), "which has no more");
    }

    #[test]
    fn the_overlap_must_agree() {
        let answer = candles(Interval::M1, CANDLES + 119, 4);
        let joined = kept().join(&answer).unwrap();
        assert_eq!((joined.candles.len(), joined.candles.last().copied()), (123, answer.last().copied()));
        let mut other = answer;
        other[0].close = 7.0;
        assert_eq!(kept().join(&other), None);
        assert_eq!(kept().join(&[]), None);
        // The kept candle traded nothing, and its row in the answer makes no sense.
        let mut quiet = kept();
        quiet.candles[119].volume = 0.0;
        let answer =
            [vec![Candle::flat(at((CANDLES + 119) * 60_000), 1.0)], candles(Interval::M1, CANDLES + 120, 3)]
                .concat();
        assert_eq!(quiet.join(&answer).map(|joined| joined.candles.len()), Some(123));
    }

    #[test]
    fn each_pair_is_given_once() {
        let history = WarmStart::loading(RULES);
        let symbol = Symbol::new("AUSDT");
        assert!(!history.ready() && history.take(&symbol, at(NOW)).is_none());
        history.fill([(symbol.clone(), kept())].into());
        assert!(history.ready());
        assert!(history.take(&symbol, at(NOW)).is_some());
        assert!(history.take(&symbol, at(NOW)).is_none());
        history.give_back(&symbol, kept());
        assert_eq!(history.take(&symbol, at(NOW)), Some(kept()));
    }
}
