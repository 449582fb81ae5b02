//! A pair's closed hours, and what the learned model reads from them.

use crate::domain::candle::Candle;
use crate::domain::indicator::extrema::{highest, lowest, parkinson, range_pct};
use crate::domain::indicator::pearson::Return;
use crate::domain::inputs::DayInputs;
use crate::domain::minutes::Ohlcv;
use crate::domain::moment::MarketTime;
use crate::domain::periods::{Period, Periods};
use crate::domain::time::HOUR_MS;

/// Hours kept: 30 days of known rises need 744 of them, and one before for the first return; the rest is room for those that
/// close while they are asked for.
const CAPACITY: usize = 768;
/// Hours of a day: all spans here are counted in hours.
const DAY: usize = 24;
/// Hours that are held against BTC's: enough to tell a slope, few enough to follow it.
const WITH_BTC: usize = 7 * DAY;

/// The newest closed hours without a hole.
#[derive(Debug, Clone)]
pub struct Hours {
    periods: Periods,
    inputs: DayInputs,
}

impl Default for Hours {
    fn default() -> Self {
        Self { periods: Periods::new(HOUR_MS, CAPACITY), inputs: DayInputs::default() }
    }
}

impl Hours {
    /// Takes the next closed bar, whose length divides an hour. A bar that does not follow starts the hour anew.
    pub(crate) fn push_bar(&mut self, open_time: MarketTime, tf_ms: i64, bar: &Ohlcv) {
        if self.periods.push_bar(open_time, tf_ms, bar) {
            self.inputs = self.compute();
        }
    }

    /// Closed hours from elsewhere, oldest first: those before the ring's are put in front of it where they join without a
    /// hole (missing ones between two of them are flat), those after are added.
    pub fn load(&mut self, candles: &[Candle]) {
        self.periods.load(candles);
        self.inputs = self.compute();
    }

    /// Closed hours of which no bar tells, oldest first: they count once the bars have come so far.
    pub(crate) fn give(&mut self, candles: &[Candle]) {
        self.periods.give(candles);
    }

    /// The hours as flat-opening candles, oldest first, for a ring that begins later.
    pub(crate) fn candles(&self) -> Vec<Candle> {
        self.periods.candles()
    }

    /// Values at the newest closed hour.
    pub const fn inputs(&self) -> &DayInputs {
        &self.inputs
    }

