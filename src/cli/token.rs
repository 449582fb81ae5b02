//! `impulso token`.

use super::lang::t;
use super::output::say;
use super::settings::SettingsArgs;
use super::values::show_moment;
use crate::actors::ports::Clock;
use crate::actors::ports::state::Scope;
use crate::adapters::clock::SystemClock;
use crate::app;
use crate::i18n::failure;
use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use std::io::Write;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum TokenAction {
    #[command(about = t().help_token_create(), after_help = t().help_token_create_examples())]
    Create(CreateArgs),
    #[command(about = t().help_token_list())]
    List(SettingsArgs),
    #[command(about = t().help_token_revoke())]
    Revoke(RevokeArgs),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ScopeArg {
    #[value(help = t().help_scope_read())]
    Read,
    #[value(help = t().help_scope_operate())]
    Operate,
}

impl From<ScopeArg> for Scope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::Read => Self::Read,
            ScopeArg::Operate => Self::Operate,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    #[arg(help = t().help_token_create_name())]
    name: String,
    #[arg(long, value_enum, default_value = "read", help = t().help_token_create_scope())]
    scope: ScopeArg,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(super) struct RevokeArgs {
    #[arg(help = t().help_token_name())]
    name: String,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(action: TokenAction) -> anyhow::Result<ExitCode> {
    match action {
        TokenAction::Create(args) => create(&args)?,
        TokenAction::List(args) => list(&args)?,
        TokenAction::Revoke(args) => {
            if !app::state::open(&args.settings.load()?)?.revoke_token(&args.name)? {
                bail!(failure!(token_unknown, name = args.name));
            }
            say(t().token_revoked(args.name));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(args: &SettingsArgs) -> anyhow::Result<()> {
    let tokens = app::state::open(&args.load()?)?.tokens()?;
    if tokens.is_empty() {
        say(t().token_none());
    }
    for token in tokens {
        let used =
            token.last_used_at.map_or_else(|| t().token_never_used(), |at| t().token_used(show_moment(at)));
        let created = t().token_created(show_moment(token.created_at));
        say(format!("{:<20} {:<8} {created}, {used}", token.name, token.scope.as_str()));
    }
    Ok(())
}

fn create(args: &CreateArgs) -> anyhow::Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if args.name.is_empty() || args.name.len() > 64 || !args.name.chars().all(plain) {
        bail!(failure!(token_bad_name, name = args.name.clone()));
    }
    let state = app::state::open(&args.settings.load()?)?;
    let token = state.create_token(&args.name, args.scope.into(), SystemClock::new().machine_time())?;
    say(token.secret);
    // The token itself stands alone on standard output, so that it can be piped.
    let _ = writeln!(std::io::stderr(), "{}", t().token_keep());
    Ok(())
}
