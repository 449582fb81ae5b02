//! Many FUERTE episodes within an hour are told as one event.

use super::alerts::{Cell, Market, at};
use impulso::domain::alert::{AlertPolicy, AlertPolicyConfig, Message, SuppressedBy};
use impulso::domain::moment::MarketTime;
use impulso::domain::symbol::Symbol;

const MANY: [&str; 12] = [
    "AUSDT", "BUSDT", "CUSDT", "DUSDT", "EUSDT", "FUSDT", "GUSDT", "HUSDT", "IUSDT", "JUSDT", "KUSDT",
    "LUSDT",
];

/// The first `high` of many pairs at FUERTE, the others low.
fn high(high: usize) -> Vec<(&'static str, Cell)> {
    MANY.iter().enumerate().map(|(n, name)| (*name, at(if n < high { 90.0 } else { 10.0 }))).collect()
}

/// What was sent: how many alerts of which kind of message, and how many episodes the event had.
fn told(sent: &[(i64, Message)]) -> Vec<(&'static str, usize, u32)> {
    let of = |m: &Message| match m {
        Message::MarketMove { market_move, .. } => market_move.episodes,
        _ => 0,
    };
    sent.iter().map(|(_, m)| (m.kind(), m.alerts().len(), of(m))).collect()
}

#[test]
fn eight_within_an_hour_are_one_event_that_is_told_again_while_it_grows() {
    let mut market = Market::new(AlertPolicyConfig::default());
    assert_eq!(told(&market.hold(&high(3), 20)), [("alert", 1, 0); 3]);
    assert_eq!(told(&market.hold(&high(7), 20)), [("summary", 4, 0)]);
    assert_eq!(told(&market.hold(&high(8), 4)), [("market_move", 1, 8)]);
    // Those that join wait until a quarter of an hour after the message before.
    assert_eq!(market.hold(&high(9), 10), []);
    let joined = market.hold(&high(10), 100);
    assert_eq!(told(&joined), [("market_move", 2, 10)], "{joined:?}");
    assert_eq!(joined[0].0, 42 + 30, "900 s after the cycle of the eighth");
    // The event is over an hour after its newest episode: the next pair is a case of its own again.
    market.hold(&high(10), 120);
    assert_eq!(told(&market.hold(&high(11), 4)), [("alert", 1, 0)]);
}

#[test]
fn many_in_one_cycle_are_one_event_and_a_restart_does_not_tell_it_anew() {
    let mut market = Market::new(AlertPolicyConfig::default());
    assert_eq!(told(&market.hold(&high(11), 4)), [("market_move", 11, 11)]);
    let memory = market.policy.memory();
    market.policy = AlertPolicy::new(AlertPolicyConfig::default());
    market.policy.restore(memory.clone());
    let mut other = AlertPolicy::new(AlertPolicyConfig::default());
    other.follow(&memory, MarketTime::from_index(market.cycle, 30_000));
    assert_eq!(market.hold(&high(12), 4), [], "it waits");
    // The other machine takes over, and knows that the event was told.
    other.follow(&market.policy.memory(), MarketTime::from_index(market.cycle, 30_000));
    market.policy = other;
    assert_eq!(told(&market.hold(&high(12), 40)), [("market_move", 1, 12)]);
}

#[test]
fn a_pair_that_joins_an_event_and_falls_back_before_it_is_told_is_left_out() {
    let mut market = Market::new(AlertPolicyConfig::default());
    market.hold(&high(8), 4);
    market.hold(&high(10), 4);
    let mut cells = high(10);
    cells[8].1 = at(75.0);
    cells[9].1 = at(20.0);
    let mut faded = Vec::new();
    for _ in 0..60 {
        let output = market.step(&cells);
        assert_eq!(output.messages, []);
        faded.extend(output.suppressed);
    }
    assert_eq!(faded, ["IUSDT", "JUSDT"].map(|name| (Symbol::new(name), SuppressedBy::Faded)));
}
