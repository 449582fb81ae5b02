//! What is in force and the arms in its shadow, side by side: predictions opened, resolved and added up.

use super::record::Record;
use super::verdict::{Compared, Measure, Rule, Share, compare, share};
use super::{Arm, ArmConfig, ArmSpec, PREVIOUS_ARM, RULE_ARM};
use crate::domain::prediction::Opened;
use crate::domain::ranking::Snapshot;
use crate::domain::report::Level;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, UtcMs};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// A prediction that has no outcome by then is forgotten, ms.
const FORGET_MS: i64 = 4 * DAY_MS;

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
    pub since: UtcMs,
    /// Predictions that wait for their outcome.
    pub open: usize,
    /// Judged episodes by level, strongest first.
    pub levels: Vec<(Level, Share)>,
    /// What it is held against, and how; `None` for what is in force.
    pub against: Option<Against>,
}

/// An arm's comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// Name of the baseline: empty for what is in force.
    pub baseline: String,
    #[serde(flatten)]
    pub compared: Compared,
}

/// A prediction of an arm in the shadow.
#[derive(Debug, Clone, PartialEq)]
pub struct Shadow {
    /// Name of the arm.
    pub arm: String,
    /// Name of its profile.
    pub profile: String,
    /// Name of its model; empty for the rule.
    pub model: String,
    pub opened: Opened,
}

/// A prediction as the ledger remembers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Remembered {
    pub key: String,
    /// Name of the arm; empty for what was in force.
    pub arm: String,
    /// Name of the profile.
    pub profile: String,
    /// Name of the model.
    pub model: String,
    pub symbol: Symbol,
    pub at: UtcMs,
    /// A sample of the full hour; else an episode.
    pub sample: bool,
    pub level: Level,
    /// The chance that was said, 0-1.
    pub said: f64,
    /// The model's features.
    pub features: Vec<f32>,
    /// What came; `None` while open.
    pub outcome: Option<Option<bool>>,
}

struct Entry {
    arm: Arm,
    since: UtcMs,
    record: Record,
}

struct Open {
    arm: String,
    at: UtcMs,
    level: Level,
    /// Chances of arm and baseline, where it is a sample of both.
    said: Option<(f64, f64)>,
    features: Vec<f32>,
}

pub struct ShadowArms {
    config: ArmConfig,
    in_force: Entry,
    arms: Vec<Entry>,
    open: BTreeMap<String, Open>,
}

impl ShadowArms {
    /// Arms that have seen nothing. `since`: from when the predictions of an arm (by name and labels) count.
    pub fn new(
        in_force: ArmSpec,
        arms: Vec<ArmSpec>,
        config: ArmConfig,
        mut since: impl FnMut(&str, &(String, String)) -> UtcMs,
    ) -> Self {
        let mut entry = |spec| {
            let arm = Arm::new(spec, config);
            let since = since(&arm.spec().name, arm.labels());
            Entry { arm, since, record: Record::default() }
        };
        let in_force = entry(in_force);
        Self { arms: arms.into_iter().map(entry).collect(), in_force, config, open: BTreeMap::new() }
    }

    /// What is in force.
    pub const fn in_force(&self) -> &ArmSpec {
        self.in_force.arm.spec()
    }

    /// The arms in the shadow.
    pub fn arms(&self) -> impl Iterator<Item = &Arm> {
        self.arms.iter().map(|entry| &entry.arm)
    }

    /// Earliest moment that counts.
    pub fn since(&self) -> UtcMs {
        self.arms.iter().map(|entry| entry.since).fold(self.in_force.since, i64::min)
    }

    /// What the arms were told apart by since when: to be kept over restarts.
    pub(crate) fn beginnings(&self) -> impl Iterator<Item = (&str, &(String, String), UtcMs)> {
        let all = std::iter::once(&self.in_force).chain(&self.arms);
        all.map(|entry| (entry.arm.spec().name.as_str(), entry.arm.labels(), entry.since))
    }

    /// Other arms from now on; those that stay keep what they have learned and their records.
    pub fn set_arms(&mut self, arms: Vec<ArmSpec>, now: UtcMs) {
        let mut former = std::mem::take(&mut self.arms);
        for spec in arms {
            let same = former.iter().position(|entry| *entry.arm.spec() == spec);
            let fresh =
                |spec| Entry { arm: Arm::new(spec, self.config), since: now, record: Record::default() };
            self.arms.push(same.map_or_else(|| fresh(spec), |at| former.swap_remove(at)));
        }
        let gone: Vec<String> = former.into_iter().map(|entry| entry.arm.spec().name.clone()).collect();
        self.open.retain(|_, open| !gone.contains(&open.arm));
    }

    /// Something else is in force from now on. `arm`: the arm that it was before, which has followed the market already.
    pub fn set_in_force(&mut self, spec: ArmSpec, now: UtcMs) {
        self.in_force = Entry { arm: Arm::new(spec, self.config), since: now, record: Record::default() };
        self.open.retain(|_, open| !open.arm.is_empty());
        for entry in &mut self.arms {
            // Its pairs were made with another baseline.
            (entry.since, entry.record) = (now, Record::default());
        }
        self.open.values_mut().for_each(|open| open.said = None);
    }

