//! What the owner of the model tells the web server about it: what is in force, and why a pair has its chance.

use crate::actors::ports::experiment::{Calibration, Run};
use crate::domain::ranking::ModelInputs;
use crate::domain::symbol::Symbol;
use crate::learning::evaluation::cases::Cases;
use crate::learning::evaluation::hits::Hits;
use crate::learning::model::{Figures, LeftOut, TrainedOn};
use crate::learning::scorer::Explanation;
use crate::learning::why::InPoints;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Tells the model in force, with its calibration.
pub type ModelTeller = Arc<dyn Fn() -> std::io::Result<ModelBody> + Send + Sync>;

/// Explains the chance of a pair at the newest cut.
pub(crate) type Explainer = Arc<dyn Fn(&str) -> Option<ExplanationBody> + Send + Sync>;

/// The model in force.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ModelInForceBody {
    /// Its name.
    pub name: String,
    /// What it predicts.
    pub target: String,
    /// Features.
    pub features: usize,
    /// Trees.
    pub trees: usize,
    /// What it was trained on.
    pub trained_on: Vec<TrainedOn>,
    /// What came of its chances when it was judged on what it had not seen, by ranges; where the file has no counts, those from
    /// 60 % on.
    pub cases: Vec<Cases>,
    /// Figures of its training on points that it had not seen.
    pub out_of_time: Vec<Figures>,
    /// How models of the other periods did in each period of its training, and in all together; empty where they were not played.
    pub left_out: Vec<LeftOut>,
    /// FUERTE episodes of market moves in periods left out.
    pub moves: Hits,
    /// Added to the log odds of low chances now.
    pub shift_log_odds: f64,
    /// How far low chances lie apart now, against what was trained; 1 leaves them.
    pub slope: f64,
    /// What would be added without bounds and prior.
    pub shift_seen: f64,
    /// Weight of the resolved hours behind it, days; 0 while the calibration is as trained.
    pub resolved_days: f64,
    /// The market has left what the model was trained on.
    pub drift: bool,
}

/// The learned chance.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ModelBody {
    /// The model in force; null where the rule decides alone.
    pub model: Option<ModelInForceBody>,
    /// Newest versions of the calibration, newest first.
    pub calibrations: Vec<Calibration>,
    /// Last training on the ledger; null before the first start of the schedule.
    pub retrain: Option<Run>,
    /// Last tuning of the rule.
    pub retune: Option<Run>,
}

/// A chance at the newest cut: start, contributions and shift add up to its log odds; base, largest parts and rest to the chance.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExplanationBody {
    pub symbol: Symbol,
    /// The cut, ms UTC.
    pub as_of: i64,
    /// Name of the model.
    pub model: String,
    /// First moment it was trained on.
    pub trained_from: Option<String>,
    /// Last moment it was trained on.
    pub trained_to: Option<String>,
    /// The chance, 0-100.
    pub calibrated_7_5: f64,
    pub model_inputs: ModelInputs,
    #[serde(flatten)]
    pub explanation: Explanation,
    /// The same in percentage points, against the listed pairs.
    pub points: InPoints,
}
