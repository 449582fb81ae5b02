//! The model at work: chances and levels for a snapshot, live and in a backtest alike.

use super::calibration::{AdaptConfig, Adapter, Shift};
use super::features::market::Market;
use super::features::{View, group, vector};
use super::log_odds::chance;
use super::model::Model;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::{ModelInputs, RankingFilters, Row, Snapshot};
use serde::Serialize;
use std::sync::Arc;

/// A model in force, with its adaptation.
#[derive(Debug, Clone)]
pub struct Scorer {
    model: Arc<Model>,
    adapter: Option<Adapter>,
    threads: usize,
}

/// Why a pair gets its chance: start, contributions and shift add up to the log odds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// Log odds of a pair that is average in everything.
    pub start: f64,
    /// What each feature adds, the greatest first.
    pub contributions: Vec<Contribution>,
    /// What the adaptation adds.
    pub shift: f64,
    /// Log odds of the chance.
    pub log_odds: f64,
}

/// What one feature adds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ContributionBody))]
pub struct Contribution {
    pub feature: String,
    pub group: &'static str,
    /// Its value; `None` when missing.
    pub value: Option<f64>,
    pub log_odds: f64,
}

/// Why a row of the feature table gets its chance under a calibration; `None` for a row of another table.
pub(crate) fn explain(model: &Model, shift: Shift, features: &[f32]) -> Option<Explanation> {
    let log_odds = model.log_odds(features)?;
    let own = model.own_row(features);
    let (start, parts) = model.explain(&own);
    let shifted = shift.apply(log_odds);
    let part = |((name, value), log_odds): ((&str, &f32), &f64)| Contribution {
        feature: name.to_owned(),
        group: group(name),
        value: (!value.is_nan()).then(|| f64::from(*value)),
        log_odds: *log_odds,
    };
    let mut contributions: Vec<Contribution> = model.own_names().zip(&own).zip(&parts).map(part).collect();
    // What matters most first: the list is long, and few read it to its end.
    contributions.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
    Some(Explanation { start, contributions, shift: shifted - log_odds, log_odds: shifted })
}

/// Fewer rows are not worth a thread: starting one costs about as much as scoring them.
const ROWS_A_THREAD: usize = 64;

