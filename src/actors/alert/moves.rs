//! What came of earlier market moves, for the messages about one.

use crate::domain::alert::message::Message;
use crate::learning::evaluation::by_size::came_of_moves;
use crate::learning::evaluation::hits::Hits;

#[derive(Debug, Default)]
pub(super) struct Moves {
    /// The day (since 1970) for which it was asked.
    pub(super) asked: Option<i64>,
    /// Judged episodes of moves of the own record.
    pub(super) came: Hits,
}

impl Moves {
    /// Puts it into the messages about a market move. `model`: what the model had not seen.
    pub(super) fn fill(&self, messages: &mut [Message], model: Hits) {
        for message in messages {
            if let Message::MarketMove { came, .. } = message {
                *came = came_of_moves(self.came, model);
            }
        }
    }
}
