//! `impulso tune`.

use super::lang::t;
use super::output::{percent, say, write_file};
use super::progress::Stages;
use super::settings::SettingsArgs;
use super::values::{above_zero, moment, show_moment, step, whole};
use crate::app::learning::{threads, tune};
use crate::domain::moment::MarketTime;
use crate::i18n::Texts;
use crate::learning::tuning::{Figures, TuneConfig, Tuned};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct TuneArgs {
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with = "store", help = t().help_tune_data())]
    data: Vec<PathBuf>,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_tune_from())]
    from: Option<MarketTime>,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_to_moment())]
    to: Option<MarketTime>,
    #[arg(
        long, value_name = "SPAN", default_value = "60m", value_parser = step,
        help = t().help_step_moments()
    )]
    step: i64,
    #[arg(
        long, default_value_t = 400, value_parser = whole(8_u32..=100_000),
        help = t().help_tune_candidates()
    )]
    candidates: u32,
    #[arg(long, default_value_t = 5, value_parser = whole(2_u32..=50), help = t().help_tune_folds())]
    folds: u32,
    #[arg(
        long, value_name = "N", default_value_t = 1.0, value_parser = above_zero,
        help = t().help_tune_min_per_day()
    )]
    min_per_day: f64,
    #[arg(long, default_value_t = 11, help = t().help_tune_seed())]
    seed: u64,
    #[arg(long, value_name = "FILE", default_value = "challenger.toml", help = t().help_tune_out())]
    out: PathBuf,
    #[arg(long, value_name = "FILE", help = t().help_tune_json())]
    json: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &TuneArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load_and_log()?;
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
    let mut stages = Stages::default();
    let tuned = tune::run(&wanted, &settings, &mut |what, done, of| stages.set(what, done, of))?;
    // Ends the line of progress before the report is written below it.
    drop(stages);
    if let Some(path) = &args.json {
        write_file(path, serde_json::to_string_pretty(&tuned)?)?;
    }
    say(report(&tuned, t()).trim_end());
    if let Some(why) = &tuned.why {
        say(t().tune_does_not_hold(why.in_words(t())));
        return Ok(ExitCode::FAILURE);
    }
    tune::write(&tuned, &args.out)?;
    say(t().tune_holds(args.out.display().to_string()));
    Ok(ExitCode::SUCCESS)
}

/// A line of the table, indented under its heading.
fn row(what: &str, f: &Figures, t: &Texts) -> String {
    format!(
        "  {what:<32} {:>12} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7.2} {:.3}\n",
        t.hits_of(f.fuerte_hits, f.fuerte),
        percent(f.fuerte_precision),
        percent(f.alta_precision),
        percent(f.media_precision),
        percent(f.baja_precision),
        percent(Some(f.base_rate)),
        f.fuerte_per_day,
        f.auc_within_days
    )
}

fn report(tuned: &Tuned, t: &Texts) -> String {
    let mut text = format!(
        "{:<34} {:>12} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7} AUC\n",
        "",
        t.tune_fuerte_hits(),
        "FUERTE",
        "ALTA",
        "MEDIA",
        "BAJA",
        t.tune_base(),
        t.tune_a_day()
    );
    for fold in &tuned.folds {
        let day = |at| show_moment(at).chars().take(10).collect::<String>();
        text += &format!("{}\n", t.from_to(day(fold.from), day(fold.to - 1)));
        text += &row(&t.tune_winner_in_sample(), &fold.in_sample, t);
        text += &row(&t.tune_winner_out_of_sample(), &fold.out_of_sample, t);
        text += &row(&t.tune_in_force(), &fold.in_force, t);
    }
    text += &format!("{}\n", t.tune_all_folds());
    text += &row(&t.tune_winners_out_of_sample(), &tuned.out_of_sample, t);
    text += &row(&t.tune_in_force(), &tuned.in_force, t);
    if let Some([low, high]) = tuned.difference_90 {
        let points = |share: f64| format!("{:+.1}", 100.0 * share);
        text += &format!("  {}\n", t.tune_difference(points(low), points(high)));
    }
    text += &format!("{}\n", t.tune_winner_overall(tuned.tried));
    text += &row(&t.tune_in_sample(), &tuned.in_sample, t);
    for change in &tuned.changes {
        text += &format!("  {change}\n");
    }
    text
}
