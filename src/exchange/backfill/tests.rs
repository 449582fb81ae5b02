//! The planner against its rules.

use super::*;
use crate::domain::moment::MarketTime;
use crate::domain::time::{Interval, MINUTE_MS};
use proptest::prelude::*;

const fn market(ms: i64) -> MarketTime {
    MarketTime::from_ms(ms)
}

const fn at(ms: i64) -> MonoTime {
    MonoTime::from_ms(ms)
}

fn s(name: &str) -> Symbol {
    Symbol::new(name)
}

fn warmup(name: &str) -> Task {
    Task::Warmup { symbol: s(name) }
}

fn gap(name: &str, from: i64, to: i64) -> Task {
    Task::Gap { symbol: s(name), from: market(from), to: market(to) }
}

#[test]
fn universe_then_leader_then_gaps_then_volume() {
    let mut planner = Planner::new(PlannerRules::default());
    planner.set_volume(&s("BIGUSDT"), 9e9);
    for task in [warmup("AUSDT"), warmup("BIGUSDT"), gap("ZUSDT", 1, 2), warmup("BTCUSDT"), Task::Universe] {
        assert_eq!(planner.push(task, at(0)), Pushed::Queued);
    }
    let order: Vec<Option<Symbol>> =
        std::iter::from_fn(|| planner.next(at(0))).map(|j| j.task.symbol().cloned()).collect();
    let names: Vec<&str> = order.iter().map(|o| o.as_ref().map_or("-", Symbol::as_str)).collect();
    assert_eq!(names, ["-", "BTCUSDT", "ZUSDT", "BIGUSDT", "AUSDT"]);
}

#[test]
fn one_job_a_pair_and_kind() {
    let mut planner = Planner::new(PlannerRules { max_waiting: 2, ..PlannerRules::default() });
    planner.push(gap("AUSDT", 100, 200), at(0));
    assert_eq!(planner.push(gap("AUSDT", 150, 300), at(0)), Pushed::Merged);
    let job = planner.next(at(0)).unwrap();
    assert_eq!(job.task, gap("AUSDT", 100, 300));
    planner.push(gap("AUSDT", 400, 400), at(0));
    assert_eq!(planner.next(at(0)), None, "one job of a pair at a time");
    assert_eq!(planner.push(warmup("AUSDT"), at(0)), Pushed::Queued);
    assert_eq!(planner.push(gap("AUSDT", 1, 2), at(0)), Pushed::Covered);
    assert_eq!(planner.load(), (1, 1));
    planner.push(warmup("BUSDT"), at(0));
    assert_eq!(planner.push(warmup("CUSDT"), at(0)), Pushed::Refused);
    assert!(planner.done(job.id, at(0)) && !planner.done(job.id, at(0)));
    assert_eq!(planner.next(at(0)).unwrap().task, warmup("AUSDT"));
    assert_eq!(planner.stats().refused, 1);
}

#[test]
fn failures_wait_merge_and_drop() {
    let mut planner = Planner::new(PlannerRules::default());
    planner.push(gap("AUSDT", 100, 200), at(0));
    let job = planner.next(at(0)).unwrap();
    planner.push(gap("AUSDT", 300, 300), at(0));
    assert_eq!(
        planner.failed(job.id, at(0), Action::RetryAfter(5_000), 0),
        Failed::RetryAt { at: at(5_000), failures: 1 }
    );
    assert_eq!(planner.next(at(4_999)), None);
    assert_eq!(planner.next_due(), Some(at(5_000)));
    let again = planner.next(at(5_000)).unwrap();
    assert_eq!((again.task, again.attempt), (gap("AUSDT", 100, 300), 1));
    assert_eq!(planner.failed(again.id, at(5_000), Action::Reject, 0), Failed::Dropped { before: 0 });
    assert_eq!(planner.load(), (0, 0));
    planner.push(warmup("BUSDT"), at(0));
    let job = planner.next(at(0)).unwrap();
    planner.remove(&s("BUSDT"));
    assert_eq!(planner.failed(job.id, at(0), Action::Retry, 0), Failed::Dropped { before: 0 });
    assert_eq!(planner.load(), (0, 0));
}

