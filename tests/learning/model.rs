//! The learned model: trees and regression, model files, explanations, the shipped model.

use impulso::learning::evaluation::calibration::auc;
use impulso::learning::features::FEATURES;
use impulso::learning::model::logistic::Logistic;
use impulso::learning::model::{Model, ModelError};
use impulso::learning::training::bins::Binned;
use impulso::learning::training::boost::{BoostConfig, Target, train};
use proptest::prelude::*;

/// Rows of three features; the hit depends on the first two together, the third is noise.
fn rows(count: usize) -> (Vec<f32>, Vec<bool>) {
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
    let boosted = train(
        &Binned::new(&of(0, half), 3),
        Target { hit: &hit[..half], weight: None },
        &[false; 3],
        &small(),
    );
    let line = Logistic::fit(&of(0, half), 3, &hit[..half], None, 1.0).unwrap();
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
        train(&Binned::new(&values, 3), Target { hit: &hit, weight: None }, &[false; 3], &config)
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
        let trees = train(&Binned::new(&values, 1), Target { hit: &hit, weight }, &[false], &small());
        let line = Logistic::fit(&values, 1, &hit, weight, 1.0).unwrap();
        [trees.predict(&[0.5]), line.predict(&[0.5])].map(|log_odds| 1.0 / (1.0 + (-log_odds).exp()))
    };
    for (alike, counted) in said(None).into_iter().zip(said(Some(&weight))) {
        assert!((alike - 0.25).abs() < 0.01 && (counted - 0.5).abs() < 0.01, "{alike} {counted}");
    }
}

#[test]
fn a_chance_that_must_not_fall_does_not() {
    let (values, hit) = rows(6_000);
    let boosted =
        train(&Binned::new(&values, 3), Target { hit: &hit, weight: None }, &[true, false, false], &small());
    for b in [0.1, 0.6, 0.9] {
        let said: Vec<f64> = (0..=100).map(|a| boosted.predict(&[a as f32 / 100.0, b, 0.5])).collect();
        assert!(said.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9), "{said:?}");
    }
    assert!(boosted.trees.iter().any(|tree| tree.feature.contains(&0)), "the feature was used at all");
}

fn shipped() -> Model {
    Model::read(include_str!("../../config/model.json")).expect("the shipped model")
}

#[test]
fn the_shipped_model_says_what_it_is() {
    let model = shipped();
    assert_eq!(model.card.name, "default");
    assert!(!model.card.trained_on.is_empty() && model.card.embargo_h >= 24);
    let walked = model.card.metrics.iter().filter(|f| f.split == "walk_forward");
    assert!(walked.clone().count() == 3 && walked.clone().all(|f| f.auc > 0.6 && f.points > 100_000));
    assert!(model.features.iter().all(|name| FEATURES.iter().any(|f| f.name == name && !f.market_wide)));
}

#[test]
fn files_that_are_not_whole_are_refused_with_a_reason() {
    let text = shipped().write().unwrap();
    assert_eq!(Model::read(&text).unwrap(), shipped());
    let changed =
        text.replacen("\"start\":-", "\"start\":-0", 1).replacen("\"embargo_h\":24", "\"embargo_h\":25", 1);
    assert!(matches!(Model::read(&changed), Err(ModelError::Checksum | ModelError::Json(_))), "changed");
    assert!(matches!(Model::read(&text[..text.len() / 2]), Err(ModelError::Json(_))), "cut off");
    assert!(matches!(
        Model::read(&text.replacen("\"format\":1", "\"format\":9", 1)),
        Err(ModelError::Format(9))
    ));
    let mut other = shipped();
    other.features[0] = "moon_phase".to_owned();
    let error = Model::read(&other.write().unwrap()).unwrap_err().to_string();
    assert!(error.contains("moon_phase") && error.contains("train"), "{error}");
    let mut short = shipped();
    short.logistic.weight.pop();
    assert!(matches!(short.assembled(), Err(ModelError::Unsound)));
    for absurd in [1e9, f64::NAN, f64::INFINITY, -1e4] {
        let mut loud = shipped();
        loud.logistic.weight[0] = absurd;
        assert!(matches!(loud.assembled(), Err(ModelError::Unsound)), "{absurd}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn explanations_add_up(values in prop::collection::vec(prop_oneof![9 => -50.0_f32..50.0, 1 => Just(f32::NAN)], FEATURES.len())) {
        let model = shipped();
        let own = model.own_row(&values);
        let (start, parts) = model.explain(&own);
        let said = model.predict(&own);
        prop_assert!(said.is_finite());
        prop_assert!((start + parts.iter().sum::<f64>() - said).abs() < 1e-6, "{start} {said}");
    }
}
