//! `impulso backtest`.

use super::lang::t;
use super::lookahead::{LookaheadArgs, check};
use super::output::{calls, percent, say, write_file};
use super::progress::Progress;
use super::settings::SettingsArgs;
use super::values::{moment, step};
use crate::app::learning::backtest::{Wanted, run as backtest};
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::score::profile::Profile;
use crate::i18n::{Texts, failure, text};
use crate::learning::backtest::compare::Comparison;
use crate::learning::backtest::report::{Costs, Precision, Report};
use crate::web::report::page;
use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OnOff {
    #[value(help = t().help_on())]
    On,
    #[value(help = t().help_off())]
    Off,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct BacktestArgs {
    #[arg(long, value_name = "DIR", conflicts_with = "store", help = t().help_backtest_data())]
    data: Option<PathBuf>,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_from_all_features())]
    from: Option<MarketTime>,
    #[arg(long, value_name = "MOMENT", value_parser = moment, help = t().help_to_moment())]
    to: Option<MarketTime>,
    #[arg(
        long, value_name = "SPAN", default_value = "60m", value_parser = step,
        help = t().help_step_moments()
    )]
    step: i64,
    #[arg(long, value_name = "FILE", help = t().help_backtest_profile())]
    profile: Vec<PathBuf>,
    #[arg(long, value_name = "MODEL", help = t().help_backtest_model())]
    model: Vec<String>,
    #[arg(long, value_enum, default_value = "on", help = t().help_backtest_adapt())]
    adapt: OnOff,
    #[arg(long, value_name = "PERCENT", default_value_t = 0.1, help = t().help_backtest_fee())]
    fee: f64,
    #[arg(long, value_name = "PERCENT", default_value_t = 0.1, help = t().help_backtest_spread())]
    spread: f64,
    #[arg(long, value_name = "PERCENT", help = t().help_backtest_stop())]
    stop: Option<f64>,
    #[arg(long, value_name = "FILE", help = t().help_backtest_json())]
    json: Option<PathBuf>,
    #[arg(long, value_name = "FILE", help = t().help_backtest_rows())]
    rows: Option<PathBuf>,
    #[arg(long, value_name = "FILE", help = t().help_backtest_html())]
    html: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    action: Option<BacktestAction>,
}

#[derive(Debug, Subcommand)]
pub(super) enum BacktestAction {
    #[command(about = t().help_backtest_lookahead_check())]
    LookaheadCheck(LookaheadArgs),
}

pub(super) fn run(args: BacktestArgs) -> anyhow::Result<ExitCode> {
    if let Some(BacktestAction::LookaheadCheck(args)) = args.action {
        return check(&args);
    }
    let settings = args.settings.load_and_log()?;
    for (flag, value) in
        [("--fee", args.fee), ("--spread", args.spread), ("--stop", args.stop.unwrap_or(1.0))]
    {
        if !(0.0..100.0).contains(&value) {
            bail!(failure!(backtest_percentage, flag = flag, value = value.to_string()));
        }
    }
    let wanted = Wanted {
        folder: args.data.clone(),
        from: args.from,
        to: args.to,
        step_ms: args.step,
        profiles: args.profile.iter().map(|file| profile(file, &args)).collect::<anyhow::Result<_>>()?,
        models: args.model.clone(),
        adapt: args.adapt == OnOff::On,
        costs: Costs { fee_pct: args.fee, spread_pct: args.spread, stop_pct: args.stop },
        rows: args.rows.clone(),
    };
    let mut progress = Progress::new(text!(backtest));
    let began = Instant::now();
    let outcome = backtest(&wanted, &settings, &mut |done, all| progress.set(done, all))?;
    let seconds = began.elapsed().as_secs_f64();
    if let Some(path) = &args.json {
        write_file(path, serde_json::to_string_pretty(&outcome)? + "\n")?;
    }
    if let Some(path) = &args.html {
        write_file(path, page(&outcome.first, &outcome.runs, &outcome.comparisons))?;
    }
    let runs = if outcome.runs.is_empty() { std::slice::from_ref(&outcome.first) } else { &outcome.runs };
    runs.iter().for_each(|run| say(report(run, t())));
    outcome.comparisons.iter().for_each(|c| say(comparison(c, t())));
    let millions = outcome.candles as f64 / seconds / 1e6;
    say(t().backtest_speed(outcome.candles, format!("{seconds:.1}"), format!("{millions:.1}")));
    Ok(ExitCode::SUCCESS)
}

