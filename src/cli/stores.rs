//! `impulso history`, `impulso alerts` and `impulso token`.

use super::args_more::{
    AlertsAction, CreateArgs, ExportArgs, FetchArgs, HistoryAction, ImportArgs, SimulateArgs, TestArgs,
    TokenAction,
};
use super::lang::say_it;
use super::moment::show_moment;
use super::progress::Progress;
use super::run::{load, say, say_plain};
use crate::actors::ports::Clock;
use crate::actors::ports::history::{HistoryStats, Span};
use crate::adapters::clock::SystemClock;
use crate::app;
use crate::app::history::fetch::{Wanted, fetch};
use crate::app::history::simulate::Simulated;
use crate::app::history::{files, simulate};
use crate::domain::symbol::Symbol;
use crate::settings::Settings;
use crate::telemetry;
use anyhow::Context;
use std::io::Write;
use std::process::ExitCode;

fn span(from: Option<i64>, to: Option<i64>) -> Span {
    Span { from: from.unwrap_or(Span::ALL.from), to: to.unwrap_or(Span::ALL.to) }
}

pub(super) fn history(action: HistoryAction) -> anyhow::Result<ExitCode> {
    match action {
        HistoryAction::Import(args) => import(args),
        HistoryAction::Export(args) => export(args),
        HistoryAction::Fetch(args) => fetched(args),
        HistoryAction::Vacuum(args) => {
            let settings = ready(load(&args, &[])?);
            app::run(async move {
                let done = app::history::vacuum(&settings).await?;
                say(&format!("removed {} score rows and {} candles", done.scores, done.candles));
                Ok(ExitCode::SUCCESS)
            })
        }
        HistoryAction::Stats(args) => {
            let settings = ready(load(&args, &[])?);
            app::run(async move {
                let store = app::history::open_here(&settings).await?;
                say(render_stats(&store.stats().await?).trim_end());
                Ok(ExitCode::SUCCESS)
            })
        }
    }
}

fn ready(settings: Settings) -> Settings {
    telemetry::init(&settings.log);
    settings
}

fn import(args: ImportArgs) -> anyhow::Result<ExitCode> {
    let settings = ready(load(&args.settings, &[])?);
    let mut progress = Progress::new("reading candles");
    app::run(async move {
        let store = app::history::open_here(&settings).await?;
        let tell = |done, total| progress.set(done, total);
        let done = files::import(&*store, &args.paths, args.interval, tell).await?;
        say(&format!("{} candles of {} pairs from {} files", done.candles, done.pairs, done.files));
        Ok(ExitCode::SUCCESS)
    })
}

