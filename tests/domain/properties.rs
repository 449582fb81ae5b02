//! Equalities that hold for any candles: order, gaps, starting point and the future change nothing.

use impulso::domain::analysis::{AnalysisConfig, BtcContext, SymbolAnalysis, Wanted};
use impulso::domain::candle::Candle;
use impulso::domain::inputs::DayInputs;
use impulso::domain::moment::MarketTime;
use impulso::domain::report::Report;
use impulso::domain::score::profile::Profile;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{Interval, MINUTE_MS};
use proptest::prelude::*;
use std::sync::Arc;

const START: MarketTime = MarketTime::from_ms(1_750_107_600_000);
const FLAT: f64 = 0.0;

fn fresh(tf: Interval) -> SymbolAnalysis {
    let config = AnalysisConfig::new(Interval::M1, tf, Arc::new(Profile::default())).expect("fits");
    SymbolAnalysis::new(Symbol::new("AUSDT"), Arc::new(config))
}

/// A seeded walk from `price`; `step` 0 is flat.
fn walk(n: usize, seed: u64, price: f64, step: f64) -> Vec<Candle> {
    let mut s = seed;
    let mut u = || {
        s = s.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (s >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut close = price;
    let candle = |i: usize| {
        let open = close;
        close *= 1.0 + step * (u() - 0.5);
        let high = open.max(close) * (1.0 + step * u() / 4.0);
        let low = open.min(close) * (1.0 - step * u() / 4.0);
        let volume = if step == FLAT { 0.0 } else { 10.0 * u() };
        let open_time = START + i as i64 * MINUTE_MS;
        Candle {
            open_time,
            open,
            high,
            low,
            close,
            volume,
            quote_volume: volume * close,
            closed: true,
            filled: false,
        }
    };
    (0..n).map(candle).collect()
}

fn feed(a: &mut SymbolAnalysis, candles: &[Candle]) {
    for c in candles {
        a.apply(*c, c.open_time + MINUTE_MS - 1);
    }
}

fn at(a: &mut SymbolAnalysis, as_of: MarketTime) -> Report {
    a.report(as_of, as_of, &BtcContext::unavailable())
}

fn end(candles: &[Candle]) -> MarketTime {
    candles.last().map_or(MarketTime::EPOCH, |c| c.open_time + MINUTE_MS)
}

fn loaded(candles: &[Candle], tf: Interval) -> SymbolAnalysis {
    let mut a = fresh(tf);
    a.load(&[], candles, end(candles));
    a
}

#[test]
fn a_later_start_gives_the_same_bits() {
    let candles = walk(21_000, 7, 3.0, 0.01);
    let mut whole = loaded(&candles, Interval::M15);
    let bars = whole.candles(Interval::M15, 2_000);
    for skip in [0, 7] {
        let from = 21_000 - 1_560 - skip;
        let mut late = fresh(Interval::M15);
        late.load(&bars[bars.len() - 1_001..], &candles[from..], end(&candles));
        assert!(at(&mut whole, end(&candles)).analysis.is_some());
        // Days of hours are what a later start lacks until they are fetched.
        let same = |a: &mut SymbolAnalysis| {
            let mut report = at(a, end(&candles));
            if let Some(analysis) = report.analysis.as_mut().map(Arc::make_mut) {
                analysis.inputs.days = DayInputs::default();
            }
            report
        };
        assert_eq!(same(&mut late), same(&mut whole));
    }
}

#[test]
fn an_entry_that_makes_no_sense_leaves_what_was_known_of_its_minute() {
    let candles = walk(1_700, 7, 5.0, 0.02);
    let mut whole = loaded(&candles, Interval::M15);
    let mut again = loaded(&candles[..1_690], Interval::M15);
    feed(&mut again, &candles[1_690..]);
    let mut answer = candles.clone();
    for at in [400, 1_201, 1_202, 1_650] {
        answer[at] = Candle::flat(answer[at].open_time, answer[at - 1].close);
    }
    again.load(&[], &answer, end(&candles));
    let window = |a: &SymbolAnalysis| a.candles(Interval::M1, 1_300);
    assert_eq!(window(&again), window(&whole));
    assert_eq!(at(&mut again, end(&candles)).analysis, at(&mut whole, end(&candles)).analysis);
    // The same of a bar.
    let bars: Vec<Candle> = whole.candles(Interval::M15, 100).into_iter().filter(|b| b.closed).collect();
    let mut spoiled = bars.clone();
    spoiled[3] = Candle::flat(bars[3].open_time, bars[2].close);
    again.load(&spoiled, &candles[1_200..], end(&candles));
    assert_eq!(again.candles(Interval::M15, 90), whole.candles(Interval::M15, 90));
}

/// One scanner runs and hears nothing of a pair that does not trade, the other is filled by REST, which names the empty
/// minutes, the newest one still open.
#[test]
fn minutes_without_a_trade_give_the_same_bits_whether_they_were_named_or_not() {
    let candles = walk(1_740, 11, 3.0, 0.01);
    for (traded, quiet) in [(1_700, 1), (1_701, 2), (1_700, 5), (1_725, 1), (1_739, 1)] {
        let (known, cut) = (&candles[..traded], end(&candles[..traded]) + quiet * MINUTE_MS);
        let mut running = loaded(&known[..1_690], Interval::M15);
        feed(&mut running, &known[1_690..]);
        let close = known[traded - 1].close;
        let named = (0..quiet).map(|i| Candle {
            filled: false,
            closed: i + 1 < quiet,
            ..Candle::flat(end(known) + i * MINUTE_MS, close)
        });
        let mut filled = fresh(Interval::M15);
        filled.load(&[], &known.iter().copied().chain(named).collect::<Vec<_>>(), cut - 20_000);
        let analysis = |a: &mut SymbolAnalysis| {
            let report = a.report(cut, end(known) + 1, &BtcContext::unavailable());
            let mut analysis = Arc::unwrap_or_clone(report.analysis.expect("analysed"));
            // How far each is known is its own.
            analysis.timestamp = MarketTime::EPOCH;
            analysis
        };
        let (mut ran, mut fetched) = (analysis(&mut running), analysis(&mut filled));
        assert_eq!(ran, fetched, "{quiet} minutes behind candle {traded}");
        // What comes afterwards is committed as if nobody had looked.
        let next: Vec<Candle> =
            (0..2).map(|i| Candle { open_time: cut + i * MINUTE_MS, ..candles[5] }).collect();
        let empty: Vec<Candle> =
            (0..quiet).map(|i| Candle::flat(end(known) + i * MINUTE_MS, close)).collect();
        feed(&mut running, &empty);
        for a in [&mut running, &mut filled] {
            feed(a, &empty);
            feed(a, &next);
        }
        let after = cut + 2 * MINUTE_MS;
        (ran, fetched) = (
            at(&mut running, after).analysis.map(Arc::unwrap_or_clone).expect("analysed"),
            at(&mut filled, after).analysis.map(Arc::unwrap_or_clone).expect("analysed"),
        );
        assert_eq!(ran, fetched);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn load_then_apply_equals_load(seed: u64, tail in 1_usize..200) {
        let candles = walk(1_700, seed, 5.0, 0.02);
        let mut all = loaded(&candles, Interval::M15);
        let mut a = loaded(&candles[..1_700 - tail], Interval::M15);
        for c in &candles[1_700 - tail..] {
            // A cut with the candle still open leaves the closed state as it was.
            a.apply(Candle { closed: false, high: c.high * 2.0, close: c.high * 2.0, ..*c }, c.open_time + 1);
            at(&mut a, c.open_time + 30_000);
            feed(&mut a, &[*c]);
        }
        prop_assert!(at(&mut all, end(&candles)).analysis.is_some());
        prop_assert_eq!(at(&mut a, end(&candles)).analysis, at(&mut all, end(&candles)).analysis);
    }

    #[test]
    fn the_future_changes_nothing(seed: u64, ahead in 1_usize..30) {
        let candles = walk(1_700, seed, 5.0, 0.02);
        let cut = end(&candles[..1_700 - ahead]);
        let mut known = loaded(&candles[..1_660], Interval::M15);
        let mut cut_off = known.clone();
        feed(&mut known, &candles[1_660..]);
        feed(&mut cut_off, &candles[1_660..1_700 - ahead]);
        let ahead = at(&mut known, cut).analysis;
        prop_assert!(ahead.is_some());
        prop_assert_eq!(ahead, at(&mut cut_off, cut).analysis);
    }

    #[test]
    fn a_filled_gap_leaves_no_trace(seed: u64, from in 1_600_usize..1_650, length in 1_usize..40) {
        let candles = walk(1_700, seed, 5.0, 0.02);
        let mut whole = loaded(&candles, Interval::M15);
        let mut a = loaded(&candles[..from], Interval::M15);
        feed(&mut a, &candles[from + length..]);
        let now = end(&candles) + 5_000;
        prop_assert!(at(&mut a, end(&candles)).analysis.is_none());
        let wanted = a.wanted(now);
        let Some(Wanted::Range { from, to }) = wanted else { panic!("{wanted:?}") };
        let answer: Vec<Candle> =
            candles.iter().filter(|c| (from..=to).contains(&c.open_time)).copied().collect();
        a.fill(Wanted::Range { from, to }, &answer, now);
        prop_assert_eq!(a.wanted(now), None);
        prop_assert_eq!(at(&mut a, end(&candles)).analysis, at(&mut whole, end(&candles)).analysis);
    }

    #[test]
    fn order_and_repetition_change_nothing(seed: u64, order in Just((0..60).collect::<Vec<usize>>()).prop_shuffle()) {
        let candles = walk(1_700, seed, 5.0, 0.02);
        let mut whole = loaded(&candles, Interval::M15);
        let mut a = loaded(&candles[..1_640], Interval::M15);
        for i in order {
            feed(&mut a, &[candles[1_640 + i], candles[1_640 + i], candles[1_600]]);
        }
        prop_assert_eq!(at(&mut a, end(&candles)).analysis, at(&mut whole, end(&candles)).analysis);
    }

    #[test]
    fn any_price_gives_finite_values(seed: u64, exponent in -12_i32..15, flat: bool) {
        let candles = walk(1_700, seed, 10_f64.powi(exponent), if flat { FLAT } else { 0.3 });
        let report = at(&mut loaded(&candles, Interval::M15), end(&candles));
        let a = report.analysis.expect("analyzable");
        let i = &a.indicators;
        let values = [a.total_score, a.probability_7_5, a.composite_score, a.volume_24h, i.rsi_14, i.rsi_21, i.macd,
            i.macd_signal, i.macd_histogram, i.volume_ratio, i.velocity_1h, i.atr_14, i.volatility_24h];
        prop_assert!(values.iter().all(|v| v.is_finite()), "{values:?}");
        prop_assert!((0.0..=100.0).contains(&a.total_score) && (0.0..=100.0).contains(&a.probability_7_5));
        if flat { prop_assert_eq!(i.rsi_14, 50.0); }
    }
}

#[test]
fn one_candle_is_warming_up_and_no_history_asks_for_it() {
    let mut a = fresh(Interval::M15);
    assert_eq!(a.wanted(START), Some(Wanted::Warmup));
    let candles = walk(1, 1, 1.0, 0.01);
    a.load(&[], &candles, end(&candles));
    let report = at(&mut a, end(&candles));
    assert_eq!(report.readiness.reason.map(|r| r.as_str()), Some("warming_up"));
    assert_eq!(report.readiness.ready_candles, 1);
}
