//! Every point, threshold and weight of the scores as data. The default is the profile `base`.

use super::level::LevelThresholds;
use crate::domain::target::TARGET_PCT;
use serde::{Deserialize, Serialize};

/// A profile's value is out of its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("profile key '{key}' is {found}; allowed: {allowed:?}")]
pub struct ProfileError {
    /// Path of the key.
    pub key: String,
    pub found: String,
    pub(crate) allowed: Allowed,
}

/// What a value of a profile may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Allowed {
    Range(f64, f64),
    AboveZero,
    /// Two numbers from 0 to 100, the lower one first.
    Band,
    /// Steps with `from` falling from one to the next.
    FallingSteps,
    /// Weights of 0 or more that sum to 1.
    Weights,
    /// At most 100 points, all components together.
    MostPoints,
    /// 0 to 100, each level above the one below it.
    OrderedLevels,
    /// Above the lower end of the band, at most 18.
    LiquidityEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RsiRule {
    /// Oversold below this index.
    pub oversold_below: f64,
    pub oversold_points: f64,
    /// Recovery band, both ends included.
    pub recovery: [f64; 2],
    pub recovery_points: f64,
    /// Strength band, both ends included.
    pub strength: [f64; 2],
    pub strength_points: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MacdRule {
    /// The histogram is strong above this many basis points of the price.
    pub strong_histogram_bps: f64,
    /// Points for line over signal with a strong histogram.
    pub strong_points: f64,
    /// Points for line over signal.
    pub points: f64,
}

/// Points from a threshold on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Lowest value, percent.
    pub from: f64,
    /// Points from there on.
    pub points: f64,
}

/// Points of the breakout: clamp(base + slope x d, 0, max), d in ATR.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BreakoutRule {
    /// Points at the high itself.
    pub(crate) base_points: f64,
    /// Points for each ATR above it.
    pub(crate) points_per_atr: f64,
    pub(crate) max_points: f64,
}

/// The rule probability: weights and where its factors begin and end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProbabilityRule {
    pub(crate) volatility_weight: f64,
    pub(crate) momentum_weight: f64,
    /// Weight of the room to the next pivot high.
    pub(crate) resistance_weight: f64,
    /// Weight of the push from BTC.
    pub(crate) btc_correlation_weight: f64,
    pub(crate) liquidity_weight: f64,
    /// The rise in question, percent; a 24 h range below it counts `quiet_volatility`.
    pub(crate) target_pct: f64,
    /// Factor of a range below the target, 0-1.
    pub(crate) quiet_volatility: f64,
    /// Range that counts 1, percent.
    pub(crate) full_volatility_pct: f64,
    /// BTC change that counts fully, percent.
    pub(crate) full_btc_change_pct: f64,
    /// log10 of the quote volume that counts 0.
    pub(crate) liquidity_log10_from: f64,
    /// log10 of the quote volume that counts 1.
    pub(crate) liquidity_log10_to: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CompositeRule {
    pub(crate) score_weight: f64,
    pub(crate) probability_weight: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    pub rsi: RsiRule,
    pub macd: MacdRule,
    /// Points of the volume ratio, highest threshold first.
    pub volume: Vec<Step>,
    /// Points of the change over 60 minutes, highest threshold first.
    pub velocity: Vec<Step>,
    pub(crate) breakout: BreakoutRule,
    /// Levels of the total score.
    pub levels: LevelThresholds,
    pub(crate) probability: ProbabilityRule,
    pub(crate) composite: CompositeRule,
}

impl Default for RsiRule {
    fn default() -> Self {
        Self {
            oversold_below: 30.0,
            oversold_points: 25.0,
            recovery: [30.0, 45.0],
            recovery_points: 15.0,
            strength: [55.0, 70.0],
            strength_points: 20.0,
        }
    }
}

impl Default for MacdRule {
    fn default() -> Self {
        Self { strong_histogram_bps: 0.0, strong_points: 20.0, points: 10.0 }
    }
}

impl Default for BreakoutRule {
    fn default() -> Self {
        Self { base_points: 5.0, points_per_atr: 10.0, max_points: 15.0 }
    }
}

impl Default for ProbabilityRule {
    fn default() -> Self {
        Self {
            volatility_weight: 0.25,
            momentum_weight: 0.30,
            resistance_weight: 0.20,
            btc_correlation_weight: 0.15,
            liquidity_weight: 0.10,
            target_pct: TARGET_PCT,
            quiet_volatility: 0.3,
            full_volatility_pct: 15.0,
            full_btc_change_pct: 3.0,
            liquidity_log10_from: 6.0,
            liquidity_log10_to: 8.0,
        }
    }
}

impl Default for CompositeRule {
    fn default() -> Self {
        Self { score_weight: 0.6, probability_weight: 0.4 }
    }
}

