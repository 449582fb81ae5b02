//! Training: folds by time for the figures and the calibration, then everything for the model itself.

pub mod bins;
pub mod boost;
pub mod correction;
pub mod folds;
mod judged;
pub mod recipe;
mod splits;

use crate::domain::target::TARGET_PCT;
use crate::domain::time::DAY_MS;
use crate::learning::dataset::{Dataset, is_chosen};
use crate::learning::features::{FEATURES, index_of};
use crate::learning::log_odds::chance;
use crate::learning::model::forecast::{DERIVED, Forecast, INPUTS};
use crate::learning::model::isotonic::Isotonic;
use crate::learning::model::linear::{FitError, Linear, Rows};
use crate::learning::model::{Card, Design, Joined, Model, ModelError, Part as Fitted};
use bins::Binned;
use boost::{BoostConfig, Questions, Target};
use folds::{days_of, folds};
pub use judged::OutOfTime;
use recipe::{Fit, RECIPES, Recipe, is_size};
use splits::{LEFT_OUT, Split, splits};
use std::collections::HashMap;

#[derive(Debug, Clone)]
pub struct TrainConfig {
    pub features: Vec<String>,
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
    /// What the shipped model is trained with: what held best out of time (docs/LEARNING.md).
    fn default() -> Self {
        Self {
            features: FEATURES.iter().map(|f| f.name.to_owned()).collect(),
            // Two of the parts have forests: four in all.
            boost: BoostConfig { bags: 2, ..BoostConfig::default() },
            penalty: 10.0,
            blocks: 6,
            day_weights: vec![Part::Calibration],
            blanked: 0.15,
        }
    }
}

/// Names of the parts in the card, and of all of them together.
fn names() -> Vec<&'static str> {
    RECIPES.iter().map(|recipe| recipe.name).chain(["joined"]).collect()
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
        for (number, split) in splits.iter().enumerate() {
            fits.extend(table.judge((number, split), &mut out)?);
            done += 1;
            step(done, all);
        }
        Ok((out, fits))
    };
    let ((walked, _), (judged, fits)) = (judged(&walks)?, judged(&splits)?);
    let rows: Vec<usize> = (0..data.len()).collect();
    let fit = table.fit(&rows)?;
    step(all, all);
    let kinds = names();
    // What came later calibrates nothing that came before.
    let mut metrics = walked.figures("walk_forward", &kinds, data, &walked.raw_chances());
    let calibrated = judged.calibrated(data, table.weight(Part::Calibration));
    let chances = judged.chances(&calibrated);
    metrics.extend(judged.figures(name, &kinds, data, &chances));
    let model = |fit: Joined, maps: Vec<Isotonic>, card| {
        let (features, design) = (config.features.clone(), Design::Joined(Joined { maps, ..fit }));
        Model { card, features, design, ..Model::default() }.assembled()
    };
    let cases = judged.cases(data, &chances);
    let fits = if name == LEFT_OUT { fits } else { Vec::new() };
    let left_out = fits.into_iter().zip(calibrated.of_split).map(|(fit, own)| model(fit, own, card.clone()));
    let left_out = left_out.collect::<Result<_, _>>()?;
    let model = Model { cases, ..model(fit, calibrated.all, Card { metrics, ..card })? };
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

/// Least volatility that is told apart, percent: below it a pair is as good as dead, and its logarithm without end.
const LEAST_VOLATILITY: f32 = 0.1;
fn known_log(log_volatility: f32) -> f32 {
    // The greater of a number and NaN is the number.
    if log_volatility.is_nan() { log_volatility } else { log_volatility.max(LEAST_VOLATILITY.ln()) }
}

/// What the forecast foretells is what this feature says a day later.
const FORETOLD: &str = "log_rv_1d";

/// The chosen columns of the points.
struct Table<'a> {
    data: &'a Dataset,
    config: &'a TrainConfig,
    /// Column of the data set, and whether it is blanked with the days.
    columns: Vec<(usize, bool)>,
    /// Values of a row that each part uses.
    used: Vec<Vec<usize>>,
    rising: Vec<bool>,
    /// What each point counts where days count alike: 1 / (points of its day and period), 1 on average.
    weight: Vec<f32>,
    /// ln of the daily volatility that came, percent; NaN where it is not known.
    came: Vec<f32>,
}

impl<'a> Table<'a> {
    fn new(data: &'a Dataset, config: &'a TrainConfig) -> Result<Self, ModelError> {
        let place = |name: &str| index_of(name).ok_or_else(|| ModelError::Feature(name.to_owned()));
        let column = |name: &String| Ok((place(name)?, FEATURES[place(name)?].needs_days));
        let columns = config.features.iter().map(column).collect::<Result<_, ModelError>>()?;
        let names: Vec<&str> = config.features.iter().map(String::as_str).chain(DERIVED).collect();
        let of_part = |part: &Recipe| (0..names.len()).filter(|at| (part.uses)(names[*at])).collect();
        let came = data.next_day(place(FORETOLD)?);
        Ok(Self {
            data,
            config,
            columns,
            used: RECIPES.iter().map(of_part).collect(),
            rising: names.iter().map(|name| is_size(name)).collect(),
            weight: day_weights(data),
            came: came.into_iter().map(known_log).collect(),
        })
    }

    fn weight(&self, part: Part) -> Option<&[f32]> {
        self.config.day_weights.contains(&part).then_some(&self.weight)
    }

