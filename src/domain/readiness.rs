//! Whether a pair can be analysed: the order of the reasons, and trading pauses.

use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::report::{NotReady, Readiness};
use crate::domain::time::DAY_MS;

/// Bars a pair must have, the live one included: 97 closed ones are needed for the correlation with BTC.
pub(crate) const NEEDED_BARS: usize = 100;
/// A run of confirmed empty candles longer than this is a trading pause, minutes: thin pairs are silent for minutes, not
/// for an hour.
pub(crate) const PAUSE_AFTER_MIN: i64 = 60;
/// A pause ends after this much trading, minutes: the velocity looks an hour back and may not look across the pause.
pub(crate) const PAUSE_ENDS_AFTER_MIN: i64 = 60;

/// Watches the candles in order for a trading pause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pause {
    filled_min: i64,
    traded_min: i64,
    paused: bool,
}

impl Pause {
    /// Takes the next candle of `minutes` length.
    pub(crate) const fn push(&mut self, filled: bool, minutes: i64) {
        if filled {
            self.filled_min += minutes;
            if self.filled_min > PAUSE_AFTER_MIN {
                self.paused = true;
                self.traded_min = 0;
            }
        } else {
            self.filled_min = 0;
            self.traded_min += minutes;
            if self.traded_min >= PAUSE_ENDS_AFTER_MIN {
                self.paused = false;
            }
        }
    }

    /// In a pause, or within 60 minutes of trading after one.
    pub(crate) const fn paused(&self) -> bool {
        self.paused
    }
}

/// Watches for a jump of the price across a pause in trading.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PauseJump {
    filled_min: i64,
    last_close: Option<f64>,
    jumped_at: Option<MarketTime>,
}

impl PauseJump {
    /// Takes the next candle of `minutes` length. After a run of confirmed empty candles of at least `pause_min` a
    /// change of at least `jump_pct` (against the close before the pause) is remembered.
    pub fn push(&mut self, candle: &Candle, minutes: i64, pause_min: i64, jump_pct: f64) {
        if candle.filled {
            self.filled_min += minutes;
            return;
        }
        if let Some(before) = self.last_close
            && self.filled_min >= pause_min
            && before > 0.0
        {
            let farthest = (candle.high / before - 1.0).abs().max((candle.low / before - 1.0).abs());
            if farthest * 100.0 >= jump_pct {
                self.jumped_at = Some(candle.open_time);
            }
        }
        self.filled_min = 0;
        self.last_close = Some(candle.close);
    }

    /// Was there such a jump within the 24 h before `now`.
    pub(crate) fn within_a_day(&self, now: MarketTime) -> bool {
        self.jumped_at.is_some_and(|at| now - at < DAY_MS)
    }
}

/// What readiness is decided from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub trading: bool,
    /// The warm-up answer came.
    pub loaded: bool,
    /// A hole, or a close that did not come in time, stands before the live candle.
    pub gap: bool,
    /// In a trading pause.
    pub paused: bool,
    /// Contiguous base candles, the live one included.
    pub candles: usize,
    /// Bars, the live one included.
    pub bars: usize,
    /// Base candles that are needed.
    pub needed_candles: usize,
    /// Market time since the newest news, ms.
    pub data_age_ms: Option<i64>,
    /// Older news is stale, ms.
    pub(crate) stale_after_ms: i64,
}

impl Facts {
    /// The first reason that stands in the way. What the exchange decided comes first, then what must be fetched.
    pub(crate) fn readiness(&self) -> Readiness {
        let stale = self.data_age_ms.is_none_or(|age| age > self.stale_after_ms);
        let reason = if !self.trading {
            Some(NotReady::Halted)
        } else if !self.loaded {
            Some(NotReady::WarmingUp)
        } else if self.gap {
            Some(NotReady::Gap)
        } else if self.paused {
            Some(NotReady::Halted)
        } else if self.candles < self.needed_candles || self.bars < NEEDED_BARS {
            Some(NotReady::WarmingUp)
        } else {
            stale.then_some(NotReady::Stale)
        };
        Readiness {
            reason,
            data_age_ms: self.data_age_ms,
            ready_candles: self.candles.min(self.needed_candles) as u32,
            needed_candles: self.needed_candles as u32,
            refilled: false,
            awaits_hours: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    #[test]
    fn a_pause_is_longer_than_an_hour_and_ends_after_an_hour_of_trading() {
        let mut p = Pause::default();
        (0..60).for_each(|_| p.push(true, 1));
        assert!(!p.paused());
        p.push(true, 1);
        assert!(p.paused());
        (0..59).for_each(|_| p.push(false, 1));
        assert!(p.paused());
        p.push(false, 1);
        assert!(!p.paused());
    }

    #[test]
    fn a_jump_after_a_pause_is_remembered_for_a_day() {
        let mut jump = PauseJump::default();
        let traded = |minute: i64, price: f64| Candle {
            filled: false,
            volume: 1.0,
            ..Candle::flat(at(minute * 60_000), price)
        };
        jump.push(&traded(0, 1.0), 1, 15, 5.0);
        jump.push(&traded(1, 2.0), 1, 15, 5.0);
        assert!(!jump.within_a_day(at(60_000)), "a jump without a pause");
        (2..17).for_each(|m| jump.push(&Candle::flat(at(m * 60_000), 2.0), 1, 15, 5.0));
        let mut small = jump;
        small.push(&traded(17, 2.05), 1, 15, 5.0);
        assert!(!small.within_a_day(at(17 * 60_000)));
        jump.push(&traded(17, 2.2), 1, 15, 5.0);
        assert!(jump.within_a_day(at(17 * 60_000)) && jump.within_a_day(at(DAY_MS + 16 * 60_000)));
        assert!(!jump.within_a_day(at(DAY_MS + 17 * 60_000)));
    }

    #[test]
    fn reasons_in_their_order() {
        let good = Facts {
            trading: true,
            loaded: true,
            gap: false,
            paused: false,
            candles: 1_500,
            bars: 100,
            needed_candles: 1_456,
            data_age_ms: Some(120_000),
            stale_after_ms: 120_000,
        };
        let reason = |f: Facts| f.readiness().reason;
        assert_eq!(reason(good), None);
        assert_eq!(good.readiness().ready_candles, 1_456);
        assert_eq!(reason(Facts { data_age_ms: Some(120_001), ..good }), Some(NotReady::Stale));
        assert_eq!(reason(Facts { data_age_ms: None, ..good }), Some(NotReady::Stale));
        assert_eq!(reason(Facts { bars: 99, ..good }), Some(NotReady::WarmingUp));
        assert_eq!(reason(Facts { candles: 1_455, ..good }), Some(NotReady::WarmingUp));
        assert_eq!(reason(Facts { gap: true, ..good }), Some(NotReady::Gap));
        assert_eq!(reason(Facts { paused: true, ..good }), Some(NotReady::Halted));
        assert_eq!(reason(Facts { trading: false, gap: true, ..good }), Some(NotReady::Halted));
    }
}
