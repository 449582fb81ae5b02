//! The alert policy: confirmation, hysteresis, cooldown and escalation, all in market time.

use super::episode::Episode;
use crate::domain::ranking::{Row, Snapshot};
use crate::domain::report::Level;
use crate::domain::score::level::Ladder;
use crate::domain::symbol::Symbol;
use crate::domain::time::UtcMs;
use std::collections::BTreeMap;

/// Numbers of the policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlertPolicyConfig {
    /// Cycles that a level must hold.
    pub confirm_cycles: u32,
    /// FUERTE needs one cycle only with at least this many breakout points.
    pub breakout_points: f64,
    /// A level is left this far below its threshold, points.
    pub hysteresis: f64,
    /// Least market time between two alerts of a pair, ms.
    pub cooldown_ms: i64,
    /// A rise by this much since the alert escalates, points.
    pub escalation_points: f64,
    /// Levels of the total score.
    pub rule: Ladder,
    /// Levels of the calibrated chance, used where there is one.
    pub calibrated: Ladder,
}

impl Default for AlertPolicyConfig {
    fn default() -> Self {
        Self {
            confirm_cycles: 2,
            breakout_points: 10.0,
            hysteresis: 3.0,
            cooldown_ms: 300_000,
            escalation_points: 10.0,
            rule: Ladder::RULE,
            calibrated: Ladder::CALIBRATED,
        }
    }
}

/// The alert that an escalation goes beyond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Escalation {
    /// Its level.
    pub level: Level,
    /// Its ladder value, 0-100.
    pub value: f64,
}

/// An alert to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The pair with its scores.
    pub row: Row,
    /// FUERTE or ALTA.
    pub kind: Level,
    /// What it escalates from, if it does.
    pub escalated_from: Option<Escalation>,
    /// Total score, or calibrated chance where there is one.
    pub value: f64,
    /// The cut of the cycle.
    pub as_of: UtcMs,
    /// Why, in words.
    pub reason: String,
}

/// The rule that held an alert back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SuppressedBy {
    /// The level has not held long enough.
    Unconfirmed,
    /// Too soon after the pair's alert before.
    Cooldown,
    /// The pair was not analyzable in the cycle before.
    Interrupted,
    /// The episode has its alert.
    AlreadyAlerted,
}

impl SuppressedBy {
    /// Name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Cooldown => "cooldown",
            Self::Interrupted => "interrupted",
            Self::AlreadyAlerted => "already_alerted",
        }
    }
}

/// What became of one candidate.
#[derive(Debug, Clone, PartialEq)]
pub enum AlertDecision {
    /// Send it.
    Send(Box<Alert>),
    /// Not sent.
    Suppressed {
        /// The pair.
        symbol: Symbol,
        /// The rule.
        by: SuppressedBy,
    },
}

#[derive(Debug, Clone, Default)]
struct Memory {
    episode: Episode,
    calibrated: bool,
    analyzable: bool,
    last_alert: Option<UtcMs>,
}

/// The policy with what it remembers of each pair. Holds at most the pairs of the newest snapshot and those in cooldown.
#[derive(Debug, Clone, Default)]
pub struct AlertPolicy {
    config: AlertPolicyConfig,
    pairs: BTreeMap<Symbol, Memory>,
    suppressed: BTreeMap<SuppressedBy, u64>,
}

impl AlertPolicy {
    /// A policy that remembers nothing yet.
    #[must_use]
    pub fn new(config: AlertPolicyConfig) -> Self {
        Self { config, ..Self::default() }
    }

    /// Candidates held back since the start, by rule.
    #[must_use]
    pub const fn suppressed(&self) -> &BTreeMap<SuppressedBy, u64> {
        &self.suppressed
    }

