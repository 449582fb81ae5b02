//! A line on clipped, standardised values: log odds (logistic regression) or a number (least squares), each with a ridge
//! penalty. The fits are smartcore's.

use super::sane::is_sane;
use serde::{Deserialize, Serialize};
use smartcore::error::Failed;
use smartcore::linalg::basic::arrays::Array;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};
use smartcore::linear::ridge_regression::{RidgeRegression, RidgeRegressionParameters};

/// Values beyond these shares of the training rows are clipped: a line would follow the few wildest rows otherwise.
const CLIP: (f64, f64) = (0.005, 0.995);
/// Rows that the fit uses at most: more change the weights little.
const ROWS: usize = 80_000;

/// One weight for each value of a row; 0 for those that it does not use.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// What is said of a row that is average in everything.
    pub(crate) intercept: f64,
    /// Lowest value that counts.
    pub low: Vec<f32>,
    /// Highest value that counts.
    pub high: Vec<f32>,
    /// Mean of the clipped values; stands for a missing one.
    pub mean: Vec<f64>,
    /// Standard deviation of the clipped values.
    pub(crate) deviation: Vec<f64>,
    /// Weight of the standardised value.
    pub weight: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a line could not be fitted: {0}")]
pub struct FitError(pub(crate) String);

impl From<Failed> for FitError {
    fn from(error: Failed) -> Self {
        Self(error.to_string())
    }
}

/// Rows that a line learns from.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Row by row.
    pub values: &'a [f32],
    /// Values of a row.
    pub width: usize,
    /// Those that the line uses.
    pub columns: &'a [usize],
    /// How often each row is taken, 1 on average; `None` takes all alike.
    pub weight: Option<&'a [f32]>,
}

impl Rows<'_> {
    fn value(&self, row: usize, column: usize) -> f32 {
        self.values[row * self.width + column]
    }

    /// Those of `count` rows that a fit uses, evenly chosen.
    fn chosen(&self, count: usize) -> Vec<usize> {
        let step = count.div_ceil(ROWS).max(1);
        let by_weight = |weight| at_even_steps(weight, step as f64);
        self.weight.map_or_else(|| (0..count).step_by(step).collect(), by_weight)
    }
}

/// Rows at every `step` of the summed weights (systematic sampling): the fit itself knows no weights.
fn at_even_steps(weight: &[f32], step: f64) -> Vec<usize> {
    let (mut sum, mut next) = (0.0, 0.0);
    let mut chosen = Vec::new();
    for (row, weight) in weight.iter().enumerate() {
        sum += f64::from(*weight);
        while next < sum {
            chosen.push(row);
            next += step;
        }
    }
    chosen
}

impl Linear {
    /// Log odds of a hit; `penalty`: ridge on the summed loss of 100,000 rows.
    pub fn logistic(rows: Rows<'_>, hit: &[bool], penalty: f64) -> Result<Self, FitError> {
        let chosen = rows.chosen(hit.len());
        let hits = chosen.iter().filter(|row| hit[**row]).count();
        if hits == 0 || hits == chosen.len() {
            return Err(FitError("hits and misses are both needed".to_owned()));
        }
        let (line, table) = Self::standardised(rows, &chosen)?;
        let classes: Vec<u32> = chosen.iter().map(|row| u32::from(hit[*row])).collect();
        let parameters =
            LogisticRegressionParameters::default().with_alpha(penalty * chosen.len() as f64 / 100_000.0);
        let fitted = LogisticRegression::fit(&table, &classes, parameters)?;
        let weights = (0..rows.columns.len()).map(|at| *fitted.coefficients().get((0, at)));
        line.weighed(rows.columns, weights, *fitted.intercept().get((0, 0)))
    }

    /// Least squares of `goal`. The penalty only keeps columns apart that say the same.
    pub fn least_squares(rows: Rows<'_>, goal: &[f32]) -> Result<Self, FitError> {
        let chosen = rows.chosen(goal.len());
        let mean = chosen.iter().map(|row| f64::from(goal[*row])).sum::<f64>() / chosen.len().max(1) as f64;
        if rows.columns.is_empty() || chosen.len() <= rows.columns.len() {
            let intercept = if chosen.is_empty() { 0.0 } else { mean };
            return Self::default().padded(rows.width).weighed(&[], std::iter::empty(), intercept);
        }
        let (line, table) = Self::standardised(rows, &chosen)?;
        let apart: Vec<f64> = chosen.iter().map(|row| f64::from(goal[*row]) - mean).collect();
        let parameters = RidgeRegressionParameters::default().with_alpha(1.0).with_normalize(false);
        let fitted = RidgeRegression::fit(&table, &apart, parameters)?;
        let weights = (0..rows.columns.len()).map(|at| *fitted.coefficients().get((at, 0)));
        line.weighed(rows.columns, weights, mean)
    }

