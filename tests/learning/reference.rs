//! Our trees beside LightGBM's with the same settings: on what neither has seen both rank alike.

use super::model::rows;
use crate::support::places::{below_tests, python, shared};
use impulso::domain::analysis::AnalysisConfig;
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::ranking::RankingFilters;
use impulso::domain::score::profile::Profile;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{DAY_MS, HOUR_MS, Interval};
use impulso::learning::dataset::{Builder, Dataset};
use impulso::learning::evaluation::calibration::auc;
use impulso::learning::features::FEATURES;
use impulso::learning::replay::pair::PairReplay;
use impulso::learning::replay::{Candles, Steps, replay};
use impulso::learning::training::TrainConfig;
use impulso::learning::training::bins::Binned;
use impulso::learning::training::boost::{BoostConfig, Questions, Target, train};
use impulso::learning::training::folds::Fold;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::path::Path;
use std::sync::Arc;

/// How far apart the two areas may be.
const APART: f64 = 0.002;
/// Forests whose sum is judged.
const FORESTS: usize = 8;

/// Rows and what came of them.
struct Part {
    values: Vec<f32>,
    hit: Vec<bool>,
}

/// What our trees and LightGBM's say of the rows of `test`, log odds.
fn said(taught: &Part, test: &Part, rising: &[bool], config: &BoostConfig) -> [Vec<f64>; 2] {
    let width = rising.len();
    let bins = Binned::new(&taught.values, width);
    let goal: Vec<f32> = taught.hit.iter().map(|hit| f32::from(u8::from(*hit))).collect();
    let columns: Vec<usize> = (0..width).collect();
    let ask = Questions { columns: &columns, rising };
    let ours = train(&bins, Target { goal: &goal, weight: None }, ask, config);
    let own = test.values.chunks(width).map(|row| ours.predict(row)).collect();
    let [rows, asked] = [taught, test].map(|part| binned(&bins, &part.values, width));
    let theirs = lightgbm((&rows, &taught.hit), &asked, rising, config);
    assert_eq!(theirs.len(), test.hit.len());
    [own, theirs]
}

/// Both areas under the curve are the same.
fn rank_alike(said: [Vec<f64>; 2], test: &Part, least: f64) {
    let area = |said: Vec<f64>| auc(&said.into_iter().zip(test.hit.iter().copied()).collect::<Vec<_>>());
    let [ours, theirs] = said.map(|said| area(said).expect("hits and misses"));
    assert!(theirs > least && (ours - theirs).abs() < APART, "ours {ours:.4}, LightGBM's {theirs:.4}");
}

/// The numbers of the bins instead of the values: on few days another place of a threshold alone moves the area by more than
/// what is allowed, and bins are settings, too.
fn binned(bins: &Binned, values: &[f32], width: usize) -> Vec<f32> {
    let thresholds: Vec<Vec<f32>> =
        (0..width).map(|f| (0..bins.thresholds(f)).map(|t| bins.threshold(f, t as u8)).collect()).collect();
    let one = |(at, value): (usize, &f32)| {
        let bin = thresholds[at % width].partition_point(|threshold| threshold < value);
        if value.is_nan() { f32::NAN } else { bin as f32 }
    };
    values.iter().enumerate().map(one).collect()
}

/// What LightGBM says of `asked`.
fn lightgbm(
    (rows, hit): (&[f32], &[bool]),
    asked: &[f32],
    rising: &[bool],
    config: &BoostConfig,
) -> Vec<f64> {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.path().join(name), bytes).expect(name);
    let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect();
    // It rounds the number of columns, ours are rounded up.
    let columns = (config.columns * rising.len() as f64).ceil() / rising.len() as f64;
    let settings = serde_json::json!({
        "width": rising.len(), "rising": rising, "bags": config.bags, "rounds": config.rounds,
        "leaves": config.leaves, "min_rows": config.min_rows, "rate": config.rate, "columns": columns,
        "rows": config.rows, "ridge": config.ridge, "seed": config.seed,
    });
    write("settings.json", settings.to_string().into_bytes());
    write("train.f32", floats(rows));
    write("test.f32", floats(asked));
    write("hit.u8", hit.iter().map(|hit| u8::from(*hit)).collect());
    let mut check = std::process::Command::new(python("python"));
    let ran =
        check.arg(below_tests("clients/lightgbm_check.py")).arg(folder.path()).output().expect("python");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let said = std::fs::read(folder.path().join("said.f64")).expect("what it says");
    said.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().expect("eight"))).collect()
}