/// Asks, is answered at once, and asks again every half second: the moments of the requests within `span_ms`.
fn requests(planner: &mut Planner, span_ms: i64, ask: impl Fn(i64) -> Task, refused: bool) -> Vec<i64> {
    let mut sent = Vec::new();
    for now in (0..span_ms).step_by(500) {
        planner.push(ask(now), at(now));
        while let Some(job) = planner.next(at(now)) {
            sent.push(now);
            if refused {
                let before = u32::try_from(sent.len() - 1).unwrap();
                assert_eq!(planner.failed(job.id, at(now), Action::Reject, 0), Failed::Dropped { before });
            } else {
                planner.done(job.id, at(now));
            }
            // As a pair does whose hole is still there.
            planner.push(ask(now), at(now));
        }
    }
    sent
}

#[test]
fn an_answer_that_does_not_help_is_asked_for_less_and_less() {
    let mut planner = Planner::new(PlannerRules::default());
    let sent = requests(&mut planner, 130_000, |_| gap("AUSDT", 60_000, 180_000), false);
    assert_eq!(sent, [0, 3_000, 9_000, 21_000, 45_000, 75_000, 105_000]);
    assert_eq!(planner.load(), (1, 0));
    planner.push(gap("BUSDT", 60_000, 180_000), at(130_000));
    assert!(planner.next(at(130_000)).is_some(), "another pair does not wait");
    assert!(planner.answered.len() <= 2);
    // One that asks again only when the wait is over presses no less.
    let mut planner = Planner::new(PlannerRules::default());
    let mut sent = Vec::new();
    for now in (0..60_000).step_by(3_000) {
        planner.push(gap("AUSDT", 60_000, 180_000), at(now));
        if let Some(job) = planner.next(at(now)) {
            planner.done(job.id, at(now));
            sent.push(now);
        }
    }
    assert_eq!(sent, [0, 3_000, 9_000, 21_000, 45_000]);
}

#[test]
fn progress_ends_the_waits_but_for_the_least() {
    let mut planner = Planner::new(PlannerRules::default());
    // What is missing begins later every 20 s.
    let sent = requests(&mut planner, 60_000, |now| gap("AUSDT", now / 20_000 * 20_000, 180_000), false);
    assert_eq!(sent, [0, 3_000, 9_000, 21_000, 24_000, 27_000, 33_000, 45_000, 48_000, 51_000, 57_000]);
    let mut planner = Planner::new(PlannerRules::default());
    let all = requests(&mut planner, 30_000, |now| gap("AUSDT", now, 180_000), false);
    assert!(all.windows(2).all(|w| w[1] - w[0] >= 3_000), "not even progress beats the least wait: {all:?}");
}

#[test]
fn reconnects_and_restarts_do_not_begin_the_waits_anew() {
    let mut planner = Planner::new(PlannerRules::default());
    // A pair that is made anew again and again asks for its history each time.
    let sent = requests(&mut planner, 60_000, |_| warmup("AUSDT"), false);
    assert_eq!(sent, [0, 3_000, 9_000, 21_000, 45_000]);
    // One that asks in good time is no such pair.
    let mut planner = Planner::new(PlannerRules::default());
    for now in [0, 90_000, 180_000, 270_000] {
        planner.push(Task::Idle { symbol: s("AUSDT"), from: market(0) }, at(now));
        let job = planner.next(at(now)).unwrap();
        planner.done(job.id, at(now));
    }
    planner.push(Task::Idle { symbol: s("AUSDT"), from: market(0) }, at(273_000));
    assert!(planner.next(at(273_000)).is_some());
}

