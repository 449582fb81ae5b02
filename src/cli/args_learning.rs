//! What can be typed after `train`, `model` and `backtest`.

use super::args::SettingsArgs;
use super::moment::parse_moment;
use crate::domain::time::{DAY_MS, MINUTE_MS, UtcMs, parse_span_ms};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Folders of recorded candles, each a period of its own; the ledger of the history store when left out.
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with = "store")]
    pub data: Vec<PathBuf>,
    /// Where the model is written.
    #[arg(long, value_name = "FILE", default_value = "model.json")]
    pub out: PathBuf,
    /// Name of the model (default: the file's name).
    #[arg(long)]
    pub name: Option<String>,
    /// Between points.
    #[arg(long, value_name = "SPAN", default_value = "30m", value_parser = step)]
    pub step: i64,
    /// First moment, UTC (default: the first with all features).
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub from: Option<UtcMs>,
    /// End of the moments, UTC.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub to: Option<UtcMs>,
    /// Trees of each of the three forests.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub rounds: u32,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// `model`.
#[derive(Debug, Subcommand)]
pub enum ModelAction {
    /// What a model is, what it was trained on, and how it did out of time.
    #[command(after_help = "Examples:
  impulso model show
  impulso model show mine.json")]
    Show {
        /// `default` or a model file.
        #[arg(default_value = "default")]
        model: String,
    },
    /// Two models side by side; on candles, `impulso backtest` with several --model compares them in pairs.
    Compare {
        /// `default` or a model file.
        a: String,
        /// `default` or a model file.
        b: String,
    },
    /// Put a model in force: checked, copied into the state folder, used from the next start.
    #[command(after_help = "Examples:
  impulso model activate mine.json
  impulso model activate default
  impulso model activate none          (alerts by the rule)")]
    Activate {
        /// `default`, `none` or a model file.
        model: String,
        /// See there.
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

/// `tune`.
#[derive(Debug, Args)]
pub struct TuneArgs {
    /// Folders of recorded candles, each a period of its own; the history store when left out.
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with = "store")]
    pub data: Vec<PathBuf>,
    /// First moment, UTC (default: the first after a warm-up).
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub from: Option<UtcMs>,
    /// End of the moments, UTC.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub to: Option<UtcMs>,
    /// Between moments.
    #[arg(long, value_name = "SPAN", default_value = "60m", value_parser = step)]
    pub step: i64,
    /// Profiles tried at random; as many again refine the best.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(8..=100_000))]
    pub candidates: u32,
    /// Blocks of days; each but the first is judged by what came before it.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=50))]
    pub folds: u32,
    /// FUERTE episodes a day, at least.
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = above_zero)]
    pub min_per_day: f64,
    /// The same seed finds the same.
    #[arg(long, default_value_t = 11)]
    pub seed: u64,
    /// Where the settings file with the profile is written, if it holds.
    #[arg(long, value_name = "FILE", default_value = "challenger.toml")]
    pub out: PathBuf,
    /// Write everything as JSON, whether it holds or not.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// `experiment`.
#[derive(Debug, Subcommand)]
pub enum ExperimentAction {
    /// What is in force beside the arms in its shadow, the rule that decides, and the book of changes.
    Show {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// See there.
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Put an arm in force: the running scanner does so within 10 s and writes it into the book.
    #[command(after_help = "Examples:
  impulso experiment promote challenger-model
  impulso experiment promote rule             (alerts by the rule alone)")]
    Promote {
        /// Its name, as `impulso experiment show` gives it.
        arm: String,
        /// See there.
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Put what was in force before in force again.
    Rollback {
        /// See there.
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    /// On.
    On,
    /// Off.
    Off,
}

/// `backtest`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BacktestArgs {
    /// Folder of recorded candles: SYMBOL.csv.zst, SYMBOL.csv or zips of the exchange's archive; the history store when left
    /// out.
    #[arg(long, value_name = "DIR", conflicts_with = "store")]
    pub data: Option<PathBuf>,
    /// First moment, UTC (default: the first with all features).
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub from: Option<UtcMs>,
    /// End of the moments, UTC.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub to: Option<UtcMs>,
    /// Between moments.
    #[arg(long, value_name = "SPAN", default_value = "60m", value_parser = step)]
    pub step: i64,
    /// Settings file whose scoring profile is tried; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub profile: Vec<PathBuf>,
    /// `default`, `none` (the rule) or a model file; may be given several times.
    #[arg(long, value_name = "MODEL")]
    pub model: Vec<String>,
    /// Does the calibration follow the market.
    #[arg(long, value_enum, default_value = "on")]
    pub adapt: OnOff,
    /// Fee of one side of a trade, percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 0.1)]
    pub(crate) fee: f64,
    /// Spread and slippage of a whole trade, percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 0.1)]
    pub(crate) spread: f64,
    /// A fall of so many percent ends a trade.
    #[arg(long, value_name = "PERCENT")]
    pub stop: Option<f64>,
    /// Write the report as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write every scored pair at every moment of the first run, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub rows: Option<PathBuf>,
    /// Write the report as one self-contained page.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// A proof instead.
    #[command(subcommand)]
    pub action: Option<BacktestAction>,
}

/// `backtest` proofs.
#[derive(Debug, Subcommand)]
pub enum BacktestAction {
    /// Prove that nothing looks ahead: cut the future off at random moments, and change it; nothing said before may change.
    LookaheadCheck(LookaheadArgs),
}

/// `backtest lookahead-check`.
#[derive(Debug, Args)]
pub struct LookaheadArgs {
    /// Folder of recorded candles.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Moments that are tried.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub moments: u32,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// A number above 0.
fn above_zero(text: &str) -> Result<f64, String> {
    let allowed = "a number above 0, such as 0.5 or 2".to_owned();
    text.parse().ok().filter(|n: &f64| *n > 0.0 && n.is_finite()).ok_or(allowed)
}

/// A step that divides a day.
pub(super) fn step(text: &str) -> Result<i64, String> {
    let allowed = "a span from 1m to 1d that divides a day, such as 1m, 30m or 60m".to_owned();
    match parse_span_ms(text) {
        Some(ms) if ms % MINUTE_MS == 0 && DAY_MS % ms == 0 => Ok(ms),
        _ => Err(allowed),
    }
}
