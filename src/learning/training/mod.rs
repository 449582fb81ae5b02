//! Training: folds by time for the figures and the calibration, then everything for the model itself.

pub mod bins;
pub mod boost;
pub mod folds;

use crate::domain::time::DAY_MS;
use crate::learning::dataset::Dataset;
use crate::learning::evaluation::calibration::{auc, calibration};
use crate::learning::evaluation::cases::Cases;
use crate::learning::evaluation::hits::Hits;
use crate::learning::features::{FEATURES, Feature, index_of};
use crate::learning::log_odds::chance;
use crate::learning::model::logistic::{FitError, Logistic};
use crate::learning::model::quickscorer::QuickScorer;
use crate::learning::model::tree::Boosted;
use crate::learning::model::{CARD_FROM, Card, Figures, Model, ModelError, Platt, blend};
use bins::Binned;
use boost::BoostConfig;
use folds::{Fold, days_of, folds};

#[derive(Debug, Clone, PartialEq)]
pub struct TrainConfig {
    pub features: Vec<String>,
    /// Features with which the chance must not fall.
    pub rising: Vec<String>,
    pub boost: BoostConfig,
    /// Ridge penalty of the logistic regression, for 100,000 rows.
    pub penalty: f64,
    /// Blocks of the folds.
    pub blocks: usize,
    /// Share of pair-days whose features of days are blanked, as they are while a pair warms up.
    pub blanked: f64,
}

impl Default for TrainConfig {
    /// What the shipped model was trained with. Features of the whole market or the clock are left out: over the four
    /// months or so that there are to learn from they name the day rather than explain it (docs/LEARNING.md).
    fn default() -> Self {
        let names = |keep: fn(&Feature) -> bool| {
            FEATURES.iter().filter(|f| keep(f)).map(|f| f.name.to_owned()).collect()
        };
        Self {
            features: names(|f| !f.market_wide),
            rising: names(|f| is_size(f.name)),
            boost: BoostConfig::default(),
            penalty: 300.0,
            blocks: 6,
            blanked: 0.15,
        }
    }
}

/// Is the feature a size of movements. More movement never makes +7.5 % less likely, all else equal: trees that may
/// not learn otherwise hold better out of time.
fn is_size(name: &str) -> bool {
    let stems = ["atr_pct", "relative_atr", "rank_atr", "range_", "volatility", "jump_7d", "rise_", "hits_"];
    let other = name.contains("against") || name.contains("market") || name.contains("btc");
    !other && stems.iter().any(|stem| name.contains(stem)) || name == "relative_range"
}

