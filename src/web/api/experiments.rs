//! `/api/v1/experiments`: other profiles and models in the shadow, and what was promoted and rolled back.

use crate::actors::ports::experiment::{Entry, ExperimentCommand, ExperimentReport};
use crate::actors::ports::state::OperationalState;
use crate::learning::arms::shadow::ArmReport;
use crate::learning::arms::verdict::{Compared, Measure, Standing};
use crate::learning::evaluation::daily::Precision;
use crate::web::api::query;
use crate::web::auth::operator;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use std::io;
use std::sync::Arc;
use utoipa::ToSchema;

/// Lines of the book in an answer.
const LINES: usize = 50;

/// The rule that decides, set before the experiment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub(crate) struct RuleBody {
    /// Days with resolved predictions.
    pub min_days: u32,
    /// Resolved hourly samples that both judged.
    pub min_resolved: u32,
    /// Judged FUERTE episodes of each, where their precision decides.
    pub min_fuerte: u32,
    /// FUERTE precision may be so much lower when the chances are better, 0-1.
    pub tolerance: f64,
    /// Days after which what was in force before may come back.
    pub rollback_min_days: u32,
}

/// Judged episodes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub(crate) struct CallsBody {
    /// Judged.
    pub judged: u32,
    /// Reached +7.5 % within 24 h.
    pub hits: u32,
    /// Precision of hits, 0-1; null without any.
    pub precision: Option<f64>,
    /// 90 % interval by whole days.
    pub(crate) interval_90: Option<[f64; 2]>,
}

/// Judged episodes of a level.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct LevelCallsBody {
    /// FUERTE, ALTA, MEDIA, BAJA.
    pub level: &'static str,
    /// The episodes.
    #[serde(flatten)]
    pub(crate) calls: CallsBody,
}

/// An arm beside its baseline, on the same pairs and moments.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct AgainstBody {
    /// Name of the baseline; empty for what is in force.
    pub baseline: String,
    /// `brier` (chances, for models) or `fuerte` (precision of FUERTE, for rules).
    pub by: &'static str,
    /// Days with resolved samples of both.
    pub days: u32,
    /// Resolved samples of both.
    pub resolved: u32,
    /// Precision of hits among them, 0-1.
    pub base_rate: Option<f64>,
    /// Brier score of the arm.
    pub brier: Option<f64>,
    /// Brier score of the baseline.
    pub(crate) base_brier: Option<f64>,
    /// 90 % interval of their difference by whole days; below 0 the arm is better.
    pub(crate) brier_difference_90: Option<[f64; 2]>,
    /// FUERTE episodes of the arm.
    pub fuerte: CallsBody,
    /// FUERTE episodes of the baseline.
    pub base_fuerte: CallsBody,
    /// 90 % interval of the difference of their precisions by whole days; above 0 the arm is better.
    pub fuerte_difference_90: Option<[f64; 2]>,
    /// `needs_days`, `needs_samples`, `needs_fuerte`, `better`, `fuerte_worse`, `worse`, `no_difference`.
    pub standing: &'static str,
}

/// An arm.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ArmBody {
    /// Its name; empty for what is in force.
    pub name: String,
    /// Name of its scoring profile.
    pub profile: String,
    /// Name of its model; empty for the rule alone.
    pub model: String,
    /// Its predictions count from here on, ms UTC.
    pub since: i64,
    /// Predictions that wait for their outcome.
    pub open: usize,
    /// Judged episodes by level.
    pub levels: Vec<LevelCallsBody>,
    /// What it is held against; null for what is in force.
    pub against: Option<AgainstBody>,
}

/// A line of the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct EntryBody {
    /// Number of the line.
    pub id: i64,
    /// When, ms UTC of the machine's clock.
    pub at: i64,
    /// `started`, `promoted`, `rolled_back`, `refused`, `failed`.
    pub what: String,
    /// The arm.
    pub arm: String,
    /// `rule` for the scanner itself, else where the order came from.
    pub by: String,
    /// What it is made of, and why.
    pub detail: String,
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
    pub book: Vec<EntryBody>,
}

/// An order was left; the scanner carries it out within some seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct OrderedBody {
    /// `promote` or `rollback`.
    pub(crate) ordered: &'static str,
    /// The arm.
    pub arm: String,
}

const fn calls(s: &Precision) -> CallsBody {
    CallsBody { judged: s.judged, hits: s.hits, precision: s.precision, interval_90: s.interval_90 }
}

const fn standing(s: Standing) -> &'static str {
    match s {
        Standing::NeedsDays => "needs_days",
        Standing::NeedsSamples => "needs_samples",
        Standing::NeedsFuerte => "needs_fuerte",
        Standing::Better => "better",
        Standing::FuerteWorse => "fuerte_worse",
        Standing::Worse => "worse",
        Standing::NoDifference => "no_difference",
    }
}

