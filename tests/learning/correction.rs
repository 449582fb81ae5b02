//! Own samples correct the shipped model: what they show is learnt, what they cannot show changes nothing, and other years are
//! not forgotten.

use super::model::shipped;
use impulso::domain::level_rules::LevelRules;
use impulso::domain::moment::MarketTime;
use impulso::domain::time::{DAY_MS, HOUR_MS};
use impulso::learning::arms::verdict::{Rule, Standing};
use impulso::learning::dataset::Dataset;
use impulso::learning::features::{FEATURES, index_of};
use impulso::learning::model::{Design, Model, ModelError, Part, TrainedOn};
use impulso::learning::training::TrainError;
use impulso::learning::training::correction::{Corrected, JUDGED_DAYS, Terms, correct};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

fn terms() -> Terms {
    let levels = LevelRules::default();
    Terms {
        // What the shipped model was trained on.
        prior_days: 1_050.0,
        rule: Rule { min_days: 14, min_resolved: 2_000, min_fuerte: 30, tolerance: 0.05 },
        levels: levels.calibrated,
        hysteresis: levels.hysteresis,
    }
}

/// Rows whose values lie where those of the training did; what the model's line does not read is not known.
fn row(random: &mut Pcg64) -> Vec<f32> {
    let Design::Joined(joined) = &shipped().design else { panic!("of parts") };
    let line =
        joined.parts.iter().find_map(|part| if let Part::Line(line) = part { Some(line) } else { None });
    let line = line.expect("a line");
    let mut row = vec![f32::NAN; FEATURES.len()];
    for (at, column) in shipped().columns().iter().enumerate().filter(|(at, _)| line.weight[*at] != 0.0) {
        // The middle is more common than the ends: a deviation is about what it was in the training.
        let share = f32::midpoint(random.random(), random.random());
        row[*column] = line.low[at] + share * (line.high[at] - line.low[at]);
    }
    row
}

/// Days of samples, a hundred each; `chance`: of a hit, by the day, what the shipped model says (log odds) and the row.
fn ledger(seed: u64, days: i64, chance: impl Fn(i64, f64, &[f32]) -> f64) -> Dataset {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut data = Dataset::default();
    for day in 0..days {
        for point in 0..100 {
            let row = row(&mut random);
            let chance = chance(day, shipped().log_odds(&row).expect("a row"), &row);
            data.values.extend(&row);
            data.as_of.push(MarketTime::from_ms(day * DAY_MS + point / 5 * HOUR_MS));
            data.pair.push(point as u32 % 5);
            data.period.push(0);
            data.hit.push(random.random_bool(chance));
            data.rise.push(1.0);
        }
    }
    data
}

fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

fn corrected(data: &Dataset) -> Result<Corrected, TrainError> {
    let own = TrainedOn { points: data.len(), ..TrainedOn::default() };
    correct(shipped(), own, data, &terms())
}

/// What rises of a day mean in this market and did not in those of the training: about 1 for each standard deviation.
fn after_rises(row: &[f32]) -> f64 {
    f64::from(row[index_of("change_24h").expect("a feature")]) / 5.0
}

fn distance(model: &Model, truth: impl Fn(f64, &[f32]) -> f64) -> f64 {
    let mut random = Pcg64::seed_from_u64(77);
    let one = |_| {
        let row = row(&mut random);
        (model.log_odds(&row).expect("a row") - truth(shipped().log_odds(&row).expect("a row"), &row)).powi(2)
    };
    (0..500).map(one).sum::<f64>() / 500.0
}