/// Name and scoring profile of a settings file.
fn profile(file: &Path, args: &BacktestArgs) -> anyhow::Result<(String, Profile)> {
    let settings = args.settings.over(file).load()?;
    let name = file.file_stem().map_or_else(|| "profile".to_owned(), |s| s.to_string_lossy().into_owned());
    Ok((name, Arc::unwrap_or_clone(settings.analysis.profile)))
}

fn comparison(c: &Comparison, t: &Texts) -> String {
    let difference = format!("{:.5}", c.brier_difference.unwrap_or(0.0));
    let interval = c.brier_interval_90.map_or_else(String::new, |[low, high]| {
        t.backtest_interval(format!("{low:.5}"), format!("{high:.5}"))
    });
    t.backtest_compared(&c.a, &c.b, difference, interval, c.better)
}

fn report(report: &Report, t: &Texts) -> String {
    let share = |value: f64| format!("{:.1}", 100.0 * value);
    let mut lines = vec![t.backtest_summary(
        &report.name,
        report.points,
        share(report.base_rate),
        format!("{:.3}", report.auc.unwrap_or(0.5)),
        format!("{:.4}", report.brier.unwrap_or(0.0)),
        format!("{:.3}", report.ece.unwrap_or(0.0)),
    )];
    let line =
        |name: &str, level: &str, p: &Precision| format!("  {name:<9} {level:<7} {}", calls(&p.into(), t));
    let mut levels = vec![(t.backtest_episodes(), &report.levels)];
    levels.extend(report.model.is_some().then(|| (t.backtest_rule(), &report.rule_levels)));
    for (name, of) in levels {
        let listed = Level::LISTED.into_iter().map(Level::as_str);
        lines.extend(listed.filter_map(|level| Some(line(&name, level, of.get(level)?))));
    }
    let per_day = &report.alerts_per_day;
    let alerts = t.backtest_alerts_a_day(format!("{:.1}", per_day.fuerte), format!("{:.1}", per_day.alta));
    lines.push(format!("  {alerts}"));
    for m in &report.by_month {
        let (base, ece) = (format!("{:>5.1}", 100.0 * m.base_rate), format!("{:.3}", m.ece.unwrap_or(0.0)));
        let points = format!("{:>7}", m.points);
        let month = t.backtest_month(points, base, ece, percent(m.fuerte_precision), m.fuerte_episodes);
        lines.push(format!("  {}  {month}", m.month));
    }
    for size in report.by_size.iter().filter(|size| size.events > 0) {
        let of = size.to.map_or_else(|| format!("{}+", size.from), |to| format!("{}-{to}", size.from));
        lines.push(format!("  {}", t.backtest_size(of, size.events, calls(&size.within_24h, t))));
    }
    let cost = &report.after_cost;
    if let (Some(mean), Some(winners)) = (cost.mean_return_pct, cost.winners) {
        let (mean, drawdown) = (format!("{mean:+.2}"), format!("{:.0}", cost.max_drawdown_pct));
        lines.push(format!("  {}", t.backtest_trades(cost.trades, mean, share(winners), drawdown)));
    }
    for [from, to] in &report.in_training {
        lines.push(format!("  {}", t.backtest_in_training(from, to)));
    }
    if report.levels_ordered == Some(false) {
        lines.push(format!("  {}", t.backtest_levels_disordered()));
    }
    lines.join("\n") + "\n"
}
