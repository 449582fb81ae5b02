//! What came of earlier market moves, for the messages about one.

use crate::domain::alert::message::{CameOfMoves, Message};
use crate::learning::evaluation::hits::{ENOUGH, Hits};

#[derive(Debug, Default)]
pub(super) struct Moves {
    /// The day (since 1970) for which it was asked.
    pub(super) asked: Option<i64>,
    pub(super) came: Hits,
}

impl Moves {
    /// Puts it into the messages about a market move.
    pub(super) fn fill(&self, messages: &mut [Message]) {
        let Hits { judged, hits } = self.came;
        for message in messages {
            if let Message::MarketMove { came, .. } = message {
                *came = (judged >= ENOUGH).then_some(CameOfMoves { judged, hits, own: true });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::market_move::MarketMove;
    use crate::domain::moment::MarketTime;

    #[test]
    fn few_judged_pairs_say_nothing() {
        let at = MarketTime::EPOCH;
        let told = |judged| {
            let market_move = MarketMove { since: at, until: at, episodes: 8 };
            let mut messages =
                [Message::MarketMove { as_of: at, market_move, came: None, alerts: Vec::new() }];
            Moves { asked: None, came: Hits { judged, hits: 12 } }.fill(&mut messages);
            let [Message::MarketMove { came, .. }] = messages else { panic!("still one") };
            came.map(|came| (came.hits, came.judged, came.own))
        };
        assert_eq!((told(19), told(20)), (None, Some((12, 20, true))));
    }
}
