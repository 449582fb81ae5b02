//! `impulso config`.

use super::lang::t;
use super::output::say;
use super::settings::SettingsArgs;
use crate::app::whole_file::write_whole;
use crate::i18n::{OrFail, cannot_make, cannot_read};
use crate::settings::{Migrated, migrate, read_text};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigAction {
    #[command(about = t().help_config_check())]
    Check(SettingsArgs),
    #[command(about = t().help_config_show())]
    Show(SettingsArgs),
    #[command(about = t().help_config_migrate(), after_help = t().help_config_migrate_examples())]
    Migrate(MigrateArgs),
}

#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    #[arg(help = t().help_migrate_file())]
    file: PathBuf,
    #[arg(long, help = t().help_migrate_dry_run())]
    dry_run: bool,
}

pub(super) fn run(action: &ConfigAction) -> anyhow::Result<ExitCode> {
    match action {
        ConfigAction::Check(args) => {
            args.load()?;
            say(t().settings_right());
        }
        ConfigAction::Show(args) => say(args.load()?.to_toml().trim_end()),
        ConfigAction::Migrate(args) => rename_settings(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn rename_settings(args: &MigrateArgs) -> anyhow::Result<()> {
    // Where the name is a link, the file itself is rewritten.
    let file = args.file.canonicalize().or_fail(|| cannot_read(&args.file))?;
    let old = read_text(&file).or_fail(|| cannot_read(&file))?;
    let Migrated { text: new, renamed } = migrate(&args.file, &old)?;
    let shown = args.file.display().to_string();
    if args.dry_run {
        say(new.trim_end());
    } else if renamed.is_empty() {
        say(t().config_nothing_to_migrate(shown));
    } else {
        let backup = unused_name(&file);
        std::fs::copy(&file, &backup).or_fail(|| cannot_make(&backup))?;
        write_whole(&file, new.as_bytes())?;
        for (old, new) in renamed {
            say(format_args!("{old} -> {new}"));
        }
        say(t().config_migrated(shown, backup.display().to_string()));
    }
    Ok(())
}

/// `FILE.bak`, or with a number where that is taken: an older backup is never lost.
fn unused_name(file: &Path) -> PathBuf {
    let name = |n: u32| {
        let mut name = file.as_os_str().to_owned();
        name.push(if n == 1 { ".bak".to_owned() } else { format!(".bak.{n}") });
        PathBuf::from(name)
    };
    (1..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(1))
}
