//! What is judged by a model of what: blocks of time, or whole periods, each by a model of all others.

use super::folds::{Fold, folds};
use crate::learning::dataset::Dataset;

/// Name of the splits by periods in a model's card.
pub(super) const LEFT_OUT: &str = "left_out";

/// Points that are judged together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) fold: Fold,
    /// Of this period alone.
    period: Option<u32>,
}

impl Split {
    pub(super) fn blocks(folds: Vec<Fold>) -> Vec<Self> {
        folds.into_iter().map(|fold| Self { fold, period: None }).collect()
    }

    pub(super) fn tests(&self, data: &Dataset, at: usize) -> bool {
        self.period.map_or_else(|| self.fold.tests(data.as_of[at]), |period| data.period[at] == period)
    }

    /// Points of another period are kept out, too, where they fall into the time of the one that is judged.
    pub(super) fn trains(&self, data: &Dataset, at: usize) -> bool {
        self.fold.trains(data.as_of[at])
    }

    /// Each period from its first to its last point.
    fn periods(data: &Dataset) -> Vec<Self> {
        let one = |period| {
            let own = data.as_of.iter().zip(&data.period).filter(|(_, p)| **p == period).map(|(at, _)| *at);
            let (from, last) = (own.clone().min()?, own.max()?);
            Some(Self { fold: Fold::left_out([from, last]), period: Some(period) })
        };
        (0..data.periods()).filter_map(one).collect()
    }
}

/// The splits that judge every point, and their name. Whole periods, where there are several and the others of each hold hits
/// and misses: blocks of the same weeks know more of one another than the future will. Else blocks.
pub(super) fn splits(data: &Dataset, block_count: usize) -> (&'static str, Vec<Split>) {
    let periods = Split::periods(data);
    let learns =
        |split: &Split, hit: bool| (0..data.len()).any(|at| data.hit[at] == hit && split.trains(data, at));
    if periods.len() > 1 && periods.iter().all(|split| learns(split, true) && learns(split, false)) {
        (LEFT_OUT, periods)
    } else {
        ("blocks", Split::blocks(folds(&data.as_of, block_count, false)))
    }
}
