//! The rule probability of +7.5 % within 24 h: a score, not a calibrated chance.

use super::profile::ProbabilityRule;
use crate::domain::report::Factors;

/// Factor of the 24 h range, 0-1.
pub(crate) fn volatility_factor(rule: &ProbabilityRule, range_pct: f64) -> f64 {
    if range_pct < rule.target_pct {
        rule.quiet_volatility
    } else {
        (range_pct / rule.full_volatility_pct).min(1.0)
    }
}

/// Factor of the room below the nearest pivot high, 0-1.
pub(crate) fn resistance_factor(rule: &ProbabilityRule, price: f64, resistance: Option<f64>) -> f64 {
    let Some(resistance) = resistance else { return 1.0 };
    let room = 100.0 * (resistance / price - 1.0) / rule.target_pct;
    if room.is_finite() { room.clamp(0.0, 1.0) } else { 1.0 }
}

/// Factor of the push from BTC, 0-1. `btc_change_pct` is `None` when BTCUSDT is not analyzable.
pub(crate) fn btc_factor(rule: &ProbabilityRule, correlation: f64, btc_change_pct: Option<f64>) -> f64 {
    let push = btc_change_pct.map_or(0.0, |change| (change / rule.full_btc_change_pct).clamp(-1.0, 1.0));
    (0.5 + 0.5 * correlation * push).clamp(0.0, 1.0)
}

/// Factor of the 24 h quote volume, 0-1.
pub(crate) fn liquidity_factor(rule: &ProbabilityRule, quote_volume: f64) -> f64 {
    let span = rule.liquidity_log10_to - rule.liquidity_log10_from;
    ((quote_volume.max(1.0).log10() - rule.liquidity_log10_from) / span).clamp(0.0, 1.0)
}

/// 100 x the weighted sum, rounded to 2 decimals, half to even.
pub(crate) fn probability(rule: &ProbabilityRule, f: &Factors) -> f64 {
    let sum = rule.volatility_weight * f.volatility
        + rule.momentum_weight * f.momentum
        + rule.resistance_weight * f.resistance
        + rule.btc_correlation_weight * f.btc_correlation
        + rule.liquidity_weight * f.liquidity;
    (100.0 * sum * 100.0).round_ties_even() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_at_their_ends() {
        let r = ProbabilityRule::default();
        assert_eq!([7.4, 7.5, 30.0].map(|v| volatility_factor(&r, v)), [0.3, 0.5, 1.0]);
        assert_eq!(resistance_factor(&r, 100.0, None), 1.0);
        assert!((resistance_factor(&r, 100.0, Some(103.75)) - 0.5).abs() < 1e-12);
        assert_eq!(btc_factor(&r, 1.0, None), 0.5);
        assert_eq!(btc_factor(&r, 1.0, Some(-9.0)), 0.0);
        assert_eq!([0.0, 1e6, 1e7, 1e9].map(|q| liquidity_factor(&r, q)), [0.0, 0.0, 0.5, 1.0]);
        let all =
            Factors { volatility: 1.0, momentum: 1.0, resistance: 1.0, btc_correlation: 1.0, liquidity: 1.0 };
        assert_eq!(probability(&r, &all), 100.0);
    }
}
