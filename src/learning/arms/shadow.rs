//! What is in force and the arms in its shadow, side by side: predictions opened, resolved and added up.

use super::verdict::{Compared, Measure, Rule, compare, precision_since};
use super::{Arm, ArmConfig, ArmSpec, PREVIOUS_ARM, RULE_ARM};
use crate::domain::moment::MarketTime;
use crate::domain::prediction::opener::Opened;
use crate::domain::prediction::{LedgerRow, OutcomeRow, PredictionKind, PredictionRow};
use crate::domain::ranking::Snapshot;
use crate::domain::report::Level;
use crate::domain::symbol::Symbol;
use crate::domain::time::DAY_MS;
use crate::learning::evaluation::daily::{DailyRecord, Precision};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// A prediction that has no outcome by then is forgotten, ms: outcomes come a day after the cut, and late ones within hours.
const FORGET_MS: i64 = 4 * DAY_MS;

/// Days whose predictions count: as many as are read from the ledger at a start, so that a long run judges as a new one does.
pub(crate) const KEPT_DAYS: i64 = 120;

/// An arm as users see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmReport {
    /// Its name; empty for what is in force.
    pub name: String,
    /// Name of its profile.
    pub profile: String,
    /// Name of its model; empty for the rule alone.
    pub model: String,
    /// Its predictions count from this moment on, ms UTC.
    pub since: MarketTime,
    /// Predictions that wait for their outcome.
    pub open: usize,
    /// Judged episodes by level, strongest first.
    pub levels: Vec<(Level, Precision)>,
    /// What it is held against, and how; `None` for what is in force.
    pub against: Option<Against>,
}

/// An arm's comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = AgainstBody))]
pub struct Against {
    /// Name of the baseline: empty for what is in force.
    pub baseline: String,
    #[serde(flatten)]
    pub compared: Compared,
}

struct Entry {
    arm: Arm,
    since: MarketTime,
    record: DailyRecord,
}

impl Entry {
    fn new(spec: ArmSpec, config: ArmConfig, since: impl FnOnce(&Arm) -> MarketTime) -> Self {
        let arm = Arm::new(spec, config);
        Self { since: since(&arm), arm, record: DailyRecord::default() }
    }

    fn name(&self) -> &str {
        &self.arm.spec().name
    }
}

struct Open {
    arm: String,
    at: MarketTime,
    sample: bool,
    level: Level,
    /// Chances of arm and baseline, where it is a sample of both.
    said: Option<(f64, f64)>,
    /// Of a sample of what is in force.
    features: Vec<f32>,
}

impl Open {
    fn new(p: PredictionRow, said: Option<(f64, f64)>) -> Self {
        let sample = p.kind == PredictionKind::Sample;
        let features = if sample { p.features } else { Vec::new() };
        Self { arm: p.arm, at: p.opened_at, sample, level: p.level, said, features }
    }
}

pub struct ShadowArms {
    config: ArmConfig,
    /// What is in force, then the arms in its shadow.
    entries: Vec<Entry>,
    open: BTreeMap<String, Open>,
}

impl ShadowArms {
    /// Arms that have seen nothing. `since`: from when the predictions of an arm (by name and labels) count.
    pub fn new(
        in_force: ArmSpec,
        arms: Vec<ArmSpec>,
        config: ArmConfig,
        mut since: impl FnMut(&str, &(String, String)) -> MarketTime,
    ) -> Self {
        let mut entry = |spec| Entry::new(spec, config, |arm| since(&arm.spec().name, arm.labels()));
        let entries = std::iter::once(in_force).chain(arms).map(&mut entry).collect();
        Self { config, entries, open: BTreeMap::new() }
    }

    /// What is in force.
    pub fn in_force(&self) -> &ArmSpec {
        self.entries[0].arm.spec()
    }

    /// The arms in the shadow.
    pub fn arms(&self) -> impl Iterator<Item = &Arm> {
        self.entries[1..].iter().map(|entry| &entry.arm)
    }

    /// Predictions that wait for their outcome.
    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// Earliest moment that counts.
    pub fn since(&self) -> MarketTime {
        self.entries.iter().map(|entry| entry.since).fold(MarketTime::MAX, MarketTime::min)
    }

    /// What the arms were told apart by since when: to be kept over restarts.
    pub(crate) fn beginnings(&self) -> impl Iterator<Item = (&str, &(String, String), MarketTime)> {
        self.entries.iter().map(|entry| (entry.name(), entry.arm.labels(), entry.since))
    }

    /// Other arms from now on; those that stay keep what they have learned and their records.
    pub fn set_arms(&mut self, arms: Vec<ArmSpec>, now: MarketTime) {
        let mut former = self.entries.split_off(1);
        for spec in arms {
            let same = former.iter().position(|entry| *entry.arm.spec() == spec);
            let entry = match same {
                Some(at) => former.swap_remove(at),
                None => Entry::new(spec, self.config, |_| now),
            };
            self.entries.push(entry);
        }
        self.open.retain(|_, open| !former.iter().any(|gone| gone.name() == open.arm));
    }

