//! `impulso tune`.

use super::args_learning::TuneArgs;
use super::progress::Progress;
use super::run::{load, say};
use crate::app::learning::{threads, tune};
use crate::learning::tuning::{Figures, TuneConfig, Tuned};
use crate::telemetry;
use anyhow::Context;
use std::process::ExitCode;

pub(super) fn run(args: &TuneArgs) -> anyhow::Result<ExitCode> {
    let settings = load(&args.settings, &[])?;
    telemetry::init(&settings.log);
    let wanted = tune::Wanted {
        folders: args.data.clone(),
        from: args.from,
        to: args.to,
        step_ms: args.step,
        config: TuneConfig {
            candidates: args.candidates as usize,
            folds: args.folds as usize,
            min_per_day: args.min_per_day,
            hysteresis: 0.0,
            seed: args.seed,
            threads: threads(),
        },
    };
    let mut bars: Vec<(&'static str, Progress)> = Vec::new();
    let tuned = tune::run(&wanted, &settings, &mut |what, done, of| {
        let at = bars.iter().position(|(name, _)| *name == what).unwrap_or_else(|| {
            bars.push((what, Progress::new(what)));
            bars.len() - 1
        });
        bars[at].1.set(done, of);
    })?;
    drop(bars);
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&tuned)?;
        std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    say(text(&tuned).trim_end());
    if let Some(why) = tuned.why {
        say(&format!("it does not hold, nothing is written: {why}"));
        return Ok(ExitCode::FAILURE);
    }
    tune::write(&tuned, &args.out)?;
    say(&format!("it holds; written to {}", args.out.display()));
    Ok(ExitCode::SUCCESS)
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{:.1} %", 100.0 * v))
}

fn row(what: &str, f: &Figures) -> String {
    format!(
        "{what:<34} {:>12} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7} {:.3}\n",
        format!("{} of {}", f.fuerte_hits, f.fuerte),
        share(f.fuerte_precision),
        share(f.alta_precision),
        share(f.media_precision),
        share(f.baja_precision),
        share(Some(f.base_rate)),
        format!("{:.2}", f.fuerte_per_day),
        f.auc_within_days
    )
}

fn text(tuned: &Tuned) -> String {
    let mut text = format!(
        "{:<34} {:>12} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7} {}\n",
        "", "FUERTE hits", "FUERTE", "ALTA", "MEDIA", "BAJA", "base", "a day", "AUC"
    );
    for fold in &tuned.folds {
        let day = |at| super::moment::show_moment(at).chars().take(10).collect::<String>();
        text += &format!("{} to {}\n", day(fold.from), day(fold.to - 1));
        text += &row("  winner, in sample", &fold.in_sample);
        text += &row("  winner, out of sample", &fold.out_of_sample);
        text += &row("  in force, the same days", &fold.in_force);
    }
    text += "all folds\n";
    text += &row("  winners, out of sample", &tuned.out_of_sample);
    text += &row("  in force, the same days", &tuned.in_force);
    if let Some([low, high]) = tuned.difference_90 {
        let (low, high) = (100.0 * low, 100.0 * high);
        text += &format!("  difference of FUERTE, 90 % by whole days: {low:+.1} to {high:+.1} points\n");
    }
    text += &format!("the winner over everything, of {} profiles\n", tuned.tried);
    text += &row("  in sample (flattering)", &tuned.in_sample);
    for change in &tuned.changes {
        text += &format!("  {change}\n");
    }
    text
}
