//! The composition root: settings, adapters, actors, web and simulator become a running program.

pub mod alerts;
pub mod backup;
mod bot;
pub(crate) mod candle_files;
mod channels;
mod compose;
mod config;
pub(crate) mod describe;
pub mod doctor;
pub(crate) mod entry;
pub mod experiment;
mod failover;
pub mod health;
pub mod history;
pub mod learning;
pub(crate) mod read_only_node;
pub mod scanner;
pub(crate) mod state;
pub(crate) mod whole_file;

use crate::i18n::{OrFail, Text, failure, text};
use crate::settings::Settings;
use crate::simulator::{Simulator, SimulatorConfig};
use compose::Running;
use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::SignalKind;

/// Everything must have ended this long after the signal: Docker kills 10 s after it.
const STOP_WITHIN: Duration = Duration::from_secs(9);

/// Runs a command inside an actix system of its own.
pub fn run(command: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    run_value(command)?
}

/// The same for a command that gives a value.
pub(crate) fn run_value<T>(command: impl Future<Output = T>) -> anyhow::Result<T> {
    crate::adapters::net::install();
    Ok(actix::System::new().block_on(command))
}

/// Scans the exchange of the settings until a signal comes.
///
/// # Errors
/// An address in use, a state folder that cannot be written, an actor system that died.
pub async fn scan(settings: &Settings, say: &dyn Fn(&Text)) -> anyhow::Result<ExitCode> {
    let running = Running::start(settings, None).await?;
    tell_addresses(&running, say);
    let ended = until_signal(&running).await;
    let stopped = stop(running, None).await;
    let code = ended?;
    stopped?;
    Ok(code)
}

fn tell_addresses(running: &Running, say: &dyn Fn(&Text)) {
    say(&text!(page_at, url = running.page()));
    say(&text!(operate_at, url = running.operate_link()));
}

/// Runs a simulated exchange and a scanner on it until a signal comes.
pub async fn demo(
    settings: &Settings,
    market: SimulatorConfig,
    progress: impl FnMut(usize, usize) + Send + 'static,
    say: &dyn Fn(&Text),
) -> anyhow::Result<ExitCode> {
    let mut settings = settings.clone();
    settings.exchange.market_speed = market.speed;
    // A simulated market is never the second machine of a real one, whatever a settings file says.
    settings.redis.standby = false;
    let simulator = Simulator::start_with(market, progress).await?;
    let address = simulator.addr();
    settings.exchange.rest_url = format!("http://{address}");
    settings.exchange.stream_url = format!("ws://{address}");
    let admin = format!("http://{address}/admin/faults");
    let running = match Running::start(&settings, Some(admin.clone())).await {
        Ok(running) => running,
        Err(error) => {
            simulator.stop().await;
            return Err(error);
        }
    };
    tell_addresses(&running, say);
    say(&text!(admin_at, url = admin));
    let ended = until_signal(&running).await;
    let stopped = stop(running, Some(simulator)).await;
    let code = ended?;
    stopped?;
    Ok(code)
}

/// Runs a simulated exchange alone until a signal comes.
///
/// # Errors
/// What the simulator says of its market or address.
pub async fn exchange(
    market: SimulatorConfig,
    progress: impl FnMut(usize, usize) + Send + 'static,
    show: impl Fn(&Simulator),
) -> anyhow::Result<ExitCode> {
    let simulator = Simulator::start_with(market, progress).await?;
    show(&simulator);
    signal().await?;
    if tokio::time::timeout(STOP_WITHIN, simulator.stop()).await.is_err() {
        tracing::warn!("the simulator did not end in time");
    }
    Ok(ExitCode::SUCCESS)
}

/// Waits for Ctrl-C, SIGTERM or SIGHUP, which a terminal that is closed sends.
async fn signal() -> anyhow::Result<()> {
    let of = |kind| tokio::signal::unix::signal(kind).or_fail(|| text!(no_sigterm));
    let mut term = of(SignalKind::terminate())?;
    let mut hangup = match hangup_is_ignored() {
        true => None,
        false => Some(of(SignalKind::hangup())?),
    };
    let hung_up = async {
        match &mut hangup {
            Some(hangup) => hangup.recv().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.or_fail(|| text!(no_ctrl_c))?,
        _ = term.recv() => {}
        _ = hung_up => {}
    }
    Ok(())
}

/// `nohup` has SIGHUP ignored so that the program outlives its terminal: then nobody waits for it.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // SIGHUP is signal 1, bit 0.
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Waits for a signal; without its supervisor nothing is watched, so that ends the program too.
async fn until_signal(running: &Running) -> anyhow::Result<ExitCode> {
    let dead = async {
        while running.is_alive() {
            // The supervisor cannot tell of its own end; a second without it does no harm.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        signalled = signal() => {
            signalled?;
            tracing::info!("stopping in order");
            Ok(ExitCode::SUCCESS)
        }
        () = dead => anyhow::bail!(failure!(supervisor_died)),
    }
}

/// Web first, then the actors, then the simulator.
///
/// # Errors
/// When something was lost, or did not end in time.
async fn stop(running: Running, simulator: Option<Simulator>) -> anyhow::Result<()> {
    let all = async {
        // The simulator last: feeds say goodbye to it.
        let lost = running.stop().await;
        if let Some(simulator) = simulator {
            simulator.stop().await;
        }
        lost
    };
    match tokio::time::timeout(STOP_WITHIN, all).await {
        Ok(0) => {
            tracing::info!("stopped");
            Ok(())
        }
        Ok(rows) => anyhow::bail!(failure!(lost_at_stop, rows = rows)),
        Err(_) => anyhow::bail!(failure!(stopped_late)),
    }
}
