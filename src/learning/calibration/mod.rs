//! Calibration that follows the market, carefully: intercept and slope of the log odds, from resolved hourly samples.
//!
//! Hits come in clusters, so days count, not points; both are drawn towards "as trained" by the weight of some days.
//! They act on the many low chances, where the base rate decides, and fade out towards the high ones: those come from
//! a pair's own storm, held out of time as trained, and lost precision whenever the last days moved them.

mod slope;

use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::moment::MarketTime;
use crate::domain::time::{DAY_MS, HOUR_MS};
use crate::learning::log_odds::{chance, logit};
use serde::{Deserialize, Serialize};
use slope::{BINS, Bins, Line, bin, middle};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct AdaptConfig {
    /// A resolved hour counts half after so many days.
    #[serde(rename = "adapt_half_life_days")]
    pub(crate) half_life_days: f64,
    /// Weight of "no shift", in days.
    #[serde(rename = "adapt_prior_days")]
    pub(crate) prior_days: f64,
    /// Farthest shift downwards, log odds.
    #[serde(rename = "adapt_max_decrease")]
    pub(crate) max_decrease: f64,
    /// Farthest shift upwards, log odds.
    #[serde(rename = "adapt_max_increase")]
    pub(crate) max_increase: f64,
    /// Up to this chance the shift acts in full, 0-1.
    #[serde(rename = "adapt_fade_from")]
    pub(crate) fade_from: f64,
    /// From this chance on it does not act, 0-1.
    #[serde(rename = "adapt_fade_to")]
    pub(crate) fade_to: f64,
    /// For the slope a resolved hour counts half after so many days.
    #[serde(rename = "adapt_slope_half_life_days")]
    pub(crate) slope_half_life_days: f64,
    /// Weight of "slope 1", days.
    #[serde(rename = "adapt_slope_prior_days")]
    pub(crate) slope_prior_days: f64,
    #[serde(rename = "adapt_slope_min")]
    pub(crate) slope_min: f64,
    #[serde(rename = "adapt_slope_max")]
    pub(crate) slope_max: f64,
    /// Shifts beyond this, log odds, raise the drift alarm.
    #[serde(rename = "drift_alarm")]
    pub(crate) alarm: f64,
}

impl AdaptConfig {
    pub(crate) const ALLOWED: Allowed = &[
        ("adapt_half_life_days", Range(0.5, 365.0)),
        ("adapt_prior_days", Range(0.0, 365.0)),
        ("adapt_max_decrease", Range(0.0, 5.0)),
        ("adapt_max_increase", Range(0.0, 0.8)),
        ("adapt_fade_from", Range(0.01, 0.79)),
        ("adapt_fade_to", Range(0.21, 0.99)),
        ("adapt_slope_half_life_days", Range(0.5, 365.0)),
        ("adapt_slope_prior_days", Range(0.5, 365.0)),
        ("adapt_slope_min", Range(0.5, 1.0)),
        ("adapt_slope_max", Range(1.0, 2.0)),
        ("drift_alarm", Range(0.0, 5.0)),
    ];
}

impl Default for AdaptConfig {
    fn default() -> Self {
        Self {
            half_life_days: 4.0,
            prior_days: 1.0,
            max_decrease: 1.0,
            max_increase: 0.3,
            fade_from: 0.3,
            fade_to: 0.55,
            slope_half_life_days: 7.0,
            slope_prior_days: 7.0,
            slope_min: 0.8,
            slope_max: 1.25,
            alarm: 0.7,
        }
    }
}

/// Resolved samples of an hour by what was said of them.
#[derive(Debug, Clone, Copy)]
struct Hour {
    points: [u16; BINS],
    hits: [u16; BINS],
    /// Sum of the said chances.
    said: f64,
}

impl Default for Hour {
    fn default() -> Self {
        Self { points: [0; BINS], hits: [0; BINS], said: 0.0 }
    }
}

impl Hour {
    fn count(&self) -> f64 {
        self.points.iter().map(|n| f64::from(*n)).sum()
    }
}

