//! Arms in the shadow: what they open, how they are judged beside what is in force, and what a restart leaves.

use crate::support::arms_market::{HOURS_A_DAY, Market, config, sharp};
use impulso::domain::moment::MarketTime;
use impulso::domain::prediction::{OutcomeRow, PredictionRow};
use impulso::domain::report::Level;
use impulso::domain::time::{DAY_MS, HOUR_MS};
use impulso::learning::arms::shadow::{ArmReport, ShadowArms};
use impulso::learning::arms::verdict::{Measure, Rule, Standing};
use impulso::learning::arms::{Arm, ArmSpec, rescored};
use std::collections::BTreeMap;
use std::sync::Arc;

const RULE: Rule = Rule { min_days: 10, min_resolved: 1_000, min_fuerte: 30, tolerance: 0.05 };

fn in_force() -> ArmSpec {
    ArmSpec { name: String::new(), profile: None, model: None }
}

fn arm() -> ArmSpec {
    ArmSpec { name: "uno".to_owned(), profile: Some(Arc::new(sharp())), model: None }
}

fn outcome(p: &PredictionRow, hit: bool) -> OutcomeRow {
    OutcomeRow {
        key: p.key.clone(),
        symbol: p.symbol.clone(),
        opened_at: p.opened_at,
        resolved_at: p.opened_at + DAY_MS,
        hit_4h: Some(false),
        hit_24h: Some(hit),
        minutes_to_hit: None,
        greatest_rise_pct: 0.0,
        deepest_fall_pct: 0.0,
        void: None,
    }
}

type Known = Vec<(PredictionRow, Option<OutcomeRow>)>;

struct Ran {
    shadow_arms: ShadowArms,
    /// What the ledger knows of it.
    known: Known,
}

/// Days of hours; what is opened is resolved a day later.
fn run(days: i64) -> Ran {
    let mut shadow_arms = ShadowArms::new(in_force(), vec![arm()], config(), |_, _| MarketTime::EPOCH);
    let mut market = Market::new();
    let mut follow = Arm::new(in_force(), config());
    let mut due: BTreeMap<i64, Vec<OutcomeRow>> = BTreeMap::new();
    let mut ledger = Known::new();
    for hour in 0..days * HOURS_A_DAY {
        let snapshot = market.snapshot(MarketTime::from_index(hour, HOUR_MS));
        let own = follow.take(&snapshot);
        let live = own.iter().map(|o| o.prediction("", ("base", "")));
        for p in live.chain(shadow_arms.take(&snapshot)) {
            let came = outcome(&p, market.hits(p.symbol.as_str(), hour));
            let known = (hour + HOURS_A_DAY < days * HOURS_A_DAY).then(|| came.clone());
            due.entry(hour + HOURS_A_DAY).or_default().push(came);
            ledger.push((p, known));
        }
        for came in due.remove(&hour).unwrap_or_default() {
            shadow_arms.resolved(&came);
        }
    }
    Ran { shadow_arms, known: ledger }
}

fn arm_of(shadow_arms: &ShadowArms) -> ArmReport {
    shadow_arms.report(&RULE, &RULE).into_iter().find(|a| a.name == "uno").expect("the arm")
}

#[test]
fn a_better_rule_shows_after_enough_days_and_not_before() {
    let early = arm_of(&run(6).shadow_arms).against.expect("a baseline").compared;
    assert_eq!((early.standing, early.by), (Standing::NeedsDays, Measure::Fuerte));
    let ran = run(20);
    let report = arm_of(&ran.shadow_arms);
    let compared = report.against.expect("a baseline").compared;
    assert_eq!(compared.standing, Standing::Better, "{compared:?}");
    assert!(
        compared.fuerte.precision > Some(0.6) && compared.base_fuerte.precision < Some(0.4),
        "{compared:?}"
    );
    assert!(compared.fuerte_difference_90.is_some_and(|[low, _]| low > 0.0));
    assert!(report.open > 0 && report.profile.starts_with("p-"), "{}", report.profile);
    let live = &ran.shadow_arms.report(&RULE, &RULE)[0];
    assert!(live.name.is_empty() && live.against.is_none());
    assert_eq!(live.levels[0].0, Level::Fuerte);
    assert_eq!(live.levels[0].1, compared.base_fuerte, "the baseline is what is in force");
}

#[test]
fn a_restart_finds_the_same_record_in_the_ledger() {
    let ran = run(14);
    let mut anew = ShadowArms::new(in_force(), vec![arm()], config(), |_, _| MarketTime::EPOCH);
    for day in 0..15 {
        let of_day = ran.known.iter().filter(|(p, _)| p.opened_at.index(DAY_MS) == day);
        anew.remember(&of_day.cloned().collect::<Known>());
    }
    assert_eq!(anew.report(&RULE, &RULE), ran.shadow_arms.report(&RULE, &RULE));
}

#[test]
fn another_arm_of_the_same_name_begins_anew() {
    let mut ran = run(12);
    let before = arm_of(&ran.shadow_arms);
    assert!(before.against.as_ref().is_some_and(|a| a.compared.resolved > 1_000));
    ran.shadow_arms.set_arms(vec![arm()], MarketTime::from_ms(99));
    assert_eq!(arm_of(&ran.shadow_arms).against, before.against, "the same arm goes on");
    let mut other = sharp();
    other.levels.fuerte = 90.0;
    let spec = ArmSpec { profile: Some(Arc::new(other)), ..arm() };
    ran.shadow_arms.set_arms(vec![spec], MarketTime::from_index(12, DAY_MS));
    let fresh = arm_of(&ran.shadow_arms);
    assert_eq!((fresh.since, fresh.open), (MarketTime::from_index(12, DAY_MS), 0));
    assert_eq!(fresh.against.expect("a baseline").compared.resolved, 0);
    // What the former one said does not count for it, after a restart neither.
    ran.shadow_arms.remember(&ran.known);
    assert_eq!(arm_of(&ran.shadow_arms).against.expect("a baseline").compared.resolved, 0);
}

#[test]
fn what_takes_over_begins_anew_and_so_do_the_pairs_with_it() {
    let mut ran = run(12);
    let next = ArmSpec { name: String::new(), ..arm() };
    ran.shadow_arms.set_in_force(next.clone(), MarketTime::from_index(12, DAY_MS));
    assert_eq!(ran.shadow_arms.in_force(), &next);
    let reports = ran.shadow_arms.report(&RULE, &RULE);
    assert!(reports.iter().all(|r| r.since == MarketTime::from_index(12, DAY_MS)));
    assert!(reports.iter().all(|r| r.levels.iter().all(|(_, share)| share.judged == 0)));
}

#[test]
fn a_report_scored_twice_the_same_way_is_the_same() {
    let snapshot = Market::new().snapshot(MarketTime::EPOCH);
    for report in snapshot.reports.iter() {
        let twice =
            rescored(&rescored(report, &sharp()), &impulso::domain::score::profile::Profile::default());
        assert_eq!(&twice, report);
    }
}