#[test]
fn trees_rank_as_those_of_lightgbm_do_where_two_values_count_together() {
    let (half, (values, hit)) = (20_000, rows(40_000));
    let part = |from: usize| Part {
        values: values[from * 3..(from + half) * 3].to_vec(),
        hit: hit[from..from + half].to_vec(),
    };
    let config = BoostConfig { columns: 0.6, rounds: 60, min_rows: 100, ..BoostConfig::default() };
    let test = part(half);
    rank_alike(said(&part(0), &test, &[false; 3], &config), &test, 0.8);
}

#[test]
fn heavy_trees_rank_as_those_of_lightgbm_do_on_recorded_candles() {
    let Some(folder) = shared("data/spot-5m-2024-01") else { return };
    let data = points(&folder);
    let last = *data.as_of.last().expect("points");
    // What is judged is the last month, by trees of the months before.
    let fold = Fold { from: last - 30 * DAY_MS, to: last + 1, walk_forward: true };
    let training = TrainConfig::default();
    let place = |name: &String| FEATURES.iter().position(|f| f.name == name).expect("a feature");
    let columns: Vec<usize> = training.features.iter().map(place).collect();
    let part = |keep: &mut dyn FnMut(MarketTime) -> bool| {
        let chosen: Vec<usize> = (0..data.len()).filter(|at| keep(data.as_of[*at])).collect();
        let row = |at: &usize| {
            columns.iter().map(|column| data.values[at * FEATURES.len() + column]).collect::<Vec<_>>()
        };
        Part {
            values: chosen.iter().flat_map(row).collect(),
            hit: chosen.iter().map(|at| data.hit[*at]).collect(),
        }
    };
    let test = part(&mut |at| fold.tests(at));
    // All columns, and the same half of the rows for both: a choice of each one's own moves the area by more than what is allowed,
    // and of one forest alone so does every split between two that are as good. LightGBM guesses the rows of a leaf from their
    // weight: few enough that this decides nothing.
    let config = BoostConfig { bags: 1, rows: 1.0, columns: 1.0, rounds: 60, min_rows: 50, ..training.boost };
    let mut random = Pcg64::seed_from_u64(7);
    let mut sums = [vec![0.0; test.hit.len()], vec![0.0; test.hit.len()]];
    for _ in 0..FORESTS {
        let taught = part(&mut |at| fold.trains(at) && random.random_bool(0.5));
        assert!(
            taught.hit.len() > 5_000 && test.hit.len() > 5_000,
            "{} {}",
            taught.hit.len(),
            test.hit.len()
        );
        for (sum, said) in sums.iter_mut().zip(said(&taught, &test, &vec![false; columns.len()], &config)) {
            sum.iter_mut().zip(said).for_each(|(sum, said)| *sum += said);
        }
    }
    rank_alike(sums, &test, 0.6);
}

/// Every second hour of every fourth pair of a folder of 5m candles.
fn points(folder: &Path) -> Dataset {
    let analysis =
        AnalysisConfig::new(Interval::M5, Interval::M15, Arc::new(Profile::default())).expect("fits");
    let analysis = Arc::new(analysis);
    let mut pairs = Vec::new();
    let (mut first, mut last) = (MarketTime::MAX, MarketTime::MIN);
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = files.collect();
    files.sort_unstable();
    for path in files.iter().step_by(4) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let candles = candles(path);
        first = first.min(candles[0].open_time);
        last = last.max(candles[candles.len() - 1].open_time);
        let candles: Candles = Box::new(candles.into_iter());
        pairs.push(PairReplay::new(
            Symbol::new(name.trim_end_matches(".csv.zst")),
            Arc::clone(&analysis),
            candles,
        ));
    }
    // The first 17 days are what features look back on.
    let steps = Steps { from: first + 17 * DAY_MS, to: last - DAY_MS, step_ms: 2 * HOUR_MS };
    let mut builder = Builder::new(RankingFilters::default(), usize::MAX);
    replay(pairs, steps, 2, |m| builder.take(&m), |_, _, _| {}).expect("no bound");
    builder.finish()
}

fn candles(path: &Path) -> Vec<Candle> {
    let file = std::fs::File::open(path).expect("a file");
    let mut table = csv::Reader::from_reader(zstd::Decoder::new(file).expect("zstd"));
    let heads = table.headers().expect("a header").clone();
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.expect("a row");
        let of = |name: &str| {
            let at = heads.iter().position(|head| head == name)?;
            Some(row[at].parse::<f64>().expect("a number"))
        };
        let [open, high, low, close, volume] =
            ["open", "high", "low", "close", "volume"].map(|name| of(name).expect(name));
        Candle {
            open_time: MarketTime::from_ms(of("open_time").expect("a time") as i64),
            open,
            high,
            low,
            close,
            volume,
            quote_volume: of("quote_volume").unwrap_or(volume * (high + low + close) / 3.0),
            closed: true,
            filled: false,
        }
    };
    table.records().map(row).collect()
}
