//! `impulso backtest`: recorded candles through the live path, with one run for each profile and model.

use super::models;
use super::recorded::Recorded;
use crate::app::config::alert_config;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::Snapshot;
use crate::domain::score::profile::Profile;
use crate::domain::time::HOUR_MS;
use crate::i18n::{OrFail, cannot_write, failure};
use crate::learning::backtest::compare::{Comparison, compare};
use crate::learning::backtest::report::{Costs, Report};
use crate::learning::backtest::{Found, RunConfig, Runner};
use crate::learning::model::{Model, TrainedOn};
use crate::learning::replay::pair::PairReplay;
use crate::learning::replay::{FIRST_STEP_MS, Steps};
use crate::learning::scorer::Scorer;
use crate::settings::Settings;
use anyhow::bail;
use jiff::Timestamp;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub struct Wanted {
    /// Folder of candles; `None` for the history store.
    pub folder: Option<PathBuf>,
    /// First moment; `None` for the first with all features, or a quarter in where there is less.
    pub from: Option<MarketTime>,
    /// End of the moments.
    pub to: Option<MarketTime>,
    /// Between moments, ms.
    pub step_ms: i64,
    /// Profiles by name; none takes the one of the settings.
    pub(crate) profiles: Vec<(String, Profile)>,
    /// Models: `default`, `none` or files; none takes the one of the settings.
    pub models: Vec<String>,
    /// Does the calibration follow the market.
    pub adapt: bool,
    pub(crate) costs: Costs,
    /// Every scored pair at every moment of the first run goes here, a JSON object a line.
    pub rows: Option<PathBuf>,
}

