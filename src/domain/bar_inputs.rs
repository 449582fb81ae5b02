//! What the learned model reads from a pair's bars of the last three days.

use crate::domain::bars::Bars;
use crate::domain::indicator::extrema::parkinson;
use crate::domain::inputs::BarInputs;
use crate::domain::minutes::Ohlcv;
use crate::domain::target::reaches;

/// A move of one bar that counts, log return: seldom in a calm day, common before a rise.
const MOVE: f64 = 0.01;

/// Sums over bars, the newest first.
#[derive(Default)]
struct Sums {
    squares: f64,
    parkinson: f64,
    up: u32,
    down: u32,
    volume: f64,
    volume_up: f64,
    rise: f64,
    hits: u32,
}

/// Values at the newest closed bar, or at the bar `ended`, which ends with the cut. All in one pass: it is made for every pair
/// at once when a bar ends.
pub(crate) fn of(bars: &Bars, ended: Option<&Ohlcv>) -> BarInputs {
    let day = bars.a_day();
    let hour = day / 24;
    let mut to = BarInputs::default();
    let mut sums = Sums::default();
    let (mut high, mut low) = (f64::NEG_INFINITY, f64::INFINITY);
    for (count, (bar, log_return)) in (1..=3 * day).zip(bars.newest_first(ended)) {
        sums.squares += log_return * log_return;
        if count <= day {
            sums.add(bar, log_return);
            // Highs of the bars after it: its rise so far.
            if count > 1 && count <= day - hour + 1 {
                sums.rise += 100.0 * (high / bar.close - 1.0);
                sums.hits += u32::from(reaches(high, bar.close));
            }
        }
        (high, low) = (high.max(bar.high), low.min(bar.low));
        if count % hour != 0 && count != day - hour + 1 {
            continue;
        }
        let days = count as f64 / day as f64;
        // The oldest bar of a ring has no return.
        let rv = Some(100.0 * (sums.squares / days).sqrt()).filter(|rv| rv.is_finite());
        let pk = Some(100.0 * (sums.parkinson / days).sqrt());
        if count == day - hour + 1 {
            let points = (count - 1) as f64;
            to.open_rise = Some(sums.rise / points);
            to.open_hits = Some(f64::from(sums.hits) / points);
        }
        if count == hour {
            to.rv_1h = rv;
        } else if count == 4 * hour {
            (to.rv_4h, to.pk_4h) = (rv, pk);
        } else if count == 12 * hour {
            to.rv_12h = rv;
        } else if count == day {
            (to.rv_1d, to.pk_1d) = (rv, pk);
            (to.moves_up_1d, to.moves_down_1d) = (rv.map(|_| sums.up), rv.map(|_| sums.down));
            to.volume_up_1d = Some(if sums.volume > 0.0 { sums.volume_up / sums.volume } else { 0.5 });
        } else if count == 3 * day {
            (to.rv_3d, to.high_3d, to.low_3d) = (rv, Some(high), Some(low));
        }
    }
    to
}

impl Sums {
    fn add(&mut self, bar: &Ohlcv, log_return: f64) {
        self.parkinson += parkinson(bar.high, bar.low);
        self.up += u32::from(log_return > MOVE);
        self.down += u32::from(log_return < -MOVE);
        self.volume += bar.volume;
        if bar.close > bar.open {
            self.volume_up += bar.volume;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::MINUTE_MS;

    const DAY: usize = 96;

    fn bars(count: usize) -> Vec<Ohlcv> {
        let close = |at: usize| 100.0 + ((at * at) % 97) as f64 / 20.0;
        let bar = |at: usize| Ohlcv {
            open: close(at.max(1) - 1),
            high: close(at) * (1.0 + (at % 7) as f64 / 500.0),
            low: close(at) * 0.99,
            close: close(at),
            volume: (at % 5) as f64,
            quote_volume: 1.0,
        };
        (0..count).map(bar).collect()
    }

    fn ring(bars: &[Ohlcv]) -> Bars {
        let mut ring = Bars::new(15 * MINUTE_MS);
        for (at, bar) in bars.iter().enumerate() {
            ring.push(at as i64, bar);
        }
        ring
    }

    fn near(a: Option<f64>, b: f64) {
        let a = a.expect("known");
        assert!((a - b).abs() < 1e-9 * b.abs().max(1.0), "{a} {b}");
    }

    #[test]
    fn by_the_definitions() {
        let bars = bars(400);
        let to = of(&ring(&bars), None);
        let returns: Vec<f64> = bars.windows(2).map(|w| (w[1].close / w[0].close).ln()).collect();
        let rv = |k: usize| {
            let squares: f64 = returns[returns.len() - k..].iter().map(|r| r * r).sum();
            100.0 * (DAY as f64 / k as f64 * squares).sqrt()
        };
        for (found, k) in [(to.rv_1h, 4), (to.rv_4h, 16), (to.rv_12h, 48), (to.rv_1d, 96), (to.rv_3d, 288)] {
            near(found, rv(k));
        }
        let ranges = bars[400 - 16..].iter().map(|b| (b.high / b.low).ln().powi(2)).sum::<f64>();
        near(to.pk_4h, 100.0 * (6.0 * ranges / (4.0 * 2_f64.ln())).sqrt());
        let over = returns[returns.len() - DAY..].iter().filter(|r| **r > 0.01).count();
        assert!(over > 0 && to.moves_up_1d == Some(over as u32));
        let day = &bars[400 - DAY..];
        let rising = day.iter().filter(|b| b.close > b.open).map(|b| b.volume).sum::<f64>();
        near(to.volume_up_1d, rising / day.iter().map(|b| b.volume).sum::<f64>());
        let rise = |at: usize| {
            let high = bars[at + 1..].iter().map(|b| b.high).fold(0.0, f64::max);
            100.0 * (high / bars[at].close - 1.0)
        };
        let open: Vec<f64> = (399 - 92..399).map(rise).collect();
        near(to.open_rise, open.iter().sum::<f64>() / 92.0);
        near(to.open_hits, open.iter().filter(|rise| **rise >= 7.5).count() as f64 / 92.0);
        near(to.high_3d, bars[400 - 288..].iter().map(|b| b.high).fold(0.0, f64::max));
    }

    #[test]
    fn a_bar_that_has_just_ended_counts_as_a_closed_one() {
        let bars = bars(400);
        let (last, before) = bars.split_last().expect("some");
        assert_eq!(of(&ring(before), Some(last)), of(&ring(&bars), None));
    }

    #[test]
    fn what_bars_do_not_reach_is_missing() {
        let to = of(&ring(&bars(96)), None);
        assert!(to.rv_12h.is_some() && to.pk_1d.is_some() && to.open_rise.is_some());
        assert_eq!((to.rv_1d, to.rv_3d, to.high_3d, to.moves_up_1d), (None, None, None, None));
        assert_eq!(of(&ring(&[]), None), BarInputs::default());
    }
}
