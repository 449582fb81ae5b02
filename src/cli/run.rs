//! From arguments to a running command and an exit code.

use super::args::{Cli, Command, ConfigAction, DemoArgs, ExchangeArgs, SettingsArgs};
use super::progress::Progress;
use super::{backtest, doctor, experiment, lang, learning, moment, ops, stores, tune};
use crate::actors::ports::Clock;
use crate::adapters::clock::SystemClock;
use crate::app;
use crate::domain::time::UtcMs;
use crate::settings::{LOCAL_FILE, LogFormat, LogSettings, Settings, Sources};
use crate::simulator::{MarketSource, SimulatorConfig};
use crate::telemetry;
use anyhow::Context;
use clap::FromArgMatches;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// Runs the program. Exit codes: 0 well, 1 failed, 2 wrong arguments or settings.
pub fn main() -> ExitCode {
    let args: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    lang::choose(&args, &|name| std::env::var(name).ok());
    let parsed = lang::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(told) => return tell(&told),
    };
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            let wrong_settings = error.downcast_ref::<crate::settings::SettingsError>().is_some();
            // Nothing is left to do if standard error is gone.
            let _ = writeln!(std::io::stderr(), "impulso: {}", lang::error(&error));
            ExitCode::from(if wrong_settings { 2 } else { 1 })
        }
    }
}

/// Help, or what is wrong with the arguments.
fn tell(told: &clap::Error) -> ExitCode {
    let (text, wrong) = (told.render(), told.use_stderr());
    let terminal = if wrong { std::io::stderr().is_terminal() } else { std::io::stdout().is_terminal() };
    let colour = terminal && std::env::var_os("NO_COLOR").is_none();
    let text = lang::parser_text(&if colour { text.ansi().to_string() } else { text.to_string() });
    // Nothing is left to do if nobody reads it.
    let _ = if wrong { write!(std::io::stderr(), "{text}") } else { write!(std::io::stdout(), "{text}") };
    ExitCode::from(if wrong { 2 } else { 0 })
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Scan(args) => {
            let settings = load(&args, &[])?;
            telemetry::init(&settings.log);
            app::run(async move { app::scan(&settings, &say).await })
        }
        Command::Demo(args) => demo(args),
        Command::Exchange(args) => exchange(args),
        Command::Config { action: ConfigAction::Check(args) } => {
            load(&args, &[])?;
            say("the settings are right");
            Ok(ExitCode::SUCCESS)
        }
        Command::Config { action: ConfigAction::Show(args) } => {
            say_plain(load(&args, &[])?.to_toml().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Command::Doctor(args) => {
            let settings = load(&args, &[])?;
            let checks = app::run_value(app::doctor::examine(settings))?;
            let (text, well) = doctor::render(&checks);
            say_plain(text.trim_end());
            Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Web(args) => {
            let settings = load(&args, &[])?;
            telemetry::init(&settings.log);
            app::run(async move { app::read_only_node::web(&settings, &say).await })
        }
        Command::History { action } => stores::history(action),
        Command::Alerts { action } => stores::alerts(action),
        Command::Train(args) => learning::train(args),
        Command::Model { action } => learning::model(action),
        Command::Tune(args) => tune::run(&args),
        Command::Experiment { action } => experiment::run(action),
        Command::Backtest(args) => backtest::run(*args),
        Command::Token { action } => stores::token(action),
        Command::Backup(args) => ops::backup(&args),
        Command::Restore(args) => ops::restore(&args),
        Command::Health(args) => ops::health(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut lang::command(), "impulso", &mut script);
            say_plain(String::from_utf8_lossy(&script).trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Lines on standard output, in the language of this run; a reader that went away ends nothing.
pub(super) fn say(text: &str) {
    say_plain(&lang::say_it(text));
}

/// The same for what is not for people alone.
pub(super) fn say_plain(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

pub(super) fn load(args: &SettingsArgs, more: &[(&str, String)]) -> anyhow::Result<Settings> {
    let local = Path::new(LOCAL_FILE);
    let path = args.config.clone().or_else(|| local.is_file().then(|| local.to_owned()));
    let file = match path {
        Some(path) => {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("the settings file {} cannot be read", path.display()))?;
            Some((path, text))
        }
        None => None,
    };
    let mut flags = args.overrides();
    flags.extend(lang::flag().map(|language| ("lang".to_owned(), language.to_owned())));
    flags.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    let env = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let mut settings = Settings::load(&Sources { file, env, flags })?;
    settings.channels.read_secrets()?;
    Ok(settings)
}

/// Where the demo's moves are taken from: with the default seed a lively market, so that a first look at any hour shows
/// pairs of several levels. (Left to the hour, some hours list 30 of 500 pairs, others 300.)
const DEMO_MOVES_FROM: UtcMs = 1_795_270_020_000;

fn demo(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let state = tempfile::tempdir().context("no temporary folder for the demo's state")?;
    let flags = SettingsArgs {
        config: args.config.clone(),
        port: args.port,
        state_dir: Some(state.path().display().to_string()),
        cycle_interval: Some(args.cycle_interval),
        base_interval: args.base_interval.clone(),
        log_level: args.log_level.clone(),
        ..SettingsArgs::default()
    };
    let settings = load(&flags, &[])?;
    telemetry::init(&settings.log);
    let recorded = !args.data.is_empty();
    let market = if recorded {
        MarketSource::Recorded { folders_or_zips: args.data }
    } else {
        MarketSource::Synthetic { symbols: args.symbols as usize, seed: args.seed }
    };
    let config = SimulatorConfig {
        market,
        base: settings.exchange.base(),
        start: args.start.or_else(|| (!recorded).then(|| SystemClock::new().utc_ms())),
        moves_as_from: Some(DEMO_MOVES_FROM),
        speed: args.speed,
        seed: args.seed,
        listen: ([127, 0, 0, 1], 0).into(),
        listings: args.listings,
        script: !recorded,
        ..SimulatorConfig::default()
    };
    let mut progress = Progress::new("reading the recorded market");
    let result = app::run(async move {
        app::demo(&settings, config, move |done, total| progress.set(done, total), &say).await
    });
    drop(state);
    result
}

fn exchange(args: ExchangeArgs) -> anyhow::Result<ExitCode> {
    telemetry::init(&LogSettings { level: args.log_level, format: LogFormat::Auto });
    let recorded = !args.data.is_empty();
    let market = if recorded {
        MarketSource::Recorded { folders_or_zips: args.data }
    } else {
        MarketSource::Synthetic { symbols: args.synthetic.unwrap_or(500) as usize, seed: args.seed }
    };
    let config = SimulatorConfig {
        market,
        base: args.base_interval.parse().map_err(|e| anyhow::anyhow!("--base-interval: {e}"))?,
        start: args.start.or_else(|| (!recorded).then(|| SystemClock::new().utc_ms())),
        speed: args.speed,
        seed: args.seed,
        listen: args.listen,
        listings: args.listings,
        faults: args.fault,
        ..SimulatorConfig::default()
    };
    let mut progress = Progress::new("reading the recorded market");
    app::run(async move {
        let show = |simulator: &crate::simulator::Simulator| {
            say(&format!("exchange: http://{}  (streams: ws://{})", simulator.addr(), simulator.addr()));
            say(&format!("market time: {}", moment::show_moment(simulator.market_now())));
            say(&format!("admin: http://{}/admin/faults", simulator.addr()));
        };
        app::exchange(config, move |done, total| progress.set(done, total), show).await
    })
}
