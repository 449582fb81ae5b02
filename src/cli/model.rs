//! `impulso model`.

use super::lang::t;
use super::output::{calls, percent, say};
use super::settings::SettingsArgs;
use crate::app::learning::{arm_store, models};
use crate::i18n::{OrFail, Texts, text};
use crate::learning::model::{Figures, LeftOut, Model};
use clap::Subcommand;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, read once from the command line")]
pub(super) enum ModelAction {
    #[command(about = t().help_model_show(), after_help = t().help_model_show_examples())]
    Show {
        #[arg(default_value = "default", help = t().help_model_file())]
        model: String,
    },
    #[command(about = t().help_model_compare())]
    Compare {
        #[arg(help = t().help_model_file())]
        a: String,
        #[arg(help = t().help_model_file())]
        b: String,
    },
    #[command(about = t().help_model_activate(), after_help = t().help_model_activate_examples())]
    Activate {
        #[arg(help = t().help_model_or_none())]
        model: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

pub(super) fn run(action: ModelAction) -> anyhow::Result<ExitCode> {
    match action {
        ModelAction::Show { model } => say(card(&*named(&model)?, t()).trim_end()),
        ModelAction::Compare { a, b } => say(side_by_side(&*named(&a)?, &*named(&b)?, t())),
        ModelAction::Activate { model, settings } => {
            let activated = arm_store::activate(&model, &settings.load()?)?;
            say(match activated {
                _ if model == models::DEFAULT => t().model_activated_default(),
                Some(model) => t().model_activated(&model.card.name),
                None => t().model_activated_none(),
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn named(name: &str) -> anyhow::Result<Arc<Model>> {
    Ok(models::open(name)?.or_fail(|| text!(model_none_to_show))?)
}

fn side_by_side(a: &Model, b: &Model, t: &Texts) -> String {
    let only = |x: &Model, y: &Model| {
        let own: Vec<&str> =
            x.features.iter().filter(|f| !y.features.contains(f)).map(String::as_str).collect();
        let name = &x.card.name;
        if own.is_empty() {
            t.model_no_features_alone(name)
        } else {
            t.model_features_alone(name, own.join(", "))
        }
    };
    format!("{}\n{}\n{}\n{}\n", card(a, t), card(b, t), only(a, b), only(b, a))
}

/// A model's card as text.
pub(super) fn card(model: &Model, t: &Texts) -> String {
    let card = &model.card;
    let (features, trees) = (model.features.len(), model.trees());
    let mut lines =
        vec![t.model_name(&card.name, &card.target), t.model_size(features, trees, card.embargo_h)];
    lines.extend(card.trained_on.iter().map(|p| {
        let base = format!("{:.1}", 100.0 * p.base_rate);
        t.model_trained_on(&p.from, &p.to, p.pairs, p.points, base)
    }));
    lines.push(String::new());
    lines.push(format!(
        "{:<17} {:<10} {:>7}  {:>6}    AUC   Brier    ECE  {}",
        t.model_out_of_time(),
        t.model_kind(),
        t.model_points(),
        t.model_base(),
        t.model_chance_above("60 %")
    ));
    lines.extend(card.metrics.iter().map(|f| figures(f, t)));
    lines.push(String::new());
    lines.extend(left_out(&card.left_out, t));
    lines.extend(card.notes.iter().cloned());
    lines.join("\n") + "\n"
}

fn figures(f: &Figures, t: &Texts) -> String {
    format!(
        "{:<17} {:<10} {:>7}  {:>6.1}  {:.3}  {:.4}  {:.3}  {}",
        f.split,
        f.kind,
        f.points,
        100.0 * f.base_rate,
        f.auc,
        f.brier,
        f.ece,
        t.model_points_hits(f.fuerte_points, percent(f.fuerte_precision))
    )
}

/// Each period by a model of the other ones.
fn left_out(periods: &[LeftOut], t: &Texts) -> Vec<String> {
    if periods.is_empty() {
        return Vec::new();
    }
    let heading = format!(
        "{:<24} {:>7}  {:>6}    AUC    ECE  FUERTE",
        t.model_left_out(),
        t.model_points(),
        t.model_base()
    );
    let figure = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"));
    let one = |p: &LeftOut| {
        let day = |at: &String| at.chars().take(10).collect::<String>();
        let span = p.span.as_ref().map(|[from, to]| format!("{} - {}", day(from), day(to)));
        format!(
            "{:<24} {:>7}  {:>6.1}  {:>5}  {:>5}  {}",
            span.unwrap_or_else(|| t.model_all_periods()),
            p.points,
            100.0 * p.base_rate,
            figure(p.auc),
            figure(p.ece),
            calls(&p.fuerte, t)
        )
    };
    let rows = periods.iter().map(one);
    [heading].into_iter().chain(rows).chain([String::new()]).collect()
}
