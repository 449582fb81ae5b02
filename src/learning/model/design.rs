//! How a model makes log odds of a row: parts that are made differently, joined in log odds and calibrated by the most careful of
//! several maps; or, as former versions did, a line and trees.

use super::boosted::Boosted;
use super::correction::Correction;
use super::forecast::{DERIVED, Forecast};
use super::isotonic::{Isotonic, lowest};
use super::linear::Linear;
use super::sane::is_sane;
use crate::learning::log_odds::logit;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    Joined(Joined),
    Blend(Blend),
}

/// A forecast of the volatility, parts that read it beside the features, and the calibration of their mean.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joined {
    pub(crate) forecast: Forecast,
    pub parts: Vec<Part>,
    /// Each from other days; the lowest answer counts.
    pub(crate) maps: Vec<Isotonic>,
    /// What own samples add to what is calibrated, log odds; none in a model of recorded candles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) correction: Option<Correction>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Line(Linear),
    Trees(Boosted),
}

impl Part {
    /// Log odds of a row.
    fn predict(&self, row: &[f32]) -> f64 {
        match self {
            Self::Line(line) => line.predict(row),
            Self::Trees(trees) => trees.predict(row),
        }
    }

    const fn forest(&self) -> Option<&Boosted> {
        if let Self::Trees(trees) = self { Some(trees) } else { None }
    }

    /// What the average row gets; adds to `parts` what each value moves.
    fn explain(&self, row: &[f32], parts: &mut [f64]) -> f64 {
        match self {
            Self::Line(line) => line.explain(row, parts),
            Self::Trees(trees) => trees.explain(row, parts),
        }
    }

    fn is_sound(&self, width: usize) -> bool {
        match self {
            Self::Line(line) => line.is_sound(width),
            Self::Trees(trees) => trees.is_sound(width),
        }
    }
}

impl Joined {
    /// Log odds of each part.
    pub(crate) fn said(&self, row: &[f32]) -> impl ExactSizeIterator<Item = f64> {
        self.parts.iter().map(|part| part.predict(row))
    }

    /// Adds what it derives to a row of the features.
    pub(crate) fn derive(&self, row: &mut Vec<f32>) {
        let derived = self.forecast.derived(row);
        row.extend(derived);
    }

    /// Lays the trees out as they are read fastest, over so many features.
    pub(crate) fn lay_out(&mut self, features: usize) {
        for part in &mut self.parts {
            if let Part::Trees(trees) = part {
                trees.lay_out(features + DERIVED.len());
            }
        }
    }

    fn is_sound(&self, features: usize) -> bool {
        !self.parts.is_empty()
            && self.forecast.is_sound(features)
            && self.parts.iter().all(|part| part.is_sound(features + DERIVED.len()))
            && self.maps.iter().all(Isotonic::is_sound)
            && self.correction.iter().all(|own| own.is_sound(features + DERIVED.len()))
    }

    fn predict(&self, row: &[f32]) -> f64 {
        let more = self.correction.as_ref().map_or(0.0, |own| own.predict(row));
        lowest(&self.maps, mean(self.said(row))) + more
    }

    /// The calibration bends, and what each value adds must lead from what the average row gets to what is said: it is the same
    /// share of the way on both sides.
    fn explain(&self, row: &[f32]) -> (f64, Vec<f64>) {
        let mut parts = vec![0.0; row.len()];
        let starts: Vec<f64> = self.parts.iter().map(|part| part.explain(row, &mut parts)).collect();
        let start = mean(starts.iter().copied());
        let share = 1.0 / self.parts.len() as f64;
        let way = share * parts.iter().sum::<f64>();
        let (from, to) = (lowest(&self.maps, start), lowest(&self.maps, start + way));
        // Where there is no way there is nothing to stretch.
        let stretch = if way.abs() > 1e-9 { (to - from) / way } else { 1.0 };
        parts.iter_mut().for_each(|part| *part *= share * stretch);
        let more = self.correction.as_ref().map_or(0.0, |own| own.explain(row, &mut parts));
        (from + more, parts)
    }
}

/// What parts say together before calibration, log odds.
pub(crate) fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// A line and trees, mixed by what they say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blend {
    pub(super) logistic: Linear,
    pub(super) boosted: Boosted,
    /// Calibration of the blend of both.
    pub(super) calibration: Platt,
}

