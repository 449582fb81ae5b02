//! Indicators against TA-Lib's own outputs, and scores of recorded pairs against an independent implementation.

use crate::support::places::shared;
use impulso::domain::analysis::{AnalysisConfig, BtcContext, SymbolAnalysis};
use impulso::domain::candle::Candle;
use impulso::domain::indicator::{atr::Atr, ema::Ema, macd::Macd, rsi::Rsi};
use impulso::domain::moment::MarketTime;
use impulso::domain::score::profile::Profile;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{Interval, MINUTE_MS};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The shared folder, where its vectors are there.
fn data() -> Option<PathBuf> {
    shared("vectors")?.parent().map(Path::to_owned)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("vectors are readable"))
        .expect("vectors are JSON")
}

fn near(got: f64, want: f64, tolerance: f64, what: &str) {
    let ok = (got - want).abs() <= tolerance * want.abs().max(1e-12);
    assert!(ok, "{what}: {got} instead of {want}");
}

fn floats(v: &Value) -> Vec<f64> {
    v.as_array().expect("a series").iter().map(|x| x.as_f64().unwrap_or(f64::NAN)).collect()
}

#[test]
fn indicators_equal_talib() {
    let Some(root) = data() else { return };
    let vectors = json(&root.join("vectors/talib.json"));
    let mut compared = 0;
    for (name, series) in vectors["series"].as_object().expect("series") {
        let [high, low, close] = ["high", "low", "close"].map(|k| floats(&series[k]));
        let ta = &series["ta"];
        let keys = ["RSI_14", "RSI_21", "ATR_14", "EMA_9", "EMA_20", "EMA_200"];
        let wanted = keys.map(|k| floats(&ta[k]));
        let wanted_macd = ["macd", "signal", "hist"].map(|k| floats(&ta["MACD_3_10_16"][k]));
        let (mut rsi, mut atr) = ([Rsi::new(14), Rsi::new(21)], Atr::new(14));
        let (mut ema, mut macd) = ([Ema::new(9), Ema::new(20), Ema::new(200)], Macd::new(3, 10, 16));
        let scale = close.iter().copied().fold(0.0, f64::max);
        for i in 0..close.len() {
            rsi.iter_mut().for_each(|r| r.push(close[i]));
            atr.push(high[i], low[i], close[i]);
            for e in &mut ema {
                e.push(close[i]);
            }
            macd.push(close[i]);
            let got =
                [rsi[0].value(), rsi[1].value(), atr.value(), ema[0].value(), ema[1].value(), ema[2].value()];
            for (k, key) in keys.iter().enumerate() {
                let constant = name == "constant" && k < 2;
                let want = if constant { wanted[k][i] + 50.0 } else { wanted[k][i] };
                assert_eq!(got[k].is_some(), want.is_finite(), "{name} {key} {i}: first value");
                if let Some(got) = got[k] {
                    near(got, want, 1e-6, &format!("{name} {key} {i}"));
                    compared += 1;
                }
            }
            // The fast EMA's other seed has faded by then.
            if i >= 145 {
                let got = macd.value().expect("enough bars");
                let values = [("macd", got.line), ("signal", got.signal), ("hist", got.histogram)];
                for ((key, got), want) in values.into_iter().zip(&wanted_macd) {
                    let ok = (got - want[i]).abs() <= 1e-5 * want[i].abs() + 1e-11 * scale;
                    assert!(ok, "{name} {key} {i}: {got} instead of {}", want[i]);
                }
            }
        }
    }
    assert!(compared > 4_000, "only {compared} values compared");
}

fn recorded(root: &Path, symbol: &str) -> Vec<Candle> {
    let path = root.join(format!("data/um-1m-2025-06/{symbol}.csv.zst"));
    let file = std::fs::File::open(&path).expect("the named candles");
    let mut reader = csv::Reader::from_reader(zstd::Decoder::new(file).expect("zstd"));
    let row = |r: csv::StringRecord| {
        let number = |i: usize| r[i].parse::<f64>().expect("a number");
        let open_time = MarketTime::from_ms(r[0].parse().expect("a time"));
        let [open, high, low, close, volume, quote_volume] = [1, 2, 3, 4, 5, 6].map(number);
        Candle { open_time, open, high, low, close, volume, quote_volume, closed: true, filled: false }
    };
    reader.records().map(|r| row(r.expect("a row"))).collect()
}

