//! Ring of a pair's closed hours, and what the learned model reads from them.

use crate::domain::candle::Candle;
use crate::domain::indicator::extrema::{highest, lowest, range_pct};
use crate::domain::inputs::DayInputs;
use crate::domain::minutes::Ohlcv;
use crate::domain::moment::MarketTime;
use crate::domain::target::{HORIZON_MS, reaches};
use crate::domain::time::HOUR_MS;
use std::collections::VecDeque;

/// Hours kept: 14 days of known rises need 360 of them, and one before for the first return.
const CAPACITY: usize = 400;
/// Hours after which a rise is known.
const HORIZON: usize = (HORIZON_MS / HOUR_MS) as usize;
/// Returns of a day: the features are of the last 24 hours.
const DAY: usize = 24;

#[derive(Debug, Clone, Copy)]
struct Hour {
    high: f64,
    low: f64,
    close: f64,
    quote_volume: f64,
    /// Highest high of the 24 hours after it; `None` until they have ended.
    peak: Option<f64>,
}

/// The newest closed hours without a hole, by absolute index (open time / 1 h).
#[derive(Debug, Clone, Default)]
pub struct Hours {
    ring: VecDeque<Hour>,
    next: i64,
    forming: Option<(i64, MarketTime, Ohlcv)>,
    inputs: DayInputs,
}

impl Hours {
    /// Takes the next closed bar, whose length divides an hour. A bar that does not follow starts the hour anew.
    pub(crate) fn push_bar(&mut self, open_time: MarketTime, tf_ms: i64, bar: &Ohlcv) {
        let hour = open_time.index(HOUR_MS);
        match &mut self.forming {
            Some((at, end, forming)) if *at == hour && *end == open_time => {
                forming.extend(bar);
                *end = open_time + tf_ms;
            }
            other => *other = open_time.starts(HOUR_MS).then_some((hour, open_time + tf_ms, *bar)),
        }
        if (open_time + tf_ms).starts(HOUR_MS)
            && let Some((at, _, formed)) = self.forming.take()
        {
            self.push(at, &formed);
            self.inputs = self.compute();
        }
    }

    /// Closed hours from elsewhere, oldest first: those before the ring's are put in front of it where they join without a
    /// hole (missing ones between two of them are flat), those after are added.
    pub fn load(&mut self, candles: &[Candle]) {
        let old = std::mem::take(&mut self.ring);
        let first = self.next - old.len() as i64;
        self.next = 0;
        let fits = |c: &&Candle| c.closed && c.open_time.starts(HOUR_MS);
        for candle in candles.iter().filter(fits) {
            let index = candle.open_time.index(HOUR_MS);
            if old.is_empty() || index < first {
                self.push(index, &Ohlcv::of(candle));
            }
        }
        let joins = !self.ring.is_empty() && self.next == first;
        if !joins && !old.is_empty() {
            self.ring.clear();
        }
        for (at, hour) in old.iter().enumerate() {
            let bar = Ohlcv {
                open: hour.close,
                high: hour.high,
                low: hour.low,
                close: hour.close,
                volume: 0.0,
                quote_volume: hour.quote_volume,
            };
            self.push(first + at as i64, &bar);
        }
        self.inputs = self.compute();
    }

    /// The hours as flat-opening candles, oldest first, for a ring that begins later.
    pub(crate) fn candles(&self) -> Vec<Candle> {
        let first = self.next - self.ring.len() as i64;
        let candle = |(at, h): (usize, &Hour)| Candle {
            high: h.high,
            low: h.low,
            quote_volume: h.quote_volume,
            filled: false,
            ..Candle::flat(MarketTime::from_index(first + at as i64, HOUR_MS), h.close)
        };
        self.ring.iter().enumerate().map(candle).collect()
    }

    /// Values at the newest closed hour.
    pub const fn inputs(&self) -> &DayInputs {
        &self.inputs
    }

