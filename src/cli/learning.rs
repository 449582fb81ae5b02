//! `impulso train`, `impulso model` and `impulso backtest`.

use super::args_learning::{ModelAction, TrainArgs};
use super::progress::Progress;
use super::run::{load, say};
use crate::app::learning::{arm_store, models, train as training};
use crate::learning::model::{Figures, Model};
use crate::learning::training::TrainConfig;
use crate::telemetry;
use anyhow::bail;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn train(args: TrainArgs) -> anyhow::Result<ExitCode> {
    let settings = load(&args.settings, &[])?;
    telemetry::init(&settings.log);
    let stem = args.out.file_stem().map_or_else(|| "model".to_owned(), |s| s.to_string_lossy().into_owned());
    let mut config = TrainConfig::default();
    config.boost.rounds = args.rounds as usize;
    config.boost.threads = crate::app::learning::threads();
    let wanted = training::Wanted {
        folders: args.data,
        name: args.name.unwrap_or(stem),
        step_ms: args.step,
        from: args.from,
        to: args.to,
        config,
    };
    let mut bars: Vec<(&'static str, Progress)> = Vec::new();
    let model = training::run(&wanted, &settings, &mut |what, done, of| {
        let at = bars.iter().position(|(name, _)| *name == what).unwrap_or_else(|| {
            bars.push((what, Progress::new(what)));
            bars.len() - 1
        });
        bars[at].1.set(done, of);
    })?;
    models::write(&model, &args.out)?;
    say(card(&model).trim_end());
    say(&format!("written to {}", args.out.display()));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn model(action: ModelAction) -> anyhow::Result<ExitCode> {
    match action {
        ModelAction::Show { model } => say(card(&*named(&model)?).trim_end()),
        ModelAction::Compare { a, b } => say(&side_by_side(&*named(&a)?, &*named(&b)?)),
        ModelAction::Activate { model, settings } => {
            let settings = load(&settings, &[])?;
            let activated = arm_store::activate(&model, &settings)?;
            say(&match activated {
                _ if model == models::DEFAULT => {
                    "in force from the next start: the model in the program".to_owned()
                }
                Some(model) => format!("in force from the next start: model {}", model.card.name),
                None => "in force from the next start: the rule alone".to_owned(),
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn named(name: &str) -> anyhow::Result<Arc<Model>> {
    match models::open(name)? {
        Some(model) => Ok(model),
        None => bail!("none is the rule: there is no model to show"),
    }
}

fn side_by_side(a: &Model, b: &Model) -> String {
    let mut text = format!("{}\n{}\n", card(a), card(b));
    let only = |x: &Model, y: &Model| {
        let own: Vec<&str> =
            x.features.iter().filter(|f| !y.features.contains(f)).map(String::as_str).collect();
        format!(
            "features of {} alone: {}\n",
            x.card.name,
            if own.is_empty() { "none".to_owned() } else { own.join(", ") }
        )
    };
    text += &only(a, b);
    text += &only(b, a);
    text
}

/// A model's card as text.
pub(super) fn card(model: &Model) -> String {
    let card = &model.card;
    let mut text = format!("model {}: {}\n", card.name, card.target);
    text += &format!(
        "{} features, {} trees, embargo {} h\n",
        model.features.len(),
        model.boosted.trees.len(),
        card.embargo_h
    );
    for t in &card.trained_on {
        text += &format!(
            "trained on {} to {}: {} pairs, {} points, base rate {:.1} %\n",
            t.from,
            t.to,
            t.pairs,
            t.points,
            100.0 * t.base_rate
        );
    }
    text += "\nout of time       kind        points  base %    AUC   Brier    ECE  chance >= 60 %\n";
    for f in &card.metrics {
        text += &figures(f);
    }
    text += "\n";
    for note in &card.notes {
        text += &format!("{note}\n");
    }
    text
}

fn figures(f: &Figures) -> String {
    let precision = f.fuerte_precision.map_or_else(|| "-".to_owned(), |p| format!("{:.1} %", 100.0 * p));
    format!(
        "{:<17} {:<10} {:>7}  {:>6.1}  {:.3}  {:.4}  {:.3}  {} points, {precision} hits\n",
        f.split,
        f.kind,
        f.points,
        100.0 * f.base_rate,
        f.auc,
        f.brier,
        f.ece,
        f.fuerte_points
    )
}
