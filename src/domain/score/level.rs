//! Ladders: thresholds that turn a value of 0-100 into a level.

use crate::domain::report::Level;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Lowest value of each level, on a scale of 0-100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LevelThresholds {
    pub fuerte: f64,
    pub alta: f64,
    pub media: f64,
    pub baja: f64,
}

impl LevelThresholds {
    /// The ladder of the total score, as users were promised it.
    pub const RULE: Self = Self { fuerte: 85.0, alta: 70.0, media: 50.0, baja: 30.0 };
    /// The ladder of the calibrated chance: FUERTE is to come true in 60 of 100 cases.
    pub(crate) const CALIBRATED: Self = Self { fuerte: 60.0, alta: 45.0, media: 30.0, baja: 15.0 };

    /// Level of an unrounded value.
    pub fn level(&self, value: f64) -> Level {
        let reached = Level::LISTED.into_iter().find(|&level| value >= self.threshold(level));
        reached.unwrap_or(Level::Descartada)
    }

    /// The level at `value` where `was` was held, nothing to be confirmed: left only below its threshold less the hysteresis.
    pub(crate) fn held(&self, was: Level, value: f64, hysteresis: f64) -> Level {
        let alone = self.level(value);
        if value >= self.threshold(was) - hysteresis { alone.max(was) } else { alone }
    }

    /// The value rounded to so many decimals, on the side of every threshold that it is on: 59.7 under a threshold of 60 is
    /// 59, for nobody can make sense of a 60 that is not FUERTE. `web/format.js` has the same rule.
    pub(crate) fn rounded(&self, value: f64, places: u8) -> f64 {
        let unit = 10_f64.powi(places.into());
        let near = (value * unit).round() / unit;
        match self.level(near).cmp(&self.level(value)) {
            Ordering::Greater => (value * unit).floor() / unit,
            Ordering::Less => (value * unit).ceil() / unit,
            Ordering::Equal => near,
        }
    }

    /// Lowest value of a level; minus infinity for DESCARTADA.
    pub(crate) const fn threshold(&self, level: Level) -> f64 {
        match level {
            Level::Fuerte => self.fuerte,
            Level::Alta => self.alta,
            Level::Media => self.media,
            Level::Baja => self.baja,
            Level::Descartada => f64::NEG_INFINITY,
        }
    }

    /// Are the thresholds finite, within 0-100 and falling from FUERTE to BAJA.
    pub(crate) fn is_ordered(&self) -> bool {
        let falling = self.fuerte > self.alta && self.alta > self.media && self.media > self.baja;
        falling && self.baja >= 0.0 && self.fuerte <= 100.0
    }
}

impl Default for LevelThresholds {
    fn default() -> Self {
        Self::RULE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounding_does_not_cross_a_threshold() {
        let whole = [59.4, 59.7, 60.0, 60.4, 44.5, 44.49, 42.5, 99.9, 0.3]
            .map(|v| LevelThresholds::CALIBRATED.rounded(v, 0));
        assert_eq!(whole, [59.0, 59.0, 60.0, 60.0, 44.0, 44.0, 43.0, 100.0, 0.0]);
        assert_eq!(LevelThresholds::CALIBRATED.rounded(59.97, 1), 59.9);
        let odd = LevelThresholds { fuerte: 59.3, ..LevelThresholds::CALIBRATED };
        assert_eq!(odd.rounded(59.35, 0), 60.0, "59 would be under the threshold");
    }

    proptest! {
        #[test]
        fn a_rounded_value_is_near_and_of_the_same_level(value in 0.0_f64..100.0, places in 0_u8..4) {
            let ladder = LevelThresholds::CALIBRATED;
            let rounded = ladder.rounded(value, places);
            prop_assert_eq!(ladder.level(rounded), ladder.level(value));
            prop_assert!((rounded - value).abs() <= 1.0 / 10_f64.powi(places.into()));
        }
    }

    #[test]
    fn thresholds_belong_to_the_level_above() {
        let of = |value| LevelThresholds::RULE.level(value);
        assert_eq!(of(85.0), Level::Fuerte);
        assert_eq!(of(84.999_999), Level::Alta);
        assert_eq!(of(70.0), Level::Alta);
        assert_eq!(of(50.0), Level::Media);
        assert_eq!(of(30.0), Level::Baja);
        assert_eq!(of(29.9), Level::Descartada);
        assert_eq!(of(f64::NAN), Level::Descartada);
    }
}
