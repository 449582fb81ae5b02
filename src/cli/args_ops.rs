//! What can be typed after `backup`, `restore` and `health`.

use super::args::SettingsArgs;
use clap::Args;
use std::path::PathBuf;

/// `backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// Folder that gets the backup, in a folder of its own named after the moment.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Keep so many backups there and remove the older ones; all when left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub keep: Option<u16>,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// `restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Folder of a backup, or of several, of which the newest is taken.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// `health`.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Ask only whether the process answers, not whether there is a full ranking.
    #[arg(long)]
    pub(crate) alive: bool,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}