#[test]
fn a_refused_pair_is_asked_about_seldom_and_the_list_of_pairs_never_given_up() {
    let mut planner = Planner::new(PlannerRules::default());
    let sent = requests(&mut planner, 3_600_000, |_| warmup("AUSDT"), true);
    assert_eq!(sent[..5], [0, 3_000, 9_000, 21_000, 45_000]);
    assert!(sent.len() <= 14, "{} in an hour", sent.len());
    planner.remove(&s("AUSDT"));
    assert!(planner.answered.is_empty());
    planner.push(Task::Universe, at(0));
    let job = planner.next(at(0)).unwrap();
    assert!(matches!(planner.failed(job.id, at(0), Action::Reject, 0), Failed::RetryAt { .. }));
}

#[test]
fn requests_of_a_warm_up_cover_26_hours() {
    let plan = HistoryPlan::default();
    let now = 1_700_000_000_000;
    let requests = plan.requests(&warmup("AUSDT"), market(now));
    assert_eq!(requests.len(), 3);
    assert_eq!((requests[0].interval, requests[0].start_time), (Interval::M15, None));
    assert_eq!(requests[1].start_time, Some(Interval::M1.floor(market(now - 1_560 * MINUTE_MS))));
    assert_eq!(requests[1].limit, 1_000);
    assert_eq!(requests[2].start_time, requests[1].end_time.map(|t| t + MINUTE_MS));
    assert_eq!(requests[2].end_time, None);
    let five = HistoryPlan { base: Interval::M5, ..plan };
    assert_eq!(five.requests(&warmup("AUSDT"), market(now)).len(), 2);
    let old = plan.requests(&gap("AUSDT", 60_000, now), market(now));
    assert_eq!(old.len(), 2, "a hole is not fetched beyond the window");
    let future = plan.requests(&Task::Idle { symbol: s("AUSDT"), from: market(now + 600_000) }, market(now));
    assert_eq!(future.len(), 1);
    assert!(plan.requests(&Task::Universe, market(now)).is_empty());
}

proptest! {
    /// Pages of a gap cover every missing open time exactly once.
    #[test]
    fn pages_tile_the_gap(start in 0i64..1_500, length in 1i64..1_600) {
        let now = 1_700_000_000_000 / MINUTE_MS * MINUTE_MS;
        let from = now - (1_560 - start) * MINUTE_MS;
        let to = from + (length - 1) * MINUTE_MS;
        let mut next = market(from);
        for r in HistoryPlan::default().requests(&gap("AUSDT", from, to), market(now)) {
            prop_assert_eq!(r.start_time, Some(next));
            let end = r.end_time.unwrap();
            prop_assert_eq!(i64::from(r.limit), (end - next) / MINUTE_MS + 1);
            next = end + MINUTE_MS;
        }
        prop_assert_eq!(next, market(to.min(now) + MINUTE_MS));
    }

    /// Whatever happens, bounds hold and every task that was taken up ends.
    #[test]
    fn nothing_is_lost(ops in prop::collection::vec((0u8..4, 0u8..6, 0u64..9), 1..200)) {
        let rules = PlannerRules { max_in_flight: 3, max_waiting: 12, ..PlannerRules::default() };
        let mut planner = Planner::new(rules);
        let (mut now, mut flying) = (0, Vec::new());
        for (op, who, random) in ops {
            now += 700;
            let name = format!("S{who}USDT");
            match op {
                0 => { planner.push(warmup(&name), at(now)); }
                1 => { planner.push(gap(&name, 60_000, 120_000), at(now)); }
                2 => if let Some(job) = planner.next(at(now)) { flying.push(job.id); },
                _ => if let Some(id) = flying.pop() {
                    if who % 2 == 0 { planner.done(id, at(now)); } else { planner.failed(id, at(now), Action::Retry, random); }
                },
            }
            let (waiting, under_way) = planner.load();
            prop_assert!(waiting <= 12 + 3 && under_way <= 3);
            prop_assert_eq!(under_way, flying.len());
        }
        for id in flying { planner.done(id, at(now)); }
        now += 100_000;
        while let Some(job) = planner.next(at(now)) { planner.done(job.id, at(now)); }
        prop_assert_eq!(planner.load(), (0, 0));
        prop_assert!(planner.ready.is_empty() && planner.delayed.is_empty() && planner.busy.is_empty());
    }
}