#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Too little to learn from.
    #[error("{0}; take more candles: weeks of at least some dozens of pairs")]
    TooLittle(String),
    #[error(transparent)]
    Fit(#[from] FitError),
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// Judged out of time: the log odds of both kinds, and what came.
#[derive(Debug, Clone, Default)]
pub struct OutOfTime {
    /// Number of the point in the data set.
    pub point: Vec<usize>,
    /// Log odds of logistic regression and trees.
    pub said: Vec<(f64, f64)>,
}

/// Trains on `data`; `step` is told what is done of how much.
pub fn train(
    data: &Dataset,
    card: Card,
    config: &TrainConfig,
    mut step: impl FnMut(usize, usize),
) -> Result<(Model, OutOfTime), TrainError> {
    check(data, config)?;
    let columns: Vec<usize> = config
        .features
        .iter()
        .map(|name| index_of(name).ok_or_else(|| ModelError::Feature(name.clone())))
        .collect::<Result<_, _>>()?;
    let table = Table::new(data, &columns, config);
    let walks = folds(&data.as_of, config.blocks, true);
    let blocks = folds(&data.as_of, config.blocks, false);
    let all = walks.len() + blocks.len() + 1;
    let mut done = 0;
    let mut judged = |folds: &[Fold]| -> Result<OutOfTime, TrainError> {
        let mut out = OutOfTime::default();
        for fold in folds {
            table.judge(data, fold, config, &mut out)?;
            done += 1;
            step(done, all);
        }
        Ok(out)
    };
    let (walked, blocked) = (judged(&walks)?, judged(&blocks)?);
    let calibration = drawn(platt(&mean_of(&blocked, data)));
    let rows: Vec<usize> = (0..data.len()).collect();
    let (logistic, boosted) = table.fit(data, &rows, config)?;
    step(all, all);
    let metrics = [("walk_forward", &walked), ("blocks", &blocked)]
        .into_iter()
        .flat_map(|(split, out)| figures(split, out, data, calibration))
        .collect();
    let model = Model {
        card: Card { metrics, ..card },
        features: config.features.clone(),
        logistic,
        boosted,
        calibration,
        cases: cases(&blocked, data, calibration),
        columns: Vec::new(),
        quick: QuickScorer::default(),
    };
    Ok((model.assembled()?, blocked))
}

fn check(data: &Dataset, config: &TrainConfig) -> Result<(), TrainError> {
    let hits = data.hit.iter().filter(|h| **h).count();
    let days = days_of(data.as_of.iter().copied());
    let least_days = 4 * config.blocks;
    if hits < 200 || data.len() - hits < 200 || days.len() < least_days {
        return Err(TrainError::TooLittle(format!(
            "{} points with {hits} hits on {} days are too few (200 hits, 200 misses and {least_days} days at least)",
            data.len(),
            days.len()
        )));
    }
    Ok(())
}

/// The chosen columns, and the same with blanks.
struct Table {
    width: usize,
    plain: Vec<f32>,
    blanked: Vec<f32>,
    rising: Vec<bool>,
}

impl Table {
    fn new(data: &Dataset, columns: &[usize], config: &TrainConfig) -> Self {
        let width = columns.len();
        let days: Vec<bool> = columns.iter().map(|c| FEATURES[*c].needs_days).collect();
        let (mut plain, mut blanked) =
            (Vec::with_capacity(data.len() * width), Vec::with_capacity(data.len() * width));
        for at in 0..data.len() {
            let row = data.row(at);
            let blank = is_blanked(data.pair[at], data.as_of[at].index(DAY_MS), config.blanked);
            for (column, needs_days) in columns.iter().zip(&days) {
                plain.push(row[*column]);
                blanked.push(if blank && *needs_days { f32::NAN } else { row[*column] });
            }
        }
        let rising = config.features.iter().map(|name| config.rising.contains(name)).collect();
        Self { width, plain, blanked, rising }
    }

    fn rows(&self, rows: &[usize]) -> Vec<f32> {
        rows.iter().flat_map(|r| &self.blanked[r * self.width..(r + 1) * self.width]).copied().collect()
    }

    fn fit(
        &self,
        data: &Dataset,
        rows: &[usize],
        config: &TrainConfig,
    ) -> Result<(Logistic, Boosted), TrainError> {
        let values = self.rows(rows);
        let hit: Vec<bool> = rows.iter().map(|row| data.hit[*row]).collect();
        let logistic = Logistic::fit(&values, self.width, &hit, config.penalty)?;
        let binned = Binned::new(&values, self.width);
        Ok((logistic, boost::train(&binned, &hit, &self.rising, &config.boost)))
    }

    fn judge(
        &self,
        data: &Dataset,
        fold: &Fold,
        config: &TrainConfig,
        out: &mut OutOfTime,
    ) -> Result<(), TrainError> {
        let rows: Vec<usize> = (0..data.len()).filter(|at| fold.trains(data.as_of[*at])).collect();
        let (logistic, boosted) = match self.fit(data, &rows, config) {
            // A first walk-forward block may hold no hit to learn from.
            Err(TrainError::Fit(_)) if fold.walk_forward => return Ok(()),
            other => other?,
        };
        for at in (0..data.len()).filter(|at| fold.tests(data.as_of[*at])) {
            let row = &self.plain[at * self.width..(at + 1) * self.width];
            out.point.push(at);
            out.said.push((logistic.predict(row), boosted.predict(row)));
        }
        Ok(())
    }
}

/// A fixed, even choice of pair-days (multiplicative hashing).
fn is_blanked(pair: u32, day: i64, share: f64) -> bool {
    let mixed = (u64::from(pair) << 32 ^ day.cast_unsigned()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed >> 40) as f64) < share * (1_u64 << 24) as f64
}

/// The models of the folds have seen less than the final one and promise too much at the top; the final one needs only
/// so much of their correction.
const CORRECTION: f64 = 0.7;

fn drawn(fit: Platt) -> Platt {
    Platt { intercept: CORRECTION * fit.intercept, slope: 1.0 + CORRECTION * (fit.slope - 1.0) }
}

