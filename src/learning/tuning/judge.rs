//! What a search over profiles looks for, and whether what it found holds on days that it has not seen.

use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::i18n::{Language, Texts};
use crate::learning::evaluation::daily::{Alike, Sums};
use crate::learning::evaluation::hits::{ENOUGH, in_order};
use crate::learning::evaluation::record::day;
use crate::learning::training::folds::Fold;

/// Episodes that draw a precision towards the base rate. A profile with a handful of lucky episodes must not look better
/// than one with hundreds.
const PRIOR: f64 = 30.0;
/// Judged FUERTE episodes out of sample below which nothing is claimed. The interval of fewer is over 30 points wide.
const MIN_OUT: u32 = 30;
/// The rule probability may rank so much worse, area under the ROC curve: points are tuned for FUERTE, and the order of all
/// other pairs may not pay more than this for it.
const LESS_AUC: f64 = 0.01;

/// What a search maximises on the days that it may see, which count alike. `min_per_day`: FUERTE episodes a day, at least.
pub(super) fn worth(s: &Alike, min_per_day: f64) -> f64 {
    let drawn = |level| s.drawn_precision(level, PRIOR);
    let known: Vec<f64> = Level::LISTED
        .into_iter()
        .filter(|level| s.all.day.episodes(*level).judged >= ENOUGH)
        .filter_map(|level| s.precision(level))
        .collect();
    let out_of_order = known.windows(2).filter(|pair| pair[0] <= pair[1]).count() as f64;
    let missing = (1.0 - s.all.per_day(Level::Fuerte) / min_per_day.max(1e-9)).max(0.0);
    drawn(Level::Fuerte) + 0.2 * drawn(Level::Alta) + s.auc_within_days()
        - 0.05 * out_of_order
        - 0.5 * missing
}

/// Why the winners of the folds do not hold out of sample.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{}", self.in_words(Language::En.texts()))]
pub enum Refusal {
    FewEpisodes {
        judged: u32,
    },
    /// The 90 % interval of the difference of the precisions, percentage points.
    NotBetter {
        low: f64,
        high: f64,
    },
    NothingToCompare,
    /// Areas under the ROC curve.
    RanksWorse {
        auc: f64,
        in_force: f64,
    },
    LevelsOutOfOrder,
    /// FUERTE was right less often than the profile in force in a period that the choice had not seen. Shares of hits, percent.
    WorseInPeriod {
        from: MarketTime,
        to: MarketTime,
        own: f64,
        in_force: f64,
    },
}

impl Refusal {
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::FewEpisodes { judged } => t.tune_few_fuerte(*judged, MIN_OUT),
            Self::NotBetter { low, high } => t.tune_not_better(format!("{low:+.1}"), format!("{high:+.1}")),
            Self::NothingToCompare => t.tune_nothing_to_compare(),
            Self::RanksWorse { auc, in_force } => {
                t.tune_ranks_worse(format!("{auc:.3}"), format!("{in_force:.3}"))
            }
            Self::LevelsOutOfOrder => t.tune_levels_disordered(),
            Self::WorseInPeriod { from, to, own, in_force } => {
                let [from, to] = [*from, *to - 1].map(day);
                t.tune_worse_in_period(from, to, format!("{own:.0}"), format!("{in_force:.0}"))
            }
        }
    }
}

/// Why what was found on other days than those of each fold does not hold there; beside it the profile in force.
pub(super) fn refusal(folds: &[(Fold, Sums, Sums)], difference: Option<[f64; 2]>) -> Option<Refusal> {
    let (mut out, mut base) = (Sums::default(), Sums::default());
    for (_, own, in_force) in folds {
        out.add(own);
        base.add(in_force);
    }
    let judged = out.day.episodes(Level::Fuerte).judged;
    if judged < MIN_OUT {
        return Some(Refusal::FewEpisodes { judged });
    }
    match difference {
        None => return Some(Refusal::NothingToCompare),
        Some([low, high]) if low <= 0.0 => {
            return Some(Refusal::NotBetter { low: 100.0 * low, high: 100.0 * high });
        }
        Some(_) => {}
    }
    let (auc, in_force) = (out.auc_within_days(), base.auc_within_days());
    if auc < in_force - LESS_AUC {
        return Some(Refusal::RanksWorse { auc, in_force });
    }
    let levels = Level::LISTED.map(|level| out.day.episodes(level));
    if in_order(levels) == Some(false) {
        return Some(Refusal::LevelsOutOfOrder);
    }
    folds.iter().find_map(worse_in_period)
}

/// Blocks of weeks differ by chance; a period is long enough to tell, where both have enough episodes in it.
fn worse_in_period((fold, own, in_force): &(Fold, Sums, Sums)) -> Option<Refusal> {
    let enough = |sums: &Sums| sums.day.episodes(Level::Fuerte).judged >= ENOUGH;
    let compared = !fold.walk_forward && enough(own) && enough(in_force);
    let (mine, theirs) = (own.precision(Level::Fuerte)?, in_force.precision(Level::Fuerte)?);
    let (own, in_force) = (100.0 * mine, 100.0 * theirs);
    (compared && mine < theirs).then_some(Refusal::WorseInPeriod {
        from: fold.from,
        to: fold.to,
        own,
        in_force,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::DAY_MS;
    use crate::learning::evaluation::daily::DailyRecord;

    /// A period of 10 days from `from` on, and FUERTE episodes in it: hits of `each` a day.
    fn period(from: i64, own: u32, in_force: u32, each: u32) -> (Fold, Sums, Sums) {
        let at = |day: i64| MarketTime::from_index(from + day, DAY_MS);
        let sums = |hits: u32| {
            let mut record = DailyRecord::default();
            for day in 0..10 {
                (0..each).for_each(|number| record.episode(at(day), Level::Fuerte, number < hits));
                record.day(at(day)).samples.add(false);
            }
            record.sum(|_| true)
        };
        (Fold::left_out([at(0), at(10) - 1]), sums(own), sums(in_force))
    }

    #[test]
    fn a_rule_that_is_worse_in_one_period_is_refused_and_the_period_is_named() {
        let surely = Some([0.05, 0.3]);
        let good = [period(0, 4, 2, 5), period(100, 5, 2, 5)];
        assert_eq!(refusal(&good, surely), None);
        let bad = [good[0], good[1], period(200, 1, 2, 5)];
        let why = refusal(&bad, surely).expect("worse in the last one").to_string();
        assert!(why.contains("1970-07-20") && why.contains("1970-07-29") && why.contains("20 %"), "{why}");
        assert_eq!(
            refusal(&[good[0], good[1], period(200, 0, 1, 1)], surely),
            None,
            "10 episodes tell nothing"
        );
        let blocks = bad.map(|(fold, own, now)| (Fold { walk_forward: true, ..fold }, own, now));
        assert_eq!(refusal(&blocks, surely), None, "blocks of weeks differ by chance");
    }
}
