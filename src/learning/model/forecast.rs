//! How much a pair is going to move in the next 24 hours, and by how much movement alone reaches the target.
//!
//! Daily volatility is forecast from that of the last hours, days and weeks, of the pair and of the market (HAR: Corsi 2009). A
//! price without drift then touches +7.5 % by the reflection principle.

use super::linear::Linear;
use crate::domain::target::TARGET;
use crate::learning::log_odds::logit;
use serde::{Deserialize, Serialize};

/// What the forecast adds to a row: ln of the daily volatility to come (percent), the log odds of a first passage of the target.
pub(crate) const DERIVED: [&str; 2] = ["log_sigma", "first_passage"];
/// Chances nearer to 0 or 1 are one to the models: their log odds would run away and drown every other input.
const LEAST: f64 = 1e-5;

/// What the forecast reads: an input from each list, the first that is known. Where a pair is too young for a longer span, the next
/// shorter one stands for it.
pub(crate) const INPUTS: &[&[&str]] = &[
    &["log_rv_1h"],
    &["log_rv_4h"],
    &["log_rv_12h"],
    &["log_rv_1d"],
    &["log_rv_3d", "log_rv_1d"],
    &["log_rv_7d", "log_rv_3d", "log_rv_1d"],
    &["log_rv_30d", "log_rv_14d", "log_rv_7d", "log_rv_3d", "log_rv_1d"],
    &["log_pk_1d"],
    &["log_pk_7d", "log_pk_1d"],
    &["log_market_rv_1d"],
    &["log_market_rv_7d", "log_market_rv_1d"],
    &["log_market_rv_30d", "log_market_rv_7d", "log_market_rv_1d"],
    &["log_btc_rv_1d"],
    &["log_btc_rv_7d", "log_btc_rv_1d"],
    &["hour_sin"],
    &["hour_cos"],
    &["weekend"],
];

/// The fitted forecast.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forecast {
    /// Numbers of the features that each input comes from: the first known one counts.
    pub(crate) inputs: Vec<Vec<u16>>,
    /// ln of the daily volatility, percent, from the inputs.
    pub(crate) line: Linear,
}

impl Forecast {
    /// The inputs of a row.
    pub(crate) fn read(inputs: &[Vec<u16>], row: &[f32]) -> impl Iterator<Item = f32> {
        let first = |columns: &Vec<u16>| {
            let mut values = columns.iter().map(|column| row[usize::from(*column)]);
            values.find(|value| !value.is_nan()).unwrap_or(f32::NAN)
        };
        inputs.iter().map(first)
    }

    /// What it adds to a row, in the order of `DERIVED`.
    pub(crate) fn derived(&self, row: &[f32]) -> [f32; DERIVED.len()] {
        let own: Vec<f32> = Self::read(&self.inputs, row).collect();
        let log_sigma = self.line.predict(&own);
        let passage = logit(first_passage(log_sigma.exp() / 100.0).clamp(LEAST, 1.0 - LEAST));
        [log_sigma, passage].map(|value| value as f32)
    }

    pub(crate) fn is_sound(&self, features: usize) -> bool {
        self.inputs.iter().flatten().all(|column| usize::from(*column) < features)
            && self.line.is_sound(self.inputs.len())
    }
}

/// The chance that a price without drift reaches the target within the day of this volatility (a fraction).
fn first_passage(sigma: f64) -> f64 {
    // Twice the chance to end above it.
    complementary_error(TARGET.ln() / sigma / std::f64::consts::SQRT_2)
}

/// 1 - erf(x) for x of 0 and more, within 1.2e-7 of itself (Press et al., Numerical Recipes, 6.2).
fn complementary_error(x: f64) -> f64 {
    const TERMS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + x / 2.0);
    t * (TERMS.iter().rev().fold(0.0, |sum, term| sum * t + term) - x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_of_a_first_passage_are_those_of_the_tables() {
        // 2 (1 - Phi(x)) at x = 1, 1.96, 3: ln 1.075 is so many volatilities away.
        for (x, chance) in [(1.0, 0.317_310_5), (1.959_964, 0.05), (3.0, 0.002_699_8)] {
            let said = first_passage(TARGET.ln() / x);
            assert!((said - chance).abs() < 1e-6, "{said} {chance}");
        }
        assert_eq!(first_passage(0.0), 0.0);
        assert!((first_passage(1e9) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_first_known_input_counts() {
        let line = Linear {
            intercept: 1.0,
            low: vec![-9.0],
            high: vec![9.0],
            mean: vec![0.0],
            deviation: vec![1.0],
            weight: vec![1.0],
        };
        let forecast = Forecast { inputs: vec![vec![1, 0]], line };
        assert!(forecast.is_sound(2) && !forecast.is_sound(1));
        let sigma = |row: [f32; 2]| forecast.derived(&row)[0];
        assert_eq!(
            [sigma([1.0, 2.0]), sigma([1.0, f32::NAN]), sigma([f32::NAN; 2])],
            [3.0, 2.0, 1.0],
            "the longer span, the shorter one, the mean"
        );
        assert!(forecast.derived(&[-2.0, -2.0])[1] < -9.0);
    }
}
