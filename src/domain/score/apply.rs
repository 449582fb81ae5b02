//! A profile on a pair's raw values: points, probability, composite and level. The one place where they are made, live,
//! in a backtest, in tuning and in the shadow of an experiment.

use super::profile::Profile;
use super::{components as points, probability as factor};
use crate::domain::indicator::macd::MacdValue;
use crate::domain::report::{Analysis, Components, Factors};

/// Fills everything that `profile` decides from what the candles decide.
pub fn apply(analysis: &mut Analysis, profile: &Profile) {
    let (i, price) = (&analysis.indicators, analysis.current_price);
    let macd = MacdValue { line: i.macd, signal: i.macd_signal, histogram: i.macd_histogram };
    let high = analysis.inputs.breakout_high;
    let components = Components {
        rsi: points::rsi_points(&profile.rsi, i.rsi_14),
        macd: points::macd_points(&profile.macd, &macd, price),
        volume: points::step_points(&profile.volume, i.volume_ratio),
        velocity: points::step_points(&profile.velocity, i.velocity_1h),
        breakout: points::breakout_points(&profile.breakout, price, high, i.atr_14),
    };
    let total_score =
        components.rsi + components.macd + components.volume + components.velocity + components.breakout;
    let rule = &profile.probability;
    let push = analysis.btc_analyzable.then_some(analysis.inputs.btc_change_4h);
    let factors = Factors {
        volatility: factor::volatility_factor(rule, i.volatility_24h),
        momentum: total_score / 100.0,
        resistance: factor::resistance_factor(rule, price, analysis.resistance),
        btc_correlation: factor::btc_factor(rule, analysis.inputs.btc_correlation, push),
        liquidity: factor::liquidity_factor(rule, analysis.volume_24h),
    };
    let probability_7_5 = factor::probability(rule, &factors);
    let shares = &profile.composite;
    analysis.components = components;
    analysis.total_score = total_score;
    analysis.factors = factors;
    analysis.probability_7_5 = probability_7_5;
    analysis.composite_score =
        shares.score_weight * total_score + shares.probability_weight * probability_7_5;
    analysis.confidence_level = profile.levels.level(total_score);
}
