//! `impulso history`.

use super::lang::t;
use super::output::say;
use super::progress::Progress;
use super::settings::SettingsArgs;
use super::values::{interval, moment, show_moment};
use crate::actors::ports::Clock;
use crate::actors::ports::history::{HistoryStats, HistoryStore, Span};
use crate::adapters::clock::SystemClock;
use crate::app;
use crate::app::history::fetch::{Wanted, fetch};
use crate::app::history::{files, span};
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::i18n::{OrFail, Texts, cannot_write, failure, text};
use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum HistoryAction {
    #[command(about = t().help_history_import(), after_help = t().help_history_import_examples())]
    Import(ImportArgs),
    #[command(about = t().help_history_export(), after_help = t().help_history_export_examples())]
    Export(ExportArgs),
    #[command(about = t().help_history_fetch(), after_help = t().help_history_fetch_examples())]
    Fetch(FetchArgs),
    #[command(about = t().help_history_remove(), after_help = t().help_history_remove_examples())]
    Remove(RemoveArgs),
    #[command(about = t().help_history_recover(), after_help = t().help_history_recover_examples())]
    Recover(RecoverArgs),
    #[command(about = t().help_history_vacuum())]
    Vacuum(VacuumArgs),
    #[command(about = t().help_history_stats())]
    Stats(SettingsArgs),
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[arg(required = true, value_name = "PATH", help = t().help_import_paths())]
    paths: Vec<PathBuf>,
    #[arg(long, value_parser = interval, help = t().help_import_interval())]
    interval: Option<Interval>,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FormatArg {
    #[value(help = t().help_format_csv())]
    Csv,
    #[value(help = t().help_format_jsonl())]
    Jsonl,
}

impl From<FormatArg> for files::Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Csv => Self::Csv,
            FormatArg::Jsonl => Self::Jsonl,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[arg(long, help = t().help_export_symbol())]
    symbol: String,
    #[arg(long, value_parser = interval, default_value = "1m", help = t().help_candle_interval())]
    interval: Interval,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_export_from())]
    from: Option<MarketTime>,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_export_to())]
    to: Option<MarketTime>,
    #[arg(long, value_enum, default_value = "csv", help = t().help_export_format())]
    format: FormatArg,
    #[arg(long, value_name = "FILE", help = t().help_export_out())]
    out: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(super) struct FetchArgs {
    #[arg(long, value_delimiter = ',', help = t().help_fetch_symbol())]
    symbol: Vec<String>,
    #[arg(long, value_parser = interval, default_value = "1m", help = t().help_candle_interval())]
    interval: Interval,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_fetch_from())]
    from: MarketTime,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_fetch_to())]
    to: Option<MarketTime>,
    #[arg(long, value_name = "URL", help = t().help_fetch_archive())]
    archive: Option<String>,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(super) struct RemoveArgs {
    #[arg(long, required = true, value_delimiter = ',', help = t().help_remove_symbol())]
    symbol: Vec<String>,
    #[arg(long, value_parser = interval, default_value = "1m", help = t().help_candle_interval())]
    interval: Interval,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_export_from())]
    from: Option<MarketTime>,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_export_to())]
    to: Option<MarketTime>,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(super) struct RecoverArgs {
    #[arg(value_name = "FILE", help = t().help_recover_file())]
    file: PathBuf,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(super) struct VacuumArgs {
    #[arg(long, help = t().help_vacuum_dry_run())]
    dry_run: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(action: HistoryAction) -> anyhow::Result<ExitCode> {
    match action {
        HistoryAction::Import(args) => import(args),
        HistoryAction::Export(args) => export(args),
        HistoryAction::Fetch(args) => fetched(args),
        HistoryAction::Remove(args) => remove(args),
        HistoryAction::Recover(args) => recover(args),
        HistoryAction::Vacuum(args) => {
            let settings = args.settings.load_and_log()?;
            app::run(async move {
                let done = app::history::vacuum(&settings, args.dry_run).await?;
                say(match args.dry_run {
                    true => t().history_would_remove(done.scores, done.candles, done.predictions),
                    false => t().history_removed(done.scores, done.candles, done.predictions),
                });
                Ok(ExitCode::SUCCESS)
            })
        }
        HistoryAction::Stats(args) => {
            let settings = args.load_and_log()?;
            app::run(async move {
                let store = app::history::open_here(&settings).await?;
                say(stats(&store.stats().await?, t()).trim_end());
                // A server that is away has told what it can.
                let imported = store.imported().await.unwrap_or_default();
                let first = imported.iter().map(|range| range.first).min();
                if let Some((first, last)) = first.zip(imported.iter().map(|range| range.last).max()) {
                    let pairs: BTreeSet<&Symbol> = imported.iter().map(|range| &range.symbol).collect();
                    let span = t().from_to(show_moment(first), show_moment(last));
                    say(t().history_imported_ranges(imported.len(), pairs.len(), span));
                }
                Ok(ExitCode::SUCCESS)
            })
        }
    }
}

fn import(args: ImportArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load_and_log()?;
    let mut progress = Progress::new(text!(reading_candles));
    app::run(async move {
        let store = app::history::open_here(&settings).await?;
        let tell = |done, total| progress.set(done, total);
        let done = files::import(&*store, &args.paths, args.interval, tell).await?;
        say(t().history_imported(done.candles, done.pairs, done.files));
        say(t().history_imported_stays());
        Ok(ExitCode::SUCCESS)
    })
}

fn remove(args: RemoveArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load_and_log()?;
    app::run(async move {
        let store = app::history::open_here(&settings).await?;
        let mut removed = 0;
        for symbol in &args.symbol {
            let symbol = Symbol::new(&symbol.to_uppercase());
            removed += store.remove(&symbol, args.interval, span(args.from, args.to)).await?;
        }
        if removed == 0 {
            let pair = args.symbol.join(", ");
            bail!(failure!(history_no_candles, interval = args.interval.to_string(), pair = pair));
        }
        say(t().history_range_removed(removed));
        Ok(ExitCode::SUCCESS)
    })
}

fn recover(args: RecoverArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load_and_log()?;
    let mut progress = Progress::new(text!(reading_candles));
    app::run(async move {
        if !args.file.is_file() {
            bail!(failure!(not_there, place = args.file.display().to_string()));
        }
        let store = app::history::open_here(&settings).await?;
        let now = SystemClock::new().machine_time().as_market();
        let done =
            app::history::recover::recover(&args.file, &*store, now, |done, total| progress.set(done, total))
                .await?;
        say(t().history_recovered(done.rows, done.unreadable));
        Ok(ExitCode::SUCCESS)
    })
}

fn export(args: ExportArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load_and_log()?;
    app::run(async move {
        let store = app::history::open_here(&settings).await?;
        let count = match &args.out {
            // Locked once: each line would take the lock anew.
            None => written(&args, &*store, &mut std::io::stdout().lock()).await?,
            Some(path) => {
                let file = File::create(path).or_fail(|| cannot_write(path))?;
                if path.extension().is_some_and(|e| e == "zst") {
                    let mut out = zstd::Encoder::new(file, 6)?;
                    let count = written(&args, &*store, &mut out).await?;
                    out.finish()?;
                    count
                } else {
                    written(&args, &*store, &mut &file).await?
                }
            }
        };
        if count == 0 {
            bail!(failure!(history_no_candles, interval = args.interval.to_string(), pair = args.symbol));
        }
        if let Some(path) = &args.out {
            say(t().history_exported(count, path.display().to_string()));
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn written(args: &ExportArgs, store: &dyn HistoryStore, out: &mut dyn Write) -> anyhow::Result<usize> {
    let mut out = BufWriter::new(out);
    let symbol = Symbol::new(&args.symbol.to_uppercase());
    let span = span(args.from, args.to);
    let count = files::export(store, &symbol, args.interval, span, args.format.into(), &mut out).await?;
    out.flush()?;
    Ok(count)
}

fn fetched(args: FetchArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load_and_log()?;
    let mut progress = Progress::new(text!(fetching_candles));
    app::run(async move {
        let store = app::history::open_here(&settings).await?;
        let wanted = Wanted {
            symbols: args.symbol.iter().map(|s| Symbol::new(&s.to_uppercase())).collect(),
            interval: args.interval,
            span: Span {
                from: args.from,
                to: args.to.unwrap_or_else(|| SystemClock::new().machine_time().as_market()),
            },
            archive: args.archive,
        };
        let done = fetch(&settings, &*store, wanted, |done, total| progress.set(done, total)).await?;
        say(t().history_fetched(done.candles, done.days_known, done.days_absent));
        Ok(ExitCode::SUCCESS)
    })
}

fn stats(stats: &HistoryStats, t: &Texts) -> String {
    let mib = format!("{:.1}", stats.bytes as f64 / 1_048_576.0);
    let size = match stats.spilled_rows {
        0 => t.history_size(mib),
        rows => t.history_size_and_spill(mib, rows),
    };
    let mut text = format!("{}\n{size}\n", stats.store);
    for table in &stats.tables {
        let span = match (table.from, table.to) {
            (Some(from), Some(to)) => t.from_to(show_moment(from), show_moment(to)),
            _ => "-".to_owned(),
        };
        text += &format!("{:<12} {:>12} {}  {span}\n", table.table, table.rows, t.rows());
    }
    text
}
