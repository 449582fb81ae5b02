//! What a model file says of itself.

use crate::learning::evaluation::daily::Precision;
use crate::learning::evaluation::hits::Hits;
use serde::{Deserialize, Serialize};

/// The card counts chances from here on, 0-1: FUERTE of the calibrated chance begins here by default.
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

impl Figures {
    /// Are they of the whole model, not of one of its parts.
    pub(crate) fn of_whole(&self) -> bool {
        ["joined", "blend"].contains(&self.kind.as_str())
    }
}

/// Out-of-time figures of one kind of model under one way of splitting.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = FiguresBody))]
pub struct Figures {
    /// `walk_forward` (trained on what came before), `left_out` (on the other periods) or `blocks` (on everything else).
    pub split: String,
    /// A part, or `joined` (of former versions `blend`) for all of them together, calibrated.
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