/// Learns intercept and slope from what came. Samples may come in any order; the answer depends on the set alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Adapter {
    config: AdaptConfig,
    hours: BTreeMap<i64, Hour>,
    /// The answer of an hour, until something is learned.
    known: Option<(i64, Shift)>,
}

/// Where the calibration stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shift {
    /// Added to the log odds of low chances.
    pub log_odds: f64,
    /// How far low chances lie apart, against what was trained; 1 leaves them.
    pub(crate) slope: f64,
    /// Log odds that the slope does not move.
    pub(crate) pivot: f64,
    /// Log odds up to which both act in full.
    pub(crate) fade_from: f64,
    /// Log odds from which on they do not act.
    pub(crate) fade_to: f64,
    /// What would be added without bounds and prior.
    pub seen: f64,
    /// Weight of the resolved hours, days.
    pub days: f64,
    /// The market has left what the model was trained on.
    pub drift: bool,
}

impl Default for Shift {
    fn default() -> Self {
        let (log_odds, pivot, fade_from, fade_to, seen, days) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        Self { log_odds, slope: 1.0, pivot, fade_from, fade_to, seen, days, drift: false }
    }
}

impl Shift {
    /// Log odds as they are told. Never changes the order of two chances: while it fades out, what is added stays below the
    /// width of the fading.
    pub(crate) fn apply(&self, log_odds: f64) -> f64 {
        let width = self.fade_to - self.fade_from;
        let added = self.log_odds + (self.slope - 1.0) * (log_odds - self.pivot);
        if width <= 0.0 {
            return log_odds + added;
        }
        let share = ((self.fade_to - log_odds) / width).clamp(0.0, 1.0);
        log_odds + share * added.min(0.9 * width)
    }
}

/// A half-life of days as the weight of something that old.
fn weight(age_days: f64, half_life_days: f64) -> f64 {
    0.5_f64.powf(age_days / half_life_days)
}

impl Adapter {
    pub(crate) const fn new(config: AdaptConfig) -> Self {
        Self { config, hours: BTreeMap::new(), known: None }
    }

    /// Resolved hours older than this many days do not count: so what is known after a restart is the same.
    pub(crate) fn memory_days(&self) -> i64 {
        (5.0 * self.config.half_life_days).max(3.0 * self.config.slope_half_life_days).ceil() as i64 + 1
    }

    /// A resolved sample: its moment, the log odds before adaptation, and what came.
    pub(crate) fn learn(&mut self, as_of: MarketTime, log_odds: f64, hit: bool) {
        let hour = self.hours.entry(as_of.index(HOUR_MS)).or_default();
        let at = bin(log_odds);
        hour.points[at] = hour.points[at].saturating_add(1);
        hour.hits[at] = hour.hits[at].saturating_add(u16::from(hit));
        hour.said += chance(log_odds);
        self.known = None;
    }

    /// The calibration at `as_of`. Hours that count for nothing any more are forgotten.
    pub(crate) fn shift(&mut self, as_of: MarketTime) -> Shift {
        let now = as_of.index(HOUR_MS);
        if let Some((_, shift)) = self.known.filter(|(hour, _)| *hour == now) {
            return shift;
        }
        let shift = self.estimate(now);
        self.known = Some((now, shift));
        shift
    }

    fn estimate(&mut self, now: i64) -> Shift {
        self.hours = self.hours.split_off(&(now - self.memory_days() * (DAY_MS / HOUR_MS)));
        let Some(line) = self.line(now) else { return Shift::default() };
        let (seen, days) = self.gap(now, &line);
        let drawn = seen * days / (days + self.config.prior_days);
        Shift {
            log_odds: drawn.clamp(-self.config.max_decrease, self.config.max_increase),
            slope: line.slope,
            pivot: line.pivot,
            fade_from: logit(self.config.fade_from),
            fade_to: logit(self.config.fade_to),
            seen,
            days,
            drift: drawn.abs() > self.config.alarm,
        }
    }

