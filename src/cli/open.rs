//! `impulso open`.

use super::lang::t;
use super::output::say;
use super::settings::SettingsArgs;
use crate::app;
use clap::Args;
use std::process::{Command, ExitCode, Stdio};

#[derive(Debug, Args)]
pub(super) struct OpenArgs {
    #[arg(long, help = t().help_open_print())]
    print: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(args: &OpenArgs) -> anyhow::Result<ExitCode> {
    let link = app::entry::kept_link(&args.settings.load()?)?;
    // First: without a browser, or over SSH, it is taken from here.
    say(&link);
    let shown = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if !args.print && (shown || cfg!(target_os = "macos")) {
        let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        let silent = || Stdio::null();
        // The address is told already: a machine without such a program loses nothing.
        let _ = Command::new(opener).arg(&link).stdin(silent()).stdout(silent()).stderr(silent()).spawn();
    }
    Ok(ExitCode::SUCCESS)
}
