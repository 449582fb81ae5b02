//! Arms of an experiment: other profiles and models that score the same snapshots in the shadow.

pub mod shadow;
pub mod verdict;

use super::calibration::AdaptConfig;
use super::model::Model;
use super::scorer::Scorer;
use crate::domain::level_book::LevelBook;
use crate::domain::level_rules::{LevelBasis, LevelRules};
use crate::domain::moment::MarketTime;
use crate::domain::prediction::opener::{Opened, Opener};
use crate::domain::ranking::{RankingFilters, Snapshot, rank};
use crate::domain::report::Report;
use crate::domain::score::apply::apply;
use crate::domain::score::profile::Profile;
use ring::digest::{SHA256, digest};
use std::sync::Arc;

/// Name of the arm that is the rule in force without a model: what every other rule is held against.
pub(crate) const RULE_ARM: &str = "rule";
/// Name of the arm that is the tuned profile of the program.
pub(crate) const TUNED_ARM: &str = "tuned";
/// Name of the arm that is the model of a training on a schedule.
pub(crate) const CHALLENGER_MODEL_ARM: &str = "challenger-model";
/// Name of the arm that is the profile of a search on a schedule.
pub(crate) const CHALLENGER_RULE_ARM: &str = "challenger-rule";
/// Name of the arm that was in force before the newest promotion.
pub const PREVIOUS_ARM: &str = "previous";

/// What an arm is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmSpec {
    /// Its name; empty for what is in force.
    pub name: String,
    /// Its profile; `None` for the one in force.
    pub profile: Option<Arc<Profile>>,
    /// Its model; `None` for the rule alone.
    pub model: Option<Arc<Model>>,
}

impl ArmSpec {
    /// Name of the profile: `base` for the one in force, else told by its content.
    pub(crate) fn profile_label(&self) -> String {
        self.profile.as_ref().map_or_else(|| "base".to_owned(), |p| profile_label(p))
    }

    /// Name of the model with a mark of its content; empty for the rule.
    pub(crate) fn model_label(&self) -> String {
        self.model.as_ref().map_or_else(String::new, |m| model_label(m))
    }
}

fn mark(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref()[..4].iter().map(|b| format!("{b:02x}")).collect()
}

/// Name of a profile by its content.
pub(crate) fn profile_label(profile: &Profile) -> String {
    if *profile == Profile::default() {
        return "base".to_owned();
    }
    format!("p-{}", mark(&serde_json::to_vec(profile).unwrap_or_default()))
}

/// Name of a model with a mark of its content.
pub(crate) fn model_label(model: &Model) -> String {
    let text = model.write().unwrap_or_default();
    format!("{}#{}", model.card.name, mark(text.as_bytes()))
}

/// What all arms share.
#[derive(Debug, Clone, Copy)]
pub struct ArmConfig {
    pub filters: RankingFilters,
    /// Levels of the episodes; the rule's thresholds come from an arm's own profile.
    pub levels: LevelRules,
    /// Does the calibration follow the market.
    pub adapt: Option<AdaptConfig>,
}

/// An arm at work.
#[derive(Debug, Clone)]
pub struct Arm {
    spec: ArmSpec,
    labels: (String, String),
    config: ArmConfig,
    scorer: Option<Scorer>,
    levels: LevelBook,
    opener: Opener,
}

impl Arm {
    /// An arm that has seen nothing.
    pub fn new(spec: ArmSpec, config: ArmConfig) -> Self {
        let rule = spec.profile.as_ref().map_or(config.levels.rule, |p| p.levels);
        let scorer = spec.model.as_ref().map(|model| Scorer::new(Arc::clone(model), config.adapt));
        let labels = (spec.profile_label(), spec.model_label());
        let levels = LevelBook::empty(LevelRules { rule, ..config.levels });
        Self { spec, labels, scorer, levels, opener: Opener::default(), config }
    }

    pub const fn spec(&self) -> &ArmSpec {
        &self.spec
    }

    pub(crate) const fn labels(&self) -> &(String, String) {
        &self.labels
    }

    /// Its model at work, with what it has learned; `None` for the rule.
    pub const fn scorer(&self) -> Option<&Scorer> {
        self.scorer.as_ref()
    }

    /// What it opens at a snapshot, scored its own way; what is in force itself goes by the scores that are there already.
    pub fn take(&mut self, live: &Snapshot) -> Vec<Opened> {
        if self.spec.name.is_empty() {
            return self.opener.on_snapshot(live);
        }
        let reports = match &self.spec.profile {
            Some(profile) => live.reports.iter().map(|r| rescored(r, profile)).collect(),
            None => live.reports.as_ref().clone(),
        };
        let mut own = rank(live.cycle, live.as_of, reports, &self.config.filters);
        if let Some(scorer) = &mut self.scorer {
            scorer.score(&mut own, &self.config.filters);
        }
        let basis = if self.scorer.is_some() { LevelBasis::Calibrated } else { LevelBasis::Rule };
        self.levels.apply(&mut own, basis);
        self.opener.on_snapshot(&own)
    }

    /// A resolved sample of what is in force, by its features: the calibration of every arm follows the same market.
    pub(crate) fn learn(&mut self, as_of: MarketTime, features: &[f32], hit: bool) {
        if let Some(scorer) = &mut self.scorer
            && let Some(log_odds) = scorer.log_odds(features)
        {
            scorer.learn_said(as_of, log_odds, hit);
        }
    }
}

/// A report as another profile would have made it.
pub fn rescored(report: &Report, profile: &Profile) -> Report {
    let analysis = report.analysis.as_ref().map(|analysis| {
        let mut own = (**analysis).clone();
        apply(&mut own, profile);
        Arc::new(own)
    });
    Report { analysis, ..report.clone() }
}
