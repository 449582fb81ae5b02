//! `impulso backtest`.

use super::args_learning::{BacktestAction, BacktestArgs, LookaheadArgs, OnOff};
use super::progress::Progress;
use super::run::{load, say};
use crate::app::learning::{backtest, lookahead};
use crate::learning::backtest::report::{Costs, Precision, Report};
use crate::settings::Settings;
use crate::telemetry;
use anyhow::{Context, bail};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(args: BacktestArgs) -> anyhow::Result<ExitCode> {
    if let Some(BacktestAction::LookaheadCheck(args)) = args.action {
        return lookahead_check(&args);
    }
    let settings = load(&args.settings, &[])?;
    telemetry::init(&settings.log);
    for (flag, value) in
        [("--fee", args.fee), ("--spread", args.spread), ("--stop", args.stop.unwrap_or(1.0))]
    {
        if !(0.0..100.0).contains(&value) {
            bail!("{flag} {value}: allowed is a percentage from 0 to below 100");
        }
    }
    let wanted = backtest::Wanted {
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
    let mut progress = Progress::new("backtest");
    let began = std::time::Instant::now();
    let outcome = backtest::run(&wanted, &settings, &mut |done, all| progress.set(done, all))?;
    let seconds = began.elapsed().as_secs_f64();
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&outcome)?;
        std::fs::write(path, text + "\n").with_context(|| format!("{} cannot be written", path.display()))?;
    }
    if let Some(path) = &args.html {
        let page = crate::web::report::page(&outcome.first, &outcome.runs, &outcome.comparisons);
        std::fs::write(path, page).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let runs = if outcome.runs.is_empty() { std::slice::from_ref(&outcome.first) } else { &outcome.runs };
    for report in runs {
        say(&text(report));
    }
    for c in &outcome.comparisons {
        say(&format!(
            "{} against {}: difference of the squared errors {:.5} {}, better: {}",
            c.a,
            c.b,
            c.brier_difference.unwrap_or(0.0),
            c.brier_interval_90
                .map(|[low, high]| format!("(90 %: {low:.5} to {high:.5})"))
                .unwrap_or_default(),
            c.better
        ));
    }
    say(&format!(
        "{} candles in {seconds:.1} s: {:.1} M candles/s",
        outcome.candles,
        outcome.candles as f64 / seconds / 1e6
    ));
    Ok(ExitCode::SUCCESS)
}

/// Name and scoring profile of a settings file.
fn profile(
    file: &Path,
    args: &BacktestArgs,
) -> anyhow::Result<(String, crate::domain::score::profile::Profile)> {
    let mut own = args.settings.clone();
    own.config = Some(file.to_owned());
    let settings: Settings = load(&own, &[])?;
    let name = file.file_stem().map_or_else(|| "profile".to_owned(), |s| s.to_string_lossy().into_owned());
    Ok((name, settings.analysis.profile))
}

fn text(report: &Report) -> String {
    let share = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{:.1} %", 100.0 * v));
    let mut text = format!(
        "{}: {} points, base rate {:.1} %, AUC {:.3}, Brier {:.4}, calibration error {:.3}\n",
        report.name,
        report.points,
        100.0 * report.base_rate,
        report.auc.unwrap_or(0.5),
        report.brier.unwrap_or(0.0),
        report.ece.unwrap_or(0.0)
    );
    let line = |name: &str, level: &str, p: &Precision| {
        let interval = p.interval_90.map_or_else(String::new, |[low, high]| {
            format!("(90 %: {:.1} to {:.1} %)", 100.0 * low, 100.0 * high)
        });
        let count = format!("{} of {}", p.hits, p.episodes);
        format!("  {name:<9} {level:<7} {count:>14}  {:>7} {interval}\n", share(p.precision))
    };
    for level in crate::domain::report::Level::LISTED {
        if let Some(p) = report.levels.get(level.as_str()) {
            text += &line("episodes", level.as_str(), p);
        }
    }
    if report.model.is_some() {
        for level in crate::domain::report::Level::LISTED {
            if let Some(p) = report.rule_levels.get(level.as_str()) {
                text += &line("rule", level.as_str(), p);
            }
        }
    }
    text += &format!(
        "  alerts a day: FUERTE {:.1}, ALTA {:.1}\n",
        report.alerts_per_day.fuerte, report.alerts_per_day.alta
    );
    for m in &report.by_month {
        text += &format!(
            "  {}  {:>7} points, base {:>5.1} %, calibration error {:.3}, FUERTE {} of {}\n",
            m.month,
            m.points,
            100.0 * m.base_rate,
            m.ece.unwrap_or(0.0),
            share(m.fuerte_precision),
            m.fuerte_episodes
        );
    }
    let cost = &report.after_cost;
    if let (Some(mean), Some(winners)) = (cost.mean_return_pct, cost.winners) {
        text += &format!(
            "  FUERTE alerts as trades after costs: {}, mean {mean:+.2} %, winners {:.1} %, drawdown {:.0} % of a stake\n",
            cost.trades,
            100.0 * winners,
            cost.max_drawdown_pct
        );
    }
    if report.levels_ordered == Some(false) {
        text += "  the levels are not in order of precision: they are not to be trusted here\n";
    }
    text
}

fn lookahead_check(args: &LookaheadArgs) -> anyhow::Result<ExitCode> {
    let settings = load(&args.settings, &[])?;
    telemetry::init(&settings.log);
    let mut progress = Progress::new("lookahead check");
    let checked = lookahead::check(&args.data, args.moments as usize, &settings, &mut |done, all| {
        progress.set(done, all);
    })?;
    for line in &checked.differences {
        say(line);
    }
    if !checked.differences.is_empty() {
        say("something looks ahead: the values above change with what comes later");
        return Ok(ExitCode::FAILURE);
    }
    say(&format!(
        "nothing looks ahead: {} moments of {} pairs, {} reports equal to the bit with the future cut off and with a false one",
        checked.moments, checked.pairs, checked.reports
    ));
    Ok(ExitCode::SUCCESS)
}
