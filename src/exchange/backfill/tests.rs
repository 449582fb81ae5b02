//! The planner against its rules.

use super::*;
use crate::domain::time::{Interval, MINUTE_MS};
use proptest::prelude::*;

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
    Task::Gap { symbol: s(name), from, to }
}

#[test]
fn universe_then_leader_then_gaps_then_volume() {
    let mut planner = Planner::new(PlannerRules::default());
    planner.set_volume(&s("BIGUSDT"), 9e9);
    for task in [warmup("AUSDT"), warmup("BIGUSDT"), gap("ZUSDT", 1, 2), warmup("BTCUSDT"), Task::Universe] {
        assert_eq!(planner.push(task), Pushed::Queued);
    }
    let order: Vec<Option<Symbol>> =
        std::iter::from_fn(|| planner.next(at(0))).map(|j| j.task.symbol().cloned()).collect();
    let names: Vec<&str> = order.iter().map(|o| o.as_ref().map_or("-", Symbol::as_str)).collect();
    assert_eq!(names, ["-", "BTCUSDT", "ZUSDT", "BIGUSDT", "AUSDT"]);
}

#[test]
fn one_job_a_pair_and_kind() {
    let mut planner = Planner::new(PlannerRules { max_waiting: 2, ..PlannerRules::default() });
    planner.push(gap("AUSDT", 100, 200));
    assert_eq!(planner.push(gap("AUSDT", 150, 300)), Pushed::Merged);
    let job = planner.next(at(0)).unwrap();
    assert_eq!(job.task, gap("AUSDT", 100, 300));
    planner.push(gap("AUSDT", 400, 400));
    assert_eq!(planner.next(at(0)), None, "one job of a pair at a time");
    assert_eq!(planner.push(warmup("AUSDT")), Pushed::Queued);
    assert_eq!(planner.push(gap("AUSDT", 1, 2)), Pushed::Covered);
    assert_eq!(planner.load(), (1, 1));
    planner.push(warmup("BUSDT"));
    assert_eq!(planner.push(warmup("CUSDT")), Pushed::Refused);
    assert!(planner.done(job.id) && !planner.done(job.id));
    assert_eq!(planner.next(at(0)).unwrap().task, warmup("AUSDT"));
    assert_eq!(planner.stats().refused, 1);
}

#[test]
fn failures_wait_merge_and_drop() {
    let mut planner = Planner::new(PlannerRules::default());
    planner.push(gap("AUSDT", 100, 200));
    let job = planner.next(at(0)).unwrap();
    planner.push(gap("AUSDT", 300, 300));
    assert_eq!(planner.failed(job.id, at(0), Action::RetryAfter(5_000), 0), Failed::RetryAt(at(5_000)));
    assert_eq!(planner.next(at(4_999)), None);
    assert_eq!(planner.next_due(), Some(at(5_000)));
    let again = planner.next(at(5_000)).unwrap();
    assert_eq!((again.task, again.attempt), (gap("AUSDT", 100, 300), 1));
    assert_eq!(planner.failed(again.id, at(5_000), Action::Reject, 0), Failed::Dropped);
    assert_eq!(planner.load(), (0, 0));
    planner.push(warmup("BUSDT"));
    let job = planner.next(at(0)).unwrap();
    planner.remove(&s("BUSDT"));
    assert_eq!(planner.failed(job.id, at(0), Action::Retry, 0), Failed::Dropped);
    assert_eq!(planner.load(), (0, 0));
}

#[test]
fn requests_of_a_warm_up_cover_26_hours() {
    let plan = HistoryPlan::default();
    let now = 1_700_000_000_000;
    let requests = plan.requests(&warmup("AUSDT"), now);
    assert_eq!(requests.len(), 3);
    assert_eq!((requests[0].interval, requests[0].start_time), (Interval::M15, None));
    assert_eq!(requests[1].start_time, Some(Interval::M1.floor(now - 1_560 * MINUTE_MS)));
    assert_eq!(requests[1].limit, 1_000);
    assert_eq!(requests[2].start_time, requests[1].end_time.map(|t| t + MINUTE_MS));
    assert_eq!(requests[2].end_time, None);
    let five = HistoryPlan { base: Interval::M5, ..plan };
    assert_eq!(five.requests(&warmup("AUSDT"), now).len(), 2);
    let old = plan.requests(&gap("AUSDT", 60_000, now), now);
    assert_eq!(old.len(), 2, "a hole is not fetched beyond the window");
    let future = plan.requests(&Task::Idle { symbol: s("AUSDT"), from: now + 600_000 }, now);
    assert_eq!(future.len(), 1);
    assert!(plan.requests(&Task::Universe, now).is_empty());
}

proptest! {
    /// Pages of a gap cover every missing open time exactly once.
    #[test]
    fn pages_tile_the_gap(start in 0i64..1_500, length in 1i64..1_600) {
        let now = 1_700_000_000_000 / MINUTE_MS * MINUTE_MS;
        let from = now - (1_560 - start) * MINUTE_MS;
        let to = from + (length - 1) * MINUTE_MS;
        let mut next = from;
        for r in HistoryPlan::default().requests(&gap("AUSDT", from, to), now) {
            prop_assert_eq!(r.start_time, Some(next));
            let end = r.end_time.unwrap();
            prop_assert_eq!(i64::from(r.limit), (end - next) / MINUTE_MS + 1);
            next = end + MINUTE_MS;
        }
        prop_assert_eq!(next, to.min(now) + MINUTE_MS);
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
                0 => { planner.push(warmup(&name)); }
                1 => { planner.push(gap(&name, 60_000, 120_000)); }
                2 => if let Some(job) = planner.next(at(now)) { flying.push(job.id); },
                _ => if let Some(id) = flying.pop() {
                    if who % 2 == 0 { planner.done(id); } else { planner.failed(id, at(now), Action::Retry, random); }
                },
            }
            let (waiting, under_way) = planner.load();
            prop_assert!(waiting <= 12 + 3 && under_way <= 3);
            prop_assert_eq!(under_way, flying.len());
        }
        for id in flying { planner.done(id); }
        now += 100_000;
        while let Some(job) = planner.next(at(now)) { planner.done(job.id); }
        prop_assert_eq!(planner.load(), (0, 0));
        prop_assert!(planner.ready.is_empty() && planner.delayed.is_empty() && planner.busy.is_empty());
    }
}
