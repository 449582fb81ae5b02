//! `impulso experiment`: arms in the shadow, promotion and its way back.

use super::args_learning::ExperimentAction;
use super::run::{load, say, say_plain};
use crate::actors::ports::experiment::{Entry, ExperimentCommand, ExperimentReport};
use crate::app::experiment;
use crate::domain::report::Level;
use crate::learning::arms::shadow::ArmReport;
use crate::learning::arms::verdict::Standing;
use crate::learning::evaluation::daily::Precision;
use crate::settings::Settings;
use anyhow::bail;
use std::process::ExitCode;

/// Lines of the book that are shown.
const LINES: usize = 20;

pub(super) fn run(action: ExperimentAction) -> anyhow::Result<ExitCode> {
    match action {
        ExperimentAction::Show { json, settings } => {
            let settings = load(&settings, &[])?;
            let (report, book) = experiment::read(&settings, LINES)?;
            let Some(report) = report else {
                bail!(
                    "no experiment was run from this state folder yet; `impulso scan` begins one with experiment.enabled"
                );
            };
            let report: ExperimentReport = serde_json::from_str(&report)?;
            if json {
                say_plain(&serde_json::to_string_pretty(
                    &serde_json::json!({"report": report, "book": book}),
                )?);
            } else {
                say(text(&report, &book).trim_end());
            }
        }
        ExperimentAction::Promote { arm, settings } => {
            let settings = load(&settings, &[])?;
            known(&settings, &arm)?;
            experiment::order(&settings, &ExperimentCommand::Promote { arm: arm.clone() })?;
            say(&format!("ordered: {arm} takes over within 10 s, or at the next start of the scanner"));
        }
        ExperimentAction::Rollback { settings } => {
            let settings = load(&settings, &[])?;
            known(&settings, crate::learning::arms::PREVIOUS_ARM)?;
            experiment::order(&settings, &ExperimentCommand::Rollback)?;
            say(
                "ordered: what was in force before comes back within 10 s, or at the next start of the scanner",
            );
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
    if arm == crate::learning::arms::PREVIOUS_ARM {
        bail!("nothing was in force before: no arm was promoted so far");
    }
    let all = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    bail!("there is no arm '{arm}'; there are: {all}")
}

fn text(report: &ExperimentReport, book: &[Entry]) -> String {
    let mut text = format!(
        "{:<20} {:<34} {:>18} {:>18} {:>17}  {}\n",
        "arm", "model / profile", "FUERTE", "ALTA", "Brier own/base", "standing"
    );
    for arm in &report.arms {
        text += &line(arm);
    }
    let rule = &report.rule;
    text += &format!(
        "\nrule: {} days, {} samples of both, {} FUERTE of each; the 90 % interval by whole days must not touch 0\n",
        rule.min_days, rule.min_resolved, rule.min_fuerte
    );
    let who = if report.automatic {
        "promotes and rolls back by itself"
    } else {
        "changes nothing without an order"
    };
    text += &format!("the scanner {who}\n");
    for e in book {
        let at = super::moment::show_moment(e.at);
        text += &format!("{at}  {}  {}  by {}: {}\n", e.what, named(&e.arm), e.by, e.detail);
    }
    text
}

fn named(name: &str) -> &str {
    if name.is_empty() { "in force" } else { name }
}

fn line(arm: &ArmReport) -> String {
    let of = |level: Level| {
        let found = arm.levels.iter().find(|(l, _)| *l == level);
        found.map_or_else(|| "-".to_owned(), |(_, share)| precision(share))
    };
    let (brier, standing) = arm.against.as_ref().map_or_else(
        || ("-".to_owned(), ""),
        |a| {
            let c = &a.compared;
            let both =
                c.brier.zip(c.base_brier).map_or_else(|| "-".to_owned(), |(o, b)| format!("{o:.4}/{b:.4}"));
            (both, standing(c.standing))
        },
    );
    let model = if arm.model.is_empty() { "no model" } else { &arm.model };
    format!(
        "{:<20} {:<34} {:>18} {:>18} {brier:>17}  {standing}\n",
        named(&arm.name),
        format!("{model} / {}", arm.profile),
        of(Level::Fuerte),
        of(Level::Alta)
    )
}

fn precision(share: &Precision) -> String {
    share.precision.map_or_else(|| "-".to_owned(), |p| format!("{:.1} % of {}", 100.0 * p, share.judged))
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::NeedsDays => "needs more days",
        Standing::NeedsSamples => "needs more samples",
        Standing::NeedsFuerte => "needs more judged FUERTE",
        Standing::Better => "better for certain",
        Standing::FuerteWorse => "better chances, but FUERTE is right less often",
        Standing::Worse => "worse for certain",
        Standing::NoDifference => "no certain difference",
    }
}