    /// Decides on every row at or above ALTA.
    pub fn on_snapshot(&mut self, snapshot: &Snapshot) -> Vec<AlertDecision> {
        let rows: BTreeMap<&Symbol, &Row> = snapshot.rows.iter().map(|row| (&row.symbol, row)).collect();
        let mut decisions = Vec::new();
        let mut before = std::mem::take(&mut self.pairs);
        for report in snapshot.reports.iter() {
            let known = before.remove(&report.symbol);
            let first = known.is_none();
            let mut memory = known.unwrap_or_default();
            if report.analysis.is_none() {
                memory.episode.interrupt();
            } else if let Some(row) = rows.get(&report.symbol) {
                let back = !first && !memory.analyzable;
                decisions.extend(self.candidate(&mut memory, row, snapshot.as_of, back));
            } else {
                memory.episode = Episode::default();
            }
            memory.analyzable = report.analysis.is_some();
            self.pairs.insert(report.symbol.clone(), memory);
        }
        let cooldown = self.config.cooldown_ms;
        before.retain(|_, m| m.last_alert.is_some_and(|at| snapshot.as_of - at < cooldown));
        before.values_mut().for_each(|m| (m.analyzable, m.episode) = (false, Episode::default()));
        self.pairs.append(&mut before);
        decisions
    }

    fn candidate(&mut self, m: &mut Memory, row: &Row, as_of: UtcMs, back: bool) -> Option<AlertDecision> {
        let (ladder, value) = match row.calibrated_7_5 {
            Some(chance) => (self.config.calibrated, chance),
            None => (self.config.rule, row.analysis.total_score),
        };
        if m.calibrated != row.calibrated_7_5.is_some() {
            m.calibrated = row.calibrated_7_5.is_some();
            m.episode = Episode::default();
        }
        m.episode.step(&ladder, value, self.config.hysteresis);
        if m.episode.level < Level::Alta {
            return None;
        }
        let verdict = if back { Err(SuppressedBy::Interrupted) } else { self.verdict(m, row, value, as_of) };
        Some(match verdict {
            Ok((kind, escalated_from)) => {
                m.episode.escalated |= escalated_from.is_some();
                m.episode.alerted = Some((kind, value));
                m.last_alert = Some(as_of);
                let reason = reason(kind, value, escalated_from, row);
                AlertDecision::Send(Box::new(Alert {
                    row: row.clone(),
                    kind,
                    escalated_from,
                    value,
                    as_of,
                    reason,
                }))
            }
            Err(by) => {
                *self.suppressed.entry(by).or_default() += 1;
                AlertDecision::Suppressed { symbol: row.symbol.clone(), by }
            }
        })
    }

    fn verdict(
        &self,
        m: &Memory,
        row: &Row,
        value: f64,
        as_of: UtcMs,
    ) -> Result<(Level, Option<Escalation>), SuppressedBy> {
        let (config, episode) = (&self.config, &m.episode);
        let breakout = row.analysis.components.breakout >= config.breakout_points;
        let needed = if breakout { 1 } else { config.confirm_cycles };
        let kind = if episode.fuerte_cycles >= needed.max(1) {
            Level::Fuerte
        } else if episode.alta_cycles >= config.confirm_cycles {
            Level::Alta
        } else {
            return Err(SuppressedBy::Unconfirmed);
        };
        let cooling = m.last_alert.is_some_and(|at| as_of - at < config.cooldown_ms);
        match episode.alerted {
            None if cooling => Err(SuppressedBy::Cooldown),
            None => Ok((kind, None)),
            Some((level, was)) if kind > level || value >= was + config.escalation_points => {
                if cooling && episode.escalated {
                    return Err(SuppressedBy::Cooldown);
                }
                Ok((kind.max(level), Some(Escalation { level, value: was })))
            }
            Some(_) => Err(SuppressedBy::AlreadyAlerted),
        }
    }
}

fn reason(kind: Level, value: f64, from: Option<Escalation>, row: &Row) -> String {
    let ladder = if row.calibrated_7_5.is_some() { "calibrated chance" } else { "score" };
    let breakout = row.analysis.components.breakout;
    match from {
        Some(e) => format!(
            "{kind}: {ladder} {value:.1}, up from {} at {:.1}; breakout {breakout:.1}",
            e.level, e.value
        ),
        None => format!("{kind}: {ladder} {value:.1}; breakout {breakout:.1}"),
    }
}
