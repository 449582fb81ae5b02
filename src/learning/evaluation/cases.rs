//! How many predictions of about the same chance came true.

use super::hits::Hits;
use serde::{Deserialize, Serialize};

/// Width of a range, percent: chances in it are alike to a reader, and the usual thresholds of levels are borders.
const WIDTH: usize = 5;
const RANGES: usize = 100 / WIDTH;

/// Judged predictions whose chance was within a range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Cases {
    /// Lowest chance, 0-100.
    pub from: f64,
    /// End of the chances, which belongs to the next range (100 to this one).
    pub to: f64,
    /// Judged.
    pub judged: u32,
    /// Came true.
    pub hits: u32,
}

impl Cases {
    pub(crate) fn holds(&self, chance: f64) -> bool {
        chance >= self.from && (chance < self.to || self.to >= 100.0)
    }

    /// Is it what a count can be.
    pub(crate) fn is_sound(&self) -> bool {
        self.hits <= self.judged && 0.0 <= self.from && self.from < self.to && self.to <= 100.0
    }

    /// Counts by ranges of equal width; those in which nothing was judged are left out.
    pub(crate) fn counted(judged: impl IntoIterator<Item = (f64, Hits)>) -> Vec<Self> {
        let mut sums = [Hits::default(); RANGES];
        for (chance, hits) in judged {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturating, and a chance"
            )]
            let at = chance as usize / WIDTH;
            sums[at.min(RANGES - 1)] += hits;
        }
        let range = |(at, sum): (usize, Hits)| Self {
            from: (WIDTH * at) as f64,
            to: (WIDTH * (at + 1)) as f64,
            judged: sum.judged,
            hits: sum.hits,
        };
        sums.into_iter().enumerate().filter(|(_, sum)| sum.judged > 0).map(range).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn borders_belong_to_the_range_above() {
        let one = |chance: f64| Cases::counted([(chance, Hits { judged: 1, hits: 1 })])[0];
        assert_eq!([0.0, 59.99, 60.0, 99.9, 100.0].map(|c| one(c).from), [0.0, 55.0, 60.0, 95.0, 95.0]);
        assert!(one(100.0).holds(100.0) && !one(59.0).holds(60.0));
    }

    proptest! {
        #[test]
        fn everything_is_counted_once_where_it_is_found_again(
            all in prop::collection::vec((0.0_f64..=100.0, any::<bool>()), 0..200),
        ) {
            let counted = Cases::counted(all.iter().map(|(chance, hit)| (*chance, Hits::from_iter([*hit]))));
            prop_assert_eq!(counted.iter().map(|c| c.judged as usize).sum::<usize>(), all.len());
            prop_assert!(counted.iter().all(Cases::is_sound));
            for (chance, _) in &all {
                let found: Vec<&Cases> = counted.iter().filter(|c| c.holds(*chance)).collect();
                prop_assert_eq!(found.len(), 1);
                let own: Hits = all.iter().filter(|(other, _)| found[0].holds(*other)).map(|(_, hit)| *hit).collect();
                prop_assert_eq!((own.judged, own.hits), (found[0].judged, found[0].hits));
            }
        }
    }
}