fn export(args: ExportArgs) -> anyhow::Result<ExitCode> {
    let settings = ready(load(&args.settings, &[])?);
    app::run(async move {
        let store = app::history::open_here(&settings).await?;
        let symbol = Symbol::new(&args.symbol.to_uppercase());
        let (span, format) = (span(args.from, args.to), args.format.into());
        let count = match &args.out {
            None => {
                let mut out = std::io::BufWriter::new(std::io::stdout());
                let count = files::export(&*store, &symbol, args.interval, span, format, &mut out).await?;
                out.flush()?;
                count
            }
            Some(path) => {
                let place = || format!("{} cannot be written", path.display());
                let file = std::io::BufWriter::new(std::fs::File::create(path).with_context(place)?);
                if path.extension().is_some_and(|e| e == "zst") {
                    let mut out = zstd::Encoder::new(file, 6)?;
                    let count =
                        files::export(&*store, &symbol, args.interval, span, format, &mut out).await?;
                    out.finish()?.flush()?;
                    count
                } else {
                    let mut out = file;
                    let count =
                        files::export(&*store, &symbol, args.interval, span, format, &mut out).await?;
                    out.flush()?;
                    count
                }
            }
        };
        if count == 0 {
            anyhow::bail!(
                "there are no {} candles of {symbol} in that span; see `impulso history stats`",
                args.interval
            );
        }
        if let Some(path) = &args.out {
            say(&format!("{count} candles in {}", path.display()));
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn fetched(args: FetchArgs) -> anyhow::Result<ExitCode> {
    let settings = ready(load(&args.settings, &[])?);
    let mut progress = Progress::new("fetching candles");
    app::run(async move {
        let store = app::history::open_here(&settings).await?;
        let wanted = Wanted {
            symbols: args.symbol.iter().map(|s| Symbol::new(&s.to_uppercase())).collect(),
            interval: args.interval,
            span: Span { from: args.from, to: args.to.unwrap_or_else(|| SystemClock::new().utc_ms()) },
            archive: args.archive,
        };
        let done = fetch(&settings, &*store, wanted, |done, total| progress.set(done, total)).await?;
        say(&format!(
            "{} candles fetched; {} days were there already, {} days have no data at the source",
            done.candles, done.days_known, done.days_absent
        ));
        Ok(ExitCode::SUCCESS)
    })
}

fn render_stats(stats: &HistoryStats) -> String {
    let mut text = format!("{}\n{:.1} MiB on the disk", stats.store, stats.bytes as f64 / 1_048_576.0);
    if stats.spilled_rows > 0 {
        text.push_str(&format!(", {} rows wait in the local spill", stats.spilled_rows));
    }
    text.push('\n');
    for table in &stats.tables {
        let span = match (table.from, table.to) {
            (Some(from), Some(to)) => format!("{} to {}", show_moment(from), show_moment(to)),
            _ => "-".to_owned(),
        };
        text.push_str(&format!("{:<12} {:>12} rows  {span}\n", table.table, table.rows));
    }
    text
}

pub(super) fn alerts(action: AlertsAction) -> anyhow::Result<ExitCode> {
    match action {
        AlertsAction::Test(args) => test(args),
        AlertsAction::Simulate(args) => simulated(&args),
    }
}

fn test(args: TestArgs) -> anyhow::Result<ExitCode> {
    let settings = ready(load(&args.settings, &[])?);
    let Some(channel) = args.channel else {
        say(&format!("channels: {}", app::alerts::channel_names(&settings)?.join(", ")));
        return Ok(ExitCode::SUCCESS);
    };
    app::run(async move {
        let receipt = app::alerts::test(&settings, &channel).await?;
        let id = receipt.id.map_or_else(String::new, |id| format!(" as message {id}"));
        say(&format!("{channel} took the test message{id}"));
        Ok(ExitCode::SUCCESS)
    })
}

fn simulated(args: &SimulateArgs) -> anyhow::Result<ExitCode> {
    let settings = ready(load(&args.settings, &[])?);
    let policy = match &args.policy {
        Some(path) => {
            let mut own = args.settings.clone();
            own.config = Some(path.clone());
            load(&own, &[])?
        }
        None => settings.clone(),
    };
    let mut progress = Progress::new("replaying scores");
    app::run(async move {
        let store = app::history::open_here(&settings).await?;
        let config = app::alerts::policy(&policy);
        let tell = |done, total| progress.set(done, total);
        let result = simulate::simulate(&*store, config, span(args.from, args.to), tell).await?;
        say(render_simulated(&result, args.list).trim_end());
        Ok(if result.cycles > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn render_simulated(result: &Simulated, list: bool) -> String {
    let Some((from, to)) = result.span else {
        return "no scores are stored for that span; see `impulso history stats`\n".to_owned();
    };
    let days = ((to - from) as f64 / 86_400_000.0).max(1.0 / 2_880.0);
    let mut text = format!(
        "{} cycles from {} to {}\n{} alerts in {} messages, {:.1} alerts a day\n",
        result.cycles,
        show_moment(from),
        show_moment(to),
        result.alerts.len(),
        result.messages,
        result.alerts.len() as f64 / days
    );
    if let Some((shortest, median)) = result.gap_ms {
        text.push_str(&format!(
            "between alerts of the same pair: {:.1} min at least, {:.1} min in the middle\n",
            shortest as f64 / 60_000.0,
            median as f64 / 60_000.0
        ));
    }
    for (by, count) in &result.suppressed {
        text.push_str(&format!("held back by {}: {count}\n", by.as_str()));
    }
    let shown = if list { result.alerts.len() } else { 0 };
    for (at, kind, card) in &result.alerts[..shown] {
        let up =
            card.escalated_from.map_or_else(String::new, |e| format!(" up from {} {:.1}", e.level, e.value));
        text.push_str(&format!(
            "{}  {:<7} {:<6} {:<14} {:>5.1}{up}\n",
            show_moment(*at),
            kind,
            card.level,
            card.symbol,
            card.value
        ));
    }
    text
}

pub(super) fn token(action: TokenAction) -> anyhow::Result<ExitCode> {
    match action {
        TokenAction::Create(args) => create(&args),
        TokenAction::List(args) => {
            let tokens = app::state(&load(&args, &[])?)?.tokens()?;
            if tokens.is_empty() {
                say("no tokens; make one with `impulso token create NAME --scope operate`");
            }
            for token in tokens {
                let used = token
                    .last_used_at
                    .map_or_else(|| "never used".to_owned(), |at| format!("used {}", show_moment(at)));
                say(&format!(
                    "{:<20} {:<8} created {}, {used}",
                    token.name,
                    token.scope.as_str(),
                    show_moment(token.created_at)
                ));
            }
            Ok(ExitCode::SUCCESS)
        }
        TokenAction::Revoke(args) => {
            if !app::state(&load(&args.settings, &[])?)?.revoke_token(&args.name)? {
                anyhow::bail!("there is no token '{}'; see `impulso token list`", args.name);
            }
            say(&format!("token '{}' is revoked", args.name));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn create(args: &CreateArgs) -> anyhow::Result<ExitCode> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if args.name.is_empty() || args.name.len() > 64 || !args.name.chars().all(plain) {
        anyhow::bail!(
            "'{}' is no name for a token: letters, digits, - _ . and at most 64 of them",
            args.name
        );
    }
    let state = app::state(&load(&args.settings, &[])?)?;
    let token = state.create_token(&args.name, args.scope.into(), SystemClock::new().utc_ms())?;
    say_plain(&token.secret);
    // The token itself stands alone on standard output, so that it can be piped.
    let _ = writeln!(std::io::stderr(), "{}", say_it("keep it: it is not shown again"));
    Ok(ExitCode::SUCCESS)
}
