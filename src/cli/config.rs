//! `impulso config`.

use super::lang::t;
use super::output::say;
use super::settings::SettingsArgs;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigAction {
    #[command(about = t().help_config_check())]
    Check(SettingsArgs),
    #[command(about = t().help_config_show())]
    Show(SettingsArgs),
}

pub(super) fn run(action: &ConfigAction) -> anyhow::Result<ExitCode> {
    match action {
        ConfigAction::Check(args) => {
            args.load()?;
            say(t().settings_right());
        }
        ConfigAction::Show(args) => say(args.load()?.to_toml().trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}
