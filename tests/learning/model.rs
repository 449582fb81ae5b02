//! The learned model: trees and regression, model files, explanations, the shipped model.

use impulso::domain::moment::MarketTime;
use impulso::learning::dataset::Dataset;
use impulso::learning::evaluation::calibration::auc;
use impulso::learning::features::FEATURES;
use impulso::learning::model::linear::{Linear, Rows};
use impulso::learning::model::{Card, Design, Model, ModelError, Part};
use impulso::learning::training::bins::Binned;
use impulso::learning::training::boost::{BoostConfig, Questions, Target, train};
use impulso::learning::training::{TrainConfig, train as fit};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::sync::OnceLock;

/// What `first_format.json` said of a row of 1.5 when it was written, log odds.
const FIRST_SAID: f64 = -0.784_998_606_808;

/// Rows of three features; the hit depends on the first two together, the third is noise.
pub(super) fn rows(count: usize) -> (Vec<f32>, Vec<bool>) {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as f64 / (1_u64 << 31) as f64) as f32
    };
    let (mut values, mut hit) = (Vec::new(), Vec::new());
    for row in 0..count {
        let (a, b, noise) = (next(), next(), next());
        values.extend([a, if row % 17 == 0 { f32::NAN } else { b }, noise]);
        let chance = if (a > 0.5) == (b > 0.5) { 0.8 } else { 0.1 };
        hit.push(next() < chance);
    }
    (values, hit)
}

fn target(goal: &[f32]) -> Target<'_> {
    Target { goal, weight: None }
}

/// All three may be asked about.
fn ask(rising: &[bool]) -> Questions<'_> {
    Questions { columns: &[0, 1, 2], rising }
}

fn goal(hit: &[bool]) -> Vec<f32> {
    hit.iter().map(|hit| f32::from(u8::from(*hit))).collect()
}

fn small() -> BoostConfig {
    BoostConfig {
        bags: 2,
        rows: 0.8,
        rounds: 60,
        min_rows: 50,
        columns: 1.0,
        rate: 0.1,
        ..BoostConfig::default()
    }
}

#[test]
fn trees_learn_what_no_line_can() {
    let (values, hit) = rows(6_000);
    let (half, of) = (3_000, |from: usize, to: usize| values[from * 3..to * 3].to_vec());
    let boosted =
        train(&Binned::new(&of(0, half), 3), target(&goal(&hit[..half])), ask(&[false; 3]), &small());
    let values_of_half = of(0, half);
    let table = Rows { values: &values_of_half, width: 3, columns: &[0, 1, 2], weight: None };
    let line = Linear::logistic(table, &hit[..half], 1.0).unwrap();
    let judge = |say: &dyn Fn(&[f32]) -> f64| {
        let judged: Vec<(f64, bool)> =
            (half..6_000).map(|row| (say(&values[row * 3..row * 3 + 3]), hit[row])).collect();
        auc(&judged).unwrap()
    };
    assert!(judge(&|row| boosted.predict(row)) > 0.8, "{}", judge(&|row| boosted.predict(row)));
    assert!((judge(&|row| line.predict(row)) - 0.5).abs() < 0.06);
}

#[test]
fn the_same_rows_give_the_same_trees_on_any_number_of_threads() {
    let (values, hit) = rows(30_000);
    let grown = |threads| {
        let config = BoostConfig { rounds: 3, threads, ..small() };
        train(&Binned::new(&values, 3), target(&goal(&hit)), ask(&[false; 3]), &config)
    };
    assert_eq!(grown(1), grown(2));
}

/// Two kinds of rows that look alike: what is said of them goes by what they count, not by how many they are.
#[test]
fn rows_that_count_more_teach_more() {
    let values = vec![0.5_f32; 4_000];
    let hit: Vec<bool> = (0..4_000).map(|row| row < 1_000).collect();
    let weight: Vec<f32> = hit.iter().map(|hit| if *hit { 2.0 } else { 2.0 / 3.0 }).collect();
    let said = |weight: Option<&[f32]>| {
        let goal = goal(&hit);
        let (target, ask) = (Target { goal: &goal, weight }, Questions { columns: &[0], rising: &[false] });
        let trees = train(&Binned::new(&values, 1), target, ask, &small());
        let table = Rows { values: &values, width: 1, columns: &[0], weight };
        let line = Linear::logistic(table, &hit, 1.0).unwrap();
        [trees.predict(&[0.5]), line.predict(&[0.5])].map(|log_odds| 1.0 / (1.0 + (-log_odds).exp()))
    };
    for (alike, counted) in said(None).into_iter().zip(said(Some(&weight))) {
        assert!((alike - 0.25).abs() < 0.01 && (counted - 0.5).abs() < 0.01, "{alike} {counted}");
    }
}

#[test]
fn a_chance_that_must_not_fall_does_not() {
    let (values, hit) = rows(6_000);
    let boosted = train(&Binned::new(&values, 3), target(&goal(&hit)), ask(&[true, false, false]), &small());
    for b in [0.1, 0.6, 0.9] {
        let said: Vec<f64> = (0..=100).map(|a| boosted.predict(&[a as f32 / 100.0, b, 0.5])).collect();
        assert!(said.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9), "{said:?}");
    }
    assert!(boosted.trees.iter().any(|tree| tree.feature.contains(&0)), "the feature was used at all");
}

