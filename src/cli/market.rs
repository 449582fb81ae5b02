//! `impulso demo` and `impulso exchange`: a simulated market, with a scanner on it or alone.

use super::lang::t;
use super::output::{say, tell};
use super::progress::Progress;
use super::settings::SettingsArgs;
use super::values::{interval, moment, show_moment, speed, whole};
use crate::actors::ports::Clock;
use crate::adapters::clock::SystemClock;
use crate::app;
use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use crate::i18n::{OrFail, text};
use crate::settings::{LogFormat, LogSettings};
use crate::simulator::{FaultSpec, MarketSource, Simulator, SimulatorConfig};
use crate::telemetry;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Where the demo's moves are taken from: with the default seed a lively market, so that a first look at any hour shows
/// pairs of several levels. (Left to the hour, some hours list 30 of 500 pairs, others 300.)
const DEMO_MOVES_FROM: MarketTime = MarketTime::from_ms(1_795_270_020_000);

#[derive(Debug, Clone, Args)]
pub(super) struct DemoArgs {
    #[arg(
        long, value_name = "N", default_value_t = 500, value_parser = whole(5_u32..=5_000),
        help = t().help_demo_symbols()
    )]
    symbols: u32,
    #[arg(long, value_name = "DIR", num_args = 1.., help = t().help_demo_data())]
    data: Vec<PathBuf>,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_market_start())]
    start: Option<MarketTime>,
    #[arg(long, default_value_t = 1.0, value_parser = speed, help = t().help_market_speed())]
    speed: f64,
    #[arg(long, default_value_t = 7, help = t().help_demo_seed())]
    seed: u64,
    #[arg(long, value_parser = whole(0..=u16::MAX), help = t().help_demo_port())]
    port: Option<u16>,
    #[arg(long, value_name = "N", default_value_t = 0, help = t().help_market_listings())]
    listings: usize,
    #[arg(long, value_name = "INTERVAL", help = t().help_demo_base_interval())]
    base_interval: Option<String>,
    #[arg(long, value_name = "SECONDS", default_value_t = 5, help = t().help_cycle_interval())]
    cycle_interval: u64,
    #[arg(long, value_name = "FILE", help = t().help_demo_config())]
    config: Option<PathBuf>,
    #[arg(long, value_name = "LEVEL", help = t().help_log_level())]
    log_level: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(super) struct ExchangeArgs {
    #[arg(
        long, value_name = "DIR", num_args = 1.., conflicts_with = "synthetic",
        help = t().help_exchange_data()
    )]
    data: Vec<PathBuf>,
    #[arg(long, value_name = "N", value_parser = whole(5_u32..=5_000), help = t().help_exchange_synthetic())]
    synthetic: Option<u32>,
    #[arg(
        long, value_name = "INTERVAL", default_value = "1m", value_parser = interval,
        help = t().help_exchange_base_interval()
    )]
    base_interval: Interval,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_market_start())]
    start: Option<MarketTime>,
    #[arg(long, default_value_t = 1.0, value_parser = speed, help = t().help_market_speed())]
    speed: f64,
    #[arg(long, default_value_t = 7, help = t().help_exchange_seed())]
    seed: u64,
    #[arg(long, default_value = "127.0.0.1:9000", help = t().help_exchange_listen())]
    listen: SocketAddr,
    #[arg(long, value_name = "N", default_value_t = 0, help = t().help_market_listings())]
    listings: usize,
    #[arg(long, value_name = "SPEC", help = t().help_exchange_fault())]
    fault: Vec<FaultSpec>,
    #[arg(long, value_name = "LEVEL", default_value = "info", help = t().help_log_level())]
    log_level: String,
}

/// The market of both commands; a recorded one begins where its data do, a synthetic one now.
fn market(data: Vec<PathBuf>, symbols: u32, seed: u64, start: Option<MarketTime>) -> SimulatorConfig {
    let recorded = !data.is_empty();
    SimulatorConfig {
        market: if recorded {
            MarketSource::Recorded { folders_or_zips: data }
        } else {
            MarketSource::Synthetic { symbols: symbols as usize, seed }
        },
        start: start.or_else(|| (!recorded).then(|| SystemClock::new().machine_time().as_market())),
        seed,
        ..SimulatorConfig::default()
    }
}

pub(super) fn demo(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let state = tempfile::tempdir().or_fail(|| text!(no_temporary_folder))?;
    let flags = SettingsArgs {
        config: args.config,
        port: args.port,
        state_dir: Some(state.path().display().to_string()),
        cycle_interval: Some(args.cycle_interval),
        base_interval: args.base_interval,
        log_level: args.log_level,
        ..SettingsArgs::default()
    };
    let settings = flags.load_and_log()?;
    let config = SimulatorConfig {
        base: settings.exchange.base(),
        moves_as_from: Some(DEMO_MOVES_FROM),
        speed: args.speed,
        listen: ([127, 0, 0, 1], 0).into(),
        listings: args.listings,
        script: args.data.is_empty(),
        ..market(args.data, args.symbols, args.seed, args.start)
    };
    let mut progress = Progress::new(text!(reading_recorded_market));
    let result = app::run(async move {
        app::demo(&settings, config, move |done, total| progress.set(done, total), &tell).await
    });
    // The demo's state folder is removed with it: it must live as long as the demo.
    drop(state);
    result
}

pub(super) fn exchange(args: ExchangeArgs) -> anyhow::Result<ExitCode> {
    telemetry::init(&LogSettings { level: args.log_level, format: LogFormat::Auto });
    let config = SimulatorConfig {
        base: args.base_interval,
        speed: args.speed,
        listen: args.listen,
        listings: args.listings,
        faults: args.fault,
        ..market(args.data, args.synthetic.unwrap_or(500), args.seed, args.start)
    };
    let mut progress = Progress::new(text!(reading_recorded_market));
    app::run(async move {
        let show = |simulator: &Simulator| {
            let (http, ws) = (format!("http://{}", simulator.addr()), format!("ws://{}", simulator.addr()));
            say(t().exchange_at(&http, ws));
            say(t().market_time(show_moment(simulator.market_now())));
            say(t().admin_at(format!("{http}/admin/faults")));
        };
        app::exchange(config, move |done, total| progress.set(done, total), show).await
    })
}
