//! What the experiment needs from outside: where arms come from, what puts one in force, and the book of all that was done.

use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::named::named;
use crate::learning::arms::ArmSpec;
use crate::learning::arms::shadow::ArmReport;
use crate::learning::arms::verdict::Rule;
use serde::{Deserialize, Serialize};

/// Key of the newest report in the state.
pub(crate) const REPORT_KEY: &str = "experiment_report";

/// All arms at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExperimentReport {
    /// When it was made, ms UTC of the market.
    pub at: MarketTime,
    /// The rule that decides.
    pub rule: Rule,
    /// Days after which the arm that was in force before may come back.
    pub rollback_min_days: u32,
    /// Does the scanner promote and roll back by itself.
    pub automatic: bool,
    /// What is in force, then the arms in its shadow.
    pub arms: Vec<ArmReport>,
}

/// What somebody wants done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum ExperimentCommand {
    /// Put the arm in force.
    Promote { arm: String },
    /// Put what was in force before in force again.
    Rollback,
}

/// A line of the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = EntryBody))]
pub struct Entry {
    /// Number of the line; 0 for one that is not written yet.
    pub id: i64,
    /// When, ms UTC of the machine.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub at: MachineTime,
    /// `started`, `promoted`, `rolled_back`, `refused`, `failed`.
    pub what: String,
    /// The arm; empty for what was in force.
    pub arm: String,
    /// Who: `rule` for the scanner itself, else where the order came from.
    pub by: String,
    /// Profile, model and figures in words.
    pub detail: String,
}

/// The calibration of the model in force as it stood from a moment on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CalibrationVersionBody))]
pub struct Calibration {
    /// Its number; 0 for one that is not written yet.
    pub version: i64,
    /// From when, ms UTC of the market.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub at: MarketTime,
    /// Name of the model.
    pub model: String,
    /// Added to the log odds of low chances.
    pub log_odds: f64,
    /// How far low chances lie apart, against what was trained.
    pub slope: f64,
    /// What would be added without bounds and prior.
    pub seen: f64,
    /// Weight of the resolved hours, days.
    pub days: f64,
    /// The market has left what the model was trained on.
    pub drift: bool,
}

/// How learning on a schedule ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunResult {
    /// It never ran.
    Waiting,
    Made,
    /// What came out does not hold, or there is too little data.
    Refused,
    Failed,
}

named!(RunResult, "result": { Waiting = "waiting", Made = "made", Refused = "refused", Failed = "failed" });

/// The last time that it was learned on a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RunBody))]
pub struct Run {
    /// When, ms UTC of the machine; of the first start where it never ran.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub at: MachineTime,
    pub result: RunResult,
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Runs {
    pub retrain: Option<Run>,
    pub retune: Option<Run>,
}

/// Why an arm cannot be put in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PutInForceError {
    /// The settings name a model, which decides at every start.
    #[error(
        "model.file is \"{file}\" in the settings and would win at the next start; set it to \"default\""
    )]
    Settings { file: String },
    /// Its files cannot be written.
    #[error("{0}")]
    Files(String),
}

/// Where arms come from and where what is in force is kept.
pub trait ArmDepot: Send + Sync {
    /// May `arms` have another answer than when this was last asked.
    fn changed(&self) -> bool;
    /// The arms that are wanted beside `in_force`. What cannot be used is told in the log once and left out.
    fn arms(&self, in_force: &ArmSpec) -> Vec<ArmSpec>;
    /// Keeps `next` in force over restarts, and `before` as what may come back.
    fn put_in_force(&self, next: &ArmSpec, before: &ArmSpec) -> Result<(), PutInForceError>;
}