#[test]
fn least_squares_find_the_line_whatever_else_stands_in_the_rows() {
    let (mut values, _) = rows(6_000);
    values.iter_mut().skip(1).step_by(3).for_each(|unused| *unused = 1e9);
    let came: Vec<f32> = values.chunks(3).map(|row| 2.0 + 3.0 * row[0] - row[2]).collect();
    let table = Rows { values: &values, width: 3, columns: &[0, 2], weight: None };
    let line = Linear::least_squares(table, &came).unwrap();
    for row in [[0.2, f32::NAN, 0.9], [0.7, 5.0, 0.3]] {
        let truth = 2.0 + 3.0 * f64::from(row[0]) - f64::from(row[2]);
        assert!((line.predict(&row) - truth).abs() < 0.01, "{} {truth}", line.predict(&row));
    }
    let nothing = Linear::least_squares(Rows { columns: &[], ..table }, &came).unwrap();
    let mean = came.iter().sum::<f32>() / 6_000.0;
    assert!((nothing.predict(&[9.0; 3]) - f64::from(mean)).abs() < 0.01, "the mean alone");
}

pub(super) fn shipped() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| Model::read(include_str!("../../config/model.json")).expect("the shipped model"))
}

/// A small model of all parts, learned from values drawn by chance: hits come with volatility and with the change of the hour.
fn learned() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        let column = |name: &str| FEATURES.iter().position(|f| f.name == name).expect("a feature");
        let volatility = column("log_rv_1d");
        let mut data = Dataset::default();
        let mut random = Pcg64::seed_from_u64(3);
        for (hour, pair) in (0..20 * 24).flat_map(|hour| (0..5).map(move |pair| (hour, pair))) {
            let mut row: Vec<f32> = (0..FEATURES.len()).map(|_| random.random_range(-1.0..1.0)).collect();
            row[volatility] = 1.0 + 0.4 * pair as f32 + 0.3 * row[volatility];
            let rise =
                row[volatility].exp() + 2.0 * row[column("change_1h")] + random.random_range(-2.0..2.0_f32);
            data.values.extend(row);
            data.as_of.push(MarketTime::from_ms(hour * 3_600_000));
            data.pair.push(pair);
            data.period.push(0);
            data.hit.push(rise >= 7.5);
            data.rise.push(rise);
        }
        let mut config = TrainConfig { blocks: 3, ..TrainConfig::default() };
        config.boost.rounds = 5;
        config.boost.min_rows = 100;
        fit(&data, Card { name: "learned".to_owned(), ..Card::default() }, &config, |_, _| {})
            .expect("enough")
            .model
    })
}

#[test]
fn the_shipped_model_says_what_it_is() {
    let model = shipped();
    assert_eq!(model.card.name, "default");
    assert!(!model.card.trained_on.is_empty() && model.card.embargo_h >= 24);
    let walked = model.card.metrics.iter().filter(|f| f.split == "walk_forward");
    assert!(walked.clone().count() == 4 && walked.clone().all(|f| f.auc > 0.6 && f.points > 100_000));
}

#[test]
fn files_that_are_not_whole_are_refused_with_a_reason() {
    let text = learned().write().unwrap();
    assert_eq!(&Model::read(&text).unwrap(), learned());
    let changed = text.replacen("\"embargo_h\":0", "\"embargo_h\":25", 1);
    assert!(changed != text && matches!(Model::read(&changed), Err(ModelError::Checksum)), "changed");
    assert!(matches!(Model::read(&text[..text.len() / 2]), Err(ModelError::Json(_))), "cut off");
    assert!(matches!(
        Model::read(&text.replacen("\"format\":2", "\"format\":9", 1)),
        Err(ModelError::Format(9))
    ));
    let mut other = learned().clone();
    other.features[0] = "moon_phase".to_owned();
    let error = Model::read(&other.write().unwrap()).unwrap_err().to_string();
    assert!(error.contains("moon_phase") && error.contains("train"), "{error}");
    let with_line = |change: &dyn Fn(&mut Linear)| {
        let mut model = learned().clone();
        let Design::Joined(joined) = &mut model.design else { panic!("of parts") };
        let lines = joined.parts.iter_mut().filter_map(|part| match part {
            Part::Line(line) => Some(line),
            Part::Trees(_) => None,
        });
        lines.for_each(change);
        model.assembled()
    };
    assert!(with_line(&|_| {}).is_ok());
    assert!(matches!(with_line(&|line| line.weight.truncate(3)), Err(ModelError::Unsound)));
    for absurd in [1e9, f64::NAN, f64::INFINITY, -1e4] {
        assert!(matches!(with_line(&|line| line.weight[0] = absurd), Err(ModelError::Unsound)), "{absurd}");
    }
}

/// A file of the first format, a line and trees: it is read, says what it said, and is written in the format of today.
#[test]
fn files_of_former_versions_are_still_read() {
    let model = Model::read(include_str!("first_format.json")).expect("the first format");
    assert!(matches!(model.design, Design::Blend(_)));
    let row = vec![1.5; FEATURES.len()];
    let said = model.log_odds(&row).expect("a row of the table");
    assert!((said - FIRST_SAID).abs() < 1e-9, "as the version that wrote it: {said}");
    let again = Model::read(&model.write().unwrap()).unwrap();
    assert_eq!(again, model);
}

fn adds_up(model: &Model, values: &[f32]) -> Result<(), TestCaseError> {
    let own = model.own_row(values);
    let (start, parts) = model.explain(&own);
    let said = model.predict(&own);
    prop_assert!(said.is_finite());
    prop_assert_eq!(parts.len(), own.len());
    prop_assert!((start + parts.iter().sum::<f64>() - said).abs() < 1e-6, "{start} {said}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn explanations_add_up(values in prop::collection::vec(prop_oneof![9 => -50.0_f32..50.0, 1 => Just(f32::NAN)], FEATURES.len())) {
        adds_up(shipped(), &values)?;
        adds_up(learned(), &values)?;
    }
}
