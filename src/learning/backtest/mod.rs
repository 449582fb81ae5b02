//! The live decisions over recorded moments: ranking, model, episodes and alert policy, held against what happened.

pub(crate) mod compare;
pub mod report;

use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::alert::policy::AlertPolicy;
use crate::domain::level_book::LevelBook;
use crate::domain::level_rules::LevelBasis;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::{RankingFilters, Row, Snapshot, rank};
use crate::domain::report::Level;
use crate::domain::symbol::Symbol;
use crate::domain::target::HORIZON_MS;
use crate::domain::time::HOUR_MS;
use crate::learning::features::market::Market;
use crate::learning::replay::Moment;
use crate::learning::replay::pair::Judged;
use crate::learning::scorer::Scorer;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Clone)]
pub(crate) struct RunConfig {
    /// Name of the run: profile and model.
    pub name: String,
    pub filters: RankingFilters,
    pub policy: AlertPolicyConfig,
}

/// A listed pair at a moment whose outcome is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub as_of: MarketTime,
    pub pair: u32,
    /// Chance in force, 0-1: the model's, else the rule's.
    pub said: f64,
    /// Reached +7.5 % within 24 h.
    pub hit: bool,
    pub volume_24h: f64,
    /// BTC's 24 h change, percent; NaN when unknown.
    pub(crate) btc_change_24h: f64,
}

/// A rise to a level, or an alert, whose outcome is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Call {
    pub as_of: MarketTime,
    pub pair: u32,
    pub level: Level,
    pub(crate) judged: Judged,
    pub volume_24h: f64,
    /// BTC's 24 h change, percent; NaN when unknown.
    pub(crate) btc_change_24h: f64,
}

impl Call {
    /// Reached +7.5 % within 24 h.
    pub fn hit(&self) -> bool {
        self.judged.outcome.hit_24h == Some(true)
    }
}

/// Everything that a run has found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// All points, in the order of time.
    pub points: Vec<Point>,
    /// Episodes on the ladder in force.
    pub episodes: Vec<Call>,
    /// Episodes on the rule's ladder.
    pub(crate) rule_episodes: Vec<Call>,
    pub alerts: Vec<Call>,
    pub moments: usize,
}

impl Found {
    /// Adds what was found elsewhere: the order of time ends at the seam.
    pub(crate) fn append(&mut self, other: Self) {
        self.points.extend(other.points);
        self.episodes.extend(other.episodes);
        self.rule_episodes.extend(other.rule_episodes);
        self.alerts.extend(other.alerts);
        self.moments += other.moments;
    }
}

struct Waiting {
    points: Vec<(u32, Row)>,
    episodes: Vec<(u32, Level)>,
    rule_episodes: Vec<(u32, Level)>,
    alerts: Vec<(u32, Level)>,
    btc_change_24h: f64,
}

pub(crate) struct Runner {
    config: RunConfig,
    scorer: Option<Scorer>,
    policy: AlertPolicy,
    levels: LevelBook,
    rule_levels: LevelBook,
    waiting: BTreeMap<MarketTime, Waiting>,
    cycle: u64,
    found: Found,
}

impl Runner {
    /// A run that has seen nothing. With a `scorer` the learned ladder is in force.
    pub(crate) fn new(config: RunConfig, scorer: Option<Scorer>) -> Self {
        let levels = LevelBook::empty(config.policy.levels);
        Self {
            rule_levels: levels.clone(),
            levels,
            policy: AlertPolicy::new(config.policy.clone()),
            config,
            scorer,
            waiting: BTreeMap::new(),
            cycle: 0,
            found: Found::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    /// Takes the next moment; gives its scored snapshot, where pairs reported.
    pub(crate) fn take(&mut self, moment: &Moment) -> Option<Snapshot> {
        self.resolve(moment);
        if moment.reports.is_empty() {
            return None;
        }
        self.cycle += 1;
        self.found.moments += 1;
        let numbers: HashMap<&Symbol, u32> =
            moment.reports.iter().map(|r| &r.symbol).zip(moment.pairs.iter().map(|p| *p as u32)).collect();
        let mut snapshot = rank(self.cycle, moment.as_of, moment.reports.clone(), &self.config.filters);
        let rises = |snapshot: &Snapshot| -> Vec<(u32, Level)> {
            let rises = snapshot.rows.iter().filter(|row| row.episode == Some(snapshot.as_of));
            rises.filter_map(|row| Some((*numbers.get(&row.symbol)?, row.level))).collect()
        };
        let mut by_rule = snapshot.clone();
        self.rule_levels.apply(&mut by_rule, LevelBasis::Rule);
        let rule_episodes = rises(&by_rule);
        if let Some(scorer) = &mut self.scorer {
            scorer.score(&mut snapshot, &self.config.filters);
        }
        let basis = if self.scorer.is_some() { LevelBasis::Calibrated } else { LevelBasis::Rule };
        self.levels.apply(&mut snapshot, basis);
        let episodes = rises(&snapshot);
        let alerts = self.alerts(&snapshot, &numbers);
        let btc_change_24h = Market::btc_change_24h(&moment.reports);
        let points =
            snapshot.candidates().filter_map(|row| Some((*numbers.get(&row.symbol)?, row.clone()))).collect();
        let waiting = Waiting { points, episodes, rule_episodes, alerts, btc_change_24h };
        self.waiting.insert(moment.as_of, waiting);
        Some(snapshot)
    }

    fn alerts(&mut self, snapshot: &Snapshot, numbers: &HashMap<&Symbol, u32>) -> Vec<(u32, Level)> {
        let output = self.policy.on_snapshot(snapshot);
        let cards = output.messages.iter().flat_map(|message| message.alerts());
        cards.filter_map(|card| Some((*numbers.get(&card.symbol)?, card.level))).collect()
    }

    fn resolve(&mut self, moment: &Moment) {
        let as_of = moment.as_of - HORIZON_MS;
        let Some(waiting) = self.waiting.remove(&as_of) else { return };
        let judged: HashMap<u32, &Judged> = moment.judged.iter().map(|(p, j)| (*p as u32, j)).collect();
        let full_hour = as_of.starts(HOUR_MS);
        let mut volumes: HashMap<u32, f64> = HashMap::with_capacity(waiting.points.len());
        for (pair, row) in &waiting.points {
            volumes.insert(*pair, row.analysis.volume_24h);
            let Some(hit) = judged.get(pair).and_then(|j| j.outcome.hit_24h) else { continue };
            if full_hour && let (Some(scorer), Some(log_odds)) = (&mut self.scorer, row.log_odds) {
                scorer.learn_said(as_of, log_odds, hit);
            }
            self.found.points.push(Point {
                as_of,
                pair: *pair,
                said: row.calibrated_7_5.unwrap_or(row.analysis.probability_7_5) / 100.0,
                hit,
                volume_24h: row.analysis.volume_24h,
                btc_change_24h: waiting.btc_change_24h,
            });
        }
        let call = |(pair, level): &(u32, Level)| {
            Some(Call {
                as_of,
                pair: *pair,
                level: *level,
                judged: **judged.get(pair)?,
                volume_24h: volumes.get(pair).copied().unwrap_or(0.0),
                btc_change_24h: waiting.btc_change_24h,
            })
        };
        self.found.episodes.extend(waiting.episodes.iter().filter_map(call));
        self.found.rule_episodes.extend(waiting.rule_episodes.iter().filter_map(call));
        self.found.alerts.extend(waiting.alerts.iter().filter_map(call));
    }

    pub(crate) fn finish(self) -> Found {
        self.found
    }
}
