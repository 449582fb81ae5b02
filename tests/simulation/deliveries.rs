//! Whether each message that was decided was received once.

use super::channels::CHANNELS;
use super::world::{Received, World};
use impulso::actors::ports::alerts::{Delivery, DeliveryState};
use impulso::actors::ports::history::LedgerRow;
use impulso::adapters::state::StateDb;
use impulso::domain::moment::MachineTime;
use std::collections::{BTreeMap, BTreeSet};

/// As many as a run can have.
const ALL: usize = 1_000_000;

/// Holds the outbox against what the channels got, and its alerts against what was decided and what history and ledger have.
pub(crate) fn check(
    world: &World,
    state: &StateDb,
    ledger: &[LedgerRow],
    [decided, recorded]: [&BTreeSet<String>; 2],
) {
    let before_all = (MachineTime::from_ms(i64::MIN), i64::MIN);
    let deliveries = state.changed_since(before_all, ALL).expect("read");
    let received = world.seen().received.clone();
    let mut got: BTreeMap<(&str, &str), Vec<&Received>> = BTreeMap::new();
    for one in &received {
        got.entry((one.channel, one.key.as_str())).or_default().push(one);
    }
    for delivery in &deliveries {
        let channel = CHANNELS.iter().find(|(name, ..)| *name == delivery.channel).expect("known");
        let got = got.remove(&(channel.0, delivery.key.as_str())).unwrap_or_default();
        world.count("checked deliveries");
        if let Some(why) = wrong(delivery, &got, channel.2) {
            let at: Vec<_> = got.iter().map(|r| (r.at, r.life)).collect();
            world.wrong(format!("message {} to {}: {why}; received {at:?}", delivery.key, delivery.channel));
        }
    }
    for (channel, key) in got.keys() {
        world.wrong(format!("message {key} to {channel} is not in the outbox"));
    }
    let keys: BTreeSet<&str> = ledger.iter().map(|(p, _)| p.key.as_str()).collect();
    let sent: BTreeSet<String> =
        deliveries.iter().flat_map(|d| d.message.alerts()).map(|alert| alert.id.clone()).collect();
    for id in decided.symmetric_difference(&sent) {
        let what = if sent.contains(id) { "was never decided" } else { "was decided and is lost" };
        world.wrong(format!("alert {id} {what}"));
    }
    for id in recorded.symmetric_difference(&sent) {
        world.wrong(format!("alert {id} is in one of history and outbox alone"));
    }
    for key in sent.iter().map(|id| format!("alert-{id}")) {
        world.count("checked alerts");
        if !keys.contains(key.as_str()) {
            world.wrong(format!("prediction {key} is missing"));
        }
    }
}

fn wrong(delivery: &Delivery, got: &[&Received], resend_uncertain: bool) -> Option<&'static str> {
    let expired = || delivery.reason.as_ref().is_some_and(|reason| reason.in_english().contains("expired"));
    match delivery.state {
        DeliveryState::Sent if got.is_empty() => return Some("sent, and never received"),
        DeliveryState::Sent => {}
        DeliveryState::Dead if expired() => {}
        DeliveryState::Uncertain if !resend_uncertain => {}
        _ => return Some("neither sent nor given up"),
    }
    for pair in got.windows(2) {
        // Between the two the scanner died, or did not hear that the first had arrived.
        if pair[0].life == pair[1].life && !pair[0].answer_lost {
            return Some("received twice for no reason");
        }
        if !pair[1].maybe_repeated {
            return Some("a repetition that is not marked");
        }
    }
    None
}
