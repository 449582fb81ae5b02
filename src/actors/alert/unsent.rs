//! What the standby of two scanners would have sent: it goes out at a takeover, where the other one had not come so far.

use crate::domain::alert::message::Message;
use crate::domain::moment::MarketTime;

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

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, oldest first: it is this machine's turn.
    pub(super) fn release(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.0).into_iter().map(|(_, message)| message).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::message::{AlertCard, Notice};
    use crate::domain::moment::MachineTime;

    fn alert(symbol: &str, as_of: i64) -> Message {
        Message::Alert { alert: AlertCard::sample(symbol, as_of) }
    }

    #[test]
    fn what_the_other_has_come_to_is_settled_and_the_rest_goes_out_in_order() {
        let mut unsent = Unsent::default();
        let notice = Message::Notice {
            at: MachineTime::from_ms(1),
            notice: Notice::ChannelBack { channel: "x".into() },
        };
        for n in 1..=3 {
            unsent.keep(MarketTime::from_ms(n), [alert(&format!("S{n}USDT"), n), notice.clone()]);
        }
        unsent.settle(MarketTime::from_ms(1));
        let keys: Vec<String> = unsent.release().iter().map(Message::key).collect();
        assert_eq!(keys, ["S2USDT-2-ALTA", "S3USDT-3-ALTA"]);
        assert!(unsent.is_empty());
    }

    #[test]
    fn the_oldest_go_beyond_the_bound() {
        let mut unsent = Unsent::default();
        let many = (0..i64::try_from(MOST).unwrap() + 2).map(|n| alert("AUSDT", n));
        assert_eq!(unsent.keep(MarketTime::from_ms(5), many), 2);
        assert_eq!(unsent.release()[0].key(), "AUSDT-2-ALTA");
    }
}