#[test]
fn a_lasting_shift_is_learnt_and_the_file_keeps_it() {
    let data = ledger(1, 150, |_, said, row| chance(said + after_rises(row)));
    let corrected = corrected(&data).expect("enough");
    assert!(corrected.is_better(), "{:?}", corrected.compared);
    let model = &corrected.model;
    let truth = |said: f64, row: &[f32]| said + after_rises(row);
    let (now, before) = (distance(model, truth), distance(shipped(), truth));
    assert!(now < 0.9 * before, "{now} {before}");
    // What is true everywhere else is not forgotten for it.
    let moved = distance(model, |said, _| said);
    assert!(moved > 0.0 && moved < 0.2 * before, "{moved} {before}");
    let text = model.write().expect("JSON");
    assert!(text.len() < shipped().write().expect("JSON").len() + 32 * 1_024, "{}", text.len());
    let read = Model::read(&text).expect("as written");
    assert_eq!(&read, model);
    let row = row(&mut Pcg64::seed_from_u64(5));
    let own = read.own_row(&row);
    let (start, parts) = read.explain(&own);
    assert!((start + parts.iter().sum::<f64>() - read.predict(&own)).abs() < 1e-9);
    let card = &read.card;
    assert_eq!((card.metrics.len(), card.left_out.len()), (1, 0), "figures of its own alone");
    assert_eq!(card.trained_on.len(), shipped().card.trained_on.len() + 1);
    assert_eq!(card.metrics[0].points, JUDGED_DAYS as usize * 100);
}

#[test]
fn a_correction_that_does_not_belong_to_the_model_is_refused() {
    let data = ledger(1, 70, |_, said, row| chance(said + after_rises(row)));
    let mut model = corrected(&data).expect("enough").model;
    let mut design = serde_json::to_value(&model.design).expect("JSON");
    design["joined"]["correction"]["weight"].as_array_mut().expect("a list").pop();
    model.design = serde_json::from_value(design).expect("a design");
    assert!(matches!(model.assembled(), Err(ModelError::Unsound)));
}

#[test]
fn what_shows_nothing_that_lasts_makes_no_challenger() {
    type Chance = fn(i64, f64, &[f32]) -> f64;
    let cases: [(&str, Chance); 4] = [
        ("the market is as the model says", |_, said, _| chance(said)),
        ("it was otherwise, and is no more", |day, said, row| {
            chance(if day < 90 { said + after_rises(row) } else { said - after_rises(row) })
        }),
        ("samples of before were turned around", |day, said, _| chance(if day < 90 { -said } else { said })),
        ("coins", |day, _, _| if day < 90 { 0.5 } else { 0.2 }),
    ];
    for (what, chance) in cases {
        let corrected = corrected(&ledger(3, 150, chance)).expect("enough");
        assert!(!corrected.is_better(), "{what}: {:?}", corrected.compared);
    }
    let few = corrected(&ledger(4, JUDGED_DAYS + 1, |_, said, _| chance(said)));
    assert!(matches!(few, Err(TrainError::TooLittle(_))), "an embargo lies between");
    let mut sparse = ledger(5, 150, |_, said, row| chance(said + after_rises(row)));
    sparse = sparse.select(|at| at % 5 == 0);
    let sparse = corrected(&sparse).expect("some");
    assert_eq!(sparse.compared.standing, Standing::NeedsSamples);
}

#[test]
fn hostile_values_move_little_and_nothing_without_end() {
    let turned = |days: i64| {
        let mut data = ledger(6, days, |_, said, _| chance(-said));
        let wild = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN];
        for (at, value) in data.values.iter_mut().enumerate().filter(|(at, _)| at % 7 == 0) {
            *value = wild[at % wild.len()];
        }
        corrected(&data).expect("enough").model
    };
    let (few, many) = (turned(70), turned(200));
    let moved = [&few, &many].map(|model| distance(model, |said, _| said).sqrt());
    let turned = distance(shipped(), |said, _| -said).sqrt();
    // Ten weeks in which everything is turned around, against three years.
    assert!(moved[0] < moved[1] && moved[1] <= 1.0 && moved[0] < turned / 4.0, "{moved:?} {turned}");
    let mut extreme = vec![f32::MAX; FEATURES.len()];
    let top = many.log_odds(&extreme).expect("a row");
    extreme.fill(f32::NAN);
    assert!(top.is_finite() && many.log_odds(&extreme).is_some_and(f64::is_finite));
    // What is cut off is cut off where it is explained, too.
    for seed in 0..200 {
        let own = many.own_row(&row(&mut Pcg64::seed_from_u64(seed)));
        let (start, parts) = many.explain(&own);
        assert!((start + parts.iter().sum::<f64>() - many.predict(&own)).abs() < 1e-9);
    }
}
