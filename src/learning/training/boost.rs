//! Gradient boosting of trees for the chance of an outcome: histograms, growth by the best leaf, column sampling, monotone
//! constraints (Friedman 2001; Ke et al. 2017). Deterministic: the same rows and seed give the same trees.

use super::bins::{BINS, Binned, MISSING};
use crate::learning::log_odds::{chance, logit};
use crate::learning::model::boosted::Boosted;
use crate::learning::model::tree::Tree;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

#[derive(Debug, Clone, PartialEq)]
pub struct BoostConfig {
    /// Forests whose mean counts; each sees other rows and columns.
    pub bags: usize,
    /// Trees of a forest.
    pub rounds: usize,
    pub leaves: usize,
    /// Fewest rows of a leaf.
    pub min_rows: usize,
    /// Share of each tree that counts.
    pub rate: f64,
    /// Share of the features that a tree may ask about, 0-1.
    pub columns: f64,
    /// Share of the rows that a tree learns from, 0-1.
    pub rows: f64,
    /// Ridge penalty of a leaf's value.
    pub ridge: f64,
    /// Seed of the column sampling.
    pub seed: u64,
    pub threads: usize,
}

impl Default for BoostConfig {
    fn default() -> Self {
        Self {
            bags: 3,
            rounds: 100,
            leaves: 15,
            min_rows: 1_500,
            rate: 0.07,
            columns: 0.3,
            rows: 0.5,
            ridge: 1.0,
            seed: 1,
            threads: 2,
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    gradient: f64,
    hessian: f64,
    rows: u32,
}

impl Sum {
    const fn add(&mut self, other: &Self) {
        self.gradient += other.gradient;
        self.hessian += other.hessian;
        self.rows += other.rows;
    }

    const fn minus(&self, other: &Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
            rows: self.rows - other.rows,
        }
    }
}

const SLOTS: usize = BINS + 1;
/// Rows from which columns are counted on several threads: below, starting them takes longer than counting.
const SIDE_BY_SIDE: usize = 20_000;
type Histogram = Vec<[Sum; SLOTS]>;

#[derive(Debug, Clone, Copy)]
struct Split {
    gain: f64,
    /// Place in the tree's columns.
    column: usize,
    bin: u8,
    missing_left: bool,
    values: (f64, f64),
}

struct Leaf {
    node: u16,
    rows: Vec<u32>,
    /// Rows that it does not learn from.
    others: Vec<u32>,
    histogram: Histogram,
    bounds: (f64, f64),
    best: Option<Split>,
}

struct Grower<'a> {
    config: &'a BoostConfig,
    data: &'a Binned,
    columns: Vec<usize>,
    gradient: &'a [f32],
    hessian: &'a [f32],
    rising: &'a [bool],
}

/// What rows are to teach.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Chance of each row that is to be said, 0-1: what came, or how nearly it came.
    pub goal: &'a [f32],
    /// What each row counts, 1 on average; `None` counts all alike.
    pub weight: Option<&'a [f32]>,
}

impl Target<'_> {
    fn weight(&self, row: usize) -> f64 {
        self.weight.map_or(1.0, |weight| f64::from(weight[row]))
    }

    /// Log odds that the trees start from: the share of hits.
    fn start(&self) -> f64 {
        let all: f64 = (0..self.goal.len()).map(|row| self.weight(row)).sum();
        let hits: f64 =
            self.goal.iter().enumerate().map(|(row, goal)| self.weight(row) * f64::from(*goal)).sum();
        logit(hits / all)
    }
}

/// What trees may ask.
#[derive(Debug, Clone, Copy)]
pub struct Questions<'a> {
    /// Features that they may ask about.
    pub columns: &'a [usize],
    /// By feature: the chance must not fall when it rises.
    pub rising: &'a [bool],
}

/// Grows trees on binned rows.
pub fn train(data: &Binned, target: Target<'_>, ask: Questions<'_>, config: &BoostConfig) -> Boosted {
    let start = target.start();
    let bags = config.bags.max(1);
    let mut trees = Vec::with_capacity(bags * config.rounds);
    for bag in 0..bags {
        let mut forest = forest(data, target, ask, config, (start, config.seed + bag as u64));
        forest.iter_mut().flat_map(|tree| &mut tree.value).for_each(|value| *value /= bags as f32);
        trees.append(&mut forest);
    }
    Boosted::new(start, trees)
}