    /// Values of a row, those that are derived included.
    const fn width(&self) -> usize {
        self.columns.len() + DERIVED.len()
    }

    /// The row of a point as a pair has it that is known for long.
    fn plain(&self, at: usize) -> Vec<f32> {
        let row = self.data.row(at);
        self.columns.iter().map(|(column, _)| row[*column]).collect()
    }

    /// Rows to learn from, some pair-days without the features of days; what is derived is not known yet.
    fn blanked(&self, rows: &[usize]) -> Vec<f32> {
        let mut values = Vec::with_capacity(rows.len() * self.width());
        for at in rows {
            let (row, day) = (self.data.row(*at), self.data.as_of[*at].index(DAY_MS));
            let blank = is_blanked(self.data.pair[*at], day, self.config.blanked);
            let value = |(column, days): &(usize, bool)| if blank && *days { f32::NAN } else { row[*column] };
            values.extend(self.columns.iter().map(value));
            values.extend([f32::NAN; DERIVED.len()]);
        }
        values
    }

    /// Fits the forecast and fills in what it derives.
    fn forecast(&self, rows: &[usize], values: &mut [f32]) -> Result<Forecast, TrainError> {
        let number = |name: &&str| self.config.features.iter().position(|own| own == name);
        let inputs = INPUTS.iter().map(|names| names.iter().filter_map(number).map(|at| at as u16).collect());
        let inputs: Vec<Vec<u16>> = inputs.filter(|columns: &Vec<u16>| !columns.is_empty()).collect();
        let (mut read, mut came) = (Vec::new(), Vec::new());
        for (at, row) in rows.iter().zip(values.chunks(self.width())) {
            if self.came[*at].is_finite() {
                read.extend(Forecast::read(&inputs, row));
                came.push(self.came[*at]);
            }
        }
        let columns: Vec<usize> = (0..inputs.len()).collect();
        let rows = Rows { values: &read, width: inputs.len(), columns: &columns, weight: None };
        let forecast = Forecast { line: Linear::least_squares(rows, &came)?, inputs };
        for row in values.chunks_mut(self.width()) {
            let derived = forecast.derived(row);
            row[self.columns.len()..].copy_from_slice(&derived);
        }
        Ok(forecast)
    }

    fn fit(&self, rows: &[usize]) -> Result<Joined, TrainError> {
        let mut values = self.blanked(rows);
        let forecast = self.forecast(rows, &mut values)?;
        let hit: Vec<bool> = rows.iter().map(|row| self.data.hit[*row]).collect();
        let came: Vec<f32> = hit.iter().map(|hit| f32::from(u8::from(*hit))).collect();
        let [line, trees] = [Part::Line, Part::Trees].map(|part| {
            let weight = self.weight(part)?;
            Some(rows.iter().map(|row| weight[*row]).collect::<Vec<_>>())
        });
        let table = Rows { values: &values, width: self.width(), columns: &[], weight: None };
        let binned = Binned::new(&values, self.width());
        let grow = |target: Target<'_>, columns: &[usize]| {
            boost::train(&binned, target, Questions { columns, rising: &self.rising }, &self.config.boost)
        };
        let alike = Target { goal: &came, weight: trees.as_deref() };
        let part = |(recipe, columns): (&Recipe, &Vec<usize>)| match recipe.fit {
            Fit::Line => {
                let rows = Rows { columns, weight: line.as_deref(), ..table };
                Linear::logistic(rows, &hit, self.config.penalty).map(Fitted::Line)
            }
            Fit::Trees => Ok(Fitted::Trees(grow(alike, columns))),
            Fit::SoftTrees => {
                let nearly: Vec<f32> = rows.iter().map(|row| nearly(self.data.rise[*row])).collect();
                Ok(Fitted::Trees(grow(Target { goal: &nearly, ..alike }, columns)))
            }
        };
        let recipes = RECIPES.iter().zip(&self.used);
        let parts = recipes.map(part).collect::<Result<_, FitError>>()?;
        Ok(Joined { forecast, parts, ..Joined::default() })
    }

    /// Judges the points of a split by models of the others. `None`: there was nothing to learn from.
    fn judge(
        &self,
        (number, split): (usize, &Split),
        out: &mut OutOfTime,
    ) -> Result<Option<Joined>, TrainError> {
        let rows: Vec<usize> = (0..self.data.len()).filter(|at| split.trains(self.data, *at)).collect();
        let mut fit = match self.fit(&rows) {
            // A first walk-forward block may hold no hit to learn from.
            Err(TrainError::Fit(_)) if split.fold.walk_forward => return Ok(None),
            other => other?,
        };
        fit.lay_out(self.columns.len());
        for at in (0..self.data.len()).filter(|at| split.tests(self.data, *at)) {
            let mut row = self.plain(at);
            fit.derive(&mut row);
            out.point.push(at);
            out.split.push(number);
            out.said.push(fit.said(&row).collect());
        }
        Ok(Some(fit))
    }
}

/// How nearly a rise (percent) reached the target, 0-1: half at the target, and certain from some 5 points on either side. A rise of
/// 7.4 % teaches what one of 7.6 % does, which yes and no cannot.
fn nearly(rise: f32) -> f32 {
    const WIDTH: f64 = 1.5;
    chance((f64::from(rise) - TARGET_PCT) / WIDTH) as f32
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

/// A fixed, even choice of pair-days.
fn is_blanked(pair: u32, day: i64, share: f64) -> bool {
    is_chosen(u64::from(pair) << 32 ^ day.cast_unsigned(), share)
}