impl Default for Profile {
    fn default() -> Self {
        let step = |from, points| Step { from, points };
        Self {
            rsi: RsiRule::default(),
            macd: MacdRule::default(),
            volume: vec![step(500.0, 25.0), step(300.0, 20.0), step(200.0, 15.0)],
            velocity: vec![step(3.0, 15.0), step(1.5, 10.0)],
            breakout: BreakoutRule::default(),
            levels: LevelThresholds::RULE,
            probability: ProbabilityRule::default(),
            composite: CompositeRule::default(),
        }
    }
}

fn demand(ok: bool, key: &str, found: &dyn std::fmt::Debug, allowed: Allowed) -> Result<(), ProfileError> {
    if ok {
        return Ok(());
    }
    Err(ProfileError { key: key.to_owned(), found: format!("{found:?}"), allowed })
}

fn within(key: &str, value: f64, low: f64, high: f64) -> Result<(), ProfileError> {
    let ok = (low..=high).contains(&value);
    demand(ok, key, &value, Allowed::Range(low, high))
}

fn above_zero(key: &str, value: f64) -> Result<(), ProfileError> {
    demand(value > 0.0 && value.is_finite(), key, &value, Allowed::AboveZero)
}

fn band(key: &str, band: [f64; 2]) -> Result<(), ProfileError> {
    let ok = 0.0 <= band[0] && band[0] <= band[1] && band[1] <= 100.0;
    demand(ok, key, &band, Allowed::Band)
}

fn steps(key: &str, steps: &[Step]) -> Result<(), ProfileError> {
    let falling = steps.windows(2).all(|w| w[0].from > w[1].from);
    let finite = steps.iter().all(|s| s.from.is_finite());
    demand(falling && finite, key, &steps, Allowed::FallingSteps)?;
    steps.iter().try_for_each(|s| within(&format!("{key}.points"), s.points, 0.0, 100.0))
}

fn weights(key: &str, weights: &[f64]) -> Result<(), ProfileError> {
    let sum: f64 = weights.iter().sum();
    let ok = weights.iter().all(|w| *w >= 0.0) && (sum - 1.0).abs() < 1e-9;
    demand(ok, key, &weights, Allowed::Weights)
}

impl Profile {
    /// Most points that this profile can give.
    pub(crate) fn max_points(&self) -> f64 {
        let top = |steps: &[Step]| steps.iter().map(|s| s.points).fold(0.0, f64::max);
        let rsi = self.rsi.oversold_points.max(self.rsi.recovery_points).max(self.rsi.strength_points);
        let macd = self.macd.strong_points.max(self.macd.points);
        rsi + macd + top(&self.volume) + top(&self.velocity) + self.breakout.max_points
    }

    pub fn validate(&self) -> Result<(), ProfileError> {
        within("rsi.oversold_below", self.rsi.oversold_below, 0.0, 100.0)?;
        band("rsi.recovery", self.rsi.recovery)?;
        band("rsi.strength", self.rsi.strength)?;
        within("rsi.oversold_points", self.rsi.oversold_points, 0.0, 100.0)?;
        within("rsi.recovery_points", self.rsi.recovery_points, 0.0, 100.0)?;
        within("rsi.strength_points", self.rsi.strength_points, 0.0, 100.0)?;
        within("macd.strong_histogram_bps", self.macd.strong_histogram_bps, 0.0, 10_000.0)?;
        within("macd.strong_points", self.macd.strong_points, 0.0, 100.0)?;
        within("macd.points", self.macd.points, 0.0, 100.0)?;
        steps("volume", &self.volume)?;
        steps("velocity", &self.velocity)?;
        within("breakout.base_points", self.breakout.base_points, -100.0, 100.0)?;
        within("breakout.points_per_atr", self.breakout.points_per_atr, 0.0, 1_000.0)?;
        within("breakout.max_points", self.breakout.max_points, 0.0, 100.0)?;
        let most = self.max_points();
        demand(most <= 100.0 + 1e-9, "sum of the most points of all components", &most, Allowed::MostPoints)?;
        demand(self.levels.is_ordered(), "levels", &self.levels, Allowed::OrderedLevels)?;
        self.probability.validate()?;
        weights("composite", &[self.composite.score_weight, self.composite.probability_weight])
    }
}

impl ProbabilityRule {
    fn validate(&self) -> Result<(), ProfileError> {
        weights(
            "probability.*_weight",
            &[
                self.volatility_weight,
                self.momentum_weight,
                self.resistance_weight,
                self.btc_correlation_weight,
                self.liquidity_weight,
            ],
        )?;
        above_zero("probability.target_pct", self.target_pct)?;
        within("probability.quiet_volatility", self.quiet_volatility, 0.0, 1.0)?;
        above_zero("probability.full_volatility_pct", self.full_volatility_pct)?;
        above_zero("probability.full_btc_change_pct", self.full_btc_change_pct)?;
        within("probability.liquidity_log10_from", self.liquidity_log10_from, 0.0, 18.0)?;
        let to = self.liquidity_log10_to;
        demand(
            to > self.liquidity_log10_from && to <= 18.0,
            "probability.liquidity_log10_to",
            &to,
            Allowed::LiquidityEnd,
        )
    }
}
