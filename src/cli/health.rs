//! `impulso health`.

use super::lang::t;
use super::output::say;
use super::settings::SettingsArgs;
use crate::app;
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct HealthArgs {
    #[arg(long, help = t().help_health_alive())]
    alive: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &HealthArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load()?;
    let alive = args.alive;
    app::run(async move {
        let (url, problems) = app::health::health(&settings, alive, t().language).await?;
        say(t().health_well(url));
        if !problems.is_empty() {
            say(problems);
        }
        Ok(ExitCode::SUCCESS)
    })
}
