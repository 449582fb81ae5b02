//! FUERTE episodes by the size of the event that they belong to: the pairs of a market move are right or wrong together.

use super::daily::Precision;
use super::hits::{ENOUGH, Hits};
use crate::domain::alert::message::CameOfMoves;
use crate::domain::market_move::{LEAST, moves};
use crate::domain::moment::MarketTime;
use crate::domain::time::DAY_MS;
use serde::Serialize;
use std::collections::BTreeMap;

/// Events of so many episodes and more are counted apart: whole days of a market that turns.
const LARGE: usize = 30;

/// Episodes of events of some sizes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = BySizeBody))]
pub(crate) struct BySize {
    /// Least number of episodes of such an event.
    pub(crate) from: usize,
    /// Most of them; null for any number.
    pub(crate) to: Option<usize>,
    /// Events; episodes that belong to none count as one each.
    pub(crate) events: usize,
    pub(crate) within_24h: Precision,
}

/// An episode: when it began and whether it came true, where it is judged.
pub(crate) type Rise = (MarketTime, Option<bool>);

/// Single episodes, events, and large events, of episodes in any order.
pub(crate) fn by_size(mut rises: Vec<Rise>) -> [BySize; 3] {
    rises.sort_unstable();
    let opened: Vec<MarketTime> = rises.iter().map(|(at, _)| *at).collect();
    let mut event_of: Vec<Option<usize>> = vec![None; rises.len()];
    let found = moves(&opened);
    for (n, event) in found.iter().enumerate() {
        event_of[event.clone()].fill(Some(n));
    }
    let size = |event: Option<usize>| event.map_or(1, |n| found[n].len());
    [(1, Some(LEAST - 1)), (LEAST, Some(LARGE - 1)), (LARGE, None)].map(|(from, to)| {
        let within = |size: usize| size >= from && to.is_none_or(|to| size <= to);
        let mut days: BTreeMap<i64, Hits> = BTreeMap::new();
        for ((at, hit), event) in rises.iter().zip(&event_of) {
            if let Some(hit) = hit.filter(|_| within(size(*event))) {
                days.entry(at.index(DAY_MS)).or_default().add(hit);
            }
        }
        let single = if within(1) { event_of.iter().filter(|event| event.is_none()).count() } else { 0 };
        let events = single + found.iter().filter(|event| within(event.len())).count();
        BySize { from, to, events, within_24h: Precision::of_days(days.into_values()) }
    })
}

/// What came of the episodes of all events.
pub(crate) fn of_events(by_size: &[BySize]) -> Hits {
    by_size.iter().filter(|own| own.from >= LEAST).map(|own| own.within_24h.sum()).sum()
}

/// What is said of earlier events: by the own record where it has enough of them, else by what the model had not seen.
pub(crate) fn came_of_moves(own: Hits, model: Hits) -> Option<CameOfMoves> {
    let all = [(own, true), (model, false)];
    let (Hits { judged, hits }, own) = all.into_iter().find(|(came, _)| came.judged >= ENOUGH)?;
    Some(CameOfMoves { judged, hits, own })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn episodes_count_with_the_event_that_they_belong_to() {
        let at = |hour: i64, minute: i64| MarketTime::from_ms((60 * hour + minute) * 60_000);
        let mut rises: Vec<Rise> = (0..10).map(|n| (at(100, n), Some(n < 6))).collect();
        rises.extend((0..40).map(|n| (at(200, n), Some(n < 10))));
        rises.extend([
            (at(0, 0), Some(true)),
            (at(10, 0), Some(false)),
            (at(20, 0), None),
            (at(100, 59), None),
        ]);
        rises.reverse();
        let found = by_size(rises);
        let told = found.each_ref().map(|own| (own.events, own.within_24h.judged, own.within_24h.hits));
        assert_eq!(told, [(3, 2, 1), (1, 10, 6), (1, 40, 10)]);
        assert_eq!(of_events(&found), Hits { judged: 50, hits: 16 });
        let told = |own, model| {
            let of = |judged| Hits { judged, hits: 9 };
            came_of_moves(of(own), of(model)).map(|came| (came.judged, came.own))
        };
        assert_eq!(
            [told(20, 500), told(19, 500), told(19, 19)],
            [Some((20, true)), Some((500, false)), None]
        );
        assert_eq!(by_size(Vec::new()).map(|own| own.events), [0; 3]);
    }
}
