//! Calibration that follows the market, carefully: a shift of the log odds, from resolved hourly samples.
//!
//! Hits come in clusters, so days count, not points; a shift is drawn towards none by the weight of some days without one.
//! It acts on the many low chances, where the base rate decides, and fades out towards the high ones: those come from
//! a pair's own storm, held out of time as trained, and lost precision whenever the last days moved them.

use super::score::{chance, logit};
use crate::domain::time::{DAY_MS, HOUR_MS, UtcMs};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Numbers of the adaptation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdaptConfig {
    /// A resolved hour counts half after so many days.
    pub half_life_days: f64,
    /// Weight of "no shift", in days.
    pub prior_days: f64,
    /// Farthest shift downwards, log odds.
    pub most_down: f64,
    /// Farthest shift upwards, log odds.
    pub most_up: f64,
    /// Up to this chance the shift acts in full, 0-1.
    pub full_below: f64,
    /// From this chance on it does not act, 0-1.
    pub none_above: f64,
    /// Shifts beyond this, log odds, raise the drift alarm.
    pub alarm: f64,
}

impl Default for AdaptConfig {
    fn default() -> Self {
        Self {
            half_life_days: 3.0,
            prior_days: 1.0,
            most_down: 1.0,
            most_up: 0.3,
            full_below: 0.3,
            none_above: 0.55,
            alarm: 0.7,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Hour {
    /// Sum of the chances that were said before adaptation.
    said: f64,
    came: f64,
    points: f64,
}

/// Learns a shift from what came. Samples may come in any order; the answer depends on the set alone.
#[derive(Debug, Clone, Default)]
pub struct Adapter {
    config: AdaptConfig,
    hours: BTreeMap<i64, Hour>,
}

/// Where the calibration stands.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Shift {
    /// Added to the log odds of low chances.
    pub log_odds: f64,
    /// Log odds up to which it acts in full.
    pub full_below: f64,
    /// Log odds from which on it does not act.
    pub none_above: f64,
    /// What would be added without bounds and prior.
    pub seen: f64,
    /// Weight of the resolved hours, days.
    pub days: f64,
    /// The market has left what the model was trained on.
    pub drift: bool,
}

impl Shift {
    /// Log odds with the shift. Never changes the order of two chances: the bounds on shift and fading see to it.
    #[must_use]
    pub fn apply(&self, log_odds: f64) -> f64 {
        let width = self.none_above - self.full_below;
        let share = if width > 0.0 { ((self.none_above - log_odds) / width).clamp(0.0, 1.0) } else { 1.0 };
        log_odds + share * self.log_odds
    }
}

impl Adapter {
    /// Knows nothing yet.
    #[must_use]
    pub const fn new(config: AdaptConfig) -> Self {
        Self { config, hours: BTreeMap::new() }
    }

    /// Resolved hours older than this many days hardly count.
    #[must_use]
    pub fn memory_days(&self) -> i64 {
        (5.0 * self.config.half_life_days).ceil() as i64 + 1
    }

    /// A resolved sample: its moment, the log odds before adaptation, and what came.
    pub fn learn(&mut self, as_of: UtcMs, log_odds: f64, hit: bool) {
        let hour = self.hours.entry(as_of.div_euclid(HOUR_MS)).or_default();
        hour.said += chance(log_odds);
        hour.came += f64::from(u8::from(hit));
        hour.points += 1.0;
    }

    /// The shift at `as_of`. Hours that count for nothing any more are forgotten.
    pub fn shift(&mut self, as_of: UtcMs) -> Shift {
        let now = as_of.div_euclid(HOUR_MS);
        let span = (12.0 * self.config.half_life_days * DAY_MS as f64 / HOUR_MS as f64) as i64;
        self.hours = self.hours.split_off(&(now - span));
        let (mut said, mut came, mut points, mut days) = (0.0, 0.0, 0.0, 0.0);
        for (hour, sum) in &self.hours {
            let age_days = (now - hour) as f64 / 24.0;
            let weight = 0.5_f64.powf(age_days / self.config.half_life_days);
            // Every hour counts alike, however many pairs it had.
            said += weight * sum.said / sum.points;
            came += weight * sum.came / sum.points;
            points += weight;
            days += weight / 24.0;
        }
        if points == 0.0 {
            return Shift::default();
        }
        let seen = logit((came / points).max(0.002)) - logit(said / points);
        let drawn = seen * days / (days + self.config.prior_days);
        Shift {
            log_odds: drawn.clamp(-self.config.most_down, self.config.most_up),
            full_below: logit(self.config.full_below),
            none_above: logit(self.config.none_above),
            seen,
            days,
            drift: drawn.abs() > self.config.alarm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn down_far_up_a_little() {
        let after = |hit_every: usize| {
            let mut adapter = Adapter::new(AdaptConfig::default());
            for hour in 0..48_i64 {
                (0..100).for_each(|n| adapter.learn(hour * HOUR_MS, logit(0.15), n % hit_every == 0));
            }
            adapter.shift(72 * HOUR_MS).log_odds
        };
        assert!(after(25) < -0.4, "4 % came, 15 % were said: {}", after(25));
        assert_eq!(after(2), 0.3, "half came");
        assert_eq!(Adapter::default().shift(0), Shift::default());
    }

    proptest! {
        #[test]
        fn bounded_and_blind_to_the_order(samples in prop::collection::vec((0_i64..300, -4.0_f64..3.0, any::<bool>()), 0..200)) {
            let feed = |reverse: bool| {
                let mut adapter = Adapter::new(AdaptConfig::default());
                let mut order: Vec<_> = samples.clone();
                if reverse { order.reverse(); }
                for (hour, log_odds, hit) in order { adapter.learn(hour * HOUR_MS, log_odds, hit); }
                adapter.shift(400 * HOUR_MS)
            };
            let (a, b) = (feed(false), feed(true));
            prop_assert!((a.log_odds - b.log_odds).abs() < 1e-9);
            prop_assert!((-1.0..=0.3).contains(&a.log_odds));
            let shifted: Vec<f64> = (-40..40).map(|z| a.apply(f64::from(z) / 10.0)).collect();
            prop_assert!(shifted.windows(2).all(|pair| pair[0] < pair[1]), "the order stays");
            prop_assert_eq!(a.apply(logit(0.6)), logit(0.6), "the top stays as trained");
        }
    }
}
