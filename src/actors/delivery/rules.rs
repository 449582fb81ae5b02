//! What becomes of a delivery after a try, and when a channel counts as dead: pure.

use crate::actors::ports::alerts::{Delivery, DeliveryError, DeliveryState, Receipt, Settled};
use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::duration::{Millis, seconds};
use crate::domain::moment::MachineTime;
use crate::exchange::backoff::BackoffPolicy;
use crate::i18n::Reason;
use serde::Deserialize;
use std::time::Duration;

/// Tries whose outcome may be uncertain before a delivery is left so. Tries that did not reach the receiver are bounded by the age
/// alone: an outage of hours must lose nothing.
const MAX_ATTEMPTS: u32 = 20;
/// Failures in a row after which the channel counts as dead. One bad answer, or a restart of the receiver, is no dead
/// channel.
const DEAD_AFTER: u32 = 5;
/// Longest time of one try; beyond it the outcome is uncertain.
pub(super) const TRY_TIMEOUT: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DeliveryRules {
    #[serde(skip)]
    pub backoff: BackoffPolicy,
    /// An alert older than this is not worth sending any more, machine time.
    #[serde(rename = "expire_s", deserialize_with = "seconds")]
    pub(crate) expire_after: Duration,
}

impl Default for DeliveryRules {
    fn default() -> Self {
        Self {
            backoff: BackoffPolicy { base_ms: 1_000, cap_ms: 300_000, stable_ms: 0 },
            // A pump is over in hours: an alert from the night is no news in the morning.
            expire_after: Duration::from_secs(6 * 3_600),
        }
    }
}

impl DeliveryRules {
    pub(crate) const ALLOWED: Allowed = &[("expire_s", Range(60.0, 604_800.0))];

    /// What becomes of `delivery` after a try that ended at `now`. `resend`: an uncertain one is tried again. `pauses`: how often
    /// in a row the receiver had asked for one before.
    pub fn settle(
        &self,
        delivery: &Delivery,
        result: &Result<Receipt, DeliveryError>,
        resend: bool,
        pauses: u32,
        now: MachineTime,
        random: u64,
    ) -> Settled {
        let failed = |state, next_attempt_at, reason: &Reason, counts| Settled {
            state,
            next_attempt_at,
            reason: Some(reason.clone()),
            receipt: None,
            counts,
        };
        // Tries that an outage took count for nothing here: one that may have come gets another, whatever went before.
        let last = delivery.maybe_repeated && delivery.attempts + 1 >= MAX_ATTEMPTS;
        let again = now + self.backoff.delay_ms(delivery.attempts, random);
        match result {
            Ok(receipt) => Settled {
                state: DeliveryState::Sent,
                next_attempt_at: None,
                reason: None,
                receipt: receipt.id.clone(),
                counts: true,
            },
            Err(DeliveryError::Rejected { reason }) => failed(DeliveryState::Dead, None, reason, true),
            Err(DeliveryError::Retry { reason, after_ms, throttled }) => {
                let at = now + self.pause_ms(*after_ms, delivery.attempts + pauses, random);
                failed(DeliveryState::Pending, Some(at), reason, !throttled)
            }
            // Tried on until it expires: somebody may mend it meanwhile, and then wants to hear what was missed.
            Err(DeliveryError::Unusable { reason, .. }) => {
                failed(DeliveryState::Pending, Some(again), reason, true)
            }
            Err(DeliveryError::Uncertain { reason }) => {
                let next = (resend && !last).then_some(again);
                failed(DeliveryState::Uncertain, next, reason, true)
            }
        }
    }

    /// How long to wait before try number `attempt` (from 0), ms; the receiver's own wish goes over the back-off, but never
    /// under its shortest.
    fn pause_ms(&self, wish_ms: Option<i64>, attempt: u32, random: u64) -> i64 {
        wish_ms.map_or_else(|| self.backoff.delay_ms(attempt, random), |wish| wish.max(self.backoff.base_ms))
    }

