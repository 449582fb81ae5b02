//! A forest read question by question instead of tree by tree: the same sum, to the bit, several times as fast.
//!
//! Each leaf of a tree is a bit; a question that is answered "right" strikes the leaves to its left out, and the leftmost bit that
//! stays is the leaf that the row reaches. All questions about a feature stand together, ascending, so a row answers them in
//! one go (QuickScorer: Lucchese et al., SIGIR 2015).

use super::tree::{LEAF, Tree};

/// Leaves that fit the mask of a tree: one machine word.
const MOST_LEAVES: usize = 64;

/// A question answered "right": the tree, and the leaves that stay.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Strike {
    tree: u32,
    stay: u64,
}

/// The questions about one feature.
#[derive(Debug, Clone, PartialEq, Default)]
struct Questions {
    thresholds: Vec<f32>,
    /// What each strikes out, in the same order.
    strikes: Vec<Strike>,
    /// What a missing value strikes out.
    missing: Vec<Strike>,
}

/// A forest laid out by features. Empty for trees that are too wide; `predict` is then `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct QuickScorer {
    by_feature: Vec<Questions>,
    /// Leaves of all trees, each tree's from left to right.
    values: Vec<f32>,
    /// Where each tree's leaves begin.
    first: Vec<u32>,
}

impl QuickScorer {
    /// Nothing laid out.
    pub(crate) const EMPTY: Self = Self { by_feature: Vec::new(), values: Vec::new(), first: Vec::new() };

    /// Lays out trees over `features` features. All must be sound.
    pub(crate) fn of(trees: &[Tree], features: usize) -> Self {
        let mut quick = Self { by_feature: vec![Questions::default(); features], ..Self::default() };
        let mut asked: Vec<Vec<(f32, Strike)>> = vec![Vec::new(); features];
        // Looked at before: laying out goes as deep as the tree does.
        if trees.iter().any(|tree| tree.leaves() > MOST_LEAVES) {
            return Self::default();
        }
        for (number, tree) in trees.iter().enumerate() {
            let begin = quick.values.len();
            quick.first.push(begin as u32);
            quick.lay_out(tree, number as u32, 0, begin, &mut asked);
        }
        for (questions, mut own) in quick.by_feature.iter_mut().zip(asked) {
            // Ascending: `predict` stops at the first threshold that a value does not pass.
            own.sort_by(|a, b| a.0.total_cmp(&b.0));
            (questions.thresholds, questions.strikes) = own.into_iter().unzip();
        }
        quick
    }

    /// Leaves left to right; gives how many lie below `node`.
    fn lay_out(
        &mut self,
        tree: &Tree,
        number: u32,
        node: usize,
        begin: usize,
        asked: &mut [Vec<(f32, Strike)>],
    ) -> usize {
        if tree.feature[node] == LEAF {
            self.values.push(tree.value[node]);
            return 1;
        }
        let before = self.values.len() - begin;
        let left = usize::from(tree.left[node]);
        let struck = self.lay_out(tree, number, left, begin, asked);
        let bits = |count: usize| if count >= MOST_LEAVES { u64::MAX } else { (1 << count) - 1 };
        let strike = Strike { tree: number, stay: !(bits(before + struck) & !bits(before)) };
        let feature = usize::from(tree.feature[node]);
        asked[feature].push((tree.threshold[node], strike));
        if !tree.missing_left[node] {
            self.by_feature[feature].missing.push(strike);
        }
        struck + self.lay_out(tree, number, left + 1, begin, asked)
    }

    /// Sum of the trees for a row; `None` where nothing was laid out.
    pub(crate) fn predict(&self, row: &[f32]) -> Option<f64> {
        if self.by_feature.len() != row.len() {
            return None;
        }
        let mut stay = vec![u64::MAX; self.first.len()];
        for (questions, value) in self.by_feature.iter().zip(row) {
            let strikes = if value.is_nan() {
                &questions.missing[..]
            } else {
                // A question is answered "right" above its threshold.
                &questions.strikes[..questions.thresholds.partition_point(|t| t < value)]
            };
            for strike in strikes {
                stay[strike.tree as usize] &= strike.stay;
            }
        }
        let leaf =
            |(stay, first): (&u64, &u32)| f64::from(self.values[(first + stay.trailing_zeros()) as usize]);
        Some(stay.iter().zip(&self.first).map(leaf).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64;

    /// A random tree of so many leaves over three features, with thresholds that rows meet exactly.
    fn tree(random: &mut Pcg64, leaves: usize) -> Tree {
        let mut tree = Tree::leaf(0.1);
        let mut open = vec![0_u16];
        while open.len() < leaves {
            let at = open.swap_remove(random.random_range(0..open.len()));
            let ask =
                (random.random_range(0..3), random.random_range(-3..3) as f32 / 2.0, random.random_bool(0.5));
            let values = (random.random_range(-1.0..1.0), random.random_range(-1.0..1.0));
            let (left, right) = tree.split(at, ask, values);
            open.extend([left, right]);
        }
        tree
    }

    proptest! {
        #[test]
        fn says_what_the_trees_say_to_the_bit(seed in any::<u64>(), count in 0_usize..6, leaves in 1_usize..=64) {
            let mut random = Pcg64::seed_from_u64(seed);
            let trees: Vec<Tree> = (0..count).map(|_| tree(&mut random, leaves)).collect();
            let quick = QuickScorer::of(&trees, 3);
            for _ in 0..40 {
                let row: Vec<f32> = (0..3)
                    .map(|_| if random.random_bool(0.2) { f32::NAN } else { random.random_range(-4..4) as f32 / 2.0 })
                    .collect();
                let plain: f64 = trees.iter().map(|tree| tree.predict(&row)).sum();
                prop_assert_eq!(quick.predict(&row), Some(plain));
            }
        }
    }

    #[test]
    fn trees_that_are_too_wide_are_left_to_themselves() {
        let mut random = Pcg64::seed_from_u64(1);
        let wide = QuickScorer::of(&[tree(&mut random, 65)], 3);
        assert_eq!(wide.predict(&[0.0; 3]), None);
        assert_eq!(QuickScorer::of(&[], 3).predict(&[0.0; 3]), Some(0.0));
    }
}
