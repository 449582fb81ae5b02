//! `impulso backtest lookahead-check`.

use super::lang::t;
use super::output::{say, tell};
use super::progress::Progress;
use super::settings::SettingsArgs;
use super::values::whole;
use crate::app::learning::lookahead;
use crate::i18n::text;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct LookaheadArgs {
    #[arg(long, value_name = "DIR", help = t().help_lookahead_data())]
    data: PathBuf,
    #[arg(
        long, default_value_t = 10, value_parser = whole(1_u32..=1_000),
        help = t().help_lookahead_moments()
    )]
    moments: u32,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn check(args: &LookaheadArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load_and_log()?;
    let mut progress = Progress::new(text!(lookahead_check));
    let checked = lookahead::check(&args.data, args.moments as usize, &settings, &mut |done, all| {
        progress.set(done, all);
    })?;
    checked.differences.iter().for_each(tell);
    if !checked.differences.is_empty() {
        say(t().lookahead_found());
        return Ok(ExitCode::FAILURE);
    }
    say(t().lookahead_clean(checked.moments, checked.pairs, checked.reports));
    Ok(ExitCode::SUCCESS)
}
