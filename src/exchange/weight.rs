//! The REST weight budget: a ledger of fixed minutes that trusts the exchange's own count.

use crate::domain::moment::MachineTime;
use crate::domain::time::{DAY_MS, MINUTE_MS};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Limit a minute before exchangeInfo has told the real one: the exchange's own default for one address.
pub(crate) const INITIAL_LIMIT: u32 = 6_000;
/// The exchange's minute may turn a little later than this machine's: a wait ends this much after, ms.
const TURN_MARGIN_MS: i64 = 250;
/// Longest embargo that is believed after a restart, ms: the longest ban.
const MAX_EMBARGO_MS: i64 = 3 * DAY_MS;

/// Leave to send one request; give it back with `settle`.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "settle it, or its weight stays booked"]
pub(crate) struct Ticket {
    seq: u64,
    weight: u32,
    minute: i64,
}

/// May a request be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Go(Ticket),
    /// Ask again in so many ms.
    Wait(i64),
}

/// No request before a moment; survives restarts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Embargo {
    pub until: MachineTime,
    /// The address is banned; else it is asked to wait.
    #[serde(default)]
    pub banned: bool,
}

/// The budget as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BudgetStatus {
    /// Used in the running minute, requests under way included.
    pub used: u32,
    /// Limit a minute as the exchange announced it.
    pub limit: u32,
    /// What this process allows itself of it.
    pub(crate) budget: u32,
    pub embargo: Option<Embargo>,
}

/// The ledger, by the machine's clock: the exchange counts in real minutes.
#[derive(Debug, Clone)]
pub(crate) struct WeightLedger {
    limit: u32,
    share: f64,
    minute: i64,
    /// Newest count by the exchange (or our own, where it told none) in this minute.
    observed: u32,
    observed_seq: u64,
    /// Weight under way by the minute of its admission. What is not settled after two minutes was lost
    /// with its sender and is forgotten.
    in_flight: BTreeMap<i64, u32>,
    next_seq: u64,
    embargo: Option<Embargo>,
}

impl WeightLedger {
    /// A ledger that uses `share` (0-1, default 0.9) of `limit` a minute.
    pub(crate) fn new(limit: u32, share: f64) -> Self {
        let share = if share.is_finite() { share.clamp(0.01, 1.0) } else { 0.9 };
        Self {
            limit,
            share,
            minute: i64::MIN,
            observed: 0,
            observed_seq: 0,
            in_flight: BTreeMap::new(),
            next_seq: 1,
            embargo: None,
        }
    }

    /// Takes the limit that exchangeInfo announces.
    pub(crate) fn set_limit(&mut self, limit: u32) {
        self.limit = limit.max(1);
    }

    fn budget(&self) -> u32 {
        // At most the limit, so the conversion is exact.
        ((f64::from(self.limit) * self.share).floor() as u32).max(1)
    }

    fn turn(&mut self, now: MachineTime) {
        let minute = now.ms().div_euclid(MINUTE_MS);
        if minute != self.minute {
            // A clock that was set back must not give a fresh budget.
            if minute > self.minute {
                self.observed = 0;
            }
            self.minute = minute;
            self.in_flight.retain(|admitted, _| minute - admitted <= 2);
        }
        if self.embargo.as_ref().is_some_and(|e| e.until <= now) {
            self.embargo = None;
        }
    }

    /// May a request of `weight` go now? One that is heavier than the whole budget goes alone in an unused
    /// minute.
    pub(crate) fn admit(&mut self, now: MachineTime, weight: u32) -> Admission {
        self.turn(now);
        if let Some(embargo) = &self.embargo {
            return Admission::Wait((embargo.until - now).max(1));
        }
        let used = self.used();
        if used > 0 && used.saturating_add(weight) > self.budget() {
            return Admission::Wait((self.minute + 1) * MINUTE_MS - now.ms() + TURN_MARGIN_MS);
        }
        let seq = self.next_seq;
        self.next_seq += 1;
        let under_way = self.in_flight.entry(self.minute).or_default();
        *under_way = under_way.saturating_add(weight);
        Admission::Go(Ticket { seq, weight, minute: self.minute })
    }

    /// The request is over; `header_used` is `X-MBX-USED-WEIGHT-1M` if an answer came with it.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is used up by settling it")]
    pub(crate) fn settle(&mut self, ticket: Ticket, header_used: Option<u32>, now: MachineTime) {
        self.turn(now);
        if let Some(under_way) = self.in_flight.get_mut(&ticket.minute) {
            *under_way = under_way.saturating_sub(ticket.weight);
        }
        match header_used {
            Some(header) => self.take_count(header, ticket.seq),
            None => self.observed = self.observed.saturating_add(ticket.weight),
        }
    }

    fn take_count(&mut self, header: u32, seq: u64) {
        // Answers overtake one another, so the greatest count of a minute holds. A younger request that
        // shows less than half of it proves that the exchange's minute has turned before ours.
        let turned = seq > self.observed_seq && u64::from(header) * 2 < u64::from(self.observed);
        if turned || header > self.observed {
            self.observed = header;
        }
        self.observed_seq = self.observed_seq.max(seq);
    }

    fn used(&self) -> u32 {
        self.in_flight.values().fold(self.observed, |sum, weight| sum.saturating_add(*weight))
    }

    /// No request before `until`; a later end wins over an earlier one.
    pub(crate) fn embargo(&mut self, until: MachineTime, banned: bool) {
        if self.embargo.as_ref().is_none_or(|e| e.until < until) {
            self.embargo = Some(Embargo { until, banned });
        }
    }