    /// Is it too late to send.
    pub(crate) fn expired(&self, delivery: &Delivery, now: MachineTime) -> bool {
        now - delivery.created_at > self.expire_after.ms()
    }
}

/// Stops trying for a while when a channel fails again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Breaker {
    failures: u32,
    /// Pauses in a row that the receiver asked for.
    pauses: u32,
    open_until: Option<MachineTime>,
    dead: bool,
}

/// What a try meant for the channel as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Same,
    /// It counts as dead from now on.
    Died,
    Recovered,
}

impl Breaker {
    /// May a try be made at `now`.
    pub(crate) fn allows(&self, now: MachineTime) -> bool {
        self.open_until.is_none_or(|until| now >= until)
    }

    pub(crate) const fn is_dead(&self) -> bool {
        self.dead
    }

    pub(crate) const fn pauses(&self) -> u32 {
        self.pauses
    }

    /// Takes the result of a try. A pause that the receiver asks for is an answer, and one for everything that goes to it. One
    /// refused message may be its own fault, many in a row are the channel's.
    pub(crate) fn record(
        &mut self,
        result: &Result<Receipt, DeliveryError>,
        rules: &DeliveryRules,
        now: MachineTime,
        random: u64,
    ) -> Turn {
        match result {
            Err(DeliveryError::Retry { throttled: true, after_ms, .. }) => {
                let wait_ms = rules.pause_ms(*after_ms, self.pauses, random);
                self.pauses = self.pauses.saturating_add(1);
                (self.failures, self.open_until) = (0, Some(now + wait_ms));
                return Turn::Same;
            }
            Ok(_) => {
                let before = std::mem::take(self);
                return if before.dead { Turn::Recovered } else { Turn::Same };
            }
            // The receiver has said what is wrong: more tries would not show more.
            Err(DeliveryError::Unusable { .. }) => {
                self.failures = self.failures.max(DEAD_AFTER - 1);
            }
            Err(
                DeliveryError::Retry { .. }
                | DeliveryError::Uncertain { .. }
                | DeliveryError::Rejected { .. },
            ) => {}
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures < DEAD_AFTER {
            return Turn::Same;
        }
        self.open_until = Some(now + rules.backoff.delay_ms(self.failures, random));
        if std::mem::replace(&mut self.dead, true) { Turn::Same } else { Turn::Died }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::message::Message;
    use crate::domain::alert::remedy::Remedy;

    const fn at(ms: i64) -> MachineTime {
        MachineTime::from_ms(ms)
    }

    fn delivery(attempts: u32) -> Delivery {
        Delivery {
            id: 1,
            key: "k".into(),
            channel: "c".into(),
            message: Message::Test { at: at(0) },
            state: DeliveryState::Sending,
            attempts,
            maybe_repeated: false,
            next_attempt_at: None,
            created_at: at(0),
            updated_at: at(0),
            reason: None,
            receipt: None,
        }
    }

    fn retry(after_ms: Option<i64>, throttled: bool) -> Result<Receipt, DeliveryError> {
        Err(DeliveryError::Retry { reason: Reason::said("down"), after_ms, throttled })
    }

    #[test]
    fn each_result_has_its_state() {
        let rules = DeliveryRules::default();
        let settled = |delivery: &Delivery, result: &Result<Receipt, DeliveryError>, resend| {
            let s = rules.settle(delivery, result, resend, 0, at(1_000), 7);
            (s.state, s.next_attempt_at.is_some(), s.counts)
        };
        let after = |attempts, result: &_, resend| settled(&delivery(attempts), result, resend);
        let uncertain = Err(DeliveryError::Uncertain { reason: Reason::said("lost") });
        let rejected = Err(DeliveryError::Rejected { reason: Reason::said("no") });
        assert_eq!(after(0, &Ok(Receipt::default()), true), (DeliveryState::Sent, false, true));
        assert_eq!(after(0, &rejected, true), (DeliveryState::Dead, false, true));
        assert_eq!(after(0, &uncertain, true), (DeliveryState::Uncertain, true, true));
        assert_eq!(after(0, &uncertain, false), (DeliveryState::Uncertain, false, true));
        assert_eq!(after(0, &retry(None, false), true), (DeliveryState::Pending, true, true));
        assert_eq!(after(19, &retry(None, false), true), (DeliveryState::Pending, true, true));
        assert_eq!(
            after(19, &uncertain, true),
            (DeliveryState::Uncertain, true, true),
            "an outage took the others"
        );
        let again = Delivery { maybe_repeated: true, ..delivery(19) };
        assert_eq!(settled(&again, &uncertain, true), (DeliveryState::Uncertain, false, true));
        assert_eq!(after(99, &retry(Some(5), true), true), (DeliveryState::Pending, true, false));
    }

    #[test]
    fn the_receivers_wish_goes_over_the_own_wait() {
        let s =
            DeliveryRules::default().settle(&delivery(0), &retry(Some(30_000), true), true, 0, at(1_000), 7);
        assert_eq!(s.next_attempt_at, Some(at(31_000)));
    }

    #[test]
    fn the_breaker_opens_tells_once_and_recovers() {
        let (rules, mut breaker) = (DeliveryRules::default(), Breaker::default());
        let turns: Vec<Turn> =
            (0..7).map(|i| breaker.record(&retry(None, false), &rules, at(i), 7)).collect();
        assert_eq!(turns.iter().filter(|t| **t == Turn::Died).count(), 1);
        assert_eq!(turns[4], Turn::Died);
        assert!(breaker.is_dead() && !breaker.allows(at(10)));
        assert_eq!(breaker.record(&Ok(Receipt::default()), &rules, at(99), 7), Turn::Recovered);
        assert!(breaker.allows(at(99)) && !breaker.is_dead());
    }

    #[test]
    fn a_429_is_no_sign_of_death_and_pauses_without_a_wish_grow() {
        let (rules, mut breaker) = (DeliveryRules::default(), Breaker::default());
        let mut waits = Vec::new();
        for _ in 0..12 {
            let asked = retry(None, true);
            let settled = rules.settle(&delivery(0), &asked, true, breaker.pauses(), at(0), 7);
            assert_eq!(breaker.record(&asked, &rules, at(0), 7), Turn::Same);
            let next = settled.next_attempt_at.expect("tried again").ms();
            assert!(!breaker.allows(at(next - 1)) && breaker.allows(at(next)), "for the whole channel");
            waits.push(next);
        }
        assert!(waits.is_sorted() && waits[11] > 100 * waits[0], "{waits:?}");
        breaker.record(&retry(Some(0), true), &rules, at(0), 7);
        assert!(!breaker.allows(at(999)), "a wish for nothing is no leave to hammer");
        breaker.record(&Ok(Receipt::default()), &rules, at(9), 7);
        assert_eq!(breaker.pauses(), 0);
    }

    #[test]
    fn what_somebody_must_mend_is_told_at_once_and_its_messages_wait() {
        let (rules, mut breaker) = (DeliveryRules::default(), Breaker::default());
        let revoked =
            Err(DeliveryError::Unusable { reason: Reason::said("401"), remedy: Remedy::TelegramToken });
        let settled = rules.settle(&delivery(50), &revoked, true, 0, at(0), 7);
        assert_eq!((settled.state, settled.next_attempt_at.is_some()), (DeliveryState::Pending, true));
        assert_eq!(breaker.record(&revoked, &rules, at(0), 7), Turn::Died);
        assert_eq!(breaker.record(&revoked, &rules, at(1), 7), Turn::Same);
        assert_eq!(breaker.record(&Ok(Receipt::default()), &rules, at(99), 7), Turn::Recovered);
        let refused = Err(DeliveryError::Rejected { reason: Reason::said("too long") });
        let ok = Ok(Receipt::default());
        for result in [&refused, &refused, &refused, &refused, &ok, &refused, &refused, &refused, &refused] {
            assert_eq!(breaker.record(result, &rules, at(99), 7), Turn::Same, "the message's own fault");
        }
        assert_eq!(breaker.record(&refused, &rules, at(99), 7), Turn::Died, "all are refused");
    }
}