    /// The slope, bounded, by the longer memory.
    fn line(&self, now: i64) -> Option<Line> {
        let mut bins = Bins::default();
        for (hour, seen) in &self.hours {
            // Every hour counts alike, however many pairs it had.
            let share =
                weight((now - hour) as f64 / 24.0, self.config.slope_half_life_days) / 24.0 / seen.count();
            for i in 0..BINS {
                bins.points[i] += share * f64::from(seen.points[i]);
                bins.hits[i] += share * f64::from(seen.hits[i]);
            }
        }
        let line = slope::fit(&bins, self.config.slope_prior_days)?;
        Some(Line { slope: line.slope.clamp(self.config.slope_min, self.config.slope_max), ..line })
    }

    /// What the sloped chances lack on average, log odds, by the shorter memory; and its weight, days.
    fn gap(&self, now: i64, line: &Line) -> (f64, f64) {
        let told: [f64; BINS] = std::array::from_fn(|i| chance(line.at(middle(i))) - chance(middle(i)));
        let (mut said, mut came, mut whole) = (0.0, 0.0, 0.0);
        for (hour, seen) in &self.hours {
            let weight = weight((now - hour) as f64 / 24.0, self.config.half_life_days);
            let count = seen.count();
            let moved: f64 = (0..BINS).map(|i| told[i] * f64::from(seen.points[i])).sum();
            let hits: f64 = seen.hits.iter().map(|n| f64::from(*n)).sum();
            said += weight * (seen.said + moved) / count;
            came += weight * hits / count;
            whole += weight;
        }
        (logit((came / whole).max(0.002)) - logit(said / whole), whole / 24.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    #[test]
    fn down_far_up_a_little() {
        let after = |hit_every: usize| {
            let mut adapter = Adapter::new(AdaptConfig::default());
            for hour in 0..48_i64 {
                (0..100).for_each(|n| adapter.learn(at(hour * HOUR_MS), logit(0.15), n % hit_every == 0));
            }
            adapter.shift(at(72 * HOUR_MS)).log_odds
        };
        assert!(after(25) < -0.4, "4 % came, 15 % were said: {}", after(25));
        assert_eq!(after(2), 0.3, "half came");
        assert_eq!(Adapter::default().shift(at(0)), Shift::default());
    }

    #[test]
    fn chances_that_lie_too_close_together_are_spread() {
        let after = |low: usize, high: usize| {
            let mut adapter = Adapter::new(AdaptConfig::default());
            for hour in 0..240_i64 {
                (0..100).for_each(|n| adapter.learn(at(hour * HOUR_MS), logit(0.1), n < low));
                (0..100).for_each(|n| adapter.learn(at(hour * HOUR_MS), logit(0.3), n < high));
            }
            adapter.shift(at(264 * HOUR_MS))
        };
        let (held, spread, narrow) = (after(10, 30), after(4, 36), after(18, 22));
        assert!((held.slope - 1.0).abs() < 0.05 && held.log_odds.abs() < 0.05, "{held:?}");
        assert_eq!((spread.slope, narrow.slope), (1.25, 0.8));
        assert!(
            spread.apply(logit(0.1)) < logit(0.09) && spread.apply(logit(0.3)) > logit(0.3),
            "{spread:?}"
        );
    }

    proptest! {
        #[test]
        fn bounded_and_blind_to_the_order(samples in prop::collection::vec((0_i64..300, -4.0_f64..3.0, any::<bool>()), 0..200)) {
            let feed = |reverse: bool| {
                let mut adapter = Adapter::new(AdaptConfig::default());
                let mut order: Vec<_> = samples.clone();
                if reverse { order.reverse(); }
                for (hour, log_odds, hit) in order { adapter.learn(at(hour * HOUR_MS), log_odds, hit); }
                adapter.shift(at(400 * HOUR_MS))
            };
            let (a, b) = (feed(false), feed(true));
            prop_assert!((a.log_odds - b.log_odds).abs() < 1e-9);
            prop_assert!((-1.0..=0.3).contains(&a.log_odds) && (0.8..=1.25).contains(&a.slope));
            let shifted: Vec<f64> = (-60..40).map(|z| a.apply(f64::from(z) / 10.0)).collect();
            prop_assert!(shifted.windows(2).all(|pair| pair[0] < pair[1]), "the order stays");
            prop_assert_eq!(a.apply(logit(0.6)), logit(0.6), "the top stays as trained");
        }
    }
}
