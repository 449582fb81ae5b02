//! Splits by time. Points whose 24 h outcome touches the other side are kept out.

use crate::domain::moment::MarketTime;
use crate::domain::time::DAY_MS;
use std::collections::BTreeSet;

/// A block of time that is judged, with what may be trained on for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    pub from: MarketTime,
    /// End of the judged moments.
    pub to: MarketTime,
    /// Train on what came before only; else on everything outside the embargo.
    pub walk_forward: bool,
}

/// Kept out on either side of a judged block, beside the 24 h that an outcome takes, ms: inputs look a day back, and rows that
/// share hours with judged ones would give them away.
pub(crate) const EMBARGO_MS: i64 = DAY_MS;

impl Fold {
    /// Is the point judged in this fold.
    pub fn tests(&self, as_of: MarketTime) -> bool {
        as_of >= self.from && as_of < self.to
    }

    /// A whole period that is judged by what is known of other times, before and after it.
    pub(crate) const fn left_out([first, last]: [MarketTime; 2]) -> Self {
        Self { from: first, to: MarketTime::from_ms(last.ms() + 1), walk_forward: false }
    }

    /// May the point be trained on for this fold: its outcome was known an embargo before the block begins, or it
    /// lies as far behind it.
    pub fn trains(&self, as_of: MarketTime) -> bool {
        let far = DAY_MS + EMBARGO_MS;
        as_of + far <= self.from || (!self.walk_forward && as_of >= self.to + far)
    }
}

/// The UTC days of moments, by their number since 1970.
pub(crate) fn days_of(moments: impl Iterator<Item = MarketTime>) -> BTreeSet<i64> {
    moments.map(|at| at.index(DAY_MS)).collect()
}

/// Cuts the days that hold points into `count` blocks of as many days each. Walk-forward folds have no first block.
pub fn folds(moments: &[MarketTime], count: usize, walk_forward: bool) -> Vec<Fold> {
    let days: Vec<i64> = days_of(moments.iter().copied()).into_iter().collect();
    let edge = |n: usize| days.get(n * days.len() / count.max(1)).copied();
    let last = days.last().map_or(0, |day| day + 1);
    let fold = |n: usize| {
        let [from, to] =
            [edge(n)?, edge(n + 1).unwrap_or(last)].map(|day| MarketTime::from_index(day, DAY_MS));
        (from < to).then_some(Fold { from, to, walk_forward })
    };
    (usize::from(walk_forward)..count).filter_map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_known_too_early(days in 12_i64..400, count in 2_usize..9, walk_forward: bool) {
            let moments: Vec<MarketTime> = (0..days * 24).map(|h| MarketTime::from_index(h, DAY_MS / 24)).collect();
            let made = folds(&moments, count, walk_forward);
            prop_assert_eq!(made.len(), count - usize::from(walk_forward));
            for fold in &made {
                for at in &moments {
                    prop_assert!(!(fold.tests(*at) && fold.trains(*at)));
                    if fold.trains(*at) && *at < fold.from {
                        prop_assert!(*at + DAY_MS + EMBARGO_MS <= fold.from);
                    }
                    if fold.trains(*at) && *at >= fold.from {
                        prop_assert!(!walk_forward && *at >= fold.to + DAY_MS + EMBARGO_MS);
                    }
                }
            }
            let judged = moments.iter().filter(|at| made.iter().any(|f| f.tests(**at))).count();
            prop_assert!(walk_forward || judged == moments.len());
        }
    }
}