fn forest(
    data: &Binned,
    target: Target<'_>,
    ask: Questions<'_>,
    config: &BoostConfig,
    (start, seed): (f64, u64),
) -> Vec<Tree> {
    let count = target.goal.len();
    let mut score = vec![start; count];
    let (mut gradient, mut hessian) = (vec![0.0_f32; count], vec![0.0_f32; count]);
    let mut random = Pcg64::seed_from_u64(seed);
    let mut columns = ask.columns.to_vec();
    let chosen = ((config.columns * columns.len() as f64).ceil() as usize).clamp(1, columns.len());
    let mut trees = Vec::with_capacity(config.rounds);
    for _ in 0..config.rounds {
        for (at, (score, goal)) in score.iter().zip(target.goal).enumerate() {
            let (chance, weight) = (chance(*score), target.weight(at));
            gradient[at] = (weight * (chance - f64::from(*goal))) as f32;
            hessian[at] = (weight * chance * (1.0 - chance)) as f32;
        }
        columns.shuffle(&mut random);
        let mut own = columns[..chosen].to_vec();
        // Among equal splits the first column wins: which one that is must not hang on the shuffle.
        own.sort_unstable();
        let rows = (0..count as u32).partition(|_| random.random_bool(config.rows.clamp(0.01, 1.0)));
        let (gradient, hessian, rising) = (&gradient[..], &hessian[..], ask.rising);
        let grower = Grower { config, data, columns: own, gradient, hessian, rising };
        trees.push(grower.grow(rows, &mut score));
    }
    trees
}