fn against(baseline: &str, c: &Compared) -> AgainstBody {
    AgainstBody {
        baseline: baseline.to_owned(),
        by: match c.by {
            Measure::Brier => "brier",
            Measure::Fuerte => "fuerte",
        },
        days: c.days,
        resolved: c.resolved,
        base_rate: c.base_rate,
        brier: c.brier,
        base_brier: c.base_brier,
        brier_difference_90: c.brier_difference_90,
        fuerte: calls(&c.fuerte),
        base_fuerte: calls(&c.base_fuerte),
        fuerte_difference_90: c.fuerte_difference_90,
        standing: standing(c.standing),
    }
}

fn arm(arm: ArmReport) -> ArmBody {
    let level = |(level, share): &(crate::domain::report::Level, Precision)| LevelCallsBody {
        level: level.as_str(),
        calls: calls(share),
    };
    ArmBody {
        levels: arm.levels.iter().map(level).collect(),
        against: arm.against.as_ref().map(|a| against(&a.baseline, &a.compared)),
        name: arm.name,
        profile: arm.profile,
        model: arm.model,
        since: arm.since,
        open: arm.open,
    }
}

fn entry(e: Entry) -> EntryBody {
    EntryBody { id: e.id, at: e.at, what: e.what, arm: e.arm, by: e.by, detail: e.detail }
}

/// The whole answer; `None` before the first report.
pub(crate) fn body(book: &dyn OperationalState) -> io::Result<Option<ExperimentsBody>> {
    let Some(text) = book.report()? else { return Ok(None) };
    let report: ExperimentReport = serde_json::from_str(&text)?;
    Ok(Some(ExperimentsBody {
        at: report.at,
        rule: RuleBody {
            min_days: report.rule.min_days,
            min_resolved: report.rule.min_resolved,
            min_fuerte: report.rule.min_fuerte,
            tolerance: report.rule.tolerance,
            rollback_min_days: report.rollback_min_days,
        },
        automatic: report.automatic,
        arms: report.arms.into_iter().map(arm).collect(),
        book: book.entries(LINES)?.into_iter().map(entry).collect(),
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
///
/// # Errors
/// 400 for any parameter, 503 without an experiment or before its first report.
#[utoipa::path(get, path = "/api/v1/experiments", responses((status = 200, body = ExperimentsBody), (status = 503, body = Problem)))]
pub(crate) async fn experiments(
    req: HttpRequest,
    state: Data<WebState>,
) -> Result<Json<ExperimentsBody>, ApiError> {
    query::parse(req.query_string(), &[])?;
    let found = body(&**book(&state)?).map_err(|e| unreadable(&e))?;
    found.map(Json).ok_or_else(early)
}

/// Puts an arm in force: the scanner does so within some seconds, and writes it into the book.
///
/// # Errors
/// 401, 403, 404 for an unknown arm, 503.
#[utoipa::path(post, path = "/api/v1/experiments/{arm}/promote", params(("arm" = String, Path)), security(("token" = [])),
    responses((status = 202, body = OrderedBody), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn promote(
    req: HttpRequest,
    arm: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    operator(&req, &state)?;
    let book = book(&state)?;
    let known = body(&**book).map_err(|e| unreadable(&e))?.ok_or_else(early)?;
    let names: Vec<&str> = known.arms.iter().map(|a| a.name.as_str()).filter(|n| !n.is_empty()).collect();
    if !names.contains(&arm.as_str()) {
        let all = names.join(", ");
        return Err(Cause::UnknownArm { arm: arm.into_inner(), all }.into());
    }
    let order = ExperimentCommand::Promote { arm: arm.clone() };
    book.order(&order, "api", state.handles.machine.utc_ms()).map_err(|e| unreadable(&e))?;
    Ok(HttpResponse::Accepted().json(OrderedBody { ordered: "promote", arm: arm.into_inner() }))
}

/// Puts what was in force before in force again.
///
/// # Errors
/// 401, 403, 404 when nothing was, 503.
#[utoipa::path(post, path = "/api/v1/experiments/rollback", security(("token" = [])),
    responses((status = 202, body = OrderedBody), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn rollback(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    operator(&req, &state)?;
    let book = book(&state)?;
    let known = body(&**book).map_err(|e| unreadable(&e))?.ok_or_else(early)?;
    if !known.arms.iter().any(|a| a.name == crate::learning::arms::PREVIOUS_ARM) {
        return Err(Cause::NothingBefore.into());
    }
    book.order(&ExperimentCommand::Rollback, "api", state.handles.machine.utc_ms())
        .map_err(|e| unreadable(&e))?;
    let arm = crate::learning::arms::PREVIOUS_ARM.to_owned();
    Ok(HttpResponse::Accepted().json(OrderedBody { ordered: "rollback", arm }))
}
