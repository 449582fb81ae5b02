//! Logistic regression on clipped, standardised features (the fit is smartcore's; ridge penalty).

use serde::{Deserialize, Serialize};
use smartcore::linalg::basic::arrays::Array;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};

/// Values beyond these shares of the training rows are clipped.
const CLIP: (f64, f64) = (0.005, 0.995);
/// Rows that the fit uses at most: more change the weights little.
const ROWS: usize = 80_000;

/// One weight for each feature of the model's list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logistic {
    /// Log odds of a row that is average in everything.
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
#[error("logistic regression could not be fitted: {0}")]
pub struct FitError(pub(crate) String);

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

impl Logistic {
    /// Fits rows of `width` values; `penalty`: ridge on the summed loss. `weight`: how often each row is taken, 1 on average.
    pub fn fit(
        values: &[f32],
        width: usize,
        hit: &[bool],
        weight: Option<&[f32]>,
        penalty: f64,
    ) -> Result<Self, FitError> {
        let step = hit.len().div_ceil(ROWS).max(1);
        let chosen = weight.map_or_else(
            || (0..hit.len()).step_by(step).collect(),
            |weight| at_even_steps(weight, step as f64),
        );
        let hits = chosen.iter().filter(|row| hit[**row]).count();
        if hits == 0 || hits == chosen.len() {
            return Err(FitError("hits and misses are both needed".to_owned()));
        }
        let mut model = Self::default();
        for feature in 0..width {
            model.standardise(chosen.iter().map(|row| values[row * width + feature]));
        }
        let mut table = Vec::with_capacity(chosen.len() * width);
        for row in &chosen {
            let own = &values[row * width..(row + 1) * width];
            table.extend((0..width).map(|f| model.standard(f, own[f])));
        }
        let failed = |e: smartcore::error::Failed| FitError(e.to_string());
        let table = DenseMatrix::new(chosen.len(), width, table, false).map_err(failed)?;
        let classes: Vec<u32> = chosen.iter().map(|row| u32::from(hit[*row])).collect();
        let parameters =
            LogisticRegressionParameters::default().with_alpha(penalty * chosen.len() as f64 / 100_000.0);
        let fitted = LogisticRegression::fit(&table, &classes, parameters).map_err(failed)?;
        model.weight = (0..width).map(|f| *fitted.coefficients().get((0, f))).collect();
        model.intercept = *fitted.intercept().get((0, 0));
        let finite = model.weight.iter().all(|w| w.is_finite()) && model.intercept.is_finite();
        if finite { Ok(model) } else { Err(FitError("the weights are not finite".to_owned())) }
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
    fn standard(&self, feature: usize, value: f32) -> f64 {
        if value.is_nan() {
            return 0.0;
        }
        let clipped = f64::from(value.clamp(self.low[feature], self.high[feature]));
        (clipped - self.mean[feature]) / self.deviation[feature]
    }

    /// What each feature adds to the log odds; with the intercept they add up to `predict`.
    pub fn explain(&self, row: &[f32], parts: &mut [f64]) -> f64 {
        for (feature, part) in parts.iter_mut().enumerate() {
            *part += self.weight[feature] * self.standard(feature, row[feature]);
        }
        self.intercept
    }

    /// Log odds of a row.
    pub fn predict(&self, row: &[f32]) -> f64 {
        let part = |f: usize| self.weight[f] * self.standard(f, row[f]);
        self.intercept + (0..self.weight.len()).map(part).sum::<f64>()
    }

    /// Are there `features` of everything.
    pub(crate) fn is_sound(&self, features: usize) -> bool {
        let lengths =
            [self.low.len(), self.high.len(), self.mean.len(), self.deviation.len(), self.weight.len()];
        let ordered = self.low.iter().zip(&self.high).all(|(low, high)| low <= high);
        lengths.iter().all(|len| *len == features) && ordered && self.deviation.iter().all(|d| *d > 0.0)
    }
}