impl Scorer {
    /// Without `adapt` the calibration stays as trained.
    pub fn new(model: Arc<Model>, adapt: Option<AdaptConfig>) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
        Self { model, adapter: adapt.map(Adapter::new), threads }
    }

    pub const fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The shift of the calibration at `as_of`.
    pub(crate) fn shift(&mut self, as_of: MarketTime) -> Shift {
        self.adapter.as_mut().map_or_else(Shift::default, |adapter| adapter.shift(as_of))
    }

    /// A resolved sample of which the log odds before adaptation are known.
    pub(crate) fn learn_said(&mut self, as_of: MarketTime, log_odds: f64, hit: bool) {
        if let Some(adapter) = &mut self.adapter {
            adapter.learn(as_of, log_odds, hit);
        }
    }

    /// What the model says of a row of the feature table before adaptation; `None` for one of another table.
    pub fn log_odds(&self, features: &[f32]) -> Option<f64> {
        self.model.log_odds(features)
    }

    /// How far back resolved samples still matter, days; 0 without adaptation.
    pub(crate) fn memory_days(&self) -> i64 {
        self.adapter.as_ref().map_or(0, Adapter::memory_days)
    }

    /// Fills chance and features of every analyzable pair.
    pub fn score(&mut self, snapshot: &mut Snapshot, filters: &RankingFilters) {
        let market = Market::of(snapshot.as_of, &snapshot.reports, filters);
        let shift = self.shift(snapshot.as_of);
        for rows in [&mut snapshot.rows, &mut snapshot.discarded_rows, &mut snapshot.outside_rows] {
            let part = rows.len().div_ceil(self.threads).max(ROWS_A_THREAD);
            let mut parts = rows.chunks_mut(part);
            // One part on this thread, which would only wait otherwise.
            let own = parts.next();
            let scorer = &*self;
            std::thread::scope(|scope| {
                for part in parts {
                    scope.spawn(|| part.iter_mut().for_each(|row| scorer.score_row(row, &market, shift)));
                }
                own.into_iter().flatten().for_each(|row| scorer.score_row(row, &market, shift));
            });
        }
    }

    fn score_row(&self, row: &mut Row, market: &Market, shift: Shift) {
        let features = vector(&View { a: &row.analysis, m: market });
        let log_odds = self.model.predict(&self.model.own_row(&features));
        let calibrated = 100.0 * chance(shift.apply(log_odds));
        // Certainty beyond all bounds is as little of a forecast as no number: it would be FUERTE.
        if !log_odds.is_finite() || !calibrated.is_finite() {
            row.model_inputs = Some(ModelInputs::Unusable);
            return;
        }
        row.calibrated_7_5 = Some(calibrated);
        let full = row.analysis.inputs.days.full();
        row.model_inputs = Some(if full { ModelInputs::Full } else { ModelInputs::Partial });
        row.log_odds = Some(log_odds);
        row.features = Some(features.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::level_book::LevelBook;
    use crate::domain::level_rules::{LevelBasis, LevelRules};
    use crate::domain::ranking::rank;
    use crate::domain::report::{Analysis, Components, Factors, Indicators, Level, Readiness, Report};
    use crate::domain::symbol::Symbol;
    use crate::learning::model::linear::Linear;
    use crate::learning::model::{Design, Joined, Part};

    /// A file that is sound by its numbers, by which a score of 50 and more is beyond all numbers.
    fn model(weight: f64) -> Arc<Model> {
        let line = Part::Line(Linear {
            intercept: 0.0,
            low: vec![f32::MIN, 0.0, 0.0],
            high: vec![f32::MAX, 0.0, 0.0],
            mean: vec![0.0; 3],
            deviation: vec![f64::MIN_POSITIVE, 1.0, 1.0],
            weight: vec![weight, 0.0, 0.0],
        });
        let design = Design::Joined(Joined { parts: vec![line], ..Joined::default() });
        let features = vec!["total_score".to_owned()];
        Arc::new(Model { features, design, ..Model::default() }.assembled().expect("sound"))
    }

    #[test]
    fn a_chance_that_is_no_number_is_none_and_the_row_says_so() {
        let filters = RankingFilters::default();
        let report = |name: &str, total_score| {
            let analysis = Analysis {
                timestamp: MarketTime::from_ms(1),
                current_price: 2.0,
                volume_24h: 2e9,
                total_score,
                components: Components::default(),
                indicators: Indicators::default(),
                probability_7_5: 12.0,
                factors: Factors::default(),
                composite_score: 50.0,
                confidence_level: Level::Media,
                btc_analyzable: true,
                resistance: None,
                pause_jump: false,
                inputs: Default::default(),
            };
            let readiness = Readiness {
                reason: None,
                data_age_ms: Some(3),
                ready_candles: 1,
                needed_candles: 1,
                refilled: false,
                awaits_hours: false,
            };
            Report { symbol: Symbol::new(name), readiness, analysis: Some(Arc::new(analysis)) }
        };
        // What adaptation fades out at the top leaves certainty as it is.
        for (weight, adapt) in [(0.0, None), (1.0, None), (1.0, Some(AdaptConfig::default()))] {
            let reports = vec![report("AUSDT", 90.0), report("BUSDT", 0.0)];
            let mut snapshot = rank(1, MarketTime::from_ms(60_000), reports, &filters);
            let mut scorer = Scorer::new(model(weight), adapt);
            scorer.learn_said(MarketTime::from_ms(1), 0.0, false);
            scorer.score(&mut snapshot, &filters);
            assert_eq!(snapshot.basis(), LevelBasis::Calibrated);
            LevelBook::empty(LevelRules::default()).apply(&mut snapshot, LevelBasis::Calibrated);
            let of = |name: &str| {
                let row = snapshot.row(name).expect("analyzable");
                (row.calibrated_7_5, row.level, row.model_inputs)
            };
            assert_eq!(of("AUSDT"), (None, Level::Descartada, Some(ModelInputs::Unusable)), "{weight}");
            assert!(of("BUSDT").0.is_some_and(|chance| adapt.is_some() || chance == 50.0));
            assert_eq!(
                snapshot.without_chance().map(|row| row.symbol.as_str()).collect::<Vec<_>>(),
                ["AUSDT"]
            );
        }
    }
}
