//! `impulso experiment`: arms in the shadow, promotion and its way back.

use super::lang::t;
use super::output::{percent, say};
use super::settings::SettingsArgs;
use super::values::show_moment;
use crate::actors::ports::experiment::{Entry, ExperimentCommand, ExperimentReport};
use crate::app::experiment;
use crate::domain::report::Level;
use crate::i18n::{OrFail, Texts, failure, text};
use crate::learning::arms::PREVIOUS_ARM;
use crate::learning::arms::shadow::ArmReport;
use crate::learning::arms::verdict::Standing;
use crate::learning::evaluation::daily::Precision;
use crate::settings::Settings;
use anyhow::bail;
use clap::Subcommand;
use std::process::ExitCode;

/// Lines of the log that are shown: one screen.
const LINES: usize = 20;

#[derive(Debug, Subcommand)]
pub(super) enum ExperimentAction {
    #[command(about = t().help_experiment_show())]
    Show {
        #[arg(long, help = t().help_print_json())]
        json: bool,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    #[command(about = t().help_experiment_promote(), after_help = t().help_experiment_promote_examples())]
    Promote {
        #[arg(help = t().help_experiment_promote_arm())]
        arm: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    #[command(about = t().help_experiment_rollback())]
    Rollback {
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

pub(super) fn run(action: ExperimentAction) -> anyhow::Result<ExitCode> {
    match action {
        ExperimentAction::Show { json, settings } => {
            let (report, log) = experiment::read(&settings.load()?, LINES)?;
            let report = report.or_fail(|| text!(experiment_none))?;
            let report: ExperimentReport = serde_json::from_str(&report)?;
            say(if json {
                serde_json::to_string_pretty(&serde_json::json!({"report": report, "book": log}))?
            } else {
                shown(&report, &log, t())
            });
        }
        ExperimentAction::Promote { arm, settings } => {
            let settings = settings.load()?;
            known(&settings, &arm)?;
            experiment::order(&settings, &ExperimentCommand::Promote { arm: arm.clone() })?;
            say(t().experiment_promote_ordered(arm));
        }
        ExperimentAction::Rollback { settings } => {
            let settings = settings.load()?;
            known(&settings, PREVIOUS_ARM)?;
            experiment::order(&settings, &ExperimentCommand::Rollback)?;
            say(t().experiment_rollback_ordered());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An order for an arm that is not there would only be refused later.
fn known(settings: &Settings, arm: &str) -> anyhow::Result<()> {
    let (report, _) = experiment::read(settings, 0)?;
    let report: Option<ExperimentReport> = report.map(|text| serde_json::from_str(&text)).transpose()?;
    let arms = report.map(|r| r.arms).unwrap_or_default();
    let names: Vec<&str> = arms.iter().map(|a| a.name.as_str()).filter(|n| !n.is_empty()).collect();
    if names.contains(&arm) {
        return Ok(());
    }
    if arm == PREVIOUS_ARM {
        bail!(failure!(experiment_no_previous));
    }
    if names.is_empty() {
        bail!(failure!(experiment_no_arms, arm = arm.to_owned()));
    }
    bail!(failure!(experiment_unknown_arm, arm = arm.to_owned(), arms = names.join(", ")))
}

fn shown(report: &ExperimentReport, log: &[Entry], t: &Texts) -> String {
    let head =
        [t.experiment_arm(), t.experiment_model_profile(), t.experiment_brier(), t.experiment_standing()];
    let [arm, model, brier, standing] = head;
    let mut lines =
        vec![format!("{arm:<20} {model:<34} {:>18} {:>18} {brier:>17}  {standing}", "FUERTE", "ALTA")];
    lines.extend(report.arms.iter().map(|arm| line(arm, t)));
    let rule = &report.rule;
    lines.push(String::new());
    lines.push(t.experiment_rule(rule.min_days, rule.min_resolved, rule.min_fuerte));
    lines.push(if report.automatic { t.experiment_automatic() } else { t.experiment_by_order() });
    lines.extend(log.iter().map(|e| {
        let (at, what, arm) = (show_moment(e.at), happened(&e.what, t), named(&e.arm, t));
        format!("{at}  {what}  {arm}  {}", t.experiment_by(&e.by, &e.detail))
    }));
    lines.join("\n")
}

/// What the log calls by a name of the protocol.
fn happened(what: &str, t: &Texts) -> String {
    match what {
        "started" => t.experiment_started(),
        "promoted" => t.experiment_promoted(),
        "rolled_back" => t.experiment_rolled_back(),
        "refused" => t.experiment_refused(),
        "failed" => t.experiment_failed(),
        other => other.to_owned(),
    }
}

fn named(name: &str, t: &Texts) -> String {
    if name.is_empty() { t.arm_in_force() } else { name.to_owned() }
}

fn line(arm: &ArmReport, t: &Texts) -> String {
    let of = |level: Level| {
        let found = arm.levels.iter().find(|(l, _)| *l == level);
        found.map_or_else(|| "-".to_owned(), |(_, share)| precision(share, t))
    };
    let compared = arm.against.as_ref().map(|a| &a.compared);
    let brier = compared.and_then(|c| c.brier.zip(c.base_brier));
    let brier = brier.map_or_else(|| "-".to_owned(), |(own, base)| format!("{own:.4}/{base:.4}"));
    let standing = compared.map_or_else(String::new, |c| standing(c.standing, t));
    let model = if arm.model.is_empty() { t.experiment_no_model() } else { arm.model.clone() };
    format!(
        "{:<20} {:<34} {:>18} {:>18} {brier:>17}  {standing}",
        named(&arm.name, t),
        format!("{model} / {}", arm.profile),
        of(Level::Fuerte),
        of(Level::Alta)
    )
}

fn precision(share: &Precision, t: &Texts) -> String {
    match share.precision {
        Some(_) => t.share_of(percent(share.precision), share.judged),
        None => "-".to_owned(),
    }
}

fn standing(standing: Standing, t: &Texts) -> String {
    match standing {
        Standing::NeedsDays => t.standing_needs_days(),
        Standing::NeedsSamples => t.standing_needs_samples(),
        Standing::NeedsFuerte => t.standing_needs_fuerte(),
        Standing::Better => t.standing_better(),
        Standing::FuerteWorse => t.standing_fuerte_worse(),
        Standing::Worse => t.standing_worse(),
        Standing::NoDifference => t.standing_no_difference(),
    }
}
