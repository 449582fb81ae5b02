//! A learned model: its file, what it says of a pair, and why.

pub mod logistic;
pub(crate) mod quickscorer;
pub mod tree;

use crate::i18n::{Language, Texts};
use crate::learning::evaluation::cases::Cases;
use crate::learning::evaluation::daily::Precision;
use crate::learning::evaluation::hits::Hits;
use crate::learning::features::{FEATURES, index_of};
use crate::learning::log_odds::{chance, logit};
use logistic::Logistic;
use quickscorer::QuickScorer;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use tree::Boosted;

/// A file of another format is refused by its number, not by a missing key.
pub(crate) const FORMAT: u32 = 1;

/// The card counts chances from here on, 0-1.
pub(crate) const CARD_FROM: f64 = 0.6;

/// What a model file says of itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Name, by which it is activated and kept apart in the ledger.
    pub name: String,
    pub target: String,
    /// Candles it was trained on: name of the set, first and last moment (ISO, UTC), points, base rate.
    pub trained_on: Vec<TrainedOn>,
    /// How points that touch a test block were kept out, hours on either side.
    pub embargo_h: u32,
    /// Out-of-time figures of the training run.
    pub metrics: Vec<Figures>,
    /// How models of the other periods did in each period of the training, and in all together. None by the models of former
    /// versions, nor by one that saw a single period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What it is for, and what it is not.
    pub notes: Vec<String>,
}

/// A backtest over a period by a model that was trained on the other ones.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = LeftOutBody))]
pub struct LeftOut {
    /// Its first and last moment; `None` for all periods together.
    pub span: Option<[String; 2]>,
    pub points: usize,
    pub base_rate: f64,
    pub auc: Option<f64>,
    pub ece: Option<f64>,
    /// FUERTE episodes.
    pub fuerte: Precision,
    /// Those of market moves: eight and more within an hour. None by the models of former versions.
    #[serde(default)]
    pub moves: Hits,
}

/// One set of candles.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = TrainedBody))]
pub struct TrainedOn {
    pub from: String,
    pub to: String,
    pub pairs: usize,
    pub points: usize,
    pub base_rate: f64,
}

/// Out-of-time figures of one kind of model under one way of splitting.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = FiguresBody))]
pub struct Figures {
    /// `walk_forward` (trained on what came before) or `blocks` (trained on everything else).
    pub split: String,
    /// `logistic`, `boosted` or `blend`.
    pub kind: String,
    pub points: usize,
    pub base_rate: f64,
    pub auc: f64,
    pub brier: f64,
    /// Expected calibration error over 10 equal-count bins.
    pub ece: f64,
    /// Points with a chance of `CARD_FROM` or more.
    pub fuerte_points: usize,
    pub fuerte_precision: Option<f64>,
}

/// Log odds of the parts to a chance: intercept and slope (Platt 1999).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Platt {
    pub(crate) intercept: f64,
    pub(crate) slope: f64,
}

impl Platt {
    /// Chance of a log odds, corrected.
    pub(crate) fn chance(&self, log_odds: f64) -> f64 {
        chance(self.intercept + self.slope * log_odds)
    }
}

impl Default for Platt {
    fn default() -> Self {
        Self { intercept: 0.0, slope: 1.0 }
    }
}

/// Everything that is needed to predict.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub card: Card,
    pub features: Vec<String>,
    pub logistic: Logistic,
    pub(crate) boosted: Boosted,
    /// Calibration of the blend of both.
    pub(crate) calibration: Platt,
    /// What came of its chances when it was judged on what it had not seen; files of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cases: Vec<Cases>,
    #[serde(skip)]
    pub(crate) columns: Vec<usize>,
    /// The trees as they are read fastest.
    #[serde(skip)]
    pub(crate) quick: QuickScorer,
}

#[derive(Debug, thiserror::Error)]
#[error("{}", self.in_words(Language::En.texts()))]
pub enum ModelError {
    /// Not the JSON of a model.
    Json(#[from] serde_json::Error),
    /// Written by another version.
    Format(u32),
    /// Changed since it was written.
    Checksum,
    /// A feature that this program does not have.
    Feature(String),
    /// Parts that do not belong together.
    Unsound,
}

impl ModelError {
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::Json(why) => t.model_no_json(why.to_string()),
            Self::Format(found) => t.model_format(*found, FORMAT),
            Self::Checksum => t.model_checksum(),
            Self::Feature(name) => t.model_feature(name),
            Self::Unsound => t.model_unsound(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    sha256: String,
    model: serde_json::Value,
}

/// Mean of both below this chance, the trees alone above the other: a line ranks the many low chances as well, but its
/// highest ones are far less often right.
const BLEND: (f64, f64) = (0.3, 0.6);

/// Largest number of a model's parts. Inputs are brought to about 1 and results are log odds, of which 50 is certainty: beyond
/// this a file was made to say what it is told, or is broken.
const SANE: f64 = 1_000.0;

/// Can it be a weight or a log odds.
fn is_sane(number: f64) -> bool {
    number.abs() <= SANE
}

/// Log odds of both together, and the weight of the trees.
pub(crate) fn blend(line: f64, trees: f64) -> (f64, f64) {
    let (low, high) = (logit(BLEND.0), logit(BLEND.1));
    let share = ((f64::midpoint(line, trees) - low) / (high - low)).clamp(0.0, 1.0);
    let weight = 0.5 + 0.5 * share;
    ((1.0 - weight) * line + weight * trees, weight)
}

impl Model {
    /// What came of the episodes of market moves in all periods that it was not trained on.
    pub(crate) fn judged_moves(&self) -> Hits {
        self.card
            .left_out
            .iter()
            .find(|period| period.span.is_none())
            .map_or_else(Hits::default, |all| all.moves)
    }

