//! Openings and outcomes.

use super::opener::Opener;
use super::outcome::judge;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::{RankingFilters, Snapshot, rank};
use crate::domain::report::{Analysis, Components, Factors, Indicators, Level, NotReady, Readiness, Report};
use crate::domain::score::level::LevelThresholds;
use crate::domain::symbol::Symbol;
use crate::domain::time::{HOUR_MS, MINUTE_MS};
use std::sync::Arc;

const fn market(ms: i64) -> MarketTime {
    MarketTime::from_ms(ms)
}

fn snapshot(as_of: MarketTime, score: Option<f64>) -> Snapshot {
    let analysis = |score: f64| Analysis {
        timestamp: as_of,
        current_price: 1.0,
        volume_24h: 5e6,
        total_score: score,
        components: Components::default(),
        indicators: Indicators::default(),
        probability_7_5: 40.0,
        factors: Factors::default(),
        composite_score: score,
        confidence_level: LevelThresholds::RULE.level(score),
        btc_analyzable: true,
        resistance: None,
        pause_jump: false,
        inputs: crate::domain::inputs::Inputs::default(),
    };
    let readiness = Readiness { reason: score.is_none().then_some(NotReady::Gap), ..Readiness::default() };
    let report =
        Report { symbol: Symbol::new("AUSDT"), readiness, analysis: score.map(|s| Arc::new(analysis(s))) };
    rank(1, as_of, vec![report], &RankingFilters::default())
}

#[test]
fn what_rises_now_is_an_episode() {
    let (mut opener, mut rising) = (Opener::default(), snapshot(market(30_000), Some(90.0)));
    rising.discarded_rows[0].level = Level::Fuerte;
    rising.discarded_rows[0].episode = Some(market(30_000));
    let opened = opener.on_snapshot(&rising);
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0].prediction("", ("p", "m")).key, "episode-AUSDT-30000-FUERTE");
    rising.as_of = market(60_000);
    assert!(opener.on_snapshot(&rising).is_empty(), "still the same episode");
}

#[test]
fn every_full_hour_is_sampled_once() {
    let mut opener = Opener::default();
    let samples = |opener: &mut Opener, at| {
        opener.on_snapshot(&snapshot(at, Some(40.0))).iter().filter(|o| o.sample).count()
    };
    let moments = [HOUR_MS - 30_000, HOUR_MS, HOUR_MS + 30_000, 2 * HOUR_MS + 30_000, 2 * HOUR_MS + 60_000];
    assert_eq!(moments.map(|at| samples(&mut opener, market(at))), [0, 1, 0, 1, 0], "late rather than never");
    assert_eq!(samples(&mut Opener::default(), market(HOUR_MS)), 1);
}

#[test]
fn a_market_time_that_comes_down_makes_no_sample_by_itself() {
    let mut opener = Opener::default();
    opener.on_snapshot(&snapshot(market(5 * HOUR_MS + 60_000), Some(40.0)));
    assert!(opener.on_snapshot(&snapshot(market(4 * HOUR_MS + 30_000), Some(90.0))).is_empty());
    assert_eq!(opener.on_snapshot(&snapshot(market(5 * HOUR_MS), Some(90.0))).len(), 1, "the next hour's");
}

fn candles(count: i64, change: impl Fn(i64) -> (f64, f64)) -> Vec<Candle> {
    let candle = |i: i64| {
        let (high, low) = change(i);
        Candle { high, low, ..Candle::flat(market(i * MINUTE_MS), 1.0) }
    };
    (0..count).map(candle).collect()
}

#[test]
fn hits_misses_and_holes() {
    let quiet = candles(1_440, |_| (1.01, 0.98));
    let miss = judge(market(0), 1.0, &quiet, MINUTE_MS);
    assert_eq!((miss.hit_4h, miss.hit_24h, miss.missing), (Some(false), Some(false), None));
    assert!((miss.greatest_rise_pct - 1.0).abs() < 1e-9 && (miss.deepest_fall_pct + 2.0).abs() < 1e-9);

    let late = candles(1_440, |i| if i == 300 { (1.075, 1.0) } else { (1.0, 1.0) });
    let hit = judge(market(0), 1.0, &late, MINUTE_MS);
    assert_eq!((hit.hit_4h, hit.hit_24h, hit.minutes_to_hit), (Some(false), Some(true), Some(301)));
    assert_eq!(judge(market(0), 1.0, &late[..310], MINUTE_MS).hit_24h, Some(true), "a hit stands at once");

    let mut holed = quiet;
    holed.remove(700);
    let open = judge(market(0), 1.0, &holed, MINUTE_MS);
    assert_eq!((open.hit_4h, open.hit_24h, open.missing), (Some(false), None, Some(market(700 * MINUTE_MS))));
    assert_eq!(judge(market(0), 1.0, &[], MINUTE_MS).missing, Some(market(0)));
}

#[test]
fn only_what_opened_after_the_cut_counts() {
    let spike = candles(1_442, |i| if i < 2 { (9.0, 0.1) } else { (1.0, 1.0) });
    let cut = MINUTE_MS + 30_000;
    let outcome = judge(market(cut), 1.0, &spike, MINUTE_MS);
    assert_eq!(
        (outcome.hit_24h, outcome.greatest_rise_pct, outcome.deepest_fall_pct),
        (Some(false), 0.0, 0.0)
    );
}
