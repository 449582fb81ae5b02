//! What own samples add to what a model says.

use super::linear::Linear;
use serde::{Deserialize, Serialize};

/// Log odds that it adds or takes at most: 50 % stay between 27 and 73 %, whatever the samples were.
const MOST: f64 = 1.0;

/// A line, within bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Correction(pub(crate) Linear);

impl Correction {
    /// Log odds that it adds to those of a row.
    pub(crate) fn predict(&self, row: &[f32]) -> f64 {
        self.0.predict(row).clamp(-MOST, MOST)
    }

    /// What the average row gets; adds to `parts` what each value moves. Beyond the bounds all of it shrinks alike.
    pub(super) fn explain(&self, row: &[f32], parts: &mut [f64]) -> f64 {
        let mut own = vec![0.0; parts.len()];
        let start = self.0.explain(row, &mut own);
        let share = MOST / (start + own.iter().sum::<f64>()).abs().max(MOST);
        parts.iter_mut().zip(own).for_each(|(part, own)| *part += share * own);
        share * start
    }

    pub(super) fn is_sound(&self, width: usize) -> bool {
        self.0.is_sound(width)
    }
}
