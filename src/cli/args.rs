//! What can be typed.

use super::args_learning::{BacktestArgs, ExperimentAction, ModelAction, TrainArgs, TuneArgs};
use super::args_more::{AlertsAction, HistoryAction, TokenAction};
use super::args_ops::{BackupArgs, HealthArgs, RestoreArgs};
use super::moment::parse_moment;
use crate::domain::time::UtcMs;
use crate::simulator::FaultSpec;
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  impulso demo                      everything against a simulated exchange, no network needed
  impulso scan                      the live market, public data, no key
  impulso scan --cycle-interval 5   a ranking every 5 seconds
  impulso doctor                    can the exchange be reached, is the clock right
  impulso config show               every setting in force and where it comes from";

/// Real-time momentum scanner for all USDT pairs on Binance spot.
#[derive(Debug, Parser)]
#[command(name = "impulso", version, about, after_help = EXAMPLES, propagate_version = true)]
pub struct Cli {
    /// Language of help, errors and lines: es or en; that of the system when left out.
    #[arg(long, global = true, value_name = "LANG", value_parser = ["es", "en"], hide_possible_values = true)]
    pub lang: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan the live market (public data, no key).
    #[command(after_help = "Examples:
  impulso scan
  impulso scan --rest-url http://127.0.0.1:9000 --stream-url ws://127.0.0.1:9000
  impulso scan --base-interval 5m --port 0 --state-dir /tmp/impulso")]
    Scan(SettingsArgs),
    /// Run a simulated exchange and the scanner over real sockets: no network, no key.
    #[command(after_help = "Examples:
  impulso demo
  impulso demo --symbols 100 --speed 10
  impulso demo --data recorded/um-1m --start 2025-06-18T06:00")]
    Demo(DemoArgs),
    /// Run the simulated exchange alone.
    #[command(after_help = "Examples:
  impulso exchange --synthetic 500
  impulso exchange --data recorded/um-1m --start 2025-06-18T06:00 --speed 10
  impulso exchange --synthetic 50 --fault stall:all:10@30 --fault 429:all:5@60")]
    Exchange(ExchangeArgs),
    /// Check or show the settings.
    Config {
        /// What to do with them.
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Check whether the exchange can be used from here.
    #[command(after_help = "Example:
  impulso doctor --rest-url https://api.binance.com --stream-url wss://stream.binance.com:9443")]
    Doctor(SettingsArgs),
    /// Serve page, REST and WebSocket from Redis alone: a read-only node, as many as you like.
    #[command(after_help = "Example:
  impulso scan --redis redis://127.0.0.1:6379          (the scanner publishes)
  impulso web --redis redis://127.0.0.1:6379 --port 8081")]
    Web(SettingsArgs),
    /// Stored candles and scores: import, export, fetch, vacuum, stats.
    History {
        /// What to do.
        #[command(subcommand)]
        action: HistoryAction,
    },
    /// Try out channels and alert policies.
    Alerts {
        /// What to do.
        #[command(subcommand)]
        action: AlertsAction,
    },
    /// Train a model on recorded candles.
    #[command(after_help = "Examples:
  impulso train --data recorded/spot-5m-2024 --out mine.json
  impulso train --data recorded/2023 recorded/2024 --step 60m --name mine --out mine.json
  impulso train --store sqlite:/data/history.db --out mine.json")]
    Train(TrainArgs),
    /// Models: show, compare, put in force.
    Model {
        /// What to do.
        #[command(subcommand)]
        action: ModelAction,
    },
    /// Search points, thresholds and weights of the rule; what does not hold on unseen days is not written.
    #[command(after_help = "Examples:
  impulso tune --data recorded/spot-5m-2024 --out challenger.toml
  impulso tune --data recorded/2023 recorded/2024 --candidates 1000
  impulso tune --store sqlite:/data/history.db --min-per-day 2")]
    Tune(Box<TuneArgs>),
    /// Arms that score in the shadow: show, promote, roll back.
    Experiment {
        /// What to do.
        #[command(subcommand)]
        action: ExperimentAction,
    },
    /// Hold scores, model and alert policy against recorded candles.
    #[command(after_help = "Examples:
  impulso backtest --data recorded/spot-5m-2024
  impulso backtest --data recorded/spot-5m-2024 --from 2024-02-01 --to 2024-03-01 --model none --model default
  impulso backtest --data recorded/spot-5m-2024 --json report.json --html report.html
  impulso backtest --store sqlite:/data/history.db --from 2025-01-01
  impulso backtest lookahead-check --data recorded/spot-5m-2024")]
    Backtest(Box<BacktestArgs>),
    /// Tokens of the API.
    Token {
        /// What to do.
        #[command(subcommand)]
        action: TokenAction,
    },
    /// Save state and history while the scanner runs.
    #[command(after_help = "Examples:
  impulso backup --to /var/backups/impulso
  impulso backup --to /var/backups/impulso --keep 14")]
    Backup(BackupArgs),
    /// Put a backup back; the scanner must not run.
    #[command(after_help = "Examples:
  impulso restore --from /var/backups/impulso
  impulso restore --from /var/backups/impulso/impulso-20260718T060000Z")]
    Restore(RestoreArgs),
    /// Ask the running scanner whether it is well; the exit code is 0 if it is.
    #[command(after_help = "Examples:
  impulso health
  impulso health --alive --port 8081")]
    Health(HealthArgs),
    /// Print a completion script for a shell.
    #[command(after_help = "Example:
  impulso completions bash > ~/.local/share/bash-completion/completions/impulso")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Say whether they are right.
    Check(SettingsArgs),
    /// Print those in force as TOML, each with its origin.
    Show(SettingsArgs),
}

/// Flags that go over the settings.
#[derive(Debug, Clone, Default, Args)]
pub struct SettingsArgs {
    /// Settings file (default: ./impulso.toml if it is there).
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// REST address of the exchange.
    #[arg(long, value_name = "URL")]
    pub rest_url: Option<String>,
    /// Stream address of the exchange.
    #[arg(long, value_name = "URL")]
    pub stream_url: Option<String>,
    /// Port of page and API; 0 takes a free one.
    #[arg(long)]
    pub port: Option<u16>,
    /// Folder of what survives a restart.
    #[arg(long, value_name = "DIR")]
    pub state_dir: Option<String>,
    /// Where history is kept: sqlite:PATH or clickhouse:http://USER@HOST:8123/DATABASE.
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// Redis to publish to: redis://HOST:6379.
    #[arg(long, value_name = "URL")]
    pub redis: Option<String>,
    /// Interval of the base candles: 1m, 3m, 5m, 15m, 30m, 1h.
    #[arg(long, value_name = "INTERVAL")]
    pub base_interval: Option<String>,
    /// Seconds of market time between cycles.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) cycle_interval: Option<u64>,
    /// Log level: error, warn, info, debug, trace.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log_level: Option<String>,
}

/// The demo.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Eligible pairs of the simulated market; some that are not come on top.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(5..=5_000))]
    pub symbols: u32,
    /// Recorded market instead: folders of CSV.zst files or zips.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub data: Vec<PathBuf>,
    /// Market time at the start, UTC (2025-06-18T06:00).
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub start: Option<UtcMs>,
    /// How much faster than real the market runs.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// Seed of the simulated market: the same seed moves alike at whatever moment it starts.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Port of page and API (default 8080; 0 takes a free one).
    #[arg(long)]
    pub port: Option<u16>,
    /// Pairs that join and pairs that leave while it runs.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub listings: usize,
    /// Interval of the candles: 1m, or what the recorded market has.
    #[arg(long, value_name = "INTERVAL")]
    pub base_interval: Option<String>,
    /// Seconds of market time between cycles.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub(crate) cycle_interval: u64,
    /// Settings file.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Log level: error, warn, info, debug, trace.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log_level: Option<String>,
}