    /// A line without weights, and the standardised values of the rows.
    fn standardised(rows: Rows<'_>, chosen: &[usize]) -> Result<(Self, DenseMatrix<f64>), FitError> {
        let mut line = Self::default();
        for column in 0..rows.width {
            let used = rows.columns.contains(&column);
            line.standardise(chosen.iter().filter(|_| used).map(|row| rows.value(*row, column)));
        }
        let mut table = Vec::with_capacity(chosen.len() * rows.columns.len());
        for row in chosen {
            table.extend(rows.columns.iter().map(|column| line.standard(*column, rows.value(*row, *column))));
        }
        Ok((line, DenseMatrix::new(chosen.len(), rows.columns.len(), table, false)?))
    }

    fn padded(mut self, width: usize) -> Self {
        (0..width).for_each(|_| self.standardise(std::iter::empty()));
        self
    }

    /// The same values, standardised alike, with other weights.
    pub(crate) fn with_weights(
        &self,
        columns: &[usize],
        weights: impl Iterator<Item = f64>,
        intercept: f64,
    ) -> Result<Self, FitError> {
        self.clone().weighed(columns, weights, intercept)
    }

    fn weighed(
        mut self,
        columns: &[usize],
        weights: impl Iterator<Item = f64>,
        intercept: f64,
    ) -> Result<Self, FitError> {
        self.weight = vec![0.0; self.mean.len()];
        columns.iter().zip(weights).for_each(|(column, weight)| self.weight[*column] = weight);
        self.intercept = intercept;
        let finite = self.weight.iter().all(|w| w.is_finite()) && intercept.is_finite();
        if finite { Ok(self) } else { Err(FitError("the weights are not finite".to_owned())) }
    }

    fn standardise(&mut self, values: impl Iterator<Item = f32>) {
        let mut known: Vec<f32> = values.filter(|v| v.is_finite()).collect();
        // For quantiles, which outliers do not move.
        known.sort_unstable_by(f32::total_cmp);
        let at = |share: f64| {
            let last = known.len().saturating_sub(1) as f64;
            if known.is_empty() { 0.0 } else { known[(share * last).round() as usize] }
        };
        let (low, high) = (at(CLIP.0), at(CLIP.1));
        let n = known.len().max(1) as f64;
        let clipped = || known.iter().map(|v| f64::from(v.clamp(low, high)));
        let mean = clipped().sum::<f64>() / n;
        let variance = clipped().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        self.low.push(low);
        self.high.push(high);
        self.mean.push(mean);
        self.deviation.push(if variance > 1e-18 { variance.sqrt() } else { 1.0 });
    }

    /// The standardised value of a feature; 0 (the mean) when missing.
    pub(crate) fn standard(&self, feature: usize, value: f32) -> f64 {
        if value.is_nan() {
            return 0.0;
        }
        let clipped = f64::from(value.clamp(self.low[feature], self.high[feature]));
        (clipped - self.mean[feature]) / self.deviation[feature]
    }

    /// What each value adds; with the intercept they add up to `predict`.
    pub fn explain(&self, row: &[f32], parts: &mut [f64]) -> f64 {
        for (feature, part) in parts.iter_mut().enumerate() {
            *part += self.weight[feature] * self.standard(feature, row[feature]);
        }
        self.intercept
    }

    /// What it says of a row.
    pub fn predict(&self, row: &[f32]) -> f64 {
        let part = |f: usize| self.weight[f] * self.standard(f, row[f]);
        self.intercept + (0..self.weight.len()).map(part).sum::<f64>()
    }

    /// Are there `features` of everything, and no number that cannot be.
    pub(crate) fn is_sound(&self, features: usize) -> bool {
        let lengths =
            [self.low.len(), self.high.len(), self.mean.len(), self.deviation.len(), self.weight.len()];
        let ordered = self.low.iter().zip(&self.high).all(|(low, high)| low <= high);
        lengths.iter().all(|len| *len == features)
            && ordered
            && self.deviation.iter().all(|d| *d > 0.0)
            && self.weight.iter().copied().chain([self.intercept]).all(is_sane)
            && self.mean.iter().chain(&self.deviation).all(|number| number.is_finite())
    }
}
