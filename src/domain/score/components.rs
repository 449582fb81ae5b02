//! Points of the five parts of the momentum score.

use super::profile::{BreakoutRule, MacdRule, RsiRule, Step};
use crate::domain::indicator::macd::MacdValue;

/// Points of an RSI of 0-100.
pub(crate) fn rsi_points(rule: &RsiRule, rsi: f64) -> f64 {
    let inside = |band: [f64; 2]| (band[0]..=band[1]).contains(&rsi);
    if rsi < rule.oversold_below {
        rule.oversold_points
    } else if inside(rule.recovery) {
        rule.recovery_points
    } else if inside(rule.strength) {
        rule.strength_points
    } else {
        0.0
    }
}

/// Points of a MACD at `price`.
pub(crate) fn macd_points(rule: &MacdRule, macd: &MacdValue, price: f64) -> f64 {
    if macd.line <= macd.signal {
        0.0
    } else if macd.histogram > price * (rule.strong_histogram_bps / 10_000.0) {
        rule.strong_points
    } else {
        rule.points
    }
}

/// Points of the first step that `value` reaches; 0 below all.
pub(crate) fn step_points(steps: &[Step], value: f64) -> f64 {
    steps.iter().find(|step| value >= step.from).map_or(0.0, |step| step.points)
}

/// Points of `price` against the highest high of the bars before, in units of their ATR.
pub(crate) fn breakout_points(rule: &BreakoutRule, price: f64, high: f64, atr: f64) -> f64 {
    if atr > 0.0 {
        let distance = (price - high) / atr;
        (rule.base_points + rule.points_per_atr * distance).clamp(0.0, rule.max_points)
    } else if price > high {
        rule.max_points
    } else {
        0.0
    }
}

/// 100 x recent / mean volume; a mean of 0 gives 0.
pub fn volume_ratio(recent: f64, mean: f64) -> f64 {
    let ratio = 100.0 * (recent / mean);
    if mean > 0.0 && ratio.is_finite() { ratio } else { 0.0 }
}

/// Change of `price` against `before`, percent; 0 where that is not defined.
pub(crate) fn change_pct(price: f64, before: f64) -> f64 {
    let change = 100.0 * (price / before - 1.0);
    if before > 0.0 && change.is_finite() { change } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::score::profile::{Allowed, Profile};

    #[test]
    fn edges_of_the_rules() {
        let p = Profile::default();
        let rsi: Vec<f64> =
            [29.99, 30.0, 45.0, 45.01, 54.99, 55.0, 70.0, 70.01].map(|v| rsi_points(&p.rsi, v)).to_vec();
        assert_eq!(rsi, [25.0, 15.0, 15.0, 0.0, 0.0, 20.0, 20.0, 0.0]);
        let macd = |line, signal| MacdValue { line, signal, histogram: line - signal };
        assert_eq!(macd_points(&p.macd, &macd(1.0, 0.5), 100.0), 20.0);
        assert_eq!(macd_points(&p.macd, &macd(0.5, 0.5), 100.0), 0.0);
        let strict = MacdRule { strong_histogram_bps: 100.0, ..p.macd };
        assert_eq!(macd_points(&strict, &macd(1.0, 0.5), 100.0), 10.0);
        assert_eq!([199.9, 200.0, 300.0, 500.0].map(|v| step_points(&p.volume, v)), [0.0, 15.0, 20.0, 25.0]);
        assert_eq!([1.49, 1.5, 3.0].map(|v| step_points(&p.velocity, v)), [0.0, 10.0, 15.0]);
        assert_eq!(breakout_points(&p.breakout, 10.0, 10.0, 1.0), 5.0);
        assert_eq!(breakout_points(&p.breakout, 12.0, 10.0, 1.0), 15.0);
        assert_eq!(breakout_points(&p.breakout, 9.0, 10.0, 1.0), 0.0);
        assert_eq!(breakout_points(&p.breakout, 10.1, 10.0, 0.0), 15.0);
        assert_eq!(breakout_points(&p.breakout, 10.0, 10.0, 0.0), 0.0);
        assert_eq!(volume_ratio(5.0, 0.0), 0.0);
        assert_eq!(change_pct(103.0, 0.0), 0.0);
    }

    #[test]
    fn a_profile_names_the_wrong_key() {
        assert_eq!(Profile::default().validate(), Ok(()));
        let mut p = Profile::default();
        p.probability.momentum_weight = 0.5;
        let error = p.validate().expect_err("weights sum to 1.2");
        assert_eq!((error.key.as_str(), error.allowed), ("probability.*_weight", Allowed::Weights));
        let mut p = Profile::default();
        p.levels.alta = 90.0;
        assert!(p.validate().expect_err("out of order").to_string().contains("levels"));
        let mut p = Profile::default();
        p.volume.reverse();
        assert!(p.validate().expect_err("rising").to_string().contains("volume"));
        let unknown =
            serde_json::from_str::<Profile>(r#"{"rsi":{"oversold":1}}"#).expect_err("no such field");
        assert!(unknown.to_string().contains("unknown field `oversold`"), "{unknown}");
        let one =
            serde_json::from_str::<Profile>(r#"{"rsi":{"oversold_below":25}}"#).expect("a partial profile");
        assert_eq!(one.rsi.oversold_below, 25.0);
        assert_eq!(one.rsi.oversold_points, 25.0);
    }
}