/// The exchange alone.
#[derive(Debug, Clone, Args)]
pub struct ExchangeArgs {
    /// Recorded market: folders of CSV.zst files or zips.
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with = "synthetic")]
    pub data: Vec<PathBuf>,
    /// Simulated market with so many eligible pairs (default 500).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(5..=5_000))]
    pub synthetic: Option<u32>,
    /// Interval of its candles.
    #[arg(long, value_name = "INTERVAL", default_value = "1m")]
    pub base_interval: String,
    /// Market time at the start, UTC (2025-06-18T06:00).
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment)]
    pub start: Option<UtcMs>,
    /// How much faster than real the market runs.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// Seed of the simulated market.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9000")]
    pub listen: SocketAddr,
    /// Pairs that join and pairs that leave while it runs.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub listings: usize,
    /// A fault as FAULT:TARGET:SECONDS[@AFTER_SECONDS]; may be given several times.
    #[arg(long, value_name = "SPEC")]
    pub fault: Vec<FaultSpec>,
    /// Log level: error, warn, info, debug, trace.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(crate) log_level: String,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "a number such as 1 or 60".to_owned())?;
    if (0.1..=3_600.0).contains(&speed) { Ok(speed) } else { Err("between 0.1 and 3600".to_owned()) }
}

impl SettingsArgs {
    /// The keys that these flags set.
    pub(crate) fn overrides(&self) -> Vec<(String, String)> {
        let port = self.port.map(|port| format!("127.0.0.1:{port}"));
        let interval = self.cycle_interval.map(|s| s.to_string());
        let pairs = [
            ("exchange.rest_url", self.rest_url.clone()),
            ("exchange.stream_url", self.stream_url.clone()),
            ("web.bind", port),
            ("state.dir", self.state_dir.clone()),
            ("history.store", self.store.clone()),
            ("redis.url", self.redis.clone()),
            ("exchange.base_interval", self.base_interval.clone()),
            ("cycle.interval_s", interval),
            ("log.level", self.log_level.clone()),
        ];
        pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }
}
