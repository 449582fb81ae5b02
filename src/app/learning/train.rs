//! `impulso train`: folders of candles in, a model file out.

use super::backtest;
use super::recorded::Recorded;
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::target::TARGET_PCT;
use crate::domain::time::{DAY_MS, HOUR_MS};
use crate::i18n::{OrFail, Text, text};
use crate::learning::backtest::Found;
use crate::learning::backtest::report::{Costs, Report};
use crate::learning::dataset::{Builder, Dataset};
use crate::learning::evaluation::by_size::of_events;
use crate::learning::model::{Card, LeftOut, Model, TrainedOn};
use crate::learning::replay::{FIRST_STEP_MS, Steps};
use crate::learning::training::folds::EMBARGO_MS;
use crate::learning::training::{TrainConfig, Trained, train};
use crate::settings::Settings;
use std::path::{Path, PathBuf};

/// A point takes 1.7 KB while it is learned from: about 7 GB.
const MOST_POINTS: usize = 4_000_000;

#[derive(Debug, Clone)]
pub struct Wanted {
    /// Folders of candles, each a period of its own; none for the ledger of the history store.
    pub folders: Vec<PathBuf>,
    pub name: String,
    /// Between points, ms.
    pub step_ms: i64,
    /// First moment; `None` for the first with all features.
    pub from: Option<MarketTime>,
    /// End of the moments.
    pub to: Option<MarketTime>,
    pub config: TrainConfig,
}

/// Makes the data set and trains. `progress`: what is done (points or folds), how much of how much.
pub fn run(
    wanted: &Wanted,
    settings: &Settings,
    progress: &mut dyn FnMut(&Text, usize, usize),
) -> anyhow::Result<Model> {
    if wanted.folders.is_empty() {
        let data =
            super::ledger::samples(settings, (wanted.from, wanted.to), MOST_POINTS, &mut |done, of| {
                progress(&text!(reading_ledger), done, of);
            })?;
        return of_ledger(wanted, data, progress);
    }
    let (mut all, mut trained_on) = (Dataset::default(), Vec::new());
    for folder in &wanted.folders {
        let (data, pairs) = dataset(folder, MOST_POINTS - all.len(), wanted, settings, progress)?;
        let nothing = || text!(points_none_to_train, place = folder.display().to_string());
        trained_on.push(period(&data, pairs).or_fail(nothing)?);
        all.append(&data);
    }
    let Trained { mut model, left_out, .. } = trained(&all, card(wanted, trained_on, &[]), wanted, progress)?;
    // The replays need memory of their own.
    drop(all);
    model.card.left_out = by_others(wanted, settings, &model.card.trained_on, left_out, progress)?;
    Ok(model)
}

/// Backtests each folder by the model of all other ones, as `impulso backtest` does; all folders together come last.
fn by_others(
    wanted: &Wanted,
    settings: &Settings,
    periods: &[TrainedOn],
    models: Vec<Model>,
    progress: &mut dyn FnMut(&Text, usize, usize),
) -> anyhow::Result<Vec<LeftOut>> {
    let (mut made, mut pooled) = (Vec::new(), Found::default());
    for ((folder, period), model) in wanted.folders.iter().zip(periods).zip(models) {
        let backtest = backtest::Wanted {
            folder: Some(folder.clone()),
            from: wanted.from,
            to: wanted.to,
            step_ms: HOUR_MS,
            ..backtest::Wanted::default()
        };
        let found = backtest::found(&backtest, settings, model, &mut |done, all| {
            progress(&text!(backtest_left_out), done, all);
        })?;
        made.push(left_out(Some([period.from.clone(), period.to.clone()]), &found));
        pooled.append(found);
    }
    if !made.is_empty() {
        made.push(left_out(None, &pooled));
    }
    Ok(made)
}

fn left_out(span: Option<[String; 2]>, found: &Found) -> LeftOut {
    let report = Report::new("left out", None, found, HOUR_MS, Costs::default());
    let fuerte = report.levels.get(Level::Fuerte.as_str());
    LeftOut {
        span,
        points: report.points,
        base_rate: report.base_rate,
        auc: report.auc,
        ece: report.ece,
        fuerte: fuerte.map(Into::into).unwrap_or_default(),
        moves: of_events(&report.by_size),
    }
}

/// The points of a folder, up to `most` of them, and the number of its pairs.
fn dataset(
    folder: &Path,
    most: usize,
    wanted: &Wanted,
    settings: &Settings,
    progress: &mut dyn FnMut(&Text, usize, usize),
) -> anyhow::Result<(Dataset, usize)> {
    let recorded = Recorded::open(Some(folder), settings)?;
    let steps = Steps {
        from: wanted.from.unwrap_or(recorded.span.0 + FIRST_STEP_MS),
        to: wanted.to.unwrap_or(recorded.span.1),
        step_ms: wanted.step_ms,
    };
    let mut builder = Builder::new(settings.ranking, most);
    let moment = |moment| Ok(builder.take(&moment).or_fail(|| text!(points_too_many, most = MOST_POINTS))?);
    recorded.replay(settings, steps, super::threads(), moment, |done, all, _| {
        progress(&text!(reading_candles), done, all);
    })?;
    Ok((builder.finish(), recorded.len()))
}

/// Trains on the ledger's own samples: what was seen live, and what came.
pub(crate) fn of_ledger(
    wanted: &Wanted,
    (data, pairs): (Dataset, usize),
    progress: &mut dyn FnMut(&Text, usize, usize),
) -> anyhow::Result<Model> {
    let period = period(&data, pairs).or_fail(|| text!(ledger_empty))?;
    let note = "Trained on the ledger of a running scanner.";
    Ok(trained(&data, card(wanted, vec![period], &[note]), wanted, progress)?.model)
}

fn trained(
    data: &Dataset,
    card: Card,
    wanted: &Wanted,
    progress: &mut dyn FnMut(&Text, usize, usize),
) -> anyhow::Result<Trained> {
    Ok(train(data, card, &wanted.config, |done, of| progress(&text!(training), done, of))?)
}

pub(super) fn period(data: &Dataset, pairs: usize) -> Option<TrainedOn> {
    let (first, last) = data.as_of.first().zip(data.as_of.last())?;
    Some(TrainedOn {
        from: iso(*first),
        to: iso(*last),
        pairs,
        points: data.len(),
        base_rate: data.base_rate(),
    })
}

/// Days that periods have together.
pub(super) fn days(periods: &[TrainedOn]) -> Result<f64, jiff::Error> {
    let ms = |text: &str| text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
    let days = |part: &TrainedOn| Ok((ms(&part.to)? - ms(&part.from)?) as f64 / DAY_MS as f64);
    periods.iter().map(days).sum()
}

fn card(wanted: &Wanted, trained_on: Vec<TrainedOn>, more: &[&str]) -> Card {
    let notes = [
        "The chance of the touch, not of a profit: costs and what comes after the touch are not in it.",
        "Hits come in clusters; figures over all points say little about a single month.",
    ];
    Card {
        name: wanted.name.clone(),
        target: format!("a high of at least +{TARGET_PCT} % within 24 h"),
        trained_on,
        embargo_h: u32::try_from(EMBARGO_MS / HOUR_MS).unwrap_or(24),
        metrics: Vec::new(),
        left_out: Vec::new(),
        notes: notes.iter().chain(more).map(|note| (*note).to_owned()).collect(),
    }
}

fn iso(at: MarketTime) -> String {
    jiff::Timestamp::from_millisecond(at.ms()).map_or_else(|_| at.to_string(), |t| t.to_string())
}
