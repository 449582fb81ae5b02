//! `impulso train`.

use super::lang::t;
use super::model::card;
use super::output::say;
use super::progress::Stages;
use super::settings::SettingsArgs;
use super::values::{moment, step, whole};
use crate::app::learning::{models, threads, train};
use crate::domain::moment::MarketTime;
use crate::learning::training::{Part, TrainConfig};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct TrainArgs {
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with = "store", help = t().help_train_data())]
    data: Vec<PathBuf>,
    #[arg(long, value_name = "FILE", default_value = "model.json", help = t().help_train_out())]
    out: PathBuf,
    #[arg(long, help = t().help_train_name())]
    name: Option<String>,
    #[arg(
        long, value_name = "SPAN", default_value = "30m", value_parser = step,
        help = t().help_step_points()
    )]
    step: i64,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_from_all_features())]
    from: Option<MarketTime>,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_to_moment())]
    to: Option<MarketTime>,
    #[arg(long, default_value_t = 100, value_parser = whole(1_u32..=5_000), help = t().help_train_rounds())]
    rounds: u32,
    #[arg(long, value_enum, value_name = "PART", num_args = 1.., help = t().help_train_day_weights())]
    day_weights: Vec<Weighed>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// What counts days alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Weighed {
    #[value(help = t().help_weighed_none())]
    None,
    #[value(help = t().help_weighed_line())]
    Line,
    #[value(help = t().help_weighed_trees())]
    Trees,
    #[value(help = t().help_weighed_calibration())]
    Calibration,
}

impl Weighed {
    const fn part(self) -> Option<Part> {
        match self {
            Self::None => None,
            Self::Line => Some(Part::Line),
            Self::Trees => Some(Part::Trees),
            Self::Calibration => Some(Part::Calibration),
        }
    }
}

pub(super) fn run(args: TrainArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load_and_log()?;
    let stem = args.out.file_stem().map_or_else(|| "model".to_owned(), |s| s.to_string_lossy().into_owned());
    let mut config = TrainConfig::default();
    config.boost.rounds = args.rounds as usize;
    config.boost.threads = threads();
    if !args.day_weights.is_empty() {
        config.day_weights = args.day_weights.iter().filter_map(|weighed| weighed.part()).collect();
    }
    let wanted = train::Wanted {
        folders: args.data,
        name: args.name.unwrap_or(stem),
        step_ms: args.step,
        from: args.from,
        to: args.to,
        config,
    };
    let mut stages = Stages::default();
    let model = train::run(&wanted, &settings, &mut |what, done, of| stages.set(what, done, of))?;
    models::write(&model, &args.out)?;
    say(card(&model, t()).trim_end());
    say(t().written_to(args.out.display().to_string()));
    Ok(ExitCode::SUCCESS)
}
