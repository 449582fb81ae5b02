//! Many pairs that rise to FUERTE at once are one event: a whole market moves, and its pairs are right or wrong together. On days with
//! thirty and more episodes between 29 and 82 % of them came true, so that they count as one observation, not as thirty.

use crate::domain::moment::MarketTime;
use crate::domain::time::HOUR_MS;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// So many episodes within an hour are one event: so many pairs do not break out in one hour by chance, and as single alerts they
/// would bury one another.
pub(crate) const LEAST: usize = 8;
const WITHIN_MS: i64 = HOUR_MS;

/// FUERTE episodes that are one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MarketMove {
    /// When the first of them began, ms UTC.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub since: MarketTime,
    /// When the newest of them began, ms UTC.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub until: MarketTime,
    pub episodes: u32,
}

impl MarketMove {
    /// The event at `as_of` out of the beginnings of the episodes that are known: an hour after its newest one it is over.
    pub(crate) fn at(as_of: MarketTime, mut opened: Vec<MarketTime>) -> Option<Self> {
        opened.sort_unstable();
        let newest = moves(&opened).pop()?;
        let (since, until) = (opened[newest.start], opened[newest.end - 1]);
        (as_of - until <= WITHIN_MS).then(|| Self { since, until, episodes: newest.len() as u32 })
    }

    /// Does the episode that began at `opened` belong to it.
    pub(crate) fn holds(&self, opened: MarketTime) -> bool {
        (self.since..=self.until).contains(&opened)
    }

    /// Minutes from its first episode to its newest, at least one.
    pub(crate) fn minutes(&self) -> i64 {
        ((self.until - self.since) / 60_000).max(1)
    }
}

/// Events among episodes by when they began (ascending): each stretch in which every one lies in some hour with `LEAST` of them.
pub(crate) fn moves(opened: &[MarketTime]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut end = 0;
    for (start, first) in opened.iter().enumerate() {
        while opened.get(end).is_some_and(|at| *at - *first <= WITHIN_MS) {
            end += 1;
        }
        if end - start < LEAST {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.end > start => last.end = end,
            _ => found.push(start..end),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minutes: &[i64]) -> Vec<MarketTime> {
        minutes.iter().map(|minute| MarketTime::from_ms(minute * 60_000)).collect()
    }

    #[test]
    fn eight_within_an_hour_are_one_event() {
        let spans = |minutes: &[i64]| -> Vec<(usize, usize)> {
            moves(&at(minutes)).into_iter().map(|event| (event.start, event.end)).collect()
        };
        assert_eq!(spans(&[0, 1, 2, 3, 4, 5, 60]), []);
        assert_eq!(spans(&[0, 1, 2, 3, 4, 5, 6, 60]), [(0, 8)]);
        assert_eq!(spans(&[0, 1, 2, 3, 4, 5, 6, 61]), []);
        assert_eq!(spans(&[0; 8]), [(0, 8)], "in one cycle");
        let two = [&[0; 8][..], &[59, 119, 200], &[300; 9]].concat();
        assert_eq!(
            spans(&two),
            [(0, 9), (11, 20)],
            "one at 59 min belongs to the first event, one at 119 does not"
        );
    }

    #[test]
    fn it_is_in_force_for_an_hour_after_its_newest_episode() {
        let opened = at(&[10, 10, 10, 10, 30, 30, 30, 30, 31]);
        let at_minute = |minute| MarketMove::at(at(&[minute])[0], opened.clone());
        let event = at_minute(31).expect("nine of them");
        assert_eq!((event.episodes, event.minutes()), (9, 21));
        assert_eq!((at_minute(91), at_minute(92)), (Some(event), None));
        assert!(event.holds(at(&[10])[0]) && event.holds(at(&[31])[0]) && !event.holds(at(&[32])[0]));
    }

    proptest! {
        #[test]
        fn an_episode_belongs_to_an_event_where_an_hour_around_it_holds_enough(
            mut minutes in prop::collection::vec(0_i64..600, 0..60),
        ) {
            minutes.sort_unstable();
            let opened = at(&minutes);
            let found = moves(&opened);
            prop_assert!(found.windows(2).all(|two| two[0].end <= two[1].start));
            for (n, own) in minutes.iter().enumerate() {
                let full = |from: &i64| {
                    let hour = *from..=*from + 60;
                    hour.contains(own) && minutes.iter().filter(|at| hour.contains(at)).count() >= LEAST
                };
                prop_assert_eq!(found.iter().any(|event| event.contains(&n)), minutes.iter().any(full), "{}", n);
            }
        }
    }
}
