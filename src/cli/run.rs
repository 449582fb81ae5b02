//! The commands, and from arguments to one of them and its exit code.

use super::alerts::AlertsAction;
use super::backtest::BacktestArgs;
use super::backup::{BackupArgs, RestoreArgs};
use super::config::ConfigAction;
use super::experiment::ExperimentAction;
use super::health::HealthArgs;
use super::history::HistoryAction;
use super::lang::{choose, t};
use super::market::{DemoArgs, ExchangeArgs};
use super::model::ModelAction;
use super::open::OpenArgs;
use super::output::say;
use super::parser;
use super::settings::SettingsArgs;
use super::token::TokenAction;
use super::train::TrainArgs;
use super::tune::TuneArgs;
use super::{
    alerts, backtest, backup, config, doctor, experiment, health, history, market, model, open, scan, token,
    train, tune,
};
use crate::adapters::open_files;
use crate::app::describe::described;
use crate::settings::SettingsError;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(
    name = "impulso", version,
    about = t().help_about(),
    after_help = t().help_examples(), propagate_version = true
)]
pub struct Cli {
    #[arg(
        long, global = true, value_name = "LANG", value_parser = ["es", "en"], hide_possible_values = true,
        help = t().help_lang()
    )]
    lang: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(about = t().help_scan(), after_help = t().help_scan_examples())]
    Scan(scan::ScanArgs),
    #[command(about = t().help_demo(), after_help = t().help_demo_examples())]
    Demo(DemoArgs),
    #[command(about = t().help_exchange(), after_help = t().help_exchange_examples())]
    Exchange(ExchangeArgs),
    #[command(about = t().help_config())]
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
    #[command(about = t().help_doctor(), after_help = t().help_doctor_examples())]
    Doctor(SettingsArgs),
    #[command(about = t().help_web(), after_help = t().help_web_examples())]
    Web(SettingsArgs),
    #[command(about = t().help_open(), after_help = t().help_open_examples())]
    Open(OpenArgs),
    #[command(about = t().help_history())]
    History {
        #[command(subcommand)]
        action: HistoryAction,
    },
    #[command(about = t().help_alerts())]
    Alerts {
        #[command(subcommand)]
        action: AlertsAction,
    },
    #[command(about = t().help_train(), after_help = t().help_train_examples())]
    Train(TrainArgs),
    #[command(about = t().help_model())]
    Model {
        #[command(subcommand)]
        action: ModelAction,
    },
    #[command(about = t().help_tune(), after_help = t().help_tune_examples())]
    Tune(Box<TuneArgs>),
    #[command(about = t().help_experiment())]
    Experiment {
        #[command(subcommand)]
        action: ExperimentAction,
    },
    #[command(about = t().help_backtest(), after_help = t().help_backtest_examples())]
    Backtest(Box<BacktestArgs>),
    #[command(about = t().help_token())]
    Token {
        #[command(subcommand)]
        action: TokenAction,
    },
    #[command(about = t().help_backup(), after_help = t().help_backup_examples())]
    Backup(BackupArgs),
    #[command(about = t().help_restore(), after_help = t().help_restore_examples())]
    Restore(RestoreArgs),
    #[command(about = t().help_health(), after_help = t().help_health_examples())]
    Health(HealthArgs),
    #[command(about = t().help_completions(), after_help = t().help_completions_examples())]
    Completions {
        #[arg(help = t().help_completions_shell())]
        shell: clap_complete::Shell,
    },
}

/// Runs the program. Exit codes: 0 well, 1 failed, 2 wrong arguments or settings.
pub fn main() -> ExitCode {
    let args: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    choose(&args, &|name| std::env::var(name).ok());
    open_files::raise();
    let parsed = tree().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(told) => return parser::tell(&told, t()),
    };
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            // Nothing is left to do if standard error is gone.
            let _ = writeln!(std::io::stderr(), "impulso: {}", described(&error, t()));
            ExitCode::from(if error.is::<SettingsError>() { 2 } else { 1 })
        }
    }
}

/// The tree of commands with its help in the language of this run.
fn tree() -> clap::Command {
    parser::worded(Cli::command(), t())
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Scan(args) => scan::scan(args),
        Command::Demo(args) => market::demo(args),
        Command::Exchange(args) => market::exchange(args),
        Command::Config { action } => config::run(&action),
        Command::Doctor(args) => doctor::run(&args),
        Command::Web(args) => scan::web(&args),
        Command::Open(args) => open::run(&args),
        Command::History { action } => history::run(action),
        Command::Alerts { action } => alerts::run(action),
        Command::Train(args) => train::run(args),
        Command::Model { action } => model::run(action),
        Command::Tune(args) => tune::run(&args),
        Command::Experiment { action } => experiment::run(action),
        Command::Backtest(args) => backtest::run(*args),
        Command::Token { action } => token::run(action),
        Command::Backup(args) => backup::save(&args),
        Command::Restore(args) => backup::restore(&args),
        Command::Health(args) => health::run(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut tree(), "impulso", &mut script);
            say(String::from_utf8_lossy(&script).trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    /// The command line of each command.
    fn paths(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        for inner in command.get_subcommands() {
            paths(inner, &format!("{path} {}", inner.get_name()), found);
        }
    }

    #[test]
    fn english_is_what_the_parser_says_itself() {
        let mut lines = Vec::new();
        paths(&Cli::command(), "impulso", &mut lines);
        assert!(lines.len() > 25, "{lines:?}");
        lines = lines.iter().flat_map(|path| [format!("{path} -h"), format!("{path} --help")]).collect();
        let wrong = [
            "scna",
            "scan --foo",
            "scan --prt 1",
            "scan -- -x",
            "backup",
            "history",
            "scan --port",
            "scan --port=x",
            "exchange --data x --synthetic 9",
            "exchange --start yesterday",
            "exchange --synthetic 4",
            "token create a --scope reed",
            "token create a b",
            "scan --port 1 --port 2",
            "scan --lang fr",
            "backtest --data x --store y",
            "completions fsh",
            "train --rounds",
            "exchange --listen here",
        ];
        lines.extend(wrong.map(|line| format!("impulso {line}")));
        let t = Language::En.texts();
        for line in lines {
            let said =
                |command: clap::Command| command.try_get_matches_from(line.split(' ')).expect_err(&line);
            let own = said(Cli::command()).render().to_string();
            let ours = parser::rendered(&said(parser::worded(Cli::command(), t)), t).to_string();
            let ends = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
            assert_eq!(ends(&ours), ends(&own), "{line}");
        }
    }
}
