//! Training: folds by time for the figures and the calibration, then everything for the model itself.

pub mod bins;
pub mod boost;
pub mod folds;
mod judged;
mod splits;

use crate::domain::time::DAY_MS;
use crate::learning::dataset::Dataset;
use crate::learning::features::{FEATURES, Feature, index_of};
use crate::learning::model::logistic::{FitError, Logistic};
use crate::learning::model::tree::Boosted;
use crate::learning::model::{Card, Model, ModelError, Platt};
use bins::Binned;
use boost::{BoostConfig, Target};
use folds::{days_of, folds};
pub use judged::OutOfTime;
use judged::{cases, drawn, figures, platt};
use splits::{LEFT_OUT, Split, splits};
use std::collections::HashMap;

#[derive(Debug, Clone, PartialEq)]
pub struct TrainConfig {
    pub features: Vec<String>,
    /// Features with which the chance must not fall.
    pub rising: Vec<String>,
    pub boost: BoostConfig,
    /// Ridge penalty of the logistic regression, for 100,000 rows.
    pub penalty: f64,
    /// Blocks of the folds.
    pub blocks: usize,
    /// What counts each day alike, not each point.
    pub day_weights: Vec<Part>,
    /// Share of pair-days whose features of days are blanked, as they are while a pair warms up.
    pub blanked: f64,
}

/// A part of the model that is fitted on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Line,
    Trees,
    Calibration,
}

impl Default for TrainConfig {
    /// What the shipped model was trained with. Features of the whole market or the clock are left out: over the four
    /// months or so that there are to learn from they name the day rather than explain it (docs/LEARNING.md).
    fn default() -> Self {
        let names = |keep: fn(&Feature) -> bool| {
            FEATURES.iter().filter(|f| keep(f)).map(|f| f.name.to_owned()).collect()
        };
        Self {
            features: names(|f| !f.market_wide),
            rising: names(|f| is_size(f.name)),
            boost: BoostConfig::default(),
            penalty: 300.0,
            blocks: 6,
            day_weights: Vec::new(),
            blanked: 0.15,
        }
    }
}

/// Is the feature a size of movements. More movement never makes +7.5 % less likely, all else equal: trees that may
/// not learn otherwise hold better out of time.
fn is_size(name: &str) -> bool {
    let stems = ["atr_pct", "relative_atr", "rank_atr", "range_", "volatility", "jump_7d", "rise_", "hits_"];
    let other = name.contains("against") || name.contains("market") || name.contains("btc");
    !other && stems.iter().any(|stem| name.contains(stem)) || name == "relative_range"
}

#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Too little to learn from.
    #[error("{0}; take more candles: weeks of at least some dozens of pairs")]
    TooLittle(String),
    #[error(transparent)]
    Fit(#[from] FitError),
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// What a training gives.
#[derive(Debug, Clone)]
pub struct Trained {
    pub model: Model,
    /// Every point, judged by a model that had not seen its time.
    pub judged: OutOfTime,
    /// For each period the model of all others; empty where they cannot be told apart.
    pub left_out: Vec<Model>,
}

/// Trains on `data`; `step` is told what is done of how much.
pub fn train(
    data: &Dataset,
    card: Card,
    config: &TrainConfig,
    mut step: impl FnMut(usize, usize),
) -> Result<Trained, TrainError> {
    check(data, config)?;
    let table = Table::new(data, config)?;
    let walks = Split::blocks(folds(&data.as_of, config.blocks, true));
    let (name, splits) = splits(data, config.blocks);
    let all = walks.len() + splits.len() + 1;
    let mut done = 0;
    let mut judged = |splits: &[Split]| -> Result<_, TrainError> {
        let (mut out, mut fits) = (OutOfTime::default(), Vec::new());
        for split in splits {
            fits.extend(table.judge(split, &mut out)?);
            done += 1;
            step(done, all);
        }
        Ok((out, fits))
    };
    let ((walked, _), (judged, fits)) = (judged(&walks)?, judged(&splits)?);
    let rows: Vec<usize> = (0..data.len()).collect();
    let fit = table.fit(&rows)?;
    step(all, all);
    let corrected = |without: Option<u32>| {
        let kept = |at: &usize| without.is_none_or(|period| data.period[*at] != period);
        drawn(platt(&judged.blended(data, table.weight(Part::Calibration), kept)))
    };
    let calibration = corrected(None);
    let fits = if name == LEFT_OUT { fits } else { Vec::new() };
    // The correction of a period that is left out comes from the other ones, too.
    let own: Vec<Platt> = (0..fits.len() as u32).map(|period| corrected(Some(period))).collect();
    let correction = |at: usize| own.get(data.period[at] as usize).copied().unwrap_or(calibration);
    let metrics = figures("walk_forward", &walked, data, |_| Platt::default())
        .into_iter()
        .chain(figures(name, &judged, data, correction))
        .collect();
    let model = |(logistic, boosted), calibration, card| {
        let features = config.features.clone();
        Model { card, features, logistic, boosted, calibration, ..Model::default() }.assembled()
    };
    let left_out = fits.into_iter().zip(&own).map(|(fit, own)| model(fit, *own, card.clone()));
    let left_out = left_out.collect::<Result<_, _>>()?;
    let model = Model {
        cases: cases(&judged, data, correction),
        ..model(fit, calibration, Card { metrics, ..card })?
    };
    Ok(Trained { model, judged, left_out })
}

fn check(data: &Dataset, config: &TrainConfig) -> Result<(), TrainError> {
    let hits = data.hit.iter().filter(|h| **h).count();
    let days = days_of(data.as_of.iter().copied());
    let least_days = 4 * config.blocks;
    if hits < 200 || data.len() - hits < 200 || days.len() < least_days {
        return Err(TrainError::TooLittle(format!(
            "{} points with {hits} hits on {} days are too few (200 hits, 200 misses and {least_days} days at least)",
            data.len(),
            days.len()
        )));
    }
    Ok(())
}

type Fit = (Logistic, Boosted);

/// The chosen columns of the points.
struct Table<'a> {
    data: &'a Dataset,
    config: &'a TrainConfig,
    /// Column of the data set, and whether it is blanked with the days.
    columns: Vec<(usize, bool)>,
    rising: Vec<bool>,
    /// What each point counts where days count alike: 1 / (points of its day and period), 1 on average.
    weight: Vec<f32>,
}

