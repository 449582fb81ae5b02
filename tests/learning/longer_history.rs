//! Longer history beside the candles of a backtest stands for what REST answers a running scanner.

use super::model::shipped;
use super::replay::{START, alike, live, pair, walk};
use impulso::domain::analysis::{BtcContext, grouped};
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::ranking::{ModelInputs, RankingFilters, Snapshot, rank};
use impulso::domain::report::Report;
use impulso::domain::time::{DAY_MS, HOUR_MS, Interval, MINUTE_MS};
use impulso::learning::replay::Candles;
use impulso::learning::replay::pair::PairReplay;
use impulso::learning::scorer::Scorer;
use proptest::prelude::*;
use std::sync::Arc;

const DAYS: i64 = 45;

fn later(candles: &[Candle], from: MarketTime) -> Vec<Candle> {
    candles.iter().filter(|c| c.open_time >= from).copied().collect()
}

fn beside(name: &str, base: Interval, candles: Vec<Candle>, hours: Vec<Candle>) -> PairReplay<Candles> {
    pair(name, base, candles).with_hours(Box::new(hours.into_iter()))
}

fn alone(candles: Vec<Candle>, hours: &[Candle], at: MarketTime) -> Report {
    let said =
        beside("AUSDT", Interval::M5, candles, hours.to_vec()).step(at, &BtcContext::unavailable(), true);
    said.report.expect("its candles go on")
}

/// The raw chance of the pair that is not BTC.
fn raw(at: MarketTime, reports: Vec<Report>) -> f64 {
    // Walks trade little and cost what they want: whether they are listed is not the question.
    let filters = RankingFilters { min_volume_24h: 0.0, min_price: 0.0, max_price: f64::INFINITY };
    let mut snapshot: Snapshot = rank(1, at, reports, &filters);
    Scorer::new(Arc::new(shipped().clone()), None).score(&mut snapshot, &filters);
    let row = snapshot.candidates().find(|row| row.symbol.as_str() == "AUSDT").expect("a row");
    assert_eq!(row.model_inputs, Some(ModelInputs::Full));
    row.calibrated_7_5.expect("a chance")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Candles of the last days alone, which begin anywhere in an hour, with the hours before them: the same values as a scanner
    /// that has just started and asked for its hours, and the same chance.
    #[test]
    fn a_backtest_with_hours_says_what_a_scanner_says_after_its_warm_up(
        seed in 1_u64..1_000, begins in 0_i64..600, at in 0_i64..1_440, extra in 0_i64..3,
    ) {
        let count = (DAYS * 1_440) as usize;
        let (candles, of_btc) = (walk(seed, Interval::M1, count), walk(seed + 1_000, Interval::M1, count));
        let at = START + (DAYS - 1) * DAY_MS + at * MINUTE_MS;
        // What recursive indicators need to be the same to the bit: 1,000 bars.
        let from = at - (11 + extra) * DAY_MS - begins * MINUTE_MS;
        let replay = |name: &str, candles: &[Candle]| {
            beside(name, Interval::M1, later(candles, from), grouped(candles, Interval::H1))
        };
        let btc = replay("BTCUSDT", &of_btc).btc_context(at);
        let mut live_btc = live("BTCUSDT", &of_btc, at);
        prop_assert_eq!(&btc, &live_btc.btc_context(at, at));
        let said = replay("AUSDT", &candles).step(at, &btc, true).report.expect("a report");
        let lived = live("AUSDT", &candles, at).report(at, at, &btc);
        alike(&**said.analysis.as_ref().expect("scored"), &**lived.analysis.as_ref().expect("scored"));
        let of_btc = live_btc.report(at, at, &btc);
        let chance = raw(at, vec![said, of_btc.clone()]);
        prop_assert_eq!(chance.to_bits(), raw(at, vec![lived, of_btc]).to_bits());
        let without = pair("AUSDT", Interval::M1, later(&candles, from)).step(at, &btc, true);
        let days = without.report.and_then(|r| r.analysis).map(|a| a.inputs.days.full());
        prop_assert_eq!(days, Some(false), "the hours are what makes the difference");
    }
}

/// Hours of another market: where they count, it shows.
fn others(candles: &[Candle]) -> Vec<Candle> {
    let mut hours = grouped(candles, Interval::H1);
    for hour in &mut hours {
        (hour.high, hour.low, hour.close) = (2.0 * hour.high, 2.0 * hour.low, 2.0 * hour.close);
    }
    hours
}

#[test]
fn hours_that_end_later_change_nothing() {
    let candles = walk(5, Interval::M5, (DAYS * 288) as usize);
    let hours = grouped(&candles, Interval::H1);
    let from = START + 40 * DAY_MS + 25 * MINUTE_MS;
    let mut base = later(&candles, from);
    // A hole of hours: what stands in it comes from the hours, too.
    let hole = START + 43 * DAY_MS + 20 * MINUTE_MS;
    base.retain(|c| !(hole..hole + 5 * HOUR_MS).contains(&c.open_time));
    let mut compared = 0;
    for minutes in (0..12 * 60).step_by(35) {
        let at = hole - HOUR_MS + minutes * MINUTE_MS;
        let cut: Vec<Candle> = hours.iter().filter(|c| c.open_time + HOUR_MS <= at).copied().collect();
        let false_future: Vec<Candle> = hours
            .iter()
            .zip(others(&candles))
            .map(|(hour, other)| if hour.open_time + HOUR_MS <= at { *hour } else { other })
            .collect();
        let said = |hours: &[Candle]| alone(base.clone(), hours, at);
        let whole = said(&hours);
        compared += u32::from(whole.analysis.as_ref().is_some_and(|a| a.inputs.days.full()));
        assert_eq!((&whole, &whole), (&said(&cut), &said(&false_future)), "{minutes}");
    }
    // Within the hole nothing is said.
    assert!(compared > 8, "{compared}");
}

#[test]
fn candles_of_the_market_win_and_hours_stand_where_they_say_nothing() {
    let candles = walk(8, Interval::M5, (DAYS * 288) as usize);
    let at = START + 44 * DAY_MS;
    let whole = alone(candles.clone(), &[], at);
    assert_eq!(whole, alone(candles.clone(), &others(&candles), at), "every hour is made of candles");
    let hole = |from: MarketTime, hours: i64| -> Vec<Candle> {
        let in_it = |c: &&Candle| (from..from + hours * HOUR_MS).contains(&c.open_time);
        candles.iter().filter(|c| !in_it(c)).copied().collect()
    };
    let days = |report: Report| {
        let days = serde_json::to_value(report.analysis.expect("scored").inputs.days).expect("plain");
        let days = days.as_object().expect("a struct").clone();
        days.into_iter().partition::<Vec<_>, _>(|(name, _)| name.starts_with("volume"))
    };
    let hours = grouped(&candles, Interval::H1);
    let (volumes, prices) = days(whole);
    // A short hole counts as standstill in bars; one of more than four days begins a new series, also within an hour.
    for (minutes, length) in [(0, 30), (0, 5 * 24), (20, 5 * 24)] {
        let from = at - 9 * DAY_MS + minutes * MINUTE_MS;
        let known = days(alone(hole(from, length), &hours, at));
        assert_eq!(known.1, prices, "{minutes} {length}");
        for ((name, known), (_, volume)) in known.0.iter().zip(&volumes) {
            let (known, volume) = (known.as_f64().expect("known"), volume.as_f64().expect("known"));
            assert!((known / volume - 1.0).abs() < 1e-9, "{name}: {known} {volume}");
        }
        assert_ne!(prices, days(alone(hole(from, length), &[], at)).1);
    }
}
