//! What can be typed after `history`, `alerts`, `token` and `web`.

use super::args::SettingsArgs;
use super::moment::parse_moment;
use crate::actors::ports::state::Scope;
use crate::app::history::files::Format;
use crate::domain::time::{Interval, UtcMs};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Stored candles and scores.
#[derive(Debug, Subcommand)]
pub enum HistoryAction {
    /// Read candles from files: data.binance.vision zips, CSV, CSV.zst, or folders of them.
    #[command(after_help = "Examples:
  impulso history import BTCUSDT-1m-2025-01.zip
  impulso history import candles/ --interval 5m --store sqlite:/data/history.db")]
    Import(ImportArgs),
    /// Write one pair's candles to a file.
    #[command(after_help = "Examples:
  impulso history export --symbol BTCUSDT --interval 1m --from 2025-06-01 --to 2025-06-02 --out btc.csv
  impulso history export --symbol BTCUSDT --format jsonl")]
    Export(ExportArgs),
    /// Fetch candles that the store lacks, by REST under the weight budget or from the bulk archive.
    #[command(after_help = "Examples:
  impulso history fetch --symbol BTCUSDT,ETHUSDT --interval 1m --from 2025-06-01 --to 2025-06-08
  impulso history fetch --interval 5m --from 2025-01-01 --to 2025-02-01 --archive https://data.binance.vision")]
    Fetch(FetchArgs),
    /// Apply the retention and give unused space back to the disk.
    Vacuum(SettingsArgs),
    /// Show what is stored.
    Stats(SettingsArgs),
}

/// `history import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files or folders.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Interval of the candles, where the files do not show it.
    #[arg(long, value_parser = interval)]
    pub interval: Option<Interval>,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FormatArg {
    /// Comma-separated, with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Csv => Self::Csv,
            FormatArg::Jsonl => Self::Jsonl,
        }
    }
}

/// `history export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The pair.
    #[arg(long)]
    pub symbol: String,
    /// Interval of the candles.
    #[arg(long, value_parser = interval, default_value = "1m")]
    pub interval: Interval,
    /// First open time, UTC.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub from: Option<UtcMs>,
    /// Up to before this open time, UTC.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub to: Option<UtcMs>,
    /// How it is written.
    #[arg(long, value_enum, default_value = "csv")]
    pub format: FormatArg,
    /// File; `.zst` at its end compresses it. Standard output when left out.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// `history fetch`.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// Pairs; all of the universe when left out.
    #[arg(long, value_delimiter = ',')]
    pub symbol: Vec<String>,
    /// Interval of the candles.
    #[arg(long, value_parser = interval, default_value = "1m")]
    pub interval: Interval,
    /// First day, UTC.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub from: UtcMs,
    /// Up to before this moment, UTC; now when left out.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub to: Option<UtcMs>,
    /// Address of the bulk archive, such as https://data.binance.vision; REST when left out.
    #[arg(long, value_name = "URL")]
    pub archive: Option<String>,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

fn interval(text: &str) -> Result<Interval, String> {
    text.parse().map_err(|e: crate::domain::named::UnknownName| e.to_string())
}

/// Alerts.
#[derive(Debug, Subcommand)]
pub enum AlertsAction {
    /// Send a test message over a channel and say what became of it.
    #[command(after_help = "Example:
  impulso alerts test --channel telegram:-1001234567890")]
    Test(TestArgs),
    /// Replay stored scores through an alert policy: how many alerts, which, how far apart.
    #[command(after_help = "Examples:
  impulso alerts simulate --from 2025-06-01 --to 2025-06-08
  impulso alerts simulate --policy stricter.toml     (a settings file; its [alert] section counts)")]
    Simulate(SimulateArgs),
}

/// `alerts test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Name of the channel; without it the names are listed.
    #[arg(long)]
    pub channel: Option<String>,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// `alerts simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// First cut, UTC; the oldest stored when left out.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub from: Option<UtcMs>,
    /// Up to before this cut, UTC.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub to: Option<UtcMs>,
    /// Settings file whose [alert] section is tried out.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Print every alert.
    #[arg(long)]
    pub list: bool,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// Tokens of the API.
#[derive(Debug, Subcommand)]
pub enum TokenAction {
    /// Make a token; it is shown once.
    #[command(after_help = "Example:
  impulso token create laptop --scope operate")]
    Create(CreateArgs),
    /// List the tokens; their text is kept nowhere.
    List(SettingsArgs),
    /// Take a token back.
    Revoke(RevokeArgs),
}

/// What a token may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ScopeArg {
    /// Read everything.
    Read,
    /// Read, and change mutes, watchlist and the like.
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

/// `token create`.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// A name to know it by.
    pub name: String,
    /// What it may do.
    #[arg(long, value_enum, default_value = "read")]
    pub scope: ScopeArg,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// `token revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Its name.
    pub name: String,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}
