//! Candles of an outage: what predictions still need and neither window nor store has is asked of the exchange, once a pair.

use crate::domain::candle::Candle;
use crate::domain::moment::{MarketTime, MonoTime};
use crate::domain::symbol::Symbol;
use std::collections::BTreeMap;

/// An unanswered question is asked again after so long, ms of machine time. Such questions rank last in the REST queue and
/// may wait behind a warm-up.
const AGAIN_MS: i64 = 10 * 60_000;
/// An answer is in the store after so long, ms of machine time. The history writes each second and tries again after a few.
const WRITTEN_MS: i64 = 30_000;
/// An answer counts for so long, ms of machine time. Then it is asked once more: the exchange may have mended its own hole.
const GOOD_MS: i64 = 60 * 60_000;

/// What is known of a pair's missing candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Nothing,
    /// The answer is under way, or on its way to the store.
    Waiting,
    /// The exchange was asked, and has none from there on.
    NotThere,
}

#[derive(Debug, Clone, Copy)]
struct Answer {
    from: MarketTime,
    to: MarketTime,
    at: MonoTime,
}

/// Questions under way and their answers. `mono`: machine time.
#[derive(Debug, Default)]
pub(super) struct Past {
    asked: BTreeMap<Symbol, MonoTime>,
    answered: BTreeMap<Symbol, Answer>,
}

impl Past {
    pub(super) fn known(&self, symbol: &Symbol, missing: MarketTime, mono: MonoTime) -> Known {
        if self.asked.get(symbol).is_some_and(|at| mono - *at < AGAIN_MS) {
            return Known::Waiting;
        }
        match self.answered.get(symbol) {
            Some(a) if mono - a.at < WRITTEN_MS => Known::Waiting,
            Some(a) if mono - a.at < GOOD_MS && (a.from..=a.to).contains(&missing) => Known::NotThere,
            _ => Known::Nothing,
        }
    }

    pub(super) fn ask(&mut self, symbol: &Symbol, mono: MonoTime) {
        self.asked.insert(symbol.clone(), mono);
    }

    pub(super) fn answer(&mut self, symbol: &Symbol, (from, to): (MarketTime, MarketTime), at: MonoTime) {
        self.asked.remove(symbol);
        self.answered.retain(|_, a| at - a.at < GOOD_MS);
        self.answered.insert(symbol.clone(), Answer { from, to, at });
    }
}

/// Closed candles as a series: what the exchange left out between two of them was a minute without a trade.
pub(super) fn whole(candles: &[Candle], base_ms: i64) -> Vec<Candle> {
    let mut series: Vec<Candle> = Vec::with_capacity(candles.len());
    for candle in candles.iter().filter(|c| c.closed) {
        if let Some(before) = series.last().copied() {
            let first = before.open_time + base_ms;
            let empty = first.steps(base_ms, candle.open_time);
            series.extend(empty.map(|open| Candle::flat(open, before.close)));
        }
        series.push(*candle);
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn market(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    const fn at(ms: i64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    #[test]
    fn asked_once_and_believed_once_it_is_written() {
        let (mut past, a) = (Past::default(), Symbol::new("AUSDT"));
        assert_eq!(past.known(&a, market(500), at(0)), Known::Nothing);
        past.ask(&a, at(0));
        assert_eq!(past.known(&a, market(500), at(AGAIN_MS - 1)), Known::Waiting);
        assert_eq!(past.known(&a, market(500), at(AGAIN_MS)), Known::Nothing, "nobody answered: again");
        past.answer(&a, (market(400), market(900)), at(1_000));
        assert_eq!(past.known(&a, market(500), at(2_000)), Known::Waiting, "on its way to the store");
        let later = 1_000 + WRITTEN_MS;
        assert_eq!(past.known(&a, market(500), at(later)), Known::NotThere);
        assert_eq!(past.known(&a, market(901), at(later)), Known::Nothing, "that was not asked");
        assert_eq!(past.known(&a, market(500), at(1_000 + GOOD_MS)), Known::Nothing);
    }

    #[test]
    fn minutes_between_two_candles_were_empty() {
        let candle = |open_time, closed| Candle {
            open_time,
            open: 1.0,
            high: 3.0,
            low: 1.0,
            close: 2.0,
            volume: 1.0,
            quote_volume: 1.0,
            closed,
            filled: false,
        };
        let series = whole(&[candle(market(0), true), candle(market(3), true), candle(market(4), false)], 1);
        let times: Vec<i64> = series.iter().map(|c| c.open_time.ms()).collect();
        assert_eq!(times, [0, 1, 2, 3], "the open one is left out");
        assert!(series[1].filled && series[1].high == 2.0 && !series[3].filled);
    }
}