fn mean_of(out: &OutOfTime, data: &Dataset) -> Vec<(f64, bool)> {
    let one = |(at, (a, b)): (&usize, &(f64, f64))| (blend(*a, *b).0, data.hit[*at]);
    out.point.iter().zip(&out.said).map(one).collect()
}

/// What came of the calibrated chances.
fn cases(out: &OutOfTime, data: &Dataset, platt: Platt) -> Vec<Cases> {
    let chance = |log_odds: f64| 100.0 * chance(platt.intercept + platt.slope * log_odds);
    Cases::counted(mean_of(out, data).into_iter().map(|(said, hit)| (chance(said), Hits::from_iter([hit]))))
}

fn figures(split: &str, out: &OutOfTime, data: &Dataset, platt: Platt) -> Vec<Figures> {
    type Read = fn(&(f64, f64)) -> f64;
    let kinds: [(&str, Read); 3] =
        [("logistic", |s| s.0), ("boosted", |s| s.1), ("blend", |s| blend(s.0, s.1).0)];
    let one = |(kind, of): (&str, Read)| {
        let own = if kind == "blend" && split == "blocks" { platt } else { Platt::default() };
        let judged: Vec<(f64, bool)> = out
            .point
            .iter()
            .zip(&out.said)
            .map(|(at, said)| (chance(own.intercept + own.slope * of(said)), data.hit[*at]))
            .collect();
        let errors = calibration(&judged);
        let fuerte: Hits = judged.iter().filter(|(p, _)| *p >= CARD_FROM).map(|(_, hit)| *hit).collect();
        let all: Hits = judged.iter().map(|(_, hit)| *hit).collect();
        Figures {
            split: split.to_owned(),
            kind: kind.to_owned(),
            points: judged.len(),
            base_rate: all.precision().unwrap_or(0.0),
            auc: auc(&judged).unwrap_or(0.5),
            brier: errors.brier.unwrap_or(0.0),
            ece: errors.ece.unwrap_or(0.0),
            fuerte_points: fuerte.judged as usize,
            fuerte_precision: fuerte.precision(),
        }
    };
    kinds.into_iter().map(one).collect()
}

/// Intercept and slope that fit log odds to what came (Newton's method on the log loss).
pub(crate) fn platt(judged: &[(f64, bool)]) -> Platt {
    let mut fit = Platt::default();
    for _ in 0..30 {
        let (mut g, mut h) = ([0.0; 2], [0.0; 3]);
        for (log_odds, hit) in judged {
            let p = chance(fit.intercept + fit.slope * log_odds);
            let (miss, w) = (f64::from(u8::from(*hit)) - p, p * (1.0 - p));
            g[0] += miss;
            g[1] += miss * log_odds;
            h[0] += w;
            h[1] += w * log_odds;
            h[2] += w * log_odds * log_odds;
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        if determinant <= 1e-9 {
            return Platt::default();
        }
        let step = [(h[2] * g[0] - h[1] * g[1]) / determinant, (h[0] * g[1] - h[1] * g[0]) / determinant];
        fit.intercept += step[0];
        fit.slope += step[1];
        if step[0].abs() + step[1].abs() < 1e-9 {
            break;
        }
    }
    if fit.slope > 0.0 && fit.slope.is_finite() { fit } else { Platt::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::MarketTime;

    #[test]
    fn every_judged_point_is_a_case_of_its_calibrated_chance() {
        let hits = [true, false, true];
        let data = Dataset { as_of: vec![MarketTime::EPOCH; 3], hit: hits.to_vec(), ..Dataset::default() };
        let said = [0.5_f64, 0.62, 0.97].map(|p| (p / (1.0 - p)).ln());
        let out = OutOfTime { point: vec![0, 1, 2], said: said.map(|z| (z, z)).to_vec() };
        let told = |platt: Platt| {
            let counted = cases(&out, &data, platt).into_iter();
            counted.map(|c| (c.from, c.judged, c.hits)).collect::<Vec<_>>()
        };
        assert_eq!(told(Platt::default()), [(50.0, 1, 1), (60.0, 1, 0), (95.0, 1, 1)]);
        assert_eq!(
            told(Platt { intercept: -9.0, slope: 1.0 }),
            [(0.0, 3, 2)],
            "what the calibration says counts"
        );
    }
}
