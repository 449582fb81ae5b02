//! What the standby of two scanners would have sent: it goes out at a takeover, where the other one had not come so far.

use crate::domain::alert::message::Message;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use std::collections::BTreeSet;

/// Messages that are kept. Far more than the cycles of one takeover have; while nobody may send for hours the oldest go, which would
/// expire anyway.
const MOST: usize = 1_000;

/// By the cut of the cycle in which they were decided.
#[derive(Debug, Default)]
pub(super) struct Unsent(Vec<(MarketTime, Message)>);

impl Unsent {
    /// Keeps the alerts of a cycle; notices are each machine's own affair. The answer is how many of the oldest had to go.
    pub(super) fn keep(&mut self, as_of: MarketTime, messages: impl IntoIterator<Item = Message>) -> usize {
        let alerts = messages.into_iter().filter(|message| !message.alerts().is_empty());
        self.0.extend(alerts.map(|message| (as_of, message)));
        let lost = self.0.len().saturating_sub(MOST);
        self.0.drain(..lost);
        lost
    }

    /// The other one has decided on all cycles up to this one.
    pub(super) fn settle(&mut self, decided: MarketTime) {
        self.0.retain(|(as_of, _)| *as_of > decided);
    }

    /// Pairs with an alert among them.
    pub(super) fn pairs(&self) -> BTreeSet<Symbol> {
        let alerts = self.0.iter().flat_map(|(_, message)| message.alerts());
        alerts.map(|alert| alert.symbol.clone()).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, oldest first: it is this machine's turn.
    pub(super) fn release(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.0).into_iter().map(|(_, message)| message).collect()
    }
}
