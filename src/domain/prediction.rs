//! Predictions: what opens one, and what became of it (pure; SCORING's outcome of a prediction).

use crate::domain::alert::message::LevelBasis;
use crate::domain::candle::Candle;
use crate::domain::ranking::{Row, Snapshot};
use crate::domain::report::Level;
use crate::domain::score::level::LevelThresholds;
use crate::domain::symbol::Symbol;
use crate::domain::time::{HOUR_MS, MINUTE_MS, UtcMs};
use std::collections::BTreeMap;

/// The rise that is predicted: a later high of at least so many times the price.
pub(crate) const TARGET: f64 = 1.075;
/// Horizon, ms.
pub(crate) const HORIZON_MS: i64 = 24 * HOUR_MS;
/// Short horizon, ms.
pub(crate) const SHORT_MS: i64 = 4 * HOUR_MS;

/// Numbers of the ledger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenerConfig {
    /// A level is left this far below its threshold, points of the ladder in force.
    pub hysteresis: f64,
    /// Levels of the total score.
    pub rule: LevelThresholds,
    /// Levels of the calibrated chance, where there is one.
    pub calibrated: LevelThresholds,
}

/// A prediction to be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The pair with its scores.
    pub row: Row,
    /// A sample of the full hour; else the rise to a level.
    pub sample: bool,
    /// Level on the ladder in force.
    pub level: Level,
    pub ladder: LevelBasis,
    /// The cut, ms UTC.
    pub as_of: UtcMs,
}

impl Opened {
    /// The same prediction always has the same key; `arm` is empty for what is in force.
    pub fn key(&self, arm: &str) -> String {
        let kind = if self.sample { "sample" } else { "episode" };
        let own = format!("{kind}-{}-{}-{}", self.row.symbol, self.as_of, self.level);
        if arm.is_empty() { own } else { format!("{arm}/{own}") }
    }

    /// The chance that was said, 0-1: the calibrated one, else the rule's.
    pub fn said(&self) -> f64 {
        self.row.calibrated_7_5.unwrap_or(self.row.analysis.probability_7_5) / 100.0
    }
}

/// Opens an episode when a pair's level rises, and a sample of every listed pair at each full hour.
#[derive(Debug, Clone)]
pub(crate) struct Opener {
    config: OpenerConfig,
    held: BTreeMap<Symbol, (LevelBasis, Level)>,
    hour: Option<i64>,
}

impl Opener {
    /// Knows no pair yet: the first snapshot opens no episodes, since nobody saw the levels rise.
    pub(crate) const fn new(config: OpenerConfig) -> Self {
        Self { config, held: BTreeMap::new(), hour: None }
    }

    /// Another profile is in force: its ladder.
    pub(crate) const fn set_rule(&mut self, rule: LevelThresholds) {
        self.config.rule = rule;
    }

    /// What the snapshot opens.
    pub(crate) fn on_snapshot(&mut self, snapshot: &Snapshot) -> Vec<Opened> {
        let hour = snapshot.as_of.div_euclid(HOUR_MS);
        let full = snapshot.as_of.rem_euclid(HOUR_MS) == 0;
        let sample = self.hour.replace(hour).map_or(full, |before| before != hour);
        let first = self.held.is_empty();
        let rows: BTreeMap<&Symbol, &Row> = snapshot.candidates().map(|row| (&row.symbol, row)).collect();
        let mut opened = Vec::new();
        for report in snapshot.reports.iter() {
            let Some(row) = rows.get(&report.symbol) else {
                // Not listed: its level is below all; not analyzable: what was stands.
                if report.analysis.is_some() {
                    self.held.remove(&report.symbol);
                }
                continue;
            };
            let (ladder, level, rose) = self.step(row);
            let one = |sample| Opened { row: (*row).clone(), sample, level, ladder, as_of: snapshot.as_of };
            if rose && !first {
                opened.push(one(false));
            }
            if sample {
                opened.push(one(true));
            }
        }
        opened
    }

    fn step(&mut self, row: &Row) -> (LevelBasis, Level, bool) {
        let (kind, ladder, value) = match row.calibrated_7_5 {
            Some(chance) => (LevelBasis::Calibrated, self.config.calibrated, chance),
            None => (LevelBasis::Rule, self.config.rule, row.analysis.total_score),
        };
        let before = self.held.get(&row.symbol).filter(|(k, _)| *k == kind).map(|(_, level)| *level);
        let was = before.unwrap_or(Level::Descartada);
        let raw = ladder.level(value);
        let level = held_level(&ladder, self.config.hysteresis, was, value);
        self.held.insert(row.symbol.clone(), (kind, level));
        (kind, raw, level > was)
    }
}

/// The level that is held after `value` where `was` was held: left only below its threshold less the hysteresis.
pub(crate) fn held_level(ladder: &LevelThresholds, hysteresis: f64, was: Level, value: f64) -> Level {
    let raw = ladder.level(value);
    if value >= ladder.threshold(was) - hysteresis { raw.max(was) } else { raw }
}

/// What became of a prediction so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// A high within 4 h reached the target; `None` while those 4 h are not whole.
    pub hit_4h: Option<bool>,
    /// The same within 24 h.
    pub hit_24h: Option<bool>,
    /// Minutes from the cut to the end of the candle that reached it.
    pub minutes_to_hit: Option<u32>,
    /// Greatest rise so far, percent (not below 0).
    pub greatest_rise_pct: f64,
    /// Deepest fall so far, percent (not above 0).
    pub deepest_fall_pct: f64,
    /// Candles are missing: the first missing open time.
    pub missing: Option<UtcMs>,
}

/// Judges a price of the cut `opened_at` by the candles (closed, oldest first, of `base_ms`) that opened since.
pub fn judge(opened_at: UtcMs, price: f64, candles: &[Candle], base_ms: i64) -> Outcome {
    let mut outcome = Outcome {
        hit_4h: None,
        hit_24h: None,
        minutes_to_hit: None,
        greatest_rise_pct: 0.0,
        deepest_fall_pct: 0.0,
        missing: None,
    };
    // A cut inside a candle: the rest of that candle is not told apart from its beginning and stays out.
    let first = opened_at.div_euclid(base_ms) * base_ms
        + if opened_at.rem_euclid(base_ms) == 0 { 0 } else { base_ms };
    let mut next = first;
    for c in candles.iter().filter(|c| c.open_time >= first && c.open_time < opened_at + HORIZON_MS) {
        if c.open_time != next || !c.closed {
            break;
        }
        next += base_ms;
        outcome.greatest_rise_pct = outcome.greatest_rise_pct.max(100.0 * (c.high / price - 1.0));
        outcome.deepest_fall_pct = outcome.deepest_fall_pct.min(100.0 * (c.low / price - 1.0));
        if outcome.minutes_to_hit.is_none() && c.high >= TARGET * price {
            outcome.minutes_to_hit = u32::try_from((next - opened_at) / MINUTE_MS).ok();
        }
    }
    let within = |span: i64| {
        let hit = outcome.minutes_to_hit.is_some_and(|m| i64::from(m) * MINUTE_MS <= span);
        // A hit stands as soon as it is seen; a miss only when the whole span was.
        (hit || next >= opened_at + span).then_some(hit)
    };
    (outcome.hit_4h, outcome.hit_24h) = (within(SHORT_MS), within(HORIZON_MS));
    outcome.missing = (next < opened_at + HORIZON_MS).then_some(next);
    outcome
}

#[cfg(test)]
#[path = "prediction_tests.rs"]
mod tests;
