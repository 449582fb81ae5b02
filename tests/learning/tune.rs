//! The search for a better rule: finds what is there, claims nothing where nothing is, and sees no day too early.

use impulso::domain::indicator::macd::MacdValue;
use impulso::domain::moment::MarketTime;
use impulso::domain::score::apply::Raw;
use impulso::domain::score::profile::Profile;
use impulso::domain::time::{DAY_MS, HOUR_MS};
use impulso::learning::tuning::points::{Point, Points, Series};
use impulso::learning::tuning::{TuneConfig, Tuned, tune};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const PAIRS: usize = 12;
const DAYS: i64 = 50;

fn config() -> TuneConfig {
    TuneConfig { candidates: 120, folds: 4, min_per_day: 1.0, hysteresis: 3.0, seed: 7, threads: 2 }
}

/// Pairs whose values jump about; with `planted` a fast pair hits four times of five, an oversold one hardly ever.
fn market(planted: bool) -> Points {
    let mut random = Pcg64::seed_from_u64(21);
    let mut pair = || {
        let points = (0..DAYS * 24).map(|hour| {
            let (fast, oversold) = (random.random_bool(0.06), random.random_bool(0.06));
            let strong = random.random_bool(0.5);
            let chance = match (planted, fast, oversold) {
                (true, true, _) => 0.8,
                (true, _, true) => 0.02,
                _ => 0.12,
            };
            let raw = Raw {
                price: 10.0,
                rsi_14: if oversold { 22.0 } else { 50.0 },
                macd: MacdValue {
                    line: if strong { 1.0 } else { 0.0 },
                    signal: 0.5,
                    histogram: if strong { 0.5 } else { -0.5 },
                },
                volume_ratio: if oversold || fast { 520.0 } else { random.random_range(50.0..180.0) },
                // With the points for being oversold this is FUERTE by the profile in force.
                velocity_1h: if fast {
                    3.5
                } else if oversold {
                    1.7
                } else {
                    random.random_range(-1.0..1.6)
                },
                breakout_high: 10.0,
                atr_14: 0.2,
                volatility_24h: 9.0,
                resistance: None,
                btc_correlation: 0.5,
                btc_change_4h: Some(0.3),
                volume_24h: 4e6,
            };
            let hit = random.random_bool(chance);
            Point { as_of: MarketTime::from_index(hour, HOUR_MS), raw: Some(raw), hit: Some(hit) }
        });
        Series { from_start: true, points: points.collect() }
    };
    Points::of_one_period((0..PAIRS).map(|_| pair()).collect())
}

fn search(points: &Points, config: &TuneConfig) -> Tuned {
    tune(points, &Profile::default(), config, &mut |_, _| {}).expect("enough days")
}

#[test]
fn a_planted_rule_is_found_and_holds_on_days_that_it_has_not_seen() {
    let tuned = search(&market(true), &config());
    assert!(tuned.holds, "{:?} {:?}", tuned.why, tuned.out_of_sample);
    let (own, now) = (tuned.out_of_sample.fuerte_precision, tuned.in_force.fuerte_precision);
    assert!(own > Some(0.6) && own > now, "{own:?} {now:?}");
    assert!(tuned.difference_90.is_some_and(|[low, _]| low > 0.0));
    assert_eq!(tuned.profile.validate(), Ok(()));
    assert!(!tuned.changes.is_empty() && tuned.why.is_none());
    assert_eq!(tuned.folds.len(), 3);
}

#[test]
fn noise_is_refused_although_it_looks_well_in_sample() {
    let tuned = search(&market(false), &config());
    assert!(!tuned.holds && tuned.why.is_some());
    let lucky = tuned.folds.iter().filter_map(|f| f.in_sample.fuerte_precision).fold(0.0, f64::max);
    let base = tuned.in_force.base_rate;
    assert!(lucky > base + 0.02, "the search found luck: {lucky} against {base}");
    let out = tuned.out_of_sample.fuerte_precision.expect("episodes");
    assert!((out - base).abs() < 0.08, "and out of sample it was the base rate: {out} against {base}");
}

#[test]
fn the_same_seed_finds_the_same_on_any_number_of_threads() {
    let points = market(true);
    let few = TuneConfig { candidates: 24, ..config() };
    let one = search(&points, &TuneConfig { threads: 1, ..few });
    assert_eq!(search(&points, &TuneConfig { threads: 3, ..few }), one);
    assert_ne!(search(&points, &TuneConfig { seed: 8, ..few }).profile, one.profile);
}

#[test]
fn what_comes_later_changes_no_earlier_choice() {
    let points = market(true);
    let few = TuneConfig { candidates: 24, ..config() };
    let whole = search(&points, &few);
    let mut changed = points;
    let last = whole.folds.last().expect("folds").from;
    for point in changed.pairs.iter_mut().flat_map(|series| &mut series.points) {
        if point.as_of >= last {
            point.hit = point.hit.map(|hit| !hit);
        }
    }
    let other = search(&changed, &few);
    let all = whole.folds.len();
    assert_eq!(other.folds[..all - 1], whole.folds[..all - 1]);
    assert_eq!(other.folds[all - 1].in_sample, whole.folds[all - 1].in_sample, "chosen by the days before");
    assert_ne!(other.folds[all - 1].out_of_sample, whole.folds[all - 1].out_of_sample);
}

/// Markets one after another, `apart` ms from the start of the one to that of the next.
fn periods(of: &[bool], apart: i64) -> Points {
    let mut all = Points::default();
    for (number, planted) in of.iter().enumerate() {
        let mut pairs = market(*planted).pairs;
        for point in pairs.iter_mut().flat_map(|series| &mut series.points) {
            point.as_of += number as i64 * apart;
        }
        all.append(Points::of_one_period(pairs));
    }
    all
}

#[test]
fn of_several_periods_each_is_judged_by_what_the_others_taught() {
    let tuned = search(&periods(&[true, true], 60 * DAY_MS), &config());
    assert_eq!(tuned.folds.len(), 2);
    assert_eq!(tuned.folds[1].from, MarketTime::from_index(60, DAY_MS), "a fold is a period");
    assert!(tuned.holds, "{:?}", tuned.why);
    let first = &tuned.folds[0];
    assert!(
        first.out_of_sample.fuerte_precision > first.in_force.fuerte_precision,
        "by days that came later"
    );
}

#[test]
fn periods_of_the_same_days_are_cut_into_blocks() {
    let tuned = search(&periods(&[true, true], 0), &config());
    assert_eq!(tuned.folds.len(), 3, "nothing would be left to choose by");
}

#[test]
fn too_few_days_are_told() {
    let mut points = market(true);
    for series in &mut points.pairs {
        series.points.retain(|p| p.as_of < MarketTime::from_index(6, DAY_MS));
    }
    let told =
        tune(&points, &Profile::default(), &config(), &mut |_, _| {}).expect_err("six days").to_string();
    assert!(told.contains("--folds") && told.contains("5 days"), "{told}");
}

#[test]
fn the_tuned_profile_in_the_repository_can_be_used() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/tuned.toml");
    let profile = impulso::app::learning::profiles::read_profile(&path).expect("a settings file");
    assert_eq!(profile.validate(), Ok(()));
    assert_ne!(*profile, Profile::default());
}
