//! What can be typed after `train`, `model` and `backtest`.

use super::args::SettingsArgs;
use super::moment::parse_moment;
use crate::domain::time::{DAY_MS, MINUTE_MS, UtcMs, parse_span_ms};
use clap::Args;
use std::path::PathBuf;

/// `train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Folders of recorded candles, each a period of its own.
    #[arg(long, value_name = "DIR", required = true, num_args = 1..)]
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
    /// Trees.
    #[arg(long, default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub rounds: u32,
    /// See there.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// A step that divides a day.
pub(super) fn step(text: &str) -> Result<i64, String> {
    let allowed = "a span from 1m to 1d that divides a day, such as 1m, 30m or 60m".to_owned();
    match parse_span_ms(text) {
        Some(ms) if ms % MINUTE_MS == 0 && DAY_MS % ms == 0 => Ok(ms),
        _ => Err(allowed),
    }
}
