//! One engine: what a replay says is what the live path says, to the bit, and nothing looks ahead.

use impulso::domain::analysis::{AnalysisConfig, BtcContext, SymbolAnalysis};
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::prediction::outcome::judge;
use impulso::domain::ranking::RankingFilters;
use impulso::domain::score::profile::Profile;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{DAY_MS, HOUR_MS, Interval, MINUTE_MS};
use impulso::learning::dataset::{Builder, Dataset, TooManyPoints};
use impulso::learning::model::{Card, Design, Model, Part};
use impulso::learning::replay::pair::PairReplay;
use impulso::learning::replay::{Candles, Moment, Steps, replay};
use impulso::learning::training::folds::folds;
use impulso::learning::training::{TrainConfig, TrainError, Trained, train};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const START: MarketTime = MarketTime::from_ms(1_700_006_400_000);

/// A wild but seeded walk.
pub(super) fn walk(seed: u64, interval: Interval, count: usize) -> Vec<Candle> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let mut price = 5.0;
    (0..count)
        .map(|at| {
            let open = price;
            let wild = 1.0 + 2.0 * ((at / 900) as f64 * 0.7 + seed as f64).sin().abs();
            price *= 1.0 + 0.008 * wild * next();
            let (top, bottom) = (open.max(price), open.min(price));
            Candle {
                open_time: START + at as i64 * interval.ms(),
                open,
                high: top * (1.0 + 0.002 * next().abs()),
                low: bottom * (1.0 - 0.002 * next().abs()),
                close: price,
                volume: 1e5 * (1.0 + next()),
                quote_volume: 5e5 * (1.0 + next()),
                closed: true,
                filled: false,
            }
        })
        .collect()
}

fn config(base: Interval) -> Arc<AnalysisConfig> {
    Arc::new(AnalysisConfig::new(base, Interval::M15, Arc::new(Profile::default())).expect("fits"))
}

pub(super) fn pair(name: &str, base: Interval, candles: Vec<Candle>) -> PairReplay<Candles> {
    PairReplay::new(Symbol::new(name), config(base), Box::new(candles.into_iter()))
}

/// The live path: a warm-up by REST, hours later, then one event after the other.
pub(super) fn live(symbol: &str, candles: &[Candle], at: MarketTime) -> SymbolAnalysis {
    let mut analysis = SymbolAnalysis::new(Symbol::new(symbol), config(Interval::M1));
    let warm = at - 3 * HOUR_MS;
    let known: Vec<Candle> = candles.iter().filter(|c| c.open_time < warm).copied().collect();
    let bars = impulso::domain::analysis::grouped(&known, Interval::M15);
    let hours = impulso::domain::analysis::grouped(&known, Interval::H1);
    let from = warm - 26 * HOUR_MS;
    let minutes: Vec<Candle> = known.iter().filter(|c| c.open_time >= from).copied().collect();
    analysis.load(&bars[bars.len().saturating_sub(1_000)..], &minutes, warm);
    analysis.load_hours(&hours);
    for c in candles.iter().filter(|c| (warm..at).contains(&c.open_time)) {
        let early = Candle { closed: false, close: c.open, high: c.open, low: c.open, volume: 0.0, ..*c };
        analysis.apply(early, c.open_time + 1_000);
        analysis.apply(*c, c.open_time + MINUTE_MS);
    }
    analysis
}

/// Every value of an analysis, by name; volumes and what is made of them apart.
fn values(analysis: &impl serde::Serialize) -> [BTreeMap<String, serde_json::Value>; 2] {
    let mut values = BTreeMap::new();
    flat("", &serde_json::to_value(analysis).expect("plain values"), &mut values);
    let (volumes, others) = values.into_iter().partition(|(name, _)| name.contains("volume"));
    [volumes, others]
}

fn flat(name: &str, value: &serde_json::Value, into: &mut BTreeMap<String, serde_json::Value>) {
    match value {
        serde_json::Value::Object(parts) => {
            parts.iter().for_each(|(part, value)| flat(&format!("{name}.{part}"), value, into));
        }
        other => {
            into.insert(name.to_owned(), other.clone());
        }
    }
}

/// All that is known of `a` is known of `b`, equal to the bit; volumes within the last digits.
pub(super) fn alike(a: &impl serde::Serialize, b: &impl serde::Serialize) {
    let ([mine, same], [volumes, prices]) = (values(a), values(b));
    assert_eq!(same, prices);
    // A high over the price need not be there.
    let known = |(name, value): (&String, &serde_json::Value)| !value.is_null() || name == ".resistance";
    assert!(prices.iter().all(known), "{prices:?}");
    assert!(volumes.keys().eq(mine.keys()) && volumes.len() > 6);
    for (name, volume) in &volumes {
        // Sums may be added up in another order; a model reads single precision.
        let (x, y) = (mine[name].as_f64(), volume.as_f64());
        let (x, y) = (x.expect("a number"), y.expect("a number"));
        assert!((x - y).abs() <= x.abs() * 1e-9, "{name}: {x} {y}");
    }
}