/// Log odds of the blend to those of a chance: intercept and slope (Platt 1999).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Platt {
    pub(crate) intercept: f64,
    pub(crate) slope: f64,
}

impl Platt {
    /// Log odds, corrected.
    pub(crate) fn at(&self, log_odds: f64) -> f64 {
        self.intercept + self.slope * log_odds
    }
}

impl Default for Platt {
    fn default() -> Self {
        Self { intercept: 0.0, slope: 1.0 }
    }
}

/// Mean of both below this chance, the trees alone above the other: a line ranks the many low chances as well, but its
/// highest ones are far less often right.
const BLEND: (f64, f64) = (0.3, 0.6);

impl Blend {
    /// Of `line` and `trees`, the trees counting more the higher both are.
    fn weight(line: f64, trees: f64) -> f64 {
        let (low, high) = (logit(BLEND.0), logit(BLEND.1));
        0.5 + 0.5 * ((f64::midpoint(line, trees) - low) / (high - low)).clamp(0.0, 1.0)
    }

    fn mixed(line: f64, trees: f64) -> f64 {
        let weight = Self::weight(line, trees);
        (1.0 - weight) * line + weight * trees
    }

    fn predict(&self, row: &[f32]) -> f64 {
        self.calibration.at(Self::mixed(self.logistic.predict(row), self.boosted.predict(row)))
    }

    fn explain(&self, row: &[f32]) -> (f64, Vec<f64>) {
        let (mut parts, mut tree_parts) = (vec![0.0; row.len()], vec![0.0; row.len()]);
        let line_start = self.logistic.explain(row, &mut parts);
        let tree_start = self.boosted.explain(row, &mut tree_parts);
        let line = line_start + parts.iter().sum::<f64>();
        let weight = Self::weight(line, tree_start + tree_parts.iter().sum::<f64>());
        let mixed = |line: f64, tree: f64| self.calibration.slope * ((1.0 - weight) * line + weight * tree);
        for (part, tree) in parts.iter_mut().zip(&tree_parts) {
            *part = mixed(*part, *tree);
        }
        (self.calibration.intercept + mixed(line_start, tree_start), parts)
    }

    fn is_sound(&self, features: usize) -> bool {
        let Platt { slope, intercept } = self.calibration;
        let calibrated = slope > 0.0 && is_sane(slope) && is_sane(intercept);
        calibrated && self.logistic.is_sound(features) && self.boosted.is_sound(features)
    }
}

impl Default for Design {
    fn default() -> Self {
        Self::Joined(Joined::default())
    }
}

impl Design {
    /// Values that it adds to a row of the features.
    pub(super) const fn derived(&self) -> usize {
        match self {
            Self::Joined(_) => DERIVED.len(),
            Self::Blend(_) => 0,
        }
    }

    pub(crate) fn derive(&self, row: &mut Vec<f32>) {
        if let Self::Joined(joined) = self {
            joined.derive(row);
        }
    }

    pub(super) fn predict(&self, row: &[f32]) -> f64 {
        match self {
            Self::Joined(joined) => joined.predict(row),
            Self::Blend(blend) => blend.predict(row),
        }
    }

    pub(super) fn explain(&self, row: &[f32]) -> (f64, Vec<f64>) {
        match self {
            Self::Joined(joined) => joined.explain(row),
            Self::Blend(blend) => blend.explain(row),
        }
    }

    pub(super) fn forests(&self) -> impl Iterator<Item = &Boosted> {
        let (parts, blend) = match self {
            Self::Joined(joined) => (&joined.parts[..], None),
            Self::Blend(blend) => (&[][..], Some(&blend.boosted)),
        };
        parts.iter().filter_map(Part::forest).chain(blend)
    }

    /// Does everything belong together, over so many features.
    pub(super) fn is_sound(&self, features: usize) -> bool {
        match self {
            Self::Joined(joined) => joined.is_sound(features),
            Self::Blend(blend) => blend.is_sound(features),
        }
    }

    /// Lays the trees out as they are read fastest.
    pub(crate) fn lay_out(&mut self, features: usize) {
        match self {
            Self::Joined(joined) => joined.lay_out(features),
            Self::Blend(blend) => blend.boosted.lay_out(features),
        }
    }
}