    /// Puts a model together and checks it.
    pub fn assembled(mut self) -> Result<Self, ModelError> {
        let place = |name: &String| index_of(name).ok_or_else(|| ModelError::Feature(name.clone()));
        self.columns = self.features.iter().map(place).collect::<Result<_, _>>()?;
        let n = self.features.len();
        let trees = self.boosted.trees.iter().all(|tree| tree.is_sound(n));
        let Platt { slope, intercept } = self.calibration;
        let calibrated = slope > 0.0 && is_sane(slope) && is_sane(intercept) && is_sane(self.boosted.start);
        let line = &self.logistic;
        let values = self.boosted.trees.iter().flat_map(|tree| &tree.value).map(|value| f64::from(*value));
        let sane = line.weight.iter().copied().chain([line.intercept]).chain(values).all(is_sane)
            && line.mean.iter().chain(&line.deviation).all(|number| number.is_finite());
        if n == 0
            || !self.cases.iter().all(Cases::is_sound)
            || !trees
            || !calibrated
            || !sane
            || !self.logistic.is_sound(n)
        {
            return Err(ModelError::Unsound);
        }
        self.quick = QuickScorer::of(&self.boosted.trees, n);
        Ok(self)
    }

    /// What came of its chances when it was judged on what it had not seen. Where the file has no counts, the card still has
    /// those of the chances from 60 % on.
    pub(crate) fn judged_cases(&self) -> Vec<Cases> {
        if !self.cases.is_empty() {
            return self.cases.clone();
        }
        let blend = self.card.metrics.iter().find(|f| f.kind == "blend" && f.split == "blocks");
        let top = blend.and_then(|f| {
            let judged = u32::try_from(f.fuerte_points).ok()?;
            let hits = (f64::from(judged) * f.fuerte_precision?).round() as u32;
            Some(Cases { from: 100.0 * CARD_FROM, to: 100.0, judged, hits })
        });
        top.into_iter().filter(Cases::is_sound).collect()
    }

    /// Reads a model file.
    pub fn read(text: &str) -> Result<Self, ModelError> {
        let file: File = serde_json::from_str(text)?;
        if file.format != FORMAT {
            return Err(ModelError::Format(file.format));
        }
        if checksum(&file.model) != file.sha256 {
            return Err(ModelError::Checksum);
        }
        serde_json::from_value::<Self>(file.model)?.assembled()
    }

    pub fn write(&self) -> Result<String, ModelError> {
        let model = serde_json::to_value(self)?;
        let file = File { format: FORMAT, sha256: checksum(&model), model };
        Ok(serde_json::to_string(&file)?)
    }

    /// Columns of the feature table that it uses, in its own order.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Its own row out of a row of the whole table.
    pub fn own_row(&self, all: &[f32]) -> Vec<f32> {
        self.columns.iter().map(|column| all[*column]).collect()
    }

    /// Log odds that it says of its own row.
    pub fn predict(&self, own: &[f32]) -> f64 {
        let trees =
            self.quick.predict(own).map_or_else(|| self.boosted.predict(own), |sum| self.boosted.start + sum);
        let (raw, _) = blend(self.logistic.predict(own), trees);
        self.calibration.intercept + self.calibration.slope * raw
    }

    /// What it says of a row of the feature table; `None` for one of another table.
    pub fn log_odds(&self, all: &[f32]) -> Option<f64> {
        (all.len() == FEATURES.len()).then(|| self.predict(&self.own_row(all)))
    }

    /// Why: what the average pair gets, and what each feature adds, in log odds. They add up to `predict`.
    pub fn explain(&self, own: &[f32]) -> (f64, Vec<f64>) {
        let (mut parts, mut tree_parts) = (vec![0.0; own.len()], vec![0.0; own.len()]);
        let line_start = self.logistic.explain(own, &mut parts);
        let trees = self.boosted.trees.iter();
        let tree_start =
            self.boosted.start + trees.map(|tree| tree.explain(own, &mut tree_parts)).sum::<f64>();
        let line = line_start + parts.iter().sum::<f64>();
        let (_, weight) = blend(line, tree_start + tree_parts.iter().sum::<f64>());
        let mixed = |line: f64, tree: f64| self.calibration.slope * ((1.0 - weight) * line + weight * tree);
        for (part, tree) in parts.iter_mut().zip(&tree_parts) {
            *part = mixed(*part, *tree);
        }
        (self.calibration.intercept + mixed(line_start, tree_start), parts)
    }
}

/// Of the compact JSON, whose keys are in a fixed order.
fn checksum(model: &serde_json::Value) -> String {
    hex::encode(digest(&SHA256, model.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_file_else_of_the_card() {
        let mut model = Model::read(include_str!("../../../config/model.json")).expect("the shipped one");
        model.cases.clear();
        let old = Model::read(&model.write().expect("JSON")).expect("a file of an earlier version");
        let [top] = old.judged_cases()[..] else { panic!("the chances from 60 % on alone") };
        assert!((top.from, top.to) == (60.0, 100.0) && top.judged > top.hits && top.hits > 0, "{top:?}");
        model.cases = vec![Cases { from: 45.0, to: 50.0, judged: 52, hits: 31 }];
        let read = Model::read(&model.write().expect("JSON")).expect("as written");
        assert_eq!((read.judged_cases(), &read), (model.cases.clone(), &model));
        model.cases[0].hits = 53;
        assert!(matches!(model.assembled(), Err(ModelError::Unsound)), "more hits than cases");
    }
}