#[test]
fn the_replay_says_what_the_live_path_says() {
    let days = 33;
    let (candles, of_btc) = (walk(3, Interval::M1, days * 1_440), walk(4, Interval::M1, days * 1_440));
    let mut compared = 0;
    for minute in [32 * 1_440, 32 * 1_440 + 7, 32 * 1_440 + 61] {
        let at = START + minute * MINUTE_MS;
        let btc = pair("BTCUSDT", Interval::M1, of_btc.clone()).btc_context(at);
        assert_eq!(btc, live("BTCUSDT", &of_btc, at).btc_context(at, at));
        let said = pair("AUSDT", Interval::M1, candles.clone()).step(at, &btc, true);
        let lived = live("AUSDT", &candles, at).report(at, at, &btc);
        let (a, b) = (said.report.unwrap().analysis.unwrap(), lived.analysis.unwrap());
        assert!(a.inputs.days.full() && b.inputs.days.full());
        alike(&*a, &*b);
        compared += 1;
    }
    assert_eq!(compared, 3);
}

/// Points of a market of its own, from `seed` on.
fn points(seed: u64, from: MarketTime, days: i64) -> Dataset {
    let candles = |n| {
        let mut candles = walk(seed + n, Interval::M5, (days * DAY_MS / Interval::M5.ms()) as usize);
        candles.iter_mut().for_each(|c| c.open_time += from - START);
        candles
    };
    let pairs = (0..5).map(|n| pair(&format!("P{n}USDT"), Interval::M5, candles(n))).collect();
    let steps = Steps { from: from + 2 * DAY_MS, to: from + (days - 1) * DAY_MS, step_ms: HOUR_MS };
    let mut builder = Builder::new(RankingFilters::default(), usize::MAX);
    replay(pairs, steps, 2, |m| builder.take(&m), |_, _, _| {}).expect("few points");
    builder.finish()
}

#[test]
fn a_data_set_grows_to_its_bound_and_no_further() {
    let filled = |most: usize| {
        let steps = Steps { from: START + 2 * DAY_MS, to: START + 3 * DAY_MS, step_ms: HOUR_MS };
        let mut builder = Builder::new(RankingFilters::default(), most);
        let ended = replay(market(Interval::M5, 5, 3), steps, 1, |m| builder.take(&m), |_, _, _| {});
        (ended, builder.finish().len())
    };
    assert_eq!(filled(72), (Ok(()), 72));
    assert_eq!(filled(71), (Err(TooManyPoints(71)), 71));
}

/// What a model has learned before its calibration.
fn parts(model: &Model) -> &[Part] {
    let Design::Joined(joined) = &model.design else { panic!("of parts") };
    &joined.parts
}

#[test]
fn a_period_is_judged_by_a_model_of_the_others_alone() {
    let (first, second) = (points(1, START, 18), points(20, START + 60 * DAY_MS, 18));
    let mut config = TrainConfig { blocks: 2, blanked: 0.0, ..TrainConfig::default() };
    // A few that a walk has: what is tested does not hang on how many there are.
    config.features = ["atr_pct", "range_24h", "change_4h", "log_rv_1d"].map(str::to_owned).to_vec();
    config.boost.rounds = 3;
    config.boost.min_rows = 100;
    let trained = |data: &Dataset| train(data, Card::default(), &config, |_, _| {}).unwrap();
    let mut both = first.clone();
    both.append(&second);
    let together = trained(&both);
    assert_eq!(together.left_out.len(), 2);
    assert_eq!(together.judged.point, (0..both.len()).collect::<Vec<_>>(), "every point, period by period");
    for (left_out, other) in together.left_out.iter().zip([&second, &first]) {
        let alone = trained(other);
        assert!(alone.left_out.is_empty(), "of one period nothing can be left out");
        assert_eq!(parts(left_out), parts(&alone.model));
        assert_ne!(parts(left_out), parts(&together.model));
    }
    let splits: Vec<&str> = together.model.card.metrics.iter().map(|f| f.split.as_str()).collect();
    assert_eq!(splits[3..5], ["walk_forward", "left_out"]);
    // The same weeks twice: what is left out would be known by the other.
    let mut twice = first.clone();
    twice.append(&first);
    let twice = trained(&twice);
    assert!(twice.left_out.is_empty() && twice.model.card.metrics[4].split == "blocks");
}

fn market(base: Interval, days: i64, pairs: u64) -> Vec<PairReplay<Candles>> {
    let count = (days * DAY_MS / base.ms()) as usize;
    let name = |n: u64| if n == 0 { "BTCUSDT".to_owned() } else { format!("P{n}USDT") };
    (0..pairs).map(|n| pair(&name(n), base, walk(n + 1, base, count))).collect()
}