impl Grower<'_> {
    /// A tree that learns from the first rows and adds its values to the scores of all.
    fn grow(&self, (rows, others): (Vec<u32>, Vec<u32>), score: &mut [f64]) -> Tree {
        let histogram = self.histogram(&rows);
        let all = total(&histogram[0]);
        let bounds = (f64::NEG_INFINITY, f64::INFINITY);
        let rate = self.config.rate;
        let mut tree = Tree::leaf((rate * self.value(&all, bounds)) as f32);
        let best = self.best(&histogram, bounds);
        let mut leaves = vec![Leaf { node: 0, rows, others, histogram, bounds, best }];
        while leaves.len() < self.config.leaves {
            let gain = |leaf: &Leaf| leaf.best.map_or(f64::NEG_INFINITY, |s| s.gain);
            let Some(at) = (0..leaves.len()).max_by(|a, b| gain(&leaves[*a]).total_cmp(&gain(&leaves[*b])))
            else {
                break;
            };
            let Some(split) = leaves[at].best else { break };
            let leaf = leaves.swap_remove(at);
            let (left, right) = self.divide(&leaf, &split, &mut tree);
            leaves.push(left);
            leaves.push(right);
        }
        for leaf in &leaves {
            let value = f64::from(tree.value[usize::from(leaf.node)]);
            for row in leaf.rows.iter().chain(&leaf.others) {
                score[*row as usize] += value;
            }
        }
        tree
    }

    fn divide(&self, leaf: &Leaf, split: &Split, tree: &mut Tree) -> (Leaf, Leaf) {
        let feature = self.columns[split.column];
        let bins = self.data.column(feature);
        let goes_left = |row: &u32| {
            let bin = bins[*row as usize];
            if bin == MISSING { split.missing_left } else { bin <= split.bin }
        };
        let (left, right): (Vec<u32>, Vec<u32>) = leaf.rows.iter().partition(|row| goes_left(row));
        let others: (Vec<u32>, Vec<u32>) = leaf.others.iter().partition(|row| goes_left(row));
        let threshold = self.data.threshold(feature, split.bin);
        let rate = self.config.rate;
        let values = ((rate * split.values.0) as f32, (rate * split.values.1) as f32);
        let nodes = tree.split(leaf.node, (feature as u16, threshold, split.missing_left), values);
        // The smaller half is counted, the other is what remains.
        let small_left = left.len() <= right.len();
        let small = self.histogram(if small_left { &left } else { &right });
        let rest: Histogram = leaf
            .histogram
            .iter()
            .zip(&small)
            .map(|(all, part)| std::array::from_fn(|bin| all[bin].minus(&part[bin])))
            .collect();
        let (left_sums, right_sums) = if small_left { (small, rest) } else { (rest, small) };
        let middle = f64::midpoint(split.values.0, split.values.1);
        let (mut low, mut high) = (leaf.bounds, leaf.bounds);
        if self.rising[feature] {
            (low.1, high.0) = (middle, middle);
        }
        let make = |node, (rows, others), histogram: Histogram, bounds| {
            let best = self.best(&histogram, bounds);
            Leaf { node, rows, others, histogram, bounds, best }
        };
        let left = make(nodes.0, (left, others.0), left_sums, low);
        (left, make(nodes.1, (right, others.1), right_sums, high))
    }

    fn histogram(&self, rows: &[u32]) -> Histogram {
        let sums: Vec<(f32, f32)> =
            rows.iter().map(|r| (self.gradient[*r as usize], self.hessian[*r as usize])).collect();
        let mut histogram = vec![[Sum::default(); SLOTS]; self.columns.len()];
        let part = self.columns.len().div_ceil(self.config.threads.max(1));
        let count = |columns: &[usize], out: &mut [[Sum; SLOTS]]| {
            for (column, slots) in columns.iter().zip(out) {
                let bins = self.data.column(*column);
                for (row, (gradient, hessian)) in rows.iter().zip(&sums) {
                    let slot = &mut slots[usize::from(bins[*row as usize]).min(BINS)];
                    slot.gradient += f64::from(*gradient);
                    slot.hessian += f64::from(*hessian);
                    slot.rows += 1;
                }
            }
        };
        if rows.len() < SIDE_BY_SIDE || self.config.threads < 2 {
            count(&self.columns, &mut histogram);
        } else {
            std::thread::scope(|scope| {
                for (columns, out) in self.columns.chunks(part).zip(histogram.chunks_mut(part)) {
                    scope.spawn(|| count(columns, out));
                }
            });
        }
        histogram
    }

    fn value(&self, sum: &Sum, bounds: (f64, f64)) -> f64 {
        (-sum.gradient / (sum.hessian + self.config.ridge)).clamp(bounds.0, bounds.1)
    }

    /// By how much a leaf with this value lowers the loss (second order).
    fn score(&self, sum: &Sum, value: f64) -> f64 {
        -(sum.gradient * value + 0.5 * (sum.hessian + self.config.ridge) * value * value)
    }

    fn best(&self, histogram: &Histogram, bounds: (f64, f64)) -> Option<Split> {
        let mut best: Option<Split> = None;
        for (column, slots) in histogram.iter().enumerate() {
            let split = self.best_of(column, slots, bounds);
            if let Some(split) = split
                && best.is_none_or(|b| split.gain > b.gain)
            {
                best = Some(split);
            }
        }
        best
    }

    fn best_of(&self, column: usize, slots: &[Sum; SLOTS], bounds: (f64, f64)) -> Option<Split> {
        let feature = self.columns[column];
        let (all, missing) = (total(slots), slots[BINS]);
        let parent = self.score(&all, self.value(&all, bounds));
        let least = self.config.min_rows as u32;
        let mut best: Option<Split> = None;
        let mut known = Sum::default();
        for (bin, slot) in slots.iter().enumerate().take(self.data.thresholds(feature)) {
            known.add(slot);
            for missing_left in [true, false] {
                let mut left = known;
                if missing_left {
                    left.add(&missing);
                }
                let right = all.minus(&left);
                if left.rows < least || right.rows < least {
                    continue;
                }
                let values = (self.value(&left, bounds), self.value(&right, bounds));
                if self.rising[feature] && values.0 > values.1 {
                    continue;
                }
                let gain = self.score(&left, values.0) + self.score(&right, values.1) - parent;
                if gain > 1e-9 && best.is_none_or(|b| gain > b.gain) {
                    best = Some(Split { gain, column, bin: bin as u8, missing_left, values });
                }
            }
        }
        best
    }
}

fn total(slots: &[Sum; SLOTS]) -> Sum {
    let mut all = Sum::default();
    slots.iter().for_each(|slot| all.add(slot));
    all
}
