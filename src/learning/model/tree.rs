//! Regression trees as they are kept in a model file, and what they say of a row.

use serde::{Deserialize, Serialize};

/// A binary tree. Node 0 is the root; a node whose `feature` is `LEAF` ends the path.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// Number of the feature (in the model's own list) that a node asks about.
    pub feature: Vec<u16>,
    /// Values up to this go left.
    pub threshold: Vec<f32>,
    /// The left child; the right one follows it.
    pub left: Vec<u16>,
    /// A missing value goes left.
    pub(crate) missing_left: Vec<bool>,
    /// What the tree would say if it ended here, log odds.
    pub value: Vec<f32>,
}

/// Marks a node without children.
pub(crate) const LEAF: u16 = u16::MAX;

impl Tree {
    pub(crate) fn leaf(value: f32) -> Self {
        let mut tree = Self::default();
        tree.push(value);
        tree
    }

    fn push(&mut self, value: f32) -> u16 {
        self.feature.push(LEAF);
        self.threshold.push(0.0);
        self.left.push(0);
        self.missing_left.push(false);
        self.value.push(value);
        (self.value.len() - 1) as u16
    }

    /// Makes a leaf ask: gives its children (left, right) with their values.
    pub(crate) fn split(&mut self, node: u16, ask: (u16, f32, bool), values: (f32, f32)) -> (u16, u16) {
        let (left, right) = (self.push(values.0), self.push(values.1));
        let at = usize::from(node);
        self.feature[at] = ask.0;
        self.threshold[at] = ask.1;
        self.missing_left[at] = ask.2;
        self.left[at] = left;
        (left, right)
    }

    fn next(&self, at: usize, row: &[f32]) -> usize {
        let value = row[usize::from(self.feature[at])];
        let goes_left = if value.is_nan() { self.missing_left[at] } else { value <= self.threshold[at] };
        usize::from(self.left[at]) + usize::from(!goes_left)
    }

    /// What the tree says of a row (in the model's own list of features), log odds.
    pub(crate) fn predict(&self, row: &[f32]) -> f64 {
        let mut at = 0;
        while self.feature[at] != LEAF {
            at = self.next(at, row);
        }
        f64::from(self.value[at])
    }

    /// Adds to `parts` (one a feature) by how much each question on the row's path moved the value; gives the root's
    /// value. Root and parts add up to `predict`.
    pub(crate) fn explain(&self, row: &[f32], parts: &mut [f64]) -> f64 {
        let mut at = 0;
        while self.feature[at] != LEAF {
            let next = self.next(at, row);
            parts[usize::from(self.feature[at])] += f64::from(self.value[next]) - f64::from(self.value[at]);
            at = next;
        }
        f64::from(self.value[0])
    }

    /// Is every link within the tree, every question about one of `features`, and no node below two others: with shared
    /// branches a file of 60 nodes would have more leaves than there is memory.
    pub(crate) fn is_sound(&self, features: usize) -> bool {
        let n = self.value.len();
        let same = [self.feature.len(), self.threshold.len(), self.left.len(), self.missing_left.len()];
        let node = |at: usize| {
            self.feature[at] == LEAF
                || (usize::from(self.feature[at]) < features
                    && usize::from(self.left[at]) > at
                    && usize::from(self.left[at]) + 1 < n)
        };
        n > 0
            && same.iter().all(|len| *len == n)
            && (0..n).all(node)
            && self.value.iter().all(|v| v.is_finite())
            && self.has_no_shared_branch()
    }
}

impl Tree {
    fn has_no_shared_branch(&self) -> bool {
        let mut below = vec![false; self.value.len()];
        let questions = self.left.iter().zip(&self.feature).filter(|(_, feature)| **feature != LEAF);
        let mut children = questions.flat_map(|(left, _)| [usize::from(*left), usize::from(*left) + 1]);
        children.all(|child| !std::mem::replace(&mut below[child], true))
    }

    pub(super) fn leaves(&self) -> usize {
        self.feature.iter().filter(|feature| **feature == LEAF).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_that_two_nodes_share_are_no_tree() {
        let shared = Tree {
            feature: (0..60).map(|at| if at < 58 { 0 } else { LEAF }).collect(),
            threshold: vec![0.0; 60],
            left: (1..=60).collect(),
            missing_left: vec![true; 60],
            value: vec![0.0; 60],
        };
        assert!(!shared.is_sound(1), "as many paths as the 60th number of Fibonacci");
        let mut tree = Tree::leaf(0.0);
        let (left, _) = tree.split(0, (0, 0.0, true), (0.0, 0.0));
        tree.split(left, (0, 0.0, true), (0.0, 0.0));
        assert!(tree.is_sound(1) && tree.leaves() == 3);
    }
}
