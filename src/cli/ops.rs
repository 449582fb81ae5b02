//! `impulso backup`, `impulso restore` and `impulso health`.

use super::args_ops::{BackupArgs, HealthArgs, RestoreArgs};
use super::run::{load, say};
use crate::actors::ports::Clock;
use crate::adapters::clock::SystemClock;
use crate::app;
use std::process::ExitCode;

pub(super) fn backup(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let settings = load(&args.settings, &[])?;
    let now = SystemClock::new().utc_ms();
    let (folder, saved) = app::backup::backup(&settings, &args.to, args.keep.map(usize::from), now)?;
    for file in &saved.files {
        say(&format!("{} saved, {:.1} MiB", file.name, file.bytes as f64 / 1_048_576.0));
    }
    say(&format!("backup: {}", folder.display()));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let settings = load(&args.settings, &[])?;
    let done = app::backup::restore(&settings, &args.from)?;
    for file in &done.files {
        say(&format!("{} restored", file.display()));
    }
    for file in &done.aside {
        say(&format!("what stood there is kept as {}", file.display()));
    }
    say(&format!("restored from {}", done.from.display()));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn health(args: &HealthArgs) -> anyhow::Result<ExitCode> {
    let settings = load(&args.settings, &[])?;
    let alive = args.alive;
    app::run(async move {
        say(&app::health::health(&settings, alive).await?);
        Ok(ExitCode::SUCCESS)
    })
}
