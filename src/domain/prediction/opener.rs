//! What opens a prediction: a level that rises, and every full hour.

use super::{PredictionKind, PredictionRow};
use crate::domain::level_rules::{LevelBasis, LevelRules};
use crate::domain::moment::MarketTime;
use crate::domain::ranking::{Row, Snapshot};
use crate::domain::report::Level;
use crate::domain::score::level::LevelThresholds;
use crate::domain::symbol::Symbol;
use crate::domain::time::HOUR_MS;
use std::collections::BTreeMap;

/// A prediction to be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The pair with its scores.
    pub row: Row,
    /// A sample of the full hour; else the rise to a level.
    pub sample: bool,
    /// Level that the value alone has, without hysteresis.
    pub level: Level,
    pub basis: LevelBasis,
    /// The cut, ms UTC.
    pub as_of: MarketTime,
}

impl Opened {
    /// As the ledger keeps it. `arm`: name of an arm in the shadow, whose features stand with what is in force already;
    /// empty for what is in force. `labels`: names of profile and model.
    pub fn prediction(&self, arm: &str, (profile, model): (&str, &str)) -> PredictionRow {
        let a = &self.row.analysis;
        let kind = if self.sample { PredictionKind::Sample } else { PredictionKind::Episode };
        let own = format!("{}-{}-{}-{}", kind.as_str(), self.row.symbol, self.as_of, self.level);
        let features = self.row.features.as_deref().filter(|_| arm.is_empty());
        PredictionRow {
            key: if arm.is_empty() { own } else { format!("{arm}/{own}") },
            arm: arm.to_owned(),
            kind,
            symbol: self.row.symbol.clone(),
            opened_at: self.as_of,
            level: self.level,
            ladder: self.basis,
            price: a.current_price,
            total_score: a.total_score,
            probability_7_5: a.probability_7_5,
            calibrated_7_5: self.row.calibrated_7_5,
            profile: profile.to_owned(),
            model: model.to_owned(),
            features: features.unwrap_or_default().to_vec(),
        }
    }
}

/// Opens an episode when a pair's level rises, and a sample of every listed pair at each full hour.
#[derive(Debug, Clone)]
pub(crate) struct Opener {
    levels: LevelRules,
    held: BTreeMap<Symbol, (LevelBasis, Level)>,
    as_of: Option<MarketTime>,
}

impl Opener {
    /// Knows no pair yet: the first snapshot opens no episodes, since nobody saw the levels rise.
    pub(crate) const fn new(levels: LevelRules) -> Self {
        Self { levels, held: BTreeMap::new(), as_of: None }
    }

    /// Another profile is in force: its thresholds.
    pub(crate) const fn set_rule(&mut self, rule: LevelThresholds) {
        self.levels.rule = rule;
    }

    /// What the snapshot opens.
    pub(crate) fn on_snapshot(&mut self, snapshot: &Snapshot) -> Vec<Opened> {
        let hour = |at: MarketTime| at.index(HOUR_MS);
        let full = snapshot.as_of.starts(HOUR_MS);
        let before = self.as_of.replace(snapshot.as_of);
        // Market time that came down was wrong: the levels that were held are of candles that are void.
        let before = before.filter(|before| *before <= snapshot.as_of);
        if before.is_none() {
            self.held.clear();
        }
        let sample = before.map_or(full, |before| hour(before) != hour(snapshot.as_of));
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
            let (basis, level, rose) = self.step(row);
            let one = |sample| Opened { row: (*row).clone(), sample, level, basis, as_of: snapshot.as_of };
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
        let (basis, thresholds, value) = self.levels.of(row);
        let before = self.held.get(&row.symbol).filter(|(b, _)| *b == basis);
        let was = before.map_or(Level::Descartada, |(_, level)| *level);
        let level = thresholds.held(was, value, self.levels.hysteresis);
        let alone = thresholds.level(value);
        self.held.insert(row.symbol.clone(), (basis, level));
        (basis, alone, level > was)
    }
}