impl<'a> Table<'a> {
    fn new(data: &'a Dataset, config: &'a TrainConfig) -> Result<Self, ModelError> {
        let column = |name: &String| {
            let at = index_of(name).ok_or_else(|| ModelError::Feature(name.clone()))?;
            Ok((at, FEATURES[at].needs_days))
        };
        let columns = config.features.iter().map(column).collect::<Result<_, ModelError>>()?;
        let rising = config.features.iter().map(|name| config.rising.contains(name)).collect();
        Ok(Self { data, config, columns, rising, weight: day_weights(data) })
    }

    fn weight(&self, part: Part) -> Option<&[f32]> {
        self.config.day_weights.contains(&part).then_some(&self.weight)
    }

    /// The row of a point as a pair has it that is known for long.
    fn plain(&self, at: usize) -> Vec<f32> {
        let row = self.data.row(at);
        self.columns.iter().map(|(column, _)| row[*column]).collect()
    }

    /// Rows to learn from: some pair-days without the features of days.
    fn blanked(&self, rows: &[usize]) -> Vec<f32> {
        let mut values = Vec::with_capacity(rows.len() * self.columns.len());
        for at in rows {
            let (row, day) = (self.data.row(*at), self.data.as_of[*at].index(DAY_MS));
            let blank = is_blanked(self.data.pair[*at], day, self.config.blanked);
            let value = |(column, days): &(usize, bool)| if blank && *days { f32::NAN } else { row[*column] };
            values.extend(self.columns.iter().map(value));
        }
        values
    }

    fn fit(&self, rows: &[usize]) -> Result<Fit, TrainError> {
        let (values, width) = (self.blanked(rows), self.columns.len());
        let hit: Vec<bool> = rows.iter().map(|row| self.data.hit[*row]).collect();
        let [line, trees] = [Part::Line, Part::Trees].map(|part| {
            let weight = self.weight(part)?;
            Some(rows.iter().map(|row| weight[*row]).collect::<Vec<_>>())
        });
        let logistic = Logistic::fit(&values, width, &hit, line.as_deref(), self.config.penalty)?;
        let binned = Binned::new(&values, width);
        // Bins are a quarter of the values, which are not needed any more.
        drop(values);
        let target = Target { hit: &hit, weight: trees.as_deref() };
        Ok((logistic, boost::train(&binned, target, &self.rising, &self.config.boost)))
    }

    /// Judges the points of a split by models of the others. `None`: there was nothing to learn from.
    fn judge(&self, split: &Split, out: &mut OutOfTime) -> Result<Option<Fit>, TrainError> {
        let rows: Vec<usize> = (0..self.data.len()).filter(|at| split.trains(self.data, *at)).collect();
        let (logistic, boosted) = match self.fit(&rows) {
            // A first walk-forward block may hold no hit to learn from.
            Err(TrainError::Fit(_)) if split.fold.walk_forward => return Ok(None),
            other => other?,
        };
        for at in (0..self.data.len()).filter(|at| split.tests(self.data, *at)) {
            let row = self.plain(at);
            out.point.push(at);
            out.said.push((logistic.predict(&row), boosted.predict(&row)));
        }
        Ok(Some((logistic, boosted)))
    }
}

/// Days differ in how many pairs they have and how many of their hours, and the points of a day move together: independent
/// days are what is scarce.
fn day_weights(data: &Dataset) -> Vec<f32> {
    let mut points: HashMap<(u32, i64), f64> = HashMap::new();
    let day = |at: usize| (data.period[at], data.as_of[at].index(DAY_MS));
    for at in 0..data.len() {
        *points.entry(day(at)).or_default() += 1.0;
    }
    let mean = data.len() as f64 / points.len() as f64;
    (0..data.len()).map(|at| (mean / points[&day(at)]) as f32).collect()
}

/// A fixed, even choice of pair-days (multiplicative hashing).
fn is_blanked(pair: u32, day: i64, share: f64) -> bool {
    let mixed = (u64::from(pair) << 32 ^ day.cast_unsigned()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed >> 40) as f64) < share * (1_u64 << 24) as f64
}