    /// Something else is in force from now on: the records of the arms begin anew, since their samples were held against
    /// another baseline.
    pub fn set_in_force(&mut self, spec: ArmSpec, now: MarketTime) {
        self.entries[0] = Entry::new(spec, self.config, |_| now);
        for entry in &mut self.entries {
            (entry.since, entry.record) = (now, DailyRecord::default());
        }
        self.open.retain(|_, open| !open.arm.is_empty());
        self.open.values_mut().for_each(|open| open.said = None);
    }

    /// Opens what the arms say of a snapshot; gives the predictions of those in the shadow.
    pub fn take(&mut self, live: &Snapshot) -> Vec<PredictionRow> {
        let opened: Vec<Vec<Opened>> = self.entries.iter_mut().map(|entry| entry.arm.take(live)).collect();
        let rows: Vec<Vec<PredictionRow>> = self
            .entries
            .iter()
            .zip(&opened)
            .map(|(entry, own)| {
                let (profile, model) = entry.arm.labels();
                own.iter().map(|o| o.prediction(entry.name(), (profile, model))).collect()
            })
            .collect();
        let known: Vec<(&PredictionRow, Option<&OutcomeRow>)> =
            rows.iter().flatten().map(|p| (p, None)).collect();
        self.add(&known);
        self.open.retain(|_, open| live.as_of - open.at < FORGET_MS);
        let oldest = live.as_of - KEPT_DAYS * DAY_MS;
        self.entries.iter_mut().for_each(|entry| entry.record.forget_before(oldest));
        rows.into_iter().skip(1).flatten().collect()
    }

    /// What an earlier run has said, of one day: resolved predictions count, open ones wait on.
    pub fn remember(&mut self, known: &[LedgerRow]) {
        let known: Vec<_> = known.iter().map(|(p, outcome)| (p, outcome.as_ref())).collect();
        self.add(&known);
    }

    fn add(&mut self, known: &[(&PredictionRow, Option<&OutcomeRow>)]) {
        let samples = known.iter().map(|(p, _)| p).filter(|p| p.kind == PredictionKind::Sample);
        let chances: HashMap<(&str, &Symbol, MarketTime), f64> =
            samples.map(|p| ((p.arm.as_str(), &p.symbol, p.opened_at), p.said())).collect();
        // Alerts are episodes already.
        for (p, outcome) in known.iter().filter(|(p, _)| p.kind != PredictionKind::Alert) {
            let Some(entry) = self.entries.iter().find(|entry| entry.name() == p.arm) else { continue };
            let (profile, model) = entry.arm.labels();
            if !p.arm.is_empty() && (profile, model) != (&p.profile, &p.model) {
                continue;
            }
            let base = chances.get(&(self.baseline(entry).name(), &p.symbol, p.opened_at));
            let said = base.filter(|_| p.kind == PredictionKind::Sample).map(|base| (p.said(), *base));
            self.open.insert(p.key.clone(), Open::new((*p).clone(), said));
            if let Some(outcome) = outcome {
                self.resolved(outcome);
            }
        }
    }

    /// What became of a prediction. A sample of what is in force teaches every arm: all follow the same market.
    pub fn resolved(&mut self, outcome: &OutcomeRow) {
        if !outcome.is_final() {
            return;
        }
        let Some(open) = self.open.remove(&outcome.key) else { return };
        let Some(hit) = outcome.hit_24h.filter(|_| outcome.void.is_none()) else { return };
        if open.arm.is_empty() && open.sample {
            self.entries[1..].iter_mut().for_each(|entry| entry.arm.learn(open.at, &open.features, hit));
        }
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.name() == open.arm) else { return };
        if open.at < entry.since {
            return;
        }
        match open.said {
            Some((said, base)) => entry.record.sample(open.at, said, base, hit),
            None if !open.sample => entry.record.episode(open.at, open.level, hit),
            None => {}
        }
    }

    /// What an entry is held against: a rule beside a model against the rule that is in force under it, all else against what
    /// is in force.
    fn baseline(&self, entry: &Entry) -> &Entry {
        let is_rule = entry.arm.spec().model.is_none() && !["", RULE_ARM].contains(&entry.name());
        let rule = self.entries.iter().find(|e| e.name() == RULE_ARM);
        rule.filter(|_| is_rule && self.in_force().model.is_some()).unwrap_or(&self.entries[0])
    }

    /// All arms, what is in force first.
    pub fn report(&self, rule: &Rule, previous: &Rule) -> Vec<ArmReport> {
        self.entries.iter().map(|entry| self.report_of(entry, rule, previous)).collect()
    }

    fn report_of(&self, entry: &Entry, rule: &Rule, previous: &Rule) -> ArmReport {
        let spec = entry.arm.spec();
        let (profile, model) = entry.arm.labels().clone();
        let against = (!spec.name.is_empty()).then(|| {
            let base = self.baseline(entry);
            let by = if spec.model.is_none() { Measure::Fuerte } else { Measure::Brier };
            let rule = if spec.name == PREVIOUS_ARM { previous } else { rule };
            let since = entry.since.max(base.since);
            let compared = compare(&entry.record, &base.record, by, since, rule);
            Against { baseline: base.name().to_owned(), compared }
        });
        let precision = |level| (level, precision_since(&entry.record, level, entry.since));
        ArmReport {
            name: spec.name.clone(),
            profile,
            model,
            since: entry.since,
            open: self.open.values().filter(|open| open.arm == spec.name).count(),
            levels: Level::LISTED.map(precision).to_vec(),
            against,
        }
    }
}
