//! Tests of the lease.

use super::*;
use crate::domain::moment::MonoTime;
use proptest::prelude::*;

const LENGTH: i64 = 3_000;

/// What Redis does with the lease (`adapters::redis::failover`).
#[derive(Debug, Default, Clone)]
struct Redis {
    lease: Option<(u64, usize, i64)>,
    fence: Option<(u64, usize)>,
    /// Since it is there, a lease is waited for.
    waits_until: Option<i64>,
}

impl Redis {
    fn ask(&mut self, who: usize, ask: &LeaseAsk, now: i64) -> LeaseAnswer {
        self.lease = self.lease.filter(|(.., ends)| now < *ends);
        let fence = self.fence.map_or(0, |(fence, _)| fence);
        let own = self.lease.is_some_and(|(number, holder, _)| {
            holder == who && self.fence == Some((number, holder)) && fence >= ask.seen
        });
        let waits = now < *self.waits_until.get_or_insert(now + ask.lease_ms);
        let may_take = ask.takes == Takes::Own || (ask.takes == Takes::Free && !waits);
        let anew = own && ask.takes == Takes::Free;
        let mut answer = LeaseAnswer { fence, ..LeaseAnswer::default() };
        if own && ask.takes == Takes::Own {
            self.lease = Some((fence, who, now + ask.lease_ms));
            answer.held = true;
        } else if anew || (self.lease.is_none() && may_take) {
            let next = fence.max(ask.seen) + 1;
            (self.lease, self.fence) = (Some((next, who, now + ask.lease_ms)), Some((next, who)));
            (answer.held, answer.fence) = (true, next);
        }
        answer.ends_in_ms = self.lease.map(|(.., ends)| ends - now);
        answer
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// A machine asks; the question takes so long, and so does the answer. A machine that stands still has a long one.
    Ask {
        who: usize,
        there_ms: i64,
        back_ms: i64,
    },
    /// The question arrives, the answer does not.
    Unheard {
        who: usize,
    },
    /// Nobody reaches Redis.
    Away {
        who: usize,
    },
    Wait(i64),
    /// All is gone.
    Forget,
    /// It comes back with what it knew at the start of the step before.
    Restore,
    /// The machine is started anew; it has kept the number that it saw.
    Restart {
        who: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = || 0_usize..2;
    let step = prop_oneof![
        8 => (who(), 0_i64..300, 0_i64..300).prop_map(|(who, there_ms, back_ms)| Step::Ask { who, there_ms, back_ms }),
        1 => (who(), 0_i64..5_000, 0_i64..5_000).prop_map(|(who, there_ms, back_ms)| Step::Ask { who, there_ms, back_ms }),
        1 => who().prop_map(|who| Step::Unheard { who }),
        2 => who().prop_map(|who| Step::Away { who }),
        4 => (1_i64..2_000).prop_map(Step::Wait),
        1 => Just(Step::Forget),
        1 => Just(Step::Restore),
        1 => who().prop_map(|who| Step::Restart { who }),
    ];
    prop::collection::vec(step, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whoever stands still and whatever Redis forgets: no two hold the lease at the same time by their own clocks, unless Redis came
    /// back with an old memory that looks like the newest. Numbers grow with each holder while Redis remembers, and no machine
    /// ever gets one twice: what it writes can be told from all that was written before.
    #[test]
    fn one_holds_it_at_a_time(steps in steps()) {
        let restores = steps.iter().any(|step| matches!(step, Step::Restore));
        let forgets = restores || steps.iter().any(|step| matches!(step, Step::Forget));
        let mut machines = [Lease::new(LENGTH, 0), Lease::new(LENGTH, 0)];
        let (mut redis, mut before) = (Redis::default(), Redis::default());
        let (mut now, mut taken) = (0_i64, std::collections::BTreeSet::new());
        // A process that is started anew is another holder.
        let (mut newest, mut ids) = (0, [0, 1]);
        for step in steps {
            let at = MonoTime::from_ms;
            let earlier = redis.clone();
            match step {
                Step::Ask { who, there_ms, back_ms } => {
                    let asked = now;
                    let ask = machines[who].ask(Role::Standby, at(asked));
                    let answer = redis.ask(ids[who], &ask, now + there_ms);
                    now += there_ms + back_ms;
                    let change = machines[who].answered(&answer, at(asked), at(now));
                    if let Change::Taken(fence) = change {
                        prop_assert!(taken.insert((fence, ids[who])), "{} has number {} again", who, fence);
                        prop_assert!(fence > newest || forgets, "number {} after {}", fence, newest);
                        newest = newest.max(fence);
                    }
                }
                Step::Unheard { who } => {
                    let ask = machines[who].ask(Role::Standby, at(now));
                    redis.ask(ids[who], &ask, now);
                    machines[who].silent(at(now));
                }
                Step::Away { who } => {
                    machines[who].silent(at(now));
                }
                Step::Wait(ms) => now += ms,
                Step::Forget => redis = Redis::default(),
                Step::Restore => redis = before.clone(),
                Step::Restart { who } => {
                    machines[who] = Lease::new(LENGTH, machines[who].seen());
                    ids[who] += 2;
                }
            }
            before = earlier;
            let holds = |who: usize| machines[who].held_until(at(now)).is_some();
            prop_assert!(restores || !(holds(0) && holds(1)), "both hold it at {}", now);
        }
    }
}

#[test]
fn the_length_follows_the_cycle_within_bounds() {
    let of = |s: u64| lease_ms(Duration::from_secs(s));
    assert_eq!([of(1), of(5), of(30), of(3_600)], [2_000, 7_500, 45_000, 60_000]);
}

#[test]
fn a_redis_with_an_old_memory_is_given_the_time_of_a_lease() {
    let mut other = Lease::new(LENGTH, 4);
    let at = MonoTime::from_ms;
    let takes = |lease: &Lease, ms| lease.ask(Role::Standby, at(ms)).takes;
    assert_eq!(takes(&other, 0), Takes::Free, "it knows of nothing wrong");
    let old = LeaseAnswer { held: true, fence: 3, ..LeaseAnswer::default() };
    assert_eq!(
        other.answered(&old, at(0), at(10)),
        Change::None,
        "not with a number that others may have had since"
    );
    let patience = LENGTH + LENGTH / RENEWALS + 10;
    assert_eq!((takes(&other, patience - 1), takes(&other, patience)), (Takes::No, Takes::Free));
    assert_eq!(other.ask(Role::Standby, at(0)).seen, 4, "so that the next number is greater");
    let mut holder = Lease::new(LENGTH, 4);
    let held = LeaseAnswer { held: true, fence: 4, ..LeaseAnswer::default() };
    assert_eq!(holder.answered(&held, at(0), at(10)), Change::Taken(4));
    assert_eq!(takes(&holder, 20), Takes::Own);
    assert_eq!(holder.silent(at(LENGTH - LENGTH / MARGIN - 1)), Change::None);
    assert_eq!(holder.silent(at(LENGTH - LENGTH / MARGIN)), Change::Lost);
    // From a Redis that has lost all, the one that sent last goes on; the other waits longer than Redis makes it.
    let empty = LeaseAnswer::default();
    for (lease, takes_it) in [(&mut holder, Takes::Free), (&mut other, Takes::No)] {
        lease.outdated_since = None;
        lease.answered(&empty, at(9_000), at(9_000));
        assert_eq!(takes(lease, 9_000 + LENGTH), takes_it);
    }
}