    /// Takes up an embargo that a former process left; one that ends more than three days ahead is cut.
    pub(crate) fn restore(&mut self, embargo: &Embargo, now: MachineTime) {
        if embargo.until > now {
            self.embargo(embargo.until.min(now + MAX_EMBARGO_MS), embargo.banned);
        }
    }

    /// The budget as of `now`.
    pub(crate) fn status(&mut self, now: MachineTime) -> BudgetStatus {
        self.turn(now);
        BudgetStatus {
            used: self.used(),
            limit: self.limit,
            budget: self.budget(),
            embargo: self.embargo.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(ms: i64) -> MachineTime {
        MachineTime::from_ms(ms)
    }

    fn go(ledger: &mut WeightLedger, now: i64, weight: u32) -> Ticket {
        match ledger.admit(at(now), weight) {
            Admission::Go(ticket) => ticket,
            Admission::Wait(ms) => panic!("wait {ms} ms"),
        }
    }

    #[test]
    fn the_exchanges_count_rules() {
        let mut ledger = WeightLedger::new(100, 0.9);
        let ticket = go(&mut ledger, 0, 20);
        ledger.settle(ticket, Some(85), at(10));
        assert_eq!(ledger.status(at(10)).used, 85);
        assert_eq!(ledger.admit(at(10), 20), Admission::Wait(60_000 - 10 + 250));
        let ticket = go(&mut ledger, 60_000, 90);
        assert!(matches!(ledger.admit(at(60_000), 1), Admission::Wait(_)));
        ledger.settle(ticket, None, at(60_001));
        assert_eq!(ledger.status(at(60_001)).used, 90);
        ledger.set_limit(1_000);
        assert_eq!(ledger.status(at(60_001)).budget, 900);
    }

    #[test]
    fn a_count_of_the_last_minute_is_forgotten_when_a_younger_request_shows_less() {
        let mut ledger = WeightLedger::new(6_000, 0.9);
        let (old, young) = (go(&mut ledger, 59_990, 2), go(&mut ledger, 60_010, 2));
        ledger.settle(old, Some(5_200), at(60_020));
        assert_eq!(ledger.status(at(60_020)).used, 5_202);
        ledger.settle(young, Some(2), at(60_030));
        assert_eq!(ledger.status(at(60_030)).used, 2);
    }

    #[test]
    fn an_embargo_holds_survives_and_ends() {
        let mut ledger = WeightLedger::new(6_000, 0.9);
        ledger.embargo(at(50_000), false);
        ledger.embargo(at(40_000), false);
        assert_eq!(ledger.admit(at(10_000), 1), Admission::Wait(40_000));
        let text = serde_json::to_string(&ledger.status(at(10_000)).embargo.unwrap()).unwrap();
        let mut next = WeightLedger::new(6_000, 0.9);
        next.restore(&serde_json::from_str(&text).unwrap(), at(20_000));
        assert_eq!(next.admit(at(20_000), 1), Admission::Wait(30_000));
        assert!(matches!(next.admit(at(50_000), 1), Admission::Go(_)));
        next.restore(&Embargo { until: at(i64::MAX), banned: true }, at(60_000));
        assert_eq!(next.status(at(60_000)).embargo.unwrap().until, at(60_000 + MAX_EMBARGO_MS));
    }

    #[test]
    fn a_clock_set_back_gives_no_fresh_budget() {
        let mut ledger = WeightLedger::new(100, 0.9);
        let ticket = go(&mut ledger, 600_000, 80);
        ledger.settle(ticket, Some(80), at(600_000));
        assert!(matches!(ledger.admit(at(300_000), 20), Admission::Wait(_)));
    }

    #[test]
    fn weight_of_a_lost_request_comes_back() {
        let mut ledger = WeightLedger::new(100, 0.9);
        let lost = go(&mut ledger, 0, 90);
        assert_eq!(ledger.status(at(179_999)).used, 90);
        assert_eq!(ledger.status(at(180_000)).used, 0);
        ledger.settle(lost, Some(90), at(180_001));
        assert_eq!(ledger.status(at(180_001)).used, 90);
    }

    #[test]
    fn a_request_above_the_budget_goes_alone() {
        let mut ledger = WeightLedger::new(50, 0.9);
        let ticket = go(&mut ledger, 0, 80);
        assert!(matches!(ledger.admit(at(0), 1), Admission::Wait(_)));
        ledger.settle(ticket, Some(80), at(1));
        assert!(matches!(ledger.admit(at(59_999), 1), Admission::Wait(_)));
        assert!(matches!(ledger.admit(at(60_000), 1), Admission::Go(_)));
    }

    proptest! {
        /// Against an exchange that counts in the same minutes, never more than the budget is used.
        #[test]
        fn never_over_budget(steps in prop::collection::vec((0i64..9_000, 1u32..40, 0usize..4), 1..300), header: bool) {
            let mut ledger = WeightLedger::new(400, 0.9);
            let (mut now, mut minute, mut truth) = (0i64, 0i64, 0u32);
            let mut flying: Vec<(Ticket, u32)> = Vec::new();
            for (pause, weight, settle) in steps {
                now += pause;
                if now / 60_000 != minute { minute = now / 60_000; truth = 0; for (t, h) in flying.drain(..) { ledger.settle(t, Some(h.min(1)), at(now)); } }
                match ledger.admit(at(now), weight) {
                    Admission::Go(ticket) => { truth += weight; flying.push((ticket, truth)); }
                    Admission::Wait(ms) => prop_assert!(ms > 0 && ms <= 60_250),
                }
                prop_assert!(truth <= 360, "{truth}");
                for _ in 0..settle.min(flying.len()) {
                    // Youngest first: answers overtake one another.
                    let (ticket, count) = flying.pop().unwrap();
                    ledger.settle(ticket, header.then_some(count), at(now));
                }
            }
        }
    }
}