impl Default for Wanted {
    /// The store, hour by hour, as it is in force.
    fn default() -> Self {
        Self {
            folder: None,
            from: None,
            to: None,
            step_ms: HOUR_MS,
            profiles: Vec::new(),
            models: Vec::new(),
            adapt: true,
            costs: Costs::default(),
            rows: None,
        }
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outcome {
    #[serde(flatten)]
    pub first: Report,
    /// All runs, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<Report>,
    /// Each run against the first one on the same moments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<Comparison>,
    /// Candles that went through, all profiles together.
    pub candles: u64,
}

/// Runs it. `progress`: steps done, of how many.
pub(crate) fn run(
    wanted: &Wanted,
    settings: &Settings,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<Outcome> {
    let own = vec![("base".to_owned(), (*settings.analysis.profile).clone())];
    let profiles = if wanted.profiles.is_empty() { &own } else { &wanted.profiles };
    let models = models::open_all(&wanted.models, settings)?;
    let recorded = Recorded::open(wanted.folder.as_deref(), settings)?;
    let (mut runs, mut candles) = (Vec::new(), 0);
    for (at, (name, profile)) in profiles.iter().enumerate() {
        let mut own = settings.clone();
        own.analysis.profile = Arc::new(profile.clone());
        let several = profiles.len() > 1;
        let mut show = |done: usize, all: usize| progress(at * all + done, profiles.len() * all);
        let runners = runners(wanted, &own, several.then_some(name), &models);
        let (found, taken) = drive(wanted, &own, &recorded, runners, &mut show)?;
        candles += taken;
        runs.extend(found);
    }
    // Rows can be had without outcomes, too.
    if wanted.rows.is_none() && runs.iter().all(|(_, _, found)| found.points.is_empty()) {
        bail!(failure!(points_none_between, place = recorded.place));
    }
    Ok(outcome(&runs, wanted, candles))
}

/// What one model finds, whichever `wanted` names.
pub(super) fn found(
    wanted: &Wanted,
    settings: &Settings,
    model: Model,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<Found> {
    let recorded = Recorded::open(wanted.folder.as_deref(), settings)?;
    let runners = runners(wanted, settings, None, &[Some(Arc::new(model))]);
    let (runs, _) = drive(wanted, settings, &recorded, runners, progress)?;
    Ok(runs.into_iter().map(|(_, _, found)| found).next().unwrap_or_default())
}

type Run = (String, models::Opened, Found);

/// Days of `span` that a model was trained on.
fn overlap(trained: &TrainedOn, span: [MarketTime; 2]) -> Option<[String; 2]> {
    let [first, last] = span.map(|at| Timestamp::from_millisecond(at.ms()).ok());
    let (from, to) = (first?.max(trained.from.parse().ok()?), last?.min(trained.to.parse().ok()?));
    (from < to).then(|| [from, to].map(|at| at.strftime("%Y-%m-%d").to_string()))
}

fn outcome(runs: &[Run], wanted: &Wanted, candles: u64) -> Outcome {
    let report = |(name, model, found): &Run| {
        let name_of = model.as_ref().map(|model| model.card.name.as_str());
        let mut report = Report::new(name, name_of, found, wanted.step_ms, wanted.costs);
        let trained = model.iter().flat_map(|model| &model.card.trained_on);
        report.in_training = trained.filter_map(|part| overlap(part, report.span?)).collect();
        report
    };
    let mut reports: Vec<Report> = runs.iter().map(report).collect();
    let first = reports[0].clone();
    if reports.len() == 1 {
        reports.clear();
    }
    let base = &runs[0];
    let against = |run: &Run| compare((&base.0, &base.2), (&run.0, &run.2));
    Outcome { first, runs: reports, comparisons: runs[1..].iter().map(against).collect(), candles }
}

fn runners(
    wanted: &Wanted,
    settings: &Settings,
    profile: Option<&String>,
    models: &[models::Opened],
) -> Vec<(models::Opened, Runner)> {
    let policy = alert_config(settings);
    let runner = |model: &models::Opened| {
        let said = model.as_ref().map_or_else(|| "rule".to_owned(), |m| m.card.name.clone());
        let config = RunConfig {
            name: profile.map_or_else(|| said.clone(), |p| format!("{p} / {said}")),
            filters: settings.ranking,
            policy: policy.clone(),
        };
        let adapt = settings.model.adapt_config().filter(|_| wanted.adapt);
        let scorer = model.as_ref().map(|m| Scorer::new(Arc::clone(m), adapt));
        (model.clone(), Runner::new(config, scorer))
    };
    models.iter().map(runner).collect()
}

fn write_rows(out: &mut impl Write, snapshot: &Snapshot) -> anyhow::Result<()> {
    for row in snapshot.candidates() {
        let a = &row.analysis;
        let line = serde_json::json!({
            "as_of": snapshot.as_of,
            "symbol": row.symbol.as_str(),
            "current_price": a.current_price,
            "volume_24h": a.volume_24h,
            "total_score": a.total_score,
            "probability_7_5": a.probability_7_5,
            "composite_score": a.composite_score,
            "confidence_level": row.level,
            "level_value": row.level_value,
            "calibrated_7_5": row.calibrated_7_5,
            "model_inputs": row.model_inputs,
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn drive(
    wanted: &Wanted,
    settings: &Settings,
    recorded: &Recorded,
    mut runners: Vec<(models::Opened, Runner)>,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<(Vec<Run>, u64)> {
    let (first, last) = recorded.span;
    let long = first + FIRST_STEP_MS < first + (last - first) / 2;
    let from = if long { first + FIRST_STEP_MS } else { first + (last - first) / 4 };
    let steps = Steps {
        from: wanted.from.unwrap_or(from),
        to: wanted.to.unwrap_or(last + recorded.base.ms()),
        step_ms: wanted.step_ms,
    };
    let analysis = recorded.analysis(settings)?;
    let stop_pct = wanted.costs.stop_pct.unwrap_or(f64::INFINITY);
    let pair = |symbol, candles, hours| {
        let replay = PairReplay::new(symbol, Arc::clone(&analysis), candles);
        replay.with_hours(hours).with_stop(stop_pct)
    };
    let mut rows = match &wanted.rows {
        Some(path) => {
            let file = File::create(path).or_fail(|| cannot_write(path))?;
            Some(BufWriter::new(file))
        }
        None => None,
    };
    let mut candles = 0;
    recorded.replay_as(
        pair,
        steps,
        super::threads(),
        |moment| {
            for (at, (_, runner)) in runners.iter_mut().enumerate() {
                let snapshot = runner.take(&moment);
                if let (0, Some(rows), Some(snapshot)) = (at, &mut rows, &snapshot) {
                    write_rows(rows, snapshot)?;
                }
            }
            Ok(())
        },
        |done, all, taken| {
            candles = taken;
            progress(done, all);
        },
    )?;
    if let Some(rows) = &mut rows {
        rows.flush()?;
    }
    let found = runners.into_iter().map(|(model, r)| (r.name().to_owned(), model, r.finish())).collect();
    Ok((found, candles))
}