fn moments(threads: usize, days: i64) -> Vec<Moment> {
    let steps = Steps { from: START + 2 * DAY_MS, to: START + days * DAY_MS, step_ms: HOUR_MS };
    let mut heard = Vec::new();
    replay::<()>(
        market(Interval::M5, 5, 6),
        steps,
        threads,
        |m| {
            heard.push(m);
            Ok(())
        },
        |_, _, _| {},
    )
    .expect("it runs");
    heard
}

#[test]
fn threads_change_nothing_and_outcomes_are_those_of_the_candles() {
    let (one, two) = (moments(1, 4), moments(2, 4));
    assert_eq!(one.len(), 2 * 24 + 24);
    let candles = walk(2, Interval::M5, 5 * 288);
    let mut judged = 0;
    for (a, b) in one.iter().zip(&two) {
        assert_eq!((a.as_of, &a.reports, &a.judged, &a.pairs), (b.as_of, &b.reports, &b.judged, &b.pairs));
        for (pair, j) in a.judged.iter().filter(|(pair, _)| *pair == 1) {
            let then = a.as_of - DAY_MS;
            let from = candles.partition_point(|c| c.open_time < then);
            let truth = judge(then, candles[from - 1].close, &candles[from..], Interval::M5.ms());
            assert_eq!(
                (j.outcome, j.price, j.entry),
                (truth, candles[from - 1].close, candles[from].open),
                "{pair}"
            );
            judged += 1;
        }
    }
    assert_eq!(judged, 48);
}

#[test]
fn what_comes_later_changes_nothing() {
    let at = START + 3 * DAY_MS + 35 * MINUTE_MS;
    let candles = walk(5, Interval::M5, 5 * 288);
    let said = |candles: Vec<Candle>| {
        pair("AUSDT", Interval::M5, candles).step(at, &BtcContext::unavailable(), true).report.unwrap()
    };
    let whole = said(candles.clone());
    let cut = said(candles.iter().filter(|c| c.open_time < at).copied().collect());
    let false_future = candles.iter().map(|c| {
        if c.open_time < at { *c } else { Candle { high: c.high * 9.0, close: c.close * 9.0, ..*c } }
    });
    assert!(whole.analysis.is_some());
    assert_eq!((&whole, &whole), (&cut, &said(false_future.collect())));
}

#[test]
fn holes_are_flat_and_long_ones_begin_anew() {
    let mut candles = walk(6, Interval::M5, 6 * 288);
    let at = START + 3 * DAY_MS;
    candles.retain(|c| !(at - 4 * HOUR_MS..at - 4 * HOUR_MS + 30 * MINUTE_MS).contains(&c.open_time));
    let report = |candles: Vec<Candle>, at| {
        pair("AUSDT", Interval::M5, candles).step(at, &BtcContext::unavailable(), true).report
    };
    assert!(report(candles.clone(), at).unwrap().analysis.is_some(), "half an hour was confirmed empty");
    let mut later = walk(7, Interval::M5, 280);
    later.iter_mut().for_each(|c| c.open_time += 12 * DAY_MS);
    let until = later[279].open_time + 5 * MINUTE_MS;
    candles.extend(later);
    let after = report(candles.clone(), until).unwrap();
    assert!(after.analysis.is_none() && after.readiness.ready_candles == 280, "{after:?}");
    assert!(report(candles, until + 10 * DAY_MS).is_none(), "after its last candle a pair says nothing");
}

#[test]
fn a_model_is_trained_from_candles_alone() {
    let steps = Steps { from: START + 17 * DAY_MS, to: START + 45 * DAY_MS, step_ms: HOUR_MS };
    let mut builder = Builder::new(RankingFilters::default(), usize::MAX);
    replay(market(Interval::M5, 46, 7), steps, 2, |m| builder.take(&m), |_, _, _| {}).unwrap();
    let data = builder.finish();
    assert!(
        data.len() > 3_000 && data.base_rate() > 0.05 && data.base_rate() < 0.95,
        "{} {}",
        data.len(),
        data.base_rate()
    );
    let mut config = TrainConfig { blocks: 3, ..TrainConfig::default() };
    config.boost.rounds = 12;
    config.boost.min_rows = 100;
    let card = Card { name: "small".to_owned(), ..Default::default() };
    let Trained { model, judged, left_out } = train(&data, card.clone(), &config, |_, _| {}).unwrap();
    assert_eq!(judged.point.len(), data.len(), "every point was judged by a model that had not seen it");
    assert_eq!((model.card.metrics.len(), left_out.len()), (8, 0));
    // Volatility comes in waves here, so there is something to learn.
    assert!(
        model.card.metrics.iter().any(|f| f.split == "blocks" && f.auc > 0.52),
        "{:?}",
        model.card.metrics
    );
    let early = data.select(|at| data.as_of[at] < START + 20 * DAY_MS);
    assert!(matches!(train(&early, card, &config, |_, _| {}), Err(TrainError::TooLittle(_))));
    assert!(
        folds(&data.as_of, 3, true)
            .iter()
            .all(|f| !data.as_of.iter().any(|at| f.tests(*at) && f.trains(*at)))
    );
}
