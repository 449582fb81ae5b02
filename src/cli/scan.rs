//! `impulso scan` and `impulso web`: the two that serve until a signal comes.

use super::lang::t;
use super::output::tell;
use super::settings::SettingsArgs;
use crate::app;
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    #[arg(long, help = t().help_scan_standby())]
    standby: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn scan(args: ScanArgs) -> anyhow::Result<ExitCode> {
    let settings = SettingsArgs { standby: args.standby, ..args.settings }.load_and_log()?;
    app::run(async move { app::scan(&settings, &tell).await })
}

pub(super) fn web(args: &SettingsArgs) -> anyhow::Result<ExitCode> {
    let settings = args.load_and_log()?;
    app::run(async move { app::read_only_node::web(&settings, &tell).await })
}
