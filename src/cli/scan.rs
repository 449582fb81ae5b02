//! `impulso scan` and `impulso web`: the two that serve until a signal comes.

use super::output::tell;
use super::settings::SettingsArgs;
use crate::app;
use std::process::ExitCode;

pub(super) fn scan(args: &SettingsArgs) -> anyhow::Result<ExitCode> {
    let settings = args.load_and_log()?;
    app::run(async move { app::scan(&settings, &tell).await })
}

pub(super) fn web(args: &SettingsArgs) -> anyhow::Result<ExitCode> {
    let settings = args.load_and_log()?;
    app::run(async move { app::read_only_node::web(&settings, &tell).await })
}
