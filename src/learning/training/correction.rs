//! What own samples change about a model that was trained on far more: a line on top of its log odds, which starts from nothing and
//! is held there by as many days as the model was trained on. To second order that is a training on both together, so what the
//! model knows of other years is not forgotten for some weeks of one's own.

use super::TrainError;
use super::folds::Fold;
use super::judged::OutOfTime;
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::score::level::LevelThresholds;
use crate::domain::time::DAY_MS;
use crate::learning::arms::verdict::{Compared, Measure, Rule, Standing, compare};
use crate::learning::dataset::Dataset;
use crate::learning::evaluation::daily::DailyRecord;
use crate::learning::log_odds::chance;
use crate::learning::model::correction::Correction;
use crate::learning::model::linear::{FitError, Linear};
use crate::learning::model::{Card, Design, Model, Part, TrainedOn};
use smartcore::linalg::basic::arrays::{Array, Array2};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linalg::traits::cholesky::CholeskyDecomposable;
use std::collections::{BTreeMap, HashMap};

/// The newest days, on which a correction by what came before them is judged.
pub const JUDGED_DAYS: i64 = 60;
/// Weights that move less have settled.
const SETTLED: f64 = 1e-6;
/// Steps of the fit at most; each halves what is missing where chances are even, and some dozens do where they are small.
const STEPS: usize = 500;

/// What a correction is held to.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Days that the model was trained on: what its weights weigh against own days.
    pub prior_days: f64,
    /// When it is better.
    pub rule: Rule,
    /// Levels of the chance, and by how much a level is held below its threshold.
    pub levels: LevelThresholds,
    pub hysteresis: f64,
}

/// A corrected model, and how a correction by older samples did on the newest days.
#[derive(Debug, Clone)]
pub struct Corrected {
    pub model: Model,
    pub compared: Compared,
}

impl Corrected {
    pub fn is_better(&self) -> bool {
        self.compared.standing == Standing::Better
    }
}

/// Corrects `model` by all samples; what the same does on the last days, by the samples before them, stands beside it. `own` says what
/// the samples are.
///
/// # Errors
/// A model without a line of its own; no samples before the last days.
pub fn correct(
    model: &Model,
    own: TrainedOn,
    data: &Dataset,
    terms: &Terms,
) -> Result<Corrected, TrainError> {
    let table = Table::new(model, data)?;
    let last = data.as_of.last().map_or(0, |at| at.index(DAY_MS) + 1);
    let [from, to] = [last - JUDGED_DAYS, last].map(|day| MarketTime::from_index(day, DAY_MS));
    let fold = Fold { from, to, walk_forward: true };
    let rows = |keep: &dyn Fn(usize) -> bool| (0..data.len()).filter(|at| keep(*at)).collect::<Vec<_>>();
    let before = rows(&|at| fold.trains(data.as_of[at]));
    if before.is_empty() {
        return Err(TrainError::TooLittle(format!("no samples are older than the last {JUDGED_DAYS} days")));
    }
    let judged = table.judged(&table.fit(&before, terms)?, &rows(&|at| fold.tests(data.as_of[at])));
    let compared = judged.compared(data, terms, &fold);
    let all = table.fit(&rows(&|_| true), terms)?;
    Ok(Corrected { model: table.corrected(all, own, &judged)?, compared })
}

/// Samples as a correction sees them.
struct Table<'a> {
    model: &'a Model,
    data: &'a Dataset,
    /// The model's own line: which values it reads, and how they are clipped and standardised.
    line: &'a Linear,
    columns: Vec<usize>,
    /// 1, then the standardised values of each row.
    values: Vec<f32>,
    /// What the model says, log odds.
    said: Vec<f64>,
}

/// Samples on which both have spoken.
struct Judged {
    rows: Vec<usize>,
    /// Chances (0-1) of the corrected and of the model as it is.
    said: Vec<(f64, f64)>,
}

impl<'a> Table<'a> {
    fn new(model: &'a Model, data: &'a Dataset) -> Result<Self, TrainError> {
        let parts = if let Design::Joined(joined) = &model.design { &joined.parts[..] } else { &[] };
        let line = parts.iter().find_map(|part| if let Part::Line(line) = part { Some(line) } else { None });
        let line =
            line.ok_or_else(|| FitError("the model has no line that could be corrected".to_owned()))?;
        let columns: Vec<usize> = (0..line.weight.len()).filter(|at| line.weight[*at] != 0.0).collect();
        let mut table = Self { model, data, line, columns, values: Vec::new(), said: Vec::new() };
        for at in 0..data.len() {
            let own = model.own_row(data.row(at));
            table.said.push(model.predict(&own));
            table.values.push(1.0);
            table
                .values
                .extend(table.columns.iter().map(|column| line.standard(*column, own[*column]) as f32));
        }
        Ok(table)
    }

    const fn width(&self) -> usize {
        self.columns.len() + 1
    }

    fn row(&self, at: usize) -> &[f32] {
        &self.values[at * self.width()..(at + 1) * self.width()]
    }

    /// What each row counts: a day as one, since its points move together.
    fn weights(&self, rows: &[usize]) -> Vec<f64> {
        let day = |at: &usize| self.data.as_of[*at].index(DAY_MS);
        let mut points: HashMap<i64, f64> = HashMap::new();
        rows.iter().for_each(|at| *points.entry(day(at)).or_default() += 1.0);
        rows.iter().map(|at| 1.0 / points[&day(at)]).collect()
    }

