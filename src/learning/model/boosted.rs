//! Boosted trees as a part of a model: read fast where they can be, tree by tree where not.

use super::quickscorer::QuickScorer;
use super::sane::is_sane;
use super::tree::Tree;
use serde::{Deserialize, Serialize};

/// Trees and the log odds they start from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boosted {
    /// Log odds of the base rate.
    pub start: f64,
    /// Trees, their values already scaled by the rate.
    pub trees: Vec<Tree>,
    /// The trees as they are read fastest.
    #[serde(skip)]
    quick: QuickScorer,
}

impl Boosted {
    /// Trees on a start.
    pub(crate) const fn new(start: f64, trees: Vec<Tree>) -> Self {
        Self { start, trees, quick: QuickScorer::EMPTY }
    }

    /// Lays sound trees out over `width` values.
    pub(super) fn lay_out(&mut self, width: usize) {
        self.quick = QuickScorer::of(&self.trees, width);
    }

    /// Log odds of a row.
    pub fn predict(&self, row: &[f32]) -> f64 {
        let trees = || self.trees.iter().map(|tree| tree.predict(row)).sum();
        self.start + self.quick.predict(row).unwrap_or_else(trees)
    }

    /// What the average row gets; adds to `parts` what each value moves. They add up to `predict`.
    pub(crate) fn explain(&self, row: &[f32], parts: &mut [f64]) -> f64 {
        self.start + self.trees.iter().map(|tree| tree.explain(row, parts)).sum::<f64>()
    }

    pub(super) fn is_sound(&self, width: usize) -> bool {
        let values = self.trees.iter().flat_map(|tree| &tree.value).map(|value| f64::from(*value));
        self.trees.iter().all(|tree| tree.is_sound(width)) && values.chain([self.start]).all(is_sane)
    }
}
