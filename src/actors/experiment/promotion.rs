//! Promotion and its way back. Every step is put down in the book, with the figures that decided.

use super::ExperimentActor;
use crate::actors::ports::experiment::{Entry, ExperimentCommand};
use crate::domain::moment::MarketTime;
use crate::learning::arms::shadow::ArmReport;
use crate::learning::arms::verdict::Standing;
use crate::learning::arms::{ArmSpec, PREVIOUS_ARM, RULE_ARM};
use crate::learning::scorer::Scorer;
use std::sync::Arc;

/// The scanner itself, in the book.
const BY_RULE: &str = "rule";

impl ExperimentActor {
    fn note(&self, what: &str, arm: &str, by: &str, detail: String) {
        let at = self.common.clocks.machine_time();
        tracing::info!(what, arm, by, detail, "experiment");
        let (what, arm, by) = (what.to_owned(), arm.to_owned(), by.to_owned());
        if let Err(error) = self.setup.state.note(&Entry { id: 0, at, what, arm, by, detail }) {
            tracing::error!(%error, "the experiment's log cannot be written");
        }
    }

    /// Puts down which arms begin now.
    pub(super) fn note_arms(&self, now: MarketTime) {
        let fresh =
            self.shadow_arms.beginnings().filter(|(name, _, since)| !name.is_empty() && *since == now);
        for (name, (profile, model), _) in fresh {
            self.note("started", name, BY_RULE, made_of(profile, model));
        }
    }

    pub(super) fn take_orders(&mut self, now: MarketTime) {
        loop {
            match self.setup.state.next_order() {
                Ok(None) => return,
                Ok(Some((order, by))) => self.carry_out(&order, &by, now),
                Err(error) => {
                    tracing::warn!(%error, "orders to the experiment cannot be read");
                    return;
                }
            }
        }
    }

    fn carry_out(&mut self, order: &ExperimentCommand, by: &str, now: MarketTime) {
        let name = match order {
            ExperimentCommand::Promote { arm } => arm.as_str(),
            ExperimentCommand::Rollback => PREVIOUS_ARM,
        };
        match self.find(name) {
            Some(spec) => self.put_in_force(&spec, by, "ordered by hand", now),
            None if name == PREVIOUS_ARM => {
                self.note("refused", name, by, "nothing was in force before".to_owned());
            }
            None => self.note("refused", name, by, "there is no such arm".to_owned()),
        }
    }

    fn find(&self, name: &str) -> Option<ArmSpec> {
        let found = self.shadow_arms.arms().find(|arm| arm.spec().name == name);
        found.map(|arm| arm.spec().clone())
    }

    /// What the rule says now: the first arm that is better for certain takes over; what was in force before comes back
    /// by the same rule.
    pub(super) fn decide(&mut self, now: MarketTime) {
        let reports = self.shadow_arms.report(&self.setup.rule, &self.setup.rollback_rule());
        let better = |r: &&ArmReport| {
            let standing = r.against.as_ref().map(|a| a.compared.standing);
            r.name != RULE_ARM && standing == Some(Standing::Better)
        };
        let Some(report) = reports.iter().find(better) else { return };
        if let (Some(spec), Some(against)) = (self.find(&report.name), &report.against) {
            let c = &against.compared;
            let why = format!(
                "better over {} days and {} samples: Brier score {:.4} against {:.4}, FUERTE {} of {} against {} of {}",
                c.days,
                c.resolved,
                c.brier.unwrap_or(f64::NAN),
                c.base_brier.unwrap_or(f64::NAN),
                c.fuerte.hits,
                c.fuerte.judged,
                c.base_fuerte.hits,
                c.base_fuerte.judged
            );
            self.put_in_force(&spec, BY_RULE, &why, now);
        }
    }

    /// An arm with a model brings it along (and its profile, if it has one); one with a profile alone changes the rule under
    /// the model that is there; the rule without either ends the model.
    fn put_in_force(&mut self, arm: &ArmSpec, by: &str, why: &str, now: MarketTime) {
        let before = self.shadow_arms.in_force().clone();
        let profile_only = arm.model.is_none() && arm.profile.is_some();
        let next = ArmSpec {
            name: String::new(),
            profile: arm.profile.clone().or_else(|| before.profile.clone()),
            model: if profile_only { before.model.clone() } else { arm.model.clone() },
        };
        let back = ArmSpec {
            name: PREVIOUS_ARM.to_owned(),
            profile: arm.profile.as_ref().and(before.profile.clone()),
            model: before.model.filter(|_| !profile_only),
        };
        // The files first: a crash behind them starts with the new arm, while one before leaves the old in force
        // everywhere.
        if let Err(error) = self.setup.depot.put_in_force(&next, &back) {
            self.note("failed", &arm.name, by, error.to_string());
            return;
        }
        self.switch(arm, &next);
        self.shadow_arms.set_in_force(next, now);
        let wanted = self.wanted();
        self.shadow_arms.set_arms(wanted, now);
        self.news = true;
        self.keep_beginnings();
        let what = if arm.name == PREVIOUS_ARM { "rolled_back" } else { "promoted" };
        let made = made_of(&arm.profile_label(), &arm.model_label());
        self.note(what, &arm.name, by, format!("{made}; {why}"));
        metrics::counter!("impulso_experiment_changes_total", "what" => what.to_owned()).increment(1);
    }

    /// The running scanner scores the new way from the next cycle on; a model that followed the market in the shadow
    /// keeps what it has learned.
    fn switch(&self, arm: &ArmSpec, next: &ArmSpec) {
        if arm.profile.is_some()
            && let Some(profile) = &next.profile
        {
            self.common.view.set_profile(Arc::clone(profile));
        }
        if arm.model.is_none() && arm.profile.is_some() {
            return;
        }
        let shadow =
            self.shadow_arms.arms().find(|a| a.spec().name == arm.name).and_then(|a| a.scorer().cloned());
        let fresh = |model| Scorer::new(model, self.setup.config.adapt);
        let scorer = shadow.or_else(|| next.model.as_ref().map(Arc::clone).map(fresh));
        self.common.model.set(scorer);
    }
}

fn made_of(profile: &str, model: &str) -> String {
    let model = if model.is_empty() { "none" } else { model };
    format!("profile {profile}, model {model}")
}