    /// Ridge logistic regression on top of what the model says: steps by an upper bound of the curvature, of which each lowers the
    /// loss (Böhning and Lindsay 1988).
    fn fit(&self, rows: &[usize], terms: &Terms) -> Result<Correction, TrainError> {
        let (width, weights) = (self.width(), self.weights(rows));
        // What a day of the training knew of a standardised value.
        let rate = base_rate(&self.model.card.trained_on);
        let prior = terms.prior_days * rate * (1.0 - rate);
        let mut curvature = vec![0.0; width * width];
        for (at, weight) in rows.iter().zip(&weights) {
            let row = self.row(*at);
            for (i, a) in row.iter().enumerate() {
                let a = 0.25 * weight * f64::from(*a);
                curvature[i * width..(i + 1) * width]
                    .iter_mut()
                    .zip(row)
                    .for_each(|(sum, b)| *sum += a * f64::from(*b));
            }
        }
        (0..width).for_each(|i| curvature[i * width + i] += prior);
        let curvature = DenseMatrix::new(width, width, curvature, false).map_err(FitError::from)?;
        // The same at each step, so it is turned around once.
        let inverse = curvature.cholesky_solve_mut(DenseMatrix::eye(width)).map_err(FitError::from)?;
        let mut beta = vec![0.0; width];
        for _ in 0..STEPS {
            let mut slope: Vec<f64> = beta.iter().map(|b| prior * b).collect();
            for (at, weight) in rows.iter().zip(&weights) {
                let row = self.row(*at);
                let said = chance(self.said[*at] + dot(row, &beta));
                let wrong = weight * (said - f64::from(u8::from(self.data.hit[*at])));
                slope.iter_mut().zip(row).for_each(|(sum, value)| *sum += wrong * f64::from(*value));
            }
            let mut most = 0.0_f64;
            for (at, weight) in beta.iter_mut().enumerate() {
                let step: f64 =
                    slope.iter().enumerate().map(|(of, slope)| inverse.get((at, of)) * slope).sum();
                *weight -= step;
                most = most.max(step.abs());
            }
            if most < SETTLED {
                break;
            }
        }
        Ok(Correction(self.line.with_weights(&self.columns, beta[1..].iter().copied(), beta[0])?))
    }

    fn judged(&self, own: &Correction, rows: &[usize]) -> Judged {
        let one = |at: &usize| {
            let more = own.predict(&self.model.own_row(self.data.row(*at)));
            (chance(self.said[*at] + more), chance(self.said[*at]))
        };
        Judged { rows: rows.to_vec(), said: rows.iter().map(one).collect() }
    }

    fn corrected(
        &self,
        correction: Correction,
        own: TrainedOn,
        judged: &Judged,
    ) -> Result<Model, TrainError> {
        let mut model = self.model.clone();
        if let Design::Joined(joined) = &mut model.design {
            joined.correction = Some(correction);
        }
        let out = OutOfTime { point: judged.rows.clone(), ..OutOfTime::default() };
        let chances: Vec<f64> = judged.said.iter().map(|(own, _)| *own).collect();
        let note = format!("Corrects the model {} by the ledger of a running scanner.", model.card.name);
        model.cases = out.cases(self.data, &chances);
        model.card = Card {
            metrics: out.figures("walk_forward", &["joined"], self.data, &chances),
            // How the model did elsewhere says little of it as it is now.
            left_out: Vec::new(),
            notes: model.card.notes.iter().cloned().chain([note]).collect(),
            trained_on: model.card.trained_on.iter().cloned().chain([own]).collect(),
            ..model.card
        };
        Ok(model.assembled()?)
    }
}

impl Judged {
    fn compared(&self, data: &Dataset, terms: &Terms, fold: &Fold) -> Compared {
        let [mut own, mut base] = [DailyRecord::default(), DailyRecord::default()];
        let mut held: BTreeMap<u32, [Level; 2]> = BTreeMap::new();
        for (at, (said, base_said)) in self.rows.iter().zip(&self.said) {
            let (as_of, hit) = (data.as_of[*at], data.hit[*at]);
            own.sample(as_of, *said, *base_said, hit);
            let held = held.entry(data.pair[*at]).or_insert([Level::Descartada; 2]);
            for ((record, held), said) in [&mut own, &mut base].into_iter().zip(held).zip([said, base_said]) {
                let level = terms.levels.held(*held, 100.0 * said, terms.hysteresis);
                if level > *held {
                    record.episode(as_of, level, hit);
                }
                *held = level;
            }
        }
        compare(&own, &base, Measure::Brier, fold.from, &terms.rule)
    }
}

fn dot(row: &[f32], weights: &[f64]) -> f64 {
    row.iter().zip(weights).map(|(value, weight)| f64::from(*value) * weight).sum()
}

/// Share of hits over all that a model was trained on.
fn base_rate(trained_on: &[TrainedOn]) -> f64 {
    let points: f64 = trained_on.iter().map(|part| part.points as f64).sum();
    let hits: f64 = trained_on.iter().map(|part| part.base_rate * part.points as f64).sum();
    if points > 0.0 { hits / points } else { 0.5 }
}
