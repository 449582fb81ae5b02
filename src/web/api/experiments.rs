//! `/api/v1/experiments`: other profiles and models in the shadow, and what was promoted and rolled back.

use crate::actors::ports::experiment::{Entry, ExperimentCommand, ExperimentReport};
use crate::actors::ports::state::OperationalState;
use crate::domain::report::Level;
use crate::learning::arms::shadow::{Against, ArmReport};
use crate::learning::arms::verdict::Rule;
use crate::learning::evaluation::daily::Precision;
use crate::web::auth::operator;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::{NoParams, Params};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use std::io;
use std::sync::Arc;
use utoipa::ToSchema;

/// Lines of the book in an answer: months of a usual experiment.
const LINES: usize = 50;

/// The rule that decides, set before the experiment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub(crate) struct RuleBody {
    #[serde(flatten)]
    pub(crate) rule: Rule,
    /// Days after which what was in force before may come back.
    pub(crate) rollback_min_days: u32,
}

/// Judged episodes of a level.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct LevelCallsBody {
    pub(crate) level: Level,
    #[serde(flatten)]
    pub(crate) calls: Precision,
}

/// An arm.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ArmBody {
    /// Its name; empty for what is in force.
    pub(crate) name: String,
    /// Name of its scoring profile.
    pub(crate) profile: String,
    /// Name of its model; empty for the rule alone.
    pub(crate) model: String,
    /// Its predictions count from here on, ms UTC.
    pub(crate) since: i64,
    /// Predictions that wait for their outcome.
    pub(crate) open: usize,
    /// Judged episodes by level.
    pub(crate) levels: Vec<LevelCallsBody>,
    /// What it is held against; null for what is in force.
    pub(crate) against: Option<Against>,
}

impl From<ArmReport> for ArmBody {
    fn from(arm: ArmReport) -> Self {
        let ArmReport { name, profile, model, since, open, levels, against } = arm;
        let levels = levels.into_iter().map(|(level, calls)| LevelCallsBody { level, calls }).collect();
        Self { name, profile, model, since: since.ms(), open, levels, against }
    }
}

/// All arms and the newest lines of the book.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ExperimentsBody {
    /// When it was made, ms UTC of the market.
    pub at: i64,
    /// The rule that decides.
    pub rule: RuleBody,
    /// Does the scanner promote and roll back by itself.
    pub automatic: bool,
    /// What is in force, then the arms in its shadow.
    pub arms: Vec<ArmBody>,
    /// Newest lines first.
    pub book: Vec<Entry>,
}

/// An order was left; the scanner carries it out within some seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct OrderedBody {
    /// `promote` or `rollback`.
    pub(crate) ordered: &'static str,
    /// The arm.
    pub arm: String,
}

/// The whole answer; `None` before the first report.
pub(crate) fn body(book: &dyn OperationalState) -> io::Result<Option<ExperimentsBody>> {
    let Some(text) = book.report()? else { return Ok(None) };
    let report: ExperimentReport = serde_json::from_str(&text)?;
    Ok(Some(ExperimentsBody {
        at: report.at.ms(),
        rule: RuleBody { rule: report.rule, rollback_min_days: report.rollback_min_days },
        automatic: report.automatic,
        arms: report.arms.into_iter().map(ArmBody::from).collect(),
        book: book.entries(LINES)?,
    }))
}

fn book(state: &WebState) -> Result<&Arc<dyn OperationalState>, ApiError> {
    state.handles.experiment.as_ref().ok_or_else(|| Cause::NoExperiment.into())
}

fn unreadable(error: &io::Error) -> ApiError {
    tracing::warn!(%error, "the experiment cannot be read");
    Cause::State.into()
}

fn early() -> ApiError {
    Cause::NoReport.into()
}

/// Arms in the shadow beside what is in force, and the book.
#[utoipa::path(get, path = "/api/v1/experiments", responses((status = 200, body = ExperimentsBody), (status = 503, body = Problem)))]
pub(crate) async fn experiments(
    _: Params<NoParams>,
    state: Data<WebState>,
) -> Result<Json<ExperimentsBody>, ApiError> {
    let found = body(&**book(&state)?).map_err(|e| unreadable(&e))?;
    found.map(Json).ok_or_else(early)
}

/// Puts an arm in force: the scanner does so within some seconds, and writes it into the book.
#[utoipa::path(post, path = "/api/v1/experiments/{arm}/promote", params(("arm" = String, Path)), security(("token" = [])),
    responses((status = 202, body = OrderedBody),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn promote(
    req: HttpRequest,
    arm: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    let by = operator(&req, &state)?;
    let book = book(&state)?;
    let known = body(&**book).map_err(|e| unreadable(&e))?.ok_or_else(early)?;
    let names: Vec<&str> = known.arms.iter().map(|a| a.name.as_str()).filter(|n| !n.is_empty()).collect();
    if !names.contains(&arm.as_str()) {
        let all = names.join(", ");
        return Err(Cause::UnknownArm { arm: arm.into_inner(), all }.into());
    }
    let order = ExperimentCommand::Promote { arm: arm.clone() };
    book.order(&order, &by, state.handles.machine.machine_time()).map_err(|e| unreadable(&e))?;
    Ok(HttpResponse::Accepted().json(OrderedBody { ordered: "promote", arm: arm.into_inner() }))
}

/// Puts what was in force before in force again.
#[utoipa::path(post, path = "/api/v1/experiments/rollback", security(("token" = [])),
    responses((status = 202, body = OrderedBody),
        (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn rollback(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    let by = operator(&req, &state)?;
    let book = book(&state)?;
    let known = body(&**book).map_err(|e| unreadable(&e))?.ok_or_else(early)?;
    if !known.arms.iter().any(|a| a.name == crate::learning::arms::PREVIOUS_ARM) {
        return Err(Cause::NothingBefore.into());
    }
    book.order(&ExperimentCommand::Rollback, &by, state.handles.machine.machine_time())
        .map_err(|e| unreadable(&e))?;
    let arm = crate::learning::arms::PREVIOUS_ARM.to_owned();
    Ok(HttpResponse::Accepted().json(OrderedBody { ordered: "rollback", arm }))
}
