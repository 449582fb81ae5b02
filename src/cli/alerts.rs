//! `impulso alerts`.

use super::lang::t;
use super::output::say;
use super::progress::Progress;
use super::settings::SettingsArgs;
use super::values::{moment, show_moment};
use crate::actors::alert::text::plain_why;
use crate::app;
use crate::app::history::simulate::{Simulated, simulate};
use crate::domain::moment::MarketTime;
use crate::domain::time::DAY_MS;
use crate::i18n::{Texts, text};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum AlertsAction {
    #[command(about = t().help_alerts_test(), after_help = t().help_alerts_test_examples())]
    Test(TestArgs),
    #[command(about = t().help_alerts_simulate(), after_help = t().help_alerts_simulate_examples())]
    Simulate(SimulateArgs),
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    #[arg(long, help = t().help_alerts_test_channel())]
    channel: Option<String>,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_alerts_simulate_from())]
    from: Option<MarketTime>,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_alerts_simulate_to())]
    to: Option<MarketTime>,
    #[arg(long, value_name = "FILE", help = t().help_alerts_simulate_policy())]
    policy: Option<PathBuf>,
    #[arg(long, help = t().help_alerts_simulate_list())]
    list: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(super) fn run(action: AlertsAction) -> anyhow::Result<ExitCode> {
    match action {
        AlertsAction::Test(args) => test(args),
        AlertsAction::Simulate(args) => simulated(&args),
    }
}

fn test(args: TestArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load_and_log()?;
    let Some(channel) = args.channel else {
        say(t().channels_are(app::alerts::channel_names(&settings)?.join(", ")));
        return Ok(ExitCode::SUCCESS);
    };
    app::run(async move {
        let receipt = app::alerts::test(&settings, &channel).await?;
        say(match receipt.id {
            Some(id) => t().channel_took_test_as(channel, id),
            None => t().channel_took_test(channel),
        });
        Ok(ExitCode::SUCCESS)
    })
}

fn simulated(args: &SimulateArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.load_and_log()?;
    let policy = match &args.policy {
        Some(file) => args.settings.over(file).load()?,
        None => settings.clone(),
    };
    let mut progress = Progress::new(text!(replaying_scores));
    app::run(async move {
        let store = app::history::open_here(&settings).await?;
        let config = app::alerts::policy(&policy);
        let tell = |done, total| progress.set(done, total);
        let result = simulate(&*store, config, app::history::span(args.from, args.to), tell).await?;
        say(report(&result, args.list, t()).trim_end());
        Ok(if result.cycles > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn report(result: &Simulated, list: bool, t: &Texts) -> String {
    let Some((from, to)) = result.span else { return t.simulate_no_scores() };
    // At least the 30 s of one cycle, so that a single one divides by something.
    let days = ((to - from) as f64 / DAY_MS as f64).max(1.0 / 2_880.0);
    let per_day = format!("{:.1}", result.alerts.len() as f64 / days);
    let mut lines = vec![
        t.simulate_cycles(result.cycles, show_moment(from), show_moment(to)),
        t.simulate_alerts(result.alerts.len(), result.messages as u64, per_day),
    ];
    if let Some((shortest, median)) = result.gap_ms {
        let minutes = |ms: i64| format!("{:.1}", ms as f64 / 60_000.0);
        lines.push(t.simulate_gaps(minutes(shortest), minutes(median)));
    }
    lines.extend(result.suppressed.iter().map(|(by, count)| t.simulate_held_back(by.as_str(), *count)));
    let shown = if list { result.alerts.len() } else { 0 };
    for (at, kind, card) in &result.alerts[..shown] {
        let (at, level, pair) = (show_moment(*at), card.level, &card.symbol);
        let why = plain_why(card, t).unwrap_or_default();
        lines.push(format!("{at}  {kind:<7} {level:<6} {pair:<14} {why}"));
    }
    lines.join("\n")
}
