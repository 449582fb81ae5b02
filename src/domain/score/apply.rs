//! A profile on a pair's raw values: points, probability, composite and level. The one place where they are made, live,
//! in a backtest, in tuning and in the shadow of an experiment.

use super::profile::Profile;
use super::{components as points, probability as factor};
use crate::domain::indicator::macd::MacdValue;
use crate::domain::report::{Analysis, Components, Factors};

/// What the candles decide: all that a profile makes scores of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Raw {
    /// Close of the live candle.
    pub price: f64,
    /// Wilder RSI over 14 bars, 0-100.
    pub rsi_14: f64,
    /// The MACD, price units.
    pub macd: MacdValue,
    /// Recent volume against the mean, percent.
    pub volume_ratio: f64,
    /// Change over 60 minutes, percent.
    pub velocity_1h: f64,
    /// Highest high of the 20 bars before.
    pub breakout_high: f64,
    /// Wilder ATR over 14 bars, price units.
    pub atr_14: f64,
    /// Range of 24 h, percent.
    pub volatility_24h: f64,
    /// Nearest pivot high above the price.
    pub resistance: Option<f64>,
    /// Correlation with BTC, -1 to 1.
    pub btc_correlation: f64,
    /// BTC's change over 4 h, percent; `None` when BTC is not analyzable.
    pub btc_change_4h: Option<f64>,
    /// Quote volume of 24 h, USDT.
    pub volume_24h: f64,
}

impl Raw {
    /// The raw values behind an analysis.
    pub fn of(a: &Analysis) -> Self {
        let i = &a.indicators;
        Self {
            price: a.current_price,
            rsi_14: i.rsi_14,
            macd: MacdValue { line: i.macd, signal: i.macd_signal, histogram: i.macd_histogram },
            volume_ratio: i.volume_ratio,
            velocity_1h: i.velocity_1h,
            breakout_high: a.inputs.breakout_high,
            atr_14: i.atr_14,
            volatility_24h: i.volatility_24h,
            resistance: a.resistance,
            btc_correlation: a.inputs.btc_correlation,
            btc_change_4h: a.btc_analyzable.then_some(a.inputs.btc_change_4h),
            volume_24h: a.volume_24h,
        }
    }

    /// The points of the five parts.
    pub fn components(&self, profile: &Profile) -> Components {
        Components {
            rsi: points::rsi_points(&profile.rsi, self.rsi_14),
            macd: points::macd_points(&profile.macd, &self.macd, self.price),
            volume: points::step_points(&profile.volume, self.volume_ratio),
            velocity: points::step_points(&profile.velocity, self.velocity_1h),
            breakout: points::breakout_points(&profile.breakout, self.price, self.breakout_high, self.atr_14),
        }
    }

    /// The factors of the rule probability under a total score.
    pub fn factors(&self, profile: &Profile, total_score: f64) -> Factors {
        let rule = &profile.probability;
        Factors {
            volatility: factor::volatility_factor(rule, self.volatility_24h),
            momentum: total_score / 100.0,
            resistance: factor::resistance_factor(rule, self.price, self.resistance),
            btc_correlation: factor::btc_factor(rule, self.btc_correlation, self.btc_change_4h),
            liquidity: factor::liquidity_factor(rule, self.volume_24h),
        }
    }
}

/// Sum of the five parts.
pub fn total(c: &Components) -> f64 {
    c.rsi + c.macd + c.volume + c.velocity + c.breakout
}

/// Fills everything that `profile` decides from what the candles decide.
pub fn apply(analysis: &mut Analysis, profile: &Profile) {
    let raw = Raw::of(analysis);
    let components = raw.components(profile);
    let total_score = total(&components);
    let factors = raw.factors(profile, total_score);
    let probability_7_5 = factor::probability(&profile.probability, &factors);
    let shares = &profile.composite;
    analysis.components = components;
    analysis.total_score = total_score;
    analysis.factors = factors;
    analysis.probability_7_5 = probability_7_5;
    analysis.composite_score =
        shares.score_weight * total_score + shares.probability_weight * probability_7_5;
    analysis.confidence_level = profile.levels.level(total_score);
}