    pub fn len(&self) -> usize {
        self.periods.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which hours these are: another answer means other values.
    pub(crate) fn version(&self) -> (i64, usize) {
        (self.periods.next(), self.len())
    }

    /// Log returns that are held against BTC's, oldest first; empty where there are fewer.
    pub(crate) fn returns(&self) -> Vec<Return> {
        let from = self.periods.next() - WITH_BTC as i64;
        let one = |(at, hour): (usize, &Period)| {
            (MarketTime::from_index(from + at as i64, HOUR_MS), hour.log_return)
        };
        let last = self.periods.last(WITH_BTC).into_iter().flatten();
        last.enumerate().map(one).filter(|(_, log_return)| log_return.is_finite()).collect()
    }

    fn compute(&self) -> DayInputs {
        let mut inputs = DayInputs {
            hours: self.len() as u32,
            range_3d: self.mean_range(3),
            range_7d: self.mean_range(7),
            close_3d: self.periods.close_before(3 * DAY),
            close_7d: self.periods.close_before(7 * DAY),
            close_14d: self.periods.close_before(14 * DAY),
            close_30d: self.periods.close_before(30 * DAY),
            ..DayInputs::default()
        };
        self.movements(&mut inputs);
        self.outcomes(&mut inputs);
        inputs
    }

    /// Sums over the last days, all in one pass: it is made for every pair at once when an hour ends.
    fn movements(&self, to: &mut DayInputs) {
        let (mut squares, mut ranges, mut volume) = (0.0, 0.0, 0.0);
        let (mut high, mut low, mut jump) = (f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY);
        for (count, hour) in (1..=30 * DAY).zip(self.periods.newest_first()) {
            squares += hour.log_return * hour.log_return;
            volume += hour.quote_volume;
            (high, low) = (high.max(hour.high), low.min(hour.low));
            if count <= 7 * DAY {
                ranges += parkinson(hour.high, hour.low);
                jump = jump.max(hour.log_return);
            }
            if count % DAY != 0 {
                continue;
            }
            let days = count / DAY;
            // The oldest hour of a ring has no return.
            let rv = Some(100.0 * (squares / days as f64).sqrt()).filter(|rv| rv.is_finite());
            let hourly = rv.map(|rv| rv / (DAY as f64).sqrt());
            match days {
                1 => to.volatility_1d = hourly,
                7 => {
                    (to.volatility_7d, to.rv_7d) = (hourly, rv);
                    to.pk_7d = Some(100.0 * (ranges / 7.0).sqrt());
                    to.jump_7d = rv.map(|_| 100.0 * jump.exp_m1());
                    (to.high_7d, to.low_7d) = (Some(high), Some(low));
                    to.volume_7d = Some(volume / 7.0);
                }
                14 => (to.rv_14d, to.high_14d, to.low_14d) = (rv, Some(high), Some(low)),
                30 => {
                    (to.rv_30d, to.high_30d, to.low_30d) = (rv, Some(high), Some(low));
                    to.volume_30d = Some(volume / 30.0);
                }
                _ => {}
            }
        }
    }

    /// Means over the known rises of the last days, in one pass as well.
    fn outcomes(&self, to: &mut DayInputs) {
        let (mut hits, mut rise, mut log_rise) = (0.0, 0.0, 0.0);
        let known = self.periods.newest_first().skip(self.periods.horizon()).map_while(|hour| hour.outcome);
        for (count, outcome) in (1..=30 * DAY).zip(known) {
            hits += f64::from(u8::from(outcome.hit));
            rise += outcome.rise;
            log_rise += outcome.log_rise;
            if count % DAY != 0 {
                continue;
            }
            let [hits, rise, log_rise] = [hits, rise, log_rise].map(|sum| Some(sum / count as f64));
            match count / DAY {
                1 => to.hits_1d = hits,
                2 => (to.hits_2d, to.rise_2d) = (hits, rise),
                3 => to.hits_3d = hits,
                7 => (to.hits_7d, to.rise_7d, to.log_rise_7d) = (hits, rise, log_rise),
                14 => (to.hits_14d, to.rise_14d, to.log_rise_14d) = (hits, rise, log_rise),
                30 => (to.hits_30d, to.log_rise_30d) = (hits, log_rise),
                _ => {}
            }
        }
    }

    /// Mean range of whole days of 24 hours that end with the newest hour, percent.
    fn mean_range(&self, days: usize) -> Option<f64> {
        let hours = self.periods.last(days * DAY)?;
        let range = |day: usize| {
            let hours = hours.clone().skip(day * DAY).take(DAY);
            let (high, low) = (highest(hours.clone().map(|h| h.high)), lowest(hours.map(|h| h.low)));
            high.zip(low).map_or(0.0, |(high, low)| range_pct(high, low))
        };
        Some((0..days).map(range).sum::<f64>() / days as f64)
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
        let whole = pushed(1_000, 1_780);
        let mut late = pushed(1_700, 1_780);
        assert!(!late.inputs().full() && late.inputs().hits_2d.is_some());
        late.load(&(1_000..1_710).map(hour).collect::<Vec<_>>());
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
        empty.load(&(1_000..1_800).map(hour).collect::<Vec<_>>());
        assert_eq!((empty.len(), empty.inputs().full()), (CAPACITY, true));
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

    #[test]
    fn looks_back_over_a_month_by_the_definitions() {
        let candles: Vec<Candle> = (0..760).map(hour).collect();
        let mut hours = Hours::default();
        hours.load(&candles);
        let to = *hours.inputs();
        let squares = |hours: usize| {
            let from = candles.len() - hours - 1;
            candles[from..].windows(2).map(|w| (w[1].close / w[0].close).ln().powi(2)).sum::<f64>()
        };
        for (rv, days) in [(to.rv_7d, 7), (to.rv_14d, 14), (to.rv_30d, 30)] {
            let truth = 100.0 * (squares(24 * days) / days as f64).sqrt();
            assert!((rv.expect("known") - truth).abs() < 1e-9, "{days}: {rv:?} {truth}");
        }
        assert_eq!(to.close_30d, Some(candles[759 - 720].close));
        assert_eq!((to.high_14d, to.low_30d, to.volume_30d), (Some(136.0), Some(100.0), Some(24.0)));
        let known = |at: usize| {
            let high = candles[at + 1..=at + 24].iter().map(|c| c.high).fold(0.0, f64::max);
            ((100.0 * (high / candles[at].close - 1.0)).max(0.0) + 0.5).ln()
        };
        let mean = (760 - 24 - 720..760 - 24).map(known).sum::<f64>() / 720.0;
        assert!((to.log_rise_30d.expect("known") - mean).abs() < 1e-9);
        let mut fewer = Hours::default();
        fewer.load(&candles[760 - 743..]);
        assert!(fewer.inputs().rv_30d.is_some() && !fewer.inputs().full(), "a rise is known a day later");
    }
}