    /// Opens what the arms say of a snapshot.
    pub fn take(&mut self, live: &Snapshot) -> Vec<Shadow> {
        let own = self.in_force.arm.follow(live);
        let base = chances(&own);
        for opened in &own {
            let said = opened.sample.then(|| (opened.said(), opened.said()));
            self.open.insert(opened.key(""), Open::new("", opened, said));
        }
        let opened: Vec<(String, Vec<Opened>)> =
            self.arms.iter_mut().map(|e| (e.arm.spec().name.clone(), e.arm.take(live))).collect();
        let rule = opened.iter().find(|(name, _)| name == RULE_ARM).map(|(_, opened)| chances(opened));
        let mut shadows = Vec::new();
        for (entry, (name, opened)) in self.arms.iter().zip(opened) {
            let baseline =
                if self.baseline(entry.arm.spec()) == RULE_ARM { rule.as_ref() } else { Some(&base) };
            let (profile, model) = entry.arm.labels().clone();
            for o in opened {
                let of_base = baseline.and_then(|b| b.get(&o.row.symbol)).filter(|_| o.sample);
                let said = of_base.map(|base| (o.said(), *base));
                self.open.insert(o.key(&name), Open::new(&name, &o, said));
                let (arm, profile, model) = (name.clone(), profile.clone(), model.clone());
                shadows.push(Shadow { arm, profile, model, opened: o });
            }
        }
        self.open.retain(|_, open| live.as_of - open.at < FORGET_MS);
        shadows
    }

    /// An outcome: `None` for one that cannot be judged.
    pub fn resolved(&mut self, key: &str, hit: Option<bool>) {
        let Some(open) = self.open.remove(key) else { return };
        let Some(hit) = hit else { return };
        if open.arm.is_empty() && !open.features.is_empty() {
            for entry in &mut self.arms {
                entry.arm.learn(open.at, &open.features, hit);
            }
        }
        let all = std::iter::once(&mut self.in_force).chain(&mut self.arms);
        let Some(entry) = all.into_iter().find(|e| e.arm.spec().name == open.arm) else { return };
        if open.at < entry.since {
            return;
        }
        match open.said {
            Some((said, base)) => entry.record.sample(open.at, said, base, hit),
            None if !key_of_sample(key) => entry.record.call(open.at, open.level, hit),
            None => {}
        }
    }

    /// What an earlier run has said, of one day: resolved predictions count, open ones wait on.
    pub fn remember(&mut self, live: &[Remembered], shadow: &[Remembered]) {
        let chances = |of: &[Remembered], arm: &str| -> HashMap<(Symbol, UtcMs), f64> {
            let own = of.iter().filter(|r| r.sample && r.arm == arm);
            own.map(|r| ((r.symbol.clone(), r.at), r.said)).collect()
        };
        let (base, rule) = (chances(live, ""), chances(shadow, RULE_ARM));
        for r in live.iter().chain(shadow) {
            let entry = self.arms.iter().find(|e| e.arm.spec().name == r.arm);
            let (labels, against_rule) = match entry {
                _ if r.arm.is_empty() => (None, false),
                Some(entry) => (Some(entry.arm.labels()), self.baseline(entry.arm.spec()) == RULE_ARM),
                None => continue,
            };
            if labels.is_some_and(|(profile, model)| (profile, model) != (&r.profile, &r.model)) {
                continue;
            }
            let place = (r.symbol.clone(), r.at);
            let of_base = if against_rule { rule.get(&place) } else { base.get(&place) };
            let said = of_base.filter(|_| r.sample).map(|base| (r.said, *base));
            let open =
                Open { arm: r.arm.clone(), at: r.at, level: r.level, said, features: r.features.clone() };
            self.open.insert(r.key.clone(), open);
            if let Some(hit) = r.outcome {
                self.resolved(&r.key, hit);
            }
        }
    }

    fn baseline(&self, spec: &ArmSpec) -> &'static str {
        let rules = spec.model.is_none() && spec.name != RULE_ARM;
        if rules && self.in_force().model.is_some() { RULE_ARM } else { "" }
    }

    /// All arms, what is in force first.
    pub fn report(&self, rule: &Rule, previous: &Rule) -> Vec<ArmReport> {
        let all = std::iter::once(&self.in_force).chain(&self.arms);
        all.map(|entry| self.report_of(entry, rule, previous)).collect()
    }

    fn report_of(&self, entry: &Entry, rule: &Rule, previous: &Rule) -> ArmReport {
        let spec = entry.arm.spec();
        let (profile, model) = entry.arm.labels().clone();
        let against = (!spec.name.is_empty()).then(|| {
            let baseline = self.baseline(spec);
            let base = self.arms.iter().find(|e| e.arm.spec().name == baseline).unwrap_or(&self.in_force);
            let by = if spec.model.is_none() { Measure::Fuerte } else { Measure::Brier };
            let rule = if spec.name == PREVIOUS_ARM { previous } else { rule };
            let since = entry.since.max(base.since);
            let compared = compare(&entry.record, &base.record, by, since, rule);
            Against { baseline: baseline.to_owned(), compared }
        });
        ArmReport {
            name: spec.name.clone(),
            profile,
            model,
            since: entry.since,
            open: self.open.values().filter(|open| open.arm == spec.name).count(),
            levels: Level::LISTED.map(|level| (level, share(&entry.record, level, entry.since))).to_vec(),
            against,
        }
    }
}

impl Open {
    fn new(arm: &str, opened: &Opened, said: Option<(f64, f64)>) -> Self {
        let learned = arm.is_empty() && opened.sample;
        let features = opened.row.features.as_deref().filter(|_| learned).unwrap_or_default().to_vec();
        Self { arm: arm.to_owned(), at: opened.as_of, level: opened.level, said, features }
    }
}

fn chances(opened: &[Opened]) -> HashMap<Symbol, f64> {
    opened.iter().filter(|o| o.sample).map(|o| (o.row.symbol.clone(), o.said())).collect()
}

fn key_of_sample(key: &str) -> bool {
    key.rsplit('/').next().is_some_and(|own| own.starts_with("sample-"))
}
