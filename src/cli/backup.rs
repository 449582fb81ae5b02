//! `impulso backup` and `impulso restore`.

use super::lang::t;
use super::output::say;
use super::settings::SettingsArgs;
use super::values::whole;
use crate::actors::ports::Clock;
use crate::adapters::clock::SystemClock;
use crate::app::backup;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    #[arg(long, value_name = "DIR", help = t().help_backup_to())]
    to: PathBuf,
    #[arg(long, value_name = "N", value_parser = whole(1_u16..=u16::MAX), help = t().help_backup_keep())]
    keep: Option<u16>,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    #[arg(long, value_name = "DIR", help = t().help_restore_from())]
    from: PathBuf,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn save(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load()?;
    let now = SystemClock::new().machine_time();
    let (folder, saved) = backup::backup(&settings, &args.to, args.keep.map(usize::from), now)?;
    for file in &saved.files {
        say(t().backup_saved(&file.name, format!("{:.1}", file.bytes as f64 / 1_048_576.0)));
    }
    say(t().backup_made(folder.display().to_string()));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load()?;
    let done = backup::restore(&settings, &args.from)?;
    for file in &done.files {
        say(t().restore_restored(file.display().to_string()));
    }
    for file in &done.aside {
        say(t().restore_aside(file.display().to_string()));
    }
    say(t().restore_from(done.from.display().to_string()));
    Ok(ExitCode::SUCCESS)
}
