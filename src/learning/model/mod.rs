//! A learned model: its file, what it says of a pair, and why.

pub(crate) mod boosted;
mod card;
pub(crate) mod correction;
mod design;
pub(crate) mod forecast;
pub(crate) mod isotonic;
pub mod linear;
pub(crate) mod quickscorer;
mod sane;
pub mod tree;

use crate::i18n::{Language, Texts};
use crate::learning::evaluation::cases::Cases;
use crate::learning::evaluation::hits::Hits;
use crate::learning::features::{FEATURES, index_of};
use boosted::Boosted;
pub(crate) use card::CARD_FROM;
pub use card::{Card, Figures, LeftOut, TrainedOn};
pub(crate) use design::mean;
use design::{Blend, Platt};
pub use design::{Design, Joined, Part};
use forecast::DERIVED;
use linear::Linear;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// A file of another format is refused by its number, not by a missing key.
pub(crate) const FORMAT: u32 = 2;
/// Files of former versions, a line and trees, are still read.
const FIRST_FORMAT: u32 = 1;

/// Everything that is needed to predict.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub card: Card,
    pub features: Vec<String>,
    /// How it makes a chance of them.
    pub design: Design,
    /// What came of its chances when it was judged on what it had not seen; files of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cases: Vec<Cases>,
    #[serde(skip)]
    pub(crate) columns: Vec<usize>,
}

/// A model as former versions wrote it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstModel {
    card: Card,
    features: Vec<String>,
    logistic: Linear,
    boosted: Boosted,
    calibration: Platt,
    #[serde(default)]
    cases: Vec<Cases>,
}

impl From<FirstModel> for Model {
    fn from(first: FirstModel) -> Self {
        let FirstModel { card, features, logistic, boosted, calibration, cases } = first;
        let design = Design::Blend(Blend { logistic, boosted, calibration });
        Self { card, features, design, cases, columns: Vec::new() }
    }
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
        if n == 0 || !self.cases.iter().all(Cases::is_sound) || !self.design.is_sound(n) {
            return Err(ModelError::Unsound);
        }
        self.design.lay_out(n);
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
        if ![FIRST_FORMAT, FORMAT].contains(&file.format) {
            return Err(ModelError::Format(file.format));
        }
        if checksum(&file.model) != file.sha256 {
            return Err(ModelError::Checksum);
        }
        let model: Self = if file.format == FIRST_FORMAT {
            serde_json::from_value::<FirstModel>(file.model)?.into()
        } else {
            serde_json::from_value(file.model)?
        };
        model.assembled()
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

    /// Its own row out of a row of the whole table, with what it derives.
    pub fn own_row(&self, all: &[f32]) -> Vec<f32> {
        let mut own: Vec<f32> = self.columns.iter().map(|column| all[*column]).collect();
        self.design.derive(&mut own);
        own
    }

    /// Names of the values of its own row.
    pub(crate) fn own_names(&self) -> impl Iterator<Item = &str> {
        let derived = DERIVED.into_iter().take(self.design.derived());
        self.features.iter().map(String::as_str).chain(derived)
    }

    /// Log odds that it says of its own row.
    pub fn predict(&self, own: &[f32]) -> f64 {
        self.design.predict(own)
    }

    /// What it says of a row of the feature table; `None` for one of another table.
    pub fn log_odds(&self, all: &[f32]) -> Option<f64> {
        (all.len() == FEATURES.len()).then(|| self.predict(&self.own_row(all)))
    }

    /// Why: what the average pair gets, and what each value of its own row adds, in log odds. They add up to `predict`.
    pub fn explain(&self, own: &[f32]) -> (f64, Vec<f64>) {
        self.design.explain(own)
    }

    /// Number of its trees.
    pub fn trees(&self) -> usize {
        self.design.forests().map(|forest| forest.trees.len()).sum()
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
        let counted = |kind: &str, judged| Figures {
            split: "blocks".to_owned(),
            kind: kind.to_owned(),
            fuerte_points: judged,
            fuerte_precision: Some(0.6),
            ..Figures::default()
        };
        model.card.metrics = vec![counted("boosted", 90), counted("blend", 50)];
        let old = Model::read(&model.write().expect("JSON")).expect("a file of an earlier version");
        let [top] = old.judged_cases()[..] else { panic!("the chances from 60 % on alone") };
        assert_eq!(top, Cases { from: 60.0, to: 100.0, judged: 50, hits: 30 });
        model.cases = vec![Cases { from: 45.0, to: 50.0, judged: 52, hits: 31 }];
        let read = Model::read(&model.write().expect("JSON")).expect("as written");
        assert_eq!((read.judged_cases(), &read), (model.cases.clone(), &model));
        model.cases[0].hits = 53;
        assert!(matches!(model.assembled(), Err(ModelError::Unsound)), "more hits than cases");
    }
}