fn replay(root: &Path, symbol: &str, last: MarketTime) -> SymbolAnalysis {
    let profile = Arc::new(Profile::default());
    let config = AnalysisConfig::new(Interval::M1, Interval::M15, profile).expect("15 is a multiple of 1");
    let mut analysis = SymbolAnalysis::new(Symbol::new(symbol), Arc::new(config));
    let mut candles = recorded(root, symbol);
    candles.retain(|c| c.open_time <= last);
    let (history, stream) = candles.split_at(candles.len() / 2);
    analysis.load(&[], history, stream[0].open_time);
    for c in stream {
        analysis.apply(*c, c.open_time + MINUTE_MS - 1);
    }
    analysis
}

#[test]
fn scores_equal_the_independent_ones() {
    let Some(root) = data() else { return };
    let mut pairs = 0;
    for case in json(&root.join("vectors/scoring.json"))["cases"].as_array().expect("cases") {
        let last = MarketTime::from_ms(case["last_open_time"].as_i64().expect("a time"));
        let as_of = last + MINUTE_MS;
        let btc = replay(&root, "BTCUSDT", last).btc_context(as_of, as_of);
        assert!(btc.analyzable);
        for (symbol, want) in case["symbols"].as_object().expect("symbols") {
            check(&replay(&root, symbol, last).report(as_of, as_of, &btc), want, symbol);
            let unavailable = replay(&root, symbol, last).report(as_of, as_of, &BtcContext::unavailable());
            let neutral = unavailable.analysis.expect("scores");
            assert!(!neutral.btc_analyzable);
            assert_eq!(neutral.factors.btc_correlation, 0.5);
            pairs += 1;
        }
    }
    assert!(pairs > 10);
}

fn check(report: &impulso::domain::report::Report, want: &Value, symbol: &str) {
    let a = report.analysis.as_deref().unwrap_or_else(|| panic!("{symbol}: {:?}", report.readiness));
    let eq = |got: f64, path: &str, tolerance: f64| {
        let want = want.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("no {path}"));
        near(got, want, tolerance, &format!("{symbol}{path}"));
    };
    let (c, i, f) = (&a.components, &a.indicators, &a.factors);
    let plain = [
        (a.current_price, "/price"),
        (a.total_score, "/total_score"),
        (c.rsi, "/components/rsi"),
        (c.macd, "/components/macd"),
        (c.volume, "/components/volume"),
        (c.velocity, "/components/velocity"),
        (c.breakout, "/components/breakout"),
        (i.rsi_14, "/values/rsi_14"),
        (i.rsi_21, "/values/rsi_21"),
        (i.volume_ratio, "/values/volume_ratio"),
        (i.velocity_1h, "/values/velocity_1h"),
        (i.atr_14, "/values/atr_14"),
        (i.volatility_24h, "/values/volatility_24h"),
        (a.probability_7_5, "/probability"),
        (f.volatility, "/factors/volatility"),
        (f.momentum, "/factors/momentum"),
        (f.resistance, "/factors/resistance"),
        (f.btc_correlation, "/factors/btc_correlation"),
        (f.liquidity, "/factors/liquidity"),
        (a.volume_24h, "/volume_24h"),
        (a.composite_score, "/composite"),
    ];
    plain.into_iter().for_each(|(got, path)| eq(got, path, 1e-6));
    let macd = [(i.macd, "macd"), (i.macd_signal, "macd_signal"), (i.macd_histogram, "macd_histogram")];
    macd.into_iter().for_each(|(got, key)| eq(got, &format!("/values/{key}"), 1e-5));
    assert_eq!(a.confidence_level.as_str(), want["level"], "{symbol} level");
}