    pub fn len(&self) -> usize {
        self.ring.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    fn push(&mut self, index: i64, bar: &Ohlcv) {
        if !self.ring.is_empty() && index < self.next {
            return;
        }
        if index - self.next > DAY as i64 {
            self.ring.clear();
        }
        if let Some(last) = self.ring.back().copied() {
            while self.next < index {
                let close = last.close;
                self.append(Hour { high: close, low: close, close, quote_volume: 0.0, peak: None });
                self.next += 1;
            }
        }
        let Ohlcv { high, low, close, quote_volume, .. } = *bar;
        self.append(Hour { high, low, close, quote_volume, peak: None });
        self.next = index + 1;
    }

    fn append(&mut self, hour: Hour) {
        if self.ring.len() == CAPACITY {
            self.ring.pop_front();
        }
        self.ring.push_back(hour);
        if let Some(at) = self.ring.len().checked_sub(HORIZON + 1) {
            let high = highest(self.ring.range(at + 1..).map(|h| h.high));
            self.ring[at].peak = high;
        }
    }

    fn compute(&self) -> DayInputs {
        let n = self.ring.len();
        let ago = |hours: usize| n.checked_sub(hours + 1).map(|at| self.ring[at].close);
        let week = n.checked_sub(7 * DAY).map(|from| self.ring.range(from..));
        let share = |days: usize| self.rises(days, |close, peak| f64::from(u8::from(reaches(peak, close))));
        let rise = |days: usize| self.rises(days, |close, peak| 100.0 * (peak / close - 1.0));
        DayInputs {
            hours: n as u32,
            hits_1d: share(1),
            hits_2d: share(2),
            hits_3d: share(3),
            hits_7d: share(7),
            hits_14d: share(14),
            rise_2d: rise(2),
            rise_7d: rise(7),
            rise_14d: rise(14),
            range_3d: self.mean_range(3),
            range_7d: self.mean_range(7),
            close_3d: ago(3 * DAY),
            close_7d: ago(7 * DAY),
            high_7d: week.clone().and_then(|hours| highest(hours.map(|h| h.high))),
            low_7d: week.clone().and_then(|hours| lowest(hours.map(|h| h.low))),
            volume_7d: week.map(|hours| hours.map(|h| h.quote_volume).sum::<f64>() / 7.0),
            volatility_1d: self.volatility(DAY),
            volatility_7d: self.volatility(7 * DAY),
            jump_7d: self.returns(7 * DAY).and_then(|r| highest(r.map(|r| 100.0 * r.exp_m1()))),
        }
    }

    /// Mean of `of` over the known rises of the last `days`.
    fn rises(&self, days: usize, of: impl Fn(f64, f64) -> f64) -> Option<f64> {
        let (n, count) = (self.ring.len(), days * DAY);
        let from = n.checked_sub(HORIZON + count)?;
        let sum: f64 = self.ring.range(from..n - HORIZON).filter_map(|h| Some(of(h.close, h.peak?))).sum();
        Some(sum / count as f64)
    }

    /// Mean range of whole days of 24 hours that end with the newest hour, percent.
    fn mean_range(&self, days: usize) -> Option<f64> {
        let n = self.ring.len();
        let from = n.checked_sub(days * DAY)?;
        let range = |day: usize| {
            let hours = self.ring.range(from + day * DAY..from + (day + 1) * DAY);
            let (high, low) = (highest(hours.clone().map(|h| h.high)), lowest(hours.map(|h| h.low)));
            high.zip(low).map_or(0.0, |(high, low)| range_pct(high, low))
        };
        Some((0..days).map(range).sum::<f64>() / days as f64)
    }

    fn returns(&self, count: usize) -> Option<impl Iterator<Item = f64> + '_> {
        let from = self.ring.len().checked_sub(count + 1)?;
        let pair = move |at: usize| (self.ring[at + 1].close / self.ring[at].close).ln();
        Some((from..from + count).map(pair))
    }

    fn volatility(&self, count: usize) -> Option<f64> {
        let squares: f64 = self.returns(count)?.map(|r| r * r).sum();
        Some(100.0 * (squares / count as f64).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(index: i64) -> Candle {
        let close = 100.0 + (index % 37) as f64;
        Candle {
            closed: true,
            filled: false,
            quote_volume: 1.0,
            ..Candle::flat(MarketTime::from_ms(index * HOUR_MS), close)
        }
    }

    fn pushed(from: i64, to: i64) -> Hours {
        let mut hours = Hours::default();
        for index in from..to {
            for part in 0..4 {
                let open = index * HOUR_MS + part * HOUR_MS / 4;
                let bar = Ohlcv { quote_volume: 0.25, ..Ohlcv::of(&hour(index)) };
                hours.push_bar(MarketTime::from_ms(open), HOUR_MS / 4, &bar);
            }
        }
        hours
    }

    #[test]
    fn loaded_in_front_equals_seen_from_the_start() {
        let whole = pushed(1_000, 1_380);
        let mut late = pushed(1_300, 1_380);
        assert!(!late.inputs().full() && late.inputs().hits_2d.is_some());
        late.load(&(1_000..1_310).map(hour).collect::<Vec<_>>());
        assert_eq!(whole.inputs(), late.inputs());
        assert!(late.inputs().full());
    }

    #[test]
    fn older_hours_that_do_not_join_are_left_out() {
        let mut late = pushed(1_300, 1_340);
        let before = *late.inputs();
        late.load(&(1_000..1_290).map(hour).collect::<Vec<_>>());
        assert_eq!(&before, late.inputs());
        let mut empty = Hours::default();
        empty.load(&(1_000..1_400).map(hour).collect::<Vec<_>>());
        assert_eq!((empty.len(), empty.inputs().full()), (400, true));
    }

    #[test]
    fn a_rise_counts_once_it_is_known() {
        let mut hours = Hours::default();
        let flat = |index: i64| Candle {
            filled: false,
            ..Candle::flat(MarketTime::from_ms(index * HOUR_MS), 100.0)
        };
        let mut candles: Vec<Candle> = (0..72).map(flat).collect();
        candles[47].high = 107.5;
        hours.load(&candles);
        // The hours 24 to 46 were followed by the peak within 24 hours; hour 47 was not.
        assert_eq!(hours.inputs().hits_1d, Some(23.0 / 24.0));
        assert_eq!(hours.inputs().hits_2d, Some(0.5));
    }
}
